"""What a stub demands of a request: path, method and `match`."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any, NamedTuple

from understudy.formats.fragments import Fragment, together
from understudy.formats.spot import Spot
from understudy.formats.wiremock.bodies import body_match
from understudy.formats.wiremock.conditions import condition, java_regex

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
"""What `noneOf` leaves to choose from."""

_KNOWN = frozenset(
    {
        "method", "url", "urlPath", "urlPattern", "urlPathPattern", "urlPathTemplate", "pathParameters",
        "queryParameters", "headers", "cookies", "formParameters", "basicAuth", "basicAuthCredentials",
        "bodyPatterns", "multipartPatterns", "host", "port", "scheme", "clientIp",
    }
)  # fmt: skip
_SPECIAL = re.compile(r"[{}*]")
_PARAMETER = re.compile(r"\{([^{}]*)\}")
_OTHER_CHARACTERS = re.compile(r"[^A-Za-z0-9_]")
_MAY_TAKE_A_QUERY = re.compile(r"(?<!\\)\.|\[\^|\\[SDWH?]|(?<!\\)\?|%|\[[^]]*\?")


class Demands(NamedTuple):
    """What a request must be like, as the keys of an endpoint."""

    path: Any
    method: Any
    match: dict[str, Any]


def read_request(written: Any, spot: Spot) -> Demands:
    """The demands of a stub's `request`. Raises LeftOut for what no `match` can say."""
    written = spot.mapping(written)
    for name in written:
        if name not in _KNOWN:
            spot.at(name).leave(f"`{name}` cannot be said by a `match`")
    path, fragments = _url(written, spot)
    for name, ours in (
        ("queryParameters", "query"),
        ("headers", "headers"),
        ("cookies", "cookies"),
        ("formParameters", "form"),
    ):
        fragments.append(_named(written.get(name), ours, spot.at(name)))
    fragments.append(_basic_auth(written, spot))
    fragments += _connection(written, spot)
    bodies = spot.at("bodyPatterns")
    for number, one in enumerate(bodies.sequence(written.get("bodyPatterns"))):
        fragments.append(body_match(one, bodies.at(number)))
    fragments.append(_multipart(written.get("multipartPatterns"), spot.at("multipartPatterns")))
    return Demands(
        path, _method(written.get("method"), spot.at("method")), together([one for one in fragments if one])
    )


def _method(written: Any, spot: Spot) -> Any:
    if written is None:
        return "ANY"
    if isinstance(written, str):
        return written.upper()
    choice = spot.mapping(written)
    if "oneOf" in choice:
        return [spot.text(name).upper() for name in spot.at("oneOf").sequence(choice["oneOf"])]
    if "noneOf" not in choice:
        spot.leave("a method is a name, `oneOf` or `noneOf`")
    refused = {spot.text(name).upper() for name in spot.at("noneOf").sequence(choice["noneOf"])}
    return [name for name in METHODS if name not in refused]


# ---- the URL


def _url(written: dict[str, Any], spot: Spot) -> tuple[Any, list[Fragment]]:
    """Path, and further conditions. The first of the five ways to say it counts, as in WireMock."""
    for name, read in _URLS.items():
        if written.get(name) is not None:
            inner = spot.at(name)
            path, fragments = read(inner.text(written[name]), inner)
            if name != "urlPathTemplate" and written.get("pathParameters"):
                spot.at("pathParameters").leave("path parameters need a `urlPathTemplate`")
            if name == "urlPathTemplate":
                fragments.append(_parameters(written.get("pathParameters"), spot.at("pathParameters")))
            return path, fragments
    return "/**", []


def _whole_url(text: str, spot: Spot) -> tuple[Any, list[Fragment]]:
    if not text.startswith("/"):
        spot.leave("a URL begins with a slash: no request has this one")
    return _literal(text.partition("?")[0]), [{"url": text}]


def _whole_path(text: str, spot: Spot) -> tuple[Any, list[Fragment]]:
    if not text.startswith("/"):
        spot.leave("a path begins with a slash: no request has this one")
    return _literal(text), []


def _literal(path: str) -> Any:
    """A path that takes itself alone; what looks like a pattern in it means nothing special."""
    return {"regex": re.escape(path)} if _SPECIAL.search(path) or "?" in path else path


