"""Listening on the port, or not: refusing connections, and letting them time out, for a while."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import struct
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

from understudy.errors import AddressInUse, UnderstudyError

if TYPE_CHECKING:
    from understudy.net.server import Server

BACKLOG = 4096
"""Connections the kernel holds while the loop is busy; thousands of clients may arrive at once."""
RETRY_S = 0.5
"""How often it is tried to have the port again, if another program has taken it meanwhile."""
MAX_FILLERS = 16
"""Connections of our own that a queue of length 0 is filled with; on Linux, one is enough."""
SYN_SENT = 2
"""State of a connection that is not answered (Linux, include/net/tcp_states.h)."""

OPEN, REFUSING, BLACK_HOLE = "open", "refusing", "black hole"


class Listening:
    """The listening sockets of a server. `how` is what it does: OPEN, REFUSING or BLACK_HOLE."""

    def __init__(self, server: Server, make: Callable[[], asyncio.Protocol]) -> None:
        self._server = server
        self._make = make
        self._listener: asyncio.Server | None = None
        self._addresses: list[tuple[socket.AddressFamily, Any]] = []
        self._hole: list[socket.socket] = []
        self._reopening: asyncio.Task[None] | None = None
        self._host = ""
        self.port = 0
        self.how = OPEN

    async def open(self, host: str, port: int) -> None:
        """Listen. Raises AddressInUse, or UnderstudyError for an address that cannot be had."""
        try:
            await self._listen(host, port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise AddressInUse(
                    f"port {port} on {host} is taken by another program: "
                    f"stop it, or choose another port (--port 0 takes a free one)"
                ) from None
            raise UnderstudyError(f"cannot listen on {host}:{port}: {_os_text(error)}") from None

    def want(self, how: str) -> None:
        """Listen, or refuse connections, or let them time out."""
        if how == self.how:
            return
        self.close()
        self.how = how
        if how == OPEN:
            self._reopening = self._server.spawn(self._reopen(), "listener")
        elif how == BLACK_HOLE:
            self._dig()

    def close(self) -> None:
        """Let go of the port. Connections that are open stay so."""
        if self._reopening is not None:
            self._reopening.cancel()
            self._reopening = None
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for sock in self._hole:
            sock.close()
        self._hole.clear()

    def is_at(self, peer: Any, own: Any) -> bool:
        """Whether a connection leads back here: `peer` and `own` are the addresses of its two ends.

        So it is known whatever the address was written as, and whatever name led to it.
        """
        far, near = plain_ip(peer[0]), plain_ip(own[0])
        for _, (host, port, *_) in self._addresses:
            listens = plain_ip(host)
            # On all addresses (asyncio keeps IPv4 and IPv6 apart): on this machine, both ends of a
            # connection have the same one, or one that begins with 127.
            is_any = listens.is_unspecified and listens.version == far.version
            if port == peer[1] and (listens == far or (is_any and (far.is_loopback or far == near))):
                return True
        return False

    async def _listen(self, host: str, port: int) -> None:
        listener = await self._server.loop.create_server(
            self._make, host, port, backlog=BACKLOG, reuse_address=True
        )
        self._listener = listener
        self._addresses = [(sock.family, sock.getsockname()) for sock in listener.sockets]
        self._host = host
        self.port = self._addresses[0][1][1]

    async def _reopen(self) -> None:
        has_told = False
        while True:
            try:
                await self._listen(self._host, self.port)
                return
            except OSError as error:
                if not has_told:
                    has_told = True
                    self._server.complain(
                        f"port {self.port} cannot be had again, it is tried until it can: {_os_text(error)}"
                    )
            await asyncio.sleep(RETRY_S)

    def _dig(self) -> None:
        """A queue of connections with no room: the kernel then does not answer those who want to connect.

        Linux drops their SYN (tcp_v4_conn_request, `sk_acceptq_is_full`), and they try again for minutes.
        """
        try:
            for family, address in self._addresses:
                self._dig_at(family, address)
        except OSError as error:
            self._server.complain(f"black_hole: {_os_text(error)}; connections are refused instead")

    def _dig_at(self, family: socket.AddressFamily, address: Any) -> None:
        hole = socket.socket(family, socket.SOCK_STREAM)
        self._hole.append(hole)
        hole.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            hole.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        hole.bind(address)
        hole.listen(0)
        any_address, own = ("::", "::1") if family == socket.AF_INET6 else ("0.0.0.0", "127.0.0.1")  # noqa: S104 - compared, never bound
        target = (own, *address[1:]) if address[0] == any_address else address
        for _ in range(MAX_FILLERS):
            filler = socket.socket(family, socket.SOCK_STREAM)
            self._hole.append(filler)
            filler.setblocking(False)
            filler.connect_ex(target)
            (state,) = struct.unpack("B", filler.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1))
            if state == SYN_SENT:
                return


def plain_ip(text: str) -> IPv4Address | IPv6Address:
    """An address of a socket: without the zone of IPv6, and as IPv4 if that is what it stands for."""
    address = ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _os_text(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "there is no such host"
    return os.strerror(error.errno) if error.errno else str(error)


__all__ = ["BLACK_HOLE", "OPEN", "REFUSING", "Listening"]
