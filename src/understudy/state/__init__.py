"""Where state lives: variables, scenarios, collections, counters. `STORES` lists the places there are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from understudy.state.memory import MemoryStore
from understudy.state.store import (
    ABSENT,
    DEFAULT_MAX_ROWS,
    DELETE,
    KEEP,
    CheckedRows,
    Duplicate,
    NotANumber,
    Rows,
    Store,
    StoreError,
    StoreFull,
)

__all__ = [
    "ABSENT",
    "DEFAULT_MAX_ROWS",
    "DELETE",
    "KEEP",
    "STORES",
    "CheckedRows",
    "Duplicate",
    "MemoryStore",
    "NotANumber",
    "Rows",
    "Store",
    "StoreError",
    "StoreFull",
    "open_store",
]

Pause = Callable[[float], Awaitable[None]]
"""Waits so many seconds and lets others run: `asyncio.sleep` on an event loop."""


def _memory(path: Path | None, pause: Pause, max_rows: int) -> Store:
    return MemoryStore(max_rows=max_rows)


def _sqlite(path: Path | None, pause: Pause, max_rows: int) -> Store:
    from understudy.state.sqlite import SqliteStore  # not needed by a plain start

    if path is None:
        raise StoreError("a store of kind 'sqlite' needs a file: give its path")
    return SqliteStore(path, pause=pause, max_rows=max_rows)


STORES: dict[str, Callable[[Path | None, Pause, int], Store]] = {
    "memory": _memory,
    "sqlite": _sqlite,
}
"""Name in a config -> what opens it."""


def open_store(
    kind: str, *, path: Path | None = None, pause: Pause, max_rows: int = DEFAULT_MAX_ROWS
) -> Store:
    """A store from the table. `path` is the file of those that have one. Raises StoreError."""
    return STORES[kind](path, pause, max_rows)
