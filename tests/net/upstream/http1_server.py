"""A server that speaks HTTP/1.1, by scripts of the contract."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from http import HTTPStatus

from tests.net.upstream.contract import Gone
from understudy.net.upstream.http1 import Http1Line


class Exchange:
    """An exchange of the contract, on a connection that has others before and after it."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.headers, self.trailers = [], []
        self.method = self.target = ""
        self.stalled = asyncio.Event()
        self._left = 0
        self._is_chunked_body = self._is_chunked_reply = False

    async def _lines(self):
        lines = []
        while line := (await self.reader.readline()).strip():
            name, _, value = line.partition(b":")
            lines.append((name.strip().lower(), value.strip()))
        return lines

    async def _drain(self):
        try:
            await self.writer.drain()
        except ConnectionError:
            raise Gone from None

    @property
    def is_read(self):
        """Whether the next request can be found."""
        return not (self._is_chunked_body or self._left)

    async def begin(self):
        """Read the head. Whether there is one."""
        line = await self.reader.readline()
        if not line:
            return False
        method, target, _ = line.split(b" ")
        self.method, self.target = method.decode(), target.decode()
        self.headers = await self._lines()
        fields = dict(self.headers)
        self._is_chunked_body = fields.get(b"transfer-encoding") == b"chunked"
        self._left = int(fields.get(b"content-length", 0))
        return True

    async def read(self):
        if self._is_chunked_body:
            size = int(await self.reader.readline() or b"0", 16)
            if not size:
                self._is_chunked_body = False
                self.trailers = await self._lines()
                return b""
            data = await self.reader.readexactly(size)
            await self.reader.readline()
            return data
        data = await self.reader.read(min(self._left, 65_536)) if self._left else b""
        self._left -= len(data)
        return data

    async def _head(self, status, headers, extra=()):
        lines = [b"HTTP/1.1 %d %b" % (status, HTTPStatus(status).phrase.encode())]
        lines += [b"%b: %b" % header for header in (*headers, *extra)]
        self.writer.write(b"\r\n".join(lines) + b"\r\n\r\n")
        await self._drain()

    async def inform(self, status, headers):
        await self._head(status, headers)

    async def reply(self, status, headers=(), *, ends=False):
        has_length = any(name == b"content-length" for name, _ in headers)
        self._is_chunked_reply = not has_length and self.method != "HEAD" and status not in (204, 304)
        await self._head(
            status, headers, [(b"transfer-encoding", b"chunked")] if self._is_chunked_reply else []
        )
        if ends:
            await self.end()

    async def write(self, data):
        for start in range(0, len(data), 65_536):
            piece = data[start : start + 65_536]
            if self._is_chunked_reply:
                piece = b"%x\r\n%b\r\n" % (len(piece), piece)
            self.writer.write(piece)
            if self.writer.transport.get_write_buffer_size() > 65_536:
                self.stalled.set()
            await self._drain()

    async def end(self, trailers=()):
        if self._is_chunked_reply:
            lines = [b"%b: %b\r\n" % header for header in trailers]
            self.writer.write(b"0\r\n" + b"".join(lines) + b"\r\n")
            await self._drain()

    async def gone(self):
        try:
            while await self.reader.read(65_536):
                pass
        except ConnectionError:
            pass
        raise Gone

    def lose(self):
        self.writer.transport.abort()


@asynccontextmanager
async def served(script):
    """A line to a server. What went wrong in its scripts is raised at the end."""
    problems, writers = [], []

    async def serve(reader, writer):
        writers.append(writer)
        try:
            while await (exchange := Exchange(reader, writer)).begin():
                await script(exchange)
                if not exchange.is_read:
                    writer.close()
                    return
        except (Gone, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        except Exception as error:
            problems.append(error)
            writer.transport.abort()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    loop = asyncio.get_running_loop()
    transport, line = await loop.create_connection(
        lambda: Http1Line(loop.time, lambda line: None, lambda line: None),
        "127.0.0.1",
        listening.sockets[0].getsockname()[1],
    )
    yield line
    transport.abort()
    listening.close()
    for writer in writers:
        writer.transport.abort()
    await listening.wait_closed()
    if problems:
        raise problems[0]
