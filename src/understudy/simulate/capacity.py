"""`capacity`: a request is worked on when a worker is free, waits in a queue before that, or is shed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from msgspec import UNSET

from understudy.load.hints import nearest
from understudy.model import Capacity, Endpoint, Overflow, Responses
from understudy.model.faults import FOREVER_S
from understudy.render.draws import Draws
from understudy.simulate.content import constant_reply
from understudy.simulate.exchange import Broken, Exchange, Finish, Stage
from understudy.simulate.feature import Parts
from understudy.simulate.kit import Kit, Place
from understudy.simulate.latency import compile_latency
from understudy.simulate.station import Name, Station, Turn
from understudy.steps import HangUp, Injected, Reply, Reset, Step, Wait

KIND = "capacity"
"""What the log calls it."""
DEFAULT_BODY = {"error": "Over capacity"}
_BROKEN: dict[str, tuple[Step, ...]] = {"reset": (Reset(),), "hang": (Wait(FOREVER_S), HangUp())}
"""What `overflow` is called where it is no reply → what happens to the connection."""


@dataclass(frozen=True, slots=True)
class _Limit:
    """A compiled capacity. `work_s` is None where requests are worked on for as long as their latency is."""

    name: Name
    concurrency: int
    queue: int
    work_s: Callable[[Draws], float] | None
    overflow: Reply | tuple[Step, ...]

    @property
    def source(self) -> str:
        """What the log says of it."""
        kind, name = self.name
        return f"capacity {name}" if kind == KIND else kind

    def station(self, exchange: Exchange) -> Station:
        """Where a request is worked on."""
        return exchange.stations.at(exchange.space, self.name, self.concurrency, self.queue)


@dataclass(slots=True)
class _Shared:
    """The capacities of the config by name, None after a problem; and where it was warned of idle ones."""

    limits: dict[str, _Limit | None]
    warned: set[str] = field(default_factory=set)


def add_capacity(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Add the stage that gives requests their turn."""
    shared = _shared(kit)
    written = endpoint.capacity
    if written is UNSET or written is False:
        return
    place = (*place, "capacity")
    if isinstance(written, str):
        limit = _named(written, shared, kit, place)
    elif written is True:
        kit.problem(place, "`true` does not say how many: write a number, a name, or an object")
        return
    else:
        spec = Capacity(concurrency=written) if isinstance(written, int) else written
        limit = _compile(spec, ("endpoint", name), kit, place)
    if limit is None:
        return
    if limit.work_s is None:
        _warn_if_idle(endpoint, shared, kit, place)
        if _has_latencies(endpoint):
            parts.after.append(_settle(limit))
    parts.before.append(_enter(limit))


def _shared(kit: Kit) -> _Shared:
    """All of the config, also those that no endpoint uses, compiled once."""
    known = kit.shared.get(_Shared)
    if known is None:
        known = kit.shared[_Shared] = _Shared(
            {
                name: _compile(_long(written), (KIND, name), kit, ("capacities", name))
                for name, written in kit.config.capacities.items()
            }
        )
    assert isinstance(known, _Shared)
    return known


def _long(written: int | Capacity) -> Capacity:
    return Capacity(concurrency=written) if isinstance(written, int) else written


def _named(name: str, shared: _Shared, kit: Kit, place: Place) -> _Limit | None:
    known = shared.limits
    if name in known:
        return known[name]
    near = nearest(name, list(known))
    kit.problem(
        place,
        f"there is no capacity {name!r} under `capacities`, only {', '.join(known)}"
        if known
        else f"there is no capacity {name!r}: `capacities`, at the top of the config, has none yet",
        suggestion=f'"{near}"' if near else None,
    )
    return None


def _compile(spec: Capacity, name: Name, kit: Kit, place: Place) -> _Limit | None:
    problems_before = len(kit.problems)
    work_s = None
    if spec.service_ms is not UNSET:
        drawn = compile_latency(spec.service_ms, kit, (*place, "service_ms"), "service")
        work_s = drawn or (lambda draws: 0.0)
    if isinstance(spec.overflow, str):
        overflow: Reply | tuple[Step, ...] = _BROKEN[spec.overflow]
    else:
        overflow = _reply(spec.overflow, kit, (*place, "overflow"))
    if len(kit.problems) > problems_before:
        return None
    return _Limit(name, spec.concurrency, spec.queue, work_s, overflow)


def _reply(written: int | Overflow, kit: Kit, place: Place) -> Reply:
    spec = Overflow(status=written) if isinstance(written, int) else written
    return constant_reply(spec.status, spec.body, spec.headers, kit, place, DEFAULT_BODY)


def _warn_if_idle(endpoint: Endpoint, shared: _Shared, kit: Kit, place: Place) -> None:
    """Say so if no request takes any time, once for each place: it may be that of `defaults`."""
    if (endpoint.latency_ms is not UNSET and endpoint.latency_ms != 0) or _has_latencies(endpoint):
        return
    message = "every request is done at once, so that this is never full: `service_ms` says how long it takes"
    path = kit.loaded.problem(place, message).path
    if path not in shared.warned:
        shared.warned.add(path)
        kit.warning(place, message)


def _has_latencies(endpoint: Endpoint) -> bool:
    """Whether some of its responses have a latency of their own."""
    written = endpoint.responses
    choices = written.choices if isinstance(written, Responses) else [] if written is UNSET else written
    return any(choice.latency_ms is not UNSET for choice in choices)


# --- at each request ----------------------------------------------------------------------------------------


def _enter(limit: _Limit) -> Stage:
    key = "/".join((KIND, *limit.name))

    async def stage(exchange: Exchange) -> Reply | None:
        work_s = exchange.plan.latency_s if limit.work_s is None else limit.work_s(exchange.draws)
        station = limit.station(exchange)
        turn: Turn | None = exchange.passed.get(key)
        if turn is not None:  # the request is matched anew: it has its turn, but perhaps other work
            turn = station.extend(turn, work_s)
        else:
            turn = station.enter(exchange.now, work_s)
        if turn is None:
            return _shed(limit, exchange)
        exchange.turn = exchange.passed[key] = turn
        exchange.releases.append(partial(_over, station, exchange))
        waits_s = max(0.0, turn.start_s - exchange.now)
        if waits_s:
            _note(limit, exchange, f"queued {waits_s * 1000:.0f} ms, {turn.ahead} ahead")
        exchange.delay_s += waits_s if limit.work_s is None else waits_s + work_s
        return None

    return stage


def _over(station: Station, exchange: Exchange) -> None:
    """The reply was sent, or the client has gone."""
    if exchange.turn is not None:
        station.sent(exchange.turn, exchange.stations.now())


def _shed(limit: _Limit, exchange: Exchange) -> Reply:
    size = limit.concurrency + limit.queue
    _note(limit, exchange, f"shed: {size} of {size}")
    if limit.work_s is None:
        exchange.plan.latency_s = 0.0  # it stands for the work, which nobody does
    if isinstance(limit.overflow, Reply):
        return limit.overflow
    raise Broken(limit.overflow)


def _note(limit: _Limit, exchange: Exchange, detail: str) -> None:
    exchange.inject(Injected(KIND, limit.source, detail=detail))


def _settle(limit: _Limit) -> Finish:
    """For an endpoint whose latency is known only when one of its responses was chosen."""

    async def finish(exchange: Exchange, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        if exchange.turn is not None:
            exchange.turn = limit.station(exchange).extend(exchange.turn, exchange.plan.latency_s)
        return steps

    return finish
