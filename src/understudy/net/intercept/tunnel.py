"""From a CONNECT to what is at its other end: a connection that we answer ourselves, or another server.

A connection that has got a CONNECT hands its transport over (`Http1Connection.leave`). For a host that is
looked into, the next is `FirstBytes`, which looks what the client speaks: TLS, or plain HTTP as WebSocket
clients do, and then an `InsideConnection`. For another host it is `pipe.NearEnd`.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from time import time
from typing import TYPE_CHECKING, cast

from understudy.errors import RequestError, UnderstudyError
from understudy.net.gate import KeptConnection
from understudy.net.intercept.hello import HANDSHAKE, read_hello
from understudy.net.intercept.hosts import host_of, origin_of
from understudy.net.intercept.pipe import End, NearEnd
from understudy.request import Request

if TYPE_CHECKING:
    from understudy.net.http1 import Http1Connection
    from understudy.net.intercept.interception import Tunnel
    from understudy.net.intercept.leaves import Leaves
    from understudy.net.server import Server

MAX_HELLO_BYTES = 16_384
"""Of a longer first message of TLS, the server's name is not looked for. They have some 2,000 bytes."""
HANDSHAKE_ENDED = "a client has ended the TLS handshake"
SAY_GOODBYE_S = 0.2
"""How long a client has to take note that an idle TLS connection ends, when the server stops."""


async def open_tunnel(outer: Http1Connection, tunnel: Tunnel) -> None:
    """Answer a CONNECT that is let through, and hand its connection over. Cancelled when the client goes."""
    try:
        if tunnel.is_looked_into:
            leaves = await _leaves(outer.server, tunnel)
            outer.leave(FirstBytes(outer.server, tunnel, leaves))
        else:
            far = await _reach(outer.server, tunnel)
            outer.leave(NearEnd(outer.server, far, _silence_s(outer.server)))
    except RequestError as refusal:
        outer.refuse_tunnel(refusal)


async def _leaves(server: Server, tunnel: Tunnel) -> Leaves:
    """The certificates, with that of the host. Raises RequestError (500)."""
    try:
        leaves = await server.intercept.leaves()
        leaves.context(tunnel.host)
        return leaves
    except (UnderstudyError, ssl.SSLError, ValueError, OSError) as error:
        server.complain(f"TLS of {tunnel.name} cannot be looked into: {error}")
        raise RequestError(500, f"TLS of {tunnel.name} cannot be looked into: {error}") from None


async def _reach(server: Server, tunnel: Tunnel) -> End:
    """A connection to the host. Raises RequestError (502, 504, 508)."""
    settings = server.intercept.settings
    limit_s = 10.0 if settings is None else settings.connect_timeout_s  # None: a reload was quicker
    try:
        async with asyncio.timeout(limit_s):
            transport, far = await server.loop.create_connection(End, tunnel.host, tunnel.port)
    except TimeoutError:
        raise RequestError(504, f"no connection to {tunnel.name} in {limit_s:g} s") from None
    except socket.gaierror:
        raise RequestError(502, f"no connection to {tunnel.name}: there is no such host") from None
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise RequestError(502, f"no connection to {tunnel.name}: {why}") from None
    if server.is_at(transport.get_extra_info("socket")):
        transport.abort()
        raise RequestError(508, server.intercept.own_address(tunnel.host, tunnel.port))
    return far


def _silence_s(server: Server) -> float:
    settings = server.intercept.settings
    return 60.0 if settings is None else settings.timeout_s


