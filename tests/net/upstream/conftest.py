"""Servers that requests are sent on to, and those that do it."""

import pytest

from tests.net.upstream.kit import RawUpstream


@pytest.fixture
def upstream():
    servers = []

    def start(*answers, **options):
        server = RawUpstream(*answers, **options)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def proxy(serve):
    """A server that sends all on to another one."""

    def start(target, **config):
        written = {"target": target.url if hasattr(target, "url") else target, **config.pop("proxy", {})}
        return serve({"proxy": written, **config})

    return start
