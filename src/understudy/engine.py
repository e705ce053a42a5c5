"""What a request gets: `decide(program, request, world) -> Plan`. No I/O; it only orders the stages.

The order, which users rely on (docs/order-of-evaluation.md): match → failure decision → latency → render.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from understudy.match import explain_miss
from understudy.program import FAILED, CompiledEndpoint, Program
from understudy.render import RenderError
from understudy.request import Request, canonical_path
from understudy.steps import Header, Plan, Reply, Send, SendFile, ServeStatic, Step, Wait

MAX_REMEMBERED_MISSES = 512
"""Explained misses kept per program, so that a client that repeats a mistake costs no second comparison."""
JSON: Header = (b"Content-Type", b"application/json")


class World:
    """What varies from run to run: the clock, the seed, and how often each endpoint drew lots.

    `now` gives seconds since the epoch.
    """

    __slots__ = ("counts", "now", "seed")

    def __init__(self, seed: int, now: Callable[[], float]) -> None:
        self.seed = seed
        self.now = now
        self.counts: dict[str, int] = {}

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
    if route is not None:
        for endpoint in route.for_method(method):
            if endpoint.plan is not None:
                return endpoint.plan
            params = endpoint.pattern.match(path)
            if params is None:  # reached through the trailing-slash rule
                params = endpoint.pattern.match(path[:-1] if path.endswith("/") else path + "/") or {}
            request.params = params
            return _answer(program, endpoint, request, world)
    plan = _no_endpoint(program, request, None if route is None else route.allowed())
    return _with_cors(program, request, plan)


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
    plan.reply = first.reply if isinstance(first, Send | SendFile) else None
    plan.steps = (Wait(plan.latency_s), *steps) if plan.latency_s else steps
    return _with_cors(program, request, plan)


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
        return (Send(Reply(500, (JSON,), msgspec.json.encode(body))),)


def _with_cors(program: Program, request: Request, plan: Plan) -> Plan:
    if program.cors is None or program.cors.is_constant:
        return plan
    extra = program.cors.headers(request)
    plan.steps = tuple(_with_headers(step, extra) for step in plan.steps)
    if plan.reply is not None:
        plan.reply = next(step.reply for step in plan.steps if isinstance(step, Send | SendFile))
    return plan


def _with_headers(step: Step, extra: tuple[Header, ...]) -> Step:
    match step:
        case Send(reply):
            return Send(reply.with_headers(extra))
        case SendFile(reply, path, offset, length):
            return SendFile(reply.with_headers(extra), path, offset, length)
        case ServeStatic(folder, relative, index, headers, missing):
            return ServeStatic(folder, relative, index, headers + extra, missing.with_headers(extra))
        case _:
            return step


def _no_endpoint(program: Program, request: Request, allowed: list[str] | None) -> Plan:
    """OPTIONS that no endpoint takes, a method that none takes here, or a path that nobody has."""
    constant = program.cors.constant_headers if program.cors else ()
    if request.method == "OPTIONS" and (allowed is not None or program.cors is not None):
        names = allowed or ["OPTIONS"]
        headers: tuple[Header, ...] = ((b"Allow", ", ".join(names).encode()), *constant)
        if program.cors is not None:
            headers += program.cors.preflight(request, names)
        reply = Reply(204, headers, b"")
        return Plan((Send(reply),), reply)
    if request.method == "OPTIONS" and request.raw_target == b"*":
        reply = Reply(204, ((b"Allow", b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"), *constant), b"")
        return Plan((Send(reply),), reply)
    key = (request.method, request.path)
    remembered = program.misses.get(key)
    if remembered is not None:
        return remembered
    body: dict[str, Any] = {"error": "Endpoint not found" if allowed is None else "Method not allowed"}
    body |= {"method": request.method, "path": request.path}
    headers = (JSON, *constant)
    if allowed is not None:
        body["allow"] = allowed
        headers = (JSON, (b"Allow", ", ".join(allowed).encode()), *constant)
    body["nearest"] = explain_miss(program.endpoints, request.path, request.method)
    reply = Reply(404 if allowed is None else 405, headers, msgspec.json.encode(body))
    plan = Plan((Send(reply),), reply, constant=program.cors is None or program.cors.is_constant)
    if plan.constant:
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
