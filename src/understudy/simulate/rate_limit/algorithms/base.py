"""What all ways of counting have in common.

Times are whole microseconds and all sums are exact: who waits as long as it is told gets through, which
rounding would break now and then.

Processes that share a store may write a little out of order, so that a state can be a bit ahead of `now`.
What is ahead by more than it could be was written before the clock was set back, and does not count.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

State = list[Any]
"""What is remembered of earlier requests, as JSON."""


class Rule(NamedTuple):
    """`limit` requests in `window` microseconds, `burst` of them at once."""

    limit: int
    window: int
    burst: int
    aligned: bool = False


class Verdict(NamedTuple):
    """Whether a request is let through, and how the limit stands after it.

    `reset` is the time until the whole limit is there again if nobody asks, `wait` until this request would
    be let through (0 for one that is), in microseconds; None where nobody can know.
    """

    allowed: bool
    remaining: int
    reset: int | None
    wait: int | None


class Count(Protocol):
    """Counts requests by one rule."""

    def take(self, state: State | None, now: int, cost: int) -> tuple[State, Verdict]:
        """What is remembered after a request that counts for `cost`, and what becomes of it.

        A state of None means that nothing is remembered. A cost of 0 shows how the limit stands, a negative
        one gives back what was taken at the same `now`; both are always allowed. The state holds only if the
        request is allowed.
        """


def divided_up(amount: int, by: int) -> int:
    """A quotient, rounded up."""
    return -(-amount // by)
