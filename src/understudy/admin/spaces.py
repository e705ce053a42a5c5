"""Spaces: parallel tests on one server, each with its own state, endpoints and log."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from understudy.admin.chaos import switch_all_off
from understudy.admin.endpoints import drop_live
from understudy.admin.http import NOTHING, Refusal, check_query, check_space, reply

if TYPE_CHECKING:
    from understudy.net.server import Server


async def list_spaces(server: Server, request: Request) -> Response:
    check_query(request, NOTHING)
    return reply({"spaces": await known_spaces(server)})


async def drop_space(server: Server, request: Request) -> Response:
    check_query(request, NOTHING)
    name = check_space(request.path_params["name"])
    if not name:
        raise Refusal(404, "name the space: /__spaces/NAME")
    return reply({"message": f"Space {name} dropped", **await forget_space(server, name)})


async def known_spaces(server: Server) -> list[dict[str, Any]]:
    """The spaces that have something of their own, by name."""
    assert server.reloader is not None, "a server is started with a reloader"
    requests = server.journal.spaces()
    layers = server.reloader.layers
    remembering = set(await server.world.store.spaces())
    faults = Counter(space for space, _ in server.steering.live)
    names = {*requests, *layers, *remembering, *faults} - {""}
    return [
        {
            "name": name,
            "endpoints": len(layers[name]) if name in layers else 0,
            "requests": requests[name],
            "state": name in remembering,
            "faults": faults[name],
        }
        for name in sorted(names)
    ]


async def forget_space(server: Server, name: str) -> dict[str, int]:
    """Drop a space's endpoints, live faults, state and log; how many of each there were."""
    endpoints = await drop_live(server, space=name)
    state = await server.world.store.clear(name)
    server.world.stations.reset(name)
    for tape in server.program.all_tapes:
        tape.shelf.rewind(name)
    faults = switch_all_off(server, space=name)
    requests = server.journal.clear(space=name)
    return {"endpoints": endpoints, "state": state, "requests": requests, "faults": faults}
