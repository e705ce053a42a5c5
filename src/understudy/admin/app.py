"""The control endpoints: an ordinary Starlette application over the running server.

`ROUTES` is the one list of them; the routes and the OpenAPI document at `/__docs` are made from it.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from time import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from understudy.admin.guard import Guard
from understudy.errors import ConfigError
from understudy.journal import Entry

if TYPE_CHECKING:
    from understudy.net.server import Server

STREAM_BUFFER = 1000
"""Entries kept for a reader of the stream that falls behind; then the oldest are skipped and counted."""
HEARTBEAT_S = 15.0


class Parameter(NamedTuple):
    """A query parameter: its OpenAPI type and what it does."""

    type: str
    help: str


class ControlRoute(NamedTuple):
    """One control endpoint, as it is served and as it is described."""

    method: str
    path: str
    summary: str
    handler: Callable[[Control, Request], Awaitable[Response]]
    parameters: Mapping[str, Parameter] = MappingProxyType({})


LOG_FILTERS = {
    "method": Parameter("string", "Only this method."),
    "path": Parameter("string", "Only this path, without the query."),
    "status": Parameter("string", "Only this status, such as 404, or a class of them, such as 4xx."),
    "endpoint": Parameter("string", "Only the endpoint of this name."),
    "matched": Parameter("boolean", "true: only requests that an endpoint took; false: only the others."),
    "since": Parameter("string", "Only requests after this time: ISO 8601, or seconds since 1970."),
    "limit": Parameter("integer", "Only the newest so many."),
}


class BadFilter(ValueError):
    """A query parameter that cannot be read."""


class Control:
    """What the control endpoints do."""

    def __init__(self, server: Server) -> None:
        self.server = server

    async def health(self, request: Request) -> Response:
        return _json(
            {
                "status": "ok",
                "version": version("understudy"),
                "endpoints": len(self.server.program.loaded.names),
                "seed": self.server.world.seed,
                "uptime_s": round(time() - self.server.started_at, 3),
                "requests": self.server.journal.total,
                "connections": len(self.server.connections),
            }
        )

    async def reload(self, request: Request) -> Response:
        assert self.server.reloader is not None, "a server is started with a reloader"
        try:
            changes = await self.server.reloader.reload()
        except ConfigError as error:
            problems = [problem.as_json() for problem in error.problems]
            message = "The config was not reloaded: the old one goes on serving"
            return _json({"error": message, "problems": problems}, 422)
        return _json(changes.as_json())

    async def logs(self, request: Request) -> Response:
        journal = self.server.journal
        try:
            entries = journal.select(**read_filters(request.query_params))
        except BadFilter as error:
            return _json({"error": str(error)}, 400)
        logs = [journal.as_json(entry) for entry in entries]
        return _json({"logs": logs, "count": len(logs)})

    async def clear_logs(self, request: Request) -> Response:
        return _json({"message": "Logs cleared", "count": self.server.journal.clear()})

    async def stream(self, request: Request) -> Response:
        try:
            filters = read_filters(request.query_params)
        except BadFilter as error:
            return _json({"error": str(error)}, 400)
        return StreamingResponse(
            self._events(filters),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    async def _events(self, filters: dict[str, Any]) -> AsyncIterator[str]:
        """New entries as server-sent events (HTML standard, section 9.2). `id` is the entry's number."""
        journal = self.server.journal
        waiting: deque[Entry] = deque(maxlen=STREAM_BUFFER)
        arrived = asyncio.Event()
        skipped = 0

        def listener(entry: Entry) -> None:
            nonlocal skipped
            if not journal.fits(entry, **filters):
                return
            skipped += len(waiting) == STREAM_BUFFER
            waiting.append(entry)
            arrived.set()

        stop = journal.listen(listener)
        try:
            yield ": connected\n\n"
            while True:
                try:
                    await asyncio.wait_for(arrived.wait(), HEARTBEAT_S)
                except TimeoutError:
                    yield ": alive\n\n"
                    continue
                arrived.clear()
                if skipped:
                    yield f'event: skipped\ndata: {{"count": {skipped}}}\n\n'
                    skipped = 0
                while waiting:
                    entry = waiting.popleft()
                    data = json.dumps(journal.as_json(entry))
                    yield f"id: {entry.number}\nevent: request\ndata: {data}\n\n"
        finally:
            stop()

    async def token(self, request: Request) -> Response:
        from understudy.simulate.auth.jwt import CannotSign
        from understudy.simulate.auth.minting import TokenRequest, make_token

        server = self.server
        try:
            wanted = msgspec.json.decode(await request.body() or b"{}", type=TokenRequest)
            token = await make_token(server.program.auth, wanted, server.world.keys, server.world.now())
        except (msgspec.DecodeError, CannotSign) as error:
            return _json({"error": str(error)}, 400)
        return _json({"token": token})

    async def docs(self, request: Request) -> Response:
        return _json(openapi())


