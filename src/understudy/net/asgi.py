"""The bridge from a connection to an ASGI application (ASGI specification 3.0, HTTP 2.4).

It carries the control app today. Bodies are sent as they come, chunked where no length is known, and not
faster than the client reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from understudy.steps import BODILESS, STATUS_LINES

if TYPE_CHECKING:
    from understudy.net.http1 import Http1Connection
    from understudy.request import Request

Message = MutableMapping[str, Any]
AsgiApp = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]


async def answer(app: AsgiApp, connection: Http1Connection, request: Request, keep_alive: bool) -> None:
    """Let the app answer one request, then hand the connection back."""
    exchange = _Exchange(connection, request, keep_alive)
    try:
        await app(exchange.scope(), exchange.receive, exchange.send)
    except asyncio.CancelledError:
        raise
    except Exception as error:
        connection.server.complain(f"control request failed: {type(error).__name__}: {error}")
        if not exchange.started:
            await exchange.fail()
        exchange.close = True
    connection.finished(exchange.close or not exchange.complete)


class _Exchange:
    """One request and reply, between ASGI's messages and the connection's bytes."""

    def __init__(self, connection: Http1Connection, request: Request, keep_alive: bool) -> None:
        self.connection = connection
        self.request = request
        self.close = not keep_alive
        self.started = self.complete = False
        self._received = False
        self._chunked = False
        self._bodiless = request.method == "HEAD"

    def scope(self) -> dict[str, Any]:
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
        if not self._received:
            self._received = True
            return {"type": "http.request", "body": self.request.body, "more_body": False}
        # The task is cancelled when the client goes, so there is nothing else to say.
        await asyncio.get_running_loop().create_future()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start(message)
        elif message["type"] == "http.response.body":
            self._body(message.get("body", b""), message.get("more_body", False))
        await self.connection.server.until_writable(self.connection)

    def _start(self, message: Message) -> None:
        self.started = True
        status = message["status"]
        headers = [(name.lower(), value) for name, value in message.get("headers", [])]
        self._bodiless = self._bodiless or status in BODILESS
        pieces = [STATUS_LINES[status], self.connection.server.date]
        pieces += [name + b": " + value + b"\r\n" for name, value in headers if name != b"connection"]
        if not any(name == b"content-length" for name, _ in headers) and not self._bodiless:
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
        self.connection.transport.write(b"".join(pieces))

    def _body(self, body: bytes, more: bool) -> None:
        write = self.connection.transport.write
        if body and not self._bodiless:
            write(b"%x\r\n%b\r\n" % (len(body), body) if self._chunked else body)
        if not more:
            self.complete = True
            if self._chunked:
                write(b"0\r\n\r\n")

    async def fail(self) -> None:
        body = b'{"error":"the control request failed; the server log says why"}'
        headers = [(b"Content-Type", b"application/json"), (b"Content-Length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": 500, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})
