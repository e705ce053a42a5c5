"""HTTP archives (HAR 1.2) as exchanges, and exchanges as an archive.

In an archive bodies are without their codings, so `Content-Encoding` goes, and `Content-Length` is that of
the body. Chrome's extensions are read and written: `_webSocketMessages`, and `_error` for what has no
response.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from understudy.errors import ConfigError, Problem
from understudy.formats.har.archive import Exchange, Pairs, har_of
from understudy.formats.har.bodies import body_bytes, form_bytes
from understudy.formats.har.notes import Notes
from understudy.formats.spot import LeftOut, Spot
from understudy.load.fault import Fault
from understudy.load.source import Source
from understudy.model.parts import TOKEN
from understudy.record.exchange import (
    FAILURE_KINDS,
    BodyInFile,
    Failed,
    FailureKind,
    Payload,
    RecordedExchange,
    RecordedReply,
    RecordedRequest,
    SocketMessage,
)
from understudy.steps import BODILESS, Header

MAX_BODY_BYTES = 64 * 1024 * 1024
"""A larger body is not written into an archive, which is one JSON text."""
MAX_MS = 1e12
CUT = "not all of it was sent: the request was answered before"
"""The comment of such a body in an archive."""

HOP_BY_HOP = frozenset(
    (
        "connection",
        "http2-settings",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "transfer-encoding",
        "upgrade",
    )
)
ERRORS: tuple[tuple[str, FailureKind], ...] = (
    ("NAME_NOT_RESOLVED", "dns"),
    ("DNS_", "dns"),
    ("CONNECTION_REFUSED", "refused"),
    ("UNREACHABLE", "unreachable"),
    ("INTERNET_DISCONNECTED", "unreachable"),
    ("NETWORK_CHANGED", "unreachable"),
    ("CERT_", "tls"),
    ("SSL_", "tls"),
    ("TIMED_OUT", "timeout"),
    ("CONNECTION_RESET", "reset"),
    ("INVALID_HTTP_RESPONSE", "protocol"),
    ("INVALID_CHUNKED_ENCODING", "protocol"),
    ("PROTOCOL_ERROR", "protocol"),
)
"""Parts of Chrome's names of errors (net_error_list.h), and what they mean."""
_GIVEN_UP = ("ABORTED", "BLOCKED", "CACHE_MISS")
"""Those that the browser has made itself: nothing was asked, or nobody waited for the answer."""
_OPCODES: dict[int, Literal["text", "binary", "ping", "pong", "close"]] = {
    1: "text",
    2: "binary",
    8: "close",
    9: "ping",
    10: "pong",
}
_VERSION = re.compile(r"(?:http/|h)([0-9](?:\.[0-9])?)", re.IGNORECASE)
_KEPT_IN_URLS = "!#$%&'()*+,/:;=?@[]~{}|^`\\\"<>"


def exchanges_of_har(
    data: Any, source: Source | None = None
) -> tuple[list[RecordedExchange], tuple[Problem, ...]]:
    """The exchanges of an archive, and what is to be said of entries that are left out, or not whole.

    `data` is the archive's JSON; `source` is where it comes from, for messages. Raises ConfigError if it is
    no archive.
    """
    spot = Spot(source or Source(data=data, label="the archive"))
    notes = Notes()
    found: list[RecordedExchange] = []
    try:
        log = spot.at("log").mapping(spot.mapping(data).get("log"))
        if "entries" not in log:
            spot.at("log").leave("a HAR has entries")
        entries = spot.at("log", "entries")
        for number, one in enumerate(entries.sequence(log["entries"])):
            try:
                found.append(_exchange(one, notes, entries.at(number)))
            except LeftOut as left:
                notes.add(f"this entry is left out: {left.message}", left.spot)
    except LeftOut as left:
        raise ConfigError([spot.source.problem(Fault(left.message, left.spot.keys))]) from None
    notes.tell()
    return found, tuple(spot.warnings)


