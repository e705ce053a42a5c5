"""What is said of many entries, said once."""

from __future__ import annotations

from understudy.formats.spot import Spot


class Notes:
    """Warnings by their text, each with the first place that it is about, and how many there are."""

    def __init__(self) -> None:
        self._first: dict[str, Spot] = {}
        self._count: dict[str, int] = {}

    def add(self, message: str, spot: Spot) -> None:
        """Note that something is so at a place."""
        self._first.setdefault(message, spot)
        self._count[message] = self._count.get(message, 0) + 1

    def tell(self) -> None:
        """Make warnings of the notes, in the order in which they came up."""
        for message, spot in self._first.items():
            more = self._count[message] - 1
            spot.warn(f"{message} (and {more} more like it)" if more else message)
