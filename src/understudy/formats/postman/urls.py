"""URLs of requests, which are texts or objects: path, query, and the values of path variables."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_plus

from understudy.formats.postman.variables import Variables, read_variables
from understudy.formats.spot import Spot

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PARAMETER = re.compile(r":(.+)|\{([^{}]+)\}", re.DOTALL)
_WILDCARD = re.compile(r"\{\{([^{}]*)\}\}")
_SPECIAL = re.compile(r"[{}*?]")
_OTHER_CHARACTERS = re.compile(r"[^A-Za-z0-9_]+")
HOLE = "\0"
"""Stands for a parameter in a segment."""
MAX_SEGMENTS = 200
MAX_PARAMETERS = 50
"""What a path may have; real ones have a handful."""


class Route(NamedTuple):
    """A path: its segments with a HOLE for each parameter, and the parameters' names and values in order.

    A value is None where the parameter may be anything.
    """

    segments: tuple[str, ...]
    names: tuple[str, ...]
    values: tuple[str | None, ...]


class Url(NamedTuple):
    """What of a URL counts. The value of a query parameter is None where it may be anything."""

    route: Route
    query: tuple[tuple[str, str | None], ...]


def read_url(written: Any, variables: Variables, servers: bool, spot: Spot) -> Url:
    """A URL. `servers`: whether a path that is a part of the server's address counts. Raises LeftOut."""
    if written is None:
        return Url(_route([], {}, spot), ())
    if isinstance(written, str):
        return _text_url(written, variables, servers, spot)
    url = spot.mapping(written)
    if url.get("host") is None and url.get("path") is None and url.get("raw") is not None:
        raw = _text_url(spot.at("raw").text(url["raw"]), variables, servers, spot)
        path, query = "", raw.query
        segments = raw.route
        values = _values(url, variables, spot)
        if not values:
            return raw
        route = Route(
            segments.segments,
            segments.names,
            tuple(values.get(name) for name in segments.names),
        )
        return Url(route, _query(url, variables, spot) or query)
    host = _joined(url.get("host"), ".", spot.at("host"))
    path = _joined(url.get("path"), "/", spot.at("path"))
    before = _server_path(variables.fill(host, spot), servers)
    route = _route(_split(before, variables.fill(path, spot)), _values(url, variables, spot), spot)
    return Url(route, _query(url, variables, spot))


def _text_url(text: str, variables: Variables, servers: bool, spot: Spot) -> Url:
    head, _, query = text.partition("#")[0].partition("?")
    scheme = _SCHEME.match(head)
    host, slash, path = head[scheme.end() if scheme else 0 :].partition("/")
    before = _server_path(variables.fill(host, spot), servers)
    filled = variables.fill(path, spot)
    more, _, more_query = filled.partition("?")
    pairs = [*more_query.split("&"), *variables.fill(query, spot).split("&")]
    return Url(
        _route(_split(before, slash + more), {}, spot),
        tuple(_pair(*(one.partition("=")[::2])) for one in pairs if one),
    )


def _joined(written: Any, separator: str, spot: Spot) -> str:
    """Host or path, a text or a list of texts or of objects with a `value`."""
    if written is None or isinstance(written, str):
        return written or ""
    parts = []
    for number, one in enumerate(spot.sequence(written)):
        inner = spot.at(number)
        value = one.get("value", "") if isinstance(one, dict) else one
        parts.append("" if value is None else inner.text(value))
    return separator.join(parts)


def _server_path(host: str, servers: bool) -> str:
    """The path in what a variable for the server came to, without a slash at its end."""
    scheme = _SCHEME.match(host)
    path = host[scheme.end() if scheme else 0 :].partition("/")[2] if servers else ""
    return path.partition("?")[0].rstrip("/")


def _split(before: str, path: str) -> list[str]:
    path = path.removeprefix("/")
    segments = [*before.split("/"), *path.split("/")] if before else path.split("/")
    if segments[-1] == "":  # a last slash makes no difference
        segments.pop()
    return segments


