"""A collection, or a folder with collections and an environment, as a config."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from understudy.errors import ConfigError, Problem
from understudy.formats.imported import Imported, Options, Origin
from understudy.formats.postman.auth import Schemes
from understudy.formats.postman.bodies import read_body
from understudy.formats.postman.choose import MAX_NAME, Example, Group, endpoint
from understudy.formats.postman.items import Asides, Item, request_of, walk
from understudy.formats.postman.responses import read_status
from understudy.formats.postman.urls import Route, Url, read_url, within
from understudy.formats.postman.variables import Variables, read_variables
from understudy.formats.spot import LeftOut, Spot
from understudy.load.fault import Fault
from understudy.load.source import Source
from understudy.model.parts import TOKEN

COLLECTION = ".postman_collection.json"
ENVIRONMENT = ".postman_environment.json"
GLOBALS = ".postman_globals.json"
_HEAD = ("name", "path", "method", "group")
_OLD = (
    "this is a collection of version 1: export it from Postman as v2.1, or convert it with `npx"
    " postman-collection-transformer convert -i FILE -j 1.0.0 -o NEW -p 2.1.0`"
)


def read_postman(source: Source, options: Options) -> Imported:
    """A collection, or a folder with collections and at most one environment. Raises ConfigError."""
    warnings: list[Problem] = []
    folder = source.file if source.data is None else None
    collections, scopes = _folder(folder, source, warnings) if folder is not None else ([source], [])
    reader = _Reader(options)
    for one in collections:
        spot = Spot(one, (), warnings)
        try:
            reader.read(spot, [Spot(scope, (), warnings) for scope in scopes])
        except LeftOut as left:
            raise ConfigError([left.spot.source.problem(Fault(left.message, left.spot.keys))]) from None
    config, origins, comments = reader.config()
    files = [*collections, *scopes]
    return Imported(
        config=config,
        warnings=tuple(warnings),
        origins=tuple(origins),
        comments=tuple(comments),
        read=tuple(one.file for one in files if one.file is not None),
        patterns=tuple((folder, f"*{end}") for end in (COLLECTION, ENVIRONMENT, GLOBALS)) if folder else (),
    )


def _folder(folder: Path, source: Source, warnings: list[Problem]) -> tuple[list[Source], list[Source]]:
    """The collections in a folder, and whose variables count, the outermost scope first."""
    collections = _sources(folder, COLLECTION)
    if not collections:
        raise ConfigError([source.problem(Fault(f"there is no file *{COLLECTION} in the folder"))])
    environments = _sources(folder, ENVIRONMENT)
    if len(environments) > 1:
        names = ", ".join(one.file.name for one in environments if one.file is not None)
        message = f"there are several environments ({names}): the first one is taken"
        warnings.append(source.problem(Fault(message)))
    return collections, [*_sources(folder, GLOBALS), *environments[:1]]


def _sources(folder: Path, end: str) -> list[Source]:
    from understudy.formats.read import open_source

    inside = os.path.realpath(folder) + os.sep
    paths = [folder / name for name in sorted(os.listdir(folder)) if name.endswith(end)]
    return [open_source(path) for path in paths if os.path.realpath(path).startswith(inside)]


class _Reader:
    """Gathers the examples of all collections by method and path."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._groups: dict[tuple[str, tuple[str, ...]], Group] = {}
        self._schemes = Schemes()
        self._accesses: list[str | None] = []

    def read(self, spot: Spot, scopes: list[Spot]) -> None:
        """Add a collection; an environment's variables go before its own, globals after. Raises LeftOut."""
        spot, data = _collection(spot)
        *outer, environment = [_scope(scope) for scope in scopes] or [{}]
        is_global = scopes and str(scopes[-1].source.file).endswith(GLOBALS)
        if is_global:
            outer, environment = [*outer, environment], {}
        own = read_variables(data.get("variable"), spot.at("variable"))
        values = {key: value for scope in outer for key, value in scope.items()} | own | environment
        asides = Asides()
        for item in walk({**data, "variable": None}, Variables(values), asides, spot):
            try:
                self._add(item, asides)
            except LeftOut as left:
                left.spot.warn(f"this is left out: {left.message}")
        asides.warn()

    # ---- requests

    def _add(self, item: Item, asides: Asides) -> None:
        spot = item.spot.at("request")
        url = read_url(item.request.get("url"), item.variables, self._options.servers, spot.at("url"))
        access = (
            self._schemes.access(item.auth[0], item.variables, item.auth[1]) if self._options.auth else None
        )
        responses = item.spot.at("response")
        written = item.written.get("response")
        is_one = isinstance(written, dict)  # as some tools write it
        found = 0
        for number, one in enumerate([written] if is_one else responses.sequence(written)):
            inner = responses if is_one else responses.at(number)
            try:
                self._example(item, url, access, inner.mapping(one), inner)
                found += 1
            except LeftOut as left:
                left.spot.warn(f"this example is left out: {left.message}")
            if isinstance(one, dict) and one.get("cookie"):
                asides.note("cookies that were saved beside an example are not set", inner.at("cookie"))
        if not found:
            asides.note("without an example, the answer is empty and has status 200", item.spot)
            self._example(item, url, access, {"originalRequest": None, "code": 200}, item.spot)

    def _example(self, item: Item, url: Url, access: str | None, written: dict[str, Any], spot: Spot) -> None:
        original = written.get("originalRequest")
        inner = spot.at("originalRequest") if original else item.spot.at("request")
        request = request_of(original, inner) if original else item.request
        if original and request.get("url") is not None:
            asked = read_url(request["url"], item.variables, self._options.servers, inner.at("url"))
            asked = asked._replace(route=within(url.route, asked.route))
        else:
            asked = url
        query: dict[str, list[str | None]] = {}
        for key, value in asked.query:
            query.setdefault(key, []).append(value)
        name = written.get("name")
        example = Example(
            name=name.strip() if isinstance(name, str) else "",
            id=str(written.get("id") or "") if isinstance(written.get("id"), str) else "",
            status=read_status(written, spot),
            names=asked.route.names,
            values=asked.route.values,
            query={key: tuple(values) for key, values in query.items()},
            body=read_body(request.get("body"), item.variables, inner.at("body")),
            written=written,
            variables=item.variables,
            spot=spot,
        )
        method = _method(request.get("method") or item.request.get("method"), inner)
        self._group(item, method, asked.route, access).examples.append(example)

    def _group(self, item: Item, method: str, route: Route, access: str | None) -> Group:
        group = self._groups.get((method, route.segments))
        if group is None:
            group = Group(
                method=method,
                segments=route.segments,
                names=route.names,
                title=item.name,
                comment=_comment(item.request.get("description")),
                groups=item.groups,
                auth=access,
                spot=item.spot,
            )
            self._groups[method, route.segments] = group
        return group

    # ---- all together

    def config(self) -> tuple[dict[str, Any], list[Origin], list[str]]:
        """The config, and for each endpoint where it came from and a comment."""
        made: list[tuple[Group, dict[str, Any]]] = []
        for group in self._groups.values():
            try:
                made.append((group, endpoint(group)))
            except LeftOut as left:
                left.spot.warn(f"this is left out: {left.message}")
        default = _commonest([group.auth for group, _ in made])
        made = [(group, _protected(written, group.auth, default)) for group, written in made]
        _tell_names_apart([written for _, written in made])
        config: dict[str, Any] = {}
        used = {group.auth for group, _ in made}
        schemes = {name: scheme for name, scheme in self._schemes.schemes.items() if name in used}
        if schemes:
            config["auth"] = {"schemes": schemes}
        if default is not None:
            config["defaults"] = {"auth": default}
        config["endpoints"] = [written for _, written in made]
        return config, [group.spot.origin for group, _ in made], [group.comment for group, _ in made]


