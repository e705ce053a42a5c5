"""A server that speaks HTTP/2, by scripts of the contract, or frame by frame."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    DataReceived,
    RequestReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import H2Error
from h2.settings import Settings

from tests.net.upstream.contract import Gone
from understudy.net.upstream.http2 import Http2Line


class Stream:
    """An exchange of the contract."""

    def __init__(self, connection, stream_id, headers):
        self.connection, self.id = connection, stream_id
        fields = dict(headers)
        self.method, self.target = fields[b":method"].decode(), fields[b":path"].decode()
        self.scheme = fields[b":scheme"]
        self.headers = [(b"host", fields[b":authority"])]
        self.headers += [field for field in headers if not field[0].startswith(b":")]
        self.trailers = []
        self.stalled = asyncio.Event()
        self.received = []
        self.is_complete = self.is_gone = False
        self.reset_code = None

    async def _wait(self):
        if self.is_gone:
            raise Gone
        await self.connection.wait()
        if self.is_gone:
            raise Gone

    async def read(self):
        while not self.received and not self.is_complete:
            await self._wait()
        if not self.received:
            return b""
        data, size = self.received.pop(0)
        self.connection.http.acknowledge_received_data(size, self.id)
        self.connection.flush()
        return data

    def send_headers(self, headers, *, ends=False):
        if self.is_gone:
            raise Gone
        self.connection.http.send_headers(self.id, headers, ends)
        self.connection.flush()

    async def inform(self, status, headers):
        self.send_headers([(b":status", b"%d" % status), *headers])

    async def reply(self, status, headers=(), *, ends=False):
        self.send_headers([(b":status", b"%d" % status), *headers], ends=ends)

    async def write(self, data):
        http, at = self.connection.http, 0
        while at < len(data):
            if self.is_gone:
                raise Gone
            room = min(http.local_flow_control_window(self.id), http.max_outbound_frame_size)
            if room <= 0 or self.connection.is_paused:
                if room <= 0:
                    self.stalled.set()
                await self._wait()
                continue
            http.send_data(self.id, data[at : at + room])
            self.connection.flush()
            at += room

    async def end(self, trailers=()):
        if trailers:
            self.send_headers(list(trailers), ends=True)
        elif self.is_gone:
            raise Gone
        else:
            self.connection.http.end_stream(self.id)
            self.connection.flush()

    def reset(self, code=0):
        self.connection.http.reset_stream(self.id, code)
        self.connection.flush()

    async def gone(self):
        while True:
            await self._wait()

    def lose(self):
        self.connection.transport.abort()


class Connection(asyncio.Protocol):
    """The server's side of a connection."""

    def __init__(self, server):
        self.server = server
        self.http = H2Connection(H2Configuration(client_side=False, validate_outbound_headers=False))
        self.streams = {}
        self.seen = []
        self.is_paused = self.is_lost = False
        self.lost = asyncio.get_running_loop().create_future()
        self._changed = asyncio.Event()

    async def wait(self):
        """Wait until something has come."""
        await self._changed.wait()

    def _wake(self):
        self._changed.set()
        self._changed = asyncio.Event()

    def flush(self):
        self.transport.write(self.http.data_to_send())

    def connection_made(self, transport):
        self.transport = transport
        self.server.connections.append(self)
        if self.server.settings:
            self.http.local_settings = Settings(client=False, initial_values=self.server.settings)
        self.http.initiate_connection()
        self.flush()
        self.server.on_connection(self)

    def data_received(self, data):
        try:
            events = self.http.receive_data(data)
        except H2Error as error:
            self.server.problems.append(error)
            self.transport.close()
            return
        self.seen += events
        for event in events:
            stream = self.streams.get(getattr(event, "stream_id", None))
            if isinstance(event, RequestReceived):
                stream = Stream(self, event.stream_id, event.headers)
                self.streams[event.stream_id] = stream
                self.server.start(stream)
            elif isinstance(event, DataReceived):
                if event.data:
                    stream.received.append((event.data, event.flow_controlled_length))
            elif isinstance(event, TrailersReceived):
                stream.trailers = list(event.headers)
            elif isinstance(event, StreamEnded):
                stream.is_complete = True
            elif isinstance(event, StreamReset):
                stream.is_gone = True
                stream.reset_code = event.error_code
        if not self.transport.is_closing():
            self.flush()
        self._wake()

    def pause_writing(self):
        self.is_paused = True

    def resume_writing(self):
        self.is_paused = False
        self._wake()

    def connection_lost(self, exc):
        self.is_lost = True
        for stream in self.streams.values():
            stream.is_gone = True
        if not self.lost.done():
            self.lost.set_result(None)
        self._wake()


class Server:
    """Runs a script for each request. Exceptions of scripts, but for Gone, are `problems`."""

    def __init__(self, script, settings=None, on_connection=lambda connection: None):
        self.script, self.settings, self.on_connection = script, settings, on_connection
        self.connections, self.problems, self._tasks = [], [], set()

    def start(self, stream):
        task = asyncio.ensure_future(self._run(stream))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, stream):
        try:
            await self.script(stream)
        except Gone:
            pass
        except Exception as error:
            self.problems.append(error)
            stream.connection.transport.abort()

    async def stop(self):
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def served(script, *, settings=None, timeout_s=30.0, on_connection=lambda connection: None):
    """A line to a server, and the server. What went wrong in its scripts is raised at the end."""
    server = Server(script, settings, on_connection)
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: Connection(server), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with connected(port, timeout_s=timeout_s) as line:
        yield line, server
    listening.close()
    for connection in server.connections:
        connection.transport.abort()
        await connection.lost
    await server.stop()
    await listening.wait_closed()
    if server.problems:
        raise server.problems[0]


@asynccontextmanager
async def connected(place, *, timeout_s=30.0, scheme="http", ssl=None):
    """A line to a server that is there, at a port or a Unix socket. It is closed at the end."""
    gone = []
    loop = asyncio.get_running_loop()
    lost = loop.create_future()

    class Watched(Http2Line):
        def connection_lost(self, exc):
            super().connection_lost(exc)
            lost.set_result(None)

    def make():
        return Watched(scheme, timeout_s, gone.append)

    name = "localhost" if ssl else None
    if isinstance(place, int):
        transport, line = await loop.create_connection(
            make, "127.0.0.1", place, ssl=ssl, server_hostname=name
        )
    else:
        transport, line = await loop.create_unix_connection(make, place, ssl=ssl, server_hostname=name)
    try:
        yield line
    finally:
        line.close()
        transport.abort()
        await lost
        assert gone == [line]
