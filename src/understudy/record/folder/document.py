"""An exchange file as an exchange, and back. What comes in is checked: nothing may break a message."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Meta, UnsetType

from understudy.load.fault import Fault
from understudy.model.parts import TOKEN
from understudy.record.exchange import (
    BodyInFile,
    Chunk,
    Failed,
    FailureKind,
    Payload,
    RecordedExchange,
    RecordedReply,
    RecordedRequest,
    SocketMessage,
)
from understudy.record.folder.bodies import BODY_KEYS, ReadBeside, WrittenBody, Wrong, joined, split
from understudy.record.folder.times import seconds_of, stamp
from understudy.steps import Header

MAX_HEADERS = 1000
MAX_CHUNKS = 1_000_000
MAX_MESSAGES = 1_000_000

Milliseconds = Annotated[float, Meta(ge=0, le=1e12)]
WrittenHeaders = list[str | dict[str, str]] | dict[str, str | list[str]]

_ADDRESS = re.compile(r"(https?://[^/?#\s\\]+)(/[^\x00-\x20\x7f]*)")
_BREAKS = re.compile(rb"[\r\n\0]")
_CHUNK = re.compile(r"([0-9.e+\-]{1,30}) ms: ([0-9]{1,18}) bytes")


class _Request(WrittenBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    method: str
    url: str
    headers: WrittenHeaders = msgspec.field(default_factory=list)
    whole: bool = True


class _Response(WrittenBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    status: Annotated[int, Meta(ge=100, le=999)]  # three digits, of which some servers use all
    reason: Annotated[str, Meta(pattern=r"^[^\x00-\x08\x0a-\x1f\x7f]*\Z")] = ""
    version: Annotated[str, Meta(pattern=r"^[0-9](\.[0-9])?\Z")] = "1.1"
    headers: WrittenHeaders = msgspec.field(default_factory=list)
    framing: Literal["length", "chunked", "close", "none"] = "length"
    trailers: WrittenHeaders = msgspec.field(default_factory=list)
    chunks: list[str] = msgspec.field(default_factory=list)


class _Failed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: FailureKind
    message: str = ""
    at_ms: Milliseconds = 0.0


class _Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    at_ms: Milliseconds = 0.0
    sender: Literal["client", "server"] = msgspec.field(name="from")
    kind: Literal["text", "binary", "ping", "pong", "close"] = "text"
    code: Annotated[int, Meta(ge=0, le=65535)] | UnsetType = UNSET
    text: str | UnsetType = UNSET
    base64: str | UnsetType = UNSET


class _Exchange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    recorded_at: str = ""
    request: _Request
    response: _Response | None = None
    failed: _Failed | None = None
    wait_ms: Milliseconds = 0.0
    total_ms: Milliseconds = 0.0
    messages: list[_Message] = msgspec.field(default_factory=list)
    secrets: dict[str, int] = msgspec.field(default_factory=dict)
    note: str = ""


_HOMES: dict[str, type[msgspec.Struct]] = {"request": _Request, "response": _Response}
_DECODER = msgspec.json.Decoder(_Exchange)


def mistakes_of(value: object) -> list[Fault]:
    """All that is wrong with the shape of a file's value, which was refused; none if that is not seen."""
    from understudy.load.diagnose import diagnose

    if not isinstance(value, dict) or "request" not in value:
        return [Fault("this is no recording: it has no `request`. Other files stand outside of the folder")]
    value = {key: _without_json(part) for key, part in value.items()}
    return [_at_home(fault) for fault in diagnose(value, _Exchange)]


def _without_json(part: object) -> object:
    """A message without its JSON, which may be anything."""
    return {key: value for key, value in part.items() if key != "json"} if isinstance(part, dict) else part


def _at_home(fault: Fault) -> Fault:
    """Where a key belongs that stands beside the object it is meant for."""
    name = str(fault.keys[0]) if len(fault.keys) == 1 else ""
    homes = [home for home, cls in _HOMES.items() if name in cls.__struct_encode_fields__]
    if not homes or not fault.message.startswith("unknown key"):
        return fault
    return Fault(f'unknown key "{name}" here: it belongs into `{"` or `".join(homes)}`', fault.keys)