def _exchange(written: Any, notes: Notes, spot: Spot) -> RecordedExchange:
    """One entry. Raises LeftOut."""
    entry = spot.mapping(written)
    asked, replied = spot.at("request"), spot.at("response")
    request = _request(asked.mapping(entry.get("request")), asked)
    response = replied.mapping(entry.get("response"))
    started = _time(entry.get("startedDateTime"))
    wait_ms, total_ms = _times(entry)
    status = response.get("status")
    reply, failed = None, None
    if isinstance(status, bool) or not isinstance(status, int) or status <= 0:
        failed = _failed(response, total_ms, replied)
    elif not 100 <= status <= 999:
        replied.at("status").leave("a status is from 100 to 999")
    else:
        reply = _reply(response, status, request.method, notes, replied)
    comment = entry.get("comment")
    return RecordedExchange(
        request=request,
        reply=reply,
        failed=failed,
        recorded_at=started,
        wait_ms=wait_ms,
        total_ms=total_ms,
        messages=_messages(entry.get("_webSocketMessages"), started, spot.at("_webSocketMessages")),
        note=comment if isinstance(comment, str) and is_text(comment) else "",
    )


def _request(written: dict[str, Any], spot: Spot) -> RecordedRequest:
    method = spot.at("method").text(written.get("method") or "GET").upper()
    if not TOKEN.fullmatch(method):
        spot.at("method").leave("its method is no name")
    if method == "CONNECT":
        spot.leave("CONNECT opens a tunnel through a proxy")
    origin, target = address_of(spot.at("url").text(written.get("url") or ""), spot.at("url"))
    headers = _pairs(written.get("headers"), spot.at("headers"))
    inner = spot.at("postData")
    data = inner.mapping(written.get("postData"))
    kind = value_of(headers, "content-type")
    if not kind and isinstance(data.get("mimeType"), str) and "/" in data["mimeType"]:
        kind = data["mimeType"]
        if is_text(kind) and "\n" not in kind:
            headers.append(("Content-Type", kind))
    body = body_bytes(data, kind, inner)
    if body is None and "urlencoded" in kind:
        body = form_bytes(data, inner)
    body = body or b""
    kept = kept_headers(headers)
    if not any(name.lower() == b"host" for name, _ in kept):  # HTTP/2 has :authority
        kept.insert(0, (b"Host", origin.partition("://")[2].encode()))
    if body or value_of(headers, "content-length"):
        kept = with_length(kept, len(body))
    return RecordedRequest(
        method=method,
        origin=origin,
        target=target,
        headers=tuple(kept),
        body=body,
        is_whole=data.get("comment") != CUT,
    )


def _reply(written: dict[str, Any], status: int, method: str, notes: Notes, spot: Spot) -> RecordedReply:
    headers = _pairs(written.get("headers"), spot.at("headers"))
    content = spot.at("content").mapping(written.get("content") or None)  # mitmproxy has []
    kind = value_of(headers, "content-type")
    if not kind and isinstance(content.get("mimeType"), str) and "/" in content["mimeType"]:
        kind = content["mimeType"]
        if is_text(kind) and "\n" not in kind:
            headers.append(("Content-Type", kind))
    found = body_bytes(content, kind, spot.at("content"))
    if status == 304 and found:
        status = 200  # browsers save what their cache had
    redirect = written.get("redirectURL")
    if redirect and isinstance(redirect, str) and not value_of(headers, "location"):
        headers.append(("Location", redirect))
    has_none = method == "HEAD" or status in BODILESS or status < 200
    size = content.get("size")
    if found is None and not has_none and isinstance(size, int) and size > 0:
        notes.add("its body is not in the file, so it is empty", spot.at("content"))
    body = b"" if has_none else found or b""
    is_chunked = "chunked" in value_of(headers, "transfer-encoding").lower()
    kept = kept_headers(headers)
    if has_none:
        framing: Literal["length", "chunked", "none"] = "none"
    elif is_chunked:
        framing = "chunked"
        kept = [header for header in kept if header[0].lower() != b"content-length"]
    else:
        framing = "length"
        kept = with_length(kept, len(body))
    reason = written.get("statusText")
    return RecordedReply(
        status=status,
        reason=reason if isinstance(reason, str) and reason.isprintable() and is_text(reason) else "",
        version=_version(written.get("httpVersion")),
        headers=tuple(kept),
        body=body,
        framing=framing,
    )


