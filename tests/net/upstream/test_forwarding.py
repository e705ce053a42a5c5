"""Requests that are sent on, between a real client and a real server."""

import gzip
import socket
import threading

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import RequestReceived

from tests.kit import Wire, get, wait_for
from tests.net.upstream.kit import RawUpstream, reply
from understudy.net.upstream.forwarding import MAX_REPEATS
from understudy.net.upstream.http1 import MAX_INTERIM_REPLIES

HOP = ("connection", "keep-alive", "transfer-encoding", "date", "upgrade")


def seen(answer):
    """Headers but for those of the connection."""
    return [(name, value) for name, value in answer.headers if name.lower() not in HOP]


def exchange(server, raw, method="GET"):
    with Wire(server) as wire:
        wire.send(raw)
        return wire.answer(method)


def test_headers_and_body_are_passed_on_as_they_are(upstream, proxy):
    body = gzip.compress(b"hello " * 100)
    target = upstream(
        reply(
            "Server: x/1",
            "Set-Cookie: a=1; Path=/",
            "X-ODD: caf\xe9",
            "set-cookie: b=2; HttpOnly",
            "Content-Encoding: gzip",
            f"Content-Length: {len(body)}",
            'ETag: W/"1"',
            "Keep-Alive: timeout=5",
            "Connection: keep-alive, X-Mine",
            "X-Mine: gone",
            body=body,
            status="299 Fine Enough",
        )
    )
    server = proxy(target)
    answer = exchange(
        server,
        b"GET /a%20b/../c?x=1&x=2&y HTTP/1.1\r\nHost: here\r\nX-B: 1\r\nx-a: 2\r\nX-B: 3\r\n"
        b"Accept-Encoding: gzip, br\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\n"
        b"Cookie: s=1\r\nX-Understudy-Space: \r\n\r\n",
    )
    assert (answer.status, answer.reason) == (299, "Fine Enough")
    assert seen(answer) == [
        ("Server", "x/1"),
        ("Set-Cookie", "a=1; Path=/"),
        ("X-ODD", "caf\xe9"),
        ("set-cookie", "b=2; HttpOnly"),
        ("Content-Encoding", "gzip"),
        ("Content-Length", str(len(body))),
        ("ETag", 'W/"1"'),
    ]
    assert answer.body == body
    assert answer.header("date") is None
    asked = target.asked[0]
    assert asked.line == "GET /a%20b/../c?x=1&x=2&y HTTP/1.1"
    assert asked.headers == [
        ("Host", f"127.0.0.1:{target.port}"),
        ("X-B", "1"),
        ("x-a", "2"),
        ("X-B", "3"),
        ("Accept-Encoding", "gzip, br"),
        ("TE", "trailers"),
        ("Cookie", "s=1"),
    ]


CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
    b"3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nX-Sum: 7\r\n\r\n"
)