def _collection(spot: Spot) -> tuple[Spot, dict[str, Any]]:
    """The collection in a document, which may be what Postman's API gives: `{"collection": …}`."""
    data = spot.mapping(spot.source.data)
    if "item" not in data and isinstance(data.get("collection"), dict):
        spot, data = spot.at("collection"), data["collection"]
    if "item" not in data:
        if "requests" in data:
            spot.leave(_OLD)
        if "values" in data:
            spot.leave("these are variables: give the folder that has the collection beside them")
        spot.leave("this is no collection: it has no `item`")
    return spot, data


def _scope(spot: Spot) -> dict[str, str]:
    return read_variables(spot.mapping(spot.source.data).get("values"), spot.at("values"))


def _method(written: Any, spot: Spot) -> str:
    method = spot.at("method").text(written or "GET").strip().upper() or "GET"
    if not TOKEN.fullmatch(method):
        spot.at("method").leave(f"{method!r} is not a method")
    return method


def _comment(written: Any) -> str:
    """The first line of a description."""
    text = written.get("content") if isinstance(written, dict) else written
    return next(_lines(text), "") if isinstance(text, str) else ""


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())


def _protected(written: dict[str, Any], access: str | None, default: str | None) -> dict[str, Any]:
    """The endpoint with its `auth`, if that is not the default, before what it answers."""
    if access == default:
        return written
    head: dict[str, Any] = {key: written[key] for key in _HEAD if key in written}
    return {**head, "auth": access or False, **written}


def _commonest(accesses: list[str | None]) -> str | None:
    """The access that more than half of the endpoints have; None if there is none."""
    access, count = Counter(accesses).most_common(1)[0] if accesses else (None, 0)
    return access if count * 2 > len(accesses) else None


def _tell_names_apart(written: list[dict[str, Any]]) -> None:
    """Number names that several requests have, as an endpoint's name is its own."""
    count = Counter(one.get("name") for one in written)
    taken = set(filter(None, count))
    last: Counter[str] = Counter()
    for one in written:
        name = one.get("name")
        if name is None or count[name] == 1:
            continue
        stem = name[: MAX_NAME - 10]
        while one["name"] in taken:
            last[stem] += 1
            one["name"] = f"{stem} ({last[stem]})"
        taken.add(one["name"])
