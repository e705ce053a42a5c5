"""Sliding window: so many requests in any time of that length.

Exact for limits up to MAX_EXACT: the time of each request is remembered until it is a window old. Above,
requests are counted by slots of a thousandth of the window, and count until their slot is a window old: never
more than the limit in any window, but a request may count for up to a thousandth of the window too long.
"""

from __future__ import annotations

from bisect import bisect_left
from operator import itemgetter

from understudy.simulate.rate_limit.algorithms.base import Rule, State, Verdict, divided_up

MAX_EXACT = 1000
"""A row of the store is written for each request: this many pairs take about 20 KB."""


class SlidingWindow:
    """The state: [time, requests] for each time that had some, in order; a time is the end of its slot."""

    __slots__ = ("_limit", "_slot", "_window")

    def __init__(self, rule: Rule) -> None:
        self._limit = rule.limit
        self._window = rule.window
        self._slot = 1 if rule.limit <= MAX_EXACT else divided_up(rule.window, MAX_EXACT)

    def take(self, state: State | None, now: int, cost: int) -> tuple[State, Verdict]:
        """See `Count`."""
        time = divided_up(now, self._slot) * self._slot
        kept = [entry for entry in state or () if abs(now - entry[0]) < self._window]
        used = sum([number for _, number in kept])
        allowed = used + cost <= self._limit
        if not allowed:
            return kept, Verdict(
                False, self._limit - used, self._reset(kept, now), self._wait(kept, now, cost)
            )
        at = bisect_left(kept, time, key=itemgetter(0))
        number = cost
        if at < len(kept) and kept[at][0] == time:
            number += kept.pop(at)[1]
        if number > 0:
            kept.insert(at, [time, number])
        return kept, Verdict(True, self._limit - used - cost, self._reset(kept, now), 0)

    def _reset(self, kept: State, now: int) -> int:
        return kept[-1][0] + self._window - now if kept else 0

    def _wait(self, kept: State, now: int, cost: int) -> int:
        """Until so many are a window old that the request has room."""
        room = self._limit - sum([number for _, number in kept])
        for time, number in kept:
            room += number
            if room >= cost:
                return int(time) + self._window - now
        raise AssertionError("no request costs more than the limit")
