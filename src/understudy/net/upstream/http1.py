"""HTTP/1.1 to another server (RFC 9112): one request at a time on a connection, which is then used again.

llhttp (through httptools) reads. Replies to HEAD, and those that end with the connection, are what it cannot
tell the end of alone. It refuses heads with several lengths, folded lines, bare line breaks and NUL (RFC 9112
sections 2.2, 5.2 and 6.3), so that no reply can be read in two ways.

A connection is used again only if nothing came behind a reply: what came would be taken for the next one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, cast

import httptools

from understudy.net.upstream.base import HOP_BY_HOP, Incoming, Listener, Outgoing, UpstreamError, unframed
from understudy.steps import BODILESS, Header

if TYPE_CHECKING:
    from understudy.record.exchange import FailureKind

MAX_HEAD_BYTES = 262_144
"""The largest head of a reply; also its trailers, and what stands between two pieces of a body."""
MAX_INTERIM_REPLIES = 100
"""1xx before a reply. More are no information, but an attack."""
HIGH_WATER_BYTES = 262_144
"""How much of a request's body is held before the client has to wait."""

Framing = Literal["length", "chunked", "close", "none"]


class Http1Call:
    """A request on a connection, for as long as it is on it."""

    __slots__ = ("_line",)

    def __init__(self, line: Http1Line) -> None:
        self._line: Http1Line | None = line

    @property
    def is_full(self) -> bool:
        return self._line is not None and self._line.is_full

    def send_body(self, data: bytes) -> None:
        if self._line is not None:
            self._line.send_body(data)

    def end_body(self, trailers: tuple[Header, ...] = ()) -> None:
        if self._line is not None:
            self._line.end_body(trailers)

    def pause(self) -> None:
        if self._line is not None:
            self._line.hold(True)

    def resume(self) -> None:
        if self._line is not None:
            self._line.hold(False)

    def cancel(self) -> None:
        if self._line is not None:
            self._line.abandon()

    def over(self) -> None:
        """The connection has nothing more to do with it."""
        self._line = None