def _values(url: dict[str, Any], variables: Variables, spot: Spot) -> dict[str, str | None]:
    """The values of path variables, for those that have one."""
    inner = spot.at("variable")
    found = read_variables(url.get("variable"), inner)
    filled = {name: variables.fill(value, inner) for name, value in found.items()}
    return {name: unquote(value) for name, value in filled.items() if value and "{{" not in value}


def _route(segments: list[str], values: dict[str, str | None], spot: Spot) -> Route:
    if len(segments) > MAX_SEGMENTS:
        spot.leave(f"a path of more than {MAX_SEGMENTS} segments")
    shape: list[str] = []
    names: list[str] = []
    for segment in segments:
        whole = _PARAMETER.fullmatch(segment)
        if whole is not None and not _WILDCARD.search(segment):
            names.append(whole[1] or whole[2])
            shape.append(HOLE)
            continue
        names += _WILDCARD.findall(segment)
        shape.append(_WILDCARD.sub(HOLE, segment))
    if len(names) > MAX_PARAMETERS:
        spot.leave(f"a path of more than {MAX_PARAMETERS} parameters")
    return Route(tuple(shape), tuple(names), tuple(values.get(name) for name in names))


def _query(url: dict[str, Any], variables: Variables, spot: Spot) -> tuple[tuple[str, str | None], ...]:
    written = url.get("query")
    if isinstance(written, str):
        pairs = variables.fill(written, spot.at("query")).removeprefix("?").split("&")
        return tuple(_pair(*(one.partition("=")[::2])) for one in pairs if one)
    found = []
    for number, one in enumerate(spot.at("query").sequence(written)):
        inner = spot.at("query", number)
        pair = inner.mapping(one)
        if pair.get("disabled") or pair.get("key") in (None, ""):
            continue
        name = variables.fill(inner.at("key").text(pair["key"]), inner)
        value = variables.fill(inner.at("value").text(pair.get("value") or ""), inner)
        found.append(_pair(name, value))
    return tuple(found)


def _pair(name: str, value: str) -> tuple[str, str | None]:
    return unquote_plus(name), None if "{{" in value else unquote_plus(value)


# ---- as a config has them


def within(general: Route, special: Route) -> Route:
    """The special path as the general one with values, if it is that; else as it is.

    `/pets/7` is `/pets/:id` with the value 7: an example says which pet was asked for.
    """
    if special.segments == general.segments or len(special.segments) != len(general.segments):
        return special
    values: list[str | None] = []
    rest = list(special.values)
    for one, other in zip(general.segments, special.segments, strict=True):
        count = other.count(HOLE)
        if one == other:
            values += rest[:count]
        elif one == HOLE and count == 0 and other:
            values.append(unquote(other))
        else:
            return special
        del rest[:count]
    return Route(general.segments, general.names, tuple(values))


def parameter_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names that parameters of a config's path may have: letters, digits and underscores, each once."""
    found: list[str] = []
    count: Counter[str] = Counter()
    for name in names:
        plain = _OTHER_CHARACTERS.sub("_", name).strip("_") or "value"
        plain = plain if plain[0].isalpha() else f"_{plain}"
        count[plain] += 1
        if count[plain] > 1:
            plain = f"{plain}_{count[plain]}"
            count[plain] += 1
        found.append(plain)
    return tuple(found)


def config_path(segments: tuple[str, ...], names: tuple[str, ...]) -> Any:
    """The path of an endpoint. A regular expression where a text in it would look like a pattern."""
    left = list(names)
    if any(_SPECIAL.search(segment) for segment in segments):
        escaped = [HOLE.join(map(re.escape, segment.split(HOLE))) for segment in segments]
        return {"regex": "/" + "/".join(_filled(segment, "(?P<{}>[^/]+)", left) for segment in escaped)}
    return "/" + "/".join(_filled(segment, "{{{}}}", left) for segment in segments)


def _filled(segment: str, form: str, left: list[str]) -> str:
    first, *rest = segment.split(HOLE)
    return first + "".join(form.format(left.pop(0)) + text for text in rest)
