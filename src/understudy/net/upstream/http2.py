"""HTTP/2 to other servers (RFC 9113): many calls on one connection.

Frames, header compression and what is allowed when are h2's; here are the calls and their bodies. Nothing
is a task: bytes that arrive become events of h2, each is told to its call, and what h2 then has to send is
written once, at the end, or once in a turn of the loop.

Both directions have windows. What a call was given to send and may not yet stays in it, and it is full until
it has gone. What arrives is acknowledged to the connection at once, so that no call is in another's way, but
to the stream only when the listener was told. So a paused call holds no more than its stream's window.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, cast

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    InformationalResponseReceived,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
    WindowUpdated,
)
from h2.exceptions import FrameTooLargeError, H2Error
from h2.settings import SettingCodes, Settings
from hyperframe.frame import Frame, GoAwayFrame

from understudy.net.upstream.base import HOP_BY_HOP, Incoming, Listener, Outgoing, UpstreamError, unframed
from understudy.steps import BODILESS, Header

STREAM_WINDOW = 1024 * 1024
"""What a server may send of one reply before it was passed on, in bytes: the most that a call holds."""
CONNECTION_WINDOW = 16 * 1024 * 1024
"""What may be on the way of all replies together, so that a fast server far away never waits for us."""
MAX_HEADER_LIST_BYTES = 256 * 1024
"""Headers of a reply, decoded (RFC 9113 section 6.5.2), as Chromium has it."""
MAX_HEADER_TABLE_BYTES = 64 * 1024
"""What is remembered of the headers of requests for a server, if it allows that much (RFC 7541 section 4.2).

It may allow 4 GB; a table as large is searched from one end to the other for each header."""
MAX_CALLS = 256
"""Calls on a connection, if the server allows that many."""
CALLS_AT_FIRST = 100
"""As long as the server's settings have not come: the least that RFC 9113 section 6.5.2 recommends."""
MAX_INTERIM_REPLIES = 100
"""1xx before a reply. More are no information, but an attack."""
MAX_OWED_BYTES = 64 * 1024
"""Answers to PING, SETTINGS and the like that a server makes us send, but does not read."""
_WRITE_BYTES = 256 * 1024
"""Written in one go, and kept by the transport before it says that the server does not read."""

_CONFIG = H2Configuration(
    client_side=True,
    header_encoding=None,
    # The headers of requests have been looked at where they came in, and are put together in `_head`.
    validate_outbound_headers=False,
    # Would join cookies, and move them to the end: the headers of a recording stay as they came.
    normalize_inbound_headers=False,
)


