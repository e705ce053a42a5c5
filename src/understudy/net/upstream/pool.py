"""Connections to other servers, kept and used again: a pool for each target.

The connection that was used last goes first, so that others become old and are closed. A request that must
not be sent twice (RFC 9110 section 9.2.2) does not go out on one that was idle for long: the server may just
be closing it.

Connections are made beside the requests, and belong to none of them: who waits gets the first that is free,
and a client that goes loses no connection. As long as it is not known whether a server speaks HTTP/2, one
connection is made, and the others wait for it.

Targets are reached directly: proxies that the environment names (`HTTPS_PROXY`) are not asked.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from understudy.net.upstream.addresses import reach
from understudy.net.upstream.base import Line, UpstreamError
from understudy.net.upstream.forwarding import Forwarding
from understudy.net.upstream.http1 import Http1Line

if TYPE_CHECKING:
    from understudy.net.perform import Performer
    from understudy.net.upstream.http2 import Http2Line
    from understudy.record.target import Target, Trust
    from understudy.steps import Forward

IDLE_S = 30.0
"""How long a connection is kept that nothing is sent on."""
FRESH_S = 1.0
"""How long one may have been idle on which a request goes out that must not be sent twice."""
SWEEP_S = 0.25
"""How often it is looked for what has lasted too long."""
MAX_POOLS = 1024
"""Targets that have a pool. Clients of a forward proxy choose them."""
SAY_GOODBYE_S = 0.2
"""How long connections over TLS have to end well, when the server stops (RFC 8446 section 6.1)."""
LOST_S = 1.0
"""How long it may take until connections are gone that were just closed."""

Secured = dict[Line, tuple[asyncio.Transport, asyncio.Future[None]]]
"""Connections over TLS that are not gone yet, and what is done when they are."""


class Home(Protocol):
    """What has pools: a server, or a command that asks another one."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that all happens in."""

    def is_at(self, connected: socket.socket) -> bool:
        """Whether a connection that was made leads back to it."""

    def spawn(self, work: Any, name: str) -> asyncio.Task[Any]:
        """Run a coroutine, and keep it."""


