"""A server whose every byte is chosen by the test, and which keeps what it was sent."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import socket
import struct
import threading
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TIMEOUT_S = 10


@dataclass
class Asked:
    """A request as it came: the head's bytes, headers with their capitals, and the body without its
    framing."""

    head: bytes
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
    connection: int = 0
    chunked: bool = False
    trailers: list[bytes] = field(default_factory=list)

    @property
    def line(self) -> str:
        return self.head.split(b"\r\n", 1)[0].decode("latin-1")

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class RawUpstream:
    """Answers requests with what `answers` has, in order; the last is repeated.

    An answer is bytes, which are sent as they are, or a function of the connection's socket and the
    request. After b"" the connection is closed; `RESET` resets it.
    """

    RESET = b"\0reset"

    def __init__(self, *answers, tls=None):
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.connections = 0
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        """Stop listening, and close all connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # closing alone wakes nobody who accepts
        self._listener.close()
        self._accepting.join(TIMEOUT_S)
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(TIMEOUT_S)
            with self._lock:
                self.connections += 1
                number = self.connections
            threading.Thread(target=self._talk, args=(connection, number), daemon=True).start()

    def _talk(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), connection:
            self._serve(connection, number)

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._open.append(connection)
            reader = connection.makefile("rb")
            while (asked := read_request(reader)) is not None:
                asked.connection = number
                with self._lock:
                    self.asked.append(asked)
                    answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if callable(answer):
                    if answer(connection, asked) is False:
                        break
                elif answer == self.RESET:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    break
                elif not answer:
                    break
                else:
                    connection.sendall(answer)
                    if b"connection: close" in answer.lower():
                        break
        except (OSError, ValueError, AssertionError):
            pass  # the test is over, or looks at what came of it
        finally:
            connection.close()


def read_request(reader) -> Asked | None:
    """The next request; None at the end of the connection."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = reader.readline()
        if not line:
            return None
        head += line
    asked = Asked(head)
    for line in head.decode("latin-1").split("\r\n")[1:]:
        if line:
            name, _, value = line.partition(":")
            asked.headers.append((name, value.strip()))
    if (asked.header("transfer-encoding") or "").lower() == "chunked":
        asked.chunked = True
        while size := int(reader.readline().split(b";")[0], 16):
            asked.body += reader.read(size)
            reader.readline()
        while (line := reader.readline()) not in (b"\r\n", b""):
            asked.trailers.append(line.strip())
    elif length := asked.header("content-length"):
        asked.body = reader.read(int(length))
    return asked


def reply(*lines: str, body: bytes = b"", status: str = "200 OK") -> bytes:
    """A whole reply; with a Content-Length unless a line says how its end is told."""
    told = any(line.lower().startswith(("content-length", "transfer-encoding")) for line in lines)
    own = [] if told else [f"Content-Length: {len(body)}"]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, *own, "", ""]).encode("latin-1") + body


def certificate(folder):
    """A certificate for localhost that its own key has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
