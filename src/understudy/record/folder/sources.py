"""Whatever recordings are kept in: a folder, a file of one, a HAR, or a file of another tool."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from understudy.errors import ConfigError
from understudy.formats.spot import LeftOut, Spot
from understudy.load.fault import Fault, NotReadable
from understudy.load.files import read_text
from understudy.load.source import Source, read_data
from understudy.load.syntax import yaml
from understudy.model.parts import TOKEN
from understudy.record.exchange import RecordedExchange, RecordedReply, RecordedRequest
from understudy.record.folder.document import checked_header
from understudy.record.folder.names import SUFFIXES
from understudy.record.folder.reader import Folder, read_folder, try_exchange
from understudy.record.folder.times import seconds_of
from understudy.record.foreign import FOREIGN, exchanges_of
from understudy.record.har import exchanges_of_har
from understudy.steps import Header

ORIGIN = "http://localhost"
"""The server of recordings that do not name it."""


def read_recording(path: Path) -> Folder:
    """The recordings at `path`, of whatever kind. Raises ConfigError with all that is wrong."""
    if path.is_dir():
        return read_folder(path)
    found = try_exchange(path) if path.suffix in SUFFIXES else []
    if isinstance(found, RecordedExchange):
        return Folder((found,))
    source, faults = _read(path)
    data = source.data
    if faults:
        raise ConfigError([source.problem(fault) for fault in faults])
    if isinstance(data, dict) and "log" in data:
        exchanges, warnings = exchanges_of_har(data, source)
        return Folder(tuple(exchanges), warnings=warnings)
    if isinstance(data, list):
        return Folder(tuple(exchanges_of_list(data, source)))
    if (foreign := exchanges_of(data, source)) is not None:
        return Folder(tuple(foreign[0]), warnings=foreign[1])
    if isinstance(data, dict) and "request" in data and found:
        raise ConfigError(found)
    message = "these are no recordings"
    others = ", ".join(row.title for row in FOREIGN.values())
    accepted = f"a folder of recordings, a file of one, a HAR, {others}, or the original's recordings.json"
    raise ConfigError([source.problem(Fault(message, accepted=accepted))])


def _read(path: Path) -> tuple[Source, list[Fault]]:
    """The document in a file. Cassettes in YAML have bodies that are binary, which configs may not."""
    if path.suffix.lower() not in (".yaml", ".yml"):
        return read_data(path, 0)
    source = Source(path, format="yaml")
    try:
        source.data = yaml.parse(read_text(path), binary=True)
    except NotReadable as error:
        return source, list(error.faults)
    return source, []


def exchanges_of_list(data: list[Any], source: Source) -> list[RecordedExchange]:
    """The recordings of the original server, `{timestamp, method, path, status, response, headers}`.

    Raises ConfigError with all that is wrong.
    """
    spot = Spot(source)
    found: list[RecordedExchange] = []
    faults: list[Fault] = []
    for number, one in enumerate(data):
        try:
            found.append(_recording(one, spot.at(number)))
        except LeftOut as left:
            faults.append(Fault(left.message, left.spot.keys))
    if faults:
        raise ConfigError([source.problem(fault) for fault in faults[:1000]])
    return found


_OF_REQUESTS = frozenset((b"host", b"user-agent", b"accept", b"accept-encoding", b"authorization", b"cookie"))


def _recording(written: Any, spot: Spot) -> RecordedExchange:
    """One recording. Raises LeftOut."""
    one = spot.mapping(written)
    target = spot.at("path").text(one.get("path"))
    if not target.startswith("/") or not target.isprintable() or " " in target:
        spot.at("path").leave("a path begins with a slash, and has no spaces")
    method = spot.at("method").text(one.get("method") or "GET").upper()
    if not TOKEN.fullmatch(method):
        spot.at("method").leave("its method is no name")
    status = one.get("status", 200)
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 999:
        spot.at("status").leave("a status is from 200 to 999")
    headers = _headers(one.get("headers"), spot.at("headers"))
    asked: tuple[Header, ...] = headers
    answered: tuple[Header, ...] = ()
    if _OF_REQUESTS.isdisjoint(name.lower() for name, _ in headers):
        asked, answered = (), headers
    try:
        body = json.dumps(one.get("response")).encode()
    except RecursionError:
        spot.at("response").leave("nested too deeply")
    own = frozenset((b"content-length", b"transfer-encoding", b"content-encoding", b"connection"))
    kept = tuple(header for header in answered if header[0].lower() not in own)
    if not any(name.lower() == b"content-type" for name, _ in kept):
        kept = ((b"Content-Type", b"application/json"), *kept)
    kept = (*kept, (b"Content-Length", b"%d" % len(body)))
    return RecordedExchange(
        request=RecordedRequest(method=method, origin=ORIGIN, target=target, headers=asked),
        reply=RecordedReply(status=status, headers=kept, body=body),
        recorded_at=_time(one.get("timestamp")),
    )


def _headers(written: Any, spot: Spot) -> tuple[Header, ...]:
    try:
        return tuple(
            checked_header(name.encode(), str(value).encode())
            for name, value in spot.mapping(written).items()
        )
    except ValueError as error:
        spot.leave(str(error))


def _time(written: Any) -> float:
    try:
        return float(written) if isinstance(written, int | float) else seconds_of(str(written))
    except (ValueError, OverflowError):
        return 0.0