# --- from a file --------------------------------------------------------------------------------------------


def exchange_of(data: bytes, id_: str, beside: ReadBeside) -> RecordedExchange:
    """The exchange in the JSON text of a file, its other bodies read by `beside`.

    Raises Wrong, msgspec.DecodeError (also for what has another shape), UnicodeDecodeError or RecursionError.
    """
    data.decode()  # the decoder passes over what stands in `json`
    written = _DECODER.decode(data)
    asked, answered, failed = written.request, written.response, written.failed
    origin, target = _address(asked.url, "request")
    if not TOKEN.fullmatch(asked.method):
        raise Wrong(Fault("this cannot be a method", ("request", "method"), found=asked.method[:60]))
    headers = _headers(asked.headers, ("request", "headers"))
    body = joined(asked, headers, beside, "request")
    request = RecordedRequest(
        method=asked.method,
        origin=origin,
        target=target,
        headers=headers,
        body=body,
        is_whole=asked.whole,
    )
    if answered is None and failed is None:
        raise Wrong(Fault("an exchange has a `response`, or has `failed`, or both"))
    return RecordedExchange(
        request=request,
        reply=None if answered is None else _reply(answered, beside, whole=failed is None),
        failed=None if failed is None else Failed(failed.kind, failed.message, failed.at_ms),
        recorded_at=_recorded_at(written.recorded_at),
        wait_ms=written.wait_ms,
        total_ms=written.total_ms,
        messages=_messages(written.messages),
        secrets=written.secrets,
        note=written.note,
        id=id_,
    )


def _recorded_at(text: str) -> float:
    try:
        return seconds_of(text) if text else 0.0
    except ValueError as error:
        raise Wrong(Fault(str(error), ("recorded_at",), found=text[:60])) from None


@lru_cache(maxsize=4096)
def _origin(text: str) -> str | None:
    """What is wrong with the server's part of an address."""
    try:
        parts = urlsplit(text)
        if not parts.hostname or parts.username is not None or parts.port == 0:
            return "this is no address"
    except ValueError as error:
        return f"this is no address: {error}"
    return None


def _address(url: str, key: str) -> tuple[str, str]:
    found = _ADDRESS.fullmatch(url)
    wrong = "this is no address" if found is None else _origin(found[1])
    if found is None or wrong is not None:
        fault = Fault(wrong or "", (key, "url"), found=url[:60], accepted="http://HOST/PATH, or https")
        raise Wrong(fault)
    return found[1], found[2]


def _reply(written: _Response, beside: ReadBeside, *, whole: bool) -> RecordedReply:
    headers = _headers(written.headers, ("response", "headers"))
    body = joined(written, headers, beside, "response")
    chunks = _chunks(written.chunks)
    if whole:
        size = body.size if isinstance(body, BodyInFile) else len(body)
        chunks = _fitting(chunks, size)
        if written.framing == "length":
            headers = _with_length(headers, size)
    return RecordedReply(
        status=written.status,
        reason=written.reason,
        version=written.version,
        headers=headers,
        body=body,
        framing=written.framing,
        trailers=_headers(written.trailers, ("response", "trailers")),
        chunks=chunks,
    )


def _with_length(headers: tuple[Header, ...], size: int) -> tuple[Header, ...]:
    """Headers with the length that the body has, if they tell one."""
    length = b"%d" % size
    if all(name.lower() != b"content-length" or value.lstrip(b"0") == length for name, value in headers):
        return headers
    return tuple((name, length if name.lower() == b"content-length" else value) for name, value in headers)


