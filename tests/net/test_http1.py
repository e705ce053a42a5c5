"""HTTP/1.1 on real sockets. The names say which rule of RFC 9112 or RFC 9110 a case holds."""

import asyncio
import threading

import pytest

from tests.kit import Wire, ask, get, wait_for
from understudy import MockServer
from understudy.state import MemoryStore
from understudy.views.content import UNREAD

HOST = "Host: localhost\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"
OK = f"GET /ok HTTP/1.1\r\n{HOST}\r\n"

MALFORMED = {
    "bare_lf": (b"GET /ok HTTP/1.1\nHost: a\n\n", {400}),
    "no_version": (b"GET /ok\r\n\r\n", {400, 505}),
    "garbage": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {400}),
    "unknown_method": (f"BREW /ok HTTP/1.1\r\n{HOST}\r\n".encode(), {501}),
    "lower_case_method": (f"get /ok HTTP/1.1\r\n{HOST}\r\n".encode(), {400, 501}),
    "http_2": (f"GET /ok HTTP/2.0\r\n{HOST}\r\n".encode(), {505}),
    "http_2_preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {505}),
    "http_3_1": (f"GET /ok HTTP/3.1\r\n{HOST}\r\n".encode(), {400, 505}),
    "no_host": (b"GET /ok HTTP/1.1\r\n\r\n", {400}),
    "two_hosts": (b"GET /ok HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", {400}),
    "bad_host": (b"GET /ok HTTP/1.1\r\nHost: a/b\r\n\r\n", {400}),
    "space_before_colon": (f"GET /ok HTTP/1.1\r\n{HOST}X : y\r\n\r\n".encode(), {400}),
    "header_without_colon": (f"GET /ok HTTP/1.1\r\n{HOST}nonsense\r\n\r\n".encode(), {400}),
    "header_name_with_space": (f"GET /ok HTTP/1.1\r\n{HOST}a b: c\r\n\r\n".encode(), {400}),
    "empty_header_name": (f"GET /ok HTTP/1.1\r\n{HOST}: c\r\n\r\n".encode(), {400}),
    "nul_in_header": (f"GET /ok HTTP/1.1\r\n{HOST}X: a\0b\r\n\r\n".encode(), {400}),
    "bare_cr_in_header": (f"GET /ok HTTP/1.1\r\n{HOST}X: a\rb\r\n\r\n".encode(), {400}),
    "length_and_coding": (
        f"POST /echo HTTP/1.1\r\n{HOST}Content-Length: 3\r\n{CHUNKED}\r\n0\r\n\r\n".encode(),
        {400},
    ),
    "coding_and_length": (
        f"POST /echo HTTP/1.1\r\n{HOST}{CHUNKED}Content-Length: 3\r\n\r\n0\r\n\r\n".encode(),
        {400},
    ),
    "two_lengths": (
        f"POST /echo HTTP/1.1\r\n{HOST}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd".encode(),
        {400},
    ),
    "list_of_lengths": (f"POST /echo HTTP/1.1\r\n{HOST}Content-Length: 3, 4\r\n\r\nabcd".encode(), {400}),
    "negative_length": (f"POST /echo HTTP/1.1\r\n{HOST}Content-Length: -3\r\n\r\nabc".encode(), {400}),
    "length_with_plus": (f"POST /echo HTTP/1.1\r\n{HOST}Content-Length: +3\r\n\r\nabc".encode(), {400}),
    "length_beyond_64_bits": (
        f"POST /echo HTTP/1.1\r\n{HOST}Content-Length: {2**70}\r\n\r\nabc".encode(),
        {400, 413},
    ),
    "two_codings": (
        f"POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: gzip\r\n{CHUNKED}\r\n0\r\n\r\n".encode(),
        {501},
    ),
    "unknown_coding": (f"POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: gzip\r\n\r\nabc".encode(), {501}),
    "coding_before_chunked": (
        f"POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n".encode(),
        {501},
    ),
    "coding_with_tab": (
        f"POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n".encode(),
        {400, 501},
    ),
    "chunked_in_http_1_0": (
        f"POST /echo HTTP/1.0\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode(),
        {400},
    ),
    "bad_chunk_size": (
        f"POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n".encode(),
        {400},
    ),
    "chunk_longer_than_it_says": (
        f"POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n".encode(),
        {400},
    ),
    "unknown_expectation": (
        f"POST /echo HTTP/1.1\r\n{HOST}Expect: magic\r\nContent-Length: 3\r\n\r\nabc".encode(),
        {417},
    ),
    "target_too_long": (f"GET /{'x' * 3000} HTTP/1.1\r\n{HOST}\r\n".encode(), {414}),
    "target_without_end": (b"GET /" + b"x" * 5000, {414, 431}),
    "head_too_large": (f"GET /ok HTTP/1.1\r\n{HOST}X: {'x' * 5000}\r\n\r\n".encode(), {431}),
    "many_headers": (f"GET /ok HTTP/1.1\r\n{HOST}".encode() + b"A: b\r\n" * 900 + b"\r\n", {431}),
    "head_without_end": (f"GET /ok HTTP/1.1\r\n{HOST}X: ".encode() + b"x" * 9000, {431}),
    "body_too_large": (
        f"POST /echo HTTP/1.1\r\n{HOST}Content-Length: 10001\r\n\r\n".encode() + b"x" * 10001,
        {413},
    ),
    "chunks_too_large": (
        f"POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n".encode()
        + b"1000\r\n"
        + b"x" * 4096
        + b"\r\n"
        + b"1000\r\n"
        + b"x" * 4096
        + b"\r\n"
        + b"1000\r\n"
        + b"x" * 4096
        + b"\r\n0\r\n\r\n",
        {413},
    ),
}


