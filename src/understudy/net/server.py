"""The server: one event loop, one port, one program at a time."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable
from functools import partial
from time import time
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import UNSET

from understudy.engine import World
from understudy.journal import Journal
from understudy.model import each_openapi
from understudy.net.callbacks import CallbackSender
from understudy.net.gate import Gate
from understudy.net.http1 import Http1Connection
from understudy.net.lifespan import Lifespans
from understudy.net.memo import Memo
from understudy.net.perform import Performer
from understudy.net.runner import TaskRunner
from understudy.net.steering import Steering
from understudy.net.stores import store_of
from understudy.net.writer import FileWriter
from understudy.views.dates import http_date

if TYPE_CHECKING:
    from understudy.contract.ledger import Ledger
    from understudy.net.asgi import AsgiApp
    from understudy.net.intercept.interception import Interception, Tunnel
    from understudy.net.reload import Reloader
    from understudy.net.upstream.pool import Upstreams
    from understudy.program import Program
    from understudy.record.tape import Tape
    from understudy.request import Request
    from understudy.steps import RunApp

CANCEL_S = 1.0
"""How long what still runs when the server stops may take to notice that it is cancelled."""
CHECK_S = 1.0
"""How often connections are looked at for time-outs."""


class Connected(Protocol):
    """A connection to a client, of whichever protocol."""

    transport: asyncio.Transport

    @property
    def current(self) -> Request | None:
        """The request that is being answered."""

    def close_idle(self) -> None:
        """Close without a word, if nothing is going on."""

    def check_time(self, now: float) -> None:
        """End what has lasted too long. Called about once a second."""

    def drain(self) -> None:
        """The server stops: come to an end."""


class Server:
    """Serves a program until it is stopped.

    All methods belong to the thread of the event loop, except where they say otherwise.
    """

    def __init__(
        self,
        program: Program,
        *,
        seed: int,
        memo: bool = True,
        complain: Callable[[str], None] | None = None,
    ) -> None:
        self.runner = TaskRunner(self)
        self.writer = FileWriter()
        self.world = World(seed, time, store_of(program), runner=self.runner, writer=self.writer)
        self.callbacks = CallbackSender(self)
        self.lifespans: Lifespans | None = None
        self.journal = Journal(program.loaded.config.log, seed=seed)
        self.memo = Memo(enabled=memo)
        self.gate = Gate(self)
        self._intercept: Interception | None = None
        self.complain = complain or (lambda text: print(text, file=sys.stderr))
        self.steering = Steering(self)
        self._left: list[Tape] = []
        self.ledger: Ledger | None = None
        self.swap(program)
        self.connections: set[Connected] = set()
        self.date = b""
        self.loop: asyncio.AbstractEventLoop
        self.port = 0
        self.host = ""
        self.control_app: Callable[[], AsgiApp] | None = None
        self.reloader: Reloader | None = None
        self.token: str | None = None
        self.started_at = time()
        self._control: AsgiApp | None = None
        self._upstreams: Upstreams | None = None
        self._numbers = 0
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self.stopping = False
        self._ending: asyncio.Task[None] | None = None
        self._all_closed: asyncio.Future[None] | None = None
        self._writable: dict[Performer, asyncio.Future[None]] = {}
        self.stopped: asyncio.Event

    # --- start and stop ------------------------------------------------------------------------------------

    async def start(self, host: str, port: int) -> None:
        """Listen. Raises AddressInUse, or UnderstudyError for an address that cannot be had."""
        self.loop = asyncio.get_running_loop()
        self.world.keys.offload = partial(self.loop.run_in_executor, None)
        self.stopped = asyncio.Event()
        raise_file_limit()
        self._tick()
        await self.gate.listening.open(host, port)
        self.host = host
        self.port = self.gate.listening.port
        self.gate.start()
        self._timers["check"] = self.loop.call_later(CHECK_S, self._check_times)
        self.lifespans = Lifespans(self)
        self.lifespans.use(self.program.apps)

    async def stop(self) -> None:
        """Take no more connections, let running requests end (waits end at once), then close all."""
        if self.stopping:
            return
        self.stopping = True
        self.gate.stop()
        for connection in list(self.connections):
            connection.drain()
        if self.connections:
            self._all_closed = self.loop.create_future()
            await asyncio.wait([self._all_closed], timeout=self.limits.drain_timeout_s)
        for connection in list(self.connections):
            connection.transport.abort()
        for timer in self._timers.values():
            timer.cancel()
        if self.lifespans is not None:
            await self.lifespans.stop()
        await self._end_tasks()
        await self.callbacks.close()
        if self._upstreams is not None:
            await self._upstreams.close()
        for tape in (*self._left, *self.program.all_tapes):
            tape.close()
        self.runner.threads.close()
        await self.world.store.close()
        self.stopped.set()

    async def _end_tasks(self) -> None:
        """Cancel what still runs. A user's code that will not be cancelled is left behind, not waited for."""
        if not self._tasks:
            return
        for task in list(self._tasks):
            task.cancel()
        _, stubborn = await asyncio.wait(list(self._tasks), timeout=CANCEL_S)
        for task in stubborn:
            self.complain(f"{task.get_name()} catches its cancellation and goes on: it is left behind")
            # Else whoever runs the loop would wait for it for ever.
            asyncio.tasks._unregister_task(task)
            task._log_destroy_pending = False  # type: ignore[attr-defined]

    def stop_soon(self) -> None:
        """Begin to stop: for signal handlers. `stopped` is set when it is done."""
        if self._ending is None:
            self._ending = self.loop.create_task(self.stop(), name="stop")

    def interrupt(self) -> None:
        """The same for the keys of a person: pressed again, running requests are not waited for."""
        if self._ending is None:
            self.stop_soon()
        elif self._all_closed is not None and not self._all_closed.done():
            self._all_closed.set_result(None)

    def spawn(self, work: Any, name: str) -> asyncio.Task[Any]:
        """Run a coroutine beside the requests: the reference is kept, and a crash is reported."""
        task = self.loop.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    def _task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.complain(f"{task.get_name()} failed: {type(error).__name__}: {error}")

    # --- the program ---------------------------------------------------------------------------------------

    def swap(self, program: Program) -> None:
        """Serve another program from the next request on."""
        old, self.program = getattr(self, "program", None), program
        for space, one in (("", program), *program.spaces.items()):
            one.templates.scope.counters = self.world.store  # which outlives a program
            before = old and old.spaces.get(space, old)
            self._take_over_births(before, one)
        self._take_over_tapes(old, program)
        self.limits = program.loaded.config.limits
        self.journal.configure(program.loaded.config.log, program.space_header)
        self.gate.use(program.loaded.config.connections)
        if self._intercept is not None:
            self._intercept.use(program.loaded.config.forward_proxy, program.loaded.folder)
        self.has_early = any(one.has_early for one in (program, *program.spaces.values()))
        self.steering.use(old, program)  # which clears the memo
        self._keep_ledger(program)
        if self.lifespans is not None:
            self.lifespans.use(program.apps)

    def _keep_ledger(self, program: Program) -> None:
        """Count what documents are violated by, where operations of one are sent on to a real server."""
        real = any(one.real for _, one in each_openapi(program.loaded.config.openapi))
        if self.ledger is None and not real:
            return
        from understudy.contract.ledger import Ledger, labels_of

        if self.ledger is None:
            self.ledger = Ledger()
            self.journal.listen(self.ledger.note)
        self.ledger.use(labels_of(program))

    def _take_over_tapes(self, old: Program | None, new: Program) -> None:
        """Recordings go on: what was added while the new program was built, and how they were switched."""
        tapes = new.all_tapes
        for space, program in (("", new), *new.spaces.items()):
            before = () if old is None else old.spaces.get(space, old).tapes
            for tape in program.tapes:
                same = [known for known in before if known.is_forerunner(tape)]
                if not same or tape in same:
                    continue
                # several share the folder if they differ in what else is said of it
                alike = [known for known in same if known.configured == tape.configured]
                tape.take_over((alike or same)[0])
                for known in same:
                    if known not in tapes:
                        known.retire(tape)
        # what is still on its way to recordings that are used no more is kept, so they are closed at the end
        self._left += () if old is None else (tape for tape in old.all_tapes if tape not in tapes)
        for tape in tapes:
            tape.peers = tuple(peer for peer in tapes if peer is not tape and peer.folder == tape.folder)
            tape.changed = self.memo.clear

    def _take_over_births(self, old: Program | None, new: Program) -> None:
        """Endpoints that a reload leaves as they are go on being as old as they are."""
        before = {} if old is None else dict(zip(old.loaded.names, old.loaded.config.endpoints, strict=True))
        now = time()
        for name, endpoint in zip(new.loaded.names, new.loaded.config.endpoints, strict=True):
            if endpoint.ttl is not UNSET:
                same = old is not None and before.get(name) == endpoint
                new.born[name] = old.born.get(name, now) if same and old is not None else now

    # --- the connections' side -----------------------------------------------------------------------------

    def opened(self, connection: Connected) -> tuple[int, bool]:
        """Number a connection; True if there are too many."""
        self._numbers += 1
        self.connections.add(connection)
        return self._numbers, self.stopping or len(self.connections) > self.limits.max_connections

    def closed(self, connection: Connected) -> None:
        """Forget a connection."""
        self.connections.discard(connection)
        if self._all_closed is not None and not self.connections and not self._all_closed.done():
            self._all_closed.set_result(None)
        if isinstance(connection, Performer):
            self.writable(connection)  # who is still answering is cancelled; others have more to do

    def control(self, connection: Http1Connection, request: Request, keep_alive: bool) -> asyncio.Task[Any]:
        """Answer a request for the control app. The app is imported when it is first asked."""
        from understudy.net.asgi import answer

        if self._control is None:
            assert self.control_app is not None, "a server is started with a control app"
            self._control = self.control_app()
        return self.spawn(answer(self._control, connection, request, keep_alive), "control request")

    def open_tunnel(self, connection: Http1Connection, tunnel: Tunnel) -> asyncio.Task[Any]:
        """Answer a CONNECT."""
        from understudy.net.intercept.tunnel import open_tunnel

        return self.spawn(open_tunnel(connection, tunnel), "tunnel")

    def run_app(self, connection: Performer, step: RunApp, keep_alive: bool) -> asyncio.Task[Any]:
        """Let a mounted application answer a request."""
        from understudy.net.asgi import run_app

        life = None if self.lifespans is None else self.lifespans.of(step.app)
        return self.spawn(run_app(step, life, connection, keep_alive), "application request")

    @property
    def intercept(self) -> Interception:
        """What clients may do that take this server for a proxy. Made when the first of them comes."""
        if self._intercept is None:
            from understudy.net.intercept.interception import Interception

            self._intercept = Interception(self)
            self._intercept.use(self.program.loaded.config.forward_proxy, self.program.loaded.folder)
        return self._intercept

    @property
    def upstreams(self) -> Upstreams:
        """The connections to other servers. What they need is imported when a request is first sent on."""
        if self._upstreams is None:
            from understudy.net.upstream.pool import Upstreams

            self._upstreams = Upstreams(self)
        return self._upstreams

    def is_at(self, connected: socket.socket) -> bool:
        """Whether a connection that was made to another server leads back here."""
        try:
            return self.gate.listening.is_at(connected.getpeername(), connected.getsockname())
        except OSError:  # it has ended by now
            return False

    async def until_writable(self, connection: Performer) -> None:
        """Wait until the client has read enough to be sent more."""
        if connection.is_paused:
            waiting = self._writable.setdefault(connection, self.loop.create_future())
            await waiting

    def writable(self, connection: Performer) -> None:
        """The client reads again."""
        waiting = self._writable.pop(connection, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    # --- time ----------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        """Renew the Date header, once a second. Remembered replies hold the old one."""
        now = time()
        self.date = b"Date: %s\r\n" % http_date(now).encode()
        self.memo.clear()
        self._timers["tick"] = self.loop.call_later(1.001 - now % 1.0, self._tick)

    def _check_times(self) -> None:
        now = time()
        for connection in list(self.connections):
            connection.check_time(now)
        self.steering.expire(self.world.now())
        if self.gate.is_shut:
            self.gate.close_idle()
        self._timers["check"] = self.loop.call_later(CHECK_S, self._check_times)


def raise_file_limit() -> None:
    """Let the process have as many sockets as the system allows it: ten thousand clients are welcome."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine only."""
    return host in {"localhost", "::1"} or host.startswith("127.")


def url_of(host: str, port: int) -> str:
    """The address a person can open, for what a server listens on."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104 - names what was asked for, binds nothing
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
