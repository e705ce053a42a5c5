"""The half of a connection that holds requests up while their body arrives: faults that strike early.

When the head of a request has come, it may be answered at once, left unread, or read slowly. What is held
up is reading: nothing is read before what has come is due, so that the client's machine has to wait. A
request that has come whole before its time waits in the queue, in its place.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections import deque
from math import inf
from time import time
from typing import Any, NamedTuple

from understudy.engine import Suspended, decide_early
from understudy.errors import RequestError
from understudy.journal import CLIENT_CLOSED, ENTRY_BYTES
from understudy.net.perform import Performer
from understudy.request import Request
from understudy.steps import Plan, ReadSlowly, Release

ENDED = RequestError(400, "nothing more is taken on this connection")
"""The reason why nothing that comes is looked at any more, where there is nothing more to say."""
MIN_BUFFER_BYTES, MAX_BUFFER_BYTES = 16_384, 262_144
"""Bounds of what the kernel receives ahead. With less, a sender that waits for room waits for its timers."""
BUFFERED_S = 0.02
"""How much is received ahead, as a time at the rate at which it is read."""
CLOSE, CLOSE_WAIT = 7, 8
"""States of a connection on Linux (include/net/tcp_states.h): it was reset; the client sends no more."""


class Early:
    """A request of which the head has come, and that an early fault strikes or may strike.

    `request` has no body yet. `plan` is None while it is being decided, and where nothing strikes. `due` is
    when the request may go on, in the loop's time.
    """

    __slots__ = ("at", "body_bytes", "due", "plan", "rate", "request", "since")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.at = time()
        self.plan: Plan | None = None
        self.due = inf
        self.since = 0.0
        self.rate = 0.0
        self.body_bytes = 0

    @property
    def ends(self) -> bool:
        """Whether the request does not go on."""
        return self.plan is not None and not self.rate

    def count(self, size: int) -> None:
        """More of the body has come."""
        self.body_bytes += size
        if self.rate:
            self.due = self.since + self.body_bytes / self.rate

    def release(self) -> None:
        """The fault is over."""
        if self.plan is not None:
            for step in self.plan.steps:
                if type(step) is Release:
                    step.action()


class Queued(NamedTuple):
    """A request in the queue, and what its head said about the connection.

    `refusal` is sent in its place. `early` is what an early fault makes of it.
    """

    request: Request
    keep_alive: bool
    refusal: RequestError | None = None
    early: Early | None = None


class Holder(Performer):
    """Holds up what a connection reads, where an early fault asks for it."""

    __slots__ = (
        "_early",
        "_early_tasks",
        "_expects_continue",
        "_held",
        "_queue",
        "_reading_timer",
        "_refusal",
        "since",
    )

    def __init__(self) -> None:
        super().__init__()
        self.since = time()
        self._queue: deque[Queued] = deque()
        self._refusal: RequestError | None = None
        self._expects_continue = False
        self._early: Early | None = None  # the request whose body is arriving
        self._early_tasks: dict[Early, asyncio.Task[None]] = {}  # it is still being decided what strikes
        self._held = False  # nothing is read for now
        self._reading_timer: asyncio.TimerHandle | None = None

    def _next(self) -> None:
        """Take the next request from the queue, if it is time for it."""
        raise NotImplementedError

    def _continue(self) -> None:
        """Tell a client that waits for it to send the body."""
        raise NotImplementedError

    def _crashed(self, request: Request, error: Exception) -> Plan:
        """The plan for a request that could not be decided on."""
        raise NotImplementedError

    # --- what strikes --------------------------------------------------------------------------------------

    def _ask_early(self, request: Request) -> bool:
        """Let early faults strike a request of which the head has come. Whether that ends it."""
        server = self.server
        early = Early(request)
        try:
            decided = decide_early(server.program, request, server.world)
        except Exception as error:
            decided = self._crashed(request, error)
        if isinstance(decided, Suspended):
            self._early = early
            self._hold()
            self._early_tasks[early] = server.spawn(self._wait_for_early(decided, early), "request")
            return False
        if decided.steps:
            self._strike(early, decided)
        return early.ends

    async def _wait_for_early(self, suspended: Suspended, early: Early) -> None:
        """Go on when it is decided what strikes. Cancelled when the client hangs up."""
        try:
            plan = await suspended
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            plan = self._crashed(early.request, RuntimeError(f"what it waited for was cancelled: {error}"))
        except Exception as error:
            plan = self._crashed(early.request, error)
        self._early_tasks.pop(early, None)
        if plan.steps:
            self._strike(early, plan)
        else:
            early.due = 0.0
        if not early.ends:
            if self._expects_continue and self._current is None and not self._queue:
                self._continue()
            self._read_on()

    def _strike(self, early: Early, plan: Plan) -> None:
        early.plan = plan
        first = plan.steps[0]
        if isinstance(first, ReadSlowly):
            before = [one.due for one in self._earlies() if one is not early and one.due < inf]
            early.rate = first.bytes_per_s
            early.since = max(self.server.loop.time(), *before, 0.0)
            early.count(0)
            if not any(queued.early is early for queued in self._queue):  # it has not come whole by now
                self._early = early
            self._receive_less(first.bytes_per_s)
            return
        early.due = 0.0
        self._early = None
        self._expects_continue = False
        self._refusal = ENDED
        while any(queued.early is early for queued in self._queue):  # it came whole while this was decided
            self._drop(self._queue.pop(), early)
        self._queue.append(Queued(early.request, False, early=early))
        if plan.reply is None:
            self._receive_less(0)
            self._held = True
            self.transport.pause_reading()
        self._next()

    def _took(self, size: int) -> None:
        """More of the body has come, of a request that is held up."""
        early = self._early
        assert early is not None
        early.count(size)
        self._hold()

    def _earlies(self) -> list[Early]:
        found = [queued.early for queued in self._queue if queued.early is not None]
        return found if self._early is None else [*found, self._early]

    def _reads_at(self) -> float:
        """When to read again, in the loop's time; never, as long as something is being decided."""
        return max((early.due for early in self._earlies()), default=0.0)

    def _hold(self) -> None:
        """Read nothing until it is time to."""
        self._held = True
        self.transport.pause_reading()
        due = self._reads_at()
        if self._reading_timer is None and due < inf:
            self._reading_timer = self.server.loop.call_at(due, self._read_on)

    def _read_on(self) -> None:
        if self._reading_timer is not None:
            self._reading_timer.cancel()
            self._reading_timer = None
        if self.server.loop.time() < self._reads_at():
            self._hold()  # more has come since
        elif self._refusal is None:
            self._held = False
            self.since = time()
            if len(self._queue) < self.server.limits.max_pipelined:
                self.transport.resume_reading()
        self._next()

    def _is_due(self, queued: Queued) -> bool:
        return queued.early is None or queued.early.due <= self.server.loop.time()

    def _receive_less(self, bytes_per_s: float) -> None:
        """Let the kernel receive so little ahead that the client soon has to wait."""
        size = min(MAX_BUFFER_BYTES, max(MIN_BUFFER_BYTES, int(bytes_per_s * BUFFERED_S)))
        sock: Any = self.transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)

    # --- ends ----------------------------------------------------------------------------------------------

    def _drop_early(self) -> None:
        """Forget what is held up, and what waits behind it: the connection ends."""
        if self._reading_timer is not None:
            self._reading_timer.cancel()
            self._reading_timer = None
        for task in self._early_tasks.values():
            task.cancel()
        self._early_tasks.clear()
        early, self._early = self._early, None
        if early is not None:
            self._drop(Queued(early.request, False, early=early))
        while self._queue:
            self._drop(self._queue.popleft())

    def _drop(self, queued: Queued, but: Early | None = None) -> None:
        """Forget a request, which is noted if a fault has struck it; `but` goes on in another way."""
        early = queued.early
        if early is None or early is but or early.plan is None:
            return
        early.release()
        request = queued.request
        size = ENTRY_BYTES + len(request.body) + request.head_bytes + 64 * len(request.raw_headers)
        request.forget_views()
        self.server.journal.add(
            early.at,
            request,
            early.plan,
            self.number,
            self.client,
            time() - early.at,
            CLIENT_CLOSED,
            size + ENTRY_BYTES * len(early.plan.injected),
        )


def is_gone(transport: asyncio.Transport, *, half: bool) -> bool:
    """Whether the client has gone while nothing is read; False where that cannot be seen (tcp(7), TCP_INFO).

    With `half`, one that sends no more has gone too.
    """
    if sys.platform != "linux":
        return False
    sock: Any = transport.get_extra_info("socket")
    try:
        (state,) = struct.unpack_from("B", sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1))
    except (OSError, AttributeError, ValueError):
        return False
    return state == CLOSE or (half and state == CLOSE_WAIT)


__all__ = ["ENDED", "Early", "Holder", "Queued", "is_gone"]
