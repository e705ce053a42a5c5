"""A recorded exchange, read once: what the request asks, and what the reply says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from understudy.errors import Problem
from understudy.formats.har.bodies import NOT_PLAIN, is_json, plain_json
from understudy.formats.har.headers import host_of
from understudy.model.parts import TOKEN
from understudy.record.exchange import BodyInFile, Payload, RecordedExchange, RecordedReply
from understudy.request import Request, canonical_path
from understudy.steps import BODILESS, Header
from understudy.views.codings import codings_in, decoded

MAX_BODY_BYTES = 16 * 1024 * 1024
"""Of a body in a file that is read; of a larger reply the body is left out."""
_ASSETS = ("text/html", "text/css", "javascript", "image/", "font", "audio/", "video/", "wasm")
"""What a Content-Type has in it of pages and what they are made of."""

Warn = Callable[[str, str], None]
"""Says something about an exchange: the message, and the exchange's id."""
Pairs = list[tuple[str, str]]


@dataclass(slots=True, eq=False)
class Sample:
    """An exchange that endpoints are made of.

    `path` is as it was sent, `segments` are those of its canonical spelling. `headers` and `body` are those
    of the reply, the body decoded, `json` what is in it (or NOT_PLAIN), and `kind` its Content-Type.
    `status` is 0 where there was no reply. `request.params` are the path's parameters as soon as they are
    known.
    """

    exchange: RecordedExchange
    id: str
    host: str
    path: str
    segments: tuple[str, ...]
    request: Request
    status: int
    headers: Pairs
    kind: str
    body: bytes
    json: Any

    @property
    def at(self) -> float:
        """When it was recorded, in unix seconds; 0 if that is not known."""
        return self.exchange.recorded_at

    @property
    def is_asset(self) -> bool:
        """Whether it is a page, or a part of one."""
        return any(part in self.kind.lower() for part in _ASSETS)

    @property
    def is_call(self) -> bool:
        """Whether it looks like a call of an API."""
        return not self.is_asset and (is_json(self.kind) or self.request.method != "GET")


class Skipped(Exception):
    """An exchange that no endpoint can be made of; the text says why."""


def in_order(exchanges: list[RecordedExchange]) -> list[RecordedExchange]:
    """Exchanges by their time, and those of one time as they came."""
    return sorted(exchanges, key=lambda one: one.recorded_at)


def read_samples(exchanges: list[RecordedExchange], warnings: list[Problem]) -> list[Sample]:
    """The exchanges that can be answered again. What is left out is warned of, each kind of it once."""
    said: dict[str, list[str]] = {}

    def warn(message: str, id: str) -> None:
        said.setdefault(message, []).append(id)

    found = []
    for number, one in enumerate(exchanges, 1):
        id = one.id or f"exchange {number}"
        try:
            found.append(_sample(one, id, warn))
        except Skipped as skipped:
            warn(f"left out: {skipped}", id)
    for message, ids in said.items():
        more = f" (and {len(ids) - 1} more like it)" if len(ids) > 1 else ""
        warnings.append(Problem(f"{message}{more}", file=ids[0]))
    return found


def _sample(one: RecordedExchange, id: str, warn: Warn) -> Sample:
    """Raises Skipped."""
    request, reply = one.request, one.reply
    host = host_of(request.origin + "/")
    if one.messages or (reply is not None and reply.status == 101):
        raise Skipped("a WebSocket, which endpoints of a config do not speak: replay the recording instead")
    if request.method == "CONNECT":
        raise Skipped("CONNECT opens a tunnel through a proxy")
    if host is None or not request.target.startswith("/") or not TOKEN.fullmatch(request.method):
        raise Skipped("the request is not one of HTTP")
    names = {name.lower() for name, _ in request.headers}
    if request.method == "OPTIONS" and b"access-control-request-method" in names:
        raise Skipped("a preflight, which `cors` answers")
    if reply is None and one.failed is None:
        raise Skipped("it has neither a reply nor a failure")
    if reply is not None and not 200 <= reply.status <= 599:
        raise Skipped(f"status {reply.status}: a status is from 200 to 599")
    asked = content(request.body) if request.is_whole else b""
    if not request.is_whole:
        warn("its request was answered before all of it was sent: conditions do not look at its body", id)
    if asked is None:
        warn("its request has a large body, which conditions do not look at", id)
    target = quote(request.target.partition("#")[0], safe="!#$%&'()*+,/:;=?@[]~{}|^`\\\"<>").encode()
    raw_path = target.partition(b"?")[0]
    made = Request(
        request.method, target, tuple(map(_lower, request.headers)), _plain(asked or b"", request.headers)
    )
    made.path = canonical_path(raw_path)
    headers = _texts(reply.headers) if reply is not None else []
    kind = next((value.strip() for name, value in headers if name.lower() == "content-type"), "")
    body = _reply_body(reply, request.method, warn, id) if reply is not None else b""
    return Sample(
        exchange=one,
        id=id,
        host=host,
        path=raw_path.decode("ascii"),
        segments=tuple(made.path.split("/")[1:]),
        request=made,
        status=reply.status if reply is not None else 0,
        headers=headers,
        kind=kind,
        body=body,
        json=_json(body) if is_json(kind) else NOT_PLAIN,
    )


def content(payload: Payload) -> bytes | None:
    """The bytes of a body; None if it is too large, or its file is gone."""
    if not isinstance(payload, BodyInFile):
        return payload
    if payload.size > MAX_BODY_BYTES:
        return None
    try:
        return payload.path.read_bytes()
    except OSError:
        return None


def _reply_body(reply: RecordedReply, method: str, warn: Warn, id: str) -> bytes:
    if method == "HEAD" or reply.status in BODILESS:
        return b""
    body = content(reply.body)
    if body is None:
        warn("its body is too large for a config, or not there, so it is served empty", id)
        return b""
    plain = _decoded(body, reply.headers)
    if plain is None:
        warn("its body is in a coding that is not read here, so it stays as it is", id)
        return body
    return plain


def _plain(body: bytes, headers: tuple[Header, ...]) -> bytes:
    """The body of a request without its coding, as conditions see it."""
    plain = _decoded(body, headers) if body else b""
    return body if plain is None else plain


def _decoded(body: bytes, headers: tuple[Header, ...]) -> bytes | None:
    """A body without its `Content-Encoding`; None if it is not known, or the bytes are not in it."""
    try:
        return decoded(body, codings_in(headers), MAX_BODY_BYTES)
    except ValueError:
        return None


def _json(body: bytes) -> Any:
    try:
        return plain_json(body.decode())
    except UnicodeDecodeError:
        return NOT_PLAIN


def _texts(headers: tuple[Header, ...]) -> Pairs:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


def _lower(header: Header) -> Header:
    return header[0].lower(), header[1]
