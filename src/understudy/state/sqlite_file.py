"""The file of a SqliteStore: making it, opening it, and saying what is wrong with it."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path
from typing import Literal

from understudy.state.store import StoreError

OPEN_WAIT_MS = 10_000
"""How long opening waits while others open or write."""
OPEN_ATTEMPTS = 100
PAGE_BYTES = 1024
"""A commit writes whole pages and sums them up; small ones make it a fifth quicker than SQLite's 4096."""
LOG_PAGES = 16_384
"""Pages in the log after which it is moved into the file, which waits for the disk."""

APPLICATION_ID = 0x756E6473  # "unds": tells our files from other programs' databases
SCHEMA_VERSION = 1
SCHEMA = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
    """CREATE TABLE row (
        position INTEGER PRIMARY KEY,  -- the seq of the change that created it: the order within a table
        seq INTEGER NOT NULL UNIQUE,  -- the number of the change that wrote it last
        space TEXT NOT NULL,
        tbl TEXT NOT NULL,
        key TEXT NOT NULL,
        value BLOB,  -- JSON, or NULL for a tombstone
        UNIQUE (space, tbl, key)
    )""",
    """CREATE TABLE seed (
        space TEXT NOT NULL,
        tbl TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        PRIMARY KEY (space, tbl)
    ) WITHOUT ROWID""",
    """CREATE TABLE state (
        used INTEGER NOT NULL,  -- rows and seeds, without tombstones
        gone INTEGER NOT NULL,  -- rows deleted since tombstones were pruned
        epoch INTEGER NOT NULL,  -- grows when rows vanish without a tombstone
        last INTEGER NOT NULL  -- the greatest seq that was given before they did
    )""",
    "INSERT INTO state VALUES (0, 0, 0, 0)",
)

RECOVER = "move it and the two files beside it (-wal, -shm) away to start anew, or put a copy in its place"
_NO_PERMISSION = (
    "no permission to write: SQLite needs it for the file and its folder, where it keeps two more "
    "(-wal, -shm): grant it, or choose another place"
)
_HELP = {
    sqlite3.SQLITE_NOTADB: "is not a SQLite database: choose another file, or move this one away",
    sqlite3.SQLITE_CORRUPT: f"is damaged: {RECOVER}",
    sqlite3.SQLITE_FULL: "the disk is full: free some space",
    sqlite3.SQLITE_BUSY: "another process holds it: end that process, or choose another file",
    sqlite3.SQLITE_READONLY: _NO_PERMISSION,
    sqlite3.SQLITE_CANTOPEN: _NO_PERMISSION,
    sqlite3.SQLITE_PERM: _NO_PERMISSION,
}


def open_file(path: Path, synchronous: Literal["normal", "full"]) -> sqlite3.Connection:
    """A connection to our database at `path`, which is made if there is none. It never waits for a lock.

    Opening itself may wait for other processes. Raises StoreError.
    """
    _create(path)
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise told(path, error) from error
    try:
        connection.execute(f"PRAGMA busy_timeout = {OPEN_WAIT_MS}")
        _prepare(path, connection)
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        connection.execute("PRAGMA busy_timeout = 0")
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise told(path, error) from error
        raise
    return connection


def told(path: Path, error: sqlite3.Error) -> StoreError:
    """What SQLite says, and what helps."""
    if isinstance(error, sqlite3.ProgrammingError):
        return StoreError(f"{path}: the store is closed ({error})")
    helps = _HELP.get(code(error), "check the disk and the folder, or choose another place")
    return StoreError(f"{path}: {helps} (SQLite: {error})")


def code(error: sqlite3.Error) -> int:
    """The primary result code (https://www.sqlite.org/rescode.html), 0 if the error is not SQLite's own."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _create(path: Path) -> None:
    """Make the file, for its owner only, if there is none."""
    # A file that is there must not be opened but by SQLite: closing it would drop the locks that another
    # connection of this process has on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    try:
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        is_file = stat.S_ISREG(path.stat().st_mode)
    except FileExistsError:
        is_file = path.is_file()  # another process was faster, or it is a link to nowhere
    except FileNotFoundError:
        raise StoreError(f"{path}: the folder is missing: make it, or choose another place") from None
    except PermissionError:
        raise StoreError(f"{path}: {_NO_PERMISSION}") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: cannot be opened ({error}): choose another place") from None
    if not is_file:
        raise StoreError(f"{path}: is not a file: choose another name")


def _prepare(path: Path, connection: sqlite3.Connection) -> None:
    """Check whose file it is, and give it the schema if it is new."""
    execute = connection.execute
    _is_new(path, connection)
    execute(f"PRAGMA page_size = {PAGE_BYTES}")
    mode = _use_log(connection)
    if mode != "wal":
        raise StoreError(
            f"{path}: processes cannot share a file here (SQLite's journal mode is {mode!r}, not 'wal'): "
            "choose a folder on a local disk"
        )
    execute("BEGIN IMMEDIATE")
    if _is_new(path, connection):  # asked again: another process may have been faster
        for statement in SCHEMA:
            execute(statement)
    execute("COMMIT")


def _is_new(path: Path, connection: sqlite3.Connection) -> bool:
    """Whether the database is empty. Raises StoreError if it is not ours."""

    def number(query: str) -> int:
        return int(connection.execute(query).fetchone()[0])

    tables, version = number("SELECT count(*) FROM sqlite_master"), number("PRAGMA user_version")
    if tables and number("PRAGMA application_id") != APPLICATION_ID:
        raise StoreError(f"{path}: is the database of another program: choose another file")
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{path}: was written by a newer Understudy (its schema is {version}, this one knows "
            f"{SCHEMA_VERSION}): update Understudy, or choose another file"
        )
    return not tables


def _use_log(connection: sqlite3.Connection) -> str:
    """Switch to the write-ahead log; the journal mode that SQLite chose."""
    for _ in range(OPEN_ATTEMPTS):
        try:
            return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if code(error) != sqlite3.SQLITE_BUSY:
                raise
            # SQLite does not wait when two processes switch at once. It does wait for a transaction.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
    return "busy"
