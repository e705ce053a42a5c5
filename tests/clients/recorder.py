"""A recorder between a client and a real server, and what it has recorded served without that server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field

from tests.kit import TIMEOUT_S, wait_for
from understudy.record.folder import read_recording

HOP = ("connection", "keep-alive", "transfer-encoding", "proxy-connection", "upgrade")


class Recorder:
    """Servers whose folder of recordings is `folder`; `serve` starts them, and stops them after the test."""

    def __init__(self, serve, path):
        self._serve = serve
        self._path = path
        self.folder = path / "recordings"

    def start(self, config, **options):
        """A server with this config, a file beside the folder."""
        self._path.mkdir(parents=True, exist_ok=True)
        file = self._path / "config.json"
        file.write_text(json.dumps(config))
        return self._serve(str(file), **options)

    def record(self, target, proxy=None, **record):
        """A server that sends all on to `target`, and records it."""
        return self.start(
            {"proxy": {"target": target, **(proxy or {})}, "record": {"mode": "record", **record}}
        )

    def forward(self, authority, ca_file=None, mode="record", **record):
        """A proxy of clients which records, or replays, what goes to whichever server."""
        settings = {"ca_folder": str(authority)}
        if ca_file is not None:
            settings["tls"] = {"ca_file": str(ca_file)}
        return self.start({"forward_proxy": settings, "record": {"mode": mode, **record}})

    def replay(self, **record):
        """A server that answers from what was recorded, and from nothing else."""
        return self.start({"record": {"mode": "replay", **record}})

    @property
    def exchanges(self):
        """What is recorded, read strictly."""
        return read_recording(self.folder).exchanges


@dataclass
class Heard:
    """A final reply as it came off the wire, without what belongs to one connection."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    trailers: list[tuple[str, str]] = field(default_factory=list)
    end: str = ""
    """How a reply ended that was broken off: `closed` or `reset`."""


def raw(method="GET", target="/", *headers, body=b"", version="1.1"):
    """The bytes of a request."""
    lines = [f"{method} {target} HTTP/{version}", "Host: there.test", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def hear(port, request, watch=lambda heard: None):
    """Send a request on a connection of its own, and hear the whole reply, or what comes of it.

    `watch` is told of it after each piece of the body.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as reader:
            return _reply(reader, request.split(b" ", 1)[0], watch)


def _reply(reader, method, watch):
    line = b""
    heard = None
    try:
        while not line or line.split(b" ", 2)[1].startswith(b"1"):
            line = reader.readline()
            if not line:
                return Heard(0, "", [], end="closed")
            headers = _headers(reader)
        _, status, reason = line.decode("latin-1").rstrip("\r\n").split(" ", 2)
        known = {name.lower(): value for name, value in headers}
        heard = Heard(int(status), reason, [one for one in headers if one[0].lower() not in HOP])
        if method == b"HEAD" or heard.status in (204, 304):
            return heard
        if "chunked" in known.get("transfer-encoding", ""):
            _chunks(reader, heard, watch)
        elif "content-length" in known:
            size = int(known["content-length"])
            while len(heard.body) < size:
                piece = reader.read1(size - len(heard.body))
                if not piece:
                    heard.end = "closed"
                    break
                heard.body += piece
                watch(heard)
        else:
            while piece := reader.read1(65536):
                heard.body += piece
                watch(heard)
    except ConnectionResetError:
        heard = heard or Heard(0, "", [])
        heard.end = "reset"
    return heard


def _chunks(reader, heard, watch):
    while line := reader.readline():
        size = int(line.partition(b";")[0], 16)
        if not size:
            heard.trailers = _headers(reader)
            return
        left = size
        while left and (piece := reader.read1(left)):
            heard.body += piece
            left -= len(piece)
            watch(heard)
        reader.readline()
    heard.end = "closed"


def _headers(reader):
    found = []
    while (line := reader.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        found.append((name, value.strip(" \t\r\n")))
    return found


class Command:
    """The real command, in a process whose current folder is `folder`; `url` is where it serves."""

    def __init__(self, folder, *arguments, env=None):
        port_file = folder / "port"
        port_file.unlink(missing_ok=True)
        self._out, self._err = folder / "out.txt", folder / "err.txt"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "understudy", *map(str, arguments), "--port-file", str(port_file)]
                + ([] if "--port" in arguments else ["--port", "0"]),
                cwd=folder,
                stdout=out,
                stderr=err,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
            )
        port = wait_for(lambda: self.process.poll() is not None or self._port(port_file), seconds=30)
        assert self.process.poll() is None, self._err.read_text()
        self.url = f"http://127.0.0.1:{port}"

    def _port(self, file):
        return file.exists() and file.read_text().strip()

    @property
    def printed(self):
        """All that it has printed: on standard output, and on standard error."""
        return self._out.read_text(), self._err.read_text()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Stop it as Ctrl+C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            assert self.process.wait(30) == 0, self.printed
        assert "Traceback" not in self.printed[1]