class Http2Line(asyncio.Protocol):
    """A connection over HTTP/2. `on_gone` is called once, when it can take no more calls.

    `scheme` is that of the server: "http" with prior knowledge. `timeout_s` is how long a call waits for
    something to come. `on_free` is called when it was full and takes calls again.
    """

    def __init__(
        self,
        scheme: str,
        timeout_s: float,
        on_gone: Callable[[Http2Line], None],
        on_free: Callable[[Http2Line], None] | None = None,
    ) -> None:
        self.timeout_s = timeout_s
        self.since = 0.0
        """When its last call was over, by the loop's clock."""
        self.heard_at = 0.0
        """When something came last, by the loop's clock."""
        self.wants_http1 = False
        """Whether the server has said that it serves this only over HTTP/1.1 (RFC 9113 section 7)."""
        self._on_gone = on_gone
        self._on_free = on_free
        self._scheme = scheme.encode()
        self._http = _Connection()
        self._transport: asyncio.Transport | None = None
        self._calls: dict[int, Http2Call] = {}
        self._full: dict[int, Http2Call] = {}
        """Those that have more to send than they may, by their streams."""
        self._max_calls = CALLS_AT_FIRST
        self._takes_none = False
        self._is_told = False
        self._is_over = False
        self._error: UpstreamError | None = None
        self._goodbye = ""
        self._is_paused = False
        self._is_flushing = False
        self._unwritten = 0
        self._written_id = 0
        self._owed = 0
        self._unacknowledged = 0

    # --- for who sends requests ---------------------------------------------------------------------------

    @property
    def is_free(self) -> bool:
        """Whether one more request may be sent on it now."""
        return not (self._takes_none or self._is_over) and len(self._calls) < self._max_calls

    def call(self, outgoing: Outgoing, listener: Listener) -> Http2Call:
        """Send a request's head. What comes of it is told to the listener, never before this returns."""
        call = Http2Call(self, outgoing, listener)
        try:
            if not self.is_free:
                raise H2Error("the connection takes no more requests")
            call.stream_id = self._http.get_next_available_stream_id()
            self._http.send_headers(call.stream_id, _head(outgoing, self._scheme), call.is_sent)
        except H2Error as error:
            gone = self._error or UpstreamError("closed", str(error))
            self.loop.call_soon(partial(call.broke, gone, is_unused=True))
            return call
        self._calls[call.stream_id] = call
        call.watch()
        self._flush_soon()
        return call

    @property
    def is_idle(self) -> bool:
        """Whether there is no request on it."""
        return not self._calls

    def give_back(self) -> None:
        """It was taken for a request that is not sent: nothing was kept for it."""

    def close(self) -> None:
        """Close it, once the requests on it are over."""
        self._takes_none = True
        self._close_if_done()

    # --- for its calls ------------------------------------------------------------------------------------

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that it lives in."""
        return asyncio.get_running_loop()

    def send(self, call: Http2Call) -> None:
        """Send what may be sent of a call's body. The rest waits for its turn."""
        while call.has_more and self._send_frame(call):
            pass
        if call.has_more and call.stream_id in self._calls:
            self._full[call.stream_id] = call
        self._flush_soon()

    def acknowledge(self, call: Http2Call, size: int) -> None:
        """Let the server send so many bytes more of a reply, if it is not complete."""
        if call.stream_id in self._calls:
            self._does(self._http.increment_flow_control_window, size, call.stream_id)
            self._flush_soon()

    def forget(self, call: Http2Call, reset: ErrorCodes | None = None) -> None:
        """A call is over: for the server, too, if it is `reset`."""
        self._full.pop(call.stream_id, None)
        was_free = self.is_free
        if self._calls.pop(call.stream_id, None) is None:
            return
        self.since = self.loop.time()
        if reset is not None:
            self._does(self._http.reset_stream, call.stream_id, reset)
            self._flush_soon()
        self._close_if_done()
        if self._on_free is not None and self.is_free and not was_free:
            self._on_free(self)

    def take_none(self) -> None:
        """Take no more calls, and say so; close it once those on it are over."""
        self._takes_none = True
        if not self._is_told:
            self._is_told = True
            self._on_gone(self)
        self._close_if_done()

    # --- from the server ----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Introduce ourselves. Requests may follow at once."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(_WRITE_BYTES)
        self.heard_at = self.since = self.loop.time()
        self._http.introduce()
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Something came. All that came before a mistake counts."""
        if self._is_over:
            return
        self.heard_at = self.loop.time()
        self._flush()
        problem = self._http.read(data)
        self._is_over = problem is not None
        self._answer()
        for event in self._http.take_events():
            tell = _TELL.get(type(event))
            if tell is not None:
                tell(self, event)
        if problem is not None:
            self._fail(UpstreamError("protocol", f"what came is no HTTP/2: {problem}"))
        elif self._owed > MAX_OWED_BYTES:
            self._fail(UpstreamError("protocol", "the server does not read the answers to its frames"))
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by whom ever."""
        self._is_over = True
        self._break(self._error or self._lost(exc))
        self.take_none()

    def pause_writing(self) -> None:
        """The server does not read: bodies wait."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """It reads again."""
        self._is_paused = False
        self._owed = 0
        self._send_more()
        self._flush()

    def _data_came(self, event: DataReceived) -> None:
        size = event.flow_controlled_length or 0
        self._unacknowledged += size
        if self._unacknowledged >= CONNECTION_WINDOW // 2:
            self._does(self._http.increment_flow_control_window, self._unacknowledged)
            self._unacknowledged = 0
        call = self._calls.get(event.stream_id or 0)
        if call is not None:
            call.body_came(event.data or b"", size)

    def _head_came(self, event: ResponseReceived) -> None:
        call = self._calls.get(event.stream_id or 0)
        if call is not None:
            call.head_came(_plain(event.headers))

    def _interim_came(self, event: InformationalResponseReceived) -> None:
        call = self._calls.get(event.stream_id or 0)
        if call is not None:
            call.informed(_plain(event.headers))

    def _trailers_came(self, event: TrailersReceived) -> None:
        call = self._calls.get(event.stream_id or 0)
        if call is not None:
            call.trailers_came(_plain(event.headers))

    def _ended(self, event: StreamEnded) -> None:
        call = self._calls.get(event.stream_id or 0)
        if call is not None:
            call.ended()

    def _was_reset(self, event: StreamReset) -> None:
        call = self._calls.get(event.stream_id or 0)
        if call is None:
            return
        name = _name_of(event.error_code)
        if event.remote_reset and event.error_code == ErrorCodes.NO_ERROR and call.is_whole:
            call.ended()
        elif event.remote_reset:
            is_unused = event.error_code in _UNPROCESSED
            if event.error_code == ErrorCodes.HTTP_1_1_REQUIRED:
                self._ask_http1()
            call.broke(UpstreamError("reset", f"the server reset the stream: {name}"), is_unused=is_unused)
        else:
            call.broke(UpstreamError("protocol", f"the stream had to be reset: {name}"), is_unused=False)

    def _ask_http1(self) -> None:
        """The pool is told before the call, which may be sent again at once."""
        self.wants_http1 = True
        self.take_none()

    def _window_grew(self, event: WindowUpdated) -> None:
        if self._full and (not event.stream_id or event.stream_id in self._full):
            self._send_more()

    def _settings_came(self, _: RemoteSettingsChanged) -> None:
        was_free = self.is_free
        self._max_calls = min(MAX_CALLS, self._http.remote_settings.max_concurrent_streams)
        if self._on_free is not None and self.is_free and not was_free:
            self._on_free(self)
        if self._full:
            self._send_more()

    def _said_goodbye(self, event: ConnectionTerminated) -> None:
        """GOAWAY: what it does not name is not processed, the rest goes on (RFC 9113 section 6.8)."""
        self._goodbye = f"GOAWAY {_name_of(event.error_code)}"
        if event.additional_data:
            self._goodbye += f" {event.additional_data[:200].decode(errors='replace')!r}"
        last_id = event.last_stream_id or 0
        unseen = [call for call in self._calls.values() if call.stream_id > last_id]
        if event.error_code == ErrorCodes.HTTP_1_1_REQUIRED:
            self._ask_http1()
        self._takes_none = True
        for call in unseen:
            call.broke(UpstreamError("closed", f"the server said {self._goodbye}"), is_unused=True)
        self.take_none()

    # --- sending ------------------------------------------------------------------------------------------

    def _does(self, act: Callable[..., None], *arguments: Any) -> bool:
        """Whether h2 has done it. It does not where the end of the stream has come, but was not told yet."""
        if self._is_over:
            return False
        try:
            act(*arguments)
        except (H2Error, KeyError):
            return False
        return True

    def _send_more(self) -> None:
        """Go on with the bodies that waited: a frame of each in turn."""
        moved = True
        while self._full and moved:
            moved = False
            for call in tuple(self._full.values()):
                if call.stream_id not in self._full or not self._send_frame(call):
                    continue
                moved = True
                if not call.has_more:
                    self._full.pop(call.stream_id, None)
                    call.drained()

    def _send_frame(self, call: Http2Call) -> bool:
        """Send a frame of a call's body, or its trailers. Whether it may be sent."""
        if self._is_over or self._is_paused or call.stream_id not in self._calls:
            return False
        http = self._http
        try:
            room = http.local_flow_control_window(call.stream_id)
        except H2Error:
            return False
        if call.unsent and room <= 0:
            return False
        data = bytes(call.unsent[: min(room, http.max_outbound_frame_size)]) if call.unsent else b""
        is_last = call.trailers == () and len(data) == len(call.unsent)
        if data or is_last:
            done = self._does(http.send_data, call.stream_id, data, is_last)
        else:
            is_last = True
            done = self._does(http.send_headers, call.stream_id, _lines(call.trailers or ()), True)
        if done:
            call.went(len(data), is_last=is_last)
            self._unwritten += len(data)
            if self._unwritten >= _WRITE_BYTES:
                self._flush()
        return done

    def _flush_soon(self) -> None:
        if not self._is_flushing:
            self._is_flushing = True
            self.loop.call_soon(self._flush)

    def _flush(self) -> None:
        """Write what h2 has to send."""
        self._is_flushing = False
        self._unwritten = 0
        data = self._http.data_to_send()
        if data and self._transport is not None and not self._transport.is_closing():
            self._written_id = self._http.highest_outbound_stream_id
            self._transport.write(data)

    def _answer(self) -> None:
        """Write the answers to what just came. A server that does not read must not make them pile up."""
        data = self._http.data_to_send()
        if data and self._transport is not None and not self._transport.is_closing():
            if self._is_paused:
                self._owed += len(data)
            self._transport.write(data)

    # --- the end ------------------------------------------------------------------------------------------

    def _lost(self, exc: Exception | None) -> UpstreamError:
        """Why the connection is no more."""
        after = f" after {self._goodbye}" if self._goodbye else ""
        if isinstance(exc, TimeoutError):
            return UpstreamError("timeout", f"the connection timed out{after}: {exc}")
        if isinstance(exc, ConnectionError):
            return UpstreamError("reset", f"the server reset the connection{after}")
        because = f": {exc}" if exc else ""
        return UpstreamError("closed", f"the server closed the connection{after}{because}")

    def _break(self, error: UpstreamError) -> None:
        self._takes_none = True
        for call in tuple(self._calls.values()):
            call.broke(error, is_unused=call.stream_id > self._written_id)

    def _fail(self, error: UpstreamError) -> None:
        """Nothing more can be done with this connection."""
        self._is_over = True
        self._error = error
        self._flush()
        self._break(error)
        self.take_none()

    def _close_if_done(self) -> None:
        transport = self._transport
        if not self._takes_none or self._calls or transport is None or transport.is_closing():
            return
        self._does(self._http.close_connection)
        self._is_over = True
        self._flush()
        if transport.get_write_buffer_size():
            # Nobody waits for it any more, and who does not read would keep it open.
            transport.abort()
        else:
            transport.close()


