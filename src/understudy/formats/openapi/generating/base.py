"""The words that all files of this folder share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

MAX_VALUES = 2_000
"""Values (numbers, texts, lists, objects) in one piece of data, where the schema leaves the choice."""
MOST_VALUES = 100_000
"""Values in one piece of data, where the schema leaves none: what asks for more is refused."""
MAX_TEXT = 10_000
"""Characters of one text that a schema may ask for at least."""


class Lots(Protocol):
    """Random draws, each a pure function of its purpose; `render.draws.Draws` is one."""

    def unit(self, purpose: str, /) -> float:
        """A number uniform in [0, 1)."""

    def integer(self, purpose: str, low: int, high: int, /) -> int:
        """An integer from `low` to `high`, both included."""

    def raw(self, purpose: str, size: int, /) -> bytes:
        """`size` random bytes."""


class Part:
    """The lots for a part of an answer, which must not be those of another part."""

    def __init__(self, lots: Lots, part: str) -> None:
        self._lots = lots
        self._part = part

    def unit(self, purpose: str, /) -> float:
        return self._lots.unit(self._part + purpose)

    def integer(self, purpose: str, low: int, high: int, /) -> int:
        return self._lots.integer(self._part + purpose, low, high)

    def raw(self, purpose: str, size: int, /) -> bytes:
        return self._lots.raw(self._part + purpose, size)


Make = Callable[[Lots, str], Any]
"""Makes the data for one place. The text names the place and the attempt; draws have it in their purpose."""


class Made(NamedTuple):
    """A compiled generator.

    `size` is how many values it makes at most, as far as can be told. `exact`: what it makes needs no look
    from a validator. `values`: everything that it can make, where that is listed anyway.
    """

    make: Make
    size: int = 1
    exact: bool = True
    values: Sequence[Any] | None = None


class Impossible(Exception):
    """No data was found for a schema while it was compiled. `pointer` is the schema's place."""

    def __init__(self, pointer: str, reason: str, lasting: bool = True) -> None:
        super().__init__(f"{pointer}: {reason}")
        self.pointer = pointer
        self.reason = reason
        self.lasting = lasting
        """Whether it is so wherever the schema is used, and not only within a circle of schemas."""

    def after(self, other: Impossible | None) -> Impossible:
        """What is told after another failure: that one, which lasts if both do."""
        if other is None:
            return self
        return Impossible(other.pointer, other.reason, other.lasting and self.lasting)


class TooMuch(Exception):
    """A schema that asks for too much work, wherever it is used."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(f"{pointer}: {reason}")
        self.pointer = pointer
        self.reason = reason


class Miss(Exception):
    """A call found no data this time; other draws may."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(f"{pointer}: {reason}")
        self.pointer = pointer
        self.reason = reason


class Stream:
    """Many small choices from one draw: those within one text need no purpose each."""

    __slots__ = ("_at", "_block", "_bytes", "_lots", "_place")

    def __init__(self, lots: Lots, at: str) -> None:
        self._lots = lots
        self._at = at
        self._block = 0
        self._bytes = lots.raw(at, 64)
        self._place = 0

    def below(self, count: int) -> int:
        """An integer from 0 to `count` - 1, where `count` is small beside 65,536."""
        place = self._place
        if place == 64:
            self._block += 1
            self._bytes = self._lots.raw(f"{self._at}+{self._block}", 64)
            place = 0
        self._place = place + 2
        return (self._bytes[place] << 8 | self._bytes[place + 1]) * count >> 16


def escaped(name: str) -> str:
    """A name as it stands in a JSON pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")