def _url_pattern(text: str, spot: Spot) -> tuple[Any, list[Fragment]]:
    regex = java_regex(text)
    if regex in {".*", "/.*"}:
        return "/**", []
    # a pattern that can take no query is one for the path, which is found sooner
    path: Any = "/**" if _MAY_TAKE_A_QUERY.search(regex) else {"regex": regex}
    return path, [{"url": {"matches": regex}}]


def _path_pattern(text: str, spot: Spot) -> tuple[Any, list[Fragment]]:
    return {"regex": java_regex(text)}, []


def _template(text: str, spot: Spot) -> tuple[Any, list[Fragment]]:
    path = _PARAMETER.sub(lambda found: "{" + parameter_name(found[1]) + "}", text)
    return (path if path.startswith("/") else f"/{path}"), []


def parameter_name(name: str) -> str:
    """A name for a parameter of a path, which has letters, digits and underscores alone."""
    plain = _OTHER_CHARACTERS.sub("_", name)
    return plain if plain[:1].isalpha() or plain[:1] == "_" else f"_{plain}"


def _parameters(written: Any, spot: Spot) -> Fragment:
    renamed = {parameter_name(name): one for name, one in spot.mapping(written).items()}
    return _named(renamed, "params", spot)


_URLS = {
    "url": _whole_url,
    "urlPattern": _url_pattern,
    "urlPath": _whole_path,
    "urlPathPattern": _path_pattern,
    "urlPathTemplate": _template,
}


# ---- everything else


def _named(written: Any, ours: str, spot: Spot) -> Fragment:
    found = {name: condition(one, spot.at(name)) for name, one in spot.mapping(written).items()}
    conditions = {name: one for name, one in found.items() if one is not None}
    return {ours: conditions} if conditions else {}


def _basic_auth(written: dict[str, Any], spot: Spot) -> Fragment:
    for name in ("basicAuthCredentials", "basicAuth"):
        if name in written:
            inner = spot.at(name)
            pair = inner.mapping(written[name])
            user = inner.text(pair.get("username", ""))
            password = inner.text(pair.get("password", ""))
            return {
                "headers": {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}
            }
    return {}


def _connection(written: dict[str, Any], spot: Spot) -> list[Fragment]:
    fragments: list[Fragment] = []
    host = written.get("host")
    if host is not None:
        inner = spot.at("host")
        wanted = host if isinstance(host, str) else condition(host, inner)
        fragments += [] if wanted is None else [{"host": wanted}]
    client = written.get("clientIp")
    if client is not None:
        inner = spot.at("clientIp")
        wanted = client if isinstance(client, str) else condition(client, inner)
        if wanted is not None and not isinstance(wanted, str):
            inner.leave("a client is told by its address or network alone")
        fragments += [] if wanted is None else [{"client": wanted}]
    for name in ("port", "scheme"):
        if written.get(name) is not None:
            spot.at(name).warn(
                f"`{name}` is not looked at: the server has one port, which decides the scheme"
            )
    return fragments


def _multipart(written: Any, spot: Spot) -> Fragment:
    parts = []
    for number, one in enumerate(spot.sequence(written)):
        inner = spot.at(number)
        one = inner.mapping(one)
        if str(one.get("matchingType", "ANY")).upper() == "ALL":
            inner.at("matchingType").leave("one part is enough to meet a condition: ALL cannot be said")
        part: dict[str, Any] = {}
        for name, ours in (("name", "name"), ("fileName", "filename"), ("filename", "filename")):
            if name in one:
                value = one[name]
                wanted = value if isinstance(value, str) else condition(value, inner.at(name))
                if wanted is not None:
                    part[ours] = wanted
        part |= _named(one.get("headers"), "headers", inner.at("headers"))
        bodies = inner.at("bodyPatterns")
        found = [
            body_match(body, bodies.at(at))
            for at, body in enumerate(bodies.sequence(one.get("bodyPatterns")))
        ]
        fragment = together([body for body in found if body])
        if fragment.keys() - {"body"}:
            bodies.leave("these conditions on a part cannot be put together")
        parts.append(part | fragment)
    return {"multipart": parts[0] if len(parts) == 1 else parts} if parts else {}
