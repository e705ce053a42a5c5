"""Connections to other servers: when they are opened, used again and given up."""

import asyncio
import contextlib
from types import SimpleNamespace

import pytest

from understudy.net.upstream.base import Outgoing, UpstreamError
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
            server = SimpleNamespace(loop=Loop(asyncio.get_running_loop()))
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
        server = SimpleNamespace(loop=asyncio.get_running_loop())
        with pytest.raises(UpstreamError) as caught:
            await Pool(target, server).open(repeatable=True)
        assert caught.value.kind == kind
        assert str(caught.value)

    asyncio.run(main())


def test_pools_are_per_target_and_bounded(monkeypatch):
    monkeypatch.setattr("understudy.net.upstream.pool.MAX_POOLS", 2)

    async def main():
        upstreams = Upstreams(SimpleNamespace(loop=asyncio.get_running_loop()))
        one = upstreams.pool(Target("http", "a", 80))
        assert upstreams.pool(Target("http", "a", 80)) is one
        for host in "bcd":
            upstreams.pool(Target("http", host, 80))
        assert len(upstreams._pools) <= 2
        upstreams.close()

    asyncio.run(main())