def _chunks(written: list[str]) -> tuple[Chunk, ...]:
    if len(written) > MAX_CHUNKS:
        raise Wrong(Fault(f"more than {MAX_CHUNKS:,} chunks", ("response", "chunks")))
    found = []
    for number, text in enumerate(written):
        parts = _CHUNK.fullmatch(text)
        try:
            if parts is None or not 0 <= (at_ms := float(parts[1])) <= 1e12:
                raise ValueError
        except ValueError:
            raise Wrong(
                Fault(
                    "this is no chunk",
                    ("response", "chunks", number),
                    found=text[:60],
                    accepted="such as: 120.5 ms: 64 bytes",
                )
            ) from None
        found.append(Chunk(at_ms, int(parts[2])))
    return tuple(found)


def _fitting(chunks: tuple[Chunk, ...], size: int) -> tuple[Chunk, ...]:
    """Chunks that have as many bytes as the body: what is more or less is that of the last ones."""
    if not chunks or sum(chunk.size for chunk in chunks) == size:
        return chunks
    fitting = []
    for chunk in chunks:
        taken = min(chunk.size, size)
        size -= taken
        fitting.append(Chunk(chunk.at_ms, taken))
    fitting[-1] = Chunk(fitting[-1].at_ms, fitting[-1].size + size)
    return tuple(fitting)


def _messages(written: list[_Message]) -> tuple[SocketMessage, ...]:
    if len(written) > MAX_MESSAGES:
        raise Wrong(Fault(f"more than {MAX_MESSAGES:,} messages", ("messages",)))
    return tuple(
        SocketMessage(one.at_ms, one.sender, one.kind, _data(one, number))
        for number, one in enumerate(written)
    )


def _data(one: _Message, number: int) -> bytes:
    keys = ("messages", number)
    if isinstance(one.base64, str):
        if one.text is not UNSET or one.code is not UNSET:
            raise Wrong(Fault("`base64` stands alone", keys))
        return _bytes(one.base64, (*keys, "base64"))
    data = one.text.encode() if isinstance(one.text, str) else b""
    if isinstance(one.code, int):
        if one.kind != "close":
            raise Wrong(Fault("only a `close` has a code", keys))
        return one.code.to_bytes(2, "big") + data
    return data


def _bytes(text: str, keys: tuple[str | int, ...]) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NoBase64, ValueError):
        raise Wrong(Fault("this is not base64", keys, found=text[:60])) from None


def _headers(written: WrittenHeaders, keys: tuple[str | int, ...]) -> tuple[Header, ...]:
    if isinstance(written, dict):
        written = [{name: value} for name, values in written.items() for value in _several(values)]
    if len(written) > MAX_HEADERS:
        raise Wrong(Fault(f"more than {MAX_HEADERS:,} headers", keys))
    found: list[Header] = []
    for number, one in enumerate(written):
        try:
            if isinstance(one, str):
                found.append(_header_line(one))
            elif one.keys() == {"name", "base64"}:
                found.append(checked_header(one["name"].encode(), _bytes(one["base64"], (*keys, number))))
            else:
                found += [checked_header(name.encode(), value.encode()) for name, value in one.items()]
        except ValueError as error:
            raise Wrong(Fault(str(error), (*keys, number))) from None
    return tuple(found)


def _several(values: str | list[str]) -> list[str]:
    return values if isinstance(values, list) else [values]


@lru_cache(maxsize=8192)  # the same few come again and again
def _header_line(line: str) -> Header:
    name, colon, value = line.partition(":")
    if not colon:
        raise ValueError("a header is a name, a colon and a value")
    return checked_header(name.encode(), value.removeprefix(" ").encode())


def checked_header(name: bytes, value: bytes) -> Header:
    """A header that breaks no message (RFC 9110 section 5). Raises ValueError."""
    if not TOKEN.fullmatch(name.decode("latin-1")):
        raise ValueError(f"{name.decode('latin-1')[:60]!r} cannot be a header name")
    if _BREAKS.search(value):
        raise ValueError(f"header {name.decode()} has a line break in its value")
    return name, value


# --- into a file --------------------------------------------------------------------------------------------


class Written(NamedTuple):
    """What is to be written: the text of the exchange's file, and the files beside it, by name."""

    text: bytes
    files: dict[str, Payload]


