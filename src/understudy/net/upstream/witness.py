"""What is seen of a request that is sent on, for who watches: who records it, or compares it.

The watcher has it before the last bytes reach the client, so that a client that has its whole reply can rely
on the recording. Whatever goes wrong with watching is said, and the client gets its reply all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING

from understudy.errors import UnderstudyError
from understudy.net.upstream.base import Incoming, Outgoing
from understudy.net.upstream.seen import SeenBody, reply_seen
from understudy.record.exchange import Failed, RecordedExchange, RecordedRequest
from understudy.request import origin_form
from understudy.steps import Forward, Header, Watcher

if TYPE_CHECKING:
    from understudy.net.perform import Performer
    from understudy.record.websocket import SocketTap


class Witness:
    """Sees one exchange. `outgoing` is the request as it is sent on.

    With `streams`, its body is told piece by piece by `sent`, until `sent_all`; else the request has it.
    """

    __slots__ = (
        "_at",
        "_connection",
        "_has_all",
        "_head",
        "_is_alone",
        "_outgoing",
        "_seen",
        "_sent",
        "_started",
        "_step",
        "_tap",
        "_wait_ms",
        "_watcher",
    )

    def __init__(
        self, watcher: Watcher, connection: Performer, step: Forward, outgoing: Outgoing, *, streams: bool
    ) -> None:
        self._watcher = watcher
        self._connection = connection
        self._step = step
        self._outgoing = outgoing
        self._started = perf_counter()
        self._at = connection.server.world.now()
        self._has_all = not streams  # of the request
        self._sent = SeenBody(watcher.spool, watcher.max_body_bytes) if streams else None
        self._seen: SeenBody | None = SeenBody(watcher.spool, watcher.max_body_bytes)
        self._head: Incoming | None = None
        self._wait_ms = 0.0
        self._tap: SocketTap | None = None
        self._is_alone = False  # the client has gone, or its connection has another request

    def now_ms(self) -> float:
        """Milliseconds since the request was sent on."""
        return round((perf_counter() - self._started) * 1000, 3)

    # --- what is seen --------------------------------------------------------------------------------------

    def sent(self, data: bytes) -> None:
        """More of the request's body."""
        if self._sent is not None:
            self._add(self._sent, data)

    def sent_all(self) -> None:
        """There is no more of the request's body."""
        self._has_all = True

    def head_came(self, head: Incoming) -> None:
        """The reply has begun."""
        self._head = head
        self._wait_ms = self.now_ms()

    def came(self, data: bytes) -> None:
        """More of the reply's body."""
        if self._seen is not None:
            self._add(self._seen, data)

    def switched(self, head: Incoming) -> None:
        """From here on both sides speak another protocol: the messages of WebSockets are heard."""
        if self._seen is not None:
            from understudy.record.websocket import SocketTap

            self._tap = SocketTap(self._step.request.raw_headers, head.headers)

    def server_said(self, data: bytes) -> None:
        """Bytes of the other protocol have come from the server."""
        if self._tap is not None:
            self._tap.from_server(data, self.now_ms())

    def client_said(self, data: bytes) -> None:
        """Bytes of the other protocol have come from the client."""
        if self._tap is not None:
            self._tap.from_client(data, self.now_ms())

    def _add(self, body: SeenBody, data: bytes) -> None:
        try:
            body.add(data, self.now_ms())
        except (OSError, UnderstudyError) as error:
            self._unwatched(error)

    # --- ends ----------------------------------------------------------------------------------------------

    def ended(
        self, then: Callable[[], None], trailers: tuple[Header, ...] = (), failed: Failed | None = None
    ) -> None:
        """All is over: tell the watcher, `then` the client, if it is still there."""
        if self._seen is None or self._seen.is_lost or (self._sent is not None and self._sent.is_lost):
            self._drop()
            then()
            return
        try:
            work = self._watcher.ended(self._exchange(self._seen, trailers, failed))
        except Exception as error:  # whatever is wrong with the recording, the client gets its reply
            self._unwatched(error)
            then()
            return
        if work is None:
            then()
        else:
            # not cancelled with the rest if the client goes: what is whole is kept
            self._connection.server.spawn(self._work(work, then), "recording")

    def lost(self, why: str) -> None:
        """What was seen is not whole, and nothing more is seen."""
        self._unwatched(UnderstudyError(why))

    def let_go(self) -> None:
        """There is no client any more that would get anything. What has not ended is forgotten."""
        self._is_alone = True
        self._drop()

    async def _work(self, work: Callable[[], Callable[[], None]], then: Callable[[], None]) -> None:
        """Let a thread do what takes long."""
        try:
            settle = await self._connection.server.loop.run_in_executor(None, work)
            settle()
        except Exception as error:
            self._unwatched(error)
        if not self._is_alone:
            then()

    def _exchange(
        self, seen: SeenBody, trailers: tuple[Header, ...], failed: Failed | None
    ) -> RecordedExchange:
        """What was seen."""
        request, tap, head, reply = self._step.request, self._tap, self._head, None
        body = request.body if self._sent is None else self._sent.payload()
        self._sent = None  # what else the client sends was there too late
        if head is not None:
            reply = reply_seen(head, seen, trailers)
        return RecordedExchange(
            request=RecordedRequest(
                method=request.method,
                origin=self._step.upstream.origin,
                target=origin_form(request.raw_target).decode("latin-1"),
                headers=self._outgoing.headers,
                body=body,
                is_whole=self._has_all,
            ),
            reply=reply,
            failed=failed,
            recorded_at=self._at,
            wait_ms=self._wait_ms if head is not None else self.now_ms(),
            total_ms=self.now_ms(),
            messages=() if tap is None else tap.messages,
            note="" if tap is None else tap.note,
        )

    def _unwatched(self, error: Exception) -> None:
        """What was seen cannot be kept: said, and nothing more is seen."""
        why = getattr(error, "strerror", None) or error
        if not isinstance(error, OSError | UnderstudyError):
            why = f"{type(error).__name__}: {error} (please report this)"
        message = f"not recorded: {why}"
        if not self._is_alone:
            self._connection.failed(message)
        self._connection.server.complain(message)
        self._drop()
        self._sent = self._seen = None

    def _drop(self) -> None:
        """Forget the bodies."""
        for body in (self._sent, self._seen):
            if body is not None:
                with suppress(OSError):
                    body.drop()


__all__ = ["Witness"]
