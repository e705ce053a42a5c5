"""The body of a request that is passed on while it arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from understudy.net.http1 import Http1Connection
    from understudy.net.upstream.forwarding import Forwarding
    from understudy.request import Request
    from understudy.steps import Header

STREAM_BYTES = 65_536
"""Bodies up to this size are waited for, as they arrive at once: what is whole can be looked at."""


class Stream:
    """Pieces of a body on their way to who takes them; held until there is somebody."""

    __slots__ = (
        "_connection",
        "_forwarding",
        "_held",
        "_is_noted",
        "_is_paused",
        "_kept",
        "_most",
        "_queue",
        "_request",
        "expects_continue",
        "is_complete",
        "trailers",
    )

    def __init__(self, connection: Http1Connection, request: Request, *, expects_continue: bool) -> None:
        self._connection = connection
        self._request = request
        self.expects_continue = expects_continue
        self._forwarding: Forwarding | None = None
        self._queue: list[bytes] | None = []
        self._held = 0
        self._is_paused = False
        self._is_noted = False
        self._kept = bytearray()
        self._most = connection.server.program.loaded.config.log.max_body_bytes
        self.is_complete = False
        self.trailers: list[Header] = []

    def add(self, data: bytes) -> None:
        """More has come."""
        if len(self._kept) < self._most and not self._is_noted:
            self._kept += data[: self._most - len(self._kept)]
        if self._forwarding is not None:
            self._forwarding.feed(data)
        elif self._queue is not None:
            self._queue.append(data)
            self._held += len(data)
            if self._held >= STREAM_BYTES and not self._is_paused:
                self._is_paused = True
                self._connection.transport.pause_reading()

    def begin(self, forwarding: Forwarding) -> None:
        """Here is who takes it."""
        self._forwarding = forwarding
        if self.expects_continue:
            self.expects_continue = False
            self._connection.go_ahead()
        queue, self._queue = self._queue or [], None
        for data in queue:
            forwarding.feed(data)
        if self.is_complete:
            forwarding.end_feed(tuple(self.trailers))
        self._resume()

    def end(self) -> None:
        """All of it has come."""
        self.is_complete = True
        if not self._is_noted:
            self._keep()
        if self._forwarding is not None:
            self._forwarding.end_feed(tuple(self.trailers))

    def drop(self) -> None:
        """Nobody takes it, or what is left of it."""
        self._queue = None
        self._resume()

    def note(self) -> None:
        """The request is noted in the log, with what has come by now, and no more."""
        self._is_noted = True
        self._keep()

    def _keep(self) -> None:
        self._request.body = bytes(self._kept)
        self._kept.clear()

    @property
    def is_held(self) -> bool:
        """Whether it is our fault that nothing comes."""
        holds = self._forwarding is not None and self._forwarding.holds_client
        return holds or self._is_paused or self.expects_continue

    def _resume(self) -> None:
        if self._is_paused:
            self._is_paused = False
            self._connection.transport.resume_reading()
