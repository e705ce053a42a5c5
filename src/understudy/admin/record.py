"""Recordings of a running server: what they are, which mode they are in, and what has differed from them.

`start` and `stop` need no config that has any: `start` with a target adds a live endpoint behind all
others, which records, and `stop` lets it answer from what was recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from understudy.admin.endpoints import put_live
from understudy.admin.http import SPACE, Body, Parameter, Refusal, check_query, read_json, reply, space_of
from understudy.errors import ConfigError
from understudy.load.diagnose import diagnose
from understudy.load.loader import problems_of
from understudy.load.overlay import live_source
from understudy.model import mode_of
from understudy.model.base import Model
from understudy.model.convert import convert
from understudy.model.record import ModeWritten
from understudy.record.fallback import ALL

if TYPE_CHECKING:
    from understudy.net.server import Server
    from understudy.record.exchange import RecordedExchange
    from understudy.record.tape import Tape

LIVE = "recording"
"""The name of the live endpoint that `start` adds."""
LIVE_PRIORITY = -1_000_000
"""That of an endpoint which is asked last."""

FOLDER = {"folder": Parameter("string", "The folder it is about, as the config has it. Default: all.")}


class Start(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is recorded from now on. All may be left out where the config has a `proxy` and `record`."""

    target: Annotated[
        str | UnsetType,
        Meta(
            description="The real server, for a config that names none.", examples=["https://api.example.com"]
        ),
    ] = UNSET
    folder: Annotated[
        str | UnsetType,
        Meta(description="The folder, relative to the config's. Default: all there are, else `recordings`."),
    ] = UNSET
    mode: Annotated[ModeWritten, Meta(description="What is done with requests.")] = "record"


