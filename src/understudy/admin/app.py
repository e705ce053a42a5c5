"""The control endpoints: an ordinary Starlette application over the running server.

`ROUTES` is the one list of them; the routes and the OpenAPI document at `/__docs` are made from it.
"""

from __future__ import annotations

from importlib.metadata import version
from time import time
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from understudy.admin import (
    ca,
    chaos,
    connections,
    contract,
    endpoints,
    logs,
    record,
    report,
    spaces,
    state,
    tokens,
    verify,
)
from understudy.admin.docs import FORMAT, docs_asset, show_docs
from understudy.admin.guard import Guard
from understudy.admin.http import SPACE, Body, ControlRoute, Handler, Parameter, Refusal, reply
from understudy.admin.logs import LOG_FILTERS as LOG_FILTERS
from understudy.errors import ConfigError, UnderstudyError
from understudy.load.live import NameTaken, TooManyChanges, UnknownEndpoint
from understudy.load.write import CannotWrite
from understudy.net.disk import FileChanged
from understudy.net.steering import TooManyRules
from understudy.state import StoreError, StoreFull

if TYPE_CHECKING:
    from understudy.net.server import Server


async def health(server: Server, request: Request) -> Response:
    return reply(
        {
            "status": "ok",
            "version": version("understudy"),
            "endpoints": len(server.program.loaded.names),
            "seed": server.world.seed,
            "uptime_s": round(time() - server.started_at, 3),
            "requests": server.journal.total,
            "connections": len(server.connections),
            "capacity": server.world.stations.as_json(),
        }
    )


async def reload(server: Server, request: Request) -> Response:
    assert server.reloader is not None, "a server is started with a reloader"
    try:
        changes = await server.reloader.reload()
    except ConfigError as error:
        return _problems(error, "The config was not reloaded: the old one goes on serving")
    return reply(changes.as_json())


async def metrics(server: Server, request: Request) -> Response:
    from understudy.admin.metrics import show_metrics  # which takes its time, and few ask for it

    return await show_metrics(server, request)


async def docs(server: Server, request: Request) -> Response:
    return show_docs(request, openapi())


_CREATED = {201: "It is there."}
_WRONG = {422: "What is wrong, each mistake with its place."}
_MISSING = {404: "There is none of this name; the nearest are named."}
_NO_CONTRACT = {404: "Nothing is held against a document."}
_CONFLICT = {409: "The name is taken, or the file cannot be written."}


def _one_of_the_state(
    part: str, what: str, body: Body, show: Handler, put: Handler, delete: Handler
) -> tuple[ControlRoute, ...]:
    """The three routes of one named thing that is remembered."""
    path = f"/__state/{part}/{{name}}"
    reset = f"{what}: back to what the config says."
    return (
        ControlRoute("GET", path, f"{what}.", show, state.OWNER, statuses=_MISSING),
        ControlRoute("PUT", path, f"{what}: set.", put, state.OWNER, body, _WRONG),
        ControlRoute("DELETE", path, reset, delete, state.OWNER),
    )


