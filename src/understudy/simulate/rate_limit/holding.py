"""Concurrency: how many requests of this process are being answered at the same time.

They are counted beside the store, since they end with the process, whatever became of it.
"""

from __future__ import annotations

from collections.abc import Callable

from understudy.simulate.rate_limit.algorithms import Verdict


def look(held: dict[str, int], key: str, most: int, cost: int) -> Verdict:
    """What would become of a request. When another will be over, nobody knows."""
    used = held.get(key, 0)
    allowed = used + cost <= most
    remaining = max(0, most - used - (cost if allowed else 0))
    return Verdict(allowed, remaining, None, 0 if allowed else None)


def take(held: dict[str, int], key: str, most: int, cost: int) -> tuple[Verdict, Callable[[], None]]:
    """Hold a place, if there is one; and what lets go of it, which is to be called once."""
    verdict = look(held, key, most, cost)
    if not verdict.allowed:
        return verdict, _nothing
    held[key] = held.get(key, 0) + cost

    def let_go() -> None:
        left = held[key] - cost
        if left:
            held[key] = left
        else:
            del held[key]

    return verdict, let_go


def _nothing() -> None:
    """Nothing is held."""
