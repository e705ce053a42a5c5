"""The stage of `rate_limit`: it lets a request through if all limits of the endpoint do."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET

from understudy.model import Endpoint
from understudy.simulate.exchange import Exchange
from understudy.simulate.feature import Parts
from understudy.simulate.kit import Kit, Place
from understudy.simulate.rate_limit import holding, rows
from understudy.simulate.rate_limit.algorithms import Verdict
from understudy.simulate.rate_limit.algorithms.base import divided_up
from understudy.simulate.rate_limit.headers import Standing, limit_headers, retry_after, wait_of
from understudy.simulate.rate_limit.rules import Limit, check_shared, compile_limits
from understudy.state.view import OWNER_END
from understudy.steps import Header, Injected, Reply, json_reply

KIND = "rate_limit"
"""What the log calls a refusal."""
TOO_MANY_REQUESTS = 429


def add_rate_limit(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Add the stage that counts requests."""
    check_shared(kit)
    if endpoint.rate_limit is UNSET:
        return
    limits = compile_limits(endpoint.rate_limit, name, kit, (*place, "rate_limit"))
    if limits:
        parts.before.append(Limiter(limits, kit.constant_headers))


class Limiter:
    """Counts requests, and refuses those above a limit. A request that one limit refuses counts for none."""

    __slots__ = ("_headers", "_limits")

    def __init__(self, limits: tuple[Limit, ...], headers: tuple[Header, ...]) -> None:
        self._limits = limits
        self._headers = headers

    async def __call__(self, exchange: Exchange) -> Reply | None:
        now = round(exchange.now * 1e6)
        keyed = [(limit, limit.key(exchange.request)) for limit in self._limits]
        standings = await _take_all(exchange, keyed, now)
        exchange.headers += limit_headers(standings, now)
        refusing = [one for one in standings if not one.verdict.allowed]
        return await self._refuse(exchange, refusing, now) if refusing else None

    async def _refuse(self, exchange: Exchange, refusing: Sequence[Standing], now: int) -> Reply:
        wait = wait_of(refusing)
        retry_s = divided_up(wait, 1_000_000)
        for limit, verdict in refusing:
            detail = f"{limit.name}: {limit.described}"
            if verdict.wait is not None:
                detail += f"; again in {verdict.wait / 1e6:.3f} s"
            exchange.plan.injected += (Injected(KIND, limit.source, detail=detail),)  # and no fault
            exchange.injected[exchange.endpoint, KIND, limit.source] += 1
        limit = max(refusing, key=lambda one: wait_of([one])).limit
        if limit.respond is None:
            body = {
                "error": "Too many requests",
                "message": f"the limit is {limit.described}; try again in {retry_s} s",
                "limit": limit.name,
            }
            reply = json_reply(TOO_MANY_REQUESTS, body, self._headers)
        else:
            reply = await _written(exchange, limit, retry_s)
        has = {name.lower() for name, _ in reply.headers}
        extra = retry_after(limit.headers, wait, now)
        return reply.with_headers(tuple(header for header in extra if header[0].lower() not in has))


async def _written(exchange: Exchange, limit: Limit, retry_s: int) -> Reply:
    """The reply that the config describes."""
    assert limit.respond is not None, "it was asked before"
    await exchange.prepare()
    exchange.scope.extra = {
        "rate_limit": {
            "name": limit.name,
            "limit": limit.quota,
            "window_s": limit.window_s,
            "retry_after_s": retry_s,
        }
    }
    try:
        steps = limit.respond(exchange.request)
    finally:
        exchange.scope.extra = {}
    reply = steps[0]
    assert isinstance(reply, Reply), "checked when it was compiled"
    return reply


# --- counting -----------------------------------------------------------------------------------------------

Keyed = tuple[Limit, str]
"""A limit, and the row in which it counts this request."""


async def _take_all(exchange: Exchange, keyed: Sequence[Keyed], now: int) -> list[Standing]:
    """Count the request for all limits, or, if one refuses it, for none; how they stand then."""
    if len(keyed) > 1:
        seen = [await _look(exchange, limit, key, now, limit.cost) for limit, key in keyed]
        if not all(verdict.allowed for verdict in seen):
            return await _refused(exchange, keyed, seen, now)
    taken: list[Verdict] = []
    releases = len(exchange.releases)
    for limit, key in keyed:
        verdict = await _take(exchange, limit, key, now)
        if not verdict.allowed:  # of several, only if another process was quicker since they were looked at
            for release in exchange.releases[releases:]:
                release()
            del exchange.releases[releases:]
            for other, at in keyed[: len(taken)]:
                await _give_back(exchange, other, at, now)
            return await _refused(exchange, keyed, [*taken, verdict], now)
        taken.append(verdict)
    return [Standing(limit, verdict) for (limit, _), verdict in zip(keyed, taken, strict=True)]


async def _refused(
    exchange: Exchange, keyed: Sequence[Keyed], verdicts: Sequence[Verdict], now: int
) -> list[Standing]:
    """How the limits stand when some have refused the request: those that have not do not count it."""
    standings = []
    for number, (limit, key) in enumerate(keyed):
        refuses = number < len(verdicts) and not verdicts[number].allowed
        verdict = verdicts[number] if refuses else await _look(exchange, limit, key, now, 0)
        standings.append(Standing(limit, verdict))
    return standings


async def _look(exchange: Exchange, limit: Limit, key: str, now: int, cost: int) -> Verdict:
    """What would become of the request."""
    if limit.counter is None:
        return holding.look(exchange.held, _held_key(exchange, key), limit.most, cost)
    known: Verdict | None = exchange.passed.get(key)
    return known or await rows.look(exchange, key, limit.counter, limit.rule, now, cost)


async def _take(exchange: Exchange, limit: Limit, key: str, now: int) -> Verdict:
    """Count the request, unless it was counted when it was matched before."""
    if limit.counter is None:
        verdict, let_go = holding.take(exchange.held, _held_key(exchange, key), limit.most, limit.cost)
        if verdict.allowed:
            exchange.releases.append(let_go)
        return verdict
    known: Verdict | None = exchange.passed.get(key)
    if known is not None:
        return known
    found = await rows.take(exchange, key, limit.counter, limit.rule, now, limit.cost)
    if found is None:
        exchange.plan.error = f"the rate limit {limit.name} does not count this request: the store is full"
        return limit.counter.take(None, now, limit.cost)[1]
    if found.allowed:
        exchange.passed[key] = found
    return found


async def _give_back(exchange: Exchange, limit: Limit, key: str, now: int) -> None:
    """Make as if the request had not been counted."""
    if limit.counter is not None and exchange.passed.pop(key, None) is not None:
        await rows.take(exchange, key, limit.counter, limit.rule, now, -limit.cost)


def _held_key(exchange: Exchange, key: str) -> str:
    return f"{exchange.space}{OWNER_END}{key}"
