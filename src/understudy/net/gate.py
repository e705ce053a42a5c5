"""What happens to connections before a request is known: the key `connections`.

Where nothing of it is asked for, connections are plain ones, and none of this runs.
"""

from __future__ import annotations

import asyncio
from time import time
from typing import TYPE_CHECKING, cast

from msgspec import UNSET

from understudy.faults.chance import Chance
from understudy.faults.schedule import Instant
from understudy.faults.strike import Lots
from understudy.model.connections import ConnectionFault, Connections
from understudy.model.faults import FOREVER_S
from understudy.net.early import ENDED
from understudy.net.http1 import IDLE, Http1Connection
from understudy.net.listening import BLACK_HOLE, OPEN, REFUSING, Listening
from understudy.net.perform import reset
from understudy.render.draws import Draws
from understudy.request import Request
from understudy.steps import Plan

if TYPE_CHECKING:
    from understudy.net.server import Server

SOURCE = "connections"
"""What the lots, counts and injected faults of connections stand under."""
MAX_CLIENTS = 10_000
"""Clients with a count of their own; of more, the first are forgotten."""
MIN_CHECK_S = 0.001
"""Shortest time until the schedule is looked at again."""
MAX_CHECK_S = 3600.0
"""Longest time: clocks are set, and then a schedule means another time."""


class Trap:
    """A fault of connections, ready to strike. `since_s` is when it was switched on, in unix seconds."""

    def __init__(self, written: ConnectionFault, number: int, since_s: float) -> None:
        self.kind = written.kind
        self.is_for_all = written.is_for_all
        self.for_s = FOREVER_S if written.for_ms is UNSET else written.for_ms / 1000
        self._chance = Chance(written)
        self._label = f"{SOURCE} {number} {self.kind}"
        self._since_s = since_s
        self._per_client = written.when is not UNSET and written.when.per is not UNSET
        self._max_active = None if written.max_active is UNSET else written.max_active
        self._counts: dict[str, tuple[int, bool]] = {}  # client → how many there were, whether times are bad
        self.active = 0

    def strikes(self, seed: int, connection: int, client: str, now_s: float) -> bool:
        """Whether it strikes the connection of this number, from 0, which is counted."""
        number, is_bad = 0, False
        if self._chance.counts:
            number, is_bad = self._count(seed, client if self._per_client else "")
        lots = Lots(Draws(seed, SOURCE, connection), self._label)
        asked = self._chance.judge(lots, Instant(number, now_s - self._since_s, now_s, is_bad))
        return asked.strikes and (self._max_active is None or self.active < self._max_active)

    def is_on(self, now_s: float) -> bool:
        """Whether it is the time of one that is for all connections."""
        lots = Lots(Draws(0, SOURCE, 0), self._label)  # its probability is 1, and nothing is drawn
        return self._chance.judge(lots, Instant(0, now_s - self._since_s, now_s)).strikes

    def next_change_s(self, now_s: float) -> float | None:
        """How long it is at least until that changes; None: it never does."""
        return self._chance.next_change_s(now_s - self._since_s, now_s)

    def _count(self, seed: int, owner: str) -> tuple[int, bool]:
        before, was_bad = self._counts.pop(owner, (0, False))
        key = f"{self._label}/{owner}" if owner else self._label
        is_bad = self._chance.is_bad(before, was_bad, seed, key)
        self._counts[owner] = (before + 1, is_bad)
        if len(self._counts) > MAX_CLIENTS:
            del self._counts[next(iter(self._counts))]
        return before + 1, is_bad


class Rules:
    """The key `connections`, ready to be followed."""

    def __init__(self, written: Connections, since_s: float) -> None:
        self.max_requests = None if written.max_requests is UNSET else written.max_requests
        self.announce = written.announce
        self.idle_s = None if written.idle_ms is UNSET else written.idle_ms / 1000
        traps = [Trap(fault, number, since_s) for number, fault in enumerate(written.faults)]
        self.traps = [trap for trap in traps if not trap.is_for_all]
        self.closures = [trap for trap in traps if trap.is_for_all]

    @property
    def touch_connections(self) -> bool:
        """Whether there is anything to do about a single connection."""
        return bool(self.traps) or self.max_requests is not None or self.idle_s is not None


