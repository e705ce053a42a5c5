"""What a request gets: `decide(program, request, world) -> Plan`. No I/O; it only orders the stages.

The order, which users rely on (docs/order-of-evaluation.md): match → rate limit → auth → validation →
capacity → failure decision → state → response → cache, callbacks → latency → faults that spoil the reply.
What fails changes no state, unless its fault comes after. Early faults come before all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any, Protocol

from msgspec.structs import replace

from understudy.dress import with_new_headers
from understudy.errors import UnderstudyError
from understudy.match import Route
from understudy.match.rewrites import Rewrite
from understudy.plans import add_headers, finished, note, spoilt, told, with_cors
from understudy.program import FAILED, CompiledEndpoint, Program
from understudy.render import RenderError
from understudy.render.draws import Draws
from understudy.request import Request, Rewritten, canonical_path, origin_form
from understudy.simulate.auth.keyring import Keyring
from understudy.simulate.exchange import Broken, Exchange, LostRace, Menace, Writer, render_failure
from understudy.simulate.runner import Direct, Runner
from understudy.simulate.station import Stations
from understudy.state import MemoryStore, Store, StoreFull
from understudy.state.view import StateView
from understudy.steps import Injected, Plan, ReadSlowly, Release, Reply, Step, json_reply
from understudy.unmatched import is_preflight, options, otherwise

RATE = "failure_rate"
"""The source of the faults that it asks for."""
EARLY = "\x1fearly"
"""Stands behind an endpoint's name where requests are counted that early faults were asked about."""
MAX_RACES = 100
"""How often a request is matched anew because others changed the state that it matched on."""


class Chaos(Protocol):
    """Faults that are switched on while the server runs; `faults.chaos` has it."""

    def menaces(self, endpoint: CompiledEndpoint, request: Request, now_s: float) -> tuple[Menace, ...]:
        """What may go wrong with a request beside what the endpoint itself says."""

    def stage(self, now_s: float) -> str | None:
        """The stage that the scenario is in."""


class World:
    """What varies from run to run: clock, seed, how often each endpoint drew lots, state, and keys.

    `now` gives seconds since the epoch. `runner` is how a user's code is run; `writer` writes files, where
    there may be any. `chaos` are the faults that are switched on beside those of the config, None for none;
    `injected` counts what was injected, by endpoint, kind and source. `stations` are where requests wait for
    their turn; `held` is how many requests hold a place that is limited, by key.
    """

    __slots__ = (
        "chaos",
        "counts",
        "held",
        "injected",
        "keys",
        "now",
        "runner",
        "seed",
        "started_s",
        "stations",
        "store",
        "writer",
    )

    def __init__(
        self,
        seed: int,
        now: Callable[[], float],
        store: Store | None = None,
        runner: Runner | None = None,
        writer: Writer | None = None,
    ) -> None:
        self.seed = seed
        self.now = now
        self.counts: dict[str, int] = {}
        """By endpoint. Requests that early faults were asked about have a count beside it (EARLY)."""
        self.held: dict[str, int] = {}
        self.store: Store = MemoryStore() if store is None else store
        self.keys = Keyring()
        self.runner: Runner = Direct() if runner is None else runner
        self.writer = writer
        self.started_s = now()
        self.stations = Stations(now)
        self.chaos: Chaos | None = None
        self.injected: Counter[tuple[str, str, str]] = Counter()

    def next(self, endpoint: str) -> int:
        """The number of this request among those of the endpoint that drew lots, from 0."""
        n = self.counts.get(endpoint, 0)
        self.counts[endpoint] = n + 1
        return n


class Suspended:
    """A decision that waits for something: await it, in a task, for the Plan.

    The coroutine has been driven up to its first wait by hand; whoever awaits this goes on with it.
    """

    __slots__ = ("_coroutine", "_waits_for")

    def __init__(self, coroutine: Coroutine[Any, Any, Plan], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, Plan]:
        coroutine, waits_for = self._coroutine, self._waits_for
        try:
            while True:
                try:
                    sent = yield waits_for
                except GeneratorExit:
                    coroutine.close()
                    raise
                except BaseException as error:
                    waits_for = coroutine.throw(error)
                else:
                    waits_for = coroutine.send(sent)
        except StopIteration as done:
            plan: Plan = done.value
            return plan


def drive(coroutine: Coroutine[Any, Any, Plan]) -> Plan | Suspended:
    """Run a coroutine as far as it goes: to its end, if nothing in it has to wait."""
    try:
        waits_for = coroutine.send(None)
    except StopIteration as done:
        plan: Plan = done.value
        return plan
    return Suspended(coroutine, waits_for)


