"""An environment of Mockoon's as a config."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from understudy.errors import ConfigError
from understudy.formats.imported import Imported, Options, Origin
from understudy.formats.mockoon.buckets import Buckets
from understudy.formats.mockoon.responses import Responses, read_headers
from understudy.formats.mockoon.routes import Made, Routes
from understudy.formats.order import keep_order
from understudy.formats.proxying import constant, proxy_of
from understudy.formats.spot import LeftOut, Spot
from understudy.formats.texts import Texts, check_callback, each_text
from understudy.load.fault import Fault
from understudy.load.source import Source
from understudy.model.parts import check_headers

DEFAULT_PORT = 3000
MAX_PORT = 65_535
LAST = -1_000_000
"""The priority of what is asked behind all routes."""


def read_mockoon(source: Source, options: Options) -> Imported:
    """An environment, as Mockoon 1 to 9 write it, as a config. Raises ConfigError."""
    spot = Spot(source)
    try:
        return _environment(source, spot)
    except LeftOut as left:
        raise ConfigError([source.problem(Fault(left.message, left.spot.keys))]) from None


def _environment(source: Source, spot: Spot) -> Imported:
    data = spot.mapping(source.data)
    _warn_of_the_rest(data, spot)
    folder = source.file.parent if source.file is not None else None
    buckets = Buckets(data.get("data"), _made_at(source), spot.at("data"))
    texts = Texts("mockoon" if _has_templates(data) else None)
    latency_ms = spot.at("latency").milliseconds(data.get("latency") or 0)
    responses = Responses(texts, buckets, folder, latency_ms)
    callbacks = _callbacks(data.get("callbacks"), texts, responses, spot.at("callbacks"))
    routes = Routes(str(data.get("endpointPrefix") or ""), responses, buckets, callbacks)
    made: list[Made] = []
    origins: list[Origin] = []
    for route, at in _in_order(data, spot):
        try:
            found = routes.read(at.mapping(route), at)
        except LeftOut as left:
            left.spot.warn(f"this route is left out: {left.message}")
            continue
        made += found
        origins += [at.origin] * len(found)
    written = [one.written for one in made]
    keep_order(written, [one.endpoint for one in made])
    if data.get("proxyMode") and read_headers(data.get("proxyResHeaders"), spot.at("proxyResHeaders")):
        last = _proxied(data, spot)
        written += last
        origins += [spot.at("proxyHost").origin] * len(last)
    return Imported(
        config={**_settings(data, texts, latency_ms, buckets, routes, spot), "endpoints": written},
        files=responses.files,
        warnings=tuple(spot.warnings),
        origins=tuple(origins),
        read=(source.file,) if source.file is not None else (),
    )


def _settings(
    data: dict[str, Any], texts: Texts, latency_ms: float, buckets: Buckets, routes: Routes, spot: Spot
) -> dict[str, Any]:
    """Everything but the endpoints."""
    port = int(spot.at("port").number(data.get("port", DEFAULT_PORT)))
    if port > MAX_PORT:
        spot.at("port").leave(f"a port is at most {MAX_PORT}")
    config: dict[str, Any] = {"port": port}
    if data.get("proxyMode") and not read_headers(data.get("proxyResHeaders"), spot.at("proxyResHeaders")):
        config |= _proxy(data, spot)
    if data.get("hostname"):
        config["host"] = spot.at("hostname").text(data["hostname"])
    if data.get("cors", True):
        config["cors"] = True
    defaults: dict[str, Any] = {}
    headers = read_headers(data.get("headers"), spot.at("headers"))
    if fault := texts.fault(headers):
        spot.at("headers").warn(f"the headers are left out: {fault}")
    elif headers:
        try:
            check_headers(headers)
        except ValueError as error:
            spot.at("headers").leave(str(error))
        defaults["headers"] = texts.json(headers)
    if latency_ms:
        defaults["latency_ms"] = latency_ms
    if texts.language:
        defaults["templates"] = texts.language
    if defaults:
        config["defaults"] = defaults
    if buckets.database:
        config["database"] = buckets.database
    if routes.counters:
        config["state"] = {"variables": routes.counters}
    return config


def _proxy(data: dict[str, Any], spot: Spot) -> dict[str, Any]:
    """The key `proxy` for the server that gets what no route takes; none where that cannot be said."""
    prefix = str(data.get("endpointPrefix") or "").strip("/")
    try:
        proxy = proxy_of(
            spot.at("proxyHost").text(data.get("proxyHost") or ""),
            spot.at("proxyHost"),
            strip_prefix=f"/{prefix}" if prefix and data.get("proxyRemovePrefix") else "",
            headers=constant(
                read_headers(data.get("proxyReqHeaders"), spot.at("proxyReqHeaders")),
                spot.at("proxyReqHeaders"),
            ),
        )
    except LeftOut as left:
        left.spot.warn(f"requests that no route takes are not passed on: {left.message}")
        return {}
    return {"proxy": proxy}


def _proxied(data: dict[str, Any], spot: Spot) -> list[dict[str, Any]]:
    """The same as an endpoint behind all others, which can have headers for what comes back."""
    proxy = _proxy(data, spot)
    inner = spot.at("proxyResHeaders")
    headers = constant(read_headers(data["proxyResHeaders"], inner), inner)
    try:
        check_headers(headers)
    except ValueError as error:
        inner.warn(f"the headers of what comes back are left out: {error}")
        headers = {}
    more = {"headers": headers} if headers else {}
    return [{"path": "/**", "method": "ANY", "priority": LAST, **proxy, **more}] if proxy else []


def _warn_of_the_rest(data: dict[str, Any], spot: Spot) -> None:
    tls = data.get("tlsOptions")
    if isinstance(tls, dict) and tls.get("enabled"):
        spot.at("tlsOptions").warn("it is served without TLS")


def _has_templates(data: dict[str, Any]) -> bool:
    """Whether any text may be a template, in which case all are."""
    parts = [data.get("headers"), data.get("routes"), data.get("callbacks")]
    if any("{{" in text for text in each_text(parts)):
        return True
    return not {"DATABUCKET", "FILE"}.isdisjoint(each_text(parts))


def _made_at(source: Source) -> float:
    """When the file was written, in unix seconds: what templates of data take for the time."""
    try:
        return source.file.stat().st_mtime if source.file is not None else 0.0
    except OSError:
        return 0.0


def _in_order(data: dict[str, Any], spot: Spot) -> Iterator[tuple[Any, Spot]]:
    """The routes in the order of the window, folders opened, as Mockoon asks them."""
    routes = spot.sequence(data.get("routes"))
    by_id = {_id(route): number for number, route in enumerate(routes) if _id(route)}
    folders = {
        _id(folder): folder.get("children")
        for folder in spot.at("folders").sequence(data.get("folders"))
        if _id(folder)
    }
    seen: set[str] = set()
    front = list(data.get("rootChildren") or ()) if isinstance(data.get("rootChildren"), list) else []
    while front:
        child = front.pop(0)
        key = _id(child)
        if not key or key in seen:
            continue
        seen.add(key)
        if key in folders:
            children = folders[key]
            front[:0] = children if isinstance(children, list) else []
        elif key in by_id:
            yield routes[by_id[key]], spot.at("routes", by_id[key])
    for number, route in enumerate(routes):
        if _id(route) not in seen:
            yield route, spot.at("routes", number)


def _id(written: Any) -> str:
    """The id of a route, a folder or a reference to one; "" if it has none."""
    return str(written.get("uuid") or "") if isinstance(written, dict) else ""


def _callbacks(written: Any, texts: Texts, responses: Responses, spot: Spot) -> dict[str, dict[str, Any]]:
    """The callbacks of an environment by their id, as those of an endpoint."""
    found: dict[str, dict[str, Any]] = {}
    for number, one in enumerate(spot.sequence(written)):
        inner = spot.at(number)
        data = inner.mapping(one)
        try:
            found[str(data.get("uuid") or data.get("id"))] = _callback(data, texts, responses, inner)
        except LeftOut as left:
            left.spot.warn(f"this callback is left out: {left.message}")
    return found


def _callback(data: dict[str, Any], texts: Texts, responses: Responses, spot: Spot) -> dict[str, Any]:
    callback: dict[str, Any] = {"url": texts.text(spot.at("uri").text(data.get("uri") or ""))}
    method = str(data.get("method") or "POST").upper()
    if method != "POST":
        callback["method"] = method
    headers = read_headers(data.get("headers"), spot.at("headers"))
    if headers:
        callback["headers"] = texts.json(headers)
    if data.get("bodyType", "INLINE") != "INLINE":
        spot.at("bodyType").leave("its body is not written in it")
    if data.get("body"):
        callback["body"] = texts.text(responses.named(spot.at("body").text(data["body"])))
    if fault := texts.fault(callback):
        spot.leave(fault)
    check_callback(callback, spot)
    return callback
