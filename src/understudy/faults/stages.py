"""A scenario of stages: which one it is, from nothing but the time since the server was started."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from msgspec import UNSET

from understudy.model.chaos import Stage, names


class Current(NamedTuple):
    """The stage of a moment. Times are in unix seconds; `number` counts from 1."""

    number: int
    label: str
    profiles: tuple[str, ...]
    since_s: float
    ends_at_s: float


class Stages:
    """Stretches of time, one after the other from the start of the server; with `loop`, again and again."""

    def __init__(self, written: Sequence[Stage], loop: bool) -> None:
        self._ends = list(accumulate(stage.for_s for stage in written))
        self._labels = [
            str(number) if stage.name is UNSET else stage.name for number, stage in enumerate(written, 1)
        ]
        self._profiles = [tuple(dict.fromkeys(names(stage.profile))) for stage in written]
        self._loop = loop

    def at(self, now_s: float, started_s: float) -> Current | None:
        """The stage at a time; None when all are over."""
        total_s = self._ends[-1]
        round_, elapsed_s = divmod(max(0.0, now_s - started_s), total_s)
        if round_ and not self._loop:
            return None
        index = min(bisect_right(self._ends, elapsed_s), len(self._ends) - 1)
        begun_s = started_s + round_ * total_s
        since_s = begun_s + (self._ends[index - 1] if index else 0.0)
        profiles = self._profiles[index]
        return Current(index + 1, self._labels[index], profiles, since_s, begun_s + self._ends[index])

    def over_at_s(self, started_s: float) -> float | None:
        """When they are all over; None if they begin again."""
        return None if self._loop else started_s + self._ends[-1]

    @property
    def profiles(self) -> tuple[tuple[str, ...], ...]:
        """The profiles of each stage."""
        return tuple(self._profiles)


__all__ = ["Current", "Stages"]
