"""What goes wrong with connections, changed while the server runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from understudy.admin.http import NOTHING, Body, check_query, read_json, reply
from understudy.errors import ConfigError
from understudy.load.diagnose import diagnose
from understudy.load.loader import problems_of
from understudy.load.source import Source
from understudy.load.values import Values
from understudy.model.connections import Connections
from understudy.model.convert import convert

if TYPE_CHECKING:
    from understudy.net.server import Server

CONNECTIONS = Body("What goes wrong with connections, as `connections` in the config.", Connections)


async def show_connections(server: Server, request: Request) -> Response:
    check_query(request, NOTHING)
    return reply(describe(server))


async def put_connections(server: Server, request: Request) -> Response:
    check_query(request, NOTHING)
    break_connections(server, await read_json(request))
    return reply(describe(server))


async def mend_connections(server: Server, request: Request) -> Response:
    check_query(request, NOTHING)
    server.gate.reset()
    return reply({"message": "Connections are as the config says"})


def break_connections(server: Server, data: Any) -> None:
    """Follow other rules, whose times count from now. Raises ConfigError, and then nothing has changed."""
    source = Source(values=Values(None))
    source.data = source.values.clean(data)
    faults = [*source.values.faults, *diagnose(source.data, Connections)]
    if faults:
        raise ConfigError(problems_of([(source, fault) for fault in faults]))
    server.gate.set(convert(source.data, Connections), server.world.now())


def describe(server: Server) -> dict[str, Any]:
    """The rules that are followed, and what came of them."""
    gate = server.gate
    return {
        "live": gate.is_live,
        "definition": gate.written,
        "listening": not gate.is_shut,
        "open": len(server.connections),
        "injected": {
            kind: times
            for (endpoint, kind, _), times in server.world.injected.items()
            if endpoint == "connections"
        },
    }


__all__ = ["break_connections", "describe"]
