"""What every `Line` and `Call` must do, whichever protocol they speak.

A protocol's tests subclass `LineContract` and say how to `connect` to a server that does what a script says:
an `async def script(exchange: Exchange)`, run for each request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import pytest

from understudy.net.upstream.base import Incoming, Line, Outgoing, UpstreamError

BIG = bytes(range(256)) * (20 * 1024 * 4)
"""20 MB, of which no piece can be taken for another."""


class Gone(Exception):
    """The client has reset the stream, or closed the connection."""


class Exchange(Protocol):
    """A request and its reply, on the server's side. All of it raises Gone when the client has gone."""

    method: str
    target: str
    headers: list[tuple[bytes, bytes]]
    """Names in lower case, without pseudo headers; `host` is among them."""
    trailers: list[tuple[bytes, bytes]]
    stalled: asyncio.Event
    """Set when `write` has to wait for the client."""

    async def read(self) -> bytes:
        """More of the body; b"" at its end."""

    async def inform(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Send an interim reply."""

    async def reply(
        self, status: int, headers: list[tuple[bytes, bytes]] = (), *, ends: bool = False
    ) -> None:
        """Send a head. `ends`: there is no body."""

    async def write(self, data: bytes) -> None:
        """Send some of the body, as the client takes it."""

    async def end(self, trailers: list[tuple[bytes, bytes]] = ()) -> None:
        """End the body."""

    async def gone(self) -> None:
        """Wait until the client wants no more of it."""

    def lose(self) -> None:
        """Cut the connection."""


Script = Callable[[Exchange], Awaitable[None]]


class Recorder:
    """A listener that keeps what it is told, and asserts that it is told in the right order."""

    def __init__(self):
        self.told = []
        self.body = bytearray()
        self.head: Incoming | None = None
        self.trailers = None
        self.error: UpstreamError | None = None
        self.is_unused = None
        self.call = None
        self.on_body = self.on_head = self.on_writable = lambda: None
        self._changed = asyncio.Event()
        self.is_cancelled = False

    def _tell(self, word):
        assert not self.is_over, f"{word} after {self.told[-1]}"
        assert not self.is_cancelled, f"{word} after cancel"
        assert self.call is not None, f"{word} before call() has returned"
        self.told.append(word)
        self._changed.set()

    @property
    def is_over(self):
        return self.trailers is not None or self.error is not None

    def informed(self, status, headers):
        assert self.head is None
        self._tell(("informed", status, headers))

    def head_came(self, head):
        assert self.head is None
        self._tell("head")
        self.head = head
        self.on_head()

    def body_came(self, data):
        assert self.head is not None
        assert data
        self._tell("body")
        self.body += data
        self.on_body()

    def ended(self, trailers):
        assert self.head is not None
        self._tell("ended")
        self.trailers = trailers

    def broke(self, error, *, is_unused):
        self._tell("broke")
        self.error, self.is_unused = error, is_unused

    def writable(self):
        self._tell("writable")
        assert not self.call.is_full
        self.on_writable()

    async def until(self, test):
        while not test():
            self._changed.clear()
            await self._changed.wait()

    async def over(self):
        await self.until(lambda: self.is_over)
        return self

    async def whole(self):
        """The reply must be complete."""
        await self.over()
        assert self.error is None, self.error
        return self


def request(method="GET", target=b"/", headers=(), length=0):
    return Outgoing(method, target, ((b"Host", b"example.com"), *headers), length)


def ask(line: Line, outgoing=None) -> Recorder:
    recorder = Recorder()
    recorder.call = line.call(outgoing or request(), recorder)
    return recorder


async def feed(recorder: Recorder, data: bytes, piece=100_000, on_full=lambda: None):
    """Send a body as fast as the other server takes it. How often it was full."""
    waits = 0
    for start in range(0, len(data), piece):
        recorder.call.send_body(data[start : start + piece])
        if recorder.call.is_full:
            waits += 1
            on_full()
            count = recorder.told.count("writable")
            await recorder.until(
                lambda count=count: recorder.told.count("writable") > count or recorder.is_over
            )
            if recorder.is_over:
                break
    return waits


async def read_all(exchange: Exchange) -> bytes:
    body = bytearray()
    while data := await exchange.read():
        body += data
    return bytes(body)


class LineContract:
    """The tests. Names of headers are compared in lower case, as HTTP/2 has no others."""

    loop_factory = None
    """What makes the loop: None for that of asyncio."""

    def connect(self, script: Script) -> AbstractAsyncContextManager[Line]:
        """A line to a server that does what the script says for each request."""
        raise NotImplementedError

    def run(self, script: Script, client: Callable[[Line], Awaitable[None]]):
        """Let a client use a line. What goes wrong in the script fails the test."""

        async def main():
            async with asyncio.timeout(45), self.connect(script) as line:
                assert line.is_free
                await client(line)

        with asyncio.Runner(loop_factory=self.loop_factory) as runner:
            runner.run(main())

    def test_a_reply(self):
        async def script(exchange):
            assert (exchange.method, exchange.target) == ("GET", "/a?b=c")
            assert (b"host", b"example.com") in exchange.headers
            assert (b"x-one", b"1") in exchange.headers
            assert await exchange.read() == b""
            head = [(b"content-length", b"5"), (b"set-cookie", b"a=1"), (b"x", b"y"), (b"set-cookie", b"b=2")]
            await exchange.reply(200, head)
            await exchange.write(b"hello")
            await exchange.end()

        async def client(line):
            got = await ask(line, request(target=b"/a?b=c", headers=((b"X-One", b"1"),))).whole()
            assert (got.head.status, got.head.framing, bytes(got.body)) == (200, "length", b"hello")
            assert got.head.length == 5
            assert [(name.lower(), value) for name, value in got.head.headers] == [
                (b"content-length", b"5"),
                (b"set-cookie", b"a=1"),
                (b"x", b"y"),
                (b"set-cookie", b"b=2"),
            ]
            assert got.trailers == ()
            assert line.is_free

        self.run(script, client)

    def test_one_after_the_other(self):
        async def script(exchange):
            await read_all(exchange)
            await exchange.reply(200, [(b"content-length", b"%d" % len(exchange.target))])
            await exchange.write(exchange.target.encode())
            await exchange.end()

        async def client(line):
            for number in range(20):
                target = b"/%d" % number
                assert (await ask(line, request(target=target)).whole()).body == target

        self.run(script, client)

    def test_chunks_and_trailers(self):
        async def script(exchange):
            await exchange.reply(200, [(b"trailer", b"x-sum")])
            for piece in (b"a", b"b" * 70_000, b"c"):
                await exchange.write(piece)
            await exchange.end([(b"x-sum", b"3"), (b"x-sum", b"4")])

        async def client(line):
            got = await ask(line).whole()
            assert (got.head.framing, got.head.length) == ("chunked", -1)
            assert got.body == b"a" + b"b" * 70_000 + b"c"
            trailers = [(name.lower(), value) for name, value in got.trailers]
            assert trailers == [(b"x-sum", b"3"), (b"x-sum", b"4")]

        self.run(script, client)

    def test_an_empty_body(self):
        async def script(exchange):
            await exchange.reply(200, [(b"content-length", b"0")], ends=True)

        async def client(line):
            got = await ask(line).whole()
            assert (got.told, got.head.framing) == (["head", "ended"], "length")

        self.run(script, client)

    @pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304), ("HEAD", 404)])
    def test_no_body(self, method, status):
        async def script(exchange):
            length = [] if status == 204 else [(b"content-length", b"5000")]
            await exchange.reply(status, length, ends=True)

        async def client(line):
            for _ in range(2):
                got = await ask(line, request(method)).whole()
                assert (got.head.status, got.head.framing, got.told) == (status, "none", ["head", "ended"])
                if status != 204:
                    assert got.head.headers[0][1] == b"5000"

        self.run(script, client)

    def test_interim_replies(self):
        async def script(exchange):
            await exchange.inform(103, [(b"link", b"</a.css>"), (b"link", b"</b.css>")])
            await exchange.inform(102, [])
            await exchange.reply(200, [(b"content-length", b"2")])
            await exchange.write(b"ok")
            await exchange.end()

        async def client(line):
            got = await ask(line).whole()
            told = [word if isinstance(word, str) else word[:2] for word in got.told]
            assert told == [("informed", 103), ("informed", 102), "head", "body", "ended"]
            assert [value for _, value in got.told[0][2]] == [b"</a.css>", b"</b.css>"]

        self.run(script, client)

    def test_continue_is_not_told(self):
        async def script(exchange):
            await exchange.inform(100, [])
            await exchange.reply(200, [(b"content-length", b"0")], ends=True)

        async def client(line):
            assert (await ask(line).whole()).told == ["head", "ended"]

        self.run(script, client)

    @pytest.mark.parametrize("length", [None, 11])
    def test_a_body_is_sent(self, length):
        async def script(exchange):
            body = await read_all(exchange)
            await exchange.reply(200, [(b"content-length", b"%d" % len(body))])
            await exchange.write(body)
            await exchange.end()

        async def client(line):
            headers = ((b"Content-Length", b"11"),) if length else ()
            got = ask(line, request("POST", headers=headers, length=length))
            got.call.send_body(b"hello ")
            got.call.send_body(b"world")
            got.call.end_body()
            await got.whole()
            assert got.body == b"hello world"

        self.run(script, client)

    def test_trailers_are_sent(self):
        async def script(exchange):
            body = await read_all(exchange)
            assert exchange.trailers == [(b"x-sum", b"7")]
            await exchange.reply(200, [(b"content-length", b"%d" % len(body))])
            await exchange.write(body)
            await exchange.end()

        async def client(line):
            got = ask(line, request("POST", headers=((b"Trailer", b"X-Sum"),), length=None))
            got.call.send_body(b"abc")
            got.call.end_body(((b"X-Sum", b"7"),))
            assert (await got.whole()).body == b"abc"

        self.run(script, client)

    def test_a_big_body_down(self):
        async def script(exchange):
            await exchange.reply(200, [(b"content-length", b"%d" % len(BIG))])
            await exchange.write(BIG)
            await exchange.end()

        async def client(line):
            assert (await ask(line).whole()).body == BIG

        self.run(script, client)

    def test_a_big_body_up(self):
        may_read = []

        async def script(exchange):
            await may_read[0].wait()
            body = await read_all(exchange)
            await exchange.reply(200, [(b"content-length", b"2")])
            await exchange.write(b"ok" if body == BIG else b"no")
            await exchange.end()

        async def client(line):
            may_read.append(asyncio.Event())
            got = ask(line, request("POST", length=None))
            assert await feed(got, BIG, on_full=may_read[0].set) >= 1
            got.call.end_body()
            assert (await got.whole()).body == b"ok"

        self.run(script, client)

    def test_both_ways_at_once(self):
        async def script(exchange):
            await exchange.reply(200)
            while data := await exchange.read():
                await exchange.write(data)
            await exchange.end()

        async def client(line):
            data = BIG[: 3 * 1024 * 1024]
            got = ask(line, request("POST", length=None))
            await feed(got, data)
            got.call.end_body()
            assert (await got.whole()).body == data

        self.run(script, client)

    def test_a_paused_reply_waits(self):
        stalled = []

        async def script(exchange):
            stalled.append(exchange.stalled)
            await exchange.reply(200)
            await exchange.write(BIG)
            await exchange.end()

        async def client(line):
            got = ask(line)
            got.on_body = lambda: got.call.pause()
            await got.until(lambda: got.body)
            await stalled[0].wait()
            assert len(got.body) < len(BIG) // 2
            assert not got.is_over
            got.on_body = lambda: None
            got.call.resume()
            assert (await got.whole()).body == BIG

        self.run(script, client)

    def test_pausing_for_each_piece(self):
        async def script(exchange):
            await exchange.reply(200)
            await exchange.write(BIG[:3_000_000])
            await exchange.end()

        async def client(line):
            got = ask(line)

            def rest():
                got.call.pause()
                asyncio.get_running_loop().call_soon(got.call.resume)

            got.on_body = got.on_head = rest
            assert (await got.whole()).body == BIG[:3_000_000]

        self.run(script, client)

    @pytest.mark.parametrize("when", ["at once", "after the head", "within the body", "while paused"])
    def test_cancel(self, when):
        arrived, left = [], []

        async def script(exchange):
            if arrived[0].is_set():
                # the next request, on the same connection if it still lives
                await exchange.reply(200, ends=True)
                return
            arrived[0].set()
            try:
                if when != "at once":
                    await exchange.reply(200)
                    if when != "after the head":
                        await exchange.write(BIG)
                await exchange.gone()
            except Gone:
                pass
            left[0].set()

        async def client(line):
            arrived.append(asyncio.Event())
            left.append(asyncio.Event())
            got = ask(line)

            def stop():
                got.is_cancelled = True
                got.call.cancel()
                got.call.cancel()

            if when == "after the head":
                got.on_head = stop
            elif when == "within the body":
                got.on_body = stop
            elif when == "while paused":
                got.on_body = got.call.pause
                await got.until(lambda: got.body)
                stop()
            else:
                await arrived[0].wait()
                stop()
            await left[0].wait()
            assert got.is_cancelled
            got.call.send_body(b"x")
            got.call.pause()
            got.call.resume()
            got.call.end_body()
            if line.is_free:
                await ask(line).whole()

        self.run(script, client)

    @pytest.mark.parametrize("when", ["before the head", "after the head", "within the body"])
    def test_a_lost_connection(self, when):
        async def script(exchange):
            await exchange.read()
            if when != "before the head":
                await exchange.reply(200, [(b"content-length", b"10")])
                if when == "within the body":
                    await exchange.write(b"12345")
            exchange.lose()

        async def client(line):
            got = await ask(line).over()
            assert got.error is not None
            assert got.error.kind in {"closed", "reset"}
            assert got.is_unused is False
            assert not line.is_free

        self.run(script, client)

    def test_a_connection_lost_within_the_request(self):
        async def script(exchange):
            await exchange.read()
            exchange.lose()

        async def client(line):
            got = ask(line, request("POST", length=None))
            got.call.send_body(b"abc")
            await got.over()
            assert got.error.kind in {"closed", "reset"}
            got.call.send_body(b"def")
            got.call.end_body()

        self.run(script, client)

    def test_a_reply_before_the_body_was_sent(self):
        async def script(exchange):
            await exchange.reply(413, [(b"content-length", b"8")])
            await exchange.write(b"too much")
            await exchange.end()

        async def client(line):
            got = ask(line, request("POST", length=None))
            got.call.send_body(b"abc")
            await got.whole()
            assert (got.head.status, bytes(got.body)) == (413, b"too much")
            got.call.send_body(b"def")
            got.call.end_body()

        self.run(script, client)

    def test_a_line_that_is_closed_takes_no_more(self):
        async def script(exchange):
            await exchange.reply(200, [(b"content-length", b"2")])
            await exchange.write(b"ok")
            await exchange.end()

        async def client(line):
            got = ask(line)
            line.close()
            assert not line.is_free
            assert (await got.whole()).body == b"ok"
            late = await ask(line).over()
            assert late.is_unused is True

        self.run(script, client)
