"""A real server that counts what it is asked, and configs in folders that stand before it."""

import json
from contextlib import contextmanager

from tests.kit import get
from tests.net.upstream.kit import RawUpstream, reply

JSON = "Content-Type: application/json"


class Real(RawUpstream):
    """Answers each request with its number, from 1: `{"n": 1, "line": "GET / HTTP/1.1"}`.

    `also` are more header lines; `content` more of the body.
    """

    def __init__(self, *also, tls=None, **content):
        self.also, self.content, self.count = also, content, 0
        super().__init__(self._answer, tls=tls)

    def _answer(self, connection, asked):
        with self._lock:
            self.count += 1
            number = self.count
        body = json.dumps({"n": number, "line": asked.line, **self.content}).encode()
        connection.sendall(reply(JSON, *self.also, body=body))


@contextmanager
def nobody():
    """The address of a server that is not there."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def project(folder, config):
    """A config in a folder of its own."""
    path = folder / "config.json"
    path.write_text(json.dumps(config))
    return path


def n(server, target="/a", *, mode=None, space=None, headers="", **more):
    """The number that a request is answered with; the status if it is no success."""
    headers += f"X-Understudy-Record: {mode}\r\n" if mode else ""
    headers += f"X-Understudy-Space: {space}\r\n" if space else ""
    answer = get(server, target, headers=headers, **more)
    return answer.json()["n"] if answer.status == 200 else answer.status


def files(folder):
    """The names of what is recorded, without their numbers' folder."""
    return sorted(path.name for path in folder.rglob("*.json") if not path.name.startswith("."))


def told(server, path="/__record", method="GET", content=None):
    """What a control endpoint says."""
    body = b"" if content is None else json.dumps(content).encode()
    return get(server, path, method, body=body).json()


def only(server):
    """What `/__record` says of the only folder."""
    [folder] = told(server)["folders"]
    return folder
