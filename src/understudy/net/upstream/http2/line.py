"""A connection over HTTP/2, and what h2 tells of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, cast

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
from h2.exceptions import H2Error

from understudy.net.upstream.base import Listener, Outgoing, UpstreamError
from understudy.net.upstream.http2.call import Http2Call
from understudy.net.upstream.http2.connection import CONNECTION_WINDOW, Connection
from understudy.net.upstream.http2.heads import head_of, lines_of, plain

MAX_CALLS = 256
"""Calls on a connection, if the server allows that many."""
CALLS_AT_FIRST = 100
"""As long as the server's settings have not come: the least that RFC 9113 section 6.5.2 recommends."""
MAX_OWED_BYTES = 64 * 1024
"""Answers to PING, SETTINGS and the like that a server makes us send, but does not read."""
_WRITE_BYTES = 256 * 1024
"""Written in one go, and kept by the transport before it says that the server does not read."""


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
        self.on_lost: Callable[[], None] | None = None
        self._on_gone = on_gone
        self._on_free = on_free
        self._scheme = scheme.encode()
        self._http = Connection()
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
            self._http.send_headers(call.stream_id, head_of(outgoing, self._scheme), call.is_sent)
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
        if self.on_lost is not None:
            self.on_lost()

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
            call.head_came(plain(event.headers))

    def _interim_came(self, event: InformationalResponseReceived) -> None:
        call = self._calls.get(event.stream_id or 0)
        if call is not None:
            call.informed(plain(event.headers))

    def _trailers_came(self, event: TrailersReceived) -> None:
        call = self._calls.get(event.stream_id or 0)
        if call is not None:
            call.trailers_came(plain(event.headers))

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
            done = self._does(http.send_headers, call.stream_id, lines_of(call.trailers or ()), True)
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


def _name_of(code: ErrorCodes | int | None) -> str:
    """What an error code is called (RFC 9113 section 7)."""
    try:
        return ErrorCodes(code or 0).name
    except ValueError:
        return f"error {code}"