ROUTES: tuple[ControlRoute, ...] = (
    ControlRoute("GET", "/__health", "Whether the server is up, its seed and its counts.", Control.health),
    ControlRoute("POST", "/__reload", "Read the config again and say what changed.", Control.reload),
    ControlRoute("GET", "/__logs", "The requests of late, oldest first.", Control.logs, LOG_FILTERS),
    ControlRoute("DELETE", "/__logs", "Forget the requests.", Control.clear_logs),
    ControlRoute(
        "GET",
        "/__logs/stream",
        "New requests as server-sent events.",
        Control.stream,
        {name: help for name, help in LOG_FILTERS.items() if name != "limit"},
    ),
    ControlRoute("POST", "/__token", "Make a token that a scheme of the config lets in.", Control.token),
    ControlRoute("GET", "/__docs", "This description of the control endpoints, as OpenAPI.", Control.docs),
)


def control_app(server: Server) -> Starlette:
    """The control app of one server."""
    control = Control(server)

    def bound(route: ControlRoute) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            return await route.handler(control, request)

        return handle

    async def not_found(request: Request, error: Exception) -> Response:
        known = [f"{route.method} {route.path}" for route in ROUTES]
        return _json({"error": "There is no such control endpoint", "known": known}, 404)

    async def wrong_method(request: Request, error: Exception) -> Response:
        allowed = sorted({route.method for route in ROUTES if route.path == request.url.path})
        return JSONResponse(
            {"error": f"{request.url.path} takes {' and '.join(allowed)}"},
            status_code=405,
            headers={"allow": ", ".join(allowed)},
        )

    by_path: dict[str, list[ControlRoute]] = {}
    for route in ROUTES:
        by_path.setdefault(route.path, []).append(route)

    def dispatch(routes: list[ControlRoute]) -> Route:
        handlers = {route.method: bound(route) for route in routes}

        async def handle(request: Request) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            return await handlers[method](request)

        return Route(routes[0].path, handle, methods=list(handlers))

    return Starlette(
        routes=[dispatch(routes) for routes in by_path.values()],
        middleware=[Middleware(Guard, token=server.token)],
        exception_handlers={404: not_found, 405: wrong_method},
    )


def read_filters(query: Any) -> dict[str, Any]:
    """The filters in a query, as `Journal.select` takes them. Raises BadFilter."""
    unknown = [name for name in query if name not in LOG_FILTERS and name != "token"]
    if unknown:
        raise BadFilter(f"unknown filter {unknown[0]!r}; there are {', '.join(LOG_FILTERS)}")
    filters: dict[str, Any] = {name: query[name] for name in ("path", "endpoint") if name in query}
    if "method" in query:
        filters["method"] = query["method"].upper()
    if "status" in query:
        filters["statuses"] = _statuses(query["status"])
    if "matched" in query:
        if query["matched"] not in {"true", "false"}:
            raise BadFilter("matched is true or false")
        filters["matched"] = query["matched"] == "true"
    if "since" in query:
        filters["since"] = _instant(query["since"])
    if "limit" in query:
        if not query["limit"].isdigit():
            raise BadFilter("limit is a whole number")
        filters["limit"] = int(query["limit"])
    return filters


def _statuses(text: str) -> range:
    if len(text) == 3 and text[0] in "12345" and text[1:].lower() == "xx":
        return range(int(text[0]) * 100, int(text[0]) * 100 + 100)
    if len(text) == 3 and text.isdigit():
        return range(int(text), int(text) + 1)
    raise BadFilter("status is a number such as 404, or a class such as 4xx")


def _instant(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        # A plus sign in a query is a space: put it back for "2026-01-01T00:00:00+00:00".
        instant = datetime.fromisoformat(
            text.replace(" ", "+") if text.count(" ") == 1 and "T" in text else text
        )
    except ValueError:
        raise BadFilter("since is a time such as 2026-01-31T12:00:00Z, or seconds since 1970") from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def openapi() -> dict[str, Any]:
    """The control endpoints as an OpenAPI 3.1 document."""
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = {
            "summary": route.summary,
            "operationId": route.handler.__name__,
            "parameters": [
                {"name": name, "in": "query", "schema": {"type": kind}, "description": help}
                for name, (kind, help) in route.parameters.items()
            ],
            "responses": {"200": {"description": "Done."}},
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Understudy control endpoints", "version": version("understudy")},
        "paths": paths,
    }


def _json(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