class FirstBytes(asyncio.Protocol):
    """Waits for what the client says first, and makes the connection that understands it."""

    current: Request | None = None

    def __init__(self, server: Server, tunnel: Tunnel, leaves: Leaves) -> None:
        self.transport: asyncio.Transport
        self._server = server
        self._tunnel = tunnel
        self._leaves = leaves
        self._hello = bytearray()
        self._wanted = 0
        self._since = time()
        self._asked_before = server.intercept.asked(tunnel.host)
        self._is_shaking_hands = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if self._server.opened(self)[1]:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._hello and not (self._is_shaking_hands or self._server.stopping):
            self._server.intercept.not_trusted(self._tunnel.host, HANDSHAKE_ENDED)
        self._server.closed(self)

    def data_received(self, data: bytes) -> None:
        transport = self.transport
        if transport.is_closing():
            return
        if self._hello or data[0] == HANDSHAKE:
            self._take_hello(data)
            return
        origin = origin_of("http", self._tunnel.host, self._tunnel.port)
        inside = InsideConnection(self._server, origin)
        self._server.closed(self)
        transport.set_protocol(inside)
        inside.connection_made(transport)
        inside.data_received(data)

    def _take_hello(self, data: bytes) -> None:
        self._hello += data
        if len(self._hello) < self._wanted:
            return
        self._wanted, named = read_hello(bytes(self._hello))
        if self._wanted and len(self._hello) < MAX_HELLO_BYTES:
            return
        self._is_shaking_hands = True
        self.transport.pause_reading()
        try:
            context = self._context(named)
        except (ssl.SSLError, ValueError, OSError) as error:
            self._server.complain(f"TLS of {self._tunnel.name} cannot be looked into: {error}")
            self.transport.abort()
            return
        self._server.spawn(self._secure(bytes(self._hello), context), "TLS handshake")

    def _context(self, named: bytes | None) -> ssl.SSLContext:
        """That of the host which the client names in TLS; if that is no name, that of the tunnel."""
        host = None if named is None else host_of(named.decode("ascii", "replace"))
        return self._leaves.context(host or self._tunnel.host)

    async def _secure(self, hello: bytes, context: ssl.SSLContext) -> None:
        """Speak TLS, and let the client's requests be answered in it."""
        server, tunnel = self._server, self._tunnel
        early = Early()
        handshake = server.loop.create_task(
            server.loop.start_tls(
                self.transport,
                early,
                context,
                server_side=True,
                ssl_handshake_timeout=server.limits.head_timeout_s,
                ssl_shutdown_timeout=server.limits.write_timeout_s,
            ),
            name="TLS handshake",
        )
        try:
            await asyncio.sleep(0)
            # `start_tls` has planned to connect its own protocol and then to read: this comes behind both,
            # in the same turn of the loop, so that nothing is read before
            server.loop.call_soon(self._feed, hello)
            transport = await handshake
        except (OSError, ssl.SSLError) as error:
            if not server.stopping:
                server.intercept.not_trusted(tunnel.host, _why(error))
            return
        finally:
            handshake.cancel()
            server.closed(self)
        if transport is None or transport.is_closing():
            self.transport.abort()  # nobody is left to say goodbye to
            if not (early.data or server.stopping):
                server.intercept.left_unused(tunnel.host, self._asked_before)
            return
        origin = origin_of("https", tunnel.host, tunnel.port)
        inside = InsideConnection(server, origin, tunnel.host, self._asked_before)
        transport.set_protocol(inside)
        inside.connection_made(transport)
        if early.data:
            inside.data_received(bytes(early.data))

    def _feed(self, hello: bytes) -> None:
        """Give TLS the bytes that were read before it was there."""
        # in asyncio and in uvloop, whose own class does not say so
        protocol = cast("asyncio.BufferedProtocol", self.transport.get_protocol())
        while hello and not self.transport.is_closing():
            room = memoryview(protocol.get_buffer(len(hello)))
            size = min(len(room), len(hello))
            room[:size] = hello[:size]
            protocol.buffer_updated(size)
            hello = hello[size:]

    # --- the server's side ---------------------------------------------------------------------------------

    def close_idle(self) -> None:
        """Nothing was asked for yet: close."""
        self.transport.close()

    def check_time(self, now: float) -> None:
        """A client that says nothing does not stay; TLS has a limit of its own."""
        if not self._is_shaking_hands and now - self._since > self._server.limits.head_timeout_s:
            self.transport.abort()

    def drain(self) -> None:
        """The server stops."""
        self.transport.abort()


class Early(asyncio.Protocol):
    """Keeps what comes in TLS before there is somebody to take it."""

    def __init__(self) -> None:
        self.data = bytearray()

    def data_received(self, data: bytes) -> None:
        self.data += data


class InsideConnection(KeptConnection):
    """A connection in a tunnel: its client believes to speak with another server, `origin`.

    Targets of its requests get the absolute form, as those of plain requests to a proxy have. `host` is that
    of a client that speaks TLS. Nothing is remembered of it: the same bytes mean something else in another
    tunnel. It is kept as the config's `connections` say; their faults strike the connection to the proxy.
    """

    __slots__ = ("_asked_before", "_has_asked", "_host", "_is_closed_by_us", "origin")

    def __init__(self, server: Server, origin: bytes, host: str = "", asked_before: int = 0) -> None:
        super().__init__(server, server.gate.rules)
        self.origin = origin
        self._host = host
        self._asked_before = asked_before
        self._has_asked = False
        self._is_closed_by_us = False
        self._recall = _nothing

    def data_received(self, data: bytes) -> None:
        if not self._has_asked:
            self._has_asked = True
            if self._host:
                self.server.intercept.asks(self._host)
        super().data_received(data)

    def _feed(self, data: bytes) -> None:
        super()._feed(data)
        self._completed = 0  # so that it is not remembered

    def on_headers_complete(self) -> None:
        target = self._target
        if target[:1] == b"/":
            self._target = self.origin + target
        elif target == b"*":
            self._target = self.origin  # without a path (RFC 9112 section 3.2.4)
        super().on_headers_complete()

    def _ask_proxy(self) -> RequestError | None:
        if self.parser.get_method() == b"CONNECT":
            return RequestError(400, "this is a tunnel already")
        target, origin = self._target, self.origin
        if not target.lower().startswith(origin) or target[len(origin) : len(origin) + 1] not in b"/?":
            return RequestError(421, f"this tunnel leads to {origin.decode()} only")
        return None

    def eof_received(self) -> bool:
        keeps = super().eof_received()
        return keeps and not self._host  # TLS has no half that stays open

    def connection_lost(self, exc: Exception | None) -> None:
        if self._host and not (self._has_asked or self._is_closed_by_us):
            self.server.intercept.left_unused(self._host, self._asked_before)
        super().connection_lost(exc)

    def close_idle(self) -> None:
        self._is_closed_by_us = True
        super().close_idle()

    def check_time(self, now: float) -> None:
        super().check_time(now)
        self._is_closed_by_us = self._is_closed_by_us or self.transport.is_closing()

    def drain(self) -> None:
        self._is_closed_by_us = True
        super().drain()
        if self._host and self._current is None:
            self.server.loop.call_later(SAY_GOODBYE_S, self.transport.abort)


def _nothing(data: bytes) -> None:
    """No reply is remembered."""


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return f"{HANDSHAKE_ENDED} ({error.reason.lower().replace('_', ' ')})"
    return HANDSHAKE_ENDED


__all__ = ["FirstBytes", "InsideConnection", "open_tunnel"]
