"""What the provider remembers: codes and refresh tokens, each good once, and what was revoked.

A grant is one consent of one user; all tokens that come from it have its id in front of their `jti`, so that
they can be revoked together (RFC 7009 section 2.1, RFC 9700 section 4.14.2).
"""

from __future__ import annotations

from typing import Any

from understudy.simulate.auth.rows import put_bounded
from understudy.simulate.exchange import Exchange
from understudy.state import ABSENT, KEEP

CODES = "oauth:codes"
REFRESH = "oauth:refresh"
REVOKED = "oauth:revoked"
GRANT_END = "."


class Used(Exception):
    """What is good once came a second time: `row` is what it stood for."""

    def __init__(self, row: dict[str, Any]) -> None:
        super().__init__()
        self.row = row


async def keep(exchange: Exchange, table: str, row: dict[str, Any]) -> str:
    """Remember a code or a token; its text."""
    text = exchange.keys.token()
    await put_bounded(exchange, table, text, {**row, "used": False})
    return text


async def take(exchange: Exchange, table: str, text: str) -> dict[str, Any] | None:
    """What a code or token stands for, which is used up by this; None if it is unknown or over.

    Raises Used. One step of the store, so that of many requests at a time only one gets it.
    """

    def use(row: Any) -> tuple[Any, tuple[dict[str, Any] | None, bool]]:
        if row is ABSENT or row["expires_at"] <= exchange.now:
            return KEEP, (None, False)
        if row["used"]:
            return KEEP, (row, True)
        return {**row, "used": True}, (row, False)

    row, was_used = await exchange.store.change(exchange.space, table, text, use)
    if row is not None and was_used:
        raise Used(row)
    return row


async def look_up(exchange: Exchange, table: str, text: str) -> dict[str, Any] | None:
    """What a token stands for that is good now."""
    row: dict[str, Any] | None = await exchange.store.get(exchange.space, table, text)
    if row is None or row["used"] or row["expires_at"] <= exchange.now:
        return None
    return None if await is_revoked(exchange, {"jti": row["grant"]}) else row


async def revoke(exchange: Exchange, id_: str, expires_at: float) -> None:
    """Let a grant, or the token of that `jti`, be good no more."""
    await put_bounded(exchange, REVOKED, id_, {"expires_at": expires_at})


async def is_revoked(exchange: Exchange, claims: dict[str, Any]) -> bool:
    """Whether a token, or the grant it comes from, was revoked."""
    rows = (await exchange.store.rows(exchange.space, REVOKED)).items
    if not rows:
        return False
    jti = str(claims.get("jti", ""))
    return jti in rows or jti.partition(GRANT_END)[0] in rows
