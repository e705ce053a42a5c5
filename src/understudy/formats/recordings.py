"""Recordings of the original Local API Mock Server as a config.

They are a JSON list of `{timestamp, method, path, status, response, headers}`, and each request gets the
first that has its method and path.
"""

from __future__ import annotations

from typing import Any

from understudy.errors import ConfigError
from understudy.formats.har.headers import kept_headers
from understudy.formats.har.notes import Notes
from understudy.formats.imported import Imported, Options, Origin, literal_json, literal_path
from understudy.formats.spot import LeftOut, Spot
from understudy.load.fault import Fault
from understudy.load.source import Source
from understudy.model.parts import TOKEN
from understudy.request import canonical_path

_OF_REQUESTS = frozenset({"host", "user-agent", "accept", "accept-encoding", "authorization", "cookie"})


def read_recordings(source: Source, options: Options) -> Imported:
    """A list of recordings as a config. Raises ConfigError."""
    spot = Spot(source)
    notes = Notes()
    endpoints: list[dict[str, Any]] = []
    origins: list[Origin] = []
    first: dict[tuple[str, str], dict[str, Any]] = {}
    try:
        written = spot.sequence(source.data)
    except LeftOut as left:
        raise ConfigError([source.problem(Fault(left.message, left.spot.keys))]) from None
    for number, one in enumerate(written):
        inner = spot.at(number)
        try:
            path, endpoint = _endpoint(one, inner)
        except LeftOut as left:
            notes.add(f"this recording is left out: {left.message}", left.spot)
            continue
        known = first.setdefault((endpoint.get("method", "GET"), path), endpoint)
        if known is endpoint:
            endpoints.append(endpoint)
            origins.append(inner.origin)
        elif known != endpoint:
            notes.add("never replayed: an earlier recording has the same method and path", inner)
    notes.tell()
    return Imported(
        config={"endpoints": endpoints},
        warnings=tuple(spot.warnings),
        origins=tuple(origins),
        read=(source.file,) if source.file is not None else (),
    )


def _endpoint(written: Any, spot: Spot) -> tuple[str, dict[str, Any]]:
    """The canonical path, and the endpoint. Raises LeftOut."""
    one = spot.mapping(written)
    path = spot.at("path").text(one.get("path")).partition("?")[0]
    if not path.startswith("/"):
        spot.at("path").leave("a path begins with a slash")
    method = spot.at("method").text(one.get("method") or "GET").upper()
    if not TOKEN.fullmatch(method):
        spot.at("method").leave("its method is no name")
    status = one.get("status", 200)
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 599:
        spot.at("status").leave("a status is from 200 to 599")
    endpoint: dict[str, Any] = {"path": literal_path(path)}
    if method != "GET":
        endpoint["method"] = method
    if status != 200:
        endpoint["status"] = status
    headers = spot.at("headers").mapping(one.get("headers"))
    if _OF_REQUESTS.isdisjoint(name.lower() for name in headers):
        kept = kept_headers(((name, str(value)) for name, value in headers.items()), ())
        kept = {name: value for name, value in kept.items() if value != "application/json"}
        if kept:
            endpoint["headers"] = kept
    endpoint["response"] = literal_json(one.get("response"))
    return canonical_path(path.encode("utf-8", "replace")), endpoint
