"""Connections to other servers: when they are opened, used again and given up."""

import asyncio
import contextlib
import random
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import uvloop
from h2.settings import SettingCodes

from tests.net.upstream import h2_server
from tests.net.upstream.kit import certificate
from understudy.net.upstream.base import Outgoing, UpstreamError
from understudy.net.upstream.http1 import Http1Line
from understudy.net.upstream.pool import FRESH_S, IDLE_S, Pool, Upstreams
from understudy.record.target import Target, Trust

HEAD = Outgoing("GET", b"/", ((b"Host", b"a"),))
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Loop:
    """The running loop, with a clock that is moved by hand."""

    def __init__(self, loop):
        self._loop = loop
        self.ahead_s = 0.0

    def time(self):
        return self._loop.time() + self.ahead_s

    def __getattr__(self, name):
        return getattr(self._loop, name)


class Server:
    """What a pool needs of the server."""

    def __init__(self, loop):
        self.loop = loop
        self.tasks = set()

    def is_at(self, connected):
        return False

    def spawn(self, work, name):
        task = asyncio.get_running_loop().create_task(work, name=name)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task


class Listener:
    def __init__(self):
        self.body = b""
        self.done = asyncio.get_running_loop().create_future()

    def informed(self, status, headers):
        pass

    def head_came(self, head):
        self.head = head

    def body_came(self, data):
        self.body += data

    def ended(self, trailers):
        self.done.set_result("ended")

    def broke(self, error, *, is_unused):
        self.error, self.is_unused = error, is_unused
        self.done.set_result("broke")

    def writable(self):
        pass


@pytest.fixture
def pooled():
    """Run a test with a pool to a server that answers each request with REPLY, unless told otherwise."""

    def run(test, answer=REPLY, **settings):
        async def main():
            server = Server(Loop(asyncio.get_running_loop()))
            opened = []

            async def serve(reader, writer):
                opened.append(writer)
                with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                    while await reader.readuntil(b"\r\n\r\n"):
                        if answer is not None:
                            writer.write(answer)
                writer.close()

            listening = await asyncio.start_server(serve, "127.0.0.1", 0)
            port = listening.sockets[0].getsockname()[1]
            pool = Pool(Target("http", "127.0.0.1", port, **settings), server)
            try:
                await test(pool, server.loop, opened)
            finally:
                pool.close()
                for writer in opened:
                    writer.close()
                listening.close()

        asyncio.run(main())

    return run


async def until(told):
    """Let the loop go on until it is so."""
    while not told():  # noqa: ASYNC110 - nothing tells when
        await asyncio.sleep(0)


async def ask(line):
    listener = Listener()
    line.call(HEAD, listener)
    assert await asyncio.wait_for(listener.done, 10) == "ended"
    return listener.body


def test_a_connection_is_used_again(pooled):
    async def test(pool, loop, opened):
        assert pool.take(repeatable=True) is None
        line = await pool.open(repeatable=True)
        assert await ask(line) == b"ok"
        again = pool.take(repeatable=False)
        assert again is line
        assert pool.take(repeatable=True) is None
        assert await ask(again) == b"ok"
        assert len(opened) == 1

    pooled(test)


def test_what_must_not_be_sent_twice_takes_a_fresh_one(pooled):
    async def test(pool, loop, opened):
        await ask(await pool.open(repeatable=True))
        loop.ahead_s += FRESH_S + 1
        assert pool.take(repeatable=False) is None
        await ask(await pool.open(repeatable=False))
        assert len(opened) == 2

    pooled(test)


def test_connections_that_nobody_uses_are_closed(pooled):
    async def test(pool, loop, opened):
        await ask(await pool.open(repeatable=True))
        pool.sweep(loop.time())
        assert not pool.is_empty
        loop.ahead_s += IDLE_S + 1
        pool.sweep(loop.time())
        assert pool.is_empty

    pooled(test)


def test_no_more_than_so_many_others_wait(pooled):
    async def test(pool, loop, opened):
        first = await pool.open(repeatable=True)
        waiting = asyncio.ensure_future(pool.open(repeatable=True))
        await asyncio.sleep(0)
        assert not waiting.done()
        await ask(first)
        assert await waiting is first
        with pytest.raises(UpstreamError, match="all 1 connections"):
            await pool.open(repeatable=True)

    pooled(test, max_connections=1, connect_timeout_s=0.05)


def test_a_reply_that_does_not_come_is_given_up(pooled):
    async def test(pool, loop, opened):
        line = await pool.open(repeatable=True)
        listener = Listener()
        line.call(HEAD, listener)
        pool.sweep(loop.time())
        assert not listener.done.done()
        loop.ahead_s += 6
        pool.sweep(loop.time())
        assert listener.done.result() == "broke"
        assert (listener.error.kind, listener.is_unused) == ("timeout", False)
        assert pool.is_empty

    pooled(test, answer=None, timeout_s=5)


