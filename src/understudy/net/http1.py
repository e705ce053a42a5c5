"""HTTP/1.1 on a connection (RFC 9112): bytes → Request → Plan, and the fast lane.

llhttp (through httptools) reads; this file decides what is too much and keeps replies in order; `perform` has
the half that performs plans, and `early` that which holds up what is read. A connection is always in one of
these states, and `since` says from when:

    idle      between requests            ended after `idle_timeout_s`
    head      a head has begun            408 after `head_timeout_s`
    body      a head is complete          408 after `body_timeout_s`
    busy      a plan is being performed   its own time; a client that does not read: `write_timeout_s`
    lingering the last reply was sent     what still arrives is thrown away, so that the reply is not lost

Requests that arrive while another is being answered wait in a queue, at most `max_pipelined` of them; then
the connection is not read any more until there is room.

What comes behind a request that offers to upgrade, or CONNECT, is kept until that is answered: then it is
HTTP, or of whoever has taken the connection over.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from time import time
from typing import TYPE_CHECKING, cast

import httptools
import msgspec

from understudy.engine import Suspended, decide, decide_late, decide_streamed
from understudy.errors import RequestError
from understudy.journal import ENTRY_BYTES, SENT
from understudy.net.early import ENDED, Early, Holder, Queued, is_gone
from understudy.net.memo import Remembered
from understudy.net.perform import size_of
from understudy.net.streaming import STREAM_BYTES, Stream
from understudy.request import Request
from understudy.steps import Plan, Reply, Step

if TYPE_CHECKING:
    from understudy.net.intercept.interception import Tunnel
    from understudy.net.server import Server
    from understudy.net.sockets.taken import Taken

LINGER_S = 2.0
"""How long what a refused client still sends is thrown away before the connection is closed."""
CONTROL = b"/__"
"""Targets below this prefix go to the control app, not to the user's endpoints."""

HOST_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+,;=:[]"
"""What may stand in a Host header (RFC 3986 section 3.2.2), as bytes that `translate` takes away."""
NO_BODY: list[bytes] = []
"""The body of a message that has none: one list for all of them, never added to."""

MAX_BEHIND_BYTES = 65_536
"""As much is read behind a request that offers to upgrade, before it is known whether it is HTTP."""

IDLE, HEAD, BODY, BUSY, LINGERING = "idle", "head", "body", "busy", "lingering"