ROUTES: tuple[ControlRoute, ...] = (
    ControlRoute("GET", "/__health", "Whether the server is up, its seed and its counts.", health),
    ControlRoute("POST", "/__reload", "Read the config again and say what changed.", reload, statuses=_WRONG),
    ControlRoute(
        "GET", "/__record", "The recordings, and what is done with them.", record.show_record, record.FOLDER
    ),
    ControlRoute(
        "PUT",
        "/__record",
        "Another mode.",
        record.switch_record,
        body=record.SWITCH,
        statuses={409: "There is no server to ask, or no recording.", **_WRONG},
    ),
    ControlRoute(
        "POST",
        "/__record/start",
        "Record from now on.",
        record.start_record,
        body=record.START,
        statuses={201: "It is being recorded.", **_WRONG},
    ),
    ControlRoute(
        "POST",
        "/__record/stop",
        "Record no more, and answer from what was recorded.",
        record.stop_record,
        record.FOLDER,
        statuses={409: "Nothing is being recorded."},
    ),
    ControlRoute(
        "POST",
        "/__record/rewind",
        "Repeated requests get their first answer again.",
        record.rewind_record,
        {**SPACE, **record.FOLDER},
    ),
    ControlRoute(
        "GET",
        "/__record/exchanges",
        "What was recorded, and whether it was asked for.",
        record.show_exchanges,
        {**record.FOLDER, **record.UNUSED},
    ),
    ControlRoute(
        "GET", "/__record/drift", "What has differed from the recordings.", record.show_drift, record.FOLDER
    ),
    ControlRoute(
        "GET",
        "/__record/ca.pem",
        "The certificate authority that clients of the proxy must trust, as PEM.",
        ca.show_ca,
        statuses={404: "The server is no proxy of clients.", 409: "The authority cannot be used."},
    ),
    ControlRoute("DELETE", "/__record/drift", "Forget what has differed.", record.clear_drift, record.FOLDER),
    ControlRoute(
        "GET",
        "/__contract",
        "What requests and replies of a real server have violated of its document.",
        contract.show_contract,
        statuses=_NO_CONTRACT,
    ),
    ControlRoute(
        "DELETE", "/__contract", "Forget what was violated.", contract.clear_contract, statuses=_NO_CONTRACT
    ),
    ControlRoute("GET", "/__logs", "The requests of late, oldest first.", logs.logs, LOG_FILTERS),
    ControlRoute("DELETE", "/__logs", "Forget the requests.", logs.clear_logs, SPACE),
    ControlRoute(
        "GET",
        "/__logs/stream",
        "New requests as server-sent events.",
        logs.stream,
        {name: help for name, help in LOG_FILTERS.items() if name != "limit"},
    ),
    ControlRoute(
        "POST",
        "/__token",
        "Make a token that a scheme of the config lets in.",
        tokens.make,
        body=tokens.TOKEN,
        statuses={400: "No such token can be made: why."},
    ),
    ControlRoute(
        "POST",
        "/__logs/find",
        "The requests that are as described.",
        verify.find_requests,
        SPACE,
        verify.FIND,
        _WRONG,
    ),
    ControlRoute(
        "POST",
        "/__verify",
        "Whether the requests were made that should have been.",
        verify.verify_requests,
        SPACE,
        verify.VERIFY,
        {409: "They were not: how many fit, and the nearest that did not.", **_WRONG},
    ),
    ControlRoute(
        "GET",
        "/__report",
        "How well the clients coped: JSON, or a page.",
        report.show_report,
        report.PARAMETERS,
        statuses=_WRONG,
    ),
    ControlRoute(
        "POST",
        "/__report",
        "The same, with what is expected of the client in the body.",
        report.show_report_as_expected,
        report.PARAMETERS,
        report.EXPECT,
        _WRONG,
    ),
    ControlRoute(
        "GET",
        "/__endpoints",
        "All endpoints, in the order in which they are asked.",
        endpoints.list_endpoints,
        SPACE,
    ),
    ControlRoute(
        "POST",
        "/__endpoints",
        "Add an endpoint, or several.",
        endpoints.add_endpoints,
        endpoints.PERSIST,
        endpoints.MANY,
        {**_CREATED, **_CONFLICT, **_WRONG},
    ),
    ControlRoute(
        "DELETE", "/__endpoints", "Drop all live changes: back to the files.", endpoints.drop_endpoints, SPACE
    ),
    ControlRoute(
        "GET", "/__endpoints/{name}", "One endpoint.", endpoints.show_endpoint, SPACE, statuses=_MISSING
    ),
    ControlRoute(
        "PUT",
        "/__endpoints/{name}",
        "Replace an endpoint, or create it.",
        endpoints.put_endpoint,
        endpoints.PERSIST,
        endpoints.ONE,
        {**_CREATED, **_CONFLICT, **_WRONG},
    ),
    ControlRoute(
        "PATCH",
        "/__endpoints/{name}",
        "Change some keys of an endpoint.",
        endpoints.patch_endpoint,
        endpoints.PERSIST,
        endpoints.PATCH,
        {**_MISSING, **_CONFLICT, **_WRONG},
    ),
    ControlRoute(
        "DELETE",
        "/__endpoints/{name}",
        "Take an endpoint away.",
        endpoints.delete_endpoint,
        endpoints.PERSIST,
        statuses={**_MISSING, **_CONFLICT},
    ),
    ControlRoute("GET", "/__state", "All that is remembered.", state.show_state, state.OWNER),
    ControlRoute(
        "PUT",
        "/__state",
        "Set variables and scenarios.",
        state.merge_state,
        state.OWNER,
        state.MERGE,
        _WRONG,
    ),
    ControlRoute(
        "DELETE", "/__state", "Forget it: all is as the config says.", state.reset_state, state.OWNER
    ),
    ControlRoute(
        "GET", "/__state/snapshot", "All that is remembered, to be saved.", state.show_snapshot, SPACE
    ),
    ControlRoute(
        "PUT",
        "/__state/snapshot",
        "Bring a snapshot back.",
        state.restore_snapshot,
        SPACE,
        state.SNAPSHOT,
        _WRONG,
    ),
    *_one_of_the_state(
        "variables",
        "A variable's value",
        state.VALUE,
        state.show_variable,
        state.put_variable,
        state.delete_variable,
    ),
    *_one_of_the_state(
        "scenarios",
        "A scenario's state",
        state.SCENARIO,
        state.show_scenario,
        state.put_scenario,
        state.delete_scenario,
    ),
    *_one_of_the_state(
        "collections",
        "A collection's records",
        state.RECORDS,
        state.show_collection,
        state.put_collection,
        state.delete_collection,
    ),
    ControlRoute("GET", "/__chaos", "What is switched on to go wrong.", chaos.show_chaos, SPACE),
    ControlRoute(
        "PUT",
        "/__chaos",
        "Switch faults on; all live ones that were on before go off.",
        chaos.put_chaos,
        SPACE,
        chaos.RULES,
        _WRONG,
    ),
    ControlRoute(
        "POST",
        "/__chaos",
        "Switch faults on beside those that are.",
        chaos.add_chaos,
        SPACE,
        chaos.RULES,
        {**_CREATED, **_WRONG, 409: "The name is taken."},
    ),
    ControlRoute(
        "DELETE",
        "/__chaos",
        "Switch live faults off: profiles are on as the config says.",
        chaos.drop_chaos,
        SPACE,
    ),
    ControlRoute(
        "PUT",
        "/__chaos/{name}",
        "Switch one rule on, or replace it.",
        chaos.put_rule,
        SPACE,
        chaos.RULE,
        {**_CREATED, **_WRONG},
    ),
    ControlRoute(
        "DELETE",
        "/__chaos/{name}",
        "Switch one rule off, or a profile.",
        chaos.drop_rule,
        SPACE,
        statuses=_MISSING,
    ),
    ControlRoute("GET", "/__metrics", "Counts, in the text format of Prometheus.", metrics),
    ControlRoute(
        "GET",
        "/__connections",
        "What goes wrong with connections, and how many are open.",
        connections.show_connections,
    ),
    ControlRoute(
        "PUT",
        "/__connections",
        "Have other things go wrong with connections, from now on.",
        connections.put_connections,
        body=connections.CONNECTIONS,
        statuses=_WRONG,
    ),
    ControlRoute("DELETE", "/__connections", "Connections as the config says.", connections.mend_connections),
    ControlRoute("GET", "/__spaces", "The spaces that have something of their own.", spaces.list_spaces),
    ControlRoute("DELETE", "/__spaces/{name}", "Drop a space with everything in it.", spaces.drop_space),
    ControlRoute(
        "GET", "/__docs", "This description of the control endpoints, as OpenAPI, or as a page.", docs, FORMAT
    ),
    ControlRoute(
        "GET", "/__docs/{name}", "A file of that page.", docs_asset, statuses={404: "There is no such file."}
    ),
)


