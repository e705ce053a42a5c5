"""A real server: an ASGI application on uvicorn, in a thread, with or without TLS."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import json
import socket
import threading
from urllib.parse import parse_qs

import uvicorn

from tests.kit import TIMEOUT_S, wait_for

FILE = bytes(range(256)) * 200


class Uvicorn:
    """Serves `app`; with a certificate (and its key, in one file or two) over TLS."""

    def __init__(self, app, certificate=None, key=None):
        config = uvicorn.Config(
            app,
            ws="websockets-sansio",
            log_level="critical",
            lifespan="off",
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
        self._server = uvicorn.Server(config)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )

    def __enter__(self):
        self._thread.start()
        wait_for(lambda: self._server.started)
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Stop at once; nobody listens at its port any more."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(TIMEOUT_S)
        assert not self._thread.is_alive()
        self._socket.close()


class Asked:
    """A request, whole, and how it is answered."""

    def __init__(self, scope, receive, send):
        self.scope, self._receive, self._send = scope, receive, send
        self.method, self.path = scope["method"], scope["path"]
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self.query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode()).items()}
        self.body = b""

    async def read(self):
        more = True
        while more:
            message = await self._receive()
            self.body += message.get("body", b"")
            more = message.get("more_body", False)

    async def start(self, status, *headers):
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self._send({"type": "http.response.start", "status": status, "headers": pairs})

    async def piece(self, data, more=True):
        await self._send({"type": "http.response.body", "body": data, "more_body": more})

    async def reply(self, status, body=b"", *headers):
        if status not in (204, 304):
            headers = (*headers, ("content-length", str(len(body))))
        await self.start(status, *headers)
        await self.piece(b"" if self.method == "HEAD" else body, more=False)

    async def json(self, value, *headers, status=200):
        await self.reply(status, json.dumps(value).encode(), ("content-type", "application/json"), *headers)


async def app(scope, receive, send):
    """Something of everything that clients do."""
    if scope["type"] == "websocket":
        await _echo(receive, send)
        return
    asked = Asked(scope, receive, send)
    await asked.read()
    await ROUTES.get(asked.path, _missing)(asked)


async def _echo(receive, send):
    await receive()
    await send({"type": "websocket.accept", "subprotocol": None})
    await send({"type": "websocket.send", "text": "hello"})
    while (message := await receive())["type"] == "websocket.receive":
        if message.get("text") is not None:
            await send({"type": "websocket.send", "text": message["text"].upper()})
        else:
            await send({"type": "websocket.send", "bytes": message["bytes"][::-1]})


async def _missing(asked):
    await asked.json({"error": f"no {asked.path}"}, status=404)


async def _see(asked):
    """What has arrived, in figures."""
    await asked.json(
        {
            "method": asked.method,
            "query": asked.query,
            "type": asked.headers.get("content-type", "").partition(";")[0],
            "size": len(asked.body),
            "sum": hashlib.sha256(asked.body).hexdigest(),
            "encoding": asked.headers.get("transfer-encoding", ""),
        },
        status=201 if asked.method == "POST" else 200,
    )


async def _login(asked):
    await asked.reply(
        302, b"", ("location", "/me"), ("set-cookie", "user=alice; Path=/"), ("set-cookie", "n=1")
    )


async def _me(asked):
    await asked.json({"cookies": asked.headers.get("cookie", "")})


async def _file(asked):
    """A file, of which a part may be asked for."""
    kind = ("content-type", "application/octet-stream")
    own = (kind, ("accept-ranges", "bytes"), ("etag", '"v1"'))
    if asked.headers.get("if-none-match") == '"v1"':
        await asked.reply(304, b"", *own)
    elif "range" in asked.headers:
        first, last = map(int, asked.headers["range"].removeprefix("bytes=").split("-"))
        part = ("content-range", f"bytes {first}-{last}/{len(FILE)}")
        await asked.reply(206, FILE[first : last + 1], part, *own)
    else:
        await asked.reply(200, FILE, *own)


async def _big(asked):
    size = int(asked.query["size"])
    await asked.start(200, ("content-type", "application/octet-stream"))
    for position in range(0, size, len(FILE)):
        await asked.piece(FILE[: size - position])
    await asked.piece(b"", more=False)


async def _gzip(asked):
    body = gzip.compress(json.dumps({"text": "packed " * 100}).encode(), mtime=1)
    await asked.reply(200, body, ("content-type", "application/json"), ("content-encoding", "gzip"))


async def _events(asked):
    await asked.start(200, ("content-type", "text/event-stream"), ("cache-control", "no-store"))
    for number in range(3):
        await asked.piece(b'id: %d\ndata: {"n": %d}\n\n' % (number, number))
        await asyncio.sleep(0.03)
    await asked.piece(b"", more=False)


async def _none(asked):
    await asked.reply(204)


ROUTES = {
    "/see": _see,
    "/login": _login,
    "/me": _me,
    "/file": _file,
    "/big": _big,
    "/gzip": _gzip,
    "/events": _events,
    "/none": _none,
}


def files_of(folder):
    """All files of a folder, with their bytes."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def free_port():
    """A port at which nobody listens now."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return taken.getsockname()[1]
