"""The few helpers that many tests share."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field

TIMEOUT_S = 10


@dataclass
class Answer:
    """One HTTP reply, as it came off the wire."""

    status: int
    reason: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def json(self):
        return json.loads(self.body)


class Wire:
    """A raw connection to a server: bytes in, replies out."""

    def __init__(self, server) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data: bytes, *, by_byte: bool = False) -> None:
        try:
            if by_byte:
                for position in range(len(data)):
                    self.socket.send(data[position : position + 1])
            else:
                self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server has refused before everything was sent: the answer tells

    def answer(self, method: str = "GET") -> Answer:
        """The next reply. Raises EOFError if the server closes instead."""
        head = self._until(b"\r\n\r\n").decode("latin-1")
        status_line, *lines = head.rstrip("\r\n").split("\r\n")
        found = re.fullmatch(r"HTTP/1\.1 (\d{3}) (.*)", status_line)
        assert found, status_line
        headers = [tuple(line.split(": ", 1)) for line in lines]
        answer = Answer(int(found[1]), found[2], headers)
        if answer.status == 100 or answer.status in {204, 304} or method == "HEAD":
            return answer
        if answer.header("transfer-encoding") == "chunked":
            while size := int(self._until(b"\r\n"), 16):
                answer.body += self._exactly(size + 2)[:-2]
            self._exactly(2)
        else:
            answer.body = self._exactly(int(answer.header("content-length")))
        return answer

    def read(self, is_enough) -> bytes:
        """What has come, as soon as it is enough; raw bytes, to the last."""
        while not is_enough(bytes(self._buffer)):
            self._more()
        return self._exactly(len(self._buffer))

    def rest(self) -> bytes:
        """All that comes until the server closes."""
        try:
            while True:
                self._more()
        except EOFError:
            return self._exactly(len(self._buffer))

    def is_closed(self) -> bool:
        """Whether the server closes the connection, with nothing more to say."""
        try:
            return not self._buffer and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def _until(self, mark: bytes) -> bytes:
        while (found := self._buffer.find(mark)) < 0:
            self._more()
        return self._exactly(found + len(mark))

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        found = bytes(self._buffer[:size])
        del self._buffer[:size]
        return found

    def _more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError(f"closed after {bytes(self._buffer[:200])!r}")
        self._buffer += data


def ask(server, request: bytes | str, *, method: str = "GET", by_byte: bool = False) -> Answer:
    """One reply to one raw request on a connection of its own."""
    with Wire(server) as wire:
        wire.send(request.encode() if isinstance(request, str) else request, by_byte=by_byte)
        return wire.answer(method)


def get(server, target: str, method: str = "GET", headers: str = "", body: bytes = b"") -> Answer:
    """One well-formed request."""
    length = f"Content-Length: {len(body)}\r\n" if body or method in {"POST", "PUT", "PATCH"} else ""
    head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{length}{headers}\r\n"
    return ask(server, head.encode() + body, method=method)


def wait_for(read, seconds=10.0):
    """What `read` gives as soon as it gives something: for what another thread or process does."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not (found := read()):
        assert time.monotonic() < deadline, "nothing came"
        pause.wait(0.01)
    return found


def multipart(*parts: tuple[dict[str, str], bytes], boundary: str = "b") -> bytes:
    """A multipart body: each part its headers and its bytes."""
    body = b""
    for headers, content in parts:
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body += f"--{boundary}\r\n{head}\r\n".encode() + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


def token(payload, *, signature: str = "x") -> str:
    """A JSON Web Token with these claims (or these bytes), signed by nobody."""
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return f"e30.{urlsafe_b64encode(raw).decode().rstrip('=')}.{signature}"
