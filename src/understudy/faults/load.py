"""How many requests are hit at the same time, and how many may be: what `max_active` bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from understudy.simulate.exchange import Exchange


class Load:
    """How many requests are hit at the moment, and how many may be; None: any number.

    A request counts once, by however many faults it is hit, from when it is until it is over.
    """

    __slots__ = ("count", "most")

    def __init__(self, most: int | None = None) -> None:
        self.count = 0
        self.most = most

    def take(self, exchange: Exchange) -> bool:
        """Count a request that is hit; False if there is no room for another."""
        if self._release in exchange.releases:
            return True
        if self.most is not None and self.count >= self.most:
            return False
        self.count += 1
        exchange.releases.append(self._release)
        return True

    def _release(self) -> None:
        self.count -= 1


__all__ = ["Load"]