class Switch(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another mode."""

    mode: Annotated[ModeWritten, Meta(description="What is done with requests from now on.")]
    folder: Annotated[
        str | UnsetType, Meta(description="The folder, as the config has it. Default: all there are.")
    ] = UNSET


START = Body("What is recorded, and where.", Start)
SWITCH = Body("A mode.", Switch)


async def show_record(server: Server, request: Request) -> Response:
    check_query(request, FOLDER)
    return reply(describe(server, _tapes(server, request.query_params.get("folder"))))


async def switch_record(server: Server, request: Request) -> Response:
    check_query(request, {})
    wanted = _read(await read_json(request), Switch)
    tapes = _tapes(server, wanted.folder if wanted.folder is not UNSET else None)
    if not tapes:
        raise Refusal(409, "this config has no `record`: POST /__record/start adds one")
    switch(server, tapes, wanted.mode)
    return reply(describe(server, tapes))


async def start_record(server: Server, request: Request) -> Response:
    check_query(request, {})
    body = await request.body()
    wanted = _read(await read_json(request) if body else {}, Start)
    if wanted.target is not UNSET:
        folder = "recordings" if wanted.folder is UNSET else wanted.folder
        definition = {
            "path": ALL,
            "method": "ANY",
            "priority": LIVE_PRIORITY,
            "proxy": wanted.target,
            "record": {"folder": folder, "mode": wanted.mode},
        }
        await put_live(server, LIVE, definition, space="", persist=False)
        tapes = _tapes(server, folder)
    else:
        tapes = _tapes(server, wanted.folder if wanted.folder is not UNSET else None)
        if not any(tape.has_target for tape in tapes):
            raise Refusal(
                422, "which server is recorded? The config has no `proxy` and `record`: give a `target`"
            )
    switch(server, [tape for tape in tapes if tape.has_target], wanted.mode)
    return reply(describe(server, tapes), 201)


async def stop_record(server: Server, request: Request) -> Response:
    check_query(request, FOLDER)
    tapes = [tape for tape in _tapes(server, request.query_params.get("folder")) if tape.mode != "replay"]
    if not tapes:
        raise Refusal(409, "nothing is being recorded")
    switch(server, tapes, "replay")
    return reply(describe(server, tapes))


async def rewind_record(server: Server, request: Request) -> Response:
    check_query(request, {**SPACE, **FOLDER})
    tapes = _tapes(server, request.query_params.get("folder"))
    for tape in tapes:
        tape.shelf.rewind(space_of(server, request))
    return reply({"message": "Recorded answers begin anew", "folders": [tape.name for tape in tapes]})


async def show_exchanges(server: Server, request: Request) -> Response:
    check_query(request, {**FOLDER, **UNUSED})
    only_unused = request.query_params.get("unused") == "true"
    listed = [
        {"folder": group[0].name, **_exchange(group, exchange)}
        for group in _grouped(_tapes(server, request.query_params.get("folder")))
        for exchange in (_unused(group) if only_unused else group[0].shelf.exchanges)
    ]
    return reply({"exchanges": listed, "count": len(listed)})


UNUSED = {"unused": Parameter("boolean", "true: only those that no request has got.")}


async def show_drift(server: Server, request: Request) -> Response:
    check_query(request, FOLDER)
    tapes = _tapes(server, request.query_params.get("folder"))
    reports = {id(tape.drift): tape for tape in tapes}.values()
    return reply({"folders": [{"folder": tape.name, **tape.drift.as_json()} for tape in reports]})


async def clear_drift(server: Server, request: Request) -> Response:
    check_query(request, FOLDER)
    for tape in _tapes(server, request.query_params.get("folder")):
        tape.drift.clear()
    return reply({"message": "Forgotten"})


# --- what they do, also for MockServer ----------------------------------------------------------------------


def switch(server: Server, tapes: list[Tape], written: str) -> None:
    """Do something else with requests from now on. Raises Refusal, and then nothing has changed."""
    mode = mode_of(written)
    for tape in tapes:
        if not tape.may(mode):
            why = (
                "it is one file, which is not added to"
                if tape.has_target
                else "there is no `proxy` beside it"
            )
            raise Refusal(409, f"{tape.name} cannot be switched to {mode}: {why}")
    for tape in tapes:
        tape.switch(mode)
    server.memo.clear()


def describe(server: Server, tapes: list[Tape]) -> dict[str, Any]:
    """All that is recorded, and how."""
    return {
        "recording": any(tape.is_recording for tape in tapes),
        "folders": [_described(group) for group in _grouped(tapes)],
    }


def _described(group: list[Tape]) -> dict[str, Any]:
    """One folder, whose tapes do the same for different spaces."""
    told = group[0].as_json()
    reports = {id(tape.drift): tape.drift for tape in group}
    return told | {
        "unused": [exchange.id for exchange in _unused(group)],
        "drift": sum(sum(report.counts().values()) for report in reports.values()),
    }


def _grouped(tapes: list[Tape]) -> list[list[Tape]]:
    """Tapes that differ in nothing: programs of spaces have their own of each folder."""
    groups: dict[tuple[Any, ...], list[Tape]] = {}
    for tape in tapes:
        groups.setdefault((tape.folder, tape.mode, repr(tape.settings)), []).append(tape)
    return list(groups.values())


def _unused(group: list[Tape]) -> list[RecordedExchange]:
    """What no request has got, whichever of the tapes it came to."""
    used = set().union(*(tape.shelf.used for tape in group))
    return [exchange for exchange in group[0].shelf.unused() if exchange.id not in used]


def tapes_of(server: Server) -> list[Tape]:
    """All recordings of the programs that are served."""
    return list(server.program.all_tapes)


def _tapes(server: Server, folder: str | None) -> list[Tape]:
    tapes = tapes_of(server)
    if folder is None:
        return tapes
    found = [tape for tape in tapes if tape.name == folder]
    if not found:
        raise Refusal(404, f"no endpoint has a `record` in {folder!r}", folders=[tape.name for tape in tapes])
    return found


def _exchange(group: list[Tape], exchange: RecordedExchange) -> dict[str, Any]:
    reply, failed = exchange.reply, exchange.failed
    return {
        "id": exchange.id,
        "method": exchange.request.method,
        "url": exchange.request.url,
        "status": None if reply is None else reply.status,
        "failure": None if failed is None else failed.kind,
        "recorded_at": exchange.recorded_at,
        "used": any(exchange.id in tape.shelf.used for tape in group),
    }


def _read(data: Any, model: type[Any]) -> Any:
    source = live_source(data, {})
    try:
        return convert(source.data, model)
    except msgspec.ValidationError:
        raise ConfigError(problems_of([(source, fault) for fault in diagnose(source.data, model)])) from None
