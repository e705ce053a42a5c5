"""Requests that are sent on and recorded, and end anywhere, by whom ever: nothing is left of them."""

import asyncio
import random

import pytest

from tests.kit import Wire, wait_for
from tests.net.test_leaks import open_files
from tests.net.upstream.kit import RawUpstream, reply
from tests.record.live import project
from understudy import MockServer

AT_A_TIME = 40
PATIENCE_S = 30.0
LARGE = b"x" * 1_500_000
"""More than is kept in memory."""


class Moody:
    """A server that answers, does not, or stops in the midst of it."""

    def __init__(self, seed):
        self._lots = random.Random(seed)

    def __call__(self, connection, asked):
        large = reply(body=LARGE)
        match self._lots.randrange(8):
            case 0:
                return False
            case 1:
                connection.sendall(large[: self._lots.randrange(len(large))])
                return False
            case 2:
                connection.sendall(b"no HTTP\r\n\r\n")
                return False
            case 3:
                connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
                connection.recv(1)  # until the client has gone
                return False
            case 4:
                connection.sendall(large)
            case 5:
                connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n" + reply(body=b"ok"))
            case _:
                connection.sendall(reply(body=b"ok"))
        return True


async def client(port, lots):
    """One client: it asks, sends some of its body, reads some of the reply, and goes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        body = lots.choice([b"", b"small", LARGE])
        raw = b"%b / HTTP/1.1\r\nHost: a\r\n" % (b"PUT" if body else b"GET")
        if lots.random() < 0.5:
            raw += b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        else:
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            raw += b"Transfer-Encoding: chunked\r\n\r\n%b0\r\n\r\n" % chunk
        if lots.random() < 0.3:
            raw = raw[: lots.randrange(len(raw))]
        writer.write(raw)
        if lots.random() < 0.8:
            await asyncio.wait_for(reader.read(lots.choice([1, 2000, 2_000_000])), lots.random() * 0.2)
    except (OSError, TimeoutError):
        pass  # so they are
    writer.transport.abort()


async def crowd(port, count, seed):
    lots = random.Random(seed)
    for _ in range(0, count, AT_A_TIME):
        await asyncio.gather(*(client(port, lots) for _ in range(AT_A_TIME)))


def config(target, number=0):
    return {
        "proxy": {"target": target.url, "timeout_s": 1, "max_connections": 8},
        "record": {"folder": "recordings", "mode": "record"},
        "endpoints": [{"path": f"/{number}"}],
    }


@pytest.mark.parametrize("recorded", [False, True])
def test_nothing_is_left_of_requests_that_are_sent_on(tmp_path, recorded):
    with RawUpstream(Moody(1)) as target:
        written = config(target) if recorded else config(target) | {"record": None}
        if not recorded:
            del written["record"]
        with MockServer(project(tmp_path, written)) as server:
            inner = server._server
            before = len(asyncio.all_tasks(server._loop))
            asyncio.run(crowd(server.port, AT_A_TIME, 1))
            for number in range(3):  # others are on their way when the config changes
                project(tmp_path, written | {"endpoints": [{"path": f"/{number}"}]})
                server.reload()
                asyncio.run(crowd(server.port, AT_A_TIME, number + 2))
            wait_for(lambda: not inner.connections, PATIENCE_S)
            wait_for(lambda: all(pool.is_resting for pool in inner.upstreams._pools.values()), PATIENCE_S)
            wait_for(lambda: len(asyncio.all_tasks(server._loop)) <= before, PATIENCE_S)
            wait_for(lambda: not [*tmp_path.rglob("spool/*")], PATIENCE_S)
            for pool in inner.upstreams._pools.values():
                assert pool._count <= 8
            assert inner._writable == {}
            assert server.complaints == []
    assert not [*tmp_path.rglob(".writing-*")]


def test_a_server_that_stops_leaves_nothing(tmp_path):
    with MockServer({}) as server:
        pass  # what is opened once in a process is open now
    files = open_files()
    with RawUpstream(lambda connection, asked: connection.recv(1)) as target:
        server = MockServer(project(tmp_path, {**config(target), "limits": {"drain_timeout_s": 1}}))
        server.start()
        inner = server._server
        wires = [Wire(server) for _ in range(20)]
        head = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
        for wire in wires:
            wire.send(head % len(LARGE) + LARGE[:-1])
        wait_for(lambda: len(target.asked) == 0 and target.connections == 8, PATIENCE_S)
        server.stop()
        assert not inner.connections
        assert not inner._tasks
        for wire in wires:
            wire.socket.close()
    wait_for(lambda: open_files() <= files, PATIENCE_S)
    assert not [*tmp_path.rglob(".writing-*")]
