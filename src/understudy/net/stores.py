"""Which store a config asks for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from understudy.state import Store, open_store

if TYPE_CHECKING:
    from understudy.program import Program

IN_MEMORY = "memory"


def store_of(program: Program) -> Store:
    """Open the store that the config names. Raises UnderstudyError where it cannot be used."""
    state = program.state
    if state.store == IN_MEMORY:
        return open_store("memory", pause=asyncio.sleep, max_rows=state.max_rows)
    path = program.loaded.resolve(state.store)
    return open_store("sqlite", path=path, pause=asyncio.sleep, max_rows=state.max_rows)
