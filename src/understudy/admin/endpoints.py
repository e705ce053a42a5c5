"""Endpoints that come, change and go while the server runs, for everybody or for one space.

A change builds a new program beside the old one and swaps it, so that it is there as a whole or not at all.
It is checked like the file. It stays beside the config when the files are read again, and is gone after a
restart unless it is written back (`persist`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from understudy.admin.http import (
    SPACE,
    Body,
    Parameter,
    Refusal,
    check_query,
    flag,
    read_json,
    reply,
    space_of,
)
from understudy.load import Loaded
from understudy.load.files import read_text
from understudy.load.live import add, delete, forget, number_of, put
from understudy.load.merge_patch import merge_patch
from understudy.load.overlay import Layer, live_source
from understudy.load.source import Source
from understudy.load.write import CannotWrite, insert, remove
from understudy.load.write import replace as replace_in
from understudy.model import Endpoint

if TYPE_CHECKING:
    from understudy.net.reload import Changes, Edit, Reloader, Write
    from understudy.net.server import Server

PERSIST = {
    **SPACE,
    "persist": Parameter("boolean", "true: also write the change into the file of the config."),
}
ONE = Body("An endpoint, as in the config.", Endpoint)
PATCH = Body(
    "A JSON merge patch (RFC 7396) for the endpoint as written: the keys that change; null removes one.",
    {"type": "object"},
)
CODE_KEYS = ("handler", "middleware")
MANY = Body("An endpoint, as in the config, or a list of them.", Endpoint)


async def list_endpoints(server: Server, request: Request) -> Response:
    check_query(request, SPACE)
    space = space_of(server, request) or ""
    loaded = _reloader(server).served(space)
    hits = server.journal.hits(space or None)
    listed = [describe(loaded, number, hits[name]) for number, name in enumerate(loaded.names)]
    return reply({"endpoints": listed, "count": len(listed), "space": space})


async def show_endpoint(server: Server, request: Request) -> Response:
    check_query(request, SPACE)
    space = space_of(server, request) or ""
    loaded = _reloader(server).served(space)
    name = request.path_params["name"]
    return reply(describe(loaded, number_of(loaded, name), server.journal.hits(space or None)[name]))


async def add_endpoints(server: Server, request: Request) -> Response:
    space, persist = _target(server, request)
    data = await read_json(request)
    for definition in data if isinstance(data, list) else [data]:
        _refuse_code(definition)
    added = await add_live(server, data, space=space, persist=persist)
    loaded = _reloader(server).served(space)
    listed = [describe(loaded, number_of(loaded, name), 0) for name in added]
    return reply(
        {
            "message": f"{len(added)} endpoint{'s' if len(added) != 1 else ''} added",
            "names": added,
            "endpoints": listed,
            "persisted": persist,
        },
        201,
    )


async def put_endpoint(server: Server, request: Request) -> Response:
    space, persist = _target(server, request)
    name = request.path_params["name"]
    if not name:
        raise Refusal(404, "PUT names the endpoint: /__endpoints/NAME")
    data = await read_json(request)
    served = _reloader(server).served(space)
    is_new = name not in served.names
    _refuse_code(data, None if is_new else served.origins.written(number_of(served, name)))
    changes = await put_live(server, name, data, space=space, persist=persist)
    return _changed(server, space, name, data, changes, persist, 201 if is_new else 200)


async def patch_endpoint(server: Server, request: Request) -> Response:
    space, persist = _target(server, request)
    name = request.path_params["name"]
    patch = await read_json(request)
    if not isinstance(patch, dict):
        raise Refusal(422, "a patch is an object with the keys that change")
    loaded = _reloader(server).served(space)
    written = loaded.origins.written(number_of(loaded, name))
    data = merge_patch(written, patch)
    _refuse_code(data, written)
    changes = await put_live(server, name, data, space=space, persist=persist)
    return _changed(server, space, name, data, changes, persist, 200)


async def delete_endpoint(server: Server, request: Request) -> Response:
    space, persist = _target(server, request)
    name = request.path_params["name"]
    await delete_live(server, name, space=space, persist=persist)
    return reply({"message": f"{name} deleted", "name": name, "persisted": persist})


async def drop_endpoints(server: Server, request: Request) -> Response:
    check_query(request, SPACE)
    space = space_of(server, request) or ""
    count = await drop_live(server, space=space)
    return reply({"message": "Live changes dropped", "count": count})


# --- what they do, also for MockServer ----------------------------------------------------------------------


async def add_live(server: Server, data: Any, *, space: str = "", persist: bool = False) -> list[str]:
    """Add one endpoint or a list of them; their names.

    Raises ConfigError, NameTaken, TooManyChanges; with `persist` also CannotWrite, FileChanged.
    """
    source = live_source(data, os.environ)
    reloader = _reloader(server)

    def edit(below: Loaded, current: Loaded, layer: Layer) -> Layer:
        return add(current, layer, source)

    def write(base: Loaded, tried: Loaded, layer: Layer) -> tuple[Path, str]:
        path, text, syntax = _main(base)
        for definition in reversed(data if isinstance(data, list) else [data]):
            text = insert(text, syntax, definition)
        return path, text

    if not persist:
        await reloader.change(space, edit)
        loaded = reloader.served(space)
        names = [
            name
            for name, entry in zip(loaded.names, loaded.origins.entries, strict=True)
            if entry.part.source is source
        ]
        source.label = f"live endpoint {', '.join(names)[:200]}"
        return names
    await reloader.persist(edit, write, lambda base, served, layer: layer)
    loaded = reloader.base
    first = [
        name
        for name, entry in zip(loaded.names, loaded.origins.entries, strict=True)
        if entry.part.source.file == loaded.origins.main.file
    ]
    return first[: len(data) if isinstance(data, list) else 1]


async def put_live(
    server: Server, name: str, data: Any, *, space: str = "", persist: bool = False
) -> Changes:
    """Replace an endpoint, or make one of this name. Raises what `add_live` does."""
    reloader = _reloader(server)
    source = live_source(data, os.environ)

    def edit(below: Loaded, current: Loaded, layer: Layer) -> Layer:
        return put(current, layer, name, source)

    def write(base: Loaded, tried: Loaded, layer: Layer) -> tuple[Path, str]:
        number = _number_in_files(base, layer, name)
        if number is not None:
            path, text, syntax, keys = _place(base, number)
            return path, replace_in(text, syntax, keys, data)
        path, text, syntax = _main(base)
        return path, insert(text, syntax, {"name": name, **data})

    changes = await _apply(reloader, space, name, edit, write if persist else None)
    source.label = f"live endpoint {name}"
    return changes


async def delete_live(server: Server, name: str, *, space: str = "", persist: bool = False) -> Changes:
    """Take an endpoint away. Raises UnknownEndpoint, and what `add_live` does."""
    reloader = _reloader(server)

    def edit(below: Loaded, current: Loaded, layer: Layer) -> Layer:
        return delete(below, current, layer, name)

    def write(base: Loaded, tried: Loaded, layer: Layer) -> tuple[Path, str]:
        number = _number_in_files(base, reloader.layers.get("", Layer()), name)
        if number is None:
            path, text, _ = _main(base)
            return path, text
        path, text, syntax, keys = _place(base, number)
        return path, remove(text, syntax, keys)

    return await _apply(reloader, space, name, edit, write if persist else None)


async def drop_live(server: Server, *, space: str = "") -> int:
    """Drop all live changes of a space ("": those for everybody); how many there were."""
    reloader = _reloader(server)
    count = 0

    def edit(below: Loaded, current: Loaded, layer: Layer) -> Layer:
        nonlocal count
        count = len(layer)
        return Layer()

    if space in reloader.layers:
        await reloader.change(space, edit)
    return count


def describe(loaded: Loaded, number: int, hits: int) -> dict[str, Any]:
    """One endpoint for a reader: what it is called, where it comes from, and how it was written."""
    endpoint = loaded.config.endpoints[number]
    name = loaded.names[number]
    entry = loaded.origins.entries[number]
    methods = endpoint.methods
    described: dict[str, Any] = {
        "name": name,
        "method": methods[0] if len(methods) == 1 else list(methods),
        "path": endpoint.path if isinstance(endpoint.path, str) else {"regex": endpoint.path.regex},
        "hits": hits,
    }
    if entry.is_unwritten:
        assert entry.driven is not None, "it is an operation"
        file, line = entry.driven.document.origin(entry.driven.number)
        described |= {"origin": "openapi", "file": file, "line": line}
        if entry.driven.settings.stateful:
            described["state"] = entry.driven.document.state_of(entry.driven.number)
    elif entry.part.source.file is not None:
        file, line = loaded.locate(("endpoints", number))
        described |= {"origin": "file", "file": file, "line": line}
    else:
        described["origin"] = "config" if entry.part.source is loaded.origins.main else "live"
    return described | {"definition": loaded.origins.written(number)}


def _refuse_code(definition: Any, written: Any = None) -> None:
    """Refuse a definition that names Python code, unless the endpoint named it before. Raises Refusal.

    Whoever can write the config's files may run code; whoever can send a request may not.
    """
    known = written if isinstance(written, dict) else {}
    for key in CODE_KEYS:
        if isinstance(definition, dict) and key in definition and definition[key] != known.get(key):
            raise Refusal(
                422, f"{key} names Python code: that is taken from the config's files only", field=key
            )


async def _apply(reloader: Reloader, space: str, name: str, edit: Edit, write: Write | None) -> Changes:
    if write is None:
        return await reloader.change(space, edit)
    return await reloader.persist(edit, write, lambda base, served, layer: forget(served, layer, name))


def _reloader(server: Server) -> Reloader:
    assert server.reloader is not None, "a server is started with a reloader"
    return server.reloader


def _target(server: Server, request: Request) -> tuple[str, bool]:
    check_query(request, PERSIST)
    space, persist = space_of(server, request) or "", flag(request, "persist")
    if space and persist:
        raise Refusal(400, "the endpoints of a space are not written into the file: leave out persist")
    return space, persist


def _changed(
    server: Server, space: str, name: str, data: Any, changes: Changes, persist: bool, status: int
) -> Response:
    loaded = _reloader(server).served(space)
    renamed = data.get("name", name)
    if renamed not in loaded.names:  # written into a file without a name, it is called by method and path
        renamed = next(iter([*changes.added, *changes.changed]), name)
    content = {"message": f"{renamed} {'created' if status == 201 else 'changed'}", "persisted": persist}
    if renamed in loaded.names:
        number = number_of(loaded, renamed)
        content |= describe(loaded, number, server.journal.hits(space or None)[renamed])
    return reply(content, status)


def _number_in_files(base: Loaded, layer: Layer, name: str) -> int | None:
    """The place in the files of the endpoint of this name, whatever stands for it now."""
    for live in layer.live:
        own = live.definition.get("name") if isinstance(live.definition, dict) else None
        if live.replaces in base.names and name in (own, live.replaces):
            return base.names.index(str(live.replaces))
    return base.names.index(name) if name in base.names else None


def _main(base: Loaded) -> tuple[Path, str, str]:
    source = base.origins.main
    path = _file(source)
    return path, read_text(path), source.format


def _place(base: Loaded, number: int) -> tuple[Path, str, str, Any]:
    entry = base.origins.entries[number]
    if entry.is_unwritten:
        raise CannotWrite(
            "this endpoint is an operation of an OpenAPI document, which is not written: leave out persist"
        )
    source = entry.part.source
    path = _file(source)
    return path, read_text(path), source.format, entry.keys


def _file(source: Source) -> Path:
    """The file to write to. Raises CannotWrite."""
    if source.file is None:
        raise CannotWrite(
            "the server runs without a file, so there is nothing to write to: leave out persist"
        )
    if not source.format:
        raise CannotWrite(
            "the server runs on a file of another tool, which is not written: leave out persist,"
            " or make a config of it with `understudy import`"
        )
    return source.file
