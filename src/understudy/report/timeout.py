"""How long a client waits for a reply, from when it gave up.

Some clients, urllib3 among them, keep the connection until they have waited for their next attempt. What the
log then has is the time-out and that wait in one. It shows by attempts that last longer than others, and are
followed by the next at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from statistics import median
from typing import Any

from understudy.report.attempt import GIVEN_UP, Attempt

SAME_S = 0.03
SAME_SHARE = 0.1
"""Attempts that were given up within this of each other had the same time-out."""
MOST = 0.75
"""So many of those that should be alike have to be: a busy machine stalls now and then."""
AT_ONCE_S = 0.03
"""A retry this soon after its client has hung up was not waited for since."""


@dataclass(frozen=True, slots=True)
class Timeout:
    """When a client gave up waiting, and how long it has waited otherwise.

    `timeout_s` is the time-out that fits all attempts that were given up, None if there is none; `consistent`
    is whether they were given up after the same time, None for fewer than two. `longest_wait_s` is the
    longest that it waited for a reply, and got it. `hidden_s` are the waits before a retry during which the
    connection was still open, by the id of the attempt that was given up.
    """

    given_up: tuple[Attempt, ...]
    timeout_s: float | None
    consistent: bool | None
    longest_wait_s: float
    hidden_s: Mapping[int, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the report; lengths of time in milliseconds."""
        return {
            "given_up": len(self.given_up),
            "timeout_ms": None if self.timeout_s is None else round(self.timeout_s * 1000, 1),
            "consistent": self.consistent,
            "hangs_up_late": bool(self.hidden_s),
            "longest_wait_ms": round(self.longest_wait_s * 1000, 1),
        }


def fit_timeout(attempts: Sequence[Attempt], retried: Mapping[int, float] | None = None) -> Timeout:
    """The time-out that a client seems to have. `retried` has the gap to the retry, by id of the attempt."""
    given_up = tuple(attempt for attempt in attempts if attempt.result == GIVEN_UP)
    waited = [attempt.entry.duration_s for attempt in attempts if attempt.result != GIVEN_UP]
    longest_s = max(waited, default=0.0)
    if not given_up:
        return Timeout((), None, None, longest_s)
    times = [attempt.entry.duration_s for attempt in given_up]
    hidden_s: dict[int, float] = {}
    if not _agree(times):
        shortest = [time for time in times if time - min(times) <= SAME_S + SAME_SHARE * min(times)]
        longer = [attempt for attempt in given_up if attempt.entry.duration_s > max(shortest)]
        followed = [one for one in longer if (retried or {}).get(one.id, inf) <= AT_ONCE_S]
        if len(shortest) > 1 and len(followed) > 1 and len(followed) >= MOST * len(longer):
            hidden_s = {one.id: one.entry.duration_s - median(shortest) for one in followed}
            times = shortest
    agree = _agree(times)
    return Timeout(
        given_up, median(times) if agree else None, agree if len(times) > 1 else None, longest_s, hidden_s
    )


def _agree(times: Sequence[float]) -> bool:
    """Whether times are the same, but for a few that the machine has made longer."""
    middle = median(times)
    alike = [time for time in times if abs(time - middle) <= SAME_S + SAME_SHARE * middle]
    return len(alike) >= MOST * len(times)
