"""Where the values of a document stand in its text."""

from __future__ import annotations

from collections.abc import Callable

from understudy.load.fault import Keys


class Place:
    """The line (from 1) of a value, and the places of what it contains.

    The value of a key has the line of the key: that is where a reader looks for it.
    """

    __slots__ = ("_expand", "_known", "line")

    def __init__(self, line: int, expand: Callable[[], dict[str | int, Place]] | None = None) -> None:
        self.line = line
        self._expand = expand  # finds the children when somebody asks for one
        self._known: dict[str | int, Place] = {}

    @property
    def children(self) -> dict[str | int, Place]:
        """The places of the elements, by key or index."""
        if self._expand is not None:
            self._known = self._expand()
            self._expand = None
        return self._known

    @children.setter
    def children(self, known: dict[str | int, Place]) -> None:
        self._known = known

    def find(self, keys: Keys) -> Place:
        """The place of `keys`, or of the nearest enclosing value that has one."""
        place = self
        for key in keys:
            inner = place.children.get(key)
            if inner is None:
                break
            place = inner
        return place
