"""The bridge from a connection to an ASGI application (ASGI specification 3.0, HTTP 2.4).

It carries the control app and the applications that a config mounts. Bodies are sent as they come, chunked
where no length is known, and not faster than the client reads.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec

from understudy.steps import BODILESS, STATUS_LINES, Reply

if TYPE_CHECKING:
    from understudy.net.lifespan import Lifespan
    from understudy.net.perform import Performer
    from understudy.request import Request
    from understudy.steps import RunApp

Message = MutableMapping[str, Any]
AsgiApp = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]

MAX_COLLECTED_BYTES = 64 * 1024 * 1024
"""The largest reply of an application that faults can spoil."""


async def answer(app: AsgiApp, connection: Performer, request: Request, keep_alive: bool) -> None:
    """Let the control app answer one request, then hand the connection back."""
    exchange = _Exchange(connection, request, keep_alive)
    try:
        await app(exchange.scope(), exchange.receive, exchange.send)
    except asyncio.CancelledError:
        raise
    except Exception as error:
        connection.server.complain(f"control request failed: {type(error).__name__}: {error}")
        if not exchange.started:
            await exchange.fail({"error": "the control request failed; the server log says why"})
        exchange.close = True
    connection.finished(exchange.close or not exchange.complete)


async def run_app(step: RunApp, life: Lifespan | None, connection: Performer, keep_alive: bool) -> None:
    """Let a mounted application answer one request.

    The connection goes on as soon as the reply is complete; what the application does after that, it does
    beside it.
    """
    server, request = connection.server, step.request
    kind = _AppExchange if step.then is None else _CollectingExchange
    exchange = kind(connection, step, keep_alive, {} if life is None else life.state)
    if life is not None:
        why = await life.started()
        if why is not None:
            await exchange.fail({"error": "The application did not start", "message": why})
            return
        life.begin()
    try:
        await step.app(exchange.scope(), exchange.receive, exchange.send)
        if not exchange.complete:
            raise RuntimeError("the application ended without a whole reply")
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        await exchange.break_off(RuntimeError("something that it waited for was cancelled"))
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        text = "".join(traceback.format_exception(error)).rstrip()
        server.complain(f"{request.method} {request.target}: the application failed:\n{text}")
        await exchange.break_off(error)
    finally:
        exchange.keep_body()
        if life is not None:
            life.end()


class _Exchange:
    """One request and reply, between ASGI's messages and the connection's bytes."""

    def __init__(self, connection: Performer, request: Request, keep_alive: bool) -> None:
        self.connection = connection
        self.request = request
        self.close = not keep_alive
        self.started = self.complete = False
        self._received = False
        self._chunked = False
        self._bodiless = request.method == "HEAD"
        self._left: int | None = None  # bytes that the declared length still has room for

    def scope(self) -> dict[str, Any]:
        """The connection scope of the request."""
        path, _, query = self.request.raw_target.partition(b"?")
        server = self.connection.server
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": self.request.version,
            "method": self.request.method,
            "scheme": "http",
            "path": unquote(path.decode("latin-1"), errors="replace"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in self.request.raw_headers],
            "client": (self.connection.client, 0),
            "server": (server.host, server.port),
            "state": {},
        }

    async def receive(self) -> Message:
        """The body, which has arrived as a whole; then, once the reply is complete, that it is over."""
        if not self._received:
            self._received = True
            return {"type": "http.request", "body": self.request.body, "more_body": False}
        if self.complete:
            return {"type": "http.disconnect"}
        # The task is cancelled when the client goes, so there is nothing else to say.
        await asyncio.get_running_loop().create_future()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a message, and wait until the client has read enough."""
        if message["type"] == "http.response.start":
            if self.started:
                raise RuntimeError("the reply has begun already")
            self._start(message["status"], list(message.get("headers", ())))
        elif message["type"] == "http.response.body":
            if not self.started or self.complete:
                raise RuntimeError("a body comes between the start of a reply and its end")
            self._body(message.get("body", b""), message.get("more_body", False))
        await self.connection.server.until_writable(self.connection)

    def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        headers = self._checked(status, headers)
        dated = any(name == b"date" for name, _ in headers)
        pieces = [STATUS_LINES[status], b"" if dated else self.connection.server.date]
        own = (b"connection", b"transfer-encoding")
        pieces += [name + b": " + value + b"\r\n" for name, value in headers if name not in own]
        if self._left is None and not self._bodiless:
            if self.request.version == "1.1":
                self._chunked = True
                pieces.append(b"Transfer-Encoding: chunked\r\n")
            else:
                self.close = True
        if self.close:
            pieces.append(b"Connection: close\r\n")
        elif self.request.version == "1.0":
            pieces.append(b"Connection: keep-alive\r\n")
        pieces.append(b"\r\n")
        self.started = True
        self.connection.transport.write(b"".join(pieces))

    def _checked(self, status: int, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """The headers, names in lower case. Raises ValueError for what cannot be sent."""
        if status not in STATUS_LINES or status > 599:
            raise ValueError(f"{status!r} is not a status")
        headers = [(name.lower(), value) for name, value in headers]
        if any(b"\n" in value or b"\r" in value or b"\n" in name for name, value in headers):
            raise ValueError("a header has a line break in it")
        self._bodiless = self._bodiless or status in BODILESS
        length = next((value for name, value in headers if name == b"content-length"), None)
        self._left = None if length is None else int(length)
        return headers

    def _body(self, body: bytes, more: bool) -> None:
        write = self.connection.transport.write
        if self._counted(body, more):
            write(b"%x\r\n%b\r\n" % (len(body), body) if self._chunked else body)
        if not more:
            self.complete = True
            if self._chunked:
                write(b"0\r\n\r\n")

    def _counted(self, body: bytes, more: bool) -> bool:
        """Whether there is something to send. Raises RuntimeError if it is not as long as was declared."""
        if self._bodiless:
            return False
        if self._left is not None:
            if len(body) > self._left:
                raise RuntimeError("the body is longer than its content-length")
            self._left -= len(body)
            if self._left and not more:
                raise RuntimeError("the body is shorter than its content-length")
        return bool(body)

    async def fail(self, content: Any) -> None:
        """Answer 500 with a JSON body."""
        body = msgspec.json.encode(content)
        headers = [(b"Content-Type", b"application/json"), (b"Content-Length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": 500, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


class _AppExchange(_Exchange):
    """The same for a mounted application: it has a root path and a state, and its reply goes to the log."""

    def __init__(self, connection: Performer, step: RunApp, keep_alive: bool, state: dict[str, Any]) -> None:
        super().__init__(connection, step.request, keep_alive)
        self._step = step
        self._state = state
        self._reply: Reply | None = None
        self._kept = bytearray()
        self._most = connection.server.program.loaded.config.log.max_body_bytes

    def scope(self) -> dict[str, Any]:
        """The connection scope; its state is a shallow copy, as the lifespan specification has it."""
        return super().scope() | {"root_path": self._step.root_path, "state": self._state.copy()}

    def _with_added(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        added = self._step.headers
        names = {name.lower() for name, _ in added}
        return [*(pair for pair in headers if pair[0].lower() not in names), *added]

    def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        headers = self._with_added(headers)
        super()._start(status, headers)
        self._reply = Reply(status, tuple(headers), b"", length=0)
        self.connection.answering(self._reply)

    def _body(self, body: bytes, more: bool) -> None:
        super()._body(body, more)
        if self._reply is not None and not self._bodiless:
            self._reply.length += len(body)
            self._kept += body[: max(0, self._most - len(self._kept))]
        if self.complete:
            self.keep_body()
            self.connection.app_done(self.close)

    def keep_body(self) -> None:
        """Give the log what was sent of the body."""
        if self._reply is not None:
            self._reply.body = bytes(self._kept)

    async def break_off(self, error: BaseException) -> None:
        """The application has failed: 500 if nothing was sent, else the connection is closed, which tells."""
        if self.complete:
            return
        name = type(error).__name__
        self.connection.failed(f"{name}: {error}")
        if not self.started:
            await self.fail({"error": "Application failed", "exception": name, "message": str(error)})
        else:
            self.connection.app_done(True)


class _CollectingExchange(_AppExchange):
    """The same where a fault strikes: nothing is sent, and the whole reply is handed over."""

    _has_failed = False

    def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self._status = status
        self._headers = self._with_added(self._checked(status, headers))
        self._declared = self._left
        self.started = True

    def _body(self, body: bytes, more: bool) -> None:
        if self._counted(body, more):
            self._kept += body
            if len(self._kept) > MAX_COLLECTED_BYTES and not self._has_failed:
                raise RuntimeError(
                    f"the reply is larger than {MAX_COLLECTED_BYTES} bytes: too large for a fault to spoil"
                )
        if not more:
            self.complete = True
            assert self._step.then is not None
            self.connection.app_answered(self._collected(), self._step.then)

    def _collected(self) -> Reply:
        # the connection adds what it needs, as to any other reply
        own = (b"connection", b"transfer-encoding", b"content-length")
        headers = tuple(header for header in self._headers if header[0].lower() not in own)
        body = bytes(self._kept)
        length = self._declared if self._bodiless else len(body)
        dated = any(name.lower() == b"date" for name, _ in headers)
        return Reply(self._status, headers, body, length=length, dated=dated)

    async def break_off(self, error: BaseException) -> None:
        """The application has failed: 500, which the faults strike too."""
        if not self.complete:
            self.started, self._left, self._has_failed = False, None, True
            self._kept.clear()
        await super().break_off(error)
