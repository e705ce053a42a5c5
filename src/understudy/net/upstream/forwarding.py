"""One request that is sent on, and its reply on its way back: between a client's connection and a call.

Nothing is held: what comes from one side goes to the other, and who is too slow for it holds up the other
side. What is watched (recorded, compared) is seen by a `Witness`; after a 101, a `Raw` goes on.

Two things need a reply before the client gets any of it: faults that spoil it (`then`) have it collected, and
a judge has it held, if it wants to see the body. What is held goes on as it came.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from understudy.dress import with_new_headers
from understudy.net.upstream.base import Call, Incoming, Line, UpstreamError, unframed
from understudy.net.upstream.heads import outgoing_of, with_locations
from understudy.net.upstream.raw import Raw
from understudy.net.upstream.witness import Witness
from understudy.record.exchange import Failed
from understudy.record.failures import failure_reply, failure_steps
from understudy.steps import STATUS_LINES, ExactReply, Forward, Header, Judge, Judgement, Reply

if TYPE_CHECKING:
    from understudy.net.perform import Performer
    from understudy.net.upstream.pool import Pool

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
"""Methods of requests that may be sent twice (RFC 9110 section 9.2.2)."""
MAX_REPEATS = 10
"""How often a request is sent again that nothing became of: a server may refuse each stream, for ever."""
MAX_COLLECTED_BYTES = 64 * 1024 * 1024
"""The largest reply that faults can spoil."""
LARGE_BYTES = 65_536
"""Pieces of a reply for which a write of their own costs little."""
MAX_QUEUED_BYTES = 65_536
"""What is held of a request's body while there is no connection yet."""


