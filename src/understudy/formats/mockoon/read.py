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
from understudy.formats.spot import LeftOut, Spot
from understudy.formats.texts import Texts, each_text
from understudy.load.fault import Fault
from understudy.load.source import Source

DEFAULT_PORT = 3000


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
    latency_ms = spot.at("latency").number(data.get("latency") or 0)
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
    config: dict[str, Any] = {"port": int(spot.at("port").number(data.get("port", DEFAULT_PORT)))}
    if data.get("hostname"):
        config["host"] = spot.at("hostname").text(data["hostname"])
    if data.get("cors", True):
        config["cors"] = True
    defaults: dict[str, Any] = {}
    headers = read_headers(data.get("headers"), spot.at("headers"))
    if fault := texts.fault(headers):
        spot.at("headers").warn(f"the headers are left out: {fault}")
    elif headers:
        defaults["headers"] = headers
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


def _warn_of_the_rest(data: dict[str, Any], spot: Spot) -> None:
    if data.get("proxyMode"):
        spot.at("proxyMode").warn("requests that no route takes are not passed on to another server")
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
    by_id = {route.get("uuid"): number for number, route in enumerate(routes) if isinstance(route, dict)}
    folders = {
        folder.get("uuid"): folder.get("children")
        for folder in spot.at("folders").sequence(data.get("folders"))
        if isinstance(folder, dict)
    }
    seen: set[Any] = set()
    front = list(data.get("rootChildren") or ()) if isinstance(data.get("rootChildren"), list) else []
    while front:
        child = front.pop(0)
        key = child.get("uuid") if isinstance(child, dict) else None
        if key is None or key in seen:
            continue
        seen.add(key)
        if key in folders:
            children = folders[key]
            front[:0] = children if isinstance(children, list) else []
        elif key in by_id:
            yield routes[by_id[key]], spot.at("routes", by_id[key])
    for number, route in enumerate(routes):
        if not isinstance(route, dict) or route.get("uuid") not in seen or route.get("uuid") is None:
            yield route, spot.at("routes", number)


def _callbacks(written: Any, texts: Texts, responses: Responses, spot: Spot) -> dict[str, dict[str, Any]]:
    """The callbacks of an environment by their id, as those of an endpoint."""
    found: dict[str, dict[str, Any]] = {}
    for number, one in enumerate(spot.sequence(written)):
        inner = spot.at(number)
        data = inner.mapping(one)
        headers = read_headers(data.get("headers"), inner.at("headers"))
        callback: dict[str, Any] = {"url": inner.at("uri").text(data.get("uri") or "")}
        method = str(data.get("method") or "POST").upper()
        if method != "POST":
            callback["method"] = method
        if headers:
            callback["headers"] = headers
        if data.get("bodyType", "INLINE") != "INLINE":
            inner.at("bodyType").warn("this callback is left out: its body is not written in it")
            continue
        if data.get("body"):
            callback["body"] = responses.named(inner.at("body").text(data["body"]))
        if fault := texts.fault(callback):
            inner.warn(f"this callback is left out: {fault}")
            continue
        found[str(data.get("uuid") or data.get("id"))] = callback
    return found