class Http2Call:
    """A request on a stream of its own."""

    __slots__ = (
        "_got",
        "_has_begun",
        "_has_body",
        "_held",
        "_held_body",
        "_held_size",
        "_interim",
        "_is_head",
        "_is_holding",
        "_is_over",
        "_is_paused",
        "_is_resuming",
        "_last",
        "_length",
        "_line",
        "_listener",
        "_reply_trailers",
        "_started_at",
        "_timer",
        "_unacknowledged",
        "_waits_since",
        "is_sent",
        "stream_id",
        "trailers",
        "unsent",
    )

    def __init__(self, line: Http2Line, outgoing: Outgoing, listener: Listener) -> None:
        self.stream_id = 0
        self.unsent = bytearray()
        self.trailers: tuple[Header, ...] | None = None
        """Of the request: None as long as its body may go on."""
        self.is_sent = outgoing.length == 0
        """Whether the request is complete."""
        self._has_begun = False
        self._has_body = True
        """Whether the reply may have one."""
        self._line = line
        self._listener = listener
        self._is_head = outgoing.method == "HEAD"
        self._length: int | None = None
        self._got = 0
        self._interim = 0
        self._reply_trailers: tuple[Header, ...] = ()
        self._unacknowledged = 0
        self._is_over = False
        self._is_paused = self._is_holding = self._is_resuming = False
        self._held: deque[Callable[[], None]] = deque()
        self._held_body = bytearray()
        self._held_size = 0
        self._last: Callable[[], None] | None = None
        self._waits_since = self._started_at = line.loop.time()
        self._timer: asyncio.TimerHandle | None = None

    # --- for who has sent the request ---------------------------------------------------------------------

    @property
    def is_full(self) -> bool:
        """Whether the other server takes no more of the body for now; `writable` says when it does."""
        return bool(self.unsent)

    def send_body(self, data: bytes) -> None:
        """Send more of the body."""
        if self.is_sent or self._is_closed or self.trailers is not None:
            return
        self.unsent += data
        self._line.send(self)

    def end_body(self, trailers: tuple[Header, ...] = ()) -> None:
        """The body is complete."""
        if self.is_sent or self._is_closed or self.trailers is not None:
            return
        self.trailers = trailers
        self._line.send(self)

    def pause(self) -> None:
        """Tell nothing more until `resume`, and let the server send no more than its window."""
        self._is_paused = self._is_holding = True

    def resume(self) -> None:
        """Go on: what was held is told soon."""
        self._is_paused = False
        self._waits_since = self._line.loop.time()
        if self._is_holding and not self._is_resuming:
            self._is_resuming = True
            self._line.loop.call_soon(self._tell_held)

    def cancel(self) -> None:
        """Nobody wants the reply any more: the stream is reset, the connection lives on."""
        if not self._is_over:
            self._let_go()
            self._line.forget(self, ErrorCodes.CANCEL)

    # --- from the line: sending ---------------------------------------------------------------------------

    @property
    def _is_closed(self) -> bool:
        """Whether the stream is closed, though not all may be told yet."""
        return self._is_over or self._last is not None

    @property
    def has_more(self) -> bool:
        """Whether something is left to send."""
        return bool(self.unsent) or (self.trailers is not None and not self.is_sent)

    def went(self, size: int, *, is_last: bool) -> None:
        """So much of the body was sent."""
        del self.unsent[:size]
        self.is_sent = is_last
        self._waits_since = self._line.loop.time()

    def drained(self) -> None:
        """All that had to wait was sent."""
        if not self._is_closed and self.trailers is None:
            self._listener.writable()

    # --- from the line: the reply -------------------------------------------------------------------------

    def informed(self, headers: tuple[Header, ...]) -> None:
        """1xx has come. 101 is no HTTP/2 (RFC 9113 section 8.6), 100 is between the connections."""
        self._waits_since = self._line.heard_at
        self._interim += 1
        status = _status_of(headers)
        if status is None or status == 101:
            self._refuse("an impossible status")
        elif self._interim > MAX_INTERIM_REPLIES:
            self._refuse("too many interim replies")
        elif status != 100:
            self._tell(partial(self._listener.informed, status, unframed(headers[1:])))

    def head_came(self, headers: tuple[Header, ...]) -> None:
        """The reply has begun. h2 has seen to it that the first header is the status."""
        self._waits_since = self._line.heard_at
        status = _status_of(headers)
        if status is None:
            self._refuse("an impossible status")
            return
        self._has_begun = True
        self._has_body = not self._is_head and status not in BODILESS
        lengths = [value for name, value in headers if name == b"content-length"]
        if self._has_body and lengths:
            self._length = int(lengths[0])  # digits, and all the same: h2 has looked
        framing: Literal["length", "chunked", "none"] = "length" if lengths else "chunked"
        if not self._has_body:
            framing = "none"
        kept = tuple(header for header in headers[1:] if header[0] not in _NOT_KEPT)
        self._tell(partial(self._listener.head_came, Incoming(status, b"", "2", kept, framing)))

    def body_came(self, data: bytes, size: int) -> None:
        """Some of the body has come: `size` with its padding."""
        if data:
            self._waits_since = self._line.heard_at
            self._got += len(data)
            if not self._has_body:
                self._refuse("a body where there can be none")
                return
        if self._is_holding:
            self._held_body += data
            self._held_size += size
            return
        if data:
            self._listener.body_came(data)
        self._acknowledge(size)

    def trailers_came(self, headers: tuple[Header, ...]) -> None:
        """Trailers have come, with which the reply ends."""
        self._reply_trailers = unframed(headers)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is known to be missing, though the end was not told.

        Node closes a stream like that whose reply had to wait for a window: all of it came, and then
        RST_STREAM(NO_ERROR) in the place of END_STREAM. curl takes it for the end, too.
        """
        return self._has_begun and self._length in (None, self._got)

    def ended(self) -> None:
        """The reply is complete. If the request is not, nobody needs the rest."""
        if self._length is not None and self._got != self._length:
            self._refuse(f"the body has {self._got} bytes, and not {self._length}")
            return
        reset = None if self.is_sent else ErrorCodes.CANCEL
        self._finish(partial(self._listener.ended, self._reply_trailers), reset)

    def broke(self, error: UpstreamError, *, is_unused: bool) -> None:
        """There is no (whole) reply."""
        self._finish(partial(self._listener.broke, error, is_unused=is_unused))

    def _refuse(self, what: str) -> None:
        error = UpstreamError("protocol", f"the reply is no HTTP/2: {what}")
        self._finish(partial(self._listener.broke, error, is_unused=False), ErrorCodes.PROTOCOL_ERROR)

    # --- telling, or holding while paused -----------------------------------------------------------------

    def _tell(self, word: Callable[[], None]) -> None:
        if self._is_holding:
            self._held.append(word)
        else:
            word()

    def _finish(self, last: Callable[[], None], reset: ErrorCodes | None = None) -> None:
        """The stream is closed. The last word waits until what is held was told."""
        if self._is_closed:
            return
        self._stop_timer()
        self._last = last
        self.unsent.clear()
        self._line.forget(self, reset)
        if not self._is_holding:
            self._let_go()
            last()

    def _tell_held(self) -> None:
        """Tell what is held: interim replies and head, then the body in one piece, then the last word."""
        while not (self._is_paused or self._is_over):
            if self._held:
                self._held.popleft()()
            elif self._held_size or self._held_body:
                data, size = bytes(self._held_body), self._held_size
                self._held_body.clear()
                self._held_size = 0
                if data:
                    self._listener.body_came(data)
                self._acknowledge(size)
            else:
                break
        self._is_resuming = False
        if self._is_paused or self._is_over:
            return
        self._is_holding = False
        if self._last is not None:
            last = self._last
            self._let_go()
            last()

    def _acknowledge(self, size: int) -> None:
        """Give the server its window again, half a window at a time."""
        self._unacknowledged += size
        if self._unacknowledged >= STREAM_WINDOW // 2 and not self._is_over:
            size, self._unacknowledged = self._unacknowledged, 0
            self._line.acknowledge(self, size)

    def _let_go(self) -> None:
        self._is_over = True
        self._stop_timer()
        self._held.clear()
        self._held_body.clear()
        self.unsent.clear()

    # --- time ---------------------------------------------------------------------------------------------

    def watch(self) -> None:
        """Break off when nothing comes for too long."""
        self._timer = self._line.loop.call_later(self._line.timeout_s, self._look)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        """Look whether it is time. It is not while the client sends its body, or does not read."""
        line = self._line
        if self._is_holding or not (self.is_sent or self.has_more):
            self._waits_since = line.loop.time()
        left = self._waits_since + line.timeout_s - line.loop.time()
        if left > 0:
            self._timer = line.loop.call_later(left, self._look)
            return
        if line.heard_at <= self._started_at:
            # Not a sign of life for all that time: no other request must be lost on this connection.
            line.take_none()
        error = UpstreamError("timeout", f"nothing came for {line.timeout_s:g} s")
        self._finish(partial(self._listener.broke, error, is_unused=False), ErrorCodes.CANCEL)


class _Connection(H2Connection):
    """h2's connection, but what came before an error counts, and GOAWAY is not the end.

    h2 closes everything at GOAWAY and drops what it has not sent yet, though calls go on that the other side
    has taken (RFC 9113 section 6.8).
    """

    MAX_CLOSED_STREAMS = 4096  # enough for what may be on the way; h2 would keep 65536

    def __init__(self) -> None:
        super().__init__(_CONFIG)
        self._seen: list[Event] = []
        self._is_first = True

    def introduce(self) -> None:
        """Send the preface and our settings."""
        self.local_settings = Settings(
            client=True,
            initial_values={
                SettingCodes.ENABLE_PUSH: 0,
                SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW,
                SettingCodes.MAX_HEADER_LIST_SIZE: MAX_HEADER_LIST_BYTES,
            },
        )
        self.decoder.max_header_list_size = MAX_HEADER_LIST_BYTES
        self.initiate_connection()
        self.increment_flow_control_window(CONNECTION_WINDOW - self.inbound_flow_control_window)

    def read(self, data: bytes) -> str | None:
        """Read what came. What is wrong with it, None if nothing is."""
        if self._is_first:
            self._is_first = False
            if data.startswith(b"HTTP/"):
                return "the server speaks HTTP/1"
        try:
            self.receive_data(data)
            # h2 would wait for all of a frame that is too large, before it says so.
            if int.from_bytes(self.incoming_buffer._data[:3]) > self.max_inbound_frame_size:
                raise FrameTooLargeError("a frame is too large")
        except Exception as error:
            # Whatever hostile bytes do to h2, hpack and hyperframe: that is not an error of ours.
            return str(error) or type(error).__name__
        return None

    def take_events(self) -> list[Event]:
        """What has come since the last time."""
        events, self._seen = self._seen, []
        return events

    def _receive_frame(self, frame: Frame) -> list[Event]:
        events = super()._receive_frame(frame)
        self._seen += events
        if self.encoder.header_table_size > MAX_HEADER_TABLE_BYTES:
            self.encoder.header_table_size = MAX_HEADER_TABLE_BYTES
        return events

    def _receive_goaway_frame(self, frame: GoAwayFrame) -> tuple[list[Frame], list[Event]]:
        event = ConnectionTerminated()
        event.error_code = frame.error_code
        event.last_stream_id = frame.last_stream_id
        event.additional_data = frame.additional_data
        return [], [event]


_TELL: dict[type[Event], Callable[[Http2Line, Any], None]] = {
    DataReceived: Http2Line._data_came,
    ResponseReceived: Http2Line._head_came,
    InformationalResponseReceived: Http2Line._interim_came,
    TrailersReceived: Http2Line._trailers_came,
    StreamEnded: Http2Line._ended,
    StreamReset: Http2Line._was_reset,
    WindowUpdated: Http2Line._window_grew,
    RemoteSettingsChanged: Http2Line._settings_came,
    ConnectionTerminated: Http2Line._said_goodbye,
}
"""What is done with what h2 tells. The rest it has answered itself."""

_UNPROCESSED = frozenset((ErrorCodes.REFUSED_STREAM, ErrorCodes.HTTP_1_1_REQUIRED))
"""Why a stream is reset of which nothing was processed (RFC 9113 section 8.7)."""

_NOT_KEPT = HOP_BY_HOP - {b"trailer"}


def _head(outgoing: Outgoing, scheme: bytes) -> list[Header]:
    """The headers of a request. What HTTP/1 says by `Host` is a pseudo header (RFC 9113 section 8.3.1)."""
    pseudo = [
        (b":method", outgoing.method.encode()),
        (b":scheme", scheme),
        (b":path", outgoing.target),
    ]
    lines = _lines(outgoing.headers)
    hosts = [value for name, value in lines if name == b"host"]
    if hosts:
        pseudo.insert(2, (b":authority", hosts[0]))
    return pseudo + [line for line in lines if line[0] != b"host"]


def _lines(headers: tuple[Header, ...]) -> list[Header]:
    """Headers as HTTP/2 wants them: in lower case, none of a connection's but `te: trailers` (section 8.2.2).

    Whitespace around values is taken off by h2.
    """
    lowered = [(name.lower(), value) for name, value in headers]
    return [
        (name, value)
        for name, value in lowered
        if name not in _NOT_KEPT or (name == b"te" and value.strip().lower() == b"trailers")
    ]


def _plain(headers: Any) -> tuple[Header, ...]:
    """Headers without the marks of the compression."""
    return tuple((name, value) for name, value in headers or ())


def _status_of(headers: tuple[Header, ...]) -> int | None:
    """The status in the first header, None if it is none."""
    text = headers[0][1]
    return int(text) if len(text) == 3 and text.isdigit() and text[0] != 0x30 else None


def _name_of(code: ErrorCodes | int | None) -> str:
    """What an error code is called (RFC 9113 section 7)."""
    try:
        return ErrorCodes(code or 0).name
    except ValueError:
        return f"error {code}"
