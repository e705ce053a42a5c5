"""What a request gets that no endpoint takes: a file, what OPTIONS asks for, or why nobody does."""

from __future__ import annotations

from typing import Any

import msgspec

from understudy.match import Route, explain_miss
from understudy.plans import with_cors
from understudy.program import CompiledEndpoint, CompiledStatic, Program
from understudy.request import Request
from understudy.steps import JSON_TYPE, Header, Plan, Reply, ServeStatic

MAX_REMEMBERED_MISSES = 512
"""Explained misses kept per program, so that a client that repeats a mistake costs no second comparison."""


def otherwise(program: Program, request: Request, route: Route[CompiledEndpoint] | None) -> Plan:
    """What a request gets that no endpoint takes."""
    path, method = request.path, request.method
    if program.statics and method in {"GET", "HEAD"}:
        for static in program.statics:
            relative = static.relative(path)
            if relative is not None:
                return with_cors(program, request, _static(program, request, route, static, relative))
    if method == "OPTIONS" and (route is not None or program.cors is not None or request.raw_target == b"*"):
        return with_cors(program, request, options(program, request, route))
    return with_cors(program, request, _miss(program, request, route))


def is_preflight(program: Program, request: Request, route: Route[CompiledEndpoint] | None) -> bool:
    """Whether a browser asks for permission, and no endpoint was written to answer that itself.

    An endpoint for ANY method was not: it knows nothing of the headers that a browser needs. Nor was an
    operation of a document: it says how the real server gives permission, and `cors` says what is given here.
    """
    if program.cors is None or request.header("access-control-request-method") is None:
        return False
    return route is None or not any(
        "OPTIONS" in entry.methods and not entry.documented for entry in route.entries
    )


def options(program: Program, request: Request, route: Route[CompiledEndpoint] | None) -> Plan:
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
    permits = program.cors.constant_headers if program.cors else ()
    headers: tuple[Header, ...] = (JSON_TYPE, *permits)
    body: dict[str, Any] = {"error": "Endpoint not found" if route is None else "Method not allowed"}
    body |= {"method": request.method, "path": request.path}
    if route is not None:
        body["allow"] = route.allowed()
        headers = (JSON_TYPE, (b"Allow", ", ".join(body["allow"]).encode()), *permits)
    if program.loaded.config.openapi:
        from understudy.openapi.problems import miss

        more, kind = miss(405 if route is not None else 404, request.method, request.path)
        body = more | body
        headers = (kind, *headers[1:])
    body["nearest"] = explain_miss(program.endpoints, request)
    reply = Reply(404 if route is None else 405, headers, msgspec.json.encode(body))
    constant = program.constant and not program.stateful
    plan = Plan((reply,), reply, constant=constant, redactor=program.redactor)
    if plan.constant and not program.conditional:
        if len(program.misses) >= MAX_REMEMBERED_MISSES:
            program.misses.clear()
        reply.is_shared = True
        program.misses[key] = plan
    return plan
