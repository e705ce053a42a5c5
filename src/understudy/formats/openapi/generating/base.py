"""The words that all files of this folder share."""

from __future__ import annotations

from collections.abc import Callable
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


Make = Callable[[Lots, str], Any]
"""Makes the data for one place. The text names the place and the attempt; draws have it in their purpose."""


class Made(NamedTuple):
    """A compiled generator.

    `size` is how many values it makes at most, as far as can be told. `exact`: what it makes needs no look
    from a validator. `values`: everything that it can make, where that is a short list.
    """

    make: Make
    size: int = 1
    exact: bool = True
    values: tuple[Any, ...] | None = None


class Impossible(Exception):
    """No data was found for a schema while it was compiled. `pointer` is the schema's place."""

    def __init__(self, pointer: str, reason: str, lasting: bool = True) -> None:
        super().__init__(f"{pointer}: {reason}")
        self.pointer = pointer
        self.reason = reason
        self.lasting = lasting
        """Whether it is so wherever the schema is used, and not only within a circle of schemas."""


class Miss(Exception):
    """A call found no data this time; other draws may."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(f"{pointer}: {reason}")
        self.pointer = pointer
        self.reason = reason


class Stream:
    """Many small choices from one draw: those within one text need no purpose each."""

    __slots__ = ("_at", "_block", "_left", "_lots", "_pool")

    def __init__(self, lots: Lots, at: str) -> None:
        self._lots = lots
        self._at = at
        self._block = 0
        self._pool = int.from_bytes(lots.raw(at, 64), "big")
        self._left = 512

    def below(self, count: int) -> int:
        """An integer from 0 to `count` - 1."""
        bits = count.bit_length() + 8
        if self._left < bits:
            self._block += 1
            self._pool = int.from_bytes(self._lots.raw(f"{self._at}+{self._block}", 64), "big")
            self._left = 512
        self._pool, found = divmod(self._pool, count)
        self._left -= bits
        return found


def escaped(name: str) -> str:
    """A name as it stands in a JSON pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")
