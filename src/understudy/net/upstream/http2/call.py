"""A request on a stream of its own, and its reply (RFC 9113 section 8.1)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

from h2.errors import ErrorCodes

from understudy.net.upstream.base import Incoming, Listener, Outgoing, UpstreamError, unframed
from understudy.net.upstream.http2.connection import STREAM_WINDOW
from understudy.net.upstream.http2.heads import NOT_KEPT, status_of
from understudy.steps import BODILESS, Header

if TYPE_CHECKING:
    from understudy.net.upstream.http2.line import Http2Line

MAX_INTERIM_REPLIES = 100
"""1xx before a reply. More are no information, but an attack."""
MAX_HELD_BYTES = 524_288
"""Of those, how much is held for a client that does not read: no window bounds heads (RFC 9113 section
5.2.1). Of bodies a window is held."""


class Http2Call:
    """A request on a stream of its own."""

    __slots__ = (
        "_got",
        "_has_begun",
        "_has_body",
        "_held",
        "_held_body",
        "_held_heads",
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
        self._held_heads = 0
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
        status = status_of(headers)
        if status is None or status == 101:
            self._refuse("an impossible status")
        elif self._interim > MAX_INTERIM_REPLIES:
            self._refuse("too many interim replies")
        elif self._held_heads > MAX_HELD_BYTES:
            self._refuse("too many interim replies for a client that does not read them")
        elif status != 100:
            if self._is_holding:
                self._held_heads += sum(len(name) + len(value) for name, value in headers)
            self._tell(partial(self._listener.informed, status, unframed(headers[1:])))

    def head_came(self, headers: tuple[Header, ...]) -> None:
        """The reply has begun. h2 has seen to it that the first header is the status."""
        self._waits_since = self._line.heard_at
        status = status_of(headers)
        if status is None:
            self._refuse("an impossible status")
            return
        self._has_begun = True
        self._has_body = not self._is_head and status not in BODILESS
        lengths = [value for name, value in headers if name == b"content-length"]
        length = int(lengths[0]) if lengths and lengths[0].isdigit() else -1
        if self._has_body and lengths:
            self._length = length  # digits, and all the same: h2 has looked
        framing: Literal["length", "chunked", "none"] = "length" if lengths else "chunked"
        if not self._has_body:
            framing = "none"
        kept = tuple(header for header in headers[1:] if header[0] not in NOT_KEPT)
        head = Incoming(status, b"", "2", kept, framing, length)
        self._tell(partial(self._listener.head_came, head))

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
