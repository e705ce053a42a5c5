"""A proxy and servers beyond it, and raw connections through it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading

from tests.kit import TIMEOUT_S, Wire
from understudy.net.intercept.authority import open_authority
from understudy.net.intercept.leaves import Leaves


def connect(server, target, headers="", behind=b""):
    """A raw connection on which a tunnel was asked for, with `behind` in the same write."""
    wire = Wire(server)
    wire.send(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{headers}\r\n".encode() + behind)
    return wire


def opened(server, target, headers="", behind=b""):
    """The same, once the tunnel is open."""
    wire = connect(server, target, headers, behind)
    assert wire._until(b"\r\n\r\n") == b"HTTP/1.1 200 Connection established\r\n\r\n"
    return wire


def refusal(server, target, headers=""):
    """Status and reason of a tunnel that is refused; the connection is closed behind it."""
    with connect(server, target, headers) as wire:
        answer = wire.answer()
        assert answer.header("connection") == "close"
        assert wire.is_closed()
        return answer.status, answer.json()["error"]


class Far:
    """A server beyond the proxy: `serve` is called with each connection, in a thread of its own.

    With a folder, it speaks TLS with a certificate of an authority there, whose file is `ca`.
    """

    def __init__(self, serve, folder=None):
        self._serve = serve
        self._context = None
        if folder is not None:
            leaves = Leaves(open_authority(folder))
            self._context, self.ca = leaves.context("127.0.0.1"), leaves.authority.path
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(TIMEOUT_S)
        self.port = self._listener.getsockname()[1]
        self.target = f"127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(TIMEOUT_S)
        assert not self._thread.is_alive()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.settimeout(TIMEOUT_S)
                with contextlib.suppress(OSError), connection:
                    if self._context is None:
                        self._serve(connection)
                    else:
                        with self._context.wrap_socket(connection, server_side=True) as secure:
                            self._serve(secure)


def answer_http(connection):
    """Serve one request."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nfar")


def trusting(ca):
    """A client's TLS, as strict as that of Python 3.13."""
    context = ssl.create_default_context(cafile=str(ca))
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    return context
