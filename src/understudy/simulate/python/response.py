"""What a user's Python answers with, and how that becomes steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from understudy.model.parts import check_headers
from understudy.simulate.content import RESERVED_HEADERS, header_bytes
from understudy.simulate.python.headers import MutableHeaders
from understudy.steps import Awaited, Close, Forward, Header, Reply, RunApp, SendCallbacks, SendFile, Step

RETURNS = "a dict, a list, str, bytes, None, a status, (body, status), (body, status, headers) or a Response"


class Response:
    """An answer: `status`, `headers` and `body`, each of which may be changed.

    `body` may be bytes, text (then it is `text/plain`), None (no body) or anything else (then it is sent as
    JSON). `headers` is a mapping; a list as a value repeats the header. The length is set by the server.
    """

    __slots__ = ("_after", "_before", "_body", "_step", "headers", "status")

    def __init__(self, body: Any = None, status: int = 200, headers: Mapping[str, Any] | None = None) -> None:
        self.status = status
        self.headers = MutableHeaders()
        for name, value in (headers or {}).items():
            self.headers[name] = value
        self._before: tuple[Step, ...] = ()
        self._step: Step | None = None
        self._after: tuple[Step, ...] = ()
        self._body = b""
        if body is not None:
            self._body, content_type = _encoded(body)
            self.headers.setdefault("Content-Type", content_type)

    def __repr__(self) -> str:
        return f"<Response {self.status}, {len(self.body)} bytes>"

    @property
    def body(self) -> bytes:
        """The body; b"" for one that is still to come (a large file, a mounted application).

        Set it to bytes, to text, or to anything that becomes JSON; the content type stays what it is.
        """
        return self._body

    @body.setter
    def body(self, value: Any) -> None:
        self._body = b"" if value is None else _encoded(value)[0]
        self._step = None

    @property
    def text(self) -> str:
        """The body as text."""
        return self._body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body read as JSON. Raises ValueError when it is not JSON."""
        try:
            return msgspec.json.decode(self._body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise ValueError(f"the body is not JSON: {error}") from None


def as_response(value: Any, status: int = 200) -> Response:
    """What a user's function returned as a Response; `status` where it does not say. Raises TypeError."""
    if isinstance(value, Response):
        return value
    headers: Any = None
    body = value
    if isinstance(value, tuple):
        if len(value) not in (2, 3):
            raise TypeError(f"it returned a tuple of {len(value)}; it may return {RETURNS}")
        body, status, *more = value
        headers = more[0] if more else None
        if not (headers is None or isinstance(headers, Mapping)):
            raise TypeError(f"the third of (body, status, headers) is a dict, not {_kind(headers)}")
        if isinstance(body, Response):
            raise TypeError(f"it returned a tuple with a Response; it may return {RETURNS}")
        if body is None or isinstance(body, bool | int | float):
            return Response(body, status, headers)
    elif isinstance(body, int) and not isinstance(body, bool):
        return Response(None, body)
    elif body is None:
        return Response(None, 204 if status == 200 else status)
    if not isinstance(body, dict | list | str | bytes | bytearray | memoryview):
        raise TypeError(f"it returned {_kind(body)}; it may return {RETURNS}")
    return Response(body, status, headers)


def steps_of(response: Response, base: tuple[Header, ...] = ()) -> tuple[Step, ...]:
    """The steps of an answer; `base` are headers it has unless it sets them itself.

    Raises TypeError or ValueError for a status or header that cannot be sent.
    """
    status: Any = response.status
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        raise ValueError(f"a status is a number from 200 to 599, not {status!r}")
    pairs = response.headers.pairs()
    for name, value in pairs:
        check_headers({name: value})
    own = [
        (name.encode(), header_bytes(value))
        for name, value in pairs
        if name.lower() not in RESERVED_HEADERS and name.lower() != "connection"
    ]
    closes = response.headers.get("connection", "").lower() == "close"
    names = {name.lower() for name, _ in own}
    headers = (*(pair for pair in base if pair[0].lower() not in names), *own)
    step: Step
    match response._step:
        case None:
            step = Reply(status, headers, response.body, dated=b"date" in names)
        case SendFile() as file:
            length = file.reply.length
            step = replace(file, reply=Reply(status, headers, b"", length=length, dated=b"date" in names))
        case RunApp() | Forward() as app:
            step = replace(app, headers=headers)
        case other:
            step = other
    after = response._after
    tail = (Close(),) if closes and Close() not in after else ()
    return (*response._before, step, *tail, *after)


def response_of(steps: tuple[Step, ...]) -> Response:
    """The answer in some steps, for middleware to change. What is not the answer stays around it."""
    kinds = Reply | SendFile | Awaited
    place = next((number for number, step in enumerate(steps) if isinstance(step, kinds)), 0)
    step = steps[place]
    response = Response()
    reply = step if isinstance(step, Reply) else step.reply if isinstance(step, SendFile) else None
    if reply is not None:
        response.status = reply.status
    if isinstance(step, Reply):
        response._body = step.body
    else:
        response._step = step
    headers = step.headers if isinstance(step, Awaited) else reply.headers if reply is not None else ()
    for name, value in headers:
        response.headers.add(name.decode("latin-1"), value.decode("utf-8", "replace"))
    response._before, response._after = steps[:place], steps[place + 1 :]
    return response


def callbacks_in(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Those of some steps that go on whatever is answered instead."""
    return tuple(step for step in steps if isinstance(step, SendCallbacks))


def _encoded(value: Any) -> tuple[bytes, str]:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value), "application/octet-stream"
    if isinstance(value, str):
        return value.encode("utf-8", "replace"), "text/plain; charset=utf-8"
    try:
        return msgspec.json.encode(value), "application/json"
    except RecursionError:
        raise ValueError("the body is nested too deeply for JSON") from None


def _kind(value: Any) -> str:
    name = type(value).__name__
    return f"an object of type {name}" if name not in {"float", "bool", "set", "tuple"} else f"a {name}"
