"""Token bucket: a bucket of `burst` tokens, refilled evenly with `limit` of them in a window.

A request takes a token for each that it counts for. The bucket is full at the beginning.
"""

from __future__ import annotations

from understudy.simulate.rate_limit.algorithms.base import Rule, State, Verdict, divided_up


class TokenBucket:
    """The state: [whole tokens, the rest, when that was]. The rest is in parts of which a token has `window`.

    So `limit` parts are added each microsecond, and nothing is ever rounded.
    """

    __slots__ = ("_capacity", "_limit", "_window")

    def __init__(self, rule: Rule) -> None:
        self._limit = rule.limit
        self._window = rule.window
        self._capacity = rule.burst * rule.window

    def take(self, state: State | None, now: int, cost: int) -> tuple[State, Verdict]:
        """See `Count`."""
        level, then = self._capacity, now
        if state is not None and (state[2] - now) * self._limit <= self._capacity:
            level = state[0] * self._window + state[1]
            then = max(now, state[2])
            level = min(self._capacity, level + (then - state[2]) * self._limit)
        wanted = cost * self._window
        allowed = wanted <= level
        if allowed:
            level = min(self._capacity, level - wanted)
        wait = 0 if allowed else divided_up(wanted - level, self._limit)
        reset = divided_up(self._capacity - level, self._limit)
        tokens, rest = divmod(level, self._window)
        return [tokens, rest, then], Verdict(allowed, tokens, reset, wait)