class Forwarding:
    """A request on its way. With `streams`, its body is given to `feed`; else the request has it."""

    def __init__(
        self, connection: Performer, step: Forward, pool: Pool, keep_alive: bool, streams: bool
    ) -> None:
        self._connection = connection
        self._server = connection.server
        self._step = step
        self._close = not keep_alive
        self._streams = streams
        request = step.request
        length: int | None = len(request.body)
        if streams:
            written = request.header("content-length")
            length = None if written is None else int(written)
        self._outgoing = outgoing_of(request, step.upstream, length)
        self._pool = pool
        self._call: Call | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_over = False
        self._repeats = 0
        # of the request's body
        self._queue: list[bytes] = []
        self._queued = 0
        self._is_fed = not streams
        self._fed_trailers: tuple[Header, ...] = ()
        self.holds_client = False
        # of the reply
        self._head: Incoming | None = None
        self._reply: ExactReply | None = None
        self._chunked = False
        self._size = 0
        self._unsent: list[bytes] = []
        self._flush: asyncio.Handle | None = None
        self._kept = bytearray()
        self._most = connection.server.program.loaded.config.log.max_body_bytes
        self._length = -1
        self._witness: Witness | None = None
        if step.watcher is not None:
            self._witness = Witness(step.watcher, connection, step, self._outgoing, streams=streams)
        self._collected: bytearray | None = None if step.then is None else bytearray()
        self._judge: Judge | None = step.judge
        self._held: list[bytes] | None = None  # of a body that is waited for
        self._most_held = 0
        self._raw: Raw | None = None

    # --- out -----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Send the request on."""
        line = self._pool.take(repeatable=self._is_repeatable, upgrade=bool(self._outgoing.upgrade))
        if line is not None:
            self._send(line)
        else:
            self._task = self._server.spawn(self._connect(), "forwarded request")

    @property
    def _is_repeatable(self) -> bool:
        return self._outgoing.method in REPEATABLE

    async def _connect(self) -> None:
        try:
            line = await self._pool.open(repeatable=self._is_repeatable, upgrade=bool(self._outgoing.upgrade))
        except UpstreamError as error:
            self._task = None
            self.broke(error, is_unused=False)
            return
        self._task = None
        if self._is_over:
            line.give_back()
            return
        self._send(line)

    def _send(self, line: Line) -> None:
        self._call = call = line.call(self._outgoing, self)
        if not self._streams:
            if self._step.request.body:
                call.send_body(self._step.request.body)
                call.end_body()
            return
        for data in self._queue:
            call.send_body(data)
        self._queue.clear()
        self._queued = 0
        if self._is_fed:
            call.end_body(self._fed_trailers)
        self._let_client(go_on=not call.is_full)

    def feed(self, data: bytes) -> None:
        """More of the request's body has come from the client."""
        if self._is_over:
            return
        if self._witness is not None:
            self._witness.sent(data)
        if self._call is None:
            self._queue.append(data)
            self._queued += len(data)
            self._let_client(go_on=self._queued < MAX_QUEUED_BYTES)
            return
        self._call.send_body(data)
        if self._call.is_full:
            self._let_client(go_on=False)

    def end_feed(self, trailers: tuple[Header, ...] = ()) -> None:
        """The request's body is complete."""
        self._is_fed = True
        self._fed_trailers = trailers = unframed(trailers)
        if self._witness is not None:
            self._witness.sent_all()
        if self._call is not None:
            self._call.end_body(trailers)

    def writable(self) -> None:
        """The other server takes more of the body."""
        if self._raw is not None:
            self._raw.writable()
        else:
            self._let_client(go_on=True)

    def _let_client(self, *, go_on: bool) -> None:
        if go_on and self.holds_client:
            self.holds_client = False
            self._connection.transport.resume_reading()
        elif not go_on and not self.holds_client:
            self.holds_client = True
            self._connection.transport.pause_reading()

    # --- back ----------------------------------------------------------------------------------------------

    def informed(self, status: int, headers: tuple[Header, ...]) -> None:
        """An interim reply is passed on, to clients that may know it (RFC 9110 section 15.2)."""
        if self._collected is None and self._step.request.version == "1.1":
            lines = [b"%b: %b\r\n" % header for header in headers]
            self._connection.transport.write(b"".join((STATUS_LINES[status], *lines, b"\r\n")))
            if self._connection.is_paused and self._call is not None:
                self._call.pause()

    def head_came(self, head: Incoming) -> None:
        """The reply has begun."""
        self._head = head
        if self._witness is not None:
            self._witness.head_came(head)
        if head.status == 101 and self._collected is not None:
            self._collected = None  # there is no reply to be spoilt
            self._connection.failed("faults do not spoil what is said after an upgrade: it is passed on")
        if self._collected is not None:
            return
        if self._judge is not None and head.status != 101:
            self._hold(head, self._judge)
        else:
            self._begin(head)

    def _begin(self, head: Incoming, more: tuple[Header, ...] = ()) -> None:
        """Send the head of the reply, with more headers; without a body the end is sent with it."""
        request = self._step.request
        headers = (*self._own_headers(head), *more)
        has_reason = bool(head.reason) or head.version.startswith("1")  # HTTP/2 has none
        line = b"HTTP/1.1 %d %b\r\n" % (head.status, head.reason) if has_reason else STATUS_LINES[head.status]
        self._reply = reply = ExactReply(head.status, headers, b"", status_line=line)
        reply.length = 0
        self._connection.answering(reply)
        pieces = [reply.start]
        if head.framing in ("chunked", "close") and head.status != 101:
            if request.version == "1.1":
                self._chunked = True
                pieces.append(b"Transfer-Encoding: chunked\r\n")
            else:
                self._close = True
        elif head.framing == "length":
            self._length = head.length
        if head.status == 101:
            pieces += [b"%b: %b\r\n" % header for header in head.upgraded]
        elif self._close:
            pieces.append(b"Connection: close\r\n")
        elif request.version == "1.0":
            pieces.append(b"Connection: keep-alive\r\n")
        pieces.append(b"\r\n")
        if head.status == 101:
            self._connection.transport.write(b"".join(pieces))
            self._switch(head)
        else:
            self._pass(b"".join(pieces), is_last=head.framing == "none" or self._length == 0)

    def _own_headers(self, head: Incoming) -> tuple[Header, ...]:
        """The headers of the reply as the client gets them."""
        step, headers = self._step, head.headers
        if step.upstream.rewrite_location:
            headers = with_locations(headers, step.upstream)
        if step.headers:
            names = {name.lower() for name, _ in step.headers}
            headers = (*(one for one in headers if one[0].lower() not in names), *step.headers)
        return headers

    def body_came(self, data: bytes) -> None:
        """More of the reply's body has come."""
        if self._raw is not None:
            self._raw.from_server(data)
            return
        self._size += len(data)
        if self._witness is not None:
            self._witness.came(data)
        if self._collected is not None:
            self._collect(data)
            return
        if self._held is not None:
            self._held.append(data)
            if self._size > self._most_held:
                self._let_judge(is_whole=False)
            return
        self._pass_body(data)

    def _pass_body(self, data: bytes) -> None:
        if not data:  # an empty chunk would be the last one
            return
        if len(self._kept) < self._most:
            self._kept += data[: self._most - len(self._kept)]
        is_last = self._size == self._length
        if self._chunked:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        self._pass(data, is_last=is_last)

    # --- a reply that somebody looks at first --------------------------------------------------------------

    def _hold(self, head: Incoming, judge: Judge) -> None:
        """Wait for as much of the reply as the judge wants to see. One without a body is whole when it ends:
        what records it has it then."""
        if head.framing == "none" or head.length == 0:
            self._held = []
            return
        try:
            self._most_held = judge.reads(head.status, head.headers)
        except Exception as error:
            self._judge = None
            self._connection.judged(self._unchecked(error))
            self._begin(head)
            return
        if self._most_held:
            self._held = []
        else:
            self._let_judge(is_whole=False)

    def _let_judge(self, *, is_whole: bool) -> bool:
        """Have the reply judged, and begin to send it. False: another is sent in its place."""
        head, held = self._head, b"".join(self._held or ())
        self._held = None
        assert head is not None, "a reply has a head"
        judgement = self._judgement(Reply(head.status, head.headers, held if is_whole else b""), is_whole)
        self._connection.judged(judgement)
        if judgement.instead is None:
            self._begin(head, judgement.headers)
            self._pass_body(held)
            return True
        if not self._is_over:  # nobody waits for the rest
            if self._witness is not None:
                self._witness.lost("another reply was sent before all of it was there")
            call, self._call = self._call, None
            if call is not None:
                call.cancel()
            self._over()
        self._connection.go_on_with((self._with_headers(judgement.instead),))
        return False

    def _judgement(self, reply: Reply, is_whole: bool) -> Judgement:
        judge, self._judge = self._judge, None
        assert judge is not None
        try:
            return judge.judged(reply, is_whole=is_whole)
        except Exception as error:
            return self._unchecked(error)

    def _unchecked(self, error: Exception) -> Judgement:
        """Whatever is wrong with the check, the client gets its reply."""
        message = f"the reply was not checked: {type(error).__name__}: {error} (please report this)"
        self._server.complain(message)
        return Judgement(note=message)

    def _pass(self, data: bytes, *, is_last: bool) -> None:
        """Send something to the client, with what else comes in the same turn of the loop.

        What is the last, or stands before it, is sent when it is known that all went well. Large pieces are
        sent at once: uvloop reads up to 32 times in one turn, which would be megabytes before a client that
        does not read could hold the server up.
        """
        self._unsent.append(data)
        if is_last:
            if self._flush is not None:
                self._flush.cancel()
                self._flush = None
        elif len(data) >= LARGE_BYTES:
            self._write()
        elif self._flush is None:
            self._flush = self._server.loop.call_soon(self._write)

    def _write(self) -> None:
        """Send what is there."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        if self._unsent:
            self._connection.transport.write(b"".join(self._unsent))
            self._unsent.clear()
            if self._connection.is_paused and self._call is not None:
                self._call.pause()

    def _switch(self, head: Incoming) -> None:
        """From here on both sides speak another protocol."""
        call, self._call = self._call, None
        assert call is not None, "nothing is told before there is a call"
        if self._witness is not None:
            self._witness.switched(head)
        self._raw = Raw(self._connection, call, self._witness)
        self._raw.begin()

    # --- both ----------------------------------------------------------------------------------------------

    def client_writable(self) -> None:
        """The client reads again."""
        if self._call is not None:
            self._call.resume()

    def _collect(self, data: bytes) -> None:
        assert self._collected is not None
        self._collected += data
        if len(self._collected) > MAX_COLLECTED_BYTES:
            call, self._call = self._call, None
            if call is not None:
                call.cancel()
            limit = f"the reply is larger than {MAX_COLLECTED_BYTES} bytes: too large for a fault to spoil"
            self.broke(UpstreamError("protocol", limit), is_unused=False)

    # --- ends ----------------------------------------------------------------------------------------------

    def ended(self, trailers: tuple[Header, ...]) -> None:
        """The reply is complete."""
        self._call = None
        if self._raw is not None:
            self._raw.ended()
        elif self._witness is not None:
            self._witness.ended(partial(self._pass_end, trailers), trailers)
        else:
            self._pass_end(trailers)

    def broke(self, error: UpstreamError, *, is_unused: bool) -> None:
        """There is no reply, or no whole one."""
        self._call = None
        if self._is_over:
            return
        may_repeat = self._is_repeatable and self._head is None and self._repeats < MAX_REPEATS
        if is_unused and may_repeat and not self._streams:
            self._repeats += 1
            self._task = self._server.spawn(self._connect(), "forwarded request")
            return
        witness = self._witness
        failed = Failed(error.kind, error.message, 0.0 if witness is None else witness.now_ms())
        if self._raw is not None:
            self._raw.broke(failed)
            return
        self._connection.failed(error.message)
        if witness is None:
            self._pass_failure(failed)
        else:
            witness.ended(partial(self._pass_failure, failed), (), failed)

    def _pass_end(self, trailers: tuple[Header, ...]) -> None:
        if self._is_over:  # another reply was sent
            return
        self._over()
        connection, head = self._connection, self._head
        assert head is not None, "a reply has a head"
        if self._collected is not None:
            assert self._step.then is not None
            connection.app_answered(self._as_judged(self._as_reply(head)), self._step.then)
            return
        if self._held is not None and not self._let_judge(is_whole=True):
            return
        if self._chunked:
            lines = [b"%b: %b\r\n" % header for header in trailers]
            self._unsent += [b"0\r\n", *lines, b"\r\n"]
        self._write()
        self.keep_body()
        connection.app_done(self._close)

    def _pass_failure(self, failed: Failed) -> None:
        self._over()
        self.keep_body()
        connection = self._connection
        if self._head is None:
            reply = failure_reply(failed)
            steps = failure_steps(failed)
            if self._collected is not None and steps == ():
                assert self._step.then is not None
                connection.app_answered(reply, self._step.then)
                return
            connection.go_on_with(steps or (self._with_headers(reply),))
        else:
            if self._held is not None:  # it has broken off: there is nothing to judge
                held, self._held = self._held, None
                self._begin(self._head)
                self._pass_body(b"".join(held))
            self._write()
            connection.go_on_with(failure_steps(failed, has_begun=True))

    def _with_headers(self, reply: Reply) -> Reply:
        """A reply of our own, with the headers that replies are to have, unless it has them."""
        made = with_new_headers(reply, self._step.headers)
        assert isinstance(made, Reply)
        return made

    def _as_reply(self, head: Incoming) -> Reply:
        """The reply that was collected, for faults to spoil: its length is told, whatever told its end."""
        assert self._collected is not None
        headers = tuple(one for one in self._own_headers(head) if one[0].lower() != b"content-length")
        body = bytes(self._collected)
        length = head.length if head.framing == "none" else len(body)
        dated = any(name.lower() == b"date" for name, _ in headers)
        return Reply(head.status, headers, body, length=max(length, 0), dated=dated)

    def _as_judged(self, reply: Reply) -> Reply:
        """What faults get to spoil: the reply that was collected, or what is sent in its place."""
        if self._judge is None:
            return reply
        judgement = self._judgement(reply, is_whole=True)
        self._connection.judged(judgement)
        if judgement.instead is not None:
            return self._with_headers(judgement.instead)
        return reply.with_headers(judgement.headers)

    def keep_body(self) -> None:
        """Give the log what came of the body."""
        if self._reply is not None:
            self._reply.body = bytes(self._kept)
            self._reply.length = self._size

    def _over(self) -> None:
        self._is_over = True
        if self.holds_client:
            self._let_client(go_on=True)
        self._connection.forwarded()

    def cancel(self) -> None:
        """The client has gone, or a fault ends the exchange."""
        if self._is_over:
            return
        self._is_over = True
        if self._flush is not None:
            self._flush.cancel()
        call, self._call = self._call, None
        if call is not None:
            call.cancel()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._raw is not None:
            self._raw.cancel()
        elif self._witness is not None:
            self._witness.let_go()


__all__ = ["Forwarding"]