def test_chunks_and_trailers(upstream, proxy):
    server = proxy(upstream(CHUNKED))
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        data = wire.read(lambda data: data.endswith(b"X-Sum: 7\r\n\r\n"))
    head, _, rest = data.partition(b"\r\n\r\n")
    assert b"\r\nTrailer: X-Sum" in head
    assert b"\r\nTransfer-Encoding: chunked" in head
    assert rest == b"3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Sum: 7\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "raw"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"),
        ("GET", b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 10\r\n\r\n'),
        ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ],
)
def test_replies_without_a_body(upstream, proxy, method, raw):
    target = upstream(raw, reply(body=b"next"))
    server = proxy(target)
    with Wire(server) as wire:
        wire.send(f"{method} / HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        answer = wire.answer("HEAD")
        lines = [line for line in raw.split(b"\r\n")[1:] if line and not line.startswith(b"Transfer")]
        assert [f"{name}: {value}".encode() for name, value in seen(answer)] == lines
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().body == b"next"
    assert target.connections == 1


def test_a_body_that_ends_with_the_connection(upstream, proxy):
    server = proxy(upstream(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it"))
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.read(lambda data: data.endswith(b"0\r\n\r\n")).endswith(b"9\r\nall of it\r\n0\r\n\r\n")
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert wire.rest().endswith(b"\r\n\r\nall of it")


def test_early_hints_are_passed_on(upstream, proxy):
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    server = proxy(upstream(hints + reply(body=b"x")))
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.read(lambda data: data.endswith(b"\r\n\r\nx")).startswith(hints)


def test_connections_are_used_again_and_in_parallel(upstream, proxy):
    target = upstream(reply(body=b"x"))
    server = proxy(target)
    for _ in range(3):
        assert get(server, "/").body == b"x"
    assert target.connections == 1


def test_a_connection_that_was_closed_meanwhile_is_not_noticed(upstream, proxy):
    def once(connection, asked):
        connection.sendall(reply(body=b"x"))
        return False

    target = upstream(once)
    server = proxy(target)
    for _ in range(5):
        assert get(server, "/").status == 200


@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_of_requests(upstream, proxy, size, chunked):
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    target = upstream(reply(body=b"thanks"))
    server = proxy(target)
    if chunked:
        pieces = [body[start : start + 10_000] for start in range(0, size, 10_000)]
        sent = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        head = b"POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    else:
        sent, head = body, b"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size
    assert exchange(server, head + sent).body == b"thanks"
    assert target.asked[0].body == body
    assert target.asked[0].chunked is chunked


def test_expect_continue(upstream, proxy):
    target = upstream(reply(body=b"thanks"))
    server = proxy(target)
    with Wire(server) as wire:
        wire.send(b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n")
        assert wire.read(lambda data: data.endswith(b"\r\n\r\n")) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.send(b"x" * 100_000)
        assert wire.answer().body == b"thanks"
    assert target.asked[0].header("expect") is None


def test_a_reply_before_the_body_is_complete(upstream, proxy):
    refused = threading.Event()

    class Early(RawUpstream):
        def _serve(self, connection, number):
            reader = connection.makefile("rb")
            while reader.readline() != b"\r\n":
                pass
            connection.sendall(reply("Connection: close", body=b"too large", status="413 Content Too Large"))
            refused.wait(10)
            connection.close()

    with Early(b"") as target:
        server = proxy(target)
        with Wire(server) as wire:
            wire.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + b"x" * 1000)
            answer = wire.answer()
            assert (answer.status, answer.body) == (413, b"too large")
            refused.set()
            wire.send(b"x" * 99_000 + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert wire.answer().status == 413


def test_what_goes_wrong_before_the_reply(upstream, proxy, serve):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    answer = get(proxy(f"http://127.0.0.1:{port}"), "/")
    assert (answer.status, answer.json()["kind"]) == (502, "refused")
    assert str(port) in answer.json()["message"]
    answer = get(proxy("http://does-not-exist.invalid"), "/")
    assert (answer.status, answer.json()["kind"]) == (502, "dns")
    answer = get(proxy(serve({}).url.replace("http", "https")), "/")
    assert (answer.status, answer.json()["kind"]) == (502, "tls")
    assert answer.json()["message"].endswith("(does it speak http:// only?)")


def test_a_server_that_does_not_answer(upstream, proxy):
    target = upstream(lambda connection, asked: wait_for(lambda: connection.fileno() < 0) and False)
    server = proxy(target, proxy={"timeout_s": 0.05})
    answer = get(server, "/")
    assert (answer.status, answer.json()["kind"]) == (504, "timeout")


def test_a_server_that_refuses_each_stream_is_not_asked_for_ever(upstream, proxy):
    """REFUSED_STREAM says that nothing was processed, so that the request may be sent again."""
    asked = []

    def refuse(connection, _):
        http = H2Connection(H2Configuration(client_side=False))
        http.initiate_connection()
        connection.sendall(http.data_to_send())
        while data := connection.recv(65_536):
            for event in http.receive_data(data):
                if isinstance(event, RequestReceived):
                    asked.append(event.stream_id)
                    http.reset_stream(event.stream_id, ErrorCodes.REFUSED_STREAM)
            connection.sendall(http.data_to_send())

    target = upstream(refuse)
    target._serve = refuse
    server = proxy(target, proxy={"http2": "always"})
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            wire.answer()
    assert len(asked) == MAX_REPEATS + 1
    assert "REFUSED_STREAM" in server.logs()[-1]["error"]


def test_what_breaks_is_passed_on_as_it_is(upstream, proxy):
    server = proxy(upstream(b""))
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.rest() == b""
    assert "closed" in server.logs()[-1]["error"]
    server = proxy(upstream(RawUpstream.RESET))
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            wire.answer()
    half = upstream(
        lambda connection, asked: connection.sendall(reply("Content-Length: 10", body=b"12345")) or False
    )
    server = proxy(half)
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.rest().endswith(b"\r\n\r\n12345")
    assert server.logs()[-1]["outcome"] == "broken off upstream"


@pytest.mark.parametrize(
    "raw", [b"HTTP/1.1 banana\r\n\r\n", b"\x16\x03\x01", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"]
)
def test_a_server_that_speaks_no_http(upstream, proxy, raw):
    server = proxy(upstream(lambda connection, asked: connection.sendall(raw) or False))
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.rest() == b""
    assert server.logs()[-1]["error"]


@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
def test_two_replies_for_one_request(upstream, proxy, method):
    other = reply(body=b"for somebody else")
    target = upstream(reply(body=b"one") + other, reply(body=b"two") + other)
    with Wire(proxy(target)) as wire:
        wire.send((method + b" / HTTP/1.1\r\nHost: a\r\n\r\n") * 2)
        answers = [wire.answer(method.decode()) for _ in range(2)]
        assert [answer.body for answer in answers] == ([b"one", b"two"] if method == b"GET" else [b"", b""])
    assert target.connections == 2


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 2\r\nTransfer-Encoding: chunked",
        "Content-Length: 2\r\nContent-Length: 3",
        "Transfer-Encoding: gzip, chunked",
        "X: a\r\n b",
        "X: a\nY: b",
        "X: a\0b",
    ],
)
def test_what_can_be_read_in_two_ways_reaches_no_client(upstream, proxy, head):
    server = proxy(upstream(reply(head, "Content-Length: 2", body=b"ok"), reply(body=b"next")))
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.rest() == b""
    assert "not HTTP" in server.logs()[-1]["error"]
    assert get(server, "/").body == b"next"


def test_a_body_is_no_request_of_its_own(upstream, proxy):
    target = upstream(reply(body=b"ok"))
    inner = b"GET /inner HTTP/1.1\r\nHost: a\r\n\r\n"
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: Content-Length, Host\r\nContent-Length: %d\r\n\r\n"
    with Wire(proxy(target)) as wire:
        wire.send(head % len(inner) + inner)
        assert wire.answer().body == b"ok"
        wire.send(b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().body == b"ok"
    assert [one.line for one in target.asked] == ["POST / HTTP/1.1", "GET /next HTTP/1.1"]
    assert target.asked[0].body == inner


def test_a_client_that_goes_ends_the_request(upstream, proxy):
    gone = threading.Event()

    def hang(connection, asked):
        connection.recv(1)
        gone.set()
        return False

    target = upstream(hang)
    with Wire(proxy(target)) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_for(lambda: target.asked)
    assert gone.wait(10)


def test_a_client_that_reads_slowly_holds_up_the_server(upstream, proxy):
    size = 30_000_000
    sent = []

    def flood(connection, asked):
        connection.sendall(reply(f"Content-Length: {size}"))
        piece = b"x" * 100_000
        for _ in range(size // len(piece)):
            connection.sendall(piece)
            sent.append(len(piece))

    server = proxy(upstream(flood))
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_for(lambda: sent)
        connection = next(iter(server._server.connections))
        wait_for(lambda: connection.is_paused)
        assert connection.transport.get_write_buffer_size() < 1_000_000
        assert wire.answer().body == b"x" * size
    assert sum(sent) == size


def test_interim_replies_to_a_client_that_reads_slowly_hold_up_the_server(upstream, proxy):
    """They are few, but each may be as large as a head."""
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: " + b"x" * 250_000 + b"\r\n\r\n"
    sent = []

    def flood(connection, asked):
        for _ in range(MAX_INTERIM_REPLIES):
            connection.sendall(interim)
            sent.append(len(interim))
        connection.sendall(reply(body=b"at last"))

    server = proxy(upstream(flood))
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_for(lambda: sent)
        connection = next(iter(server._server.connections))
        wait_for(lambda: connection.is_paused)
        assert connection.transport.get_write_buffer_size() < 1_000_000
        assert len(sent) < MAX_INTERIM_REPLIES
        last = b""
        while not last.endswith(b"at last"):
            last = last[-10:] + wire.socket.recv(1_000_000)
    assert len(sent) == MAX_INTERIM_REPLIES


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0", "0.0.0.0", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"],
)
def test_a_target_that_is_this_server_ends_there(endpoints, host):
    """However its address is written: a request that is sent on to where it came from would never end."""
    server = endpoints({"path": "/a", "body": "mock"})
    server.add({"path": "/", "proxy": f"http://{host}:{server.port}"})
    answer = get(server, "/")
    assert answer.status == 502
    assert b"is this server itself" in answer.body
    assert len(server.logs()) == 1


PATHS = [
    ({}, "/users?x=1", "/users?x=1"),
    ({"target": "/v1"}, "/users", "/v1/users"),
    ({"target": "/v1/"}, "/", "/v1/"),
    ({"strip_prefix": "/api"}, "/api/users?x=1", "/users?x=1"),
    ({"strip_prefix": "/api"}, "/api", "/"),
    ({"strip_prefix": "/api"}, "/apiary", "/apiary"),
    ({"target": "/v1", "strip_prefix": "/api"}, "/api/users", "/v1/users"),
]


@pytest.mark.parametrize(("written", "asked", "sent"), PATHS)
def test_paths(upstream, proxy, written, asked, sent):
    target = upstream(reply())
    settings = {**written, "target": target.url + written.get("target", "")}
    get(proxy(target, proxy=settings), asked)
    assert target.asked[0].line == f"GET {sent} HTTP/1.1"


def test_headers_that_are_put_on_and_taken_off(upstream, proxy):
    target = upstream(reply())
    server = proxy(
        target, proxy={"headers": {"X-Key": "1", "Accept": "text/plain"}, "remove_headers": ["cookie"]}
    )
    exchange(server, b"GET / HTTP/1.1\r\nHost: here\r\naccept: */*\r\nCookie: a=1\r\nX-A: 1\r\n\r\n")
    assert target.asked[0].headers == [
        ("Host", f"127.0.0.1:{target.port}"),
        ("X-A", "1"),
        ("X-Key", "1"),
        ("Accept", "text/plain"),
    ]
    server = proxy(target, proxy={"keep_host": True})
    exchange(server, b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    assert target.asked[-1].headers == [("Host", "here")]


def test_locations_may_lead_here(upstream, proxy):
    def answers(target):
        return reply(
            f"Location: {target}/login?x=1",
            "Set-Cookie: a=1; Domain=.example.com; Path=/",
            status="302 Found",
        )

    target = upstream(b"x")
    target.answers = [answers(target.url)]
    assert get(proxy(target), "/").header("location") == f"{target.url}/login?x=1"
    answer = get(proxy(target, proxy={"rewrite_location": True}), "/")
    assert answer.header("location") == "/login?x=1"
    assert answer.header("set-cookie") == "a=1; Path=/"


def test_endpoints_go_before_it_and_others_behind_them(upstream, proxy, serve):
    target = upstream(reply(body=b"real"))
    server = proxy(
        target,
        endpoints=[
            {"path": "/local", "response": "mock"},
            {
                "path": "/part/**",
                "method": "ANY",
                "proxy": target.url,
                "latency_ms": 1,
                "headers": {"X-By": "us"},
            },
        ],
        cors=True,
    )
    assert get(server, "/local").json() == "mock"
    assert get(server, "/local", "POST").body == b"real"
    assert get(server, "/").body == b"real"
    answer = get(server, "/part/x")
    assert (answer.body, answer.header("x-by"), answer.header("access-control-allow-origin")) == (
        b"real",
        "us",
        "*",
    )
    assert [entry["endpoint"] for entry in server.logs()] == ["GET /local", "proxy", "proxy", "ANY /part/**"]


def test_faults_strike_what_comes_from_there(upstream, serve):
    target = upstream(reply("X-A: 1", body=b"0123456789"), CHUNKED)
    faults = [{"kind": "truncate", "after_bytes": 4}]
    server = serve({"endpoints": [{"path": "/**", "proxy": target.url, "faults": faults}]})
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        data = wire.rest()
    assert data.endswith(b"\r\n\r\n0123")
    assert b"X-A: 1" in data
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        data = wire.rest()
    assert b"Content-Length: 7" in data
    assert data.endswith(b"\r\n\r\nabcd")


def test_live_faults_strike_it_too(upstream, serve, proxy):
    server = proxy(upstream(reply(body=b"real")))
    assert get(server, "/").status == 200
    assert (
        get(server, "/__chaos", "PUT", body=b'{"faults": [{"kind": "error", "status": 503}]}').status == 200
    )
    assert get(server, "/").status == 503


def test_it_does_not_ask_itself(serve):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = serve({"proxy": f"http://localhost:{port}"}, port=port)
    answer = get(server, "/")
    assert answer.status == 502
    assert "itself" in answer.json()["message"]


def test_trailers_of_a_request(upstream, proxy):
    target = upstream(reply(body=b"thanks"))
    server = proxy(target)
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
    assert exchange(server, head + b"3\r\nabc\r\n0\r\nX-Sum: 3\r\n\r\n").body == b"thanks"
    assert target.asked[0].trailers == [b"X-Sum: 3"]
    assert target.asked[0].header("trailer") == "X-Sum"


def test_what_is_kept_of_replies_counts(upstream, proxy):
    big = "X-Big: " + "x" * 100_000
    server = proxy(upstream(reply(big, body=b"abc")))
    get(server, "/")
    assert server._running().journal.bytes > 200_000


def test_what_has_come_of_a_reply_counts_when_the_client_goes(upstream, proxy):
    server = proxy(upstream(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 50_000))
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        wire.read(lambda data: len(data) >= 50_000)
    [entry] = wait_for(server.logs)
    assert server._running().journal.bytes > len(entry["response"]["body"]) > 1000


def test_locations_lead_here_also_in_replies_that_faults_spoil(upstream, serve):
    target = upstream()
    target.answers = [reply(f"Location: {target.url}/login", status="302 Found", body=b"0123456789")]
    proxy = {"target": target.url, "rewrite_location": True}
    faults = [{"kind": "truncate", "after_bytes": 4}]
    server = serve(
        {"endpoints": [{"path": "/**", "proxy": proxy, "headers": {"X-By": "us"}, "faults": faults}]}
    )
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        data = wire.rest()
    assert b"\r\nLocation: /login\r\n" in data
    assert b"\r\nX-By: us\r\n" in data
    assert data.endswith(b"\r\n\r\n0123")