def decide(program: Program, request: Request, world: World) -> Plan | Suspended:
    """The plan for one request."""
    raw = request.raw_target
    if raw[:1] != b"/":
        if program.outside is not None and (passed := program.outside(request)) is not None:
            return passed
        raw = origin_form(raw)
    if program.rewrite is not None:
        raw = _rewritten(program.rewrite, request, raw)
    query = raw.find(b"?")
    path = canonical_path(raw if query < 0 else raw[:query])
    request.path = path
    method = request.method
    if program.spaces:
        program = program.spaces.get(request.space(program.space_header), program)
    route = program.index.find(path)
    if method == "OPTIONS" and is_preflight(program, request, route):
        return with_cors(program, request, options(program, request, route))
    if route is not None:
        for endpoint in route.candidates(request):
            if endpoint.live:
                return drive(_choose(program, request, world, route))
            conditions = endpoint.conditions
            if conditions is not None and not conditions.matches(request):
                continue
            if world.chaos is not None and world.chaos.menaces(endpoint, request, world.now()):
                return drive(_choose(program, request, world, route))
            if endpoint.plan is not None:
                return endpoint.plan
            request.params = endpoint.pattern.values(path)
            return _answer(program, endpoint, request, world)
    if program.stateful:
        return drive(_choose(program, request, world, route))
    return otherwise(program, request, route)


def decide_streamed(program: Program, request: Request, world: World) -> Plan | Suspended | None:
    """The plan for a request of which only the head has come, if its body may be passed on while it arrives.

    None if all of it has to be there: who answers, or how, may depend on it.
    """
    if program.outside is not None and (passed := program.outside(request)) is not None:
        return passed
    _, route = _seen_by(program, request)
    if route is None:
        return None
    for endpoint in route.for_method(request.method):
        conditions = endpoint.conditions
        if conditions is not None:
            if conditions.by_body or conditions.by_state:
                return None
            if not conditions.matches(request):
                continue
        if endpoint.streams is None or not endpoint.streams(request):
            return None
        return decide(program, request, world)
    return None


def _seen_by(program: Program, request: Request) -> tuple[Program, Route[CompiledEndpoint] | None]:
    """The program that a request of which only the head has come sees in its space, and who may take it: None
    if nobody, or if a browser only asks for permission."""
    raw = origin_form(request.raw_target)
    if program.rewrite is not None:
        raw = _rewritten(program.rewrite, request, raw)
    request.path = canonical_path(raw.partition(b"?")[0])
    program = program.spaces.get(request.space(program.space_header), program)
    route = program.index.find(request.path)
    if request.method == "OPTIONS" and is_preflight(program, request, route):
        return program, None
    return program, route


# --- before the body is there -------------------------------------------------------------------------------


def decide_early(program: Program, request: Request, world: World) -> Plan | Suspended:
    """What early faults do to a request of which only the head has come. No steps: nothing.

    A plan that begins with ReadSlowly lets the request go on, see `decide_late`; another one ends it.
    """
    if program.outside is not None and program.outside(request) is not None:
        return Plan((), None)
    program, route = _seen_by(program, request)
    if route is None:
        return Plan((), None)
    # not `candidates`, which may look at the body
    endpoints = route.for_method(request.method)
    if world.chaos is None and not any(endpoint.early for endpoint in endpoints):
        return Plan((), None)
    return drive(_choose_early(program, request, world, endpoints))


def decide_late(early: Plan, program: Program, request: Request, world: World) -> Plan | Suspended:
    """The plan for a request that an early fault has struck: as ever, but the log tells of the fault."""

    async def decided() -> Plan:
        plan = decide(program, request, world)
        if isinstance(plan, Suspended):
            plan = await plan
        faults, injected = early.faults + plan.faults, early.injected + plan.injected
        plan = replace(plan, constant=False, faults=faults, injected=injected)
        if program.reveal is not None:  # in a line of its own, which is the same list (RFC 9651 section 3.1)
            add_headers(plan, ((program.reveal, told(early)),))
        return plan

    return drive(decided())


async def _choose_early(
    program: Program, request: Request, world: World, endpoints: tuple[CompiledEndpoint, ...]
) -> Plan:
    state = request.state = StateView(request.space(program.space_header), program.state, world.now())
    if program.stateful:
        await state.refresh(world.store)
    for endpoint in endpoints:
        conditions = endpoint.conditions
        if conditions is not None:
            if conditions.by_body:
                break  # who answers is not known yet
            if not conditions.matches(request):
                continue
        chaos = world.chaos
        menaces = () if chaos is None else chaos.menaces(endpoint, request, state.now)
        early = endpoint.early + tuple(menace for menace in menaces if menace.is_early)
        if early:
            return await _ask_early(program, endpoint, request, world, state, early)
        break
    return Plan((), None)