def test_a_connection_that_is_given_back_is_free(pooled):
    async def test(pool, loop, opened):
        line = await pool.open(repeatable=True)
        line.give_back()
        assert pool.take(repeatable=True) is line

    pooled(test)


def test_a_used_connection_that_breaks_may_be_tried_again(pooled):
    async def test(pool, loop, opened):
        line = await pool.open(repeatable=True)
        await ask(line)
        assert pool.take(repeatable=True) is line
        listener = Listener()
        line.call(HEAD._replace(target=b"/again"), listener)
        line.transport.abort()
        await asyncio.wait_for(listener.done, 10)
        assert (listener.error.kind, listener.is_unused) == ("closed", True)

    pooled(test)


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        (Target("http", "127.0.0.1", 1), "refused"),
        (Target("http", "no-such-host.invalid", 80), "dns"),
        (Target("http", "x" * 300, 80), "dns"),
        (Target("https", "127.0.0.1", 1, trust=Trust(ca_file="/none")), "unreachable"),
    ],
)
def test_why_there_is_none(target, kind):
    async def main():
        server = Server(asyncio.get_running_loop())
        with pytest.raises(UpstreamError) as caught:
            await Pool(target, server).open(repeatable=True)
        assert caught.value.kind == kind
        assert str(caught.value)

    asyncio.run(main())


def test_pools_are_per_target_and_bounded(monkeypatch):
    monkeypatch.setattr("understudy.net.upstream.pool.MAX_POOLS", 2)

    async def main():
        upstreams = Upstreams(Server(asyncio.get_running_loop()))
        one = upstreams.pool(Target("http", "a", 80))
        assert upstreams.pool(Target("http", "a", 80)) is one
        for host in "bcd":
            upstreams.pool(Target("http", host, 80))
        assert len(upstreams._pools) <= 2
        await upstreams.close()

    asyncio.run(main())


# --- many at once -------------------------------------------------------------------------------------------


@pytest.fixture
def shared():
    """Run a test with a pool to a server that speaks HTTP/2; `script` answers."""

    def run(test, script=None, h2_settings=None, **settings):
        async def reply(stream):
            await stream.reply(200, [(b"content-length", b"2")])
            await stream.write(b"ok")
            await stream.end()

        async def main():
            there = h2_server.Server(script or reply, h2_settings)
            loop = asyncio.get_running_loop()
            listening = await loop.create_server(lambda: h2_server.Connection(there), "127.0.0.1", 0)
            port = listening.sockets[0].getsockname()[1]
            server = Server(Loop(loop))
            pool = Pool(Target("http", "127.0.0.1", port, **{"http2": "always", **settings}), server)
            try:
                await test(pool, server.loop, there)
            finally:
                pool.close()
                listening.close()
                for connection in there.connections:
                    connection.transport.abort()
                    await connection.lost
                await there.stop()
            assert not there.problems

        asyncio.run(main())

    return run


async def get(pool, **options):
    return await ask(await pool.open(repeatable=True, **options))


def test_many_at_once_share_a_connection_over_http2(shared):
    async def test(pool, loop, there):
        assert set(await asyncio.gather(*(get(pool) for _ in range(50)))) == {b"ok"}
        assert len(there.connections) == 1
        assert pool.is_resting
        assert not pool.is_empty
        loop.ahead_s += IDLE_S + 1
        pool.sweep(loop.time())
        await there.connections[0].lost
        await until(lambda: pool.is_empty)

    shared(test)


def test_who_waits_for_a_shared_connection_is_woken(shared):
    async def test(pool, loop, there):
        assert set(await asyncio.gather(*(get(pool) for _ in range(30)))) == {b"ok"}
        assert len(there.connections) == 1

    shared(test, h2_settings={SettingCodes.MAX_CONCURRENT_STREAMS: 2}, max_connections=1)


def test_what_is_asked_on_a_shared_connection_is_no_rest(shared):
    started = []

    async def script(stream):
        started.append(stream)
        await stream.gone()

    async def test(pool, loop, there):
        line = await pool.open(repeatable=True)
        assert pool.is_resting
        call = line.call(HEAD, Listener())
        assert not pool.is_resting
        loop.ahead_s += IDLE_S + 1
        pool.sweep(loop.time())
        assert pool.take(repeatable=True) is line
        call.cancel()
        assert pool.is_resting

    shared(test, script)


