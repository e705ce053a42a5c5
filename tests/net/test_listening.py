"""The port: open, refused, swallowed, and open again."""

import asyncio
import socket
import sys
import threading

import pytest

from tests.kit import Wire, get, wait_for
from understudy.net.listening import BLACK_HOLE, OPEN, REFUSING, Listening

linux = pytest.mark.skipif(sys.platform != "linux", reason="a black hole needs Linux")


@pytest.fixture
def server(endpoints):
    return endpoints({"path": "/", "body": "here"})


def want(server, how):
    """Let the server listen in another way, and wait until it does."""

    async def do():
        listening = server._server.gate.listening
        listening.want(how)
        if listening._reopening is not None:
            await asyncio.wait([listening._reopening])

    server._call(do())


def connects(server):
    """What becomes of a new connection."""
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=0.2).close()
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "timed out"
    return "connected"


@pytest.mark.parametrize(
    ("how", "seen"), [(REFUSING, "refused"), pytest.param(BLACK_HOLE, "timed out", marks=linux)]
)
def test_it_is_gone_and_comes_back_on_the_same_port(server, how, seen):
    port = server.port
    for _ in range(3):
        assert connects(server) == "connected"
        want(server, how)
        assert connects(server) == seen
        want(server, OPEN)
        assert get(server, "/").body == b"here"
    assert server.port == port
    assert server.complaints == []


@pytest.mark.parametrize("how", [REFUSING, pytest.param(BLACK_HOLE, marks=linux)])
def test_connections_that_are_open_stay_so(server, how):
    with Wire(server) as wire:
        want(server, how)
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().body == b"here"


@linux
def test_a_client_that_keeps_trying_gets_through_in_the_end(server):
    """A SYN that was dropped is sent again, after a second at first (RFC 6298 section 2.1)."""
    want(server, BLACK_HOLE)
    outcome = []

    def connect():
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            outcome.append(client.recv(1000)[:15])

    trying = threading.Thread(target=connect)
    trying.start()
    assert connects(server) == "timed out"
    want(server, OPEN)
    trying.join(30)
    assert outcome == [b"HTTP/1.1 200 OK"]


@pytest.mark.parametrize("how", [REFUSING, pytest.param(BLACK_HOLE, marks=linux)])
def test_a_server_stops_in_any_of_them(server, how):
    want(server, how)
    sockets = list(server._server.gate.listening._hole)
    server.stop()
    assert all(sock.fileno() < 0 for sock in sockets)


def test_a_port_that_another_has_taken_is_had_as_soon_as_it_can_be(server, monkeypatch):
    monkeypatch.setattr("understudy.net.listening.RETRY_S", 0.01)
    want(server, REFUSING)
    thief = socket.create_server(("127.0.0.1", server.port))
    loop, listening = server._loop, server._server.gate.listening
    loop.call_soon_threadsafe(listening.want, OPEN)
    wait_for(lambda: server.complaints)
    thief.close()
    wait_for(lambda: listening._listener)
    assert get(server, "/").body == b"here"
    assert ["cannot be had again" in told for told in server.complaints] == [True]


@linux
def test_a_hole_that_cannot_be_dug_refuses(server):
    want(server, REFUSING)
    thief = socket.create_server(("127.0.0.1", server.port))
    want(server, BLACK_HOLE)
    assert ["are refused instead" in told for told in server.complaints] == [True]
    thief.close()
    assert connects(server) == "refused"
    want(server, OPEN)


@linux
def test_every_address(serve):
    server = serve({"endpoints": []}, host="0.0.0.0")
    want(server, BLACK_HOLE)
    assert connects(server) == "timed out"


@pytest.mark.parametrize(
    ("listens", "peer", "own", "is_here"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "::ffff:127.0.0.1", "::ffff:127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", "127.0.0.1", False),
        ("127.0.0.1", "::1", "::1", False),
        ("::1", "::1", "::1", True),
        ("192.0.2.1", "192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "127.0.0.1", "127.0.0.1", False),
        ("0.0.0.0", "127.0.0.1", "127.0.0.1", True),
        ("0.0.0.0", "127.0.0.2", "127.0.0.1", True),
        ("0.0.0.0", "192.0.2.1", "192.0.2.1", True),
        ("0.0.0.0", "192.0.2.1", "192.0.2.7", False),
        ("0.0.0.0", "::1", "::1", False),
        ("::", "::1", "::1", True),
        ("::", "fe80::1%eth0", "fe80::1%eth0", True),
        ("::", "127.0.0.1", "127.0.0.1", False),
    ],
)
def test_which_connections_lead_back_here(listens, peer, own, is_here):
    listening = Listening(None, None)
    listening._addresses = [(socket.AF_INET, (listens, 8000))]
    assert listening.is_at((peer, 8000), (own, 50_000)) is is_here
    assert not listening.is_at((peer, 8001), (own, 50_000))
