"""The recorder is killed at any moment: what a client has got whole is kept, and nothing is broken."""

import gzip
import hashlib
import http.client
import os
import random
import threading
from urllib.parse import urlsplit

import pytest

from tests.clients.recorder import Command, Recorder
from tests.kit import TIMEOUT_S, get
from tests.net.upstream.kit import RawUpstream, reply
from understudy.record.exchange import BodyInFile
from understudy.record.folder import read_recording

CLIENTS = 4
SIZES = (20, 5_000, 400_000, 1_300_000)
"""In the exchange's file, in one beside it, written in a thread, spooled while it comes."""


def body_of(target):
    """What the real server has at a target, which says how large it is."""
    seed = hashlib.sha256(target.encode()).digest()
    size = int(target.rpartition("/")[2])
    return (seed.hex().encode() * (size // 64 + 1))[:size]


def answer(connection, asked):
    target = asked.line.split(" ")[1]
    body = body_of(target)
    if target.startswith("/packed"):
        connection.sendall(
            reply("Content-Encoding: gzip", "Content-Type: text/plain", body=gzip.compress(body, 1))
        )
    else:
        connection.sendall(reply("Content-Type: text/plain", body=body))


class Clients:
    """Ask again and again, over connections that are kept, until the server has gone.

    After `enough` replies it is killed, by the client that has got the last of them.
    """

    def __init__(self, command, begin, enough):
        self.whole = []
        self._command, self._begin, self._enough = command, begin, enough
        self._lock = threading.Lock()
        threads = [
            threading.Thread(target=self._ask, args=(number,), daemon=True) for number in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(TIMEOUT_S)
            assert not thread.is_alive()

    def _ask(self, number):
        there = urlsplit(self._command.url)
        connection = http.client.HTTPConnection(there.hostname, there.port, timeout=TIMEOUT_S)
        try:
            for turn in range(10_000):
                size = SIZES[(turn + number) % len(SIZES)]
                target = f"/{('plain', 'packed')[turn % 2]}/{self._begin}-{number}-{turn}/{size}"
                method = ("GET", "POST")[turn % 3 == 2]
                sent = target.encode() * 50 if method == "POST" else None
                connection.request(method, target, sent)
                got = connection.getresponse()
                data = got.read()
                with self._lock:
                    self.whole.append((method, target, data))
                    if len(self.whole) == self._enough:
                        self._command.process.kill()
        except (OSError, http.client.HTTPException):
            connection.close()


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_killed(tmp_path):
    rng = random.Random()
    known = []
    with RawUpstream(answer) as upstream:
        for begin in range(3):
            enough = rng.randrange(5, 60)
            print("killed after", enough)
            with Command(tmp_path, "record", "--target", upstream.url, "--quiet") as command:
                known += Clients(command, begin, enough).whole
                command.process.wait(TIMEOUT_S)
            assert len(known) >= enough
            assert_kept(tmp_path / "recordings", known)
        with Command(tmp_path, "record", "--target", upstream.url, "--mode", "once", "--quiet") as command:
            assert_answered(command, [*known, ("GET", "/new/1", body_of("/new/1"))])
        asked = [one.line.split(" ")[1] for one in upstream.asked]
    assert len(asked) == len(set(asked)), "what was recorded is not asked for again"
    assert asked[-1] == "/new/1"
    left = [path.name for path in (tmp_path / "recordings").iterdir() if path.name.startswith(".")]
    assert not left


def assert_answered(command, known):
    there = urlsplit(command.url)
    connection = http.client.HTTPConnection(there.hostname, there.port, timeout=TIMEOUT_S)
    for method, target, data in known:
        connection.request(method, target, target.encode() * 50 if method == "POST" else None)
        assert connection.getresponse().read() == data
    connection.close()


def assert_kept(folder, known):
    """These exchanges are in the folder, which has nothing that is broken."""
    read = read_recording(folder)
    assert not read.warnings
    found = {exchange.request.target: exchange for exchange in read.exchanges}
    assert len(found) == len(read.exchanges)
    for exchange in read.exchanges:
        assert exchange.failed is None
        content = content_of(exchange.reply.body)
        is_packed = exchange.request.target.startswith("/packed")
        assert (gzip.decompress(content) if is_packed else content) == body_of(exchange.request.target)
    for method, target, data in known:
        kept = found[target]
        assert (kept.request.method, content_of(kept.reply.body)) == (method, data)
        assert content_of(kept.request.body) == (target.encode() * 50 if method == "POST" else b"")


def content_of(body):
    return body.path.read_bytes() if isinstance(body, BodyInFile) else body


def test_what_is_stopped_leaves_nothing_behind(serve, tmp_path):
    """Neither when it stops, nor when its config was loaded anew in between."""
    recorder = Recorder(serve, tmp_path)
    with RawUpstream(answer) as upstream:
        server = recorder.record(upstream.url)
        assert get(server, "/plain/a/5000").status == 200
        server.reload()
        assert get(server, "/plain/b/1300000").status == 200
        assert any(name.startswith(".") for name in os.listdir(recorder.folder))
        server.stop()
    assert os.listdir(recorder.folder) == [f"127.0.0.1_{upstream.port}"]
    assert len(recorder.exchanges) == 2
