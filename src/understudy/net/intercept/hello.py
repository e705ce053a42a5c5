"""The name of the server that a client of TLS asks for, read from its first message.

OpenSSL tells names only to a callback, and CPython writes an "Exception ignored in ..." to stderr for one
that is no ASCII, in `_servername_callback` of `_ssl.c`. So the name is read here before TLS begins.
All else that is wrong with the message is for TLS to say.
"""

from __future__ import annotations

from typing import NamedTuple

HANDSHAKE = 0x16
"""First byte of TLS (RFC 8446 section 5.1); no HTTP request begins with it."""
CLIENT_HELLO = 1
MAX_RECORD_BYTES = 16_384
"""The longest piece of a message (RFC 8446 section 5.1)."""
_SERVER_NAME = 0
_HOST_NAME = 0


class Hello(NamedTuple):
    """What is known of a ClientHello. With fewer than `wanted` bytes no more can be known; 0: it is all."""

    wanted: int
    server_name: bytes | None = None


def read_hello(data: bytes) -> Hello:
    """The server's name (RFC 6066 section 3) in the first bytes of a connection, as the client wrote it.

    Bytes that are no ClientHello name nobody.
    """
    message = bytearray()
    at = 0
    while len(data) - at >= 5:
        size = int.from_bytes(data[at + 3 : at + 5])
        if data[at] != HANDSHAKE or data[at + 1] != 3 or not 0 < size <= MAX_RECORD_BYTES:
            return _NOBODY
        message += data[at + 5 : at + 5 + size]
        at += 5 + size
        if message and message[0] != CLIENT_HELLO:
            return _NOBODY
        end = 4 + int.from_bytes(message[1:4])
        if len(message) >= max(end, 4):
            return Hello(0, _name_in(_Reader(bytes(message[4:end]))))
        if at > len(data):
            return Hello(at)
    return Hello(at + 5 + 1) if data[at : at + 1] in (b"", bytes((HANDSHAKE,))) else _NOBODY


_NOBODY = Hello(0)


class _Short(Exception):
    """A length leads beyond the end."""


class _Reader:
    """Reads vectors, whose lengths stand before them (RFC 8446 section 3.4)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) < size:
            raise _Short
        self._at += size
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def vector(self, size: int) -> bytes:
        """What follows a length of so many bytes."""
        return self.take(self.number(size))


def _name_in(hello: _Reader) -> bytes | None:
    try:
        hello.take(2 + 32)  # version, random
        hello.vector(1)  # session
        hello.vector(2)  # ciphers
        hello.vector(1)  # compressions
        extensions = _Reader(hello.vector(2) if hello else b"")
        while extensions:
            kind, content = extensions.number(2), extensions.vector(2)
            if kind == _SERVER_NAME:
                names = _Reader(_Reader(content).vector(2))
                while names:
                    of, name = names.number(1), names.vector(2)
                    if of == _HOST_NAME:
                        return name
    except _Short:
        pass
    return None


__all__ = ["HANDSHAKE", "Hello", "read_hello"]
