"""Circuit breakers: after failures on end, silence; then a single probe; then all traffic, or silence again.

What is seen of one is the pause. A pause after failures may also be a program that had nothing to ask, so a
breaker is taken for certain only if two pauses were about equally long, each ended by a single request. Nor
may it be the back-off of retries: that grows towards its long waits, or with jitter has them only now and
then, where a breaker opens each time that there were enough failures, and lets none more through.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from typing import Any, NamedTuple

from understudy.report.attempt import Attempt

FEWEST_FAILURES = 3
"""Fewer failures before the first pause are a retry or two."""
STANDS_OUT = 4.0
"""A pause is so many times as long as those between the failures before it."""
SUDDEN = 2.0
"""A pause is by so many times more above the last wait than that was above the one before."""
SHORTEST_S = 0.05
NOISE_S = 0.01
SAME_S = 0.03
SAME_SHARE = 0.25


class Breaker(NamedTuple):
    """`is_there`: True if one was seen, False if failures on end did not stop it, None if nobody can tell.

    `threshold` failures on end open it, for `open_s`. `probes` are the ids of the requests that tried whether
    it may close. `longest_run` is the most failures on end without a pause, and `run` the ids of their ends.
    """

    is_there: bool | None
    threshold: int | None = None
    open_s: float | None = None
    probes: frozenset[int] = frozenset()
    longest_run: int = 0
    run: tuple[int, ...] = ()
    possible: bool = False
    unstopped: int = 0
    """The most failures on end after which the client has asked on without a pause."""

    def as_json(self) -> dict[str, Any]:
        """For the report; the open time in milliseconds."""
        return {
            "failures_before_opening": self.threshold,
            "open_ms": None if self.open_s is None else round(self.open_s * 1000, 1),
            "probes": len(self.probes),
            "longest_run_of_failures": self.longest_run,
            "seen_once": self.possible,
        }


class _Pause(NamedTuple):
    length_s: float
    failures: int
    probe: Attempt
    opens: bool  # it is the first, and not one after a probe that failed


def find_breaker(attempts: Sequence[Attempt], expected_after: int) -> Breaker:
    """The breaker that a client shows at any endpoint; without one, the longest run of failures."""
    by_endpoint: defaultdict[str | None, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        by_endpoint[attempt.entry.plan.endpoint].append(attempt)
    found = [_at_one(members, expected_after) for members in [*by_endpoint.values(), list(attempts)]]
    # Two pauses may be chance, if elsewhere as many failures did not stop the client; three are not.
    unstopped = max((one.unstopped for one in found), default=0)
    there = [
        one
        for one in found
        if one.is_there and (len(one.probes) > 2 or (one.threshold is not None and unstopped < one.threshold))
    ]
    if there:
        return max(there, key=lambda one: len(one.probes))
    possible = any(one.possible for one in found)
    worst = max(found, key=lambda one: one.longest_run, default=Breaker(None))
    hammered = worst.longest_run >= expected_after and not possible
    return worst._replace(is_there=False if hammered else None, possible=possible)


def _at_one(attempts: list[Attempt], expected_after: int) -> Breaker:
    pauses: list[_Pause] = []
    streak: list[Attempt] = []  # failures on end, since a success or a pause
    gaps: list[float] = []  # between them
    probing = False
    longest: list[Attempt] = []
    unstopped = 0  # the most failures on end after which the client asked on
    for place, attempt in enumerate(attempts):
        if streak:
            gap_s = max(0.0, attempt.at - max(one.ends_at for one in streak[-8:]))
            if _is_pause(gap_s, streak, gaps, pauses, probing) and _is_alone(attempts, place, gap_s):
                pauses.append(_Pause(gap_s, len(streak), attempt, not probing))
                streak, gaps, probing = [], [], True
            else:
                gaps.append(gap_s)
                probing = False
                unstopped = max(unstopped, len(streak))
        if attempt.may_pass:
            streak.append(attempt)
            if len(streak) > len(longest):
                longest = streak
        elif attempt.is_success:
            streak, gaps, probing = [], [], False
    run = tuple(one.id for one in longest)
    alike = _alike(pauses)
    threshold = min((pause.failures for pause in pauses if pause.opens), default=0)
    if len(alike) >= 2 and unstopped < threshold:
        return Breaker(
            True,
            threshold,
            median(pause.length_s for pause in alike),
            frozenset(pause.probe.id for pause in alike),
            len(longest),
            run,
            unstopped=unstopped,
        )
    return Breaker(None, longest_run=len(longest), run=run, possible=bool(pauses), unstopped=unstopped)


def _is_pause(
    gap_s: float, streak: list[Attempt], gaps: list[float], pauses: list[_Pause], probing: bool
) -> bool:
    """Whether a gap after failures is long enough for an open breaker, and nobody had asked for it."""
    hint = streak[-1].hint
    if gap_s < SHORTEST_S or (hint is not None and 0 < hint.wait_s <= gap_s * 1.1):
        return False
    if probing and pauses:  # the probe has failed: the breaker opens again, about as long
        return gap_s >= pauses[-1].length_s * (1 - SAME_SHARE) - SAME_S
    if len(streak) < FEWEST_FAILURES:
        return False
    # Of several gaps, one may be a stall of the machine.
    usual_s = sorted(gaps)[-2] if len(gaps) > 3 else max(gaps)
    growth = max(1.0, gaps[-1] / max(gaps[-2], NOISE_S)) if len(gaps) > 1 else 1.0
    return gap_s >= STANDS_OUT * usual_s + NOISE_S and gap_s >= SUDDEN * growth * gaps[-1]


def _is_alone(attempts: list[Attempt], place: int, gap_s: float) -> bool:
    """Whether a request after a pause is a probe: if it fails, no other follows soon."""
    probe = attempts[place]
    if not probe.may_pass:
        return True
    following = attempts[place + 1] if place + 1 < len(attempts) else None
    return following is None or following.at - probe.ends_at >= gap_s * (1 - SAME_SHARE) - SAME_S


def _alike(pauses: list[_Pause]) -> list[_Pause]:
    """The pauses about as long as their median."""
    if not pauses:
        return []
    middle = median(pause.length_s for pause in pauses)
    return [pause for pause in pauses if abs(pause.length_s - middle) <= SAME_S + SAME_SHARE * middle]
