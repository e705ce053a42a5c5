"""Sends recorded requests to a real server, and gives what it answers as exchanges.

It asks with the client that requests are sent on with, over HTTP/1.1 or HTTP/2 as the server chooses, so that
replies, their trailers, and failures are seen as a recorder sees them. Bodies stay as they come, encoded or
not; redirects are not followed, cookies are not kept. Of a WebSocket, the client's side is said again.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter, time
from typing import Any, Self

from understudy.model.proxy import Proxy, Tls
from understudy.net.sockets.talking import Talking
from understudy.net.upstream.base import Call, Incoming, Outgoing, UpstreamError
from understudy.net.upstream.forwarding import MAX_REPEATS, REPEATABLE
from understudy.net.upstream.heads import outgoing_of
from understudy.net.upstream.pool import Pool, Upstreams, context_of
from understudy.net.upstream.seen import SeenBody, reply_seen
from understudy.record.drift.messages import CUT_SHORT
from understudy.record.drift.prepare import ToSend
from understudy.record.exchange import (
    BodyInFile,
    Failed,
    FailureKind,
    Payload,
    RecordedExchange,
    RecordedRequest,
)
from understudy.record.target import Trust, target_of
from understudy.record.websocket import SocketTap
from understudy.request import Request
from understudy.steps import Header

MAX_BODY_BYTES = 4 * 1024**3
"""The largest body of a reply; as much is recorded, unless a config says otherwise."""
CONNECT_TIMEOUT_S = 10.0
MAX_AHEAD = 64
"""Answers that wait for an earlier one, so that they are given in order."""
PIECE_BYTES = 256 * 1024
"""As much is read at a time of a body in a file."""

NO_CONNECTION: frozenset[FailureKind] = frozenset({"dns", "refused", "unreachable", "tls"})
"""Failures of a server that cannot be reached at all."""

_NOT_IN_TARGET = re.compile(rb"[\x00-\x20\x7f]")
_BREAKS = re.compile(rb"[\r\n\0]")


class CannotAsk(Exception):
    """What a user gave cannot be used, such as a file of certificates. Says why."""


class Asker:
    """Asks one server, `https://host:port/prefix`, in one event loop.

    `timeout_s` is for a whole answer, and for a whole conversation. `spool` gives a new file for a large
    body. Raises CannotAsk.
    """

    def __init__(
        self, target: str, *, connections: int, timeout_s: float, tls: Tls, spool: Callable[[], Path]
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self._timeout_s = timeout_s
        self._spool = spool
        self._tasks: set[asyncio.Task[Any]] = set()
        self._upstreams = Upstreams(self)
        self._target = target_of(
            Proxy(
                target=target,
                tls=tls,
                connect_timeout_s=min(timeout_s, CONNECT_TIMEOUT_S),
                timeout_s=timeout_s,
                max_connections=connections + 1,  # one over HTTP/2 must not be in the way of WebSockets
            ),
            lambda written, key: Path(written),
        )
        _check_files(tls, self._target.trust)

    def is_at(self, connected: socket.socket) -> bool:
        """It listens nowhere, so that no connection leads back to it."""
        return False

    def spawn(self, work: Any, name: str) -> asyncio.Task[Any]:
        """Run a coroutine for the pool, and keep it."""
        task = self.loop.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._upstreams.close()
        await asyncio.sleep(0)  # connections that were closed have ended by then

    async def ask(self, one: ToSend) -> RecordedExchange:
        """Send a request, and wait for all of the answer, or for the end of the conversation.

        What goes wrong is `failed` in the exchange. Raises CannotAsk for what cannot be sent, and OSError and
        UnderstudyError of files.
        """
        outgoing = self._outgoing(one)
        asking = _Asking(one, outgoing.headers, self._spool)
        recorded_at = time()
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._send(one, outgoing, asking)
        except TimeoutError:
            asking.late(self._timeout_s)
        except BaseException:
            asking.drop()
            raise
        finally:
            asking.let_go()
        request = RecordedRequest(
            method=one.request.method,
            origin=self._target.origin,
            target=self._target.prefix.decode("latin-1") + one.request.target,
            headers=outgoing.headers,
            body=one.request.body,
        )
        return asking.exchange(request, recorded_at)

    def _outgoing(self, one: ToSend) -> Outgoing:
        """The head of the request as it is sent. Raises CannotAsk, and OSError of a file with a body."""
        asked = one.request
        length = _size(asked.body)
        headers = _with_length(asked.headers, length)
        for name, value in headers:
            if _BREAKS.search(value):
                raise CannotAsk(f"header {name.decode('latin-1')} would have a line break in its value")
        # what else a connection may become is not understood
        headers = tuple(header for header in headers if header[0].lower() != b"upgrade")
        if one.turns is not None:
            headers = _as_handshake(headers)
        target = _NOT_IN_TARGET.sub(lambda found: b"%%%02X" % found[0][0], _bytes(asked.target))
        return outgoing_of(Request(asked.method, target, headers), self._target, length)

    async def _send(self, one: ToSend, outgoing: Outgoing, asking: _Asking) -> None:
        """Send it, again if nothing can have become of it, and hear what comes."""
        pool = self._upstreams.pool(self._target)
        for _ in range(MAX_REPEATS + 1):
            await self._send_once(pool, one.request.body, outgoing, asking)
            if not asking.may_repeat:
                return

    async def _send_once(self, pool: Pool, body: Payload, outgoing: Outgoing, asking: _Asking) -> None:
        asking.begin()
        try:
            repeatable = outgoing.method in REPEATABLE
            line = await pool.open(repeatable=repeatable, upgrade=bool(outgoing.upgrade))
        except UpstreamError as error:
            asking.broke(error, is_unused=False)
            return
        asking.call = call = line.call(outgoing, asking)
        if outgoing.length:
            await asking.send(call, body)
        await asking.done.wait()
        if asking.error is not None:
            raise asking.error
        if asking.talking is not None:
            await asking.talking.run(call)


class _Asking:
    """One request, and what comes of it: the listener of its call."""

    def __init__(self, one: ToSend, asked: tuple[Header, ...], spool: Callable[[], Path]) -> None:
        self._one = one
        self._asked = asked
        self._began = perf_counter()
        self._body = SeenBody(spool, MAX_BODY_BYTES)
        self._head: Incoming | None = None
        self._wait_ms = 0.0
        self._trailers: tuple[Header, ...] = ()
        self._failed: Failed | None = None
        self._tap: SocketTap | None = None
        self._note = ""
        self._is_over = False
        self._may_send = asyncio.Event()
        self.call: Call | None = None
        self.talking: Talking | None = None
        self.may_repeat = False
        self.error: Exception | None = None
        """That of a file."""
        self.done = asyncio.Event()
        """The reply is complete or has failed, or the WebSocket is open."""

    def _now_ms(self) -> float:
        return round((perf_counter() - self._began) * 1000, 3)

    def begin(self) -> None:
        """It is sent, perhaps not for the first time."""
        self._failed = None
        self._is_over = self.may_repeat = False
        self.done.clear()

    # --- out -----------------------------------------------------------------------------------------------

    async def send(self, call: Call, body: Payload) -> None:
        """Send a body, as fast as the server takes it; no more of it once there is a reply."""
        if isinstance(body, bytes):
            call.send_body(body)
        else:
            with body.path.open("rb") as file:
                while (piece := file.read(PIECE_BYTES)) and not self.done.is_set():
                    call.send_body(piece)
                    while call.is_full and not self.done.is_set():
                        self._may_send.clear()
                        await self._may_send.wait()
        call.end_body()

    def writable(self) -> None:
        """The server takes more."""
        self._may_send.set()
        if self.talking is not None:
            self.talking.stir()

    # --- back ----------------------------------------------------------------------------------------------

    def informed(self, status: int, headers: tuple[Header, ...]) -> None:
        """Interim replies are not recorded."""

    def head_came(self, head: Incoming) -> None:
        """The reply has begun."""
        self._head = head
        self._wait_ms = self._now_ms()
        if head.status == 101 and self._one.turns is not None:
            self._tap = SocketTap(self._asked, head.headers)
            self.talking = Talking(self._one.turns, self._tap, self._now_ms)
            self._done()

    def body_came(self, data: bytes) -> None:
        """More of its body has come, or of what is said in a WebSocket."""
        if self.talking is not None:
            self.talking.from_server(data)
            return
        try:
            self._body.add(data, self._now_ms())
        except Exception as error:  # of files, said by who asks: a parser is above this
            self.error = error
            self._done()
            return
        if self._body.is_lost:
            self._fail("protocol", f"the body is larger than {MAX_BODY_BYTES} bytes")
            self.let_go()

    def ended(self, trailers: tuple[Header, ...]) -> None:
        """All has come."""
        self._trailers = trailers
        self._over()

    def broke(self, error: UpstreamError, *, is_unused: bool) -> None:
        """There is no reply, or no whole one."""
        self.may_repeat = is_unused and self._head is None and self._one.request.method in REPEATABLE
        self._fail(error.kind, error.message)

    def late(self, timeout_s: float) -> None:
        """It takes too long: a failure, or the end of what is heard of a conversation."""
        if self._is_over:
            return
        if self._tap is None or self.talking is None:
            self._fail("timeout", f"no whole answer within {timeout_s:g} s")
        elif not self.talking.has_ended:
            count = len(self._tap.messages)
            self._note = f"{CUT_SHORT}{count} message{'s' * (count != 1)}: it took more than {timeout_s:g} s"

    def _fail(self, kind: FailureKind, message: str) -> None:
        if self.talking is None or not self.talking.has_ended:  # after a goodbye all is said
            self._failed = Failed(kind, message, self._now_ms())
        self._over()

    def _over(self) -> None:
        self._is_over = True
        self.call = None
        if self.talking is not None:
            self.talking.gone()
        self._done()

    def _done(self) -> None:
        self.done.set()
        self._may_send.set()

    # --- ends ----------------------------------------------------------------------------------------------

    def let_go(self) -> None:
        """Nothing more is heard."""
        call, self.call = self.call, None
        if call is not None:
            call.cancel()

    def drop(self) -> None:
        """Forget what has come."""
        with suppress(OSError):
            self._body.drop()

    def exchange(self, request: RecordedRequest, recorded_at: float) -> RecordedExchange:
        """All that was seen. Raises OSError of files."""
        head, tap, reply = self._head, self._tap, None
        total_ms = self._now_ms()
        if head is not None:
            reply = reply_seen(head, self._body, self._trailers)
        return RecordedExchange(
            request=request,
            reply=reply,
            failed=self._failed,
            recorded_at=recorded_at,
            wait_ms=total_ms if head is None else self._wait_ms,
            total_ms=total_ms,
            messages=() if tap is None else tap.messages,
            note=self._note or ("" if tap is None else tap.note),
        )


async def ask_all(
    requests: Sequence[ToSend],
    target: str,
    *,
    concurrency: int = 1,
    rate: float | None = None,
    timeout_s: float = 30.0,
    tls: Tls | None = None,
    spool: Callable[[], Path],
) -> AsyncGenerator[RecordedExchange, None]:
    """What `target` answers to each request, in their order.

    So many `concurrency` are asked at the same time, begun in their order, and at most `rate` in a second.
    Raises CannotAsk.
    """
    loop = asyncio.get_running_loop()
    asker = Asker(target, connections=concurrency, timeout_s=timeout_s, tls=tls or Tls(), spool=spool)
    async with asker:
        slots = asyncio.Semaphore(concurrency)
        start = loop.time()

        async def one(number: int, request: ToSend) -> RecordedExchange:
            async with slots:
                if rate is not None:
                    await asyncio.sleep(max(0.0, start + number / rate - loop.time()))
                return await asker.ask(request)

        waiting: list[asyncio.Task[RecordedExchange]] = []
        try:
            for number, request in enumerate(requests):
                waiting.append(loop.create_task(one(number, request), name="ask"))
                if len(waiting) >= max(MAX_AHEAD, concurrency) or concurrency == 1:
                    yield await waiting.pop(0)
            while waiting:
                yield await waiting.pop(0)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)


def _check_files(tls: Tls, trust: Trust) -> None:
    """Raises CannotAsk for files of certificates that cannot be read: a connection would say less."""
    files = ", ".join(filter(None, (tls.ca_file, tls.cert_file, tls.key_file)))
    try:
        if files:
            context_of(trust, True)
    except (OSError, ssl.SSLError) as error:
        raise CannotAsk(f"{files} cannot be used: {error.strerror or error}") from None


def _size(body: Payload) -> int:
    return body.path.stat().st_size if isinstance(body, BodyInFile) else len(body)


def _bytes(target: str) -> bytes:
    """A target as it was sent, byte for byte; one that was written by hand may have any character."""
    try:
        return target.encode("latin-1")
    except UnicodeEncodeError:
        return target.encode("utf-8", "surrogateescape")


def _with_length(headers: Sequence[Header], length: int) -> tuple[Header, ...]:
    """Headers whose Content-Length, if they have one, is that of the body, which may have got secrets."""
    found: list[Header] = []
    has_length = False
    for header in headers:
        if header[0].lower() == b"content-length":
            if has_length:
                continue
            has_length = True
            header = (header[0], b"%d" % length)
        found.append(header)
    return tuple(found)


def _as_handshake(headers: Sequence[Header]) -> tuple[Header, ...]:
    """What asks for a WebSocket (RFC 6455 section 4.1), of which a recording has no header of the
    connection, and perhaps no key."""
    names = {name.lower() for name, _ in headers}
    more = [(b"Connection", b"Upgrade"), (b"Upgrade", b"websocket")]
    if b"sec-websocket-key" not in names:
        more.append((b"Sec-WebSocket-Key", b64encode(os.urandom(16))))
    if b"sec-websocket-version" not in names:
        more.append((b"Sec-WebSocket-Version", b"13"))
    return (*(one for one in headers if one[0].lower() != b"connection"), *more)