def control_app(server: Server) -> Starlette:
    """The control app of one server."""

    async def not_found(request: Request, error: Exception) -> Response:
        known = [f"{route.method} {route.path}" for route in ROUTES]
        return reply({"error": "There is no such control endpoint", "known": known}, 404)

    async def wrong_method(request: Request, error: Any) -> Response:
        allowed = error.headers["Allow"].split(", ") if error.headers else []
        allowed = sorted(set(allowed) - {"HEAD"})
        return JSONResponse(
            {"error": f"{request.url.path} takes {' and '.join(allowed)}"},
            status_code=405,
            headers={"allow": ", ".join(allowed)},
        )

    by_path: dict[str, list[ControlRoute]] = {}
    for route in ROUTES:
        by_path.setdefault(route.path, []).append(route)

    def dispatch(routes: list[ControlRoute]) -> Route:
        handlers = {route.method: route.handler for route in routes}

        async def handle(request: Request) -> Response:
            is_head = request.method == "HEAD"
            response = await answer(server, request, handlers["GET" if is_head else request.method])
            return _head_of(response) if is_head and isinstance(response, StreamingResponse) else response

        return Route(routes[0].path.replace("{name}", "{name:path}"), handle, methods=list(handlers))

    app = Starlette(
        routes=[dispatch(routes) for routes in by_path.values()],
        middleware=[Middleware(Guard, token=server.token)],
        exception_handlers={404: not_found, 405: wrong_method},
    )
    app.router.redirect_slashes = False  # a name may end with a slash, and a redirect would lose the method
    return app


