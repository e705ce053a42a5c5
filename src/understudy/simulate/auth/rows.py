"""Rows that end by themselves: sessions, codes, tokens. Each has `expires_at`, in unix seconds."""

from __future__ import annotations

from typing import Any

from understudy.simulate.exchange import Exchange

MAX_ROWS = 10_000
"""Per table and space; the oldest go first."""
SWEEP_AT = "A"
"""Keys are random base64url, so that one write in 64 has this in front: it looks at what has ended."""


async def put_bounded(exchange: Exchange, table: str, key: str, value: dict[str, Any]) -> None:
    """Write a row; now and then, remove those that have ended and those beyond the bound."""
    await exchange.store.put(exchange.space, table, key, value)
    if key.startswith(SWEEP_AT):
        await _sweep(exchange, table)


async def _sweep(exchange: Exchange, table: str) -> None:
    rows = (await exchange.store.rows(exchange.space, table)).items
    ended = [key for key, row in rows.items() if row["expires_at"] <= exchange.now]
    beyond = len(rows) - len(ended) - MAX_ROWS
    if beyond > 0:
        gone = set(ended)
        ended += [key for key in rows if key not in gone][:beyond]
    for key in ended:
        await exchange.store.delete(exchange.space, table, key)
