"""What a request gets: `decide(program, request, world) -> Plan`. No I/O; it only orders the stages.

The order, which users rely on (docs/order-of-evaluation.md): match → failure decision → latency → render.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from understudy.match import Route, explain_miss
from understudy.program import FAILED, CompiledEndpoint, CompiledStatic, Program
from understudy.render import RenderError
from understudy.render.scope import MemoryCounters
from understudy.request import Request, canonical_path
from understudy.steps import Header, Plan, Reply, SendFile, ServeStatic, Step, Wait

MAX_REMEMBERED_MISSES = 512
"""Explained misses kept per program, so that a client that repeats a mistake costs no second comparison."""
JSON: Header = (b"Content-Type", b"application/json")


class World:
    """What varies from run to run: the clock, the seed, how often each endpoint drew lots, and `counter()`.

    `now` gives seconds since the epoch.
    """

    __slots__ = ("counters", "counts", "now", "seed")

    def __init__(self, seed: int, now: Callable[[], float]) -> None:
        self.seed = seed
        self.now = now
        self.counts: dict[str, int] = {}
        self.counters = MemoryCounters()

    def next(self, endpoint: str) -> int:
        """The number of this request among those of the endpoint that drew lots, from 0."""
        n = self.counts.get(endpoint, 0)
        self.counts[endpoint] = n + 1
        return n


def decide(program: Program, request: Request, world: World) -> Plan:
    """The plan for one request."""
    raw = request.raw_target
    if raw[:1] != b"/":
        raw = _origin_form(raw)
    query = raw.find(b"?")
    path = canonical_path(raw if query < 0 else raw[:query])
    request.path = path
    method = request.method
    route = program.index.find(path)
    if method == "OPTIONS" and _is_preflight(program, request, route):
        return _with_cors(program, request, _options(program, request, route))
    if route is not None:
        for endpoint in route.for_method(method):
            conditions = endpoint.conditions
            if conditions is not None and not conditions.matches(request):
                continue
            if endpoint.plan is not None:
                return endpoint.plan
            request.params = endpoint.pattern.values(path)
            return _answer(program, endpoint, request, world)
    if program.statics and method in {"GET", "HEAD"}:
        for static in program.statics:
            relative = static.relative(path)
            if relative is not None:
                return _with_cors(program, request, _static(program, request, route, static, relative))
    if method == "OPTIONS" and (route is not None or program.cors is not None or raw == b"*"):
        return _with_cors(program, request, _options(program, request, route))
    return _with_cors(program, request, _miss(program, request, route))


def _answer(program: Program, endpoint: CompiledEndpoint, request: Request, world: World) -> Plan:
    n = world.next(endpoint.name)
    scope = program.templates.scope
    draws = scope.begin(request, world.seed, endpoint.name, n, world.now())
    plan = Plan((), None, endpoint.name, n=n)
    rate = endpoint.failure_rate
    if rate and draws.unit("failure") < rate:
        plan.faults = (FAILED,)
    if endpoint.latency_s is not None:
        plan.latency_s = endpoint.latency_s(draws)
    if plan.faults:
        steps = endpoint.failure
    else:
        steps = _render(endpoint, request, plan)
    first = steps[0]
    plan.reply = first if isinstance(first, Reply) else first.reply if isinstance(first, SendFile) else None
    plan.steps = (Wait(plan.latency_s), *steps) if plan.latency_s else steps
    return plan if program.cors is None else _with_cors(program, request, plan)


def _render(endpoint: CompiledEndpoint, request: Request, plan: Plan) -> tuple[Step, ...]:
    try:
        return endpoint.respond(request)
    except RenderError as error:
        plan.error = f"{error.where}: {error.expression}: {error.message}"
        body = {
            "error": "Template failed",
            "endpoint": endpoint.name,
            "field": error.where,
            "expression": error.expression,
            "message": error.message,
        }
        return (Reply(500, (JSON,), msgspec.json.encode(body)),)


def _with_cors(program: Program, request: Request, plan: Plan) -> Plan:
    if program.cors is None or program.cors.is_constant:
        return plan
    extra = program.cors.headers(request)
    plan.steps = tuple(_with_headers(step, extra) for step in plan.steps)
    if plan.reply is not None:
        plan.reply = next(
            step if isinstance(step, Reply) else step.reply
            for step in plan.steps
            if isinstance(step, Reply | SendFile)
        )
    return plan


def _with_headers(step: Step, extra: tuple[Header, ...]) -> Step:
    match step:
        case Reply():
            return step.with_headers(extra)
        case SendFile(reply, path, offset, length):
            return SendFile(reply.with_headers(extra), path, offset, length)
        case ServeStatic(folder, relative, index, headers, missing):
            return ServeStatic(
                folder, relative, index, headers + extra, lambda: missing().with_headers(extra)
            )
        case _:
            return step


def _is_preflight(program: Program, request: Request, route: Route[CompiledEndpoint] | None) -> bool:
    """Whether a browser asks for permission, and no endpoint was written to answer that itself.

    An endpoint for ANY method was not: it knows nothing of the headers that a browser needs.
    """
    if program.cors is None or request.header("access-control-request-method") is None:
        return False
    return route is None or not any("OPTIONS" in entry.methods for entry in route.entries)


def _options(program: Program, request: Request, route: Route[CompiledEndpoint] | None) -> Plan:
    """OPTIONS that no endpoint takes: which methods there are, and what a browser may do."""
    if request.raw_target == b"*":
        allowed = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    else:
        allowed = ["OPTIONS"] if route is None else route.allowed()
    headers: tuple[Header, ...] = ((b"Allow", ", ".join(allowed).encode()),)
    if program.cors is not None:
        headers += program.cors.constant_headers + program.cors.preflight(request, allowed)
    reply = Reply(204, headers, b"")
    return Plan((reply,), reply)


def _static(
    program: Program,
    request: Request,
    route: Route[CompiledEndpoint] | None,
    static: CompiledStatic,
    relative: str,
) -> Plan:
    """A file, if there is one: whether there is, only the net can see."""

    def missing() -> Reply:
        reply = _miss(program, request, route).reply
        assert reply is not None, "a miss has a reply"
        return reply

    step = ServeStatic(static.folder, relative, static.index_file, static.headers, missing)
    return Plan((step,), None, static.name)


def _miss(program: Program, request: Request, route: Route[CompiledEndpoint] | None) -> Plan:
    """Nobody has the path, takes the method or has these conditions: why, and what is nearest."""
    key = (request.method, request.path)
    remembered = program.misses.get(key)
    if remembered is not None:
        return remembered
    if route is not None and route.for_method(request.method):
        route = None  # the method is right, but conditions are not met: nothing here for this request
    constant = program.cors.constant_headers if program.cors else ()
    headers: tuple[Header, ...] = (JSON, *constant)
    body: dict[str, Any] = {"error": "Endpoint not found" if route is None else "Method not allowed"}
    body |= {"method": request.method, "path": request.path}
    if route is not None:
        body["allow"] = route.allowed()
        headers = (JSON, (b"Allow", ", ".join(body["allow"]).encode()), *constant)
    body["nearest"] = explain_miss(program.endpoints, request)
    reply = Reply(404 if route is None else 405, headers, msgspec.json.encode(body))
    plan = Plan((reply,), reply, constant=program.constant)
    if plan.constant and not program.conditional:
        if len(program.misses) >= MAX_REMEMBERED_MISSES:
            program.misses.clear()
        program.misses[key] = plan
    return plan


def _origin_form(raw: bytes) -> bytes:
    """The path and query of a target in absolute form, as sent to proxies (RFC 9112 section 3.2.2)."""
    scheme = raw.find(b"://")
    if scheme < 0:
        return raw
    rest = raw[scheme + 3 :]
    slash = rest.find(b"/")
    query = rest.find(b"?")
    if slash < 0 or 0 <= query < slash:
        return b"/" + rest[query:] if query >= 0 else b"/"
    return rest[slash:]