def test_http1_is_spoken_where_a_server_asks_for_it(pooled):
    async def test(pool, loop, opened):
        line = SimpleNamespace(wants_http1=True, is_free=True, is_idle=True, close=lambda: None)
        pool._may_share = True
        pool._shared.append(line)
        assert pool.take(repeatable=True) is line
        pool._gone_shared(line)
        assert await asyncio.gather(get(pool), get(pool)) == [b"ok", b"ok"]
        assert pool._shared == []
        assert opened

    pooled(test)


@pytest.mark.parametrize("http2", ["auto", "never"])
def test_upgrades_and_others_get_what_they_can_use(pooled, http2):
    async def test(pool, loop, opened):
        waiting = [get(pool, upgrade=bool(number % 2)) for number in range(6)]
        assert await asyncio.gather(*waiting) == [b"ok"] * 6
        await until(lambda: pool.is_resting)
        assert len(opened) <= 2

    pooled(test, max_connections=2, http2=http2)


def test_an_idle_shared_connection_makes_room(shared):
    async def test(pool, loop, there):
        await get(pool)
        with pytest.raises(UpstreamError):  # the server knows no HTTP/1.1, but it was asked
            await pool.open(repeatable=True, upgrade=True)
        assert there.connections[0].is_lost

    shared(test, max_connections=1, connect_timeout_s=0.3)


@pytest.mark.parametrize("seed", range(5))
def test_the_bound_holds_whoever_goes(pooled, seed):
    async def test(pool, loop, opened):
        lots = random.Random(seed)

        async def client():
            line = await pool.open(repeatable=lots.random() < 0.5, upgrade=lots.random() < 0.2)
            if lots.random() < 0.2:
                line.give_back()
                return
            listener = Listener()
            call = line.call(HEAD, listener)
            if lots.random() < 0.3:
                call.cancel()
            else:
                await listener.done

        tasks = []
        for _ in range(100):
            tasks.append(asyncio.ensure_future(client()))
            for _ in range(lots.randrange(4)):
                await asyncio.sleep(0)
            if lots.random() < 0.4:
                lots.choice(tasks).cancel()
            assert pool._count <= 3
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError | None) for one in results)
        await until(lambda: not (pool._opening or pool._opening_http1))
        assert pool.is_resting
        assert pool._count <= 3
        await get(pool)

    pooled(test, max_connections=3)


def test_who_goes_while_it_is_connected_loses_no_connection(pooled):
    async def test(pool, loop, opened):
        task = asyncio.ensure_future(pool.open(repeatable=True))
        await asyncio.sleep(0)
        task.cancel()
        await until(lambda: not pool._opening)
        assert pool.is_resting
        assert pool.take(repeatable=True) is not None

    pooled(test)


def test_none_can_be_had_is_told_to_all(monkeypatch):
    async def main():
        pool = Pool(Target("https", "127.0.0.1", 1), Server(asyncio.get_running_loop()))
        errors = await asyncio.gather(
            *(pool.open(repeatable=True, upgrade=number == 3) for number in range(9)), return_exceptions=True
        )
        assert {error.kind for error in errors} == {"refused"}
        assert pool.is_empty
        assert pool.is_resting

    asyncio.run(main())


def test_a_connection_that_is_gone_at_once_is_not_kept(pooled, monkeypatch):
    class Gone(Http1Line):
        def connection_made(self, transport):
            super().connection_made(transport)
            self.connection_lost(None)

    monkeypatch.setattr("understudy.net.upstream.pool.Http1Line", Gone)

    async def test(pool, loop, opened):
        with pytest.raises(UpstreamError, match="at once"):
            await pool.open(repeatable=True)
        assert pool.is_empty

    pooled(test)


def test_a_server_that_says_no_goodbye_holds_up_nothing(tmp_path):
    """TLS is ended by both sides, or not at all: when the server stops, nothing is left open."""
    certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")

    def serve(listening):
        sock = listening.accept()[0]
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            with contextlib.suppress(ssl.SSLWantReadError):
                tls.do_handshake()
                break
            sock.sendall(outgoing.read())
            incoming.write(sock.recv(65_536))
        sock.sendall(outgoing.read())
        return sock

    async def main(port):
        upstreams = Upstreams(Server(asyncio.get_running_loop()))
        target = Target(
            "https", "127.0.0.1", port, http2="never", trust=Trust(ca_file=str(tmp_path / "cert.pem"))
        )
        line = await upstreams.pool(target).open(repeatable=True)
        line.close()
        assert upstreams._secured
        await upstreams.close()
        assert not upstreams._secured

    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor() as threads:
        served = threads.submit(serve, listening)
        uvloop.run(main(listening.getsockname()[1]))
        served.result().close()
