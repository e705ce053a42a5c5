"""A json-server file as a config, with what stands beside it: `routes.json`, `json-server.json`, `public/`.

The data stays in its file, which the config names as its `database`; `resource: "*"` serves it. Routes of
json-server 0.17, which it hands to express-urlrewrite and path-to-regexp 1, become `rewrites`.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from understudy.errors import ConfigError, Problem
from understudy.formats.imported import Imported, Options
from understudy.formats.spot import LeftOut, Spot
from understudy.load.fault import Fault, NotReadable
from understudy.load.files import files_below, is_file, read_text, shown
from understudy.load.json_server import is_collection
from understudy.load.source import Source
from understudy.match.rewrites import RewriteError, compile_rewrites
from understudy.model import WHOLE_DATABASE

DATABASE = "db.json"
"""What the data is called that came from no file."""
ROUTES = "routes.json"
SETTINGS = "json-server.json"
PUBLIC = "public"
INDEX = "index.html"
MAX_STATIC_BYTES = 64 * 1024 * 1024
"""What all files of the static folder may hold together: they are kept in memory while they are read."""
MAX_PORT = 65_535

_IGNORED = frozenset({"watch", "w", "quiet", "q", "no-gzip", "ng", "nogzip", "$schema"})
"""Settings that make no difference to what a client gets."""
_SHORT = {
    "p": "port", "H": "host", "r": "routes", "s": "static", "d": "delay", "i": "id", "ro": "read-only",
    "nc": "no-cors", "readOnly": "read-only", "noCors": "no-cors",
}  # fmt: skip
_PIECE = re.compile(
    r"(?P<query>\\\?)"
    r"|:(?P<name>[A-Za-z_]\w*)(?P<group>\([^()]*\))?(?P<repeat>[?*+])?"
    r"|(?P<star>\*|\(\.\*\))"
    r"|(?P<bare>\([^()]*\))"
    r"|(?P<other>[\\(){}?+:|\[\]^$])",
    re.ASCII,
)
_REFERENCE = re.compile(r"\$([0-9]+)|:(\w+)", re.ASCII)
_NUMBERS = frozenset({r"(\d+)", "([0-9]+)"})


def read_json_server(source: Source, options: Options) -> Imported:
    """A database of json-server's, 0.17 or 1.0, as a config. Raises ConfigError."""
    spot = Spot(source)
    if not isinstance(source.data, dict):
        message = "a database of json-server's is an object of lists of objects, and of objects"
        raise ConfigError([source.problem(Fault(message))])
    for name, value in source.data.items():
        if not is_collection(value) and name != "$schema":
            spot.at(name).warn("this is no list of objects and no object: it is not served")
    folder = source.file.parent if source.file is not None else None
    name, text = _database(source)
    config: dict[str, Any] = {"database": name, "cors": True}
    files = {name: text}
    read = [source.file] if source.file is not None else []
    resource: dict[str, Any] = {"collection": WHOLE_DATABASE}
    routes, static = ROUTES, PUBLIC
    asked_routes: Spot | None = None
    asked_static: Spot | None = None
    if folder is not None and is_file(folder / SETTINGS):
        read.append(folder / SETTINGS)
        settings = _Settings(_open(folder / SETTINGS), spot.warnings)
        config |= settings.config
        resource |= settings.resource
        if not settings.cors:
            del config["cors"]
        if settings.routes is not None:
            routes, asked_routes = settings.routes
        if settings.static is not None:
            static, asked_static = settings.static
    endpoints: list[dict[str, Any]] = []
    if folder is not None:
        rules = _read_routes(folder, routes, asked_routes, spot.warnings, read)
        if rules:
            config["rewrites"] = rules
        found = _static(folder, static, asked_static)
        if found is not None:
            config["static"] = found
            files |= _static_files(folder, found, spot)
            index = f"{found}/{INDEX}"
            if index in files:  # where json-server looks before it shows its own page
                read.append(folder / index)
                endpoints.append({"path": "/", "file": index})
    whole = resource if len(resource) > 1 else WHOLE_DATABASE
    return Imported(
        config={**config, "endpoints": [*endpoints, {"path": "/", "resource": whole}]},
        files=files,
        warnings=tuple(spot.warnings),
        read=tuple(read),
        patterns=((folder, ROUTES), (folder, SETTINGS)) if folder is not None else (),
    )


def _database(source: Source) -> tuple[str, bytes]:
    """The name and the text of the file with the data."""
    if source.file is None:
        return DATABASE, json.dumps(source.data, indent=2, ensure_ascii=False).encode() + b"\n"
    try:
        return source.file.name, read_text(source.file).encode()
    except NotReadable as error:  # gone, or changed, since it was parsed
        raise ConfigError([source.problem(fault) for fault in error.faults]) from None


def _open(path: Path) -> Source:
    from understudy.formats.read import open_source

    return open_source(path)


