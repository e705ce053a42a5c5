"""Connections to other servers, kept and used again: a pool for each target.

The connection that was used last goes first, so that others become old and are closed. A request that must
not be sent twice (RFC 9110 section 9.2.2) does not go out on one that was idle for long: the server may just
be closing it.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from understudy.net.upstream.base import Line, UpstreamError
from understudy.net.upstream.http1 import Http1Line

if TYPE_CHECKING:
    from understudy.net.server import Server
    from understudy.net.upstream.http2 import Http2Line
    from understudy.record.target import Target, Trust

IDLE_S = 30.0
"""How long a connection is kept that nothing is sent on."""
FRESH_S = 1.0
"""How long one may have been idle on which a request goes out that must not be sent twice."""
SWEEP_S = 0.25
"""How often it is looked for what has lasted too long."""
MAX_POOLS = 1024
"""Targets that have a pool. Clients of a forward proxy choose them."""


class Pool:
    """The connections to one target. `timeout_s` of the target is between two pieces of a reply."""

    def __init__(self, target: Target, server: Server) -> None:
        self.target = target
        self._server = server
        self._idle: deque[Http1Line] = deque()
        self._busy: set[Http1Line] = set()
        self._shared: list[Http2Line] = []
        self._opening = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self, *, repeatable: bool, upgrade: bool = False) -> Line | None:
        """A connection that a request may be sent on at once, if there is one."""
        if not upgrade:
            for shared in self._shared:
                if shared.is_free:
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

    async def open(self, *, repeatable: bool, upgrade: bool = False) -> Line:
        """A connection, waited for. Raises UpstreamError."""
        target = self.target
        while True:
            line = self.take(repeatable=repeatable, upgrade=upgrade)
            if line is not None:
                return line
            if len(self._busy) + self._opening + len(self._shared) < target.max_connections:
                return await self._connect(upgrade)
            free: asyncio.Future[None] = self._server.loop.create_future()
            self._waiting.append(free)
            try:
                async with asyncio.timeout(target.connect_timeout_s):
                    await free
            except TimeoutError:
                message = f"all {target.max_connections} connections to {target.origin} were in use"
                raise UpstreamError("timeout", message) from None
            finally:
                if not free.done():
                    free.cancel()

    async def _connect(self, upgrade: bool) -> Line:
        """A new connection, which speaks what the server chooses."""
        target = self.target
        self._opening += 1
        try:
            async with asyncio.timeout(target.connect_timeout_s):
                return await self._reach(upgrade)
        except TimeoutError:
            message = f"no connection to {target.origin} in {target.connect_timeout_s:g} s"
            raise UpstreamError("timeout", message) from None
        except OSError as error:
            raise failure_of(error, target) from None
        except UnicodeError as error:
            raise UpstreamError("dns", f"{target.host!r} is no host name: {error}") from None
        finally:
            self._opening -= 1

    async def _reach(self, upgrade: bool) -> Line:
        target, loop = self.target, self._server.loop
        with_h2 = target.http2 != "never" and not upgrade
        if target.scheme == "http":
            make = self._new_http2 if target.http2 == "always" and not upgrade else self._new_http1
            _, protocol = await loop.create_connection(make, target.host, target.port)
            return self._opened(protocol)
        context = context_of(target.trust, with_h2, target.http2 == "always" and not upgrade)
        _, chosen = await loop.create_connection(
            lambda: _Chosen(self._new_http1, self._new_http2),
            target.host,
            target.port,
            ssl=context,
            server_hostname=target.host,
        )
        return self._opened(chosen.chosen)

    def _opened(self, line: asyncio.BaseProtocol) -> Line:
        if isinstance(line, Http1Line):
            self._busy.add(line)
            return line
        self._shared.append(line)  # type: ignore[arg-type]
        return line  # type: ignore[return-value]

    def _new_http1(self) -> Http1Line:
        return Http1Line(self._server.loop.time, self._free, self._gone)

    def _new_http2(self) -> Http2Line:
        from understudy.net.upstream.http2 import Http2Line

        return Http2Line(self.target.scheme, self.target.timeout_s, self._gone_shared)

    def _free(self, line: Http1Line) -> None:
        self._busy.discard(line)
        self._idle.append(line)
        self._wake()

    def _gone(self, line: Http1Line) -> None:
        self._busy.discard(line)
        self._wake()

    def _gone_shared(self, line: Http2Line) -> None:
        if line in self._shared:
            self._shared.remove(line)
        self._wake()

    def _wake(self) -> None:
        while self._waiting:
            free = self._waiting.popleft()
            if not free.done():
                free.set_result(None)
                return

    def sweep(self, now: float) -> None:
        """Close what was idle for long, and end what waits too long for its server."""
        timeout_s = self.target.timeout_s
        for line in [line for line in self._busy if line.is_late(now, timeout_s)]:
            line.time_out(f"nothing came from {self.target.origin} in {timeout_s:g} s")
        while self._idle and (now - self._idle[0].since > IDLE_S or not self._idle[0].is_free):
            self._idle.popleft().close()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is open."""
        return not (self._idle or self._busy or self._shared or self._opening)

    @property
    def is_resting(self) -> bool:
        """Whether nothing is being asked."""
        return not (self._busy or self._opening)

    def close(self) -> None:
        """Close what is idle now, and the rest when it is over."""
        while self._idle:
            self._idle.popleft().close()
        lines: list[Line] = [*self._busy, *self._shared]
        for line in lines:
            line.close()