class Http1Line(asyncio.Protocol):
    """A connection. `on_free` is called when another request may be sent, `on_gone` when none may be any
    more.

    `now` gives the loop's time. `since` is when something came last, or since when it is idle.
    """

    __slots__ = (
        "_asks_upgrade",
        "_body_sent",
        "_call",
        "_chunked",
        "_framing",
        "_gone",
        "_has_reply",
        "_head_bytes",
        "_headers",
        "_interim",
        "_is_done",
        "_is_final",
        "_is_paused",
        "_is_raw",
        "_is_surplus",
        "_keeps_alive",
        "_listener",
        "_method",
        "_now",
        "_on_free",
        "_on_gone",
        "_parser",
        "_reason",
        "_trailers",
        "_uses",
        "is_full",
        "on_lost",
        "since",
        "transport",
    )

    def __init__(
        self,
        now: Callable[[], float],
        on_free: Callable[[Http1Line], None],
        on_gone: Callable[[Http1Line], None],
    ) -> None:
        self.transport: asyncio.Transport
        self.on_lost: Callable[[], None] | None = None
        self.since = now()
        self._now = now
        self.is_full = False
        self._on_free = on_free
        self._on_gone = on_gone
        self._parser = httptools.HttpResponseParser(self)
        self._call: Http1Call | None = None
        self._listener: Listener | None = None
        self._method = ""
        self._asks_upgrade = False
        self._keeps_alive = True
        self._uses = 0
        self._gone = False
        self._is_paused = False  # the client does not read
        self._is_raw = False  # the connection speaks another protocol now
        self._chunked = False  # the body of the request is sent in chunks
        self._body_sent = True
        self._has_reply = False  # bytes of the reply have come
        self._is_final = False  # its head has come
        self._is_done = False  # all of it has come
        self._is_surplus = False  # and more
        self._interim = 0
        self._framing: Framing = "none"
        self._reason = b""
        self._headers: list[Header] = []
        self._trailers: list[Header] = []
        self._head_bytes = 0

    # --- the pool's side -----------------------------------------------------------------------------------

    @property
    def is_free(self) -> bool:
        """Whether a request may be sent now."""
        return self._call is None and not self._gone and not self.transport.is_closing()

    @property
    def is_used(self) -> bool:
        """Whether a request was sent on it before this one: the server may have closed it meanwhile."""
        return self._uses > 1

    def call(self, outgoing: Outgoing, listener: Listener) -> Http1Call:
        """Send a request's head."""
        self._uses += 1
        self.since = self._now()
        self._call = call = Http1Call(self)
        self._listener = listener
        self._method = outgoing.method
        self._asks_upgrade = bool(outgoing.upgrade)
        self._has_reply = self._is_final = self._is_done = self._is_surplus = False
        self._interim = self._head_bytes = 0
        self._framing = "none"
        self._trailers = []
        lines = [b"%b %b HTTP/1.1\r\n" % (outgoing.method.encode(), outgoing.target)]
        lines += [b"%b: %b\r\n" % header for header in outgoing.headers]
        length = outgoing.length
        self._chunked = length is None
        self._body_sent = length == 0
        if length is None:
            lines.append(b"Transfer-Encoding: chunked\r\n")
        if outgoing.upgrade:
            lines += [b"%b: %b\r\n" % header for header in outgoing.upgrade]
        lines.append(b"\r\n")
        self.transport.write(b"".join(lines))
        return call

    def give_back(self) -> None:
        """It was taken for a request that is not sent."""
        self._free()

    def close(self) -> None:
        """Close it, once the request on it is over."""
        self._gone = True
        if self._call is None:
            self.transport.close()

    # --- the call's side -----------------------------------------------------------------------------------

    def send_body(self, data: bytes) -> None:
        """More of the request's body."""
        if not data:
            return
        if self._chunked and not self._is_raw:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        self.transport.write(data)

    def end_body(self, trailers: tuple[Header, ...]) -> None:
        """The request's body is complete; of another protocol, our side of it."""
        if self._is_raw:
            if self.transport.can_write_eof():
                self.transport.write_eof()
            return
        if self._chunked:
            lines = [b"%b: %b\r\n" % header for header in trailers]
            self.transport.write(b"".join((b"0\r\n", *lines, b"\r\n")))
        self._body_sent = True
        self.since = self._now()
        if self._is_final and self._call is None:
            self._free()

    def hold(self, on: bool) -> None:
        """Take no more from the server, or go on."""
        self._is_paused = on
        self.since = self._now()
        if on:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def abandon(self) -> None:
        """Nobody wants the reply any more."""
        self._forget()
        self._be_gone()
        self.transport.abort()

    def is_late(self, now: float, timeout_s: float) -> bool:
        """Whether nothing has come for too long, of a reply that is waited for, or no whole head; or a
        request is not read."""
        waits = (self._body_sent or self.is_full) and not (self._is_raw or self._is_paused)
        return waits and now - self.since > timeout_s

    def time_out(self, message: str) -> None:
        """Nothing came in time."""
        self._break("timeout", message)
        self.transport.abort()

    # --- the transport's side ------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)

    def pause_writing(self) -> None:
        self.is_full = True
        self.since = self._now()

    def resume_writing(self) -> None:
        self.is_full = False
        if self._listener is not None:
            self._listener.writable()

    def data_received(self, data: bytes) -> None:
        if self._is_raw:
            if self._listener is not None:
                self._listener.body_came(data)
            return
        if self._call is None:  # nothing was asked: the next reply would be mixed up with this
            self._be_gone()
            self.transport.abort()
            return
        self._has_reply = True
        if self._is_final:  # a head must be whole in time, in however small pieces it comes
            self.since = self._now()
        self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._is_raw = True
            rest = data[upgrade.args[0] :]
            if rest and self._listener is not None:
                self._listener.body_came(rest)
        except httptools.HttpParserError as error:
            if not self._is_done:
                reason = error.__context__ or error  # what a callback has raised, or llhttp's own
                self._refuse(f"what came is not HTTP: {reason}")
                return
            self._is_surplus = True
        if self._call is None:  # given up meanwhile
            return
        if self._is_done:
            self._complete()
        elif self._head_bytes > MAX_HEAD_BYTES:
            part = "what stands in its body" if self._is_final else "the head of the reply"
            self._refuse(f"{part} is larger than {MAX_HEAD_BYTES} bytes")

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if self._call is not None:
            if self._is_final and self._framing == "close" and exc is None:
                self._complete()
            elif isinstance(exc, TimeoutError):
                self._break("timeout", "the connection timed out")
            elif exc is None:
                self._break("closed", "the connection was closed before the reply was complete")
            else:
                self._break("reset", "the connection was reset")
        self._be_gone()
        if self.on_lost is not None:
            self.on_lost()

    # --- llhttp's side -------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._is_done:
            self._is_surplus = True
            return
        self._headers = []
        self._reason = b""

    def on_status(self, status: bytes) -> None:
        self._reason += status

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._is_done:
            return
        (self._trailers if self._is_final else self._headers).append((name, value))

    def on_headers_complete(self) -> None:
        if self._is_done:
            return
        status: int = self._parser.get_status_code()
        if status < 100:
            raise ValueError(f"{status:03} is no status")
        # what has come behind the head in the same piece does not count
        if self._head_bytes > MAX_HEAD_BYTES and _size(self._headers) > MAX_HEAD_BYTES:
            raise ValueError(f"the head of the reply is larger than {MAX_HEAD_BYTES} bytes")
        if status < 200 and status != 101:
            return
        if status == 101 and not self._asks_upgrade:
            raise ValueError("the server changes the protocol without being asked to")
        self._is_final = True
        self._head_bytes = 0
        if self._listener is not None:
            head = self._head(status)
            self._framing = head.framing
            self._listener.head_came(head)
        if self._method == "HEAD":  # llhttp waits for the body that is announced
            self._is_done = True

    def _head(self, status: int) -> Incoming:
        """The head without what belongs to this connection."""
        headers = self._headers
        named: set[bytes] | None = None
        length = -1
        coding = b""
        kept = []
        upgraded: tuple[Header, ...] = ()
        for header in headers:
            name = header[0].lower()
            if name not in _SPECIAL:
                kept.append(header)
                continue
            if name in HOP_BY_HOP:
                if name == b"connection":
                    named = (named or set()) | {part.strip().lower() for part in header[1].split(b",")}
                elif name == b"transfer-encoding":
                    coding += b"," + header[1] if coding else header[1]
                elif name == b"trailer":
                    kept.append(header)
                    continue
                if status == 101 and name in (b"connection", b"upgrade"):
                    upgraded += (header,)
                continue
            if status != 204:  # which has no Content-Length (RFC 9110 section 8.6)
                length = int(header[1])  # digits, and one: llhttp has looked
                kept.append(header)
        if named is not None and not named <= _USUAL:
            named.discard(b"content-length")  # it is not of this connection, whatever a server says
            kept = [header for header in kept if header[0].lower() not in named]
        is_chunked = coding.lower() == b"chunked"
        if coding and not is_chunked and coding.lower() != b"identity":
            raise ValueError(f"the transfer coding {coding.decode('latin-1')!r} is not known")
        framing: Framing
        if status == 101:
            framing = "close"
        elif self._method == "HEAD" or status in BODILESS:
            framing = "none"
        else:
            framing = "chunked" if is_chunked else "close" if length < 0 else "length"
        version: str = self._parser.get_http_version()
        tokens = named or ()
        self._keeps_alive = b"close" not in tokens and (version == "1.1" or b"keep-alive" in tokens)
        reason = b"" if _CONTROL.search(self._reason) else self._reason
        return Incoming(status, reason, version, tuple(kept), framing, length, upgraded)

    def on_body(self, body: bytes) -> None:
        if self._is_done:
            self._is_surplus = True
            return
        self._head_bytes = 0
        if self._listener is not None:
            self._listener.body_came(body)

    def on_message_complete(self) -> None:
        if self._is_done:
            return
        status: int = self._parser.get_status_code()
        if status < 200 and status != 101:
            self._interim += 1
            if self._interim > MAX_INTERIM_REPLIES:
                raise ValueError("too many interim replies")
            self.since = self._now()
            self._head_bytes = 0
            if status != 100 and self._listener is not None:
                self._listener.informed(status, unframed(self._headers))
            return
        self._is_done = status != 101 and self._is_final

    # --- ends ----------------------------------------------------------------------------------------------

    def _complete(self) -> None:
        """The reply is complete. The connection is free, if both sides want to go on with it."""
        listener = self._listener
        assert listener is not None
        goes_on = self._framing != "close" and self._keeps_alive and not self._is_surplus
        trailers = unframed(self._trailers) if self._trailers else ()
        if self._method == "HEAD":
            self._parser = httptools.HttpResponseParser(self)
        self._forget()
        if not goes_on or not self._body_sent:  # a server that answers early may not read the rest
            self._be_gone()
            self.transport.close()
        else:
            self._free()
        listener.ended(trailers)

    def _free(self) -> None:
        if self._is_paused:
            self.hold(False)
        self.since = self._now()
        if not self._gone:
            self._on_free(self)
        else:
            self.transport.close()

    def _refuse(self, message: str) -> None:
        """What comes is not taken any longer."""
        self._break("protocol", message)
        self.transport.abort()

    def _break(self, kind: FailureKind, message: str) -> None:
        """There will be no whole reply."""
        listener, has_reply = self._listener, self._has_reply
        self._forget()
        self._be_gone()
        if listener is not None:
            listener.broke(UpstreamError(kind, message), is_unused=self._uses > 1 and not has_reply)

    def _forget(self) -> None:
        if self._call is not None:
            self._call.over()
        self._call = self._listener = None

    def _be_gone(self) -> None:
        if not self._gone:
            self._gone = True
            self._on_gone(self)


def _size(headers: list[Header]) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers)


_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
"""What may not stand in a reason phrase (RFC 9112 section 4), though llhttp lets it through."""
_SPECIAL = HOP_BY_HOP | {b"content-length"}
_USUAL = frozenset((b"close", b"keep-alive", b"upgrade", b""))

__all__ = ["Http1Call", "Http1Line"]
