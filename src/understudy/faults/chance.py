"""How likely it is that something goes wrong, and the lot that decides: for requests and connections."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import UNSET

from understudy.faults.schedule import Factor, Instant, compile_schedule, next_change_s, next_is_bad
from understudy.faults.strike import Lots
from understudy.model.duration import duration_s
from understudy.model.occasion import Occasion
from understudy.model.schedule import Burst
from understudy.render.draws import Draws


class Asked(NamedTuple):
    """What came of asking: whether it is the occasion, and why."""

    strikes: bool
    probability: float = 0.0
    drawn: float | None = None
    number: int | None = None

    @property
    def is_sure(self) -> bool:
        """Whether there was nothing to decide."""
        return self.probability >= 1 and self.number is None


NO = Asked(False)


class Chance:
    """An occasion without its conditions. Whoever asks has counted; `counts` says whether that is needed."""

    __slots__ = ("_burst", "_factor", "_probability", "_ttl_s", "_when", "counts")

    def __init__(self, written: Occasion) -> None:
        when = written.when
        self._when = when
        self._probability = written.probability
        self._ttl_s = None if written.ttl is UNSET else duration_s(written.ttl)
        self._factor: Factor | None = None if when is UNSET else compile_schedule(when)
        self._burst: Burst | None = None if when is UNSET or when.burst is UNSET else when.burst
        self.counts = when is not UNSET and when.counts

    def is_over(self, elapsed_s: float) -> bool:
        """Whether its `ttl` has passed."""
        return self._ttl_s is not None and elapsed_s >= self._ttl_s

    def is_bad(self, number: int, was_bad: bool, seed: int, key: str) -> bool:
        """Whether what has this number, from 0, falls into a burst; `key` names who has his own numbers."""
        if self._burst is None:
            return False
        # a chain that is drawn from its own numbers is the same whatever else was drawn
        return next_is_bad(self._burst, was_bad, Draws(seed, key, number).unit("burst"))

    def next_change_s(self, elapsed_s: float, now_s: float) -> float | None:
        """How long it is at least until it is more or less likely, as far as that depends on the time.

        None: it never is. What depends on counts or changes all the time is not asked for.
        """
        if self.is_over(elapsed_s):
            return None
        changes = [] if self._ttl_s is None else [self._ttl_s - elapsed_s]
        change = None if self._when is UNSET else next_change_s(self._when, elapsed_s, now_s)
        return min([*changes, *([] if change is None else [change])], default=None)

    @property
    def has_bursts(self) -> bool:
        """Whether it depends on the last time whether this one is bad."""
        return self._burst is not None

    def judge(self, lots: Lots, instant: Instant) -> Asked:
        """Draw the lot, where there is one to draw."""
        if self.is_over(instant.elapsed_s):
            return NO
        probability = self._probability
        if self._factor is not None:
            probability *= self._factor(instant)
        drawn = lots.unit() if 0 < probability < 1 else None
        strikes = probability >= 1 if drawn is None else drawn < probability
        return Asked(strikes, probability, drawn, instant.number or None)


__all__ = ["NO", "Asked", "Chance"]