@pytest.mark.parametrize("by_byte", [False, True], ids=["whole", "byte_by_byte"])
@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_request_is_refused_and_the_connection_closed(echo, name, by_byte):
    raw, statuses = MALFORMED[name]
    with Wire(echo) as wire:
        wire.send(raw, by_byte=by_byte)
        answer = wire.answer()
        assert answer.status in statuses
        assert answer.header("connection") == "close"
        assert answer.json()["error"]
        wire.send(OK.encode())
        assert wire.is_closed()


@pytest.mark.parametrize("by_byte", [False, True], ids=["whole", "byte_by_byte"])
@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        (OK, 200, b'{"ok":true}'),
        (f"\r\n{OK}", 200, b'{"ok":true}'),
        (f"GET http://elsewhere.test/ok HTTP/1.1\r\n{HOST}\r\n", 200, b'{"ok":true}'),
        (f"GET /ok/ HTTP/1.1\r\n{HOST}\r\n", 200, b'{"ok":true}'),
        (f"GET /%6fk HTTP/1.1\r\n{HOST}\r\n", 200, b'{"ok":true}'),
        (f"GET /ok?x=1#frag HTTP/1.1\r\n{HOST}\r\n", 200, b'{"ok":true}'),
        (f"POST /echo HTTP/1.1\r\n{HOST}Content-Length: 3\r\n\r\nabc", 200, b"abc"),
        (f"POST /echo HTTP/1.1\r\n{HOST}content-length: 0\r\n\r\n", 200, b""),
        (
            f"POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n",
            200,
            b"abcd",
        ),
        (
            f"POST /echo HTTP/1.1\r\n{HOST}{CHUNKED.upper()}\r\n3;x=y\r\nabc\r\n0\r\nTrailer: t\r\n\r\n",
            200,
            b"abc",
        ),
        (f"GET /query?q=a%20b+c HTTP/1.1\r\n{HOST}\r\n", 200, b'{"q":"a b c"}'),
        (f"PROPFIND /any/x HTTP/1.1\r\n{HOST}\r\n", 200, b'"any"'),
        (f"GET /ok HTTP/1.1\r\n{HOST}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 200, b'{"ok":true}'),
    ],
)
def test_a_good_request_is_answered(echo, raw, status, body, by_byte):
    answer = ask(echo, raw, by_byte=by_byte)
    assert (answer.status, answer.body) == (status, body)


def test_a_connection_is_kept_and_numbered_once(echo):
    with Wire(echo) as wire:
        for _ in range(3):
            wire.send(OK.encode())
            assert wire.answer().status == 200
        wire.send(f"GET /ok HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n".encode())
        assert wire.answer().header("connection") == "close"
        assert wire.is_closed()


