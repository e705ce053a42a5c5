"""Reaching a server by its name: its addresses one after the other, without waiting long for a dead one.

That is Happy Eyeballs (RFC 8305), which asyncio has in `create_connection`, but uvloop has not: without it, a
host whose IPv6 leads nowhere would seem to be down.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from itertools import chain, zip_longest
from typing import Any

STAGGER_S = 0.25
"""How long an address has before the next is tried beside it (RFC 8305 section 5)."""

Address = tuple[Any, ...]
"""What getaddrinfo gives: family, type, protocol, name, and the address itself."""


async def reach(loop: asyncio.AbstractEventLoop, host: str, port: int) -> socket.socket:
    """A connected socket. Raises OSError, that of the first address if none can be reached."""
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = in_turn(found)
    if len(addresses) == 1:
        return await _connected(loop, addresses[0])
    attempts: list[asyncio.Task[socket.socket]] = []
    running: set[asyncio.Task[socket.socket]] = set()
    winner: asyncio.Task[socket.socket] | None = None
    try:
        for address in addresses:
            attempt = loop.create_task(_connected(loop, address), name=f"address {address[4][0]}")
            attempts.append(attempt)
            running.add(attempt)
            done, running = await asyncio.wait(
                running, timeout=STAGGER_S, return_when=asyncio.FIRST_COMPLETED
            )
            if (winner := _first(done)) is not None:
                return winner.result()
        while running:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            if (winner := _first(done)) is not None:
                return winner.result()
        return attempts[0].result()  # its failure
    finally:
        for attempt in attempts:
            if attempt is not winner:
                attempt.cancel()
                attempt.add_done_callback(_drop)


def in_turn(found: list[Address]) -> list[Address]:
    """Addresses as they are tried: the families take turns, that of the first one begins (section 4)."""
    first = [one for one in found if one[0] == found[0][0]]
    others = [one for one in found if one[0] != found[0][0]]
    return [one for one in chain.from_iterable(zip_longest(first, others)) if one is not None]


def _first(done: set[asyncio.Task[socket.socket]]) -> asyncio.Task[socket.socket] | None:
    return next((one for one in done if not one.cancelled() and one.exception() is None), None)


def _drop(attempt: asyncio.Task[socket.socket]) -> None:
    """Close a connection that came too late."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()


async def _connected(loop: asyncio.AbstractEventLoop, address: Address) -> socket.socket:
    family, kind, protocol, _, where = address
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.sock_connect(sock, where)
    except BaseException:
        sock.close()
        raise
    return sock
