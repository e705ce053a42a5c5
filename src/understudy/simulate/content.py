"""Status, headers and body of an answer → what makes its steps.

Serves an endpoint itself, and every other place in a config where an answer is described (`Content`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from understudy.errors import ConfigError
from understudy.load import decode_base64
from understudy.model import BodyFile, Headers
from understudy.request import Request
from understudy.simulate.kit import Kit, Place
from understudy.steps import BODILESS, Close, Header, Reply, SendFile, Step

MAX_FILE_IN_MEMORY_BYTES = 1024 * 1024
"""Body files up to this size are kept in memory; larger ones are read as they are sent."""

RESERVED_HEADERS = frozenset({"content-length", "transfer-encoding"})
"""Headers that frame the message, so that only the server may set them (RFC 9112 section 6)."""

Respond = Callable[[Request], tuple[Step, ...]]
"""Makes the steps against the scope that templates see. Raises RenderError."""


class Constant:
    """Steps that are the same for every request."""

    def __init__(self, reply: Reply, steps: tuple[Step, ...]) -> None:
        reply.is_shared = True
        self.reply = reply
        self.steps = steps

    def __call__(self, request: Request) -> tuple[Step, ...]:
        return self.steps


class _File(NamedTuple):
    """A body file that is too large to keep in memory."""

    path: Path
    length: int


Body = bytes | _File | Callable[[], bytes]


def compile_content(content: Any, kit: Kit, place: Place, names: Collection[str] = ()) -> Respond | None:
    """What makes the steps of an answer; a `Constant` if they never change. None after a problem.

    `names` are further variables for its templates, which are in `scope.extra` when they are rendered.
    """
    problems_before = len(kit.problems)
    status = content.status
    with kit.speaking(content.templates):
        default_type, body = _body(content, kit, place, names)
        headers = compile_headers(_written(content), default_type, kit, place, status, names)
    if len(kit.problems) > problems_before:
        return None
    closes = any(
        name.lower() == b"connection" and isinstance(value, bytes) and value.lower() == b"close"
        for name, value in headers
    )
    tail: tuple[Step, ...] = (Close(),) if closes else ()
    dated = any(name.lower() == b"date" for name, _ in headers)
    if closes:  # the net says it, since it must say it for other reasons too
        headers = [(name, value) for name, value in headers if name.lower() != b"connection"]
    constant = [(name, value) for name, value in headers if isinstance(value, bytes)]
    if isinstance(body, _File):
        reply = Reply(status, tuple(constant), b"", length=body.length, dated=dated)
        return Constant(reply, (SendFile(reply, body.path, 0, body.length), *tail))
    if isinstance(body, bytes) and len(constant) == len(headers):
        reply = Reply(status, tuple(constant), body, dated=dated)
        return Constant(reply, (reply, *tail))
    render_body: Callable[[], bytes] = (lambda: body) if isinstance(body, bytes) else body
    if len(constant) == len(headers):
        frame = Reply(status, tuple(constant), b"", dated=dated).with_body
        return lambda request: (frame(render_body()), *tail)

    def respond(request: Request) -> tuple[Step, ...]:
        rendered = tuple(
            (name, value if isinstance(value, bytes) else header_bytes(value())) for name, value in headers
        )
        return (Reply(status, rendered, render_body(), dated=dated), *tail)

    return respond


def media_type(content: Any) -> str:
    """The media type of an answer, in lower case and without parameters, as far as it is known."""
    for name, value in _written(content).items():
        if name.lower() == "content-type" and isinstance(value, str):
            return value.partition(";")[0].strip().lower()
    if content.kind == "file":
        path = content.file.path if isinstance(content.file, BodyFile) else str(content.file)
        return _file_type(path).partition(";")[0]
    return {"body": "text/plain", "base64": "application/octet-stream"}.get(content.kind, "application/json")


def _written(content: Any) -> Headers:
    headers: Headers | UnsetType = content.headers
    return {} if headers is UNSET else headers


def _body(content: Any, kit: Kit, place: Place, names: Collection[str]) -> tuple[bytes, Body]:
    """The default content type, and the body: bytes, a file too large for memory, or a renderer."""
    kind = content.kind
    if kind == "body":
        return b"text/plain; charset=utf-8", _text(str(content.body), "body", kit, place, names)
    if kind == "base64":
        try:
            return b"application/octet-stream", decode_base64(str(content.base64))
        except ValueError as error:
            kit.problem((*place, "base64"), f"not base64: {str(error).lower()}")
            return b"", b""
    if kind == "file":
        return _file(content, kit, place, names)
    value = content.response if kind == "response" else {}
    return b"application/json", kit.json(value, "response", place, names)


def _file(content: Any, kit: Kit, place: Place, names: Collection[str]) -> tuple[bytes, Body]:
    spec = content.file if isinstance(content.file, BodyFile) else BodyFile(path=str(content.file))
    try:
        path = kit.loaded.resolve(spec.path)
    except ConfigError as error:
        kit.problem((*place, "file"), error.problems[0].message)
        return b"", b""
    content_type = _file_type(path.name).encode()
    try:
        length = path.stat().st_size
        if length > MAX_FILE_IN_MEMORY_BYTES and not spec.template:
            return content_type, _File(path, length)
        data = path.read_bytes()
    except OSError as error:
        kit.problem((*place, "file"), f"the file cannot be read: {error.strerror or error}")
        return b"", b""
    if not spec.template:
        return content_type, data
    return content_type, _text(data.decode("utf-8", "replace"), "file", kit, place, names)


def _file_type(name: str) -> str:
    import mimetypes

    guessed, encoding = mimetypes.guess_type(name)
    content_type = "application/octet-stream" if encoding or not guessed else guessed
    if content_type.startswith("text/") or content_type == "application/javascript":
        content_type += "; charset=utf-8"
    return content_type


def _text(
    text: str, where: str, kit: Kit, place: Place, names: Collection[str]
) -> bytes | Callable[[], bytes]:
    compiled = kit.text(text, where, place, names)
    if isinstance(compiled, str):
        return compiled.encode()
    return lambda: compiled().encode("utf-8", "replace")


def compile_headers(
    written: Headers,
    default_type: bytes,
    kit: Kit,
    place: Place,
    status: int,
    names: Collection[str] = (),
) -> list[tuple[bytes, bytes | Callable[[], str]]]:
    """Headers as bytes, or as renderers where they are templates, those for CORS with them."""
    headers: list[tuple[bytes, bytes | Callable[[], str]]] = []
    has_type = any(name.lower() == "content-type" for name in written)
    if not has_type and status not in BODILESS:
        headers.append((b"Content-Type", default_type))
    for name, values in written.items():
        if name.lower() in RESERVED_HEADERS:
            kit.problem(
                (*place, "headers", name), f"{name} is set by the server, from the length of the body"
            )
            continue
        for value in values if isinstance(values, list) else [values]:
            if not isinstance(value, str):
                headers.append((name.encode(), _plain(value).encode()))
                continue
            compiled = kit.text(value, f"headers.{name}", place, names)
            headers.append((name.encode(), header_bytes(compiled) if isinstance(compiled, str) else compiled))
    headers += kit.constant_headers
    return headers


def constant_headers(
    written: Headers, default_type: bytes, kit: Kit, place: Place, status: int
) -> tuple[Header, ...]:
    """Headers that may not have templates."""
    headers = compile_headers(written, default_type, kit, place, status)
    for name, value in headers:
        if not isinstance(value, bytes):
            kit.problem((*place, "headers", name.decode()), "these headers have no templates")
    return tuple((name, value) for name, value in headers if isinstance(value, bytes))


def constant_reply(
    status: int, written: Any, headers: Headers, kit: Kit, place: Place, default_body: Any
) -> Reply:
    """A reply without templates, as failures are: text is sent as text, anything else as JSON.

    `written` may be UNSET: then it is `default_body`.
    """
    content = default_body if written is UNSET else written
    default_type, body = (
        (b"text/plain; charset=utf-8", content.encode())
        if isinstance(content, str)
        else (b"application/json", msgspec.json.encode(content))
    )
    made = constant_headers(headers, default_type, kit, place, status)
    return Reply(status, made, body, dated=any(name.lower() == b"date" for name, _ in made))


_CONTROLS = dict.fromkeys([*range(0x09), *range(0x0A, 0x20), 0x7F], " ")


def header_bytes(text: str) -> bytes:
    """A header value on the wire. Control characters from rendered values become spaces: no line breaks
    above all, which would split the response, and nothing that clients refuse (RFC 9110 section 5.5).
    """
    if not text.isprintable():
        text = text.translate(_CONTROLS)
    return text.strip().encode("utf-8", "replace")


def _plain(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value}"