async def _ask_early(
    program: Program,
    endpoint: CompiledEndpoint,
    request: Request,
    world: World,
    state: StateView,
    menaces: tuple[Menace, ...],
) -> Plan:
    n = world.next(endpoint.name + EARLY)
    plan = Plan((), None, endpoint.name, n=n, redactor=endpoint.redactor)
    draws = Draws(world.seed, endpoint.name, n)
    exchange = Exchange(request, endpoint.name, plan, world, state, program.templates.scope, draws, state.now)
    try:
        for menace in menaces:
            exchange.blows += await menace.ask(exchange)
        if not exchange.blows:
            exchange.let_go()  # what was taken by a fault that another bound has spared
            return plan
        struck = [(blow, blow.strike(())) for blow in exchange.blows]
        # the first that does not let the request go on has the last word; else the slowest
        end = next((one for one in struck if type(one[1][0]) is not ReadSlowly), None)
        if end is not None:
            exchange.blows, steps = (end[0],), end[1]
        else:
            steps = min((steps for _, steps in struck), key=_rate)
        note(exchange, _stage(world, exchange))
        plan = finished(program, request, plan, steps)
    except BaseException:
        exchange.let_go()
        raise
    plan.steps += tuple(map(Release, exchange.releases))
    return plan


def _rate(steps: tuple[Step, ...]) -> float:
    (step,) = steps
    assert isinstance(step, ReadSlowly)
    return step.bytes_per_s


# --- when all of it is there --------------------------------------------------------------------------------


def _answer(program: Program, endpoint: CompiledEndpoint, request: Request, world: World) -> Plan:
    """The answer of an endpoint that depends on nothing but the request and on lots."""
    if endpoint.direct is not None:
        plan = endpoint.direct(request, world.next)
        if plan.constant and not program.constant:  # shared, and what browsers may do is said anew each time
            plan = replace(plan, constant=program.by_bytes)
        return with_cors(program, request, plan)
    n = world.next(endpoint.name)
    scope = program.templates.scope
    draws = scope.begin(request, world.seed, endpoint.name, n, world.now())
    plan = Plan((), None, endpoint.name, n=n)
    if endpoint.latency_s is not None:
        plan.latency_s = endpoint.latency_s(draws)
    if endpoint.failure_rate and _fails(endpoint, plan, draws, world):
        steps = endpoint.failure
    else:
        try:
            steps = endpoint.respond(request)
        except RenderError as error:
            steps = _render_failed(plan, endpoint.name, error)
    return finished(program, request, plan, steps)


def _fails(endpoint: CompiledEndpoint, plan: Plan, draws: Draws, world: World) -> bool:
    """Whether `failure_rate` has picked the request, which the plan then says."""
    rate, drawn = endpoint.failure_rate, draws.unit("failure")
    if drawn >= rate:
        return False
    plan.faults += (FAILED,)
    plan.injected += (Injected(FAILED, RATE, rate, drawn),)
    world.injected[endpoint.name, FAILED, RATE] += 1
    return True


def _render_failed(plan: Plan, endpoint: str, error: RenderError) -> tuple[Step, ...]:
    plan.error = f"{error.where}: {error.expression}: {error.message}"
    return (render_failure(endpoint, error),)


# --- endpoints that remember, refuse, or run a user's code --------------------------------------------------


async def _choose(
    program: Program, request: Request, world: World, route: Route[CompiledEndpoint] | None
) -> Plan:
    """The plan for a request that a live endpoint may take."""
    space = request.space(program.space_header)
    passed: dict[Any, Any] = {}
    for _ in range(MAX_RACES):
        state = request.state = StateView(space, program.state, world.now())
        if program.stateful:
            await state.refresh(world.store)
        for endpoint in route.candidates(request) if route is not None else ():
            conditions = endpoint.conditions
            if conditions is not None and not conditions.matches(request):
                continue
            request.params = endpoint.pattern.values(request.path)
            chaos = world.chaos
            menaces = () if chaos is None else chaos.menaces(endpoint, request, state.now)
            if not endpoint.live and not menaces:
                # constant for itself, but not as long as a live endpoint may go before it
                plan = endpoint.plan or _answer(program, endpoint, request, world)
                return replace(plan, constant=False)
            try:
                return await _answer_live(program, endpoint, request, world, state, menaces, passed)
            except LostRace:
                break
        else:
            return otherwise(program, request, route)
    message = f"others changed the state {MAX_RACES} times while this request was matched"
    return finished(program, request, Plan((), None, error=message), (json_reply(503, {"error": message}),))


