"""A tunnel that is not looked into: two connections, and what comes in on one goes out on the other.

An end that does not read as fast as the other sends holds the other up. An end that sends no more may still
get something (RFC 9110 section 9.3.6 leaves that open; TLS and SSH do without, but others do not).
"""

from __future__ import annotations

import asyncio
from time import time
from typing import TYPE_CHECKING, cast

from understudy.net.perform import reset
from understudy.request import Request

if TYPE_CHECKING:
    from understudy.net.server import Server


class End(asyncio.Protocol):
    """One of the two connections. What it reads before the other is there waits."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.other: End | None = None
        self.ahead = b""
        self.has_ended = False
        self.is_lost = False
        self.last = time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.last = time()
        if self.other is None:  # uvloop begins to read after `connection_made`: it cannot be paused there
            self.ahead += data
            self.transport.pause_reading()
        elif not self.other.transport.is_closing():
            self.other.transport.write(data)

    def join(self, other: End) -> None:
        """From now on what is read here goes out there; first what has come by now."""
        self.other = other
        if self.ahead:
            other.transport.write(self.ahead)
            self.ahead = b""
            if not self.transport.is_closing():
                self.transport.resume_reading()
        if self.is_lost:
            other.transport.close()
        elif self.has_ended:
            self._end_other()

    def eof_received(self) -> bool:
        self.has_ended = True
        if self.other is not None:
            self._end_other()
        return True

    def _end_other(self) -> None:
        assert self.other is not None
        if self.other.has_ended:
            self.transport.close()
            self.other.transport.close()
        elif not self.other.transport.is_closing():
            self.other.transport.write_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        if self.other is None:
            return
        if exc is None:
            self.other.transport.close()
        else:
            reset(self.other.transport)

    def pause_writing(self) -> None:
        if self.other is not None and not self.other.transport.is_closing():
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        self.last = time()
        if self.other is not None and not self.other.transport.is_closing():
            self.other.transport.resume_reading()


class NearEnd(End):
    """The client's end, which the server knows of. A tunnel in which nothing moves for `silence_s` ends."""

    current: Request | None = None

    def __init__(self, server: Server, far: End, silence_s: float) -> None:
        super().__init__()
        self._server = server
        self._far = far
        self._silence_s = silence_s

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._server.opened(self)[1]:
            self._abort()
            return
        self.join(self._far)
        self._far.join(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._server.closed(self)

    def _abort(self) -> None:
        self.transport.abort()
        self._far.transport.abort()

    def close_idle(self) -> None:
        """What goes on in it is not known, so that it is not idle."""

    def check_time(self, now: float) -> None:
        """End it if nothing has come for too long."""
        if now - max(self.last, self._far.last) > self._silence_s:
            self._abort()

    def drain(self) -> None:
        """The server stops."""
        self._abort()


__all__ = ["End", "NearEnd"]
