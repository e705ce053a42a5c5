"""Tunnels that are not looked into: what goes through them, and how they end."""

import asyncio
import contextlib
import shutil
import socket
import subprocess
import threading

import httpx
import pytest

from tests.kit import wait_for
from tests.net.intercept.kit import Far, answer_http, connect, opened, refusal, trusting
from tests.net.kit import FakeTransport, Rig
from understudy import MockServer
from understudy.net.intercept.pipe import End, NearEnd

SIZE = 5_000_000
BLIND = {"forward_proxy": {"hosts": []}, "endpoints": [{"path": "/static", "response": "ours"}]}


@pytest.fixture(scope="module")
def proxy():
    with MockServer(BLIND) as server:
        yield server


def echo(connection):
    """Send all back, and the end after it."""
    while data := connection.recv(65536):
        connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)
    connection.recv(1)


def read_all(connection):
    data = bytearray()
    while more := connection.recv(65536):
        data += more
    return bytes(data)


def test_tls_goes_through_unseen(proxy, tmp_path):
    with Far(answer_http, tmp_path / "far") as far:
        with httpx.Client(proxy=proxy.url, verify=trusting(far.ca)) as client:
            assert client.get(f"https://{far.target}/static").text == "far"
        if shutil.which("curl"):
            command = ["curl", "-s", "--noproxy", "", "-x", proxy.url, "--cacert", str(far.ca)]
            done = subprocess.run([*command, f"https://{far.target}/"], capture_output=True, timeout=30)
            assert done.stdout == b"far"
    assert proxy.logs(path="/static") == []


def test_much_data_both_ways_with_its_end(proxy):
    sent = bytes(range(256)) * (SIZE // 256)
    with Far(echo) as far, opened(proxy, far.target) as wire:
        sender = threading.Thread(target=lambda: (wire.send(sent), wire.socket.shutdown(socket.SHUT_WR)))
        sender.start()
        assert read_all(wire.socket) == sent
        sender.join()
    wait_for(lambda: not proxy._server.connections)


def test_bytes_that_come_with_the_connect_go_first(proxy):
    with Far(echo) as far, opened(proxy, far.target, behind=b"first") as wire:
        wire.send(b" second")
        wire.socket.shutdown(socket.SHUT_WR)
        assert bytes(wire._buffer) + read_all(wire.socket) == b"first second"


def test_a_server_that_speaks_first(proxy):
    with (
        Far(lambda connection: connection.sendall(b"220 hello\r\n")) as far,
        opened(proxy, far.target) as wire,
    ):
        assert wire._until(b"\r\n") == b"220 hello\r\n"
        assert wire.is_closed()


def test_a_reset_goes_through(proxy):
    def reset(connection):
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with (
        Far(reset) as far,
        opened(proxy, far.target, behind=b"x") as wire,
        pytest.raises(ConnectionResetError),
    ):
        wire.socket.recv(1)


def test_a_client_that_goes_takes_the_other_end_with_it(proxy):
    gone = threading.Event()

    def wait(connection):
        with contextlib.suppress(OSError):
            connection.sendall(b"x")
            connection.recv(1)
        gone.set()

    with Far(wait) as far:
        with opened(proxy, far.target) as wire:
            wire._exactly(1)
        assert gone.wait(10)


def test_who_cannot_be_reached(proxy):
    with Far(echo) as far:
        port = far.port
    status, why = refusal(proxy, f"127.0.0.1:{port}")
    assert status == 502
    assert "refused" in why
    status, why = refusal(proxy, "no-such-host.invalid:443")
    assert (status, "there is no such host" in why) == (502, True)
    assert refusal(proxy, f"127.0.0.1:{proxy.port}")[0] == 508


def test_a_name_of_this_machine_that_only_the_resolver_knows(proxy):
    name = socket.gethostname()
    with contextlib.suppress(OSError), socket.create_connection((name, proxy.port), 2):
        assert refusal(proxy, f"{name}:{proxy.port}")[0] == 508


def test_a_stop_ends_tunnels(serve):
    server = serve(BLIND)
    with Far(echo) as far, opened(server, far.target, behind=b"x") as wire:
        wire._exactly(1)
        server.stop()
        assert wire.is_closed()
    assert server.complaints == []


def test_a_stop_does_not_wait_for_a_connection_that_is_not_there_yet(serve, monkeypatch):
    server = serve(BLIND)
    begun = threading.Event()

    async def never(*_):
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("understudy.net.intercept.tunnel._reach", never)
    with connect(server, "a.test:443") as wire:
        assert begun.wait(10)
        server.stop()
        assert wire.is_closed()


# --- without sockets --------------------------------------------------------------------------------


@pytest.fixture
def ends(monkeypatch):
    """The client's end and the other, joined."""
    server = Rig(monkeypatch).server
    far = End()
    far.connection_made(FakeTransport())
    near = NearEnd(server, far, 60.0)
    near.connection_made(FakeTransport())
    return near, far


def test_who_does_not_read_holds_the_other_up(ends):
    for one, other in (ends, ends[::-1]):
        one.pause_writing()
        assert not other.transport.reading
        one.resume_writing()
        assert other.transport.reading


def test_what_came_before_the_client_was_told_waits(monkeypatch):
    server = Rig(monkeypatch).server
    far = End()
    far.connection_made(FakeTransport())
    far.data_received(b"early")
    assert not far.transport.reading
    far.eof_received()
    near = NearEnd(server, far, 60.0)
    near.connection_made(FakeTransport())
    assert near.transport.sent == b"early"
    assert near.transport.half_closed
    assert far.transport.reading


def test_a_server_that_was_lost_before_the_client_was_told(monkeypatch):
    server = Rig(monkeypatch).server
    far = End()
    far.connection_made(FakeTransport())
    far.data_received(b"early")
    far.connection_lost(None)
    near = NearEnd(server, far, 60.0)
    near.connection_made(FakeTransport())
    assert (near.transport.sent, near.transport.ended) == (b"early", "closed")


def test_each_end_may_stop_sending_before_the_other(ends):
    near, far = ends
    assert near.eof_received() is True
    assert far.transport.half_closed
    assert not near.transport.ended
    far.data_received(b"still")
    assert near.transport.sent == b"still"
    far.eof_received()
    assert (near.transport.ended, far.transport.ended) == ("closed", "closed")


def test_what_comes_for_one_who_is_gone_is_dropped(ends):
    near, far = ends
    near.transport.close()
    far.data_received(b"late")
    near.connection_lost(None)
    assert far.transport.ended == "closed"
    far.pause_writing()
    far.resume_writing()
    far.eof_received()
    far.connection_lost(None)


def test_silence_ends_a_tunnel(ends):
    near, far = ends
    near.close_idle()
    near.check_time(near.last + 59)
    assert not near.transport.ended
    far.last = near.last + 30
    near.check_time(near.last + 61)
    assert not near.transport.ended
    near.check_time(far.last + 61)
    assert (near.transport.ended, far.transport.ended) == ("aborted", "aborted")
