"""Counts in the store: one row for each that is limited by itself, in the table `rate_limits` of each space.

A row is {"rule": what it was counted by, "until": when it says nothing any more, in unix microseconds,
"state": what the algorithm remembers}. There is a bound on rows, as their keys come from clients, and
reaching it does no harm: a limiter does not answer 507.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from understudy.simulate.exchange import Exchange
from understudy.simulate.rate_limit.algorithms import Count, Verdict
from understudy.state import ABSENT, KEEP, StoreFull

TABLE = "rate_limits"
MAX_ROWS = 10_000
"""In each space. Beyond, each new one takes the place of an old one."""
LOOKED_AT = 50
"""Rows, of those that are oldest, among which the one that ends first goes."""


async def look(exchange: Exchange, key: str, count: Count, rule: str, now: int, cost: int) -> Verdict:
    """What would become of a request."""
    row = await exchange.store.get(exchange.space, TABLE, key, ABSENT)
    return count.take(_state(row, rule), now, cost)[1]


async def take(exchange: Exchange, key: str, count: Count, rule: str, now: int, cost: int) -> Verdict | None:
    """Count a request, if it is allowed. None: the store has no room to count it."""
    is_new = False

    def how(row: Any) -> tuple[Any, Verdict]:
        nonlocal is_new
        state, verdict = count.take(_state(row, rule), now, cost)
        if not verdict.allowed:
            return KEEP, verdict
        is_new = row is ABSENT
        return {"rule": rule, "until": now + (verdict.reset or 0), "state": state}, verdict

    try:
        verdict = await exchange.store.change(exchange.space, TABLE, key, how)
    except StoreFull:
        if not await _make_room(exchange, key):
            return None
        return await _once_more(exchange, key, how)
    if is_new:
        rows = (await exchange.store.rows(exchange.space, TABLE)).items
        if len(rows) > MAX_ROWS:
            await _make_room(exchange, key)
    return verdict


async def _once_more(
    exchange: Exchange, key: str, how: Callable[[Any], tuple[Any, Verdict]]
) -> Verdict | None:
    try:
        return await exchange.store.change(exchange.space, TABLE, key, how)
    except StoreFull:  # somebody else was quicker
        return None


def _state(row: Any, rule: str) -> list[Any] | None:
    """What a row remembers; nothing if it was counted by another rule, as before a reload."""
    return None if row is ABSENT or row["rule"] != rule else row["state"]


async def _make_room(exchange: Exchange, but: str) -> bool:
    """Remove a row other than `but`: of the oldest, the one that ends first. Whether there was one."""
    rows = (await exchange.store.rows(exchange.space, TABLE)).items
    oldest = [(row["until"], key) for key, row in islice(rows.items(), LOOKED_AT) if key != but]
    if not oldest:
        return False
    return await exchange.store.delete(exchange.space, TABLE, min(oldest)[1])
