"""Connections that leave HTTP while they are passed on, between a real client and a real server."""

import contextlib
import socket
import struct
import threading

import pytest

from tests.kit import Wire, wait_for
from tests.net.upstream.kit import reply

ASK = b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: noise\r\n\r\n"
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: noise\r\n\r\n"
MANY = 20_000_000


def switches(talk):
    """What a server does that changes the protocol, and then talks on the socket."""

    def answer(connection, asked):
        connection.sendall(SWITCHED)
        return talk(connection)

    return answer


def switch(wire):
    wire.send(ASK)
    assert wire.read(lambda data: b"\r\n\r\n" in data) == SWITCHED


def read_all(connection):
    """All that comes until the other side says no more, or is gone."""
    data = bytearray()
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65_536):
            data += piece
    return bytes(data)


def test_a_websocket_goes_both_ways(proxy):
    from websockets.sync.client import connect
    from websockets.sync.server import serve as serve_socket

    def echo(connection):
        for message in connection:
            connection.send(message if message != "bye" else "goodbye")
            if message == "bye":
                return

    with serve_socket(echo, "127.0.0.1", 0, subprotocols=["chat"]) as target:
        threading.Thread(target=target.serve_forever, daemon=True).start()
        port = target.socket.getsockname()[1]
        server = proxy(f"http://127.0.0.1:{port}")
        with connect(f"ws://127.0.0.1:{server.port}/chat?x=1", subprotocols=["chat"]) as client:
            assert client.subprotocol == "chat"
            for message in ("hello", b"\0\1", "x" * 1_000_000, "bye"):
                client.send(message)
                assert client.recv() == (message if message != "bye" else "goodbye")
        entry = wait_for(lambda: server.logs())[-1]
        assert (entry["status"], entry["path"]) == (101, "/chat")
        target.shutdown()


def test_an_upgrade_that_is_refused_is_an_ordinary_reply(upstream, proxy):
    target = upstream(reply(body=b"no", status="426 Upgrade Required"), reply(body=b"next"))
    server = proxy(target)
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        assert wire.answer().status == 426
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().body == b"next"
    assert target.asked[0].header("upgrade") == "websocket"
    assert target.asked[0].header("connection") == "Upgrade"


def test_what_comes_with_the_heads_is_passed_on(upstream, proxy):
    def talk(connection, asked):
        connection.sendall(SWITCHED + b"first")
        connection.sendall(connection.recv(100).upper())
        return False

    with Wire(proxy(upstream(talk))) as wire:
        wire.send(ASK)
        assert wire.read(lambda data: data.endswith(b"first")) == SWITCHED + b"first"
        wire.send(b"second")
        assert wire.rest() == b"SECOND"


def test_a_client_that_says_no_more_may_still_hear(upstream, proxy):
    def talk(connection):
        connection.sendall(read_all(connection)[::-1])
        return False

    with Wire(proxy(upstream(switches(talk)))) as wire:
        switch(wire)
        wire.send(b"abc")
        wire.socket.shutdown(socket.SHUT_WR)
        assert wire.rest() == b"cba"


def test_a_reset_is_passed_on(upstream, proxy):
    def talk(connection):
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    server = proxy(upstream(switches(talk)))
    with Wire(server) as wire:
        switch(wire)
        wire.send(b"x")
        with pytest.raises(ConnectionResetError):
            wire.rest()
    [entry] = wait_for(server.logs)
    assert (entry["status"], entry["error"]) == (101, "the connection was reset")


def test_a_client_that_goes_ends_it_for_the_server(upstream, proxy):
    ended = threading.Event()

    def talk(connection):
        read_all(connection)
        ended.set()
        return False

    server = proxy(upstream(switches(talk)))
    with Wire(server) as wire:
        switch(wire)
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert ended.wait(10)
    [entry] = wait_for(server.logs)
    assert entry["status"] == 101


def test_the_end_of_this_server_is_that_of_both(upstream, proxy):
    ended = threading.Event()

    def talk(connection):
        read_all(connection)
        ended.set()
        return False

    server = proxy(upstream(switches(talk)))
    with Wire(server) as wire:
        switch(wire)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        assert wire.rest() == b""
        assert ended.wait(10)
        stopping.join()


def test_a_client_that_reads_slowly_holds_up_the_server(upstream, proxy):
    def talk(connection):
        connection.recv(1)
        connection.sendall(b"x" * MANY)
        return False

    server = proxy(upstream(switches(talk)))
    with Wire(server) as wire:
        switch(wire)
        wire.send(b"x")
        connection = next(iter(server._server.connections))
        wait_for(lambda: connection.is_paused)
        assert connection.transport.get_write_buffer_size() < 1_000_000
        assert len(wire.rest()) == MANY


def test_a_server_that_reads_slowly_holds_up_the_client(upstream, proxy):
    go_on = threading.Event()

    def talk(connection):
        assert go_on.wait(10)
        connection.sendall(b"%d" % len(read_all(connection)))
        return False

    def send():
        wire.send(b"x" * MANY)
        wire.socket.shutdown(socket.SHUT_WR)

    server = proxy(upstream(switches(talk)))
    with Wire(server) as wire:
        switch(wire)
        connection = next(iter(server._server.connections))
        sending = threading.Thread(target=send)
        sending.start()
        wait_for(lambda: not connection.transport.is_reading())
        go_on.set()
        assert wire.rest() == b"%d" % MANY
        sending.join()
