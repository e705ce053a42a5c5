"""How long a client waits for a reply, from when it gave up."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any, NamedTuple

from understudy.report.attempt import GIVEN_UP, Attempt

SAME_S = 0.03
SAME_SHARE = 0.1
"""Attempts that were given up within this of each other had the same time-out."""


class Timeout(NamedTuple):
    """When a client gave up waiting, and how long it has waited otherwise.

    `timeout_s` is the time-out that fits all attempts that were given up, None if there is none; `consistent`
    is whether they were given up after the same time, None for fewer than two. `longest_wait_s` is the
    longest that it waited for a reply, and got it.
    """

    given_up: tuple[Attempt, ...]
    timeout_s: float | None
    consistent: bool | None
    longest_wait_s: float

    def as_json(self) -> dict[str, Any]:
        """For the report; lengths of time in milliseconds."""
        return {
            "given_up": len(self.given_up),
            "timeout_ms": None if self.timeout_s is None else round(self.timeout_s * 1000, 1),
            "consistent": self.consistent,
            "longest_wait_ms": round(self.longest_wait_s * 1000, 1),
        }


def fit_timeout(attempts: Sequence[Attempt]) -> Timeout:
    """The time-out that a client seems to have."""
    given_up = tuple(attempt for attempt in attempts if attempt.result == GIVEN_UP)
    waited = [attempt.entry.duration_s for attempt in attempts if attempt.result != GIVEN_UP]
    longest_s = max(waited, default=0.0)
    if not given_up:
        return Timeout((), None, None, longest_s)
    times = [attempt.entry.duration_s for attempt in given_up]
    middle = median(times)
    agree = all(abs(time - middle) <= SAME_S + SAME_SHARE * middle for time in times)
    return Timeout(given_up, middle if agree else None, agree if len(times) > 1 else None, longest_s)