class Gate:
    """Lets connections in, one way or another. `listening` is how the port is listened on.

    `written` are the rules that are followed.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self.listening = Listening(server, self.make)
        self._configured = self.written = Connections()
        self._rules = Rules(self._configured, 0.0)
        self._timer: asyncio.TimerHandle | None = None
        self._shut_by: Trap | None = None
        self._has_started = False

    def use(self, written: Connections) -> None:
        """Follow the rules of a config, unless they are those that were followed before."""
        if written != self._configured:
            self._configured = written
            self.set(written)

    def set(self, written: Connections, since_s: float | None = None) -> None:
        """Follow other rules, for connections that come from now on.

        Their times count from `since_s`, in unix seconds; None: from the server's start.
        """
        self.written = written
        self._rules = Rules(written, self._server.world.started_s if since_s is None else since_s)
        self._shut_by = None
        if self._has_started:
            self._follow()

    def reset(self) -> None:
        """Follow the rules of the config again."""
        if self.is_live:
            self.set(self._configured)

    @property
    def is_live(self) -> bool:
        """Whether other rules are followed than those of the config."""
        return self.written is not self._configured

    def start(self) -> None:
        """Begin to follow the times of the rules: the port is open."""
        self._has_started = True
        self._follow()

    def stop(self) -> None:
        """Take no more connections."""
        self._has_started = False
        if self._timer is not None:
            self._timer.cancel()
        self.listening.close()

    @property
    def is_shut(self) -> bool:
        """Whether nobody gets in."""
        return self._shut_by is not None

    @property
    def rules(self) -> Rules:
        """The rules for connections that come now."""
        return self._rules

    def make(self) -> Http1Connection:
        """The protocol of a new connection."""
        rules = self._rules
        return (
            GatedConnection(self._server, rules) if rules.touch_connections else Http1Connection(self._server)
        )

    def _follow(self) -> None:
        """Do what it is time for, and come back when that may change."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now_s = self._server.world.now()
        before, closures = self._shut_by, self._rules.closures
        trap = self._shut_by = next((trap for trap in closures if trap.is_on(now_s)), None)
        if trap is not None and trap is not before:
            self._server.world.injected[SOURCE, trap.kind, SOURCE] += 1
        self.listening.want(OPEN if trap is None else BLACK_HOLE if trap.kind == "black_hole" else REFUSING)
        if trap is not None:
            self.close_idle()
        changes = [change for one in closures if (change := one.next_change_s(now_s)) is not None]
        if changes:
            wait_s = min(MAX_CHECK_S, max(MIN_CHECK_S, min(changes)))
            self._timer = self._server.loop.call_later(wait_s, self._follow)

    def close_idle(self) -> None:
        """Close the connections on which nothing is going on."""
        for connection in list(self._server.connections):
            connection.close_idle()


class KeptConnection(Http1Connection):
    """A connection that is kept only for a while: for so many requests, and for so long without any.

    Tunnels of a forward proxy have these (`net/intercept/tunnel.py`).
    """

    __slots__ = ("_idle_timer", "_requests", "_rules")

    def __init__(self, server: Server, rules: Rules) -> None:
        super().__init__(server)
        self._rules = rules
        self._requests = 0
        self._idle_timer: asyncio.TimerHandle | None = None
        if rules.max_requests is not None:
            self._recall = _nothing  # requests are counted where they are answered

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._rules.idle_s is not None and not self.transport.is_closing():
            self._idle_timer = self.server.loop.call_later(self._rules.idle_s, self._check_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._idle_timer is not None:
            self._idle_timer.cancel()

    @property
    def _is_idle(self) -> bool:
        return self.state is IDLE and not self._held

    def _check_idle(self) -> None:
        idle_s = cast("float", self._rules.idle_s)
        left_s = self.since + idle_s - time() if self._is_idle else idle_s
        if left_s <= 0:
            self.close_idle()
        else:
            self._idle_timer = self.server.loop.call_later(left_s, self._check_idle)

    def _serve(self, request: Request, keep_alive: bool, early: Plan | None = None) -> None:
        self._requests += 1
        if not self._is_last:
            super()._serve(request, keep_alive, early)
        elif self._rules.announce:
            super()._serve(request, False, early)
        else:
            super()._serve(request, keep_alive, early)
            if self._current is None and not self.transport.is_closing():
                self.finished(True)  # what was answered in one go

    @property
    def _is_last(self) -> bool:
        most = self._rules.max_requests
        return most is not None and self._requests >= most

    def finished(self, close: bool) -> None:
        super().finished(close or self._is_last)


class GatedConnection(KeptConnection):
    """A connection that something may go wrong with as soon as it is made."""

    __slots__ = ("_ahead", "_silence", "_trap")

    def __init__(self, server: Server, rules: Rules) -> None:
        super().__init__(server, rules)
        self._trap: Trap | None = None
        self._silence: asyncio.TimerHandle | None = None
        self._ahead: bytes | None = None  # what came although nothing is to be read; None when it is

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.transport.is_closing():  # there are too many
            return
        world = self.server.world
        now_s = world.now()
        for trap in self._rules.traps:
            if trap.strikes(world.seed, self.number - 1, self.client, now_s):
                trap.active += 1
                self._trap = trap
                world.injected[SOURCE, trap.kind, SOURCE] += 1
                self._fall_into(trap)
                break

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._trap is not None:
            self._trap.active -= 1
        if self._silence is not None:
            self._silence.cancel()

    def _fall_into(self, trap: Trap) -> None:
        loop = self.server.loop
        match trap.kind:
            case "reset":
                reset(self.transport)
            case "close":
                self._refusal = ENDED
                self._linger()
            case "slow_accept":
                self._ahead = b""
                self._silence = loop.call_later(trap.for_s, self._accept)
            case _:
                self._ahead = b""
                self._silence = loop.call_later(trap.for_s, self.transport.close)

    def data_received(self, data: bytes) -> None:
        if self._ahead is None:
            super().data_received(data)
        else:  # uvloop begins to read after `connection_made`, so that it cannot be paused there
            self._ahead += data
            self._held = True
            self.transport.pause_reading()

    def _accept(self) -> None:
        self._silence = None
        data, self._ahead = self._ahead, None
        self.since = time()
        if self._held:
            self._held = False
            self.transport.resume_reading()
        if data:
            self.data_received(data)

    def check_time(self, now: float) -> None:
        if self._ahead is None or self._held:
            super().check_time(now)

    def close_idle(self) -> None:
        if self._ahead is None:
            super().close_idle()

    @property
    def _is_idle(self) -> bool:
        return super()._is_idle and self._ahead is None


def _nothing(data: bytes) -> None:
    """No reply is remembered."""


__all__ = ["Gate", "GatedConnection", "KeptConnection", "Rules", "Trap"]