def test_http_1_0_closes_unless_it_asks_to_keep(echo):
    with Wire(echo) as wire:
        wire.send(b"GET /ok HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert wire.answer().header("connection") == "keep-alive"
        wire.send(b"GET /ok HTTP/1.0\r\n\r\n")
        assert wire.answer().header("connection") == "close"
        assert wire.is_closed()


def test_head_has_the_head_of_get_and_no_body(echo):
    head, whole = get(echo, "/ok", "HEAD"), get(echo, "/ok")
    assert head.body == b""
    assert head.header("content-length") == whole.header("content-length") == "11"


def test_no_content_has_no_length(echo):
    answer = get(echo, "/none")
    assert (answer.status, answer.header("content-length"), answer.header("content-type")) == (
        204,
        None,
        None,
    )


def test_every_reply_has_a_date(echo):
    for target in ("/ok", "/query?q=1", "/nowhere", "/any/1"):
        assert get(echo, target).header("date").endswith(" GMT")


def test_an_endpoint_can_close_the_connection(echo):
    with Wire(echo) as wire:
        wire.send(f"GET /bye HTTP/1.1\r\n{HOST}\r\n".encode())
        answer = wire.answer()
        assert [value for name, value in answer.headers if name.lower() == "connection"] == ["close"]
        assert wire.is_closed()


def test_pipelined_requests_are_answered_in_order(echo):
    """Also where a slow one stands before quick ones."""
    targets = ["/ok", "/soon", "/query?q=1", "/nowhere", "/soon", "/ok"]
    with Wire(echo) as wire:
        wire.send("".join(f"GET {target} HTTP/1.1\r\n{HOST}\r\n" for target in targets).encode())
        bodies = [wire.answer().body for _ in targets]
    assert bodies[0] == bodies[5] == b'{"ok":true}'
    assert bodies[1] == bodies[4] == b'"soon"'
    assert bodies[2] == b'{"q":"1"}'
    assert b"not found" in bodies[3]


def test_the_limit_is_of_one_head_however_it_arrives(echo):
    head = f"GET /ok HTTP/1.1\r\n{HOST}" + "A: b\r\n" * 600 + "\r\n"
    assert 3600 < len(head) < 4000
    with Wire(echo) as wire:
        wire.send(head.encode(), by_byte=True)
        assert wire.answer().status == 200
        wire.send((OK * 150 + OK[:20]).encode())  # more than the limit, and the last one is not whole
        for _ in range(150):
            assert wire.answer().status == 200
        wire.send(OK[20:].encode())
        assert wire.answer().status == 200
        wire.send((OK + f"GET /ok HTTP/1.1\r\n{HOST}X: ").encode())
        assert wire.answer().status == 200
        for _ in range(100):
            wire.send(b"x" * 100)
        assert wire.answer().status == 431


def test_more_pipelined_requests_than_are_read_ahead(echo):
    count = 1000
    with Wire(echo) as wire:
        wire.send(f"GET /soon HTTP/1.1\r\n{HOST}\r\n".encode())
        wire.send("".join(f"GET /query?q={n} HTTP/1.1\r\n{HOST}\r\n" for n in range(count)).encode())
        assert wire.answer().body == b'"soon"'
        for n in range(count):
            assert wire.answer().json() == {"q": str(n)}


def test_what_came_before_a_malformed_request_is_answered_first(echo):
    with Wire(echo) as wire:
        wire.send(f"GET /soon HTTP/1.1\r\n{HOST}\r\n{OK}nonsense\r\n\r\n".encode())
        assert [wire.answer().status for _ in range(3)] == [200, 200, 400]
        assert wire.is_closed()


def test_expect_continue(echo):
    with Wire(echo) as wire:
        wire.send(f"POST /echo HTTP/1.1\r\n{HOST}Expect: 100-continue\r\nContent-Length: 3\r\n\r\n".encode())
        assert wire.answer().status == 100
        wire.send(b"abc")
        assert wire.answer().body == b"abc"


def test_a_body_too_large_is_refused_before_it_is_sent(echo):
    with Wire(echo) as wire:
        wire.send(
            f"POST /echo HTTP/1.1\r\n{HOST}Expect: 100-continue\r\nContent-Length: 99999\r\n\r\n".encode()
        )
        assert wire.answer().status == 413


def test_a_reply_larger_than_the_socket_takes_arrives_whole(echo):
    with Wire(echo) as wire:
        for _ in range(5):
            wire.send(f"GET /big HTTP/1.1\r\n{HOST}\r\n".encode())
        for _ in range(5):
            assert len(wire.answer().body) == 300_000


def test_a_client_that_does_not_read_stops_the_server_from_answering(endpoints):
    """Back-pressure: replies are made as they are read, so memory does not grow with what was asked."""
    server = endpoints({"path": "/big", "body": "x" * 100_000})
    with Wire(server) as wire:
        wire.socket.settimeout(0.5)
        wire.send(f"GET /big HTTP/1.1\r\n{HOST}\r\n".encode() * 2000)
        served = len(server.logs(path="/big"))
        assert served < 500
        wire.socket.settimeout(10)
        assert len(wire.answer().body) == 100_000


def test_the_client_hangs_up_during_a_wait(endpoints):
    server = endpoints({"path": "/slow", "latency_ms": 60_000})
    with Wire(server) as wire:
        wire.send(f"GET /slow HTTP/1.1\r\n{HOST}\r\n".encode())
        wire.socket.settimeout(0.05)
        with pytest.raises(TimeoutError):
            wire.socket.recv(1)
    (entry,) = wait_for(server.logs)
    assert (entry["outcome"], entry["status"], entry["response"]) == ("client closed", None, None)


def test_a_half_closed_client_still_gets_its_reply(echo):
    import socket

    with Wire(echo) as wire:
        wire.send(OK.encode())
        wire.socket.shutdown(socket.SHUT_WR)
        assert wire.answer().status == 200
        assert wire.is_closed()


@pytest.mark.parametrize(
    ("sent", "limits", "status"),
    [
        (b"", {"idle_timeout_s": 0.01}, None),
        (b"GET /ok HTTP/1.1\r\n", {"head_timeout_s": 0.01}, 408),
        (b"POST /ok HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", {"body_timeout_s": 0.01}, 408),
    ],
)
def test_a_client_that_takes_too_long(endpoints, sent, limits, status):
    server = endpoints({"path": "/ok"}, limits=limits)
    with Wire(server) as wire:
        wire.send(sent)
        if status is not None:
            assert wire.answer().status == status
        assert wire.is_closed()


def test_too_many_connections_are_closed_at_once(endpoints):
    server = endpoints({"path": "/ok"}, limits={"max_connections": 2})
    with Wire(server) as first, Wire(server) as second:
        for wire in (first, second):
            wire.send(OK.encode())
            assert wire.answer().status == 200
        with Wire(server) as third:
            assert third.is_closed()


def test_stopping_ends_waits_and_answers_them(serve):
    server = serve({"endpoints": [{"path": "/slow", "latency_ms": 60_000, "response": "late"}]})
    with Wire(server) as waiting, Wire(server) as idle:
        waiting.send(f"GET /slow HTTP/1.1\r\n{HOST}\r\n".encode())
        waiting.socket.settimeout(0.1)
        with pytest.raises(TimeoutError):
            waiting.socket.recv(1)
        waiting.socket.settimeout(10)
        server.stop()
        answer = waiting.answer()
        assert (answer.body, answer.header("connection")) == (b'"late"', "close")
        assert idle.is_closed()


def test_a_bug_is_a_500_and_told_not_taken_for_bad_http(endpoints, monkeypatch):
    server = endpoints({"path": "/ok"})
    monkeypatch.setattr("understudy.net.http1.decide", lambda *_: 1 / 0)
    with Wire(server) as wire:
        for _ in range(2):
            wire.send(OK.encode())
            answer = wire.answer()
            assert (answer.status, "ZeroDivisionError" in answer.json()["error"]) == (500, True)
    assert "please report" in server.complaints[0]


@pytest.mark.parametrize("latency_ms", [0, 1])
def test_the_log_keeps_nothing_that_conditions_have_parsed(endpoints, latency_ms):
    """A parsed body is many times as large as its bytes, which the log counts."""
    match = {"body": {"json": {"a": 1}}}
    server = endpoints(
        {"path": "/", "method": "POST", "match": match, "latency_ms": latency_ms, "response": "x"}
    )
    for body in (b'{"a": 1}', b'{"a": 2}'):
        get(server, "/", "POST", body=body)
    kept = [entry.request for entry in wait_for(lambda: _logged(server, 2))]
    assert [request._json for request in kept] == [UNREAD, UNREAD]


def _logged(server, count):
    entries = list(server._server.journal.select())
    return entries if len(entries) == count else None


class Stuck(MemoryStore):
    """A store that answers when it is told to."""

    def __init__(self):
        super().__init__()
        self.asked = threading.Event()
        self.go = None

    async def change(self, space, table, key, how):
        self.go = asyncio.Event()
        self.asked.set()
        await self.go.wait()
        return await super().change(space, table, key, how)


@pytest.fixture
def stuck():
    with MockServer(
        {"endpoints": [{"path": "/a", "times": 9, "body": "a"}, {"path": "/b", "body": "b"}]}
    ) as server:
        server.store = server._server.world.store = Stuck()
        yield server


def test_a_decision_that_waits_keeps_the_order_of_replies(stuck):
    with Wire(stuck) as wire:
        wire.send(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")
        assert stuck.store.asked.wait(5)
        assert get(stuck, "/b").body == b"b", "others are not held up"
        stuck._loop.call_soon_threadsafe(stuck.store.go.set)
        assert [wire.answer().body, wire.answer().body] == [b"a", b"b"]


def test_a_client_that_hangs_up_while_its_answer_is_decided(stuck):
    with Wire(stuck) as wire:
        wire.send(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        assert stuck.store.asked.wait(5)
    (entry,) = wait_for(stuck.logs)
    assert (entry["endpoint"], entry["outcome"], entry["status"]) == ("GET /a", "client closed", None)


def test_a_decision_is_waited_for_when_the_server_stops(stuck):
    with Wire(stuck) as wire:
        wire.send(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        assert stuck.store.asked.wait(5)
        stuck._loop.call_soon_threadsafe(stuck._server.stop_soon)
        stuck._loop.call_soon_threadsafe(stuck.store.go.set)
        answer = wire.answer()
        assert (answer.body, answer.header("connection")) == (b"a", "close")


def test_an_offer_to_upgrade_is_not_remembered_together_with_what_follows():
    with MockServer({"endpoints": [{"path": "/ok", "body": "ok"}, {"path": "/cl", "body": "cl"}]}) as server:
        pair = (
            b"GET /ok HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"
            b"GET /cl HTTP/1.1\r\nHost: h\r\n\r\n"
        )
        for _ in range(3):
            with Wire(server) as wire:
                wire.send(pair)
                assert [wire.answer().body, wire.answer().body] == [b"ok", b"cl"]
        assert [entry["path"] for entry in server.logs()] == ["/ok", "/cl"] * 3


@pytest.mark.parametrize(
    ("target", "headers", "body"),
    [
        ("/a", f"X: {'x' * 10_000}\r\n", b""),
        (f"/a?{'x' * 10_000}", "", b""),
        ("/drawn", f"X: {'x' * 10_000}\r\n", b""),
        ("/live", f"X: {'x' * 10_000}\r\n", b""),
        (f"/missing{'x' * 10_000}", "", b""),
        ("/a", f"X: {'x' * 10_000}\r\nTransfer-Encoding: other\r\n", b""),
        ("/judged", "", b'["' + b'","' * 20 + b'"]'),
    ],
)
def test_the_log_is_bounded_by_all_that_it_keeps(serve, target, headers, body):
    judged = {"body": {"items": {"type": "integer"}}}
    server = serve(
        {
            "log": {"max_bytes": 100_000, "max_entries": 1000},
            "endpoints": [
                {"path": "/a", "response": 1},
                {"path": "/drawn", "response": "{{ uuid }}"},
                {"path": "/live", "response": "{{ state.x }}"},
                {"path": "/judged", "method": "POST", "validate": judged},
            ],
            "state": {"variables": {"x": 1}},
        }
    )
    method = "POST" if body else "GET"
    for _ in range(40):
        get(server, target, method, headers, body)
    assert 5 < len(server.logs()) < 15
