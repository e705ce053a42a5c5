"""Many connections with faults of all kinds, and clients that hang up anywhere: nothing is left of them."""

import asyncio
import random
import socket
import struct
from pathlib import Path

import pytest

from tests.kit import wait_for
from tests.net.test_faults import EARLY, WIRE
from understudy import MockServer

AT_A_TIME = 200
PATIENCE_S = 20.0
CONNECTIONS = {
    "faults": [
        {"kind": kind, "probability": 0.03, "max_active": 50, **more}
        for kind, more in [
            ("close", {}),
            ("reset", {}),
            ("silent", {"for_ms": 20}),
            ("slow_accept", {"for_ms": 5}),
        ]
    ],
    "max_requests": 3,
    "announce": False,
    "idle_ms": 200,
}


def config():
    endpoints = [
        {
            "path": f"/{kind}",
            "method": ["GET", "POST"],
            "body": "data: one\n\n" * 20,
            "faults": [{"kind": kind, **WIRE[kind][0], "probability": 0.9, "max_active": 1000}],
        }
        for kind in WIRE
    ]
    return {"endpoints": endpoints, "connections": CONNECTIONS, "log": {"max_entries": 100}}


class Timers:
    """The server's loop, with a count of the timers that are to come."""

    def __init__(self, loop):
        self._loop = loop
        self.pending = set()

    def __getattr__(self, name):
        return getattr(self._loop, name)

    def call_later(self, delay, call, *arguments):
        return self._kept(self._loop.call_later, delay, call, arguments)

    def call_at(self, when, call, *arguments):
        return self._kept(self._loop.call_at, when, call, arguments)

    def _kept(self, schedule, when, call, arguments):
        timer = _Timer(self)

        def fire():
            self.pending.discard(timer)
            call(*arguments)

        timer.inner = schedule(when, fire)
        self.pending.add(timer)
        return timer


class _Timer:
    def __init__(self, timers):
        self._timers = timers

    def cancel(self):
        self._timers.pending.discard(self)
        self.inner.cancel()


async def client(port, lots):
    """One client: it asks for some kinds, and goes when it likes."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return
    try:
        for _ in range(lots.randint(1, 3)):
            kind = lots.choice([*WIRE])
            body = b"x" * 50 if kind in EARLY else b""
            method, length = ("POST" if body else "GET"), f"Content-Length: {len(body)}\r\n"
            raw = f"{method} /{kind} HTTP/1.1\r\nHost: a\r\n{length}\r\n".encode() + body
            if lots.random() < 0.1:
                raw = raw[: lots.randrange(len(raw))]
            writer.write(raw)
            if lots.random() < 0.1:
                writer.write_eof()
            how = lots.choice(["goes", "reads a little", "reads", "reads"])
            if how == "reads a little":
                await asyncio.wait_for(reader.read(lots.randint(1, 100)), lots.random() * 0.05)
            elif how == "reads":
                await asyncio.wait_for(reader.read(2000), 0.1)
            else:
                break
    except (OSError, TimeoutError, RuntimeError):
        pass  # that is what faults are for
    if lots.random() < 0.5:
        sock = writer.get_extra_info("socket")
        if sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort() if lots.random() < 0.5 else writer.close()


async def crowd(port, count):
    lots = random.Random(7)
    for start in range(0, count, AT_A_TIME):
        await asyncio.gather(*(client(port, lots) for _ in range(min(AT_A_TIME, count - start))))


def open_files():
    return len([*Path("/proc/self/fd").iterdir()])


@pytest.mark.parametrize(
    "count",
    [2_000, pytest.param(100_000, marks=[pytest.mark.long, pytest.mark.timeout(1800)])],
)
def test_nothing_is_left_behind(count):
    with MockServer(config(), seed=3) as server:
        inner = server._server
        timers = inner.loop = Timers(inner.loop)
        files = open_files()
        before = len(asyncio.all_tasks(server._loop))

        asyncio.run(crowd(server.port, count))

        wait_for(lambda: not inner.connections, PATIENCE_S)
        # the server's own timers were there before; its tick and check are renewed under this count
        wait_for(lambda: len(timers.pending) <= 2, PATIENCE_S)
        wait_for(lambda: len(asyncio.all_tasks(server._loop)) <= before, PATIENCE_S)
        wait_for(lambda: open_files() <= files, PATIENCE_S)
        armed = [one for endpoint in inner.program.endpoints for one in endpoint.menaces + endpoint.early]
        assert len(armed) == len(WIRE)
        assert {one._load.count for one in armed} == {0}, "everything was released"
        assert {trap.active for trap in inner.gate._rules.traps} == {0}
        assert inner._writable == {}
        assert server.complaints == []
        struck = {kind for _, kind, _ in inner.world.injected}
        assert struck >= {*WIRE, "close", "silent", "slow_accept"}