class Pool:
    """The connections to one target. `timeout_s` of the target is between two pieces of a reply."""

    def __init__(self, target: Target, server: Home, secured: Secured | None = None) -> None:
        self.target = target
        self._server = server
        self._secured = {} if secured is None else secured
        self._idle: deque[Http1Line] = deque()
        self._busy: set[Http1Line] = set()
        self._shared: list[Http2Line] = []
        # Those who wait: for any connection, and, as they ask for another protocol, for one of HTTP/1.1.
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._upgrading: deque[asyncio.Future[None]] = deque()
        self._woken = 0  # those who were told to look, and did not yet
        # Connections that are being made: for any protocol that the server chooses, and HTTP/1.1 only.
        self._opening = 0
        self._opening_http1 = 0
        self._may_share = target.http2 == "always" or (target.http2 == "auto" and target.scheme == "https")
        self._wants_http1 = False
        self._is_closed = False

    # --- for requests --------------------------------------------------------------------------------------

    def take(self, *, repeatable: bool, upgrade: bool = False) -> Line | None:
        """A connection that a request may be sent on at once: none if others wait for it."""
        if self._waiting or self._upgrading or self._woken:
            return None if upgrade else self._free_shared()
        return self._take(repeatable, upgrade)

    async def open(self, *, repeatable: bool, upgrade: bool = False) -> Line:
        """A connection, waited for: a request is to be sent on it at once. Raises UpstreamError."""
        line = self.take(repeatable=repeatable, upgrade=upgrade)
        if line is not None:
            return line
        target = self.target
        queue = self._upgrading if upgrade else self._waiting
        try:
            async with asyncio.timeout(target.connect_timeout_s):
                await self._turn(queue, queue.append)
                while (line := self._take(repeatable, upgrade)) is None:
                    await self._turn(queue, queue.appendleft)
        except TimeoutError:
            message = f"no connection to {target.origin} in {target.connect_timeout_s:g} s"
            if not (self._opening or self._opening_http1):
                message = f"all {target.max_connections} connections to {target.origin} were in use"
            raise UpstreamError("timeout", message) from None
        # Called in the next turn of the loop, when the request was sent: others may go on a shared one, too.
        self._server.loop.call_soon(self._wake)
        return line

    def _take(self, repeatable: bool, upgrade: bool) -> Line | None:
        if self._shared and not upgrade and (shared := self._free_shared()) is not None:
            return shared
        now = self._server.loop.time()
        while self._idle:
            line = self._idle.pop()
            if not line.is_free:
                continue
            if not repeatable and now - line.since > FRESH_S:
                line.close()  # older ones are below it
                continue
            self._busy.add(line)
            return line
        return None

    def _free_shared(self) -> Http2Line | None:
        return next((line for line in self._shared if line.is_free), None)

    async def _turn(
        self, queue: deque[asyncio.Future[None]], join: Callable[[asyncio.Future[None]], None]
    ) -> None:
        """Wait until it is worth looking for a connection. Raises UpstreamError if none can be had."""
        turn: asyncio.Future[None] = self._server.loop.create_future()
        join(turn)
        self._connect_if_due()
        try:
            await turn
        except asyncio.CancelledError:
            if turn in queue:
                queue.remove(turn)
            elif turn.done() and not turn.cancelled() and turn.exception() is None:
                self._woken -= 1
                self._wake()  # what it was woken for is there for somebody else
            raise
        self._woken -= 1

    def _wake(self) -> None:
        """Let who has waited longest look, if there is something for them."""
        while self._idle and not self._idle[-1].is_free:
            self._idle.pop()
        if self._idle:
            queue = self._upgrading or self._waiting
        else:
            queue = self._waiting
            if self._free_shared() is None:
                self._connect_if_due()
                return
        while queue:
            turn = queue.popleft()
            if not turn.done():
                self._woken += 1
                turn.set_result(None)
                return

    # --- connections ---------------------------------------------------------------------------------------

    def _connect_if_due(self) -> None:
        """Make the connections that those who wait need, within the bound."""
        while not self._is_closed:
            shares = self._may_share and not self._wants_http1
            wanted = len(self._waiting)
            if self._opening_http1 < len(self._upgrading):
                http1_only = True
            elif shares and (self._opening or self._free_shared() is not None):
                return
            elif self._opening < wanted:
                http1_only = False
            else:
                return
            if self._count >= self.target.max_connections:
                if http1_only:  # what nobody uses makes room
                    for line in [line for line in self._shared if line.is_idle]:
                        line.close()
                return
            if http1_only:
                self._opening_http1 += 1
            else:
                self._opening += 1
            self._server.spawn(self._connect(http1_only), f"connection to {self.target.origin}")

    @property
    def _count(self) -> int:
        """The connections that there are, or soon will be."""
        opening = self._opening + self._opening_http1
        return opening + len(self._idle) + len(self._busy) + len(self._shared)

    async def _connect(self, http1_only: bool) -> None:
        """A new connection, which speaks what the server chooses."""
        target = self.target
        line: Line | None = None
        try:
            async with asyncio.timeout(target.connect_timeout_s):
                line = await self._reach(http1_only)
            error = UpstreamError("closed", f"{target.origin} closed the connection at once")
        except TimeoutError:
            message = f"no connection to {target.origin} in {target.connect_timeout_s:g} s"
            error = UpstreamError("timeout", message)
        except UpstreamError as failure:
            error = failure
        except OSError as failure:
            error = failure_of(failure, target, http1_only=http1_only)
        except UnicodeError as failure:
            error = UpstreamError("dns", f"{target.host!r} is no host name: {failure}")
        finally:
            if http1_only:
                self._opening_http1 -= 1
            else:
                self._opening -= 1
        if line is None or not line.is_free:  # it may be gone again
            self._fail(error, http1_only)
        else:
            self._opened(line, http1_only)

    async def _reach(self, http1_only: bool) -> Line:
        target, loop = self.target, self._server.loop
        http1_only = http1_only or self._wants_http1
        always = target.http2 == "always" and not http1_only
        context = None
        if target.scheme == "https":
            with_http2 = target.http2 != "never" and not http1_only
            # The system's certificates take a tenth of a second to read, at the first time.
            context = await loop.run_in_executor(None, context_of, target.trust, with_http2, always)
        sock = await reach(loop, target.host, target.port)
        if self._server.is_at(sock):
            sock.close()
            raise UpstreamError("refused", f"{target.origin} is this server itself")
        # From here on the socket is the loop's, whatever happens.
        if context is None:
            make = self._new_http2 if always else self._new_http1
            _, line = await loop.create_connection(make, sock=sock)
            return line  # type: ignore[return-value]
        _, chosen = await loop.create_connection(
            lambda: _Chosen(self._new_http1, self._new_http2, self._secured),
            sock=sock,
            ssl=context,
            server_hostname=target.host,
        )
        return chosen.chosen

    def _opened(self, line: Line, http1_only: bool) -> None:
        if self._is_closed:
            line.close()
        elif isinstance(line, Http1Line):
            if not http1_only:
                self._may_share = False
            self._free(line)
        else:
            self._may_share = True
            self._shared.append(line)  # type: ignore[arg-type]
            self._wake()
        self._connect_if_due()

    def _fail(self, error: UpstreamError, http1_only: bool) -> None:
        """No connection: told to one of those who wait; to all, if there is no other that they could get."""
        is_all = not (self._count or self._woken)
        for queue in (self._upgrading, self._waiting) if http1_only else (self._waiting, self._upgrading):
            while queue:
                turn = queue.popleft()
                if turn.done():
                    continue
                turn.set_exception(UpstreamError(error.kind, error.message))
                if not is_all:
                    return

    def _new_http1(self) -> Http1Line:
        return Http1Line(self._server.loop.time, self._free, self._gone)

    def _new_http2(self) -> Http2Line:
        from understudy.net.upstream.http2 import Http2Line

        return Http2Line(
            self.target.scheme, self.target.timeout_s, self._gone_shared, lambda line: self._wake()
        )

    def _free(self, line: Http1Line) -> None:
        self._busy.discard(line)
        self._idle.append(line)
        if self._waiting or self._upgrading:
            self._wake()

    def _gone(self, line: Http1Line) -> None:
        self._busy.discard(line)
        if line in self._idle:
            self._idle.remove(line)
        self._wake()

    def _gone_shared(self, line: Http2Line) -> None:
        if line in self._shared:
            self._shared.remove(line)
        if line.wants_http1 and self.target.http2 != "always":
            self._wants_http1 = True
            for other in list(self._shared):
                other.close()
        self._wake()

    # --- time, and the end ---------------------------------------------------------------------------------

    def sweep(self, now: float) -> None:
        """Close what was idle for long, and end what waits too long for its server."""
        timeout_s = self.target.timeout_s
        for line in [line for line in self._busy if line.is_late(now, timeout_s)]:
            line.time_out(f"nothing came from {self.target.origin} in {timeout_s:g} s")
        while self._idle and (now - self._idle[0].since > IDLE_S or not self._idle[0].is_free):
            self._idle.popleft().close()
        for shared in [line for line in self._shared if line.is_idle and now - line.since > IDLE_S]:
            shared.close()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is open."""
        return not self._count

    @property
    def is_resting(self) -> bool:
        """Whether nothing is being asked."""
        waits = self._opening or self._opening_http1 or self._woken or self._waiting or self._upgrading
        return not (waits or self._busy) and all(line.is_idle for line in self._shared)

    def close(self) -> None:
        """Close what is idle now, and the rest when it is over. No more is opened."""
        self._is_closed = True
        while self._idle:
            self._idle.popleft().close()
        lines: list[Line] = [*self._busy, *self._shared]
        for line in lines:
            line.close()


class Upstreams:
    """All pools of a server, or of who asks others."""

    def __init__(self, server: Home) -> None:
        self._server = server
        self._pools: dict[Target, Pool] = {}
        self._secured: Secured = {}
        self._timer: asyncio.TimerHandle | None = None

    def pool(self, target: Target) -> Pool:
        """The pool of a target."""
        found = self._pools.get(target)
        if found is None:
            if len(self._pools) >= MAX_POOLS:
                self._prune()
            found = self._pools[target] = Pool(target, self._server, self._secured)
        if self._timer is None:
            self._timer = self._server.loop.call_later(SWEEP_S, self._sweep)
        return found

    def forward(self, connection: Performer, step: Forward, keep_alive: bool, streams: bool) -> Forwarding:
        """Send a request on; with `streams`, its body is on its way."""
        pool = self._pools.get(step.upstream)
        if pool is None or self._timer is None:
            pool = self.pool(step.upstream)
        forwarding = Forwarding(connection, step, pool, keep_alive, streams)
        forwarding.start()
        return forwarding

    def _sweep(self) -> None:
        now = self._server.loop.time()
        for pool in self._pools.values():
            pool.sweep(now)
        asleep = all(pool.is_empty for pool in self._pools.values())
        self._timer = None if asleep else self._server.loop.call_later(SWEEP_S, self._sweep)

    def _prune(self) -> None:
        for target, pool in list(self._pools.items()):
            if pool.is_resting:
                pool.close()
                del self._pools[target]

    async def close(self) -> None:
        """The server stops. TLS has a moment to say goodbye in; then connections are just closed."""
        if self._timer is not None:
            self._timer.cancel()
        for pool in self._pools.values():
            pool.close()
        for patience_s in (SAY_GOODBYE_S, LOST_S):
            if self._secured:
                await asyncio.wait([lost for _, lost in self._secured.values()], timeout=patience_s)
            for transport, _ in self._secured.values():
                transport.abort()


class _Chosen(asyncio.Protocol):
    """What stands in for a connection's protocol until TLS has chosen one (ALPN, RFC 7301)."""

    def __init__(
        self, http1: Callable[[], Http1Line], http2: Callable[[], Http2Line], secured: Secured
    ) -> None:
        self._http1, self._http2, self._secured = http1, http2, secured
        self.chosen: Http1Line | Http2Line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        tls = transport.get_extra_info("ssl_object")
        self.chosen = self._http2() if tls.selected_alpn_protocol() == "h2" else self._http1()
        lost = asyncio.get_running_loop().create_future()
        self._secured[self.chosen] = (cast("asyncio.Transport", transport), lost)
        self.chosen.on_lost = partial(self._lost, self.chosen)
        transport.set_protocol(self.chosen)
        self.chosen.connection_made(transport)

    def _lost(self, line: Line) -> None:
        _, lost = self._secured.pop(line)
        lost.set_result(None)


