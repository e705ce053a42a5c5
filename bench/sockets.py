"""Many raw connections to one server, for the two clients that need them."""

from __future__ import annotations

import re
import select
import socket
from dataclasses import dataclass, field

PER_ADDRESS = 20_000  # client ports asked of one loopback address, well below the usual 28,000
LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)


def open_all(port: int, count: int) -> list[socket.socket]:
    """Open `count` connections, from 127.0.0.1 and, beyond its ports, from 127.0.0.2 and so on."""
    connections = []
    for number in range(count):
        connection = socket.socket()
        connection.settimeout(20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if number >= PER_ADDRESS:
            connection.bind((f"127.0.0.{number // PER_ADDRESS + 1}", 0))
        connection.connect(("127.0.0.1", port))
        connections.append(connection)
    return connections


def watch(connections: list[socket.socket]) -> select.epoll:
    """An epoll over all connections."""
    poll = select.epoll(len(connections))
    for connection in connections:
        connection.setblocking(False)
        poll.register(connection.fileno(), select.EPOLLIN)
    return poll


def request(port: int, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


@dataclass
class Reply:
    """The bytes of one reply as they arrive."""

    received: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> bool:
        """Add bytes; True once the reply is whole."""
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return False
        length = LENGTH.search(self.received, 0, end)
        if length:
            return len(self.received) >= end + 4 + int(length[1])
        return self.received.endswith(b"\r\n0\r\n\r\n")

    @property
    def ok(self) -> bool:
        return self.received.startswith(b"HTTP/1.1 200 ")
