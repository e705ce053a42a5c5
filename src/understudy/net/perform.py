"""The half of a connection that performs plans: steps → bytes, in their order and at their time.

A step that takes time (a wait, a file, a paced body) returns to the event loop, and the plan goes on behind
it. A plan ends in one of four ways: all was sent; the client hung up; a fault closed or reset the connection;
the server stops, which ends waits at once. In each of them it is noted in the journal once, and what it held
is released.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from time import time
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from understudy.faults.pieces import body_size, reply_of
from understudy.journal import (
    BROKEN_OFF,
    CLIENT_CLOSED,
    CLIENT_CLOSED_DURING_REPLY,
    CUT,
    ENTRY_BYTES,
    RESET,
    SENT,
)
from understudy.net.static import resolve_static
from understudy.request import Request
from understudy.steps import (
    BODILESS,
    Abandon,
    Awaited,
    Body,
    Close,
    ExactReply,
    FileBody,
    Forward,
    HangUp,
    Head,
    Judgement,
    Paced,
    Plan,
    Release,
    ReplaySocket,
    Reply,
    Reset,
    RunApp,
    SendCallbacks,
    SendFile,
    ServeStatic,
    Step,
    Wait,
    Write,
)

if TYPE_CHECKING:
    from understudy.net.server import Server
    from understudy.net.sockets.taken import Taken
    from understudy.net.streaming import Stream
    from understudy.net.upstream.forwarding import Forwarding

FILE_CHUNK_BYTES = 256 * 1024
RESET_POLL_S = 0.002
"""How often it is looked whether all that was sent has arrived, before a reset would throw it away."""
NO_LINGER = struct.pack("ii", 1, 0)  # on, 0 seconds: closing resets (socket(7))


class Asked(Protocol):
    """A request that is being answered, and what its head said about the connection."""

    @property
    def request(self) -> Request: ...
    @property
    def keep_alive(self) -> bool: ...


class ShortFile(Exception):
    """A file has become shorter while it was sent."""


class Performer(asyncio.Protocol):
    """Performs one plan at a time on `transport`. The connection that it is a part of does the reading."""

    __slots__ = (
        "_abandoning",
        "_begun",
        "_called",
        "_close_after",
        "_current",
        "_due",
        "_forwarding",
        "_gap_s",
        "_pacing",
        "_paused",
        "_piece",
        "_plan",
        "_position",
        "_source",
        "_started",
        "_steps",
        "_stream",
        "_task",
        "_timer",
        "_write",
        "client",
        "number",
        "server",
        "transport",
    )

    server: Server
    transport: asyncio.Transport
    number: int
    client: str
    _write: Callable[[bytes], None]

    def __init__(self) -> None:
        self._current: Asked | None = None
        self._plan: Plan | None = None
        self._steps: tuple[Step, ...] = ()
        self._position = 0  # of the step that comes next
        self._begun = False  # bytes of the current reply were sent
        self._called = False  # its callbacks were sent
        self._timer: asyncio.TimerHandle | None = None  # a wait
        self._task: asyncio.Task[None] | None = None  # an app that answers the current request
        self._stream: Stream | None = None  # the body of the current request, which is still arriving
        self._forwarding: Forwarding | None = None  # the current request is with another server
        self._source: Iterator[bytes] | None = None  # of what is being sent piece by piece
        self._piece: bytes | None = None  # that was taken from it already
        self._gap_s = 0.0  # between two pieces
        self._due = 0.0  # when the next piece is, in the loop's time
        self._pacing: asyncio.TimerHandle | None = None
        self._abandoning: asyncio.TimerHandle | None = None
        self._started = 0.0
        self._paused = False
        self._close_after = False

    def finished(self, close: bool) -> None:
        """The current request is answered: close, or go on with the next."""
        raise NotImplementedError

    def _deaf(self) -> None:
        """Take nothing more from the client, neither what comes nor what waits in the queue."""
        raise NotImplementedError

    @property
    def can_be_taken(self) -> bool:
        """Whether the current request offers to leave HTTP, and nothing stands in the way."""
        return False

    def take_over(self, taken: Taken) -> None:
        """Let somebody else speak on the connection, where `can_be_taken`, until they `hand_back`.

        Be ready when you call it: what has come already behind the request is told before it returns.
        """
        raise NotImplementedError

    def hand_back(self, *steps: Step, linger: bool = False) -> None:
        """The other protocol is over: perform these steps and those that are left, then close.

        With `linger` what still arrives is thrown away for a while, so that what was sent is not lost.
        """
        raise NotImplementedError

    def _broken(self, error: Exception) -> None:
        """A plan cannot be performed: tell, and end the connection, as nobody else would."""
        raise NotImplementedError

    @property
    def current(self) -> Request | None:
        """The request that is being answered, if that takes time."""
        return None if self._current is None else self._current.request

    @property
    def is_paused(self) -> bool:
        """Whether the client does not read fast enough."""
        return self._paused

    # --- from step to step ---------------------------------------------------------------------------------

    def _begin(self, plan: Plan) -> None:
        """Perform a plan from its first step."""
        self._plan = plan
        self._steps = plan.steps
        self._position = 0
        self._begun = self._called = False
        self._perform()

    def _perform(self) -> None:
        """Perform the steps that are left; stops where one takes time, and is called again after it."""
        try:
            self._perform_steps()
        except Exception as error:
            self._broken(error)

    def _perform_steps(self) -> None:
        while self._position < len(self._steps):
            step = self._steps[self._position]
            self._position += 1
            kind = type(step)
            if kind is Wait:
                if self.server.stopping:
                    continue
                self._timer = self.server.loop.call_later(step.seconds, self._waited)  # type: ignore[union-attr]
                return
            if kind is Reply:
                self._send(step, step.body)  # type: ignore[arg-type, union-attr]
            elif kind is ExactReply:
                self._send_exact(step)  # type: ignore[arg-type]
            elif kind is Forward:
                self._forward(step)  # type: ignore[arg-type]
                return
            elif not self._perform_rare(step):
                return
        self._done()

    def _perform_rare(self, step: Step) -> bool:
        """Perform a step that is not on the common path. False if it goes on later, or not at all."""
        match step:
            case SendFile(reply, path, offset, length):
                return self._send_file(Head(reply), FileBody(path, offset, length))
            case ServeStatic():
                assert self._current is not None
                found = resolve_static(step, self._current.request)
                if self._plan is not None:
                    self._plan.reply = found if isinstance(found, Reply) else found.reply
                self._go_on_with((found,))
            case RunApp():
                assert self._current is not None
                keep_alive = self._current.keep_alive and not self._will_close()
                self._task = self.server.run_app(self, step, keep_alive)
                return False
            case ReplaySocket():
                from understudy.net.sockets.replay import replay

                replay(self, step)
                return False
            case SendCallbacks():
                self._called = True
                self.server.callbacks.send(step.callbacks)
            case Close():
                self._close_after = True
            case Release(action):
                action()
            case Head() | Body() | Write():
                self._write_now(self._bytes_of(step))
            case FileBody():
                return self._send_pieces(self._file_pieces(step), 0.0)
            case Paced(inner, chunk_bytes, gap_s):
                return self._send_pieces(self._paced_pieces(inner, chunk_bytes), gap_s)
            case HangUp(half=True):
                self._close_our_side()
            case HangUp():
                self._end(SENT if self._is_whole() else CUT)
                self.transport.close()
                return False
            case Reset():
                self._reset()
                return False
            case Abandon(after_s):
                if self._abandoning is None:  # else it is closed sooner
                    self._abandoning = self.server.loop.call_later(after_s, self._abandon)
            case _:
                raise AssertionError(f"no step is performed this way: {step}")
        return True

    def _forward(self, step: Forward) -> None:
        """Send the request on to another server; the plan goes on when that has answered."""
        assert self._current is not None
        keep_alive = self._current.keep_alive and not self._will_close()
        streams = self._stream is not None
        self._forwarding = self.server.upstreams.forward(self, step, keep_alive, streams)
        if self._stream is not None:
            self._stream.begin(self._forwarding)

    def _waited(self) -> None:
        self._timer = None
        self._perform()

    def _go_on_with(self, steps: tuple[Step, ...]) -> None:
        """Perform these steps before those that are left."""
        self._steps = (*self._steps[: self._position], *steps, *self._steps[self._position :])

    def hurry(self) -> None:
        """End a wait, or the pauses between pieces, at once: the server stops."""
        if self._timer is not None:
            self._timer.cancel()
            self._waited()
        elif self._source is not None:
            self._gap_s = 0.0
            if self._pacing is not None:
                self._pacing.cancel()
                self._pace()

    def _will_close(self) -> bool:
        left = self._steps[self._position :]
        return self._close_after or (left != () and Close() in left)

    # --- sending -------------------------------------------------------------------------------------------

    def _write_now(self, data: bytes) -> None:
        if data:
            self._begun = True
            self._write(data)

    def _send(self, reply: Reply, body: bytes) -> None:
        """Write a reply's head with what this connection needs in it, and the body unless it is for HEAD."""
        assert self._current is not None
        if self._current.request.method == "HEAD":
            body = b""
        self._begun = True
        self._write(b"".join((reply.head(), *self._tail_of_head(reply), body)))

    def _send_exact(self, reply: ExactReply) -> None:
        """Write a reply with just its own headers; to a client that knows no chunks, as an ordinary one."""
        assert self._current is not None
        if reply.framing and self._current.request.version != "1.1":
            self._send(reply.with_body(reply.body), reply.body)
        else:
            self._send(reply, reply.sent)

    def _tail_of_head(self, reply: Reply) -> tuple[bytes, bytes]:
        """The end of a head: the date, and what it says about the connection."""
        assert self._current is not None
        request, keep_alive = self._current.request, self._current.keep_alive
        # who waits to be told to go ahead, and is not, may send no body, but the next request
        # (RFC 9110 section 10.1.1)
        is_unsure = self._stream is not None and self._stream.expects_continue
        if not keep_alive or is_unsure or self._will_close():
            self._close_after = True
            connection = b"Connection: close\r\n\r\n"
        else:
            connection = b"\r\n" if request.version == "1.1" else b"Connection: keep-alive\r\n\r\n"
        return b"" if reply.dated else self.server.date, connection

    def _bytes_of(self, step: Head | Body | Write) -> bytes:
        """What a step sends, on this connection and for this request."""
        match step:
            case Write(data):
                return data
            case Body(data):
                return b"" if self._has_no_body() else data
            case Head(reply, framing, status_line, lines):
                start = reply.start
                if status_line is not None:
                    start = status_line + start[start.index(b"\r\n") + 2 :]
                if framing is None and isinstance(reply, ExactReply):
                    framing = reply.framing
                elif framing is None:
                    framing = b"" if reply.status in BODILESS else b"Content-Length: %d\r\n" % reply.length
                elif (
                    not framing
                ):  # nothing but the end of the connection ends the body (RFC 9112 section 6.3)
                    self._close_after = True
                return b"".join((start, lines, framing, *self._tail_of_head(reply)))

    def _has_no_body(self) -> bool:
        """Whether the reply has no body, whatever it says about its length (RFC 9110 section 6.4.1)."""
        reply = None if self._plan is None else self._plan.reply
        is_head = self._current is not None and self._current.request.method == "HEAD"
        return is_head or (reply is not None and reply.status in BODILESS)

    def _send_file(self, head: Head, body: FileBody) -> bool:
        """Send a file as the body of a reply. False if it goes on later, as the client reads it."""
        try:
            body.path.open("rb").close()
        except OSError as error:
            self.server.complain(f"{body.path.name} cannot be read: {error.strerror or error}")
            content = msgspec.json.encode({"error": f"the body file cannot be read: {error.strerror}"})
            reply = Reply(500, ((b"Content-Type", b"application/json"),), content)
            if self._plan is not None:
                self._plan.reply, self._plan.error = reply, str(error)
            self._send(reply, content)
            return True
        self._write_now(self._bytes_of(head))
        return self._send_pieces(self._file_pieces(body), 0.0)

    def _file_pieces(self, step: FileBody, chunk_bytes: int = FILE_CHUNK_BYTES) -> Iterator[bytes]:
        if self._has_no_body():
            return
        with step.path.open("rb") as file:
            file.seek(step.offset)
            left = step.length
            while left:
                chunk = file.read(min(chunk_bytes, left))
                if not chunk:
                    raise ShortFile
                left -= len(chunk)
                yield chunk

    def _paced_pieces(self, step: Head | Body | FileBody | Write, chunk_bytes: int) -> Iterator[bytes]:
        if isinstance(step, FileBody):
            yield from self._file_pieces(step, chunk_bytes)
            return
        data = self._bytes_of(step)
        for start in range(0, len(data), chunk_bytes):
            yield data[start : start + chunk_bytes]

    def _send_pieces(self, source: Iterator[bytes], gap_s: float) -> bool:
        """Send pieces, the first at once and one each `gap_s`. True if all were sent already."""
        self._source = source
        self._gap_s = 0.0 if self.server.stopping else gap_s
        self._due = self.server.loop.time()
        self._piece = None
        return self._pump()

    def _pump(self) -> bool:
        """Send the pieces that are due, as long as the client reads. True when there are no more."""
        while not self._paused and not self.transport.is_closing():
            try:
                piece = self._take_piece()
                following = self._take_piece() if self._gap_s else None
            except (OSError, ShortFile):
                # only closing tells the client (RFC 9112 section 6.3)
                self.server.complain("a file became shorter, or unreadable, while it was sent")
                self._end(CUT)
                self.transport.close()
                return False
            if piece is not None:
                self._write_now(piece)
            if self._gap_s and following is not None:  # nothing waits behind the last
                self._piece = following
                self._due += self._gap_s
                self._pacing = self.server.loop.call_at(self._due, self._pace)
                return False
            if piece is None or self._gap_s:
                self._source = None
                return True
        return False

    def _take_piece(self) -> bytes | None:
        """The next piece; None if there are no more."""
        piece, self._piece = self._piece, None
        if piece is None and self._source is not None:
            piece = next(self._source, None)
        return piece

    def _pace(self) -> None:
        """The next piece is due."""
        self._pacing = None
        if not self._paused:
            self._go_on()

    def _go_on(self) -> None:
        """Go on with pieces, as their time has come or the client reads again; then with the plan."""
        try:
            is_done = self._pump()
        except Exception as error:
            self._broken(error)
        else:
            if is_done:
                self._perform()

    def _resume_pieces(self) -> bool:
        """The client reads again. Whether there were pieces to go on with."""
        if self._forwarding is not None:
            self._forwarding.client_writable()
            return True
        if self._source is None:
            return False
        if self._pacing is None:
            # what could not be sent in time is late: the pieces behind it keep their distance
            self._due = max(self._due, self.server.loop.time())
            self._go_on()
        return True

    # --- ends ----------------------------------------------------------------------------------------------

    def _done(self) -> None:
        """The plan is performed: note it, then close or go on."""
        self._note(SENT)
        self.finished(self._close_after)

    def _end(self, outcome: str) -> None:
        """A fault ends the exchange here: note it, and forget what is left of the plan."""
        self._close_after = True
        self._let_go("the connection was closed before")
        self._note(outcome)
        self._stop_sending()
        self._current = None
        self._plan = None
        self._deaf()

    def _close_our_side(self) -> None:
        if self.transport.can_write_eof():
            self._begun = True
            self.transport.write_eof()

    def _reset(self) -> None:
        """Reset the connection as soon as what was sent before is out of our hands."""
        deadline = self.server.loop.time() + self.server.limits.write_timeout_s
        self._end(RESET)
        self._reset_when_empty(deadline)

    def _reset_when_empty(self, deadline: float) -> None:
        transport = self.transport
        # what is on its way may also be of replies before this one
        if self.server.loop.time() < deadline and not self.server.stopping:
            is_waiting = transport.get_write_buffer_size() or unsent_bytes(transport)
            if is_waiting and not transport.is_closing():
                self.server.loop.call_later(RESET_POLL_S, self._reset_when_empty, deadline)
                return
        reset(transport)

    def _abandon(self) -> None:
        """Close without a word, whatever is going on."""
        self._abandoning = None
        if self._current is not None:
            self._end(CUT)
        self.transport.close()

    def _lost(self) -> None:
        """The connection is gone: note what it was in the middle of, and let go of everything."""
        if self._task is not None:
            self._task.cancel()
        if self._abandoning is not None:
            self._abandoning.cancel()
        if self._current is not None:
            outcome = CLIENT_CLOSED_DURING_REPLY if self._begun else CLIENT_CLOSED
            if self._source is None and self._is_whole():
                outcome = SENT  # and all that was left was to close
            self._let_go("the client hung up before the reply was sent")
            self._note(outcome)
        self._stop_sending()
        self._current = None

    def _is_whole(self) -> bool:
        """Whether a reply was sent to its end that says that the connection closes."""
        done = self._steps[: self._position]
        reply = None if self._plan is None else self._plan.reply
        if reply is None or Close() not in done:
            return False
        sent_as_one = any(isinstance(step, Reply | SendFile | Awaited) for step in done)
        return sent_as_one or self._has_no_body() or body_size(done) >= reply.length

    def _let_go(self, why: str) -> None:
        """Let go of what the plan holds and will not perform; `why` is told of callbacks not sent."""
        if self._plan is not None and not self._called:
            for callback in self._plan.callbacks:
                callback.error = callback.error or f"not sent: {why}"
        for step in self._steps[self._position :]:
            if type(step) is Release:
                step.action()
        self._steps = ()
        self._position = 0

    def _stop_sending(self) -> None:
        for timer in (self._timer, self._pacing):
            if timer is not None:
                timer.cancel()
        self._timer = self._pacing = None
        forwarding, self._forwarding = self._forwarding, None
        if forwarding is not None:
            forwarding.cancel()
        source, self._source = self._source, None
        if source is not None:
            source.close()  # type: ignore[attr-defined]

    def _note(self, outcome: str) -> None:
        if self._plan is None or self._current is None:
            return
        request, plan = self._current.request, self._plan
        if self._stream is not None:
            self._stream.note()
        if self._forwarding is not None:
            self._forwarding.keep_body()
        if outcome in (CUT, RESET) and plan.error is not None and not plan.faults:
            outcome = BROKEN_OFF
        size = ENTRY_BYTES + len(request.body) + request.head_bytes + 64 * len(request.raw_headers)
        size += ENTRY_BYTES * len(plan.injected)
        if plan.violations:
            size += size_of(plan.violations)
        request.forget_views()
        if plan.reply is not None and not plan.constant:
            size += len(plan.reply.body)
            if not plan.reply.is_shared:  # then its head was made for this request, or by another server
                size += 2 * len(plan.reply.start)
        for callback in plan.callbacks:
            size += ENTRY_BYTES + len(callback.body)
        self.server.journal.add(
            self._started, request, plan, self.number, self.client, time() - self._started, outcome, size
        )

    # --- an application's side -----------------------------------------------------------------------------

    def answering(self, reply: Reply) -> None:
        """An application has begun to send this reply; its body is filled in as it comes."""
        self._begun = True
        if self._plan is not None:
            self._plan.reply = reply

    def forwarded(self) -> None:
        """Another server has answered, or will not."""
        self._forwarding = None

    def go_on_with(self, steps: tuple[Step, ...]) -> None:
        """Perform these steps before those that are left."""
        if self._current is None:
            return
        if self._plan is not None and (made := next(filter(None, map(reply_of, steps)), None)) is not None:
            self._plan.reply = made
        self._go_on_with(steps)
        self._perform()

    def app_answered(self, reply: Reply, then: Callable[[Reply], tuple[Step, ...]]) -> None:
        """An application has made a reply, of which something else is to be sent."""
        if self._current is None:
            return
        self._task = None
        try:
            steps = then(reply)
        except Exception as error:
            self._broken(error)
            return
        if self._plan is not None:
            self._plan.reply = next(filter(None, map(reply_of, steps)), None)
        self._go_on_with(steps)
        self._perform()

    def answer_instead(self, reply: Reply, error: str | None = None) -> None:
        """Send this in the place of the step that is being performed, and go on with the plan."""
        if self._plan is not None:
            self._plan.reply, self._plan.error = reply, error
        self._go_on_with((reply,))
        self._perform()

    def break_off(self, reply: Reply, error: str) -> None:
        """Send this instead of all that is left, and close; only close, if another reply has begun."""
        self.failed(error)
        if self._begun:
            self._end(CUT)
            self.transport.close()
            return
        self._let_go("the request broke off")
        self._stop_sending()
        self._close_after = True
        self.answer_instead(reply, error)

    def failed(self, error: str) -> None:
        """An application failed while it answered. What went wrong before is told with it."""
        if self._plan is not None:
            self._plan.failed(error)

    def judged(self, judgement: Judgement) -> None:
        """Somebody has looked at the reply of another server: the log tells what was found."""
        if self._plan is not None:
            self._plan.judged(judgement)

    def app_done(self, close: bool) -> None:
        """An application has answered."""
        if self._current is None:
            return
        self._task = None
        self._close_after = self._close_after or close
        self._perform()


def size_of(violations: tuple[dict[str, str], ...]) -> int:
    """What they cost in the log."""
    return sum([ENTRY_BYTES + sum(map(len, one.values())) for one in violations])


def reset(transport: asyncio.Transport) -> None:
    """Reset a connection (TCP RST) instead of closing it; what was not sent yet is lost."""
    sock: Any = transport.get_extra_info("socket")
    if sock is not None and not transport.is_closing():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    transport.abort()


def unsent_bytes(transport: asyncio.Transport) -> int:
    """Bytes in the kernel that the other machine has not confirmed (SIOCOUTQ, tcp(7)); 0 where unknown."""
    if sys.platform != "linux":
        return 0
    import fcntl
    import termios

    sock: Any = transport.get_extra_info("socket")
    try:
        answer = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
    except (OSError, AttributeError, ValueError):
        return 0
    count: int = struct.unpack("i", answer)[0]
    return count


__all__ = ["Asked", "Performer", "reset", "size_of", "unsent_bytes"]