@lru_cache(maxsize=64)
def context_of(trust: Trust, with_http2: bool, only_http2: bool = False) -> ssl.SSLContext:
    """What checks certificates. Raises OSError for files that cannot be read."""
    context = ssl.create_default_context()
    if trust.ca_file is not None:
        context.load_verify_locations(trust.ca_file)
    if not trust.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if trust.cert_file is not None:
        context.load_cert_chain(trust.cert_file, trust.key_file)
    protocols = ["h2"] if with_http2 else []
    context.set_alpn_protocols(protocols if only_http2 else [*protocols, "http/1.1"])
    return context


_NO_PROTOCOL = "no application protocol"
"""What OpenSSL says when a server takes none of the protocols that are offered (RFC 7301 section 3.2)."""


_NO_TLS = frozenset(
    ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST")
)
"""What versions of OpenSSL say where the answer to a handshake is plain text."""


def failure_of(error: OSError, target: Target, *, http1_only: bool = False) -> UpstreamError:
    """Why there is no connection, as it is recorded. `http1_only`: it was for a request that upgrades."""
    where = target.origin
    match error:
        case ssl.SSLError() if http1_only and _NO_PROTOCOL in str(error).lower().replace("_", " "):
            message = f"{where} does not speak HTTP/1.1, which a WebSocket (or another upgrade) needs"
            return UpstreamError("tls", message)
        case socket.gaierror():
            return UpstreamError("dns", f"the name {target.host} cannot be resolved: {error.strerror}")
        case ssl.SSLCertVerificationError():
            return UpstreamError("tls", f"the certificate of {where} is not trusted: {error.verify_message}")
        case ssl.SSLError():
            hint = " (does it speak http:// only?)" if error.reason in _NO_TLS else ""
            return UpstreamError("tls", f"no TLS with {where}: {error.reason or error}{hint}")
        case ConnectionRefusedError():
            return UpstreamError("refused", f"{where} refuses connections")
        case ConnectionResetError() | BrokenPipeError() | ConnectionAbortedError():
            return UpstreamError("reset", f"{where} has reset the connection before anything was asked")
        case TimeoutError():
            return UpstreamError("timeout", f"no connection to {where}: it timed out")
    return UpstreamError("unreachable", f"no connection to {where}: {error.strerror or error}")
