"""GCRA, the generic cell rate algorithm (ITU-T I.371): requests come one after the other, evenly spaced.

What is remembered is one time: when the next request would be due if all came as evenly as they may. A
request that is early by less than `burst` requests' time is let through. With the same `burst` it lets
through exactly what a token bucket does.
"""

from __future__ import annotations

from understudy.simulate.rate_limit.algorithms.base import Rule, State, Verdict, divided_up


class Gcra:
    """The state: [when the next is due, the rest].

    Times within are in parts of which a microsecond has `limit`. So the time between two requests is `window`
    parts, and nothing is ever rounded.
    """

    __slots__ = ("_limit", "_tolerance", "_window")

    def __init__(self, rule: Rule) -> None:
        self._limit = rule.limit
        self._window = rule.window
        self._tolerance = rule.burst * rule.window

    def take(self, state: State | None, now: int, cost: int) -> tuple[State, Verdict]:
        """See `Count`."""
        at = now * self._limit
        due = at
        if state is not None:  # never further ahead than a clock that goes right would have it
            due = min(max(at, state[0] * self._limit + state[1]), at + self._tolerance)
        after = due + cost * self._window
        early = after - self._tolerance - at
        allowed = early <= 0
        if allowed:
            due = max(at, after)
        wait = 0 if allowed else divided_up(early, self._limit)
        reset = divided_up(due - at, self._limit)
        remaining = (self._tolerance - (due - at)) // self._window
        return list(divmod(due, self._limit)), Verdict(allowed, remaining, reset, wait)
