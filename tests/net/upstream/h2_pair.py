"""A line and a server that share no socket and no clock: bytes go from one to the other when told to."""

from __future__ import annotations

from collections import deque

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived, StreamReset
from h2.settings import Settings

from tests.net.kit import FakeLoop, FakeTransport
from tests.net.upstream.contract import ask
from understudy.net.upstream.http2 import Http2Line


class Loop(FakeLoop):
    """Timers that are moved by hand, and calls that are made by `run`."""

    def __init__(self):
        super().__init__()
        self.soon = deque()

    def call_soon(self, call, *arguments):
        self.soon.append((call, arguments))

    def run(self):
        while self.soon:
            call, arguments = self.soon.popleft()
            call(*arguments)


class Transport(FakeTransport):
    """Takes everything, and tells the line when it is closed, as a real one does."""

    def set_write_buffer_limits(self, high=None, low=None):
        pass


class Line(Http2Line):
    """A line in a loop of ours."""

    fake = None

    @property
    def loop(self):
        return self.fake


class Pair:
    """A line, and h2 as its server."""

    def __init__(self, *, timeout_s=10.0, settings=None, answers=True):
        self.gone = []
        self.freed = []
        self.line = Line("https", timeout_s, self.gone.append, self.freed.append)
        self.loop = self.line.fake = Loop()
        self.transport = Transport()
        self.server = H2Connection(H2Configuration(client_side=False, validate_outbound_headers=False))
        if settings:
            self.server.local_settings = Settings(client=False, initial_values=settings)
        self.events = []
        self.line.connection_made(self.transport)
        if answers:
            self.server.initiate_connection()
            self.settle()

    def settle(self):
        """Let bytes go both ways until there are no more."""
        while True:
            self.loop.run()
            data, self.transport.sent = self.transport.sent, b""
            if data:
                self.events += self.server.receive_data(data)
            reply = self.server.data_to_send()
            if reply and not self.transport.ended:
                self.line.data_received(reply)
            if not (data or reply or self.loop.soon):
                return

    def feed(self, data):
        """Let bytes come from the server as they are."""
        self.line.data_received(data)
        self.settle_line()

    def settle_line(self):
        """Let the line do what it has to, and its server not see it."""
        self.loop.run()

    def ask(self, outgoing=None):
        recorder = ask(self.line, outgoing)
        self.settle()
        return recorder

    def reply(self, stream_id, status=200, headers=(), *, ends=False):
        self.server.send_headers(stream_id, [(b":status", b"%d" % status), *headers], ends)
        self.settle()

    def lose(self, error=None):
        self.transport.close()
        self.line.connection_lost(error)
        self.loop.run()

    @property
    def requests(self):
        return [event for event in self.events if isinstance(event, RequestReceived)]

    @property
    def resets(self):
        """What the line has reset: stream and code."""
        return [
            (event.stream_id, event.error_code) for event in self.events if isinstance(event, StreamReset)
        ]
