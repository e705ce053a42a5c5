"""What a client gets of a failure of the real server is what it gets of the recording of it."""

import random
import socket
import struct
import threading
from dataclasses import replace

import pytest

from tests.clients.recorder import Recorder, hear, raw
from tests.kit import TIMEOUT_S
from tests.net.intercept.kit import Far, answer_http
from tests.net.upstream.kit import RawUpstream, reply

BODY = random.Random(1).randbytes(300_000)


def closes_after(*pieces):
    """Send these, and close."""

    def answer(connection, _):
        for piece in pieces:
            connection.sendall(piece)
        return False

    return answer


def hangs_after(data):
    """Send this, and nothing more until the other side has gone."""

    def answer(connection, _):
        connection.sendall(data)
        connection.recv(1)
        return False

    return answer


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
WITH_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 400000\r\nX-A: 1\r\n\r\n"
BREAKS = {
    "closed before": ("closed", closes_after(), (0, b"", "closed")),
    "closed within the head": ("closed", closes_after(b"HTTP/1.1 200 OK\r\nX-A"), (0, b"", "closed")),
    "closed behind the head": ("closed", closes_after(WITH_LENGTH), (200, b"", "closed")),
    "closed within the body": ("closed", closes_after(WITH_LENGTH, BODY), (200, BODY, "closed")),
    "closed within the chunks": (
        "closed",
        closes_after(CHUNKED, b"5\r\nhello\r\n"),
        (200, b"hello", "closed"),
    ),
    "closed within a chunk": ("closed", closes_after(CHUNKED, b"9\r\nhello"), (200, b"hello", "closed")),
    "reset before": ("reset", RawUpstream.RESET, (0, b"", "reset")),
    "nothing in time": ("timeout", hangs_after(b""), (504, None, "")),
    "half a head in time": ("timeout", hangs_after(b"HTTP/1.1 200 OK\r\n"), (504, None, "")),
    "half a body in time": ("timeout", hangs_after(WITH_LENGTH + b"hello"), (200, b"hello", "closed")),
    "half the chunks in time": ("timeout", hangs_after(CHUNKED + b"2\r\nhi\r\n"), (200, b"hi", "closed")),
    "no http": ("protocol", closes_after(b"SSH-2.0-OpenSSH_9.6\r\n"), (0, b"", "closed")),
    "a chunk that is none": ("protocol", closes_after(CHUNKED, b"2\r\nhi\r\nzz\r\n"), (200, b"hi", "closed")),
    "a head too large": ("protocol", closes_after(reply("X-A: " + "a" * 2_000_000)), (0, b"", "closed")),
}


@pytest.mark.parametrize("name", BREAKS)
def test_connections_that_break(serve, tmp_path, name):
    kind, answer, seen = BREAKS[name]
    recorder = Recorder(serve, tmp_path)
    with RawUpstream(answer) as upstream:
        server = recorder.record(upstream.url, {"timeout_s": 0.05})
        live = without_date(hear(server.port, raw("POST", "/x", body=b"a=1")))
    assert_same(recorder, server, kind, live)
    assert (live.status, live.body if seen[1] is not None else None, live.end) == seen


@pytest.mark.parametrize("head", [CHUNKED + b"186a0\r\n", WITH_LENGTH], ids=["chunks", "length"])
def test_a_reset_within_the_body(serve, tmp_path, head):
    """The client has got all that came before it."""
    recorder = Recorder(serve, tmp_path)
    body = BODY[:50_000]
    is_read = threading.Event()  # a reset overtakes what was not read yet

    def answer(connection, _):
        connection.sendall(head + body)
        assert is_read.wait(TIMEOUT_S)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    with RawUpstream(answer) as upstream:
        server = recorder.record(upstream.url)
        live = hear(server.port, raw(), lambda heard: is_read.set() if len(heard.body) == len(body) else None)
    assert (live.status, live.body, live.end) == (200, body, "reset")
    assert_same(recorder, server, "reset", live)


@pytest.fixture
def nobody():
    """A port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_nobody_listens(serve, tmp_path, nobody):
    recorder = Recorder(serve, tmp_path)
    server = recorder.record(f"http://127.0.0.1:{nobody}")
    live = without_date(hear(server.port, raw()))
    assert live.status == 502
    assert_same(recorder, server, "refused", live)


def test_a_name_that_is_not_known(serve, tmp_path):
    recorder = Recorder(serve, tmp_path)
    server = recorder.record("http://nobody.invalid")
    live = without_date(hear(server.port, raw()))
    assert live.status == 502
    assert_same(recorder, server, "dns", live)


def test_a_certificate_that_is_not_trusted(serve, tmp_path):
    recorder = Recorder(serve, tmp_path)
    with Far(answer_http, tmp_path / "ca") as far:
        server = recorder.record(f"https://{far.target}")
        live = without_date(hear(server.port, raw()))
    assert live.status == 502
    assert b"not trusted" in live.body
    assert_same(recorder, server, "tls", live)


def test_a_server_without_tls(serve, tmp_path):
    recorder = Recorder(serve, tmp_path)
    with Far(lambda connection: connection.recv(1) and connection.sendall(reply())) as far:
        server = recorder.record(f"https://{far.target}")
        live = without_date(hear(server.port, raw()))
    assert live.status == 502
    assert_same(recorder, server, "tls", live)


def assert_same(recorder, server, kind, live):
    """It is recorded as a failure of this kind, and what comes of it is what was seen `live`."""
    assert not server.complaints
    server.stop()
    (exchange,) = recorder.exchanges
    assert exchange.failed.kind == kind
    method, body = exchange.request.method, exchange.request.body
    again = recorder.replay()
    for _ in range(2):
        assert without_date(hear(again.port, raw(method, exchange.request.target, body=body))) == live
    again.stop()
    timed = recorder.replay(latency="recorded", speed=10)
    assert without_date(hear(timed.port, raw(method, exchange.request.target, body=body))) == live


def without_date(heard):
    return replace(heard, headers=[header for header in heard.headers if header[0] != "Date"])