async def answer(server: Server, request: Request, handler: Handler) -> Response:
    """What a handler replies, or why it does not."""
    try:
        return await handler(server, request)
    except Refusal as error:
        return reply(error.content, error.status)
    except ConfigError as error:
        count = len(error.problems)
        return _problems(error, f"{count} problem{'s' if count != 1 else ''}: nothing was done")
    except UnknownEndpoint as error:
        return reply({"error": str(error), "nearest": error.nearest}, 404)
    except (NameTaken, CannotWrite, FileChanged) as error:
        return reply({"error": str(error)}, 409)
    except (StoreFull, TooManyChanges, TooManyRules) as error:
        return reply({"error": str(error)}, 507)
    except StoreError as error:
        return reply({"error": str(error)}, 422)
    except UnderstudyError as error:
        return reply({"error": str(error)}, 500)


def _problems(error: ConfigError, message: str) -> Response:
    return reply({"error": message, "problems": [problem.as_json() for problem in error.problems]}, 422)


def _head_of(response: Response) -> Response:
    """The head of a reply that never ends by itself."""
    head = Response(None, response.status_code, dict(response.headers))
    del head.headers["content-length"]
    return head


def openapi() -> dict[str, Any]:
    """The control endpoints as an OpenAPI 3.1 document."""
    models = {
        route.body.schema
        for route in ROUTES
        if route.body is not None and isinstance(route.body.schema, type)
    }
    schemas, components = msgspec.json.schema_components(
        sorted(models, key=lambda model: model.__name__), ref_template="#/components/schemas/{name}"
    )
    by_model = dict(zip(sorted(models, key=lambda model: model.__name__), schemas, strict=True))
    paths: dict[str, Any] = {}
    for route in ROUTES:
        described: dict[str, Any] = {
            "summary": route.summary,
            "operationId": route.handler.__name__,
            "parameters": [*_path_parameters(route), *_query_parameters(route)],
            "responses": {
                str(status): {"description": text}
                for status, text in sorted({200: "Done.", **route.statuses}.items())
            },
        }
        if route.body is not None:
            described["requestBody"] = _request_body(route.body, by_model)
        paths.setdefault(route.path, {})[route.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Understudy control endpoints", "version": version("understudy")},
        "paths": paths,
        "components": {"schemas": components},
    }


def _path_parameters(route: ControlRoute) -> list[dict[str, Any]]:
    if "{name}" not in route.path:
        return []
    help = "Its name, percent-encoded; slashes in it may stay as they are."
    return [_parameter("name", "path", Parameter("string", help)) | {"required": True}]


def _query_parameters(route: ControlRoute) -> list[dict[str, Any]]:
    return [_parameter(name, "query", parameter) for name, parameter in route.parameters.items()]


def _parameter(name: str, where: str, parameter: Parameter) -> dict[str, Any]:
    return {
        "name": name,
        "in": where,
        "schema": {"type": parameter.type},
        "description": parameter.help,
    }


def _request_body(body: Body, by_model: dict[Any, Any]) -> dict[str, Any]:
    schema = by_model[body.schema] if isinstance(body.schema, type) else dict(body.schema)
    if body in (endpoints.MANY, chaos.RULES):
        schema = {"oneOf": [schema, {"type": "array", "items": schema}]}
    return {
        "description": body.help,
        "required": True,
        "content": {"application/json": {"schema": schema}},
    }