class _Settings:
    """What `json-server.json` says: the options of the command line of 0.17."""

    def __init__(self, source: Source, warnings: list[Problem]) -> None:
        self.config: dict[str, Any] = {}
        self.resource: dict[str, Any] = {}
        self.cors = True
        self.routes: tuple[str, Spot] | None = None
        self.static: tuple[str, Spot] | None = None
        spot = Spot(source, (), warnings)
        if not isinstance(source.data, dict):
            raise ConfigError([source.problem(Fault("settings of json-server's are an object"))])
        for name, value in source.data.items():
            try:
                self._take(_SHORT.get(name) or name, value, spot.at(name))
            except LeftOut as left:
                left.spot.warn(f"this setting is left out: {left.message}")

    def _take(self, name: str, value: Any, spot: Spot) -> None:
        if name == "port":
            port = spot.number(value)
            if port > MAX_PORT or port != int(port):
                spot.leave(f"a port is a whole number up to {MAX_PORT}")
            self.config["port"] = int(port)
        elif name == "host":
            if text := spot.text(value):
                self.config["host"] = text
        elif name == "delay":
            if delay := spot.milliseconds(value):
                self.config["defaults"] = {"latency_ms": delay}
        elif name == "routes":
            self.routes = spot.text(value), spot
        elif name == "static":
            self.static = spot.text(value), spot
        elif name == "read-only":
            if value:
                self.resource["read_only"] = True
        elif name == "no-cors":
            self.cors = not value
        elif name == "id":
            key = spot.text(value)
            if not key or "." in key:
                spot.leave("an id is a key of a record")
            if key != "id":
                self.resource["id"] = key
        elif name == "foreignKeySuffix" and value == "Id":
            pass
        elif name not in _IGNORED:
            spot.warn(f"`{name}` is not carried over")


# ---- routes


def _read_routes(
    folder: Path, name: str, asked: Spot | None, warnings: list[Problem], read: list[Path]
) -> dict[str, str]:
    """The rules of a file with routes. One that nobody has asked for may be another tool's."""
    path = folder / name
    if "\0" in name or not is_file(path):
        if asked:
            asked.warn("there is no such file: no route is carried over")
        return {}
    source = _open(path)
    spot = Spot(source, (), warnings)
    data = source.data
    are_routes = isinstance(data, dict) and all(
        one.startswith("/") and isinstance(other, str) for one, other in data.items()
    )
    if not are_routes:
        if asked:
            raise ConfigError([source.problem(Fault("routes are an object of paths and what they become"))])
        return {}
    read.append(path)
    rules: dict[str, str] = {}
    for written, becomes in data.items():
        try:
            pattern, target = route_rule(written, becomes, spot.at(written))
        except LeftOut as left:
            left.spot.warn(f"this route is left out: {left.message}")
            continue
        rules.setdefault(pattern, target)
    return rules


def route_rule(written: str, becomes: str, spot: Spot) -> tuple[str, str]:
    """A route of json-server's as one of `rewrites`. Raises LeftOut where that has no counterpart."""
    names: list[str] = []
    text = ""
    position = 0
    for found in _PIECE.finditer(written):
        text += written[position : found.start()]
        position = found.end()
        if found["query"]:
            text += "?"
        elif found["name"]:
            if found["repeat"] or (found["group"] and found["group"] not in _NUMBERS):
                spot.leave(f"{found[0]} has no counterpart")
            names.append(found["name"])
            text += f"{{{found['name']}:int}}" if found["group"] else f"{{{found['name']}}}"
        elif found["star"] or found["bare"] in _NUMBERS:
            # `$1` counts all groups, those with a name too
            names.append("rest" if found["star"] and "rest" not in names else f"part{len(names) + 1}")
            text += f"{{{names[-1]}:{'path' if found['star'] else 'int'}}}"
        else:
            spot.leave(f"{found[0]} has no counterpart")
    text += written[position:]
    path, mark, query = text.partition("?")
    pattern = path + mark + query.replace(":path}", "}").replace(":int}", "}")
    target = _REFERENCE.sub(lambda reference: _named(reference, names, spot), becomes)
    target = target if target.startswith("/") else f"/{target}"
    try:
        compile_rewrites({pattern: target})
    except RewriteError as error:
        spot.leave(error.args[0])
    return pattern, target


def _named(reference: re.Match[str], names: list[str], spot: Spot) -> str:
    number, name = reference.groups()
    if number is not None:
        if len(number) > 3 or not 1 <= int(number) <= len(names):
            spot.leave(f"{reference[0]} is nothing in the path")
        name = names[int(number) - 1]
    elif name not in names:
        spot.leave(f"{reference[0]} is nothing in the path")
    return f"{{{name}}}"


# ---- files


def _static(folder: Path, name: str, asked: Spot | None) -> str | None:
    """The folder whose files are served, relative to the one of the database; None if there is none."""
    base = os.path.realpath(folder)
    try:
        path = os.path.realpath(folder / name)
    except ValueError:
        path = ""
    if os.path.isdir(path) and path.startswith(base + os.sep):
        return os.path.relpath(path, base).replace(os.sep, "/")
    if asked:
        asked.warn("there is no such folder below that of the database: its files are not served")
    return None


def _static_files(folder: Path, name: str, spot: Spot) -> dict[str, bytes]:
    """The files of that folder; not those that links lead to outside of it."""
    found: dict[str, bytes] = {}
    total = 0
    for path in files_below(folder / name):
        try:
            total += path.stat().st_size
            if total > MAX_STATIC_BYTES:
                most = MAX_STATIC_BYTES // 2**20
                spot.warnings.append(
                    Problem(f"larger than {most} MB: import leaves the rest out", file=shown(folder / name))
                )
                break
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
        except OSError as error:
            spot.warnings.append(Problem(f"cannot be read: {error.strerror or error}", file=str(path)))
    return found
