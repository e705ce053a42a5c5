"""What outlives a request: rows of JSON by space, table and key, behind one small interface.

A space is a world of its own (parallel tests have one each); "" is the default. A table is a name such as
`variables`, `scenarios` or `collection:users`; its rows keep the order in which they were inserted: a new
value leaves a row where it is, and a row that was deleted and comes back stands last. A table exists while
it has rows.

Values are JSON (see `values.py`) and are never changed in place: whoever wants another value puts another
one.

Every method is one atomic step, also beside other processes: an exception, its own or that of a function it
was given, leaves everything as it was. All but `count` are awaitable, so that a store may live elsewhere;
memory never suspends, and sqlite only while another process holds the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from understudy.errors import UnderstudyError

R = TypeVar("R")

DEFAULT_MAX_ROWS = 1_000_000
"""Over all tables. A row in memory takes a few hundred bytes beside its value."""


class _Sentinel:
    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


ABSENT: Final = _Sentinel("ABSENT")
"""What `change` shows where there is no row."""
KEEP: Final = _Sentinel("KEEP")
"""What `how` returns to leave the row as it is."""
DELETE: Final = _Sentinel("DELETE")
"""What `how` returns to remove the row."""


class StoreError(UnderstudyError):
    """A store cannot do what it was asked to: the text says what, where, and what helps."""


class StoreFull(StoreError):
    """The bound on rows is reached."""

    def __init__(self, table: str, max_rows: int) -> None:
        super().__init__(
            f"the store is full: no room for another row in {table!r} (the bound is {max_rows:,} rows "
            "over all tables): clear what is no longer needed, or raise the bound"
        )
        self.table = table
        self.max_rows = max_rows


class NotANumber(StoreError):
    """`add` or `count` met a value that is not a number."""

    def __init__(self, table: str, key: str, value: object) -> None:
        kind = type(value).__name__
        super().__init__(
            f"{key!r} in {table!r} is not a number ({kind}): put a number there first, or delete it"
        )


class Duplicate(Exception):
    """The key exists already. Not an UnderstudyError: the caller knows what it means and answers it."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the key {key!r} exists already")
        self.key = key


class Rows(NamedTuple):
    """A read-only view of a table, good until the next `await`: it may be live.

    `version` grows with each change of the table, and tells whether something made from an earlier view
    still holds. Compare it only with versions from the same store object. `items` are key -> value in
    order.
    """

    version: int
    items: Mapping[str, Any]


class CheckedRows(dict[str, Any]):
    """Rows by key that need not be looked at again: whoever made them knows that they are what is kept.

    That is so for what the loader gives, which refuses the same values. They belong to the store then.
    """


class Store(Protocol):
    """See the head of this file. Any method raises StoreError when the store or the value is no good."""

    async def get(self, space: str, table: str, key: str, default: Any = None) -> Any:
        """The value of a row, `default` where there is none."""

    async def put(self, space: str, table: str, key: str, value: Any) -> None:
        """Write a row, whether or not it exists. Raises StoreFull."""

    async def delete(self, space: str, table: str, key: str) -> bool:
        """Remove a row; whether there was one."""

    async def add(self, space: str, table: str, key: str, amount: int = 1, start: int = 0) -> int:
        """Add to a number, to `start` where there is none; the sum. Raises StoreFull, NotANumber."""

    async def change(self, space: str, table: str, key: str, how: Callable[[Any], tuple[Any, R]]) -> R:
        """Read, decide, write in one step. Raises StoreFull.

        `how` gets the value or ABSENT and gives (new value | KEEP | DELETE, result). It is called once,
        must be quick, and may itself use no method of the store but `count`, which may stay counted if `how`
        raises.
        """

    async def insert(
        self, space: str, table: str, make: Callable[[Rows], tuple[str, Any]]
    ) -> tuple[str, Any]:
        """Add a row whose key `make` chooses from what is there; the row.

        Raises Duplicate when the key exists, StoreFull. For `make` holds what `change` says of `how`.
        """

    async def rows(self, space: str, table: str) -> Rows:
        """A whole table, without copying it."""

    async def see(self, space: str, tables: Sequence[str]) -> list[Mapping[str, Any]]:
        """The rows of several tables at one time; as good as long as those of `rows`."""

    async def seed(
        self,
        space: str,
        table: str,
        fingerprint: str,
        make: Callable[[], Iterable[tuple[str, Any]] | CheckedRows],
        replace: bool,
    ) -> None:
        """Fill a table that was never filled; cheap when there is nothing to do.

        If it was filled from other data (another fingerprint): again when `replace`, else leave it. A table
        that was never filled but has rows, as after `restore`, keeps them and counts as filled. What was
        filled counts as one row for the bound. Raises Duplicate when `make` repeats a key, StoreFull.
        """

    async def clear(self, space: str | None = None, table: str | None = None) -> int:
        """Remove rows (and what `seed` remembers) of a space, of a table, or of all (None); how many rows."""

    async def tables(self, space: str) -> list[str]:
        """The tables of a space that have rows, sorted."""

    async def spaces(self) -> list[str]:
        """The spaces that have rows, sorted."""

    async def snapshot(self, space: str) -> dict[str, dict[str, Any]]:
        """{table: {key: value}}, a copy."""

    async def restore(self, space: str, snapshot: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace all rows of the space; what `seed` remembers stays. Raises StoreFull."""

    def count(self, space: str, table: str, key: str, start: int, step: int) -> int:
        """`start` the first time, then `step` more each time. Synchronous, for templates.

        Raises StoreFull, NotANumber. A store that others share may block the caller for a moment.
        """

    async def close(self) -> None:
        """Let go of everything. The store is not used afterwards."""


def is_number(value: object) -> bool:
    """Whether `add` and `count` can go on from a value. JSON's true and false are no numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool)