def address_of(url: str, spot: Spot) -> tuple[str, str]:
    """Origin and target of a URL; that of a WebSocket is one of HTTP."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        spot.leave("its URL is not one of HTTP")
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    if scheme not in {"http", "https"} or not host or port == 0:
        spot.leave("its URL is not one of HTTP")
    try:
        name = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        spot.leave("its URL is not one of HTTP")
    if not re.fullmatch(r"[A-Za-z0-9.\-_~%:]+", name):
        spot.leave("its URL is not one of HTTP")
    name = f"[{name}]" if ":" in name else name
    usual = {"http": 80, "https": 443}[scheme]
    origin = f"{scheme}://{name}" if port in (None, usual) else f"{scheme}://{name}:{port}"
    path = quote(parts.path, safe=_KEPT_IN_URLS, errors="replace") or "/"
    query = quote(parts.query, safe=_KEPT_IN_URLS, errors="replace")
    return origin, f"{path}?{query}" if query else path


def _pairs(written: Any, spot: Spot) -> list[tuple[str, str]]:
    """Headers that may be sent: those of HTTP/2 with a colon, and what is no text, are left out."""
    found = []
    for number, one in enumerate(spot.sequence(written)):
        pair = spot.at(number).mapping(one)
        name, value = pair.get("name"), pair.get("value")
        if not isinstance(name, str) or not isinstance(value, str | int | float):
            continue
        if not TOKEN.fullmatch(name.strip()):
            continue
        # Chrome has several Set-Cookie in one text
        found += [(name.strip(), part.strip(" \t")) for part in re.split(r"[\r\n\0]+", str(value))]
    return found


def kept_headers(headers: list[tuple[str, str]]) -> list[Header]:
    """Headers of a message whose body has no codings, without those of one connection."""
    gone = HOP_BY_HOP | {"content-encoding"}
    return [(name.encode(), raw_value(value)) for name, value in headers if name.lower() not in gone]


def raw_value(value: str) -> bytes:
    """A value as it was sent: browsers show its bytes as ISO 8859-1, others read UTF-8."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace")


def with_length(headers: list[Header], size: int) -> list[Header]:
    length = b"%d" % size
    if not any(name.lower() == b"content-length" for name, _ in headers):
        return [*headers, (b"Content-Length", length)]
    return [(name, length if name.lower() == b"content-length" else value) for name, value in headers]