async def _answer_live(
    program: Program,
    endpoint: CompiledEndpoint,
    request: Request,
    world: World,
    state: StateView,
    menaces: tuple[Menace, ...],
    passed: dict[Any, Any],
) -> Plan:
    name = endpoint.name
    n = passed[endpoint] if endpoint in passed else world.next(name)
    now = state.now
    scope = program.templates.scope
    draws = scope.begin(request, world.seed, name, n, now)
    request.pending = plan = Plan((), None, name, n=n, redactor=endpoint.redactor)
    state.owner = endpoint.owner(request) if endpoint.owner is not None else ""
    exchange = Exchange(request, name, plan, world, state, scope, draws, now, passed)
    exchange.database, exchange.shows_state = endpoint.database, endpoint.shows_state
    exchange.menaces = endpoint.menaces
    if menaces:
        exchange.menaces += tuple(menace for menace in menaces if not menace.is_early)
    if endpoint.latency_s is not None:
        plan.latency_s = endpoint.latency_s(draws)

    try:
        steps = await _answered(world, endpoint, exchange)
        if exchange.headers:
            steps = tuple(with_new_headers(step, exchange.headers) for step in steps)
        if exchange.blows:
            steps = spoilt(exchange, steps, _stage(world, exchange))
        plan.latency_s += exchange.delay_s
        plan = finished(program, request, plan, steps)
    except BaseException:  # matched anew, given up, or a bug: nothing will be performed that could end it
        exchange.let_go()
        passed[endpoint] = n
        raise
    if exchange.releases:
        plan.steps += tuple(map(Release, exchange.releases))
    return plan


def _stage(world: World, exchange: Exchange) -> str | None:
    """The stage that the scenario of what is switched on is in."""
    return None if world.chaos is None else world.chaos.stage(exchange.now)


async def _answered(world: World, endpoint: CompiledEndpoint, exchange: Exchange) -> tuple[Step, ...]:
    """What the endpoint answers, its middleware around it, or why it cannot."""
    try:
        if endpoint.middleware is None:
            return await _stages(world, endpoint, exchange)
        return await endpoint.middleware(exchange, partial(_stages, world, endpoint))
    except Broken as broken:
        return broken.steps
    except RenderError as error:
        return _render_failed(exchange.plan, endpoint.name, error)
    except UnderstudyError as error:  # a full store, a broken database file: who runs the server can help
        exchange.plan.error = str(error)
        status = 507 if isinstance(error, StoreFull) else 500
        return (json_reply(status, {"error": exchange.plan.error, "endpoint": endpoint.name}),)


async def _stages(world: World, endpoint: CompiledEndpoint, exchange: Exchange) -> tuple[Step, ...]:
    """What the endpoint answers, and on the way what it changes."""
    for stage in endpoint.before:
        refusal = await stage(exchange)
        if refusal is not None:
            return (refusal,)
    if endpoint.failure_rate and _fails(endpoint, exchange.plan, exchange.draws, world):
        return endpoint.failure
    if exchange.menaces:
        for menace in exchange.menaces:
            exchange.blows += await menace.ask(exchange)
        first = next((blow for blow in exchange.blows if not blow.comes_after), None)
        if first is not None:
            exchange.blows = tuple(blow for blow in exchange.blows if blow.comes_after or blow is first)
            steps = first.strike(())
            if endpoint.middleware is not None and type(steps[0]) is not Reply:
                raise Broken(steps)
            return steps
    for stage in endpoint.kept:
        kept = await stage(exchange)
        if kept is not None:
            return (kept,)
    for commit in endpoint.commits:
        await commit(exchange)
    if endpoint.produce is not None:
        steps = await endpoint.produce(exchange)
    elif endpoint.steps is not None:
        steps = endpoint.steps
    else:
        await exchange.prepare()
        steps = endpoint.respond(exchange.request)
    for finish in endpoint.after:
        steps = await finish(exchange, steps)
    return steps


def _rewritten(rewrite: Rewrite, request: Request, raw: bytes) -> bytes:
    """The target that is answered, given to the request; once, however often it is decided upon."""
    if not isinstance(request.raw_target, Rewritten):
        new = rewrite(raw)
        if new is raw:
            return raw
        request.raw_target = Rewritten(new, request.raw_target)
    return request.raw_target
