"""Fixed window: so many requests, then none until the window is over.

The window begins with the first request, so that a test is not cut in two by the clock; or, `aligned`, at the
multiples of its length since 1970, as with APIs that count by the minute.
"""

from __future__ import annotations

from understudy.simulate.rate_limit.algorithms.base import Rule, State, Verdict


class FixedWindow:
    """The state: [when the window began, requests in it]."""

    __slots__ = ("_aligned", "_limit", "_window")

    def __init__(self, rule: Rule) -> None:
        self._limit = rule.limit
        self._window = rule.window
        self._aligned = rule.aligned

    def take(self, state: State | None, now: int, cost: int) -> tuple[State, Verdict]:
        """See `Count`."""
        start, used = state or (now, 0)
        if abs(now - start) >= self._window:
            start, used = now, 0
        if self._aligned and not used:
            start = now - now % self._window
        end = start + self._window
        allowed = used + cost <= self._limit
        if allowed:
            used = max(0, used + cost)
        wait = 0 if allowed else end - now
        return [start, used], Verdict(allowed, self._limit - used, end - now, wait)
