"""Endpoints that answer only so many times (`times`), or only so long (`ttl`)."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from understudy.match.check import Check
from understudy.model import Endpoint, duration_s
from understudy.request import Request
from understudy.simulate.exchange import Exchange, LostRace
from understudy.simulate.feature import Parts
from understudy.simulate.kit import Kit, Place
from understudy.state import ABSENT, KEEP
from understudy.state.view import COUNTERS


def add_lifetime(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Add the conditions of `times` and `ttl`, and what counts."""
    if endpoint.times is not UNSET:
        _add_times(endpoint.times, f"times/{name}", parts)
    if endpoint.ttl is not UNSET:
        _add_ttl(endpoint.ttl, name, parts, kit)


def _add_times(times: int, key: str, parts: Parts) -> None:
    def left(request: Request) -> bool:
        return request.state is None or request.state.count(key) < times

    found = "it has answered as often as it may"
    parts.checks.append(Check("times", times, left, lambda request: found, by_state=True))

    def one_more(count: Any) -> tuple[Any, bool]:
        if count is ABSENT:
            return 1, True
        return (count + 1, True) if count < times else (KEEP, False)

    async def commit(exchange: Exchange) -> None:
        if not await exchange.store.change(exchange.space, COUNTERS, key, one_more):
            raise LostRace

    parts.commits.append(commit)


def _add_ttl(ttl: float | str, name: str, parts: Parts, kit: Kit) -> None:
    lasts_s = duration_s(ttl)
    born = kit.born

    def alive(request: Request) -> bool:
        if request.state is None:
            return True
        now = request.state.now
        return now - born.setdefault(name, now) < lasts_s

    parts.checks.append(Check("ttl", ttl, alive, lambda request: "its time is over", by_state=True))
