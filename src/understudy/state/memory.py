"""The store of one process: dicts. Nothing outlives the process, nothing suspends.

Values are kept as they are given, not copied: see `store.py`, nobody changes them in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from understudy.state.store import (
    ABSENT,
    DEFAULT_MAX_ROWS,
    DELETE,
    KEEP,
    CheckedRows,
    Duplicate,
    NotANumber,
    Rows,
    StoreFull,
    is_number,
)
from understudy.state.values import check_name, encode

R = TypeVar("R")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class _Table:
    __slots__ = ("rows", "version", "view")

    def __init__(self, rows: dict[str, Any], version: int) -> None:
        self.rows = rows
        self.view = MappingProxyType(rows)
        self.version = version


class MemoryStore:
    """Rows in memory, at most `max_rows` of them over all tables."""

    __slots__ = ("_max_rows", "_removed", "_seeds", "_tables", "_used", "_version")

    def __init__(self, *, max_rows: int = DEFAULT_MAX_ROWS) -> None:
        self._max_rows = max_rows
        self._tables: dict[tuple[str, str], _Table] = {}  # those with rows
        self._seeds: dict[tuple[str, str], str] = {}
        self._used = 0  # rows and seeds: what the bound is about
        self._version = 0  # one number for all tables, so that a table which returns is newer than it was
        self._removed = 0  # the version when a table was last removed: that of every table without rows

    async def get(self, space: str, table: str, key: str, default: Any = None) -> Any:
        found = self._tables.get((space, table))
        return default if found is None else found.rows.get(key, default)

    async def put(self, space: str, table: str, key: str, value: Any) -> None:
        encode(table, value)
        self._write(space, table, key, value)

    async def delete(self, space: str, table: str, key: str) -> bool:
        return self._delete(space, table, key)

    async def add(self, space: str, table: str, key: str, amount: int = 1, start: int = 0) -> int:
        return self._add(space, table, key, start + amount, amount)

    async def change(self, space: str, table: str, key: str, how: Callable[[Any], tuple[Any, R]]) -> R:
        found = self._tables.get((space, table))
        new, result = how(ABSENT if found is None else found.rows.get(key, ABSENT))
        if new is DELETE:
            self._delete(space, table, key)
        elif new is not KEEP:
            encode(table, new)
            self._write(space, table, key, new)
        return result

    async def insert(
        self, space: str, table: str, make: Callable[[Rows], tuple[str, Any]]
    ) -> tuple[str, Any]:
        key, value = make(self._rows(space, table))
        found = self._tables.get((space, table))
        if found is not None and key in found.rows:
            raise Duplicate(key)
        encode(table, value)
        self._write(space, table, key, value)
        return key, value

    async def rows(self, space: str, table: str) -> Rows:
        return self._rows(space, table)

    async def see(self, space: str, tables: Sequence[str]) -> list[Mapping[str, Any]]:
        find = self._tables.get
        return [_NOTHING if (found := find((space, table))) is None else found.view for table in tables]

    async def seed(
        self,
        space: str,
        table: str,
        fingerprint: str,
        make: Callable[[], Iterable[tuple[str, Any]] | CheckedRows],
        replace: bool,
    ) -> None:
        place = (space, table)
        known = self._seeds.get(place)
        if known == fingerprint or (known is not None and not replace):
            return
        if known is not None or place not in self._tables:
            made = make()
            rows = made if isinstance(made, CheckedRows) else _checked(table, made)
            self._fill(place, rows, others=1 if known is None else 0)
        elif self._used >= self._max_rows:
            raise StoreFull(table, self._max_rows)
        if known is None:
            self._used += 1
        self._seeds[place] = fingerprint

    async def clear(self, space: str | None = None, table: str | None = None) -> int:
        def is_meant(place: tuple[str, str]) -> bool:
            return (space is None or place[0] == space) and (table is None or place[1] == table)

        seeds = [place for place in self._seeds if is_meant(place)]
        for place in seeds:
            del self._seeds[place]
        removed = sum([self._drop(place) for place in list(self._tables) if is_meant(place)])
        self._used -= len(seeds)
        return removed

    async def tables(self, space: str) -> list[str]:
        return sorted(place[1] for place in self._tables if place[0] == space)

    async def spaces(self) -> list[str]:
        return sorted({place[0] for place in self._tables})

    async def snapshot(self, space: str) -> dict[str, dict[str, Any]]:
        return {place[1]: dict(found.rows) for place, found in self._tables.items() if place[0] == space}

    async def restore(self, space: str, snapshot: Mapping[str, Mapping[str, Any]]) -> None:
        check_name("", space)
        filled = {table: _checked(table, rows.items()) for table, rows in snapshot.items() if rows}
        old = [place for place in self._tables if place[0] == space]
        room = self._max_rows - self._used + sum(len(self._tables[place].rows) for place in old)
        for table, rows in filled.items():
            room -= len(rows)
            if room < 0:
                raise StoreFull(table, self._max_rows)
        for place in old:
            self._drop(place)
        for table, rows in filled.items():
            self._fill((space, table), rows, others=0)

    def count(self, space: str, table: str, key: str, start: int, step: int) -> int:
        return self._add(space, table, key, start, step)

    async def close(self) -> None:
        self._tables.clear()
        self._seeds.clear()

    def _rows(self, space: str, table: str) -> Rows:
        found = self._tables.get((space, table))
        return Rows(self._removed, _NOTHING) if found is None else Rows(found.version, found.view)

    def _add(self, space: str, table: str, key: str, first: int, amount: int) -> int:
        found = self._tables.get((space, table))
        if found is None or (old := found.rows.get(key, ABSENT)) is ABSENT:
            total = first
        elif type(old) is int or is_number(old):
            total = old + amount
        else:
            raise NotANumber(table, key, old)
        if type(total) is not int:  # a float that has grown beyond all bounds is not JSON
            encode(table, total)
        self._write(space, table, key, total)
        return total

    def _write(self, space: str, table: str, key: str, value: Any) -> None:
        """Write a row whose value has been checked."""
        found = self._tables.get((space, table))
        if found is None or key not in found.rows:
            if self._used >= self._max_rows:
                raise StoreFull(table, self._max_rows)
            for name in (space, table, key):
                check_name(table, name)
            if found is None:
                found = self._tables[space, table] = _Table({}, 0)
            self._used += 1
        self._version += 1
        found.version = self._version
        found.rows[key] = value

    def _delete(self, space: str, table: str, key: str) -> bool:
        found = self._tables.get((space, table))
        if found is None or key not in found.rows:
            return False
        if len(found.rows) == 1:
            self._drop((space, table))
        else:
            del found.rows[key]
            self._used -= 1
            self._version += 1
            found.version = self._version
        return True

    def _drop(self, place: tuple[str, str]) -> int:
        """Remove a table; how many rows it had."""
        found = self._tables.pop(place, None)
        if found is None:
            return 0
        self._used -= len(found.rows)
        self._version += 1
        self._removed = self._version
        return len(found.rows)

    def _fill(self, place: tuple[str, str], rows: dict[str, Any], *, others: int) -> None:
        """Replace a table by checked rows, if there is room for them and `others`."""
        known = self._tables.get(place)
        used = self._used + len(rows) - (0 if known is None else len(known.rows))
        if used + others > self._max_rows:
            raise StoreFull(place[1], self._max_rows)
        for name in place:
            check_name(place[1], name)
        self._drop(place)
        if rows:
            self._version += 1
            self._tables[place] = _Table(rows, self._version)
            self._used = used


def _checked(table: str, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Rows that can be kept, by key. Raises Duplicate, StoreError."""
    rows: dict[str, Any] = {}
    for key, value in pairs:
        if key in rows:
            raise Duplicate(key)
        check_name(table, key)
        encode(table, value)
        rows[key] = value
    return rows
