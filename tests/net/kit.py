"""A connection without sockets: a transport that records, and a loop whose clock is moved by hand."""

from __future__ import annotations

import asyncio
from collections import deque

from understudy.build import build
from understudy.net.http1 import Http1Connection
from understudy.net.server import Server
from understudy.steps import Plan, Release, Reply

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
REPLY = Reply(200, ((b"Content-Type", b"text/plain"),), b"abcdef")


class Timer:
    """What `call_later` gives."""

    def __init__(self, loop, when, call, arguments):
        self.loop, self.when, self.call, self.arguments = loop, when, call, arguments

    def cancel(self):
        if self in self.loop.timers:
            self.loop.timers.remove(self)


class FakeLoop:
    """Timers, and nothing that moves by itself."""

    def __init__(self):
        self.now = 1000.0
        self.timers = []

    def time(self):
        return self.now

    def call_later(self, delay, call, *arguments):
        return self.call_at(self.now + delay, call, *arguments)

    def call_at(self, when, call, *arguments):
        timer = Timer(self, when, call, arguments)
        self.timers.append(timer)
        return timer

    def fire(self):
        """Move the clock to the next timer, and call it. Whether there was one."""
        if not self.timers:
            return False
        timer = min(self.timers, key=lambda timer: timer.when)
        self.timers.remove(timer)
        self.now = max(self.now, timer.when)
        timer.call(*timer.arguments)
        return True

    def advance(self, seconds):
        """Move the clock, and call what falls into the time."""
        end = self.now + seconds
        while self.timers and min(timer.when for timer in self.timers) <= end:
            self.fire()
        self.now = end


class FakeTransport(asyncio.Transport):
    """Keeps what is written. `buffered` is what the client has not read."""

    def __init__(self):
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.sent = b""
        self.writes = []
        self.ended = ""  # "", "closed" or "aborted"
        self.half_closed = False
        self.reading = True
        self.buffered = 0

    def write(self, data):
        if not self.ended:
            self.writes.append(bytes(data))
            self.sent += data

    def close(self):
        self.ended = self.ended or "closed"

    def abort(self):
        self.ended = "aborted"

    def is_closing(self):
        return bool(self.ended)

    def can_write_eof(self):
        return True

    def write_eof(self):
        self.half_closed = True

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        self.reading = True

    def get_write_buffer_size(self):
        return self.buffered


class Rig:
    """One connection to a server. `plans` are what its requests get, in the place of what is configured."""

    def __init__(self, monkeypatch, *plans, config=None, make=Http1Connection):
        self.complaints = []
        program = build(config or {"endpoints": [{"path": "/", "body": "abcdef"}]})
        self.server = Server(program, seed=1, complain=self.complaints.append)
        self.loop = self.server.loop = FakeLoop()
        self.server.date = b"Date: now\r\n"
        self.server.world.now = self.loop.time
        self.server.world.started_s = self.loop.time()
        self.released = 0
        if plans:
            left = deque(plans)
            monkeypatch.setattr("understudy.net.http1.decide", lambda *_: left.popleft())
        self.transport = FakeTransport()
        self.connection = make(self.server)
        self.connection.connection_made(self.transport)

    def plan(self, *steps, reply=REPLY, **more):
        """A plan with steps, which counts that it was let go of."""
        return Plan((*steps, Release(self._release)), reply, **more)

    def _release(self):
        self.released += 1

    def feed(self, data=REQUEST):
        """Let bytes arrive."""
        self.connection.data_received(data)

    def lose(self, error=None):
        """The connection is gone: the client has closed or reset it, or we have and all was sent."""
        self.transport.close()
        self.connection.connection_lost(error)

    def stop(self):
        """The server is asked to stop."""
        self.server.stopping = True
        self.connection.drain()

    @property
    def entries(self):
        return self.server.journal.select()

    @property
    def outcomes(self):
        return [entry.outcome for entry in self.entries]

    def body(self):
        """What was sent behind the first head."""
        return self.transport.sent.partition(b"\r\n\r\n")[2]


def request(method="GET", version="1.1", headers=""):
    return f"{method} / HTTP/{version}\r\nHost: a\r\n{headers}\r\n".encode()