def value_of(headers: list[tuple[str, str]], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return False
    return True


def _version(written: Any) -> str:
    found = _VERSION.fullmatch(written) if isinstance(written, str) else None
    version = found[1] if found else "1.1"
    return version.removesuffix(".0") if version[0] in "23" else version


def _time(written: Any) -> float:
    """Unix seconds; 0 if it is not said."""
    try:
        found = datetime.fromisoformat(written)
        seconds = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return max(0.0, seconds)


def _times(entry: dict[str, Any]) -> tuple[float, float]:
    """Milliseconds from when the request was sent until the response began, and until it was over."""
    timings = entry.get("timings")
    parts = timings if isinstance(timings, dict) else {}
    wait, receive = _ms(parts.get("wait")), _ms(parts.get("receive"))
    if wait is None and receive is None:
        time = _ms(entry.get("time")) or 0.0
        return time, time
    began = round((_ms(parts.get("send")) or 0.0) + (wait or 0.0), 3)
    return began, round(began + (receive or 0.0), 3)


def _ms(value: Any) -> float | None:
    """A time, if it is known: an archive has -1 for what is not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= MAX_MS else None


def _failed(response: dict[str, Any], at_ms: float, spot: Spot) -> Failed:
    said = response.get("_error")
    text = said if isinstance(said, str) and is_text(said) else ""
    if any(word in text for word in _GIVEN_UP):
        spot.leave("the browser gave it up, or blocked it")
    own, colon, message = text.partition(": ")
    if colon and own in FAILURE_KINDS:
        return Failed(own, message, at_ms)
    kind: FailureKind = next((kind for name, kind in ERRORS if name in text), "closed")
    return Failed(kind, text or "the archive has no response", at_ms)


def _messages(written: Any, started: float, spot: Spot) -> tuple[SocketMessage, ...]:
    """Chrome's `_webSocketMessages`: `{type, time, opcode, data}`, binary data in base64."""
    found = []
    for number, one in enumerate(spot.sequence(written)):
        message = spot.at(number).mapping(one)
        kind = _OPCODES.get(message.get("opcode", 1) if isinstance(message.get("opcode"), int) else 1)
        if kind is None:
            spot.at(number).leave("a message of an unknown kind")
        data = spot.at(number, "data").text(message.get("data") or "")
        raw = data.encode("utf-8", "replace")
        if kind != "text":
            try:
                raw = base64.b64decode(data, validate=True)
            except (binascii.Error, ValueError):
                if kind == "binary":
                    spot.at(number, "data").leave("a binary message that is not base64")
        time = message.get("time")
        seconds = _ms(time)
        at_ms = 0.0 if seconds is None else max(0.0, round((seconds - started) * 1000, 3))
        sender: Literal["client", "server"] = "client" if message.get("type") == "send" else "server"
        found.append(SocketMessage(min(at_ms, MAX_MS), sender, kind, raw))
    return tuple(found)


# --- exchanges as an archive --------------------------------------------------------------------------------


def har_of_exchanges(
    exchanges: Iterable[RecordedExchange], version: str, comment: str = ""
) -> dict[str, Any]:
    """The archive of exchanges, as plain data. `version` is that of Understudy.

    Nothing is taken out: secrets were, before anything was kept. Raises OSError if a body cannot be read.
    """
    ordered = sorted(exchanges, key=lambda one: one.recorded_at)
    archive = har_of([_plain(one) for one in ordered], version, comment)
    for one, entry in zip(ordered, archive["log"]["entries"], strict=True):
        _complete(one, entry)
    return archive


def _plain(one: RecordedExchange) -> Exchange:
    request, reply = one.request, one.reply
    is_socket = bool(one.messages)
    return Exchange(
        started=one.recorded_at,
        method=request.method,
        url=re.sub("^http", "ws", request.url) if is_socket else request.url,
        headers=_shown(request.headers),
        body=_bytes(request.body),
        status=reply.status if reply else 0,
        reply_headers=_shown(reply.headers) if reply else (),
        reply_body=_bytes(reply.body) if reply else b"",
        wait_ms=one.wait_ms,
        receive_ms=max(0.0, one.total_ms - one.wait_ms),
        http_version=f"HTTP/{reply.version}" if reply else "HTTP/1.1",
        comment=one.note,
    )


def _complete(one: RecordedExchange, entry: dict[str, Any]) -> None:
    """Say what an archive of a config has no need of."""
    response = entry["response"]
    reply = one.reply
    if reply is not None:
        if reply.reason:
            response["statusText"] = reply.reason
        if isinstance(reply.body, BodyInFile) and reply.body.size > MAX_BODY_BYTES:
            response["content"] |= {"size": reply.body.size, "comment": "too large for an archive"}
            response["content"].pop("text", None)
            response["bodySize"] = reply.body.size
    if not one.request.is_whole:
        entry["request"].setdefault("postData", {"mimeType": "", "text": ""})["comment"] = CUT
    if one.failed is not None:
        response["_error"] = f"{one.failed.kind}: {one.failed.message}"
    if one.messages:
        entry["_resourceType"] = "websocket"
        entry["_webSocketMessages"] = [_shown_message(message, one.recorded_at) for message in one.messages]


def _shown(headers: tuple[Header, ...]) -> Pairs:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _bytes(body: Payload) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.path.read_bytes() if body.size <= MAX_BODY_BYTES else b""


def _shown_message(one: SocketMessage, started: float) -> dict[str, Any]:
    opcode = next(number for number, kind in _OPCODES.items() if kind == one.kind)
    is_text = one.kind == "text"
    return {
        "type": "send" if one.sender == "client" else "receive",
        "time": started + one.at_ms / 1000,
        "opcode": opcode,
        "data": one.data.decode("utf-8", "replace") if is_text else base64.b64encode(one.data).decode(),
    }