def written(exchange: RecordedExchange, stem: str) -> Written:
    """An exchange as files. `stem` is the last part of its id. Raises ValueError for what no file can say."""
    files: dict[str, Payload] = {}
    pairs: dict[str, Any] = {
        "recorded_at": stamp(exchange.recorded_at),
        "request": _written_request(exchange.request, stem, files),
    }
    if exchange.reply is not None:
        pairs["response"] = _written_reply(exchange.reply, stem, files)
    if exchange.failed is not None:
        pairs["failed"] = exchange.failed._asdict()
    pairs |= {"wait_ms": exchange.wait_ms, "total_ms": exchange.total_ms}
    if exchange.messages:
        pairs["messages"] = [_written_message(one) for one in exchange.messages]
    if exchange.secrets:
        pairs["secrets"] = exchange.secrets
    if exchange.note:
        pairs["note"] = exchange.note
    _check(pairs)
    return Written(msgspec.json.format(msgspec.json.encode(pairs), indent=2) + b"\n", files)


def _check(pairs: dict[str, Any]) -> None:
    """Refuse what could not be read again; bodies always can. Raises ValueError."""
    messages = {key: _without_body(value) for key, value in pairs.items() if key in {"request", "response"}}
    try:
        exchange_of(msgspec.json.encode(pairs | messages), "", lambda name: b"")
    except Wrong as wrong:
        place = ".".join(map(str, wrong.fault.keys))
        found = f" ({wrong.fault.found!r})" if wrong.fault.found else ""
        raise ValueError(f"{place}: {wrong.fault.message}{found}") from None
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None


def _without_body(message: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in message.items() if key not in BODY_KEYS}


def _written_request(request: RecordedRequest, stem: str, files: dict[str, Payload]) -> dict[str, Any]:
    body = split(request.body, request.headers, f"{stem}.request")
    files |= body.files
    pairs: dict[str, Any] = {"method": request.method, "url": request.url}
    pairs |= _written_headers("headers", request.headers)
    if not request.is_whole:
        pairs["whole"] = False
    return pairs | body.keys


def _written_reply(reply: RecordedReply, stem: str, files: dict[str, Payload]) -> dict[str, Any]:
    body = split(reply.body, reply.headers, f"{stem}.response")
    files |= body.files
    pairs: dict[str, Any] = {"status": reply.status}
    if reply.reason:
        pairs["reason"] = reply.reason
    if reply.version != "1.1":
        pairs["version"] = reply.version
    pairs |= _written_headers("headers", reply.headers)
    if reply.framing != "length":
        pairs["framing"] = reply.framing
    pairs |= body.keys
    pairs |= _written_headers("trailers", reply.trailers)
    if reply.chunks:
        pairs["chunks"] = [f"{float(at_ms)!r} ms: {size} bytes" for at_ms, size in reply.chunks]
    return pairs


def _written_headers(key: str, headers: tuple[Header, ...]) -> dict[str, Any]:
    return {key: [_written_header(name, value) for name, value in headers]} if headers else {}


def _written_header(name: bytes, value: bytes) -> str | dict[str, str]:
    try:
        return f"{name.decode('latin-1')}: {value.decode()}"
    except UnicodeDecodeError:
        return {"name": name.decode("latin-1"), "base64": b64encode(value).decode()}


def _written_message(one: SocketMessage) -> dict[str, Any]:
    pairs: dict[str, Any] = {"at_ms": one.at_ms, "from": one.sender, "kind": one.kind}
    data = one.data
    try:
        if one.kind == "close" and len(data) >= 2:
            reason = data[2:].decode()
            pairs["code"] = int.from_bytes(data[:2], "big")
            return pairs | ({"text": reason} if reason else {})
        if one.kind in {"text", "close"}:
            return pairs | ({"text": data.decode()} if data else {})
    except UnicodeDecodeError:
        pass
    return pairs | ({"base64": b64encode(data).decode()} if data else {})