class Upstreams:
    """All pools of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._pools: dict[Target, Pool] = {}
        self._timer: asyncio.TimerHandle | None = None

    def pool(self, target: Target) -> Pool:
        """The pool of a target."""
        found = self._pools.get(target)
        if found is None:
            if len(self._pools) >= MAX_POOLS:
                self._prune()
            found = self._pools[target] = Pool(target, self._server)
        if self._timer is None:
            self._timer = self._server.loop.call_later(SWEEP_S, self._sweep)
        return found

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

    def close(self) -> None:
        """The server stops."""
        if self._timer is not None:
            self._timer.cancel()
        for pool in self._pools.values():
            pool.close()


class _Chosen(asyncio.Protocol):
    """What stands in for a connection's protocol until TLS has chosen one (ALPN, RFC 7301)."""

    def __init__(self, http1: Callable[[], Http1Line], http2: Callable[[], Http2Line]) -> None:
        self._http1, self._http2 = http1, http2
        self.chosen: asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        tls = transport.get_extra_info("ssl_object")
        self.chosen = self._http2() if tls.selected_alpn_protocol() == "h2" else self._http1()
        transport.set_protocol(self.chosen)
        self.chosen.connection_made(transport)


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


def failure_of(error: OSError, target: Target) -> UpstreamError:
    """Why there is no connection, as it is recorded."""
    where = target.origin
    match error:
        case socket.gaierror():
            return UpstreamError("dns", f"the name {target.host} cannot be resolved: {error.strerror}")
        case ssl.SSLCertVerificationError():
            return UpstreamError("tls", f"the certificate of {where} is not trusted: {error.verify_message}")
        case ssl.SSLError():
            return UpstreamError("tls", f"no TLS with {where}: {error.reason or error}")
        case ConnectionRefusedError():
            return UpstreamError("refused", f"{where} refuses connections")
        case ConnectionResetError() | BrokenPipeError() | ConnectionAbortedError():
            return UpstreamError("reset", f"{where} has reset the connection before anything was asked")
        case TimeoutError():
            return UpstreamError("timeout", f"no connection to {where}: it timed out")
    if "refused" in str(error):  # several addresses were tried, which gives one error of errors
        return UpstreamError("refused", f"{where} refuses connections")
    return UpstreamError("unreachable", f"no connection to {where}: {error.strerror or error}")