class Http1Connection(Holder):
    """One client connection."""

    __slots__ = (
        "_arrived",
        "_behind",
        "_body",
        "_completed",
        "_deciding",
        "_eof",
        "_head_bytes",
        "_head_size",
        "_headers",
        "_is_advancing",
        "_reading",
        "_recall",
        "_served",
        "_taken",
        "_target",
        "_tunnel",
        "_version",
        "parser",
        "state",
    )

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server = server
        self._recall: Callable[[bytes], Remembered | None] = server.memo.get
        self.parser = httptools.HttpRequestParser(self)
        self.state = IDLE
        self._deciding: asyncio.Task[None] | None = None  # the plan for it is still being made
        self._eof = False
        self._taken: Taken | None = None  # who speaks another protocol here
        self._behind: bytearray | None = None  # what came behind a request that offers to, until it is known
        self._completed = 0  # messages that ended in this read
        self._is_advancing = False  # requests are being taken from the queue
        self._reading = ""  # "", HEAD or BODY: how far the message that is arriving has come
        self._served: tuple[Request, Plan, Reply] | None = None
        self._target = b""
        self._tunnel: Tunnel | None = None  # of a CONNECT, after which there are no more requests
        self._version = "1.1"
        self._headers: list[tuple[bytes, bytes]] = []
        self._arrived = 0  # bytes of an unfinished head, as far as they can be told from what came before
        self._head_bytes = 0
        self._head_size = 0  # of the whole head, once it is there
        self._body = NO_BODY

    # --- the transport's side ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._write = self.transport.write
        self.number, refused = self.server.opened(self)
        peer = transport.get_extra_info("peername")
        self.client = peer[0] if isinstance(peer, tuple) else ""
        if refused:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.closed(self)
        if self._deciding is not None:
            self._deciding.cancel()
            if self._current is not None:
                self._plan = self._current.request.pending or Plan((), None)
                self._begun = self._called = False
        taken, self._taken = self._taken, None
        if taken is not None:
            taken.on_lost(exc)
        self._lost()
        self._drop_early()

    def pause_writing(self) -> None:
        self._paused = True
        self.since = time()

    def resume_writing(self) -> None:
        self._paused = False
        self.server.writable(self)
        if self._taken is not None:
            self._taken.on_writable()
        elif not self._resume_pieces() and self._current is None:
            self._next()

    def eof_received(self) -> bool:
        """The client sends no more. While a reply is still being waited for, that is a hang-up."""
        self._eof = True
        if self._taken is not None:
            return self._taken.on_eof()
        answering = self._current is not None or bool(self._queue)
        waits = (self._timer, self._pacing, self._task, self._deciding, self._forwarding)
        return answering and all(wait is None for wait in waits)

    def data_received(self, data: bytes) -> None:
        server = self.server
        if self.state is IDLE and not self._paused:
            remembered = self._recall(data)
            if remembered is not None:
                at = time()
                request, plan, wire = remembered
                self._write(wire)
                self.since = after = time()
                server.journal.add(at, request, plan, self.number, self.client, after - at)
                return
            self.since = self._started = time()
            self._served = None
            self._completed = 0
            self._feed(data)
            if self._completed == 1 and (served := self._served) is not None and self.state is IDLE:
                server.memo.remember(data, *served)
        elif self._taken is not None:
            self._taken.on_data(data)
        elif self._behind is not None:
            self._behind += data
            if len(self._behind) > MAX_BEHIND_BYTES:
                self.transport.pause_reading()
        elif self._refusal is None and self.state is not LINGERING:
            self._completed = 0
            self._feed(data)

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # Mostly a request that offers to upgrade is answered as if it had not (RFC 9110 section 7.8).
            rest = data[upgrade.args[0] :]
            self.parser = httptools.HttpRequestParser(self)
            self._reading = ""
            if self._tunnel is not None:
                self._tunnel.rest = rest
                self._held = True
                self.transport.pause_reading()
            elif self._taken is not None:
                if rest:
                    self._taken.on_data(rest)
            elif self._current is not None or self._queue:
                self._behind = bytearray(rest)
            elif rest and not self._close_after:
                self._feed(rest)
        except httptools.HttpParserError as error:
            if self._refusal is not ENDED:
                self._refuse(self._refusal or self._why(data, error))
        else:
            reading = self._reading
            if reading:
                if self._current is None:
                    self.state = reading
                if reading is HEAD and not self._completed:  # then all of the data is of this one head
                    self._arrived += len(data)
                    if self._arrived > self.server.limits.max_head_bytes:
                        self._refuse(self._head_too_large())

    # --- llhttp's side: one message ------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._close_after:
            raise RequestError(400, "no more requests are taken on this connection")
        self._reading = HEAD
        self._target = b""
        self._headers = []
        self._body = NO_BODY
        self._head_bytes = 0
        self._arrived = 0

    def on_url(self, url: bytes) -> None:
        self._target += url
        if len(self._target) > self.server.limits.max_target_bytes:
            self._refusal = self._head_too_large()
            raise self._refusal

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._reading is HEAD:
            self._headers.append((name, value))
        elif self._stream is not None:  # of other requests trailers are dropped (RFC 9110 section 6.5.1)
            self._stream.trailers.append((name, value))
        self._head_bytes += len(name) + len(value) + 4
        if self._head_bytes > self.server.limits.max_head_bytes:
            self._refusal = self._head_too_large()
            raise self._refusal

    def on_headers_complete(self) -> None:
        self._reading = BODY
        refusal = self._check_head()
        if refusal is not None:
            self._refusal = refusal
            raise RequestError(refusal.status, refusal.message)
        self._head_size = self._head_bytes + len(self._target)
        self._head_bytes = 0  # from here on it counts the body

    def on_body(self, body: bytes) -> None:
        if self._stream is not None:
            self.since = time()
            self._stream.add(body)
            return
        if self._body is NO_BODY:
            self._body = []
        self._body.append(body)
        self._head_bytes += len(body)
        if self._head_bytes > self.server.limits.max_body_bytes:
            self._refusal = self._body_too_large()
            raise self._refusal
        if self._early is not None:
            self._took(len(body))

    def on_message_complete(self) -> None:
        parser = self.parser
        self._reading = ""
        self._completed += 1
        if self._stream is not None:
            self._streamed()
            return
        self._expects_continue = False
        body = self._body
        request = Request(
            parser.get_method().decode("ascii"),
            self._target,
            self._headers,
            b"" if body is NO_BODY else b"".join(body),
            self.client,
            self._version,
        )
        request.head_bytes = self._head_size
        keep_alive = parser.should_keep_alive()
        if body is not NO_BODY and self._early is not None:
            early, self._early = self._early, None
            self._queue.append(Queued(request, keep_alive, early=early))
            self._next()
            return
        if self._current is None and not self._queue and not self._paused:
            self._serve(request, keep_alive)
            return
        self._queue.append(Queued(request, keep_alive))
        if len(self._queue) >= self.server.limits.max_pipelined:
            self.transport.pause_reading()

    def _streamed(self) -> None:
        """A body that was passed on is complete."""
        assert self._stream is not None
        stream, self._stream = self._stream, None
        stream.end()
        if self._current is None and self.state is not LINGERING:  # it was answered before
            self.state = IDLE
            self.since = time()
            self._next()

    def _check_head(self) -> RequestError | None:
        """What llhttp lets pass but a server must refuse (RFC 9112 sections 3.2 and 6.1, RFC 9110 10.1.1)."""
        hosts = 0
        coding = length = b""
        has_coding = has_length = False
        for name, value in self._headers:
            size = len(name)
            if size == 4 and name.lower() == b"host":
                hosts += 1
                if value.translate(None, HOST_BYTES):
                    return RequestError(400, "the Host header is not a host name")
            elif size == 6 and name.lower() == b"expect":
                if value.lower() != b"100-continue":
                    return RequestError(417, f"unknown expectation {value.decode('latin-1')!r}")
                self._expects_continue = True
            elif size == 14 and name.lower() == b"content-length":
                has_length = True
                length = value
            elif size == 17 and name.lower() == b"transfer-encoding":
                coding = coding + b", " + value.lower() if has_coding else value.lower()
                has_coding = True
        version = self._version = self.parser.get_http_version()
        if version != "1.1" and version != "1.0":
            return RequestError(505, f"HTTP/{version} is not spoken here; HTTP/1.1 is")
        if hosts != 1 and (version == "1.1" or hosts > 1):
            return RequestError(400, "a request has exactly one Host header")
        if self._target[:1] != b"/" and (refusal := self._ask_proxy()) is not None:
            return refusal
        if not (has_coding or has_length):
            self._expects_continue = False
            return None
        if has_coding and has_length:
            return RequestError(400, "Content-Length and Transfer-Encoding exclude each other")
        if has_coding and coding != b"chunked":
            return RequestError(501, f"unknown transfer coding {coding.decode('latin-1')!r}")
        if has_coding and version == "1.0":
            return RequestError(400, "Transfer-Encoding needs HTTP/1.1")
        if has_length and not length.isdigit():
            return self._body_too_large()
        size = int(length[:20] or b"0")
        if self._expects_continue and version == "1.0":
            self._expects_continue = False
        server = self.server
        may_strike = server.has_early or server.world.chaos is not None
        is_ours = self._target.startswith(CONTROL)
        if may_strike and (has_coding or size) and not is_ours:
            if self._ask_early(self._head_alone()):
                self._reading = ""
                return ENDED
            if self._early is not None:
                self._body = []  # one that is empty is waited for, too
        if (
            server.program.streams
            and (has_coding or size > STREAM_BYTES)
            and not is_ours
            and self._current is None
            and not (self._queue or self._paused or self._early or self._early_tasks)
            and self._pass_on(self._head_alone())
        ):
            return None
        if size > server.limits.max_body_bytes:
            return self._body_too_large()
        if self._expects_continue and self._current is None and not self._queue and not self._early_tasks:
            self._continue()
        return None

    def _head_alone(self) -> Request:
        """The request whose body is still to come."""
        method = self.parser.get_method().decode("ascii")
        request = Request(method, self._target, self._headers, b"", self.client, self._version)
        request.head_bytes = self._head_bytes + len(self._target)
        return request

    def _pass_on(self, request: Request) -> bool:
        """Begin to answer a request whose body is passed on while it arrives; False if it has to be waited
        for."""
        server = self.server
        try:
            decided = decide_streamed(server.program, request, server.world)
        except Exception as error:
            decided = self._crashed(request, error)
        if decided is None:
            return False
        self._stream = Stream(self, request, expects_continue=self._expects_continue)
        self._expects_continue = False
        self._current = Queued(request, self.parser.should_keep_alive())
        self.state = BUSY
        if isinstance(decided, Suspended):
            self._deciding = server.spawn(self._wait_for(decided, request), "request")
        else:
            self._begin(decided)
        return True

    def go_ahead(self) -> None:
        """Let a client that waits for it send the body."""
        self._write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _continue(self) -> None:
        self._expects_continue = False
        self.go_ahead()

    def _head_too_large(self) -> RequestError:
        limits = self.server.limits
        if len(self._target) > limits.max_target_bytes:
            return RequestError(414, f"the request target is longer than {limits.max_target_bytes} bytes")
        return RequestError(431, f"the request head is larger than {limits.max_head_bytes} bytes")

    def _body_too_large(self) -> RequestError:
        limit = self.server.limits.max_body_bytes
        return RequestError(413, f"the request body is larger than {limit} bytes")

    def _why(self, data: bytes, error: Exception) -> RequestError:
        """The status for bytes that llhttp cannot read."""
        text = str(error)
        for name, value in self._headers:
            if name.lower() == b"transfer-encoding" and value.lower() != b"chunked":
                if any(known.lower() == b"content-length" for known, _ in self._headers):
                    break
                return RequestError(501, f"unknown transfer coding {value.decode('latin-1')!r}")
        if isinstance(error, httptools.HttpParserInvalidMethodError) and not self._completed:
            token = data.split(b" ", 1)[0]
            if token.isalpha() and token.isupper() and len(token) <= 32 and self._reading != BODY:
                return RequestError(501, f"unknown method {token.decode()}")
        if text in {"Invalid HTTP version", "Pause on PRI/Upgrade"}:
            return RequestError(505, "only HTTP/1.1 and HTTP/1.0 are spoken here")
        return RequestError(400, f"this is not HTTP: {text}")

    # --- answering -----------------------------------------------------------------------------------------

    def _refuse(self, refusal: RequestError) -> None:
        """Answer what came before, then the refusal, then close."""
        self._refusal = refusal
        self._reading = ""
        early, self._early = self._early, None
        if self._stream is not None:
            self._refuse_rest(refusal)
        elif self._current is None and not self._queue and not self._paused:
            self._send_refusal(refusal, early)
        else:
            self._queue.append(Queued(Request("", b""), False, refusal, early))

    def _refuse_rest(self, refusal: RequestError) -> None:
        """The body of a request that is passed on breaks off, or makes no sense: no second reply is sent."""
        if self._current is None:
            self._linger()
            return
        if self._deciding is not None:
            self._deciding.cancel()
            self._deciding = None
            self._plan = self._current.request.pending or Plan((), None)
            self._begun = self._called = False
        self.break_off(_reply_to(refusal), refusal.message)

    def _send_refusal(self, refusal: RequestError, early: Early | None = None) -> None:
        reply = _reply_to(refusal)
        request = Request("-", self._target, self._headers, b"", self.client)
        request.path = request.target.partition("?")[0]
        self._write(reply.head() + self.server.date + b"Connection: close\r\n\r\n" + reply.body)
        plan = Plan((reply,), reply, error=refusal.message, redactor=self.server.program.redactor)
        if early is not None and early.plan is not None:
            early.release()
            plan.faults, plan.injected = early.plan.faults, early.plan.injected
        now = time()
        size = ENTRY_BYTES + len(self._target)
        size += sum([64 + len(name) + len(value) for name, value in self._headers])
        self.server.journal.add(now, request, plan, self.number, self.client, 0.0, SENT, size)
        self._linger()

    def _linger(self) -> None:
        """Close so that the reply is not lost to a reset: no more is sent, what comes is thrown away."""
        self._close_after = True
        self.state = LINGERING
        self.since = time()
        if self._held:
            self._held = False
            self.transport.resume_reading()
        if self._eof or not self.transport.can_write_eof():
            self.transport.close()
        else:
            self.transport.write_eof()

    def _next(self) -> None:
        """Take the next request from the queue, if the client reads what it has got."""
        if self._is_advancing:
            return  # a caller of this one goes on: a long queue is no deep recursion
        self._is_advancing = True
        try:
            while self._queue and self._current is None and not self._paused and self.state is not LINGERING:
                if not self._is_due(self._queue[0]):
                    return
                self._take(self._queue.popleft())
        finally:
            self._is_advancing = False
        if self._current is None and not self._queue and self._behind is not None:
            self._read_behind()
        if self._current is None and not self._queue:
            if self._expects_continue and not self._early_tasks:
                self._continue()
            if self._eof and not self._close_after:
                self._close_after = True
                self.transport.close()

    def _read_behind(self) -> None:
        """The offer to upgrade was declined: what came behind the request is HTTP."""
        behind = self._let_in_behind()
        if behind and self._refusal is None and self.state is not LINGERING and not self._close_after:
            self._completed = 0
            self._feed(behind)

    def _let_in_behind(self) -> bytes:
        behind, self._behind = self._behind or bytearray(), None
        if len(behind) > MAX_BEHIND_BYTES:
            self.transport.resume_reading()
        return bytes(behind)

    def _take(self, exchange: Queued) -> None:
        """Answer a request from the queue."""
        if len(self._queue) == self.server.limits.max_pipelined // 2 and not self._held:
            self.transport.resume_reading()
        early = exchange.early
        if exchange.refusal is not None:
            self._send_refusal(exchange.refusal, early)
        elif early is None:
            self._started = time()
            self._serve(exchange.request, exchange.keep_alive)
        elif early.ends:
            assert early.plan is not None
            self._started = early.at
            self._current = exchange
            self.state = BUSY
            self._begin(early.plan)
        else:
            self._started = early.at
            early.release()
            self._serve(exchange.request, exchange.keep_alive, early.plan)

    def _serve(self, request: Request, keep_alive: bool, early: Plan | None = None) -> None:
        """Answer a request; `early` is what a fault has done to it already."""
        server = self.server
        if request.raw_target.startswith(CONTROL):
            self._current = Queued(request, keep_alive)
            self.state = BUSY
            self._task = server.control(self, request, keep_alive)
            return
        if self._tunnel is not None and request.method == "CONNECT":
            self._current = Queued(request, keep_alive)
            self.state = BUSY
            self._task = server.open_tunnel(self, self._tunnel)
            return
        try:
            if early is None:
                decided = decide(server.program, request, server.world)
            else:
                decided = decide_late(early, server.program, request, server.world)
        except Exception as error:
            decided = self._crashed(request, error)
        if isinstance(decided, Suspended):
            self._current = Queued(request, keep_alive)
            self.state = BUSY
            self._deciding = server.spawn(self._wait_for(decided, request), "request")
            return
        plan = decided
        steps = plan.steps
        first = steps[0]
        if (
            len(steps) == 1
            and keep_alive
            and isinstance(first, Reply)
            and request.method != "HEAD"
            and request.version == "1.1"
        ):
            # The fast lane: one reply, one write.
            size = ENTRY_BYTES + len(request.body) + request.head_bytes + 64 * len(request.raw_headers)
            if plan.constant or first.is_shared:
                if first.wire_stamp is not server.date:
                    first.wire = first.whole(server.date)
                    first.wire_stamp = server.date
                self._write(first.wire)
            else:
                self._write(first.whole(server.date))
            if not first.is_shared:  # the log keeps it alive
                size += first.length
            if plan.constant and not request.body:
                self._served = (request, plan, first)
            if plan.violations:
                size += size_of(plan.violations)
            request.forget_views()  # that conditions and templates looked at
            self.state = self._reading or IDLE
            self.since = after = time()
            started = self._started
            server.journal.add(started, request, plan, self.number, self.client, after - started, SENT, size)
            return
        self._current = Queued(request, keep_alive)
        self.state = BUSY
        self._begin(plan)

    async def _wait_for(self, suspended: Suspended, request: Request) -> None:
        """Answer with a plan that is not made yet. Cancelled when the client hangs up."""
        try:
            plan = await suspended
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            plan = self._crashed(request, RuntimeError(f"what it waited for was cancelled: {error}"))
        except Exception as error:
            plan = self._crashed(request, error)
        self._deciding = None
        self._begin(plan)

    def _crashed(self, request: Request, error: Exception) -> Plan:
        """A bug of ours, or a request that no limit foresaw: a 500 that says so, and the rest in the log."""
        text = "".join(traceback.format_exception(error))
        self.server.complain(f"{request.method} {request.target} failed, please report this:\n{text}")
        body = msgspec.json.encode({"error": f"Understudy failed: {type(error).__name__}: {error}"})
        reply = Reply(500, ((b"Content-Type", b"application/json"),), body)
        message = f"{type(error).__name__}: {error}"
        return Plan((reply,), reply, error=message, redactor=self.server.program.redactor)

    def _broken(self, error: Exception) -> None:
        request = Request("-", self._target) if self._current is None else self._current.request
        crashed = self._crashed(request, error)
        if self._plan is not None:
            self._plan.error = crashed.error
        self.transport.abort()

    def _deaf(self) -> None:
        self._refusal = ENDED
        self._reading = ""
        self.since = time()
        self._drop_early()

    def finished(self, close: bool) -> None:
        """The current request is answered; the control app calls this for its own."""
        self._current = None
        self._plan = None
        self._task = None
        stream = self._stream
        if stream is not None:
            stream.drop()
        if close:
            self._close_after = True
            is_early = self._refusal is ENDED or stream is not None  # more of the request is on its way
            self._deaf()
            if is_early:
                self._linger()
            else:
                self.transport.close()
            return
        self.state = self._reading or IDLE
        self.since = time()
        self._next()

    # --- another protocol ----------------------------------------------------------------------------------

    @property
    def can_be_taken(self) -> bool:
        offers = self._behind is not None or self.parser.should_upgrade()
        return offers and not (self._queue or self._close_after or self._stream is not None)

    def take_over(self, taken: Taken) -> None:
        self._taken = taken
        behind = self._let_in_behind()
        if behind:
            taken.on_data(behind)
        if self._eof and self._taken is taken and not taken.on_eof() and self._taken is taken:
            self.transport.close()

    def hand_back(self, *steps: Step, linger: bool = False) -> None:
        self._taken = None
        self._close_after = True
        if linger:
            self._refusal = ENDED
        self._go_on_with(steps)
        self._perform()

    # --- a proxy's side ------------------------------------------------------------------------------------

    def _ask_proxy(self) -> RequestError | None:
        """Whether a request to a proxy is let through: a CONNECT, or a target in absolute form."""
        method, headers = self.parser.get_method(), self._headers
        try:
            admitted = self.server.intercept.admit(method, self._target, headers, self.client)
        except RequestError as refusal:
            return refusal
        self._target, self._tunnel = admitted
        return None

    def refuse_tunnel(self, refusal: RequestError) -> None:
        """The other end of a tunnel cannot be had."""
        self._current = self._task = None
        self._send_refusal(refusal)

    def leave(self, successor: asyncio.Protocol) -> None:
        """Tell the client that its tunnel is open, and leave the transport to another protocol."""
        assert self._tunnel is not None
        self._current = self._task = None
        self._write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.connection_lost(None)
        self.transport.set_protocol(successor)
        successor.connection_made(self.transport)
        if not self.transport.is_closing():
            self.transport.resume_reading()
            if self._tunnel.rest:
                successor.data_received(self._tunnel.rest)

    # --- the server's side ---------------------------------------------------------------------------------

    def close_idle(self) -> None:
        """Close without a word, if nothing is going on."""
        if self.state is IDLE and self._current is None and not self._queue and not self._held:
            self.transport.close()

    def check_time(self, now: float) -> None:
        """End what has lasted too long. Called about once a second."""
        limits = self.server.limits
        lasted = now - self.since
        if self._paused or self.transport.is_closing():  # what is left is waited for by closing, too
            if lasted > limits.write_timeout_s:
                self.transport.abort()
        elif self._held:
            if is_gone(self.transport, half=self._reading_timer is None):
                self.transport.abort()
        elif self.state is IDLE:
            if lasted > limits.idle_timeout_s:
                self.transport.close()
        elif self.state is HEAD:
            if lasted > limits.head_timeout_s:
                self._refuse(RequestError(408, f"no whole request head in {limits.head_timeout_s:g} s"))
        elif self.state is BODY:
            if lasted > limits.body_timeout_s:
                self._refuse(RequestError(408, f"no whole request body in {limits.body_timeout_s:g} s"))
        elif self.state is LINGERING:
            if lasted > LINGER_S:
                self.transport.close()
        elif self._stream is not None and lasted > limits.body_timeout_s and not self._stream.is_held:
            self._refuse(RequestError(408, f"no whole request body in {limits.body_timeout_s:g} s"))

    def drain(self) -> None:
        """The server stops: finish what was asked, end waits, close what is idle."""
        first = self._queue.popleft() if self._queue and self._current is None else None
        self._drop_early()
        if first is not None and first.early is not None and first.early.plan is not None:
            self._take(first._replace(keep_alive=False))  # it was read, however slowly
        elif first is not None:
            self._drop(first)
        asked = None if self._current is None else self._current.request
        if asked is None or asked.raw_target.startswith(CONTROL) or asked.method == "CONNECT":
            self.transport.close()
        elif self._taken is not None:
            self._taken.on_stop()
        else:
            self._close_after = True
            self.hurry()


def _reply_to(refusal: RequestError) -> Reply:
    body = msgspec.json.encode({"error": refusal.message})
    return Reply(refusal.status, ((b"Content-Type", b"application/json"), *refusal.headers), body)


__all__ = ["CONTROL", "Http1Connection"]
