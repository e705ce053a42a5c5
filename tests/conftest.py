import asyncio
import os
import sys

import pytest
from hypothesis import settings

from understudy import MockServer

# The machine may be busy: how long an example takes says nothing.
settings.register_profile("understudy", deadline=None)
settings.load_profile("understudy")

# Each worker imports 480 test files, and tests start some hundreds of processes. Without bytecode that is
# kept, each would compile all anew: before its first test, a worker would take twice as long.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

ECHO = {
    "limits": {"max_target_bytes": 2000, "max_head_bytes": 4000, "max_body_bytes": 10_000},
    "endpoints": [
        {"path": "/ok", "response": {"ok": True}},
        {"path": "/echo", "method": ["POST", "PUT"], "body": "{{ request.body }}"},
        {"path": "/query", "response": {"q": "{{ query.q }}"}},
        {"path": "/slow", "latency_ms": 60_000, "response": "late"},
        {"path": "/soon", "latency_ms": 20, "response": "soon"},
        {"path": "/big", "body": "x" * 300_000},
        {"path": "/any/**", "method": "ANY", "response": "any"},
        {"path": "/none", "status": 204},
        {"path": "/bye", "headers": {"Connection": "close"}, "response": "bye"},
    ],
}


@pytest.fixture(scope="session")
def echo():
    """A server with small limits whose endpoints show what arrived."""
    with MockServer(ECHO, seed=1) as server:
        yield server


@pytest.fixture
def serve():
    """Start servers that are stopped after the test."""
    servers = []

    def start(config, **options):
        server = MockServer(config, **options)
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def endpoints(serve):
    """Serve some endpoints: `endpoints({"path": "/a"}, cors=True)`."""

    def start(*written, options=None, **config):
        return serve({**config, "endpoints": list(written)}, **(options or {}))

    return start


@pytest.fixture(autouse=True)
def _no_loop_left_behind():
    yield
    assert asyncio._get_running_loop() is None
