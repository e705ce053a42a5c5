"""The store in a file: SQLite, for state that outlives the process and for several processes on one machine.

How it works. The file has every row, and this process a copy of each table it has used, so reading is a
look into a dict once SQLite has said that no other connection wrote (`PRAGMA data_version`). Each change of
a row takes the next number from one sequence over the whole file, `seq`. So what others changed is what has
a greater `seq` than the last one seen here. A row that was deleted stays as one without a value (a
tombstone) for the others to see. Where rows vanish without a trace (clear, restore, data that was seeded
anew, tombstones pruned) the `epoch` grows, and whoever sees a new epoch reads its tables again.

What survives. A write is in the file's log (the `-wal` file beside it) before its method returns, so
killing the process loses nothing. A power cut or a crash of the operating system may cost the last writes,
never the file, unless `synchronous="full"`, which waits for the disk at each write: ten times slower on
a fast disk, far more on others.

Waiting. All transactions are short and synchronous, so coroutines of one process never meet inside one. While
another process writes, SQLite answers SQLITE_BUSY at once, and the coroutine pauses, longer each time.

A store belongs to one thread, and to one process: open it after a fork, never before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar

import msgspec

from understudy.state.sqlite_file import RECOVER, code, open_file, told
from understudy.state.store import (
    ABSENT,
    DEFAULT_MAX_ROWS,
    DELETE,
    KEEP,
    CheckedRows,
    Duplicate,
    NotANumber,
    Rows,
    StoreError,
    StoreFull,
    is_number,
)
from understudy.state.values import check_name, encode

R = TypeVar("R")

FIRST_PAUSE_S = 0.001
LONGEST_PAUSE_S = 0.05
LONGEST_WAIT_S = 10.0
"""The sum of the pauses after which a step gives up: somebody holds the lock for good."""
COUNT_WAIT_MS = 1000
"""How long `count`, which cannot suspend, blocks the event loop at most while another process writes."""
MAX_TOMBSTONES = 10_000
"""Deleted rows that stay in the file, if there are not more rows than that."""
MAX_COPIES = 10_000
"""Tables of which a copy is held: those without rows do not count for `max_rows`."""

READ = "BEGIN"
WRITE = "BEGIN IMMEDIATE"
DATA_VERSION = "PRAGMA data_version"
UPDATE = "UPDATE row SET seq = ?, value = ? WHERE space = ? AND tbl = ? AND key = ?"
UPSERT = (
    "INSERT INTO row (seq, space, tbl, key, position, value) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (space, tbl, key) DO UPDATE"
    " SET seq = excluded.seq, position = excluded.position, value = excluded.value"
)
MEANT = "(:space IS NULL OR space = :space) AND (:tbl IS NULL OR tbl = :tbl)"
COUNT_MEANT = f"SELECT count(*) FROM row WHERE value IS NOT NULL AND {MEANT}"  # noqa: S608 - a constant
DELETE_MEANT = f"DELETE FROM row WHERE {MEANT}"  # noqa: S608
DELETE_SEEDS_MEANT = f"DELETE FROM seed WHERE {MEANT}"  # noqa: S608

_decode = msgspec.json.Decoder().decode


class _Turn(Enum):
    BUSY = "another process holds the lock"


_BUSY: Final = _Turn.BUSY


class _Copy:
    """What this process knows of one table."""

    __slots__ = ("rows", "version", "view")

    def __init__(self, rows: dict[str, Any], version: int) -> None:
        self.rows = rows
        self.view = MappingProxyType(rows)
        self.version = version


class SqliteStore:
    """Rows in a file, at most `max_rows` of them.

    The file is made, for its owner only, if there is none. `pause` waits so many seconds and lets others
    run. Opening may block for a moment, and so may `count`; the first use of a table reads all of it (a bit
    over a second for a million rows). Raises StoreError when the file cannot be used.
    """

    def __init__(
        self,
        path: Path,
        *,
        pause: Callable[[float], Awaitable[None]],
        max_rows: int = DEFAULT_MAX_ROWS,
        synchronous: Literal["normal", "full"] = "normal",
    ) -> None:
        self._path = path.absolute()
        self._pause = pause
        self._max_rows = max_rows
        self._copies: dict[tuple[str, str], _Copy] = {}
        self._seeds: dict[tuple[str, str], str] = {}
        self._inside = False  # a transaction
        self._used = self._gone = self._seq = 0
        self._epoch = self._data_version = -1  # nothing has been read
        self._connection = open_file(self._path, synchronous)
        self._execute = self._connection.cursor().execute

    async def get(self, space: str, table: str, key: str, default: Any = None) -> Any:
        place = (space, table)
        copy = self._fresh(place)
        if copy is None:
            copy = await self._step(READ, self._copy, place)
        return copy.rows.get(key, default)

    async def put(self, space: str, table: str, key: str, value: Any) -> None:
        await self._step(WRITE, self._write, (space, table), key, value)

    async def delete(self, space: str, table: str, key: str) -> bool:
        return await self._step(WRITE, self._delete, (space, table), key)

    async def add(self, space: str, table: str, key: str, amount: int = 1, start: int = 0) -> int:
        return await self._step(WRITE, self._add, (space, table), key, start + amount, amount)

    async def change(self, space: str, table: str, key: str, how: Callable[[Any], tuple[Any, R]]) -> R:
        return await self._step(WRITE, self._change, (space, table), key, how)

    async def insert(
        self, space: str, table: str, make: Callable[[Rows], tuple[str, Any]]
    ) -> tuple[str, Any]:
        return await self._step(WRITE, self._insert, (space, table), make)

    async def rows(self, space: str, table: str) -> Rows:
        place = (space, table)
        copy = self._fresh(place)
        if copy is None:
            copy = await self._step(READ, self._copy, place)
        return Rows(copy.version, copy.view)

    async def see(self, space: str, tables: Sequence[str]) -> list[Mapping[str, Any]]:
        if self._is_fresh():
            copies = [self._copies.get((space, table)) for table in tables]
            if None not in copies:
                return [copy.view for copy in copies if copy is not None]
        return await self._step(READ, self._see, space, tables)

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
        if known is None or (known != fingerprint and replace) or not self._is_fresh():
            await self._step(WRITE, self._seed, place, fingerprint, make, replace)

    async def clear(self, space: str | None = None, table: str | None = None) -> int:
        return await self._step(WRITE, self._clear, space, table)

    async def tables(self, space: str) -> list[str]:
        return await self._step(
            READ, self._names, "SELECT DISTINCT tbl FROM row WHERE space = ? AND value IS NOT NULL", (space,)
        )

    async def spaces(self) -> list[str]:
        return await self._step(
            READ, self._names, "SELECT DISTINCT space FROM row WHERE value IS NOT NULL", ()
        )

    async def snapshot(self, space: str) -> dict[str, dict[str, Any]]:
        return await self._step(READ, self._snapshot, space)

    async def restore(self, space: str, snapshot: Mapping[str, Mapping[str, Any]]) -> None:
        await self._step(WRITE, self._restore, space, snapshot)

    def count(self, space: str, table: str, key: str, start: int, step: int) -> int:
        total = self._attempt(WRITE, self._add, ((space, table), key, start, step))
        if total is _BUSY:
            # SQLite itself may wait this once, since there is no way to suspend.
            self._execute(f"PRAGMA busy_timeout = {COUNT_WAIT_MS}")
            try:
                total = self._attempt(WRITE, self._add, ((space, table), key, start, step))
            finally:
                self._execute("PRAGMA busy_timeout = 0")
            if total is _BUSY:
                raise self._held(COUNT_WAIT_MS / 1000)
        return total

    async def close(self) -> None:
        """Move the log into the file, so that the file alone is everything, and close it."""
        with suppress(
            sqlite3.Error
        ):  # others may hold it: whoever closes last does it, or whoever opens next
            self._execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._copies.clear()
        self._connection.close()

    # Steps: one transaction each, without an await in between.

    async def _step(self, begin: str, work: Callable[..., R], *args: Any) -> R:
        """One transaction; waits for its turn."""
        result = self._attempt(begin, work, args)
        pause, waited = FIRST_PAUSE_S, 0.0
        while result is _BUSY:
            if waited >= LONGEST_WAIT_S:
                raise self._held(waited)
            await self._pause(pause)
            waited += pause
            pause = min(pause * 2, LONGEST_PAUSE_S)
            result = self._attempt(begin, work, args)
        return result

    def _attempt(self, begin: str, work: Callable[..., R], args: tuple[Any, ...]) -> R | Literal[_Turn.BUSY]:
        """What `work` gives, in a transaction; _BUSY, and `work` was not called, if it is another's turn."""
        if self._inside:  # `count` within `how` or `make`
            return work(*args)
        try:
            self._execute(begin)
            self._refresh()
        except sqlite3.Error as error:
            self._roll_back()
            if code(error) == sqlite3.SQLITE_BUSY:
                return _BUSY
            raise told(self._path, error) from error
        except BaseException:
            self._roll_back()
            raise
        before = self._seq
        self._inside = True
        try:
            result = work(*args)
            self._execute("COMMIT")
        except BaseException as error:
            self._roll_back()
            if self._seq != before:  # something had been written: the copies are wrong
                self._forget()
                self._epoch = self._data_version = -1
            if isinstance(error, sqlite3.Error):
                raise told(self._path, error) from error
            raise
        finally:
            self._inside = False
        return result

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):  # the error that led here is the one to tell
            if self._connection.in_transaction:
                self._execute("ROLLBACK")

    def _is_fresh(self) -> bool:
        """Whether what is known here is what the file has."""
        try:
            return bool(self._execute(DATA_VERSION).fetchone()[0] == self._data_version)
        except sqlite3.Error:
            return False  # the step that follows tells what is wrong

    def _fresh(self, place: tuple[str, str]) -> _Copy | None:
        """The copy of a table, if there is one and it is what the file has."""
        copy = self._copies.get(place)
        return copy if copy is not None and self._is_fresh() else None

    def _refresh(self) -> None:
        """Take over what other connections changed."""
        data_version = self._execute(DATA_VERSION).fetchone()[0]
        if data_version == self._data_version:
            return
        used, gone, epoch, last = self._execute("SELECT used, gone, epoch, last FROM state").fetchone()
        newest = self._execute("SELECT max(seq) FROM row").fetchone()[0]
        seq = max(last, newest or 0)
        if epoch != self._epoch:
            self._forget()
        elif self._copies:
            self._take_over(seq)
        self._used, self._gone, self._epoch, self._seq = used, gone, epoch, seq
        self._data_version = data_version

    def _take_over(self, seq: int) -> None:
        """Bring the copies from `self._seq` to `seq`."""
        # In the order of creation, since rows that were created in between go to the end in that order.
        changed = self._execute(
            "SELECT space, tbl, key, position, value FROM row WHERE seq > ? ORDER BY position", (self._seq,)
        )
        for space, table, key, position, value in changed:
            copy = self._copies.get((space, table))
            if copy is None:
                continue
            if value is None or position > self._seq:
                copy.rows.pop(key, None)
            if value is not None:
                copy.rows[key] = self._value(table, key, value)
            copy.version = seq

    def _forget(self) -> None:
        self._copies.clear()
        self._seeds.clear()

    def _see(self, space: str, tables: Sequence[str]) -> list[Mapping[str, Any]]:
        return [self._copy((space, table)).view for table in tables]

    def _copy(self, place: tuple[str, str]) -> _Copy:
        """The copy of a table, read if there is none."""
        copy = self._copies.get(place)
        if copy is None:
            for name in place:
                check_name(place[1], name)
            if len(self._copies) >= MAX_COPIES:
                self._copies.clear()
            found = self._execute(
                "SELECT key, value FROM row WHERE space = ? AND tbl = ? AND value IS NOT NULL"
                " ORDER BY position",
                place,
            )
            rows = {key: self._value(place[1], key, value) for key, value in found}
            copy = self._copies[place] = _Copy(rows, self._seq)
        return copy

    def _value(self, table: str, key: str, text: bytes) -> Any:
        try:
            return _decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            raise StoreError(
                f"{self._path}: row {key!r} of {table!r} is damaged ({error}): {RECOVER}"
            ) from None

    def _write(self, place: tuple[str, str], key: str, value: Any) -> None:
        text = encode(place[1], value)
        copy = self._copy(place)
        seq = self._seq + 1
        if key in copy.rows:
            self._execute(UPDATE, (seq, text, *place, key))
        else:
            if self._used >= self._max_rows:
                raise StoreFull(place[1], self._max_rows)
            check_name(place[1], key)
            self._execute(UPSERT, (seq, *place, key, seq, text))
            self._execute("UPDATE state SET used = used + 1")
            self._used += 1
        self._seq = copy.version = seq
        copy.rows[key] = value

    def _delete(self, place: tuple[str, str], key: str) -> bool:
        copy = self._copy(place)
        if key not in copy.rows:
            return False
        seq = self._seq + 1
        self._execute(UPDATE, (seq, None, *place, key))
        self._execute("UPDATE state SET used = used - 1, gone = gone + 1")
        self._seq = copy.version = seq
        self._used -= 1
        self._gone += 1
        del copy.rows[key]
        if self._gone > max(MAX_TOMBSTONES, self._used):
            self._execute("DELETE FROM row WHERE value IS NULL")
            self._vanished(removed=0, gone=0)
        return True

    def _add(self, place: tuple[str, str], key: str, first: int, amount: int) -> int:
        old = self._copy(place).rows.get(key, ABSENT)
        if old is not ABSENT and not is_number(old):
            raise NotANumber(place[1], key, old)
        total: int = first if old is ABSENT else old + amount
        self._write(place, key, total)
        return total

    def _change(self, place: tuple[str, str], key: str, how: Callable[[Any], tuple[Any, R]]) -> R:
        new, result = how(self._copy(place).rows.get(key, ABSENT))
        if new is DELETE:
            self._delete(place, key)
        elif new is not KEEP:
            self._write(place, key, new)
        return result

    def _insert(self, place: tuple[str, str], make: Callable[[Rows], tuple[str, Any]]) -> tuple[str, Any]:
        copy = self._copy(place)
        key, value = make(Rows(copy.version, copy.view))
        if key in self._copy(place).rows:
            raise Duplicate(key)
        self._write(place, key, value)
        return key, value

    def _seed(
        self,
        place: tuple[str, str],
        fingerprint: str,
        make: Callable[[], Iterable[tuple[str, Any]] | CheckedRows],
        replace: bool,
    ) -> None:
        rows = self._copy(place).rows
        found = self._execute("SELECT fingerprint FROM seed WHERE space = ? AND tbl = ?", place).fetchone()
        if found is not None and (found[0] == fingerprint or not replace):
            self._seeds[place] = found[0]
            return
        if found is not None or not rows:
            made = make()
            self._fill(place, made.items() if isinstance(made, CheckedRows) else made)
        if found is None:
            self._make_room(place[1], 1)
        else:  # others may remember the old fingerprint
            self._vanished(removed=0, gone=self._gone)
        self._execute("INSERT OR REPLACE INTO seed VALUES (?, ?, ?)", (*place, fingerprint))
        self._seeds[place] = fingerprint

    def _clear(self, space: str | None, table: str | None) -> int:
        return self._remove(space, table, with_seeds=True)

    def _restore(self, space: str, snapshot: Mapping[str, Mapping[str, Any]]) -> None:
        check_name("", space)
        self._remove(space, None, with_seeds=False)
        for table, rows in snapshot.items():
            self._fill((space, table), rows.items())

    def _names(self, query: str, parameters: tuple[str, ...]) -> list[str]:
        return sorted(name for (name,) in self._execute(query, parameters))

    def _snapshot(self, space: str) -> dict[str, dict[str, Any]]:
        check_name("", space)
        found: dict[str, dict[str, Any]] = {}
        for table, key, value in self._execute(
            "SELECT tbl, key, value FROM row WHERE space = ? AND value IS NOT NULL ORDER BY position",
            (space,),
        ):
            found.setdefault(table, {})[key] = self._value(table, key, value)
        return found

    def _fill(self, place: tuple[str, str], pairs: Iterable[tuple[str, Any]]) -> None:
        """Replace a table."""
        space, table = place
        if self._copy(place).rows:
            self._remove(space, table, with_seeds=False)
        written: dict[str, Any] = {}
        texts: list[tuple[Any, ...]] = []
        for seq, (key, value) in enumerate(pairs, self._seq + 1):
            if key in written:
                raise Duplicate(key)
            check_name(table, key)
            texts.append((seq, space, table, key, seq, encode(table, value)))
            written[key] = value
        self._make_room(table, len(written))
        self._connection.executemany(UPSERT, texts)
        self._seq += len(texts)
        self._copies[place] = _Copy(written, self._seq)

    def _make_room(self, table: str, rows: int) -> None:
        if self._used + rows > self._max_rows:
            raise StoreFull(table, self._max_rows)
        self._used += rows
        self._execute("UPDATE state SET used = ?", (self._used,))

    def _remove(self, space: str | None, table: str | None, *, with_seeds: bool) -> int:
        """Remove rows without a trace; how many."""
        meant = {"space": space, "tbl": table}
        (rows,) = self._execute(COUNT_MEANT, meant).fetchone()
        seeds = self._execute(DELETE_SEEDS_MEANT, meant).rowcount if with_seeds else 0
        if rows or seeds:
            self._execute(DELETE_MEANT, meant)
            self._forget()
            self._vanished(removed=rows + seeds, gone=self._gone)
        return int(rows)

    def _vanished(self, *, removed: int, gone: int) -> None:
        """Make the others read their tables again."""
        self._seq += 1
        self._epoch += 1
        self._used -= removed
        self._gone = gone
        self._execute(
            "UPDATE state SET used = ?, gone = ?, epoch = ?, last = ?",
            (self._used, self._gone, self._epoch, self._seq),
        )

    def _held(self, waited_s: float) -> StoreError:
        return StoreError(
            f"{self._path}: others have been writing for {waited_s:.0f} s without a break: end them, or give "
            "this process a file of its own"
        )
