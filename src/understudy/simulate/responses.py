"""Several answers of one endpoint: one after the other, by lot, by condition, or by `Accept`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from understudy.match import ConditionError, Conditions, compile_match
from understudy.match.accept import best
from understudy.match.check import Check
from understudy.match.per import compile_per
from understudy.model import Choice, Endpoint, Responses
from understudy.model.parts import merge_headers
from understudy.render.draws import Draws
from understudy.request import Request
from understudy.simulate.content import Respond, compile_content, media_type
from understudy.simulate.exchange import Exchange, LostRace
from understudy.simulate.feature import Parts
from understudy.simulate.kit import Kit, Place
from understudy.simulate.latency import compile_latency
from understudy.state import ABSENT, KEEP
from understudy.state.view import COUNTERS
from understudy.steps import Reply, Step, json_reply


class _Option(NamedTuple):
    respond: Respond
    conditions: Conditions | None
    weight: float
    latency_s: Callable[[Draws], float] | None
    media_type: str


def add_responses(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Add what chooses one of the `responses`."""
    if endpoint.responses is UNSET:
        return
    short = isinstance(endpoint.responses, list)
    written = (
        Responses(choices=endpoint.responses) if isinstance(endpoint.responses, list) else endpoint.responses
    )
    base = (*place, "responses") if short else (*place, "responses", "choices")
    if not written.choices:
        kit.problem((*place, "responses"), "a list of responses has at least one")
        return
    _unused(written, kit, (*place, "responses"), base)
    options = [
        _option(endpoint, choice, parts, kit, (*base, number))
        for number, choice in enumerate(written.choices)
    ]
    if any(option is None for option in options):
        return
    _MODES[written.kind]([option for option in options if option is not None], written, name, parts)


def _unused(written: Responses, kit: Kit, place: Place, base: Place) -> None:
    """A problem for each key that the way of choosing would not look at."""
    mode = written.kind
    for number, choice in enumerate(written.choices):
        for key, of in (("match", "conditional"), ("weight", "weighted")):
            if getattr(choice, key) is not UNSET and mode != of:
                message = f"`{key}` is for `mode: {of}`, but these are chosen by `{mode}`"
                kit.problem((*base, number, key), f"{message}: leave one out")
    if mode != "sequence":
        for key, default in (("per", UNSET), ("then", "repeat")):
            if getattr(written, key) != default:
                kit.problem(
                    (*place, key), f"`{key}` is for `mode: sequence`, but these are chosen by `{mode}`"
                )


def _option(endpoint: Endpoint, choice: Choice, parts: Parts, kit: Kit, place: Place) -> _Option | None:
    conditions = None
    if choice.match is not UNSET:
        try:
            conditions = compile_match(choice.match, parts.pattern)
        except ConditionError as error:
            kit.problem((*place, "match", *error.keys), error.message)
            return None
        conditions.owner = parts.owner if conditions.by_state else None
    full = msgspec.structs.replace(
        choice,
        status=endpoint.status if choice.status is UNSET else choice.status,
        headers=merge_headers(
            {} if endpoint.headers is UNSET else endpoint.headers,
            {} if choice.headers is UNSET else choice.headers,
        ),
    )
    respond = compile_content(full, kit, place)
    if respond is None:
        return None
    weight = 1.0 if choice.weight is UNSET else choice.weight
    latency_s = compile_latency(choice.latency_ms, kit, (*place, "latency_ms"))
    return _Option(respond, conditions, weight, latency_s, media_type(full))


async def _send(option: _Option, exchange: Exchange) -> tuple[Step, ...]:
    if option.latency_s is not None:
        exchange.plan.latency_s = option.latency_s(exchange.draws)
    await exchange.prepare()
    return option.respond(exchange.request)


def _sequence(options: Sequence[_Option], written: Responses, name: str, parts: Parts) -> None:
    """One after the other; each `per` has its own place."""
    of = compile_per(written.per) if written.per is not UNSET else lambda request: ""
    count = len(options)
    ends = written.then == "end"

    def key(request: Request) -> str:
        owner = of(request)
        return f"responses/{name}/{owner}" if owner else f"responses/{name}"

    if ends:
        parts.checks.append(
            Check(
                "responses",
                f"{count} in all",
                lambda request: request.state is None or request.state.count(key(request)) < count,
                lambda request: "the last one was sent",
                by_state=True,
            )
        )

    def take(number: Any) -> tuple[Any, int | None]:
        number = 0 if number is ABSENT else number
        return (number + 1, number) if not ends or number < count else (KEEP, None)

    async def produce(exchange: Exchange) -> tuple[Step, ...]:
        number = await exchange.store.change(exchange.space, COUNTERS, key(exchange.request), take)
        if number is None:
            raise LostRace
        place = number % count if written.then == "cycle" else min(number, count - 1)
        return await _send(options[place], exchange)

    parts.produce = produce


def _weighted(options: Sequence[_Option], written: Responses, name: str, parts: Parts) -> None:
    """By lot: each as often as its share of all weights."""
    bounds = list(accumulate(option.weight for option in options))
    total = bounds[-1] or 1.0

    async def produce(exchange: Exchange) -> tuple[Step, ...]:
        drawn = exchange.draws.unit("responses") * total
        place = next((number for number, bound in enumerate(bounds) if drawn < bound), len(options) - 1)
        return await _send(options[place], exchange)

    parts.produce = produce


def _conditional(options: Sequence[_Option], written: Responses, name: str, parts: Parts) -> None:
    """The first whose condition holds. Where none does, the endpoint does not take the request."""

    def find(request: Request) -> _Option | None:
        for option in options:
            if option.conditions is None or option.conditions.matches(request):
                return option
        return None

    by_state = any(option.conditions is not None and option.conditions.by_state for option in options)
    by_body = any(option.conditions is not None and option.conditions.by_body for option in options)
    if all(option.conditions is not None for option in options):
        parts.checks.append(
            Check(
                "responses",
                "one whose `match` fits",
                lambda request: find(request) is not None,
                lambda request: [
                    option.conditions.explain(request) for option in options if option.conditions
                ],
                by_state=by_state,
                by_body=by_body,
            )
        )

    async def produce(exchange: Exchange) -> tuple[Step, ...]:
        if by_state:
            await exchange.state.refresh(exchange.store)
        option = find(exchange.request)
        if option is None:
            raise LostRace
        return await _send(option, exchange)

    parts.produce = produce


def _negotiated(options: Sequence[_Option], written: Responses, name: str, parts: Parts) -> None:
    """The type that the client likes best (RFC 9110 section 12.5.1); 406 where it likes none."""
    offered = [option.media_type for option in options]

    async def produce(exchange: Exchange) -> tuple[Step, ...]:
        chosen = best(exchange.request.header("accept"), offered)
        if chosen is None:
            body = {"error": "Not acceptable", "offered": list(dict.fromkeys(offered))}
            return (json_reply(406, body, ((b"Vary", b"Accept"),)),)
        return _varying(await _send(options[offered.index(chosen)], exchange))

    parts.produce = produce


def _varying(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The same answer, saying that it depends on what was accepted (RFC 9110 section 12.5.5)."""
    first = steps[0]
    if not isinstance(first, Reply):
        return steps
    names = {name.lower() for name, _ in first.headers}
    return steps if b"vary" in names else (first.with_headers(((b"Vary", b"Accept"),)), *steps[1:])


_MODES: dict[str, Callable[[Sequence[_Option], Responses, str, Parts], None]] = {
    "sequence": _sequence,
    "weighted": _weighted,
    "conditional": _conditional,
    "negotiated": _negotiated,
}
