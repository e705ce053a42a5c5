"""Bodies that are passed on while they arrive, over real connections."""

import threading

import pytest

from tests.kit import Wire, get, wait_for
from tests.net.upstream.kit import RawUpstream, reply
from tests.record.live import Real, only, project
from understudy.net.streaming import STREAM_BYTES

BIG = 4 * STREAM_BYTES
OK = reply("Content-Type: application/json", body=b'{"n": 1}')


class Sink:
    """A server that says how much of a body it has got, and answers when all of it is there."""

    def __init__(self):
        self.got = bytearray()
        self.go_on = threading.Event()
        self.go_on.set()
        self.upstream = RawUpstream(lambda *_: None)
        self.upstream._serve = self._serve

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.go_on.set()
        self.upstream.close()

    def _serve(self, connection, number):
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                data = connection.recv(1)
                if not data:
                    return
                head += data
            self.head = head
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            while len(self.got) < length:
                self.go_on.wait(10)
                data = connection.recv(65_536)
                if not data:
                    return
                self.got += data
            connection.sendall(OK)


@pytest.fixture
def sink():
    with Sink() as made:
        yield made


def head(size, *lines):
    told = "".join(f"{line}\r\n" for line in lines)
    return f"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n{told}\r\n".encode()


def test_the_beginning_arrives_before_the_end_is_sent(serve, sink, tmp_path):
    server = serve(project(tmp_path, {"proxy": sink.upstream.url}))
    with Wire(server) as wire:
        wire.send(head(BIG) + b"a" * 1000)
        wait_for(lambda: len(sink.got) == 1000)
        wire.send(b"b" * (BIG - 1000))
        assert wire.answer().json() == {"n": 1}
        assert bytes(sink.got) == b"a" * 1000 + b"b" * (BIG - 1000)
        wire.send(b"GET /__health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert wire.answer().status == 200, "the connection goes on"


def test_larger_than_what_may_be_kept(serve, sink, tmp_path):
    config = {"proxy": sink.upstream.url, "limits": {"max_body_bytes": 1000}, "log": {"max_body_bytes": 10}}
    server = serve(project(tmp_path, config))
    assert get(server, "/up", "POST", body=b"x" * BIG).status == 200
    [entry] = server.logs()
    assert entry["body"] == "x" * 10
    assert get(server, "/up", "POST", body=b"x" * 2000).status == 413, "small ones are waited for"


def test_who_waits_for_it_is_told_to_go_ahead(serve, sink, tmp_path):
    server = serve(project(tmp_path, {"proxy": sink.upstream.url}))
    with Wire(server) as wire:
        wire.send(head(BIG, "Expect: 100-continue"))
        assert wire._until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.send(b"x" * BIG)
        assert wire.answer().status == 200
    assert b"expect" not in sink.head.lower()


def test_a_slow_server_holds_the_client_up(serve, sink, tmp_path):
    server = serve(project(tmp_path, {"proxy": sink.upstream.url}))
    sink.go_on.clear()
    size = 64 * 1024 * 1024
    sent = []

    def client():
        with Wire(server) as wire:
            wire.send(head(size))
            for _ in range(size // 65_536):
                wire.send(b"x" * 65_536)
                sent.append(65_536)
            sent.append(wire.answer().status)

    thread = threading.Thread(target=client)
    thread.start()
    connection = wait_for(lambda: next(iter(server._running().connections), None))
    wait_for(lambda: connection._forwarding is not None and connection._forwarding.holds_client)
    assert sum(sent) < size
    sink.go_on.set()
    thread.join()
    assert sent[-1] == 200
    assert len(sink.got) == size


def test_what_nobody_takes_is_thrown_away(serve, sink, tmp_path):
    endpoint = {"path": "/up", "method": "POST", "proxy": sink.upstream.url, "auth": {"bearer": ["x"]}}
    server = serve(project(tmp_path, {"endpoints": [endpoint]}))
    with Wire(server) as wire:
        wire.send(head(BIG) + b"x" * BIG)
        assert wire.answer().status == 401
        wire.send(b"GET /__health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert wire.answer().status == 200
    assert not sink.got


@pytest.mark.parametrize("more", [{"validate": {"body": {"schema": {}}}}, {"callbacks": "/hook"}])
def test_who_looks_at_the_body_waits_for_it(serve, sink, tmp_path, more):
    endpoint = {"path": "/up", "method": "POST", "proxy": sink.upstream.url, **more}
    server = serve(project(tmp_path, {"endpoints": [endpoint]}))
    assert not any(one.streams for one in server._running().program.endpoints)


def test_a_client_that_gives_up(serve, sink, tmp_path):
    server = serve(project(tmp_path, {"proxy": sink.upstream.url, "record": {"mode": "record"}}))
    with Wire(server) as wire:
        wire.send(head(BIG) + b"x" * 1000)
        wait_for(lambda: len(sink.got) == 1000)
    [entry] = wait_for(server.logs)
    assert entry["outcome"] == "client closed"
    assert entry["body"].startswith("xxx")
    assert only(server)["exchanges"] == 0
    assert [
        path for path in (tmp_path / "recordings").rglob("*") if path.is_file() and "spool" in path.name
    ] == []


@pytest.mark.parametrize("mode", ["record", "once", "refresh"])
def test_it_is_recorded_all_the_same(serve, tmp_path, mode):
    with Real() as real:
        server = serve(project(tmp_path, {"proxy": real.url, "record": {"mode": mode}}))
        body = b'{"x": "' + b"x" * BIG + b'"}'
        assert get(server, "/up", "POST", body=body).json()["n"] == 1
        server.switch_recording("replay")
        assert get(server, "/up", "POST", body=body).json()["n"] == 1
        assert get(server, "/up", "POST", body=body.replace(b"x", b"y")).status == 404
        server.switch_recording("once")
        assert get(server, "/up", "POST", body=body).json()["n"] == 1
        assert get(server, "/up", "POST", body=body.replace(b"x", b"y")).json()["n"] == 2
        server.switch_recording("diff")
        assert get(server, "/up", "POST", body=body).json()["n"] == 3
        assert only(server)["drift"] == 1
        assert real.count == 3


def test_chunks_are_passed_on_too(serve, tmp_path):
    with Real() as real:
        server = serve(project(tmp_path, {"proxy": real.url, "record": {"mode": "record"}}))
        with Wire(server) as wire:
            wire.send(b"POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            for piece in (b"abc", b"defg"):
                wire.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            wire.send(b"0\r\n\r\n")
            assert wire.answer().json()["n"] == 1
        assert (real.asked[0].body, real.asked[0].chunked) == (b"abcdefg", True)
        server.switch_recording("replay")
        assert get(server, "/up", "POST", body=b"abcdefg").json()["n"] == 1


CHUNKED = b"POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
LOCKED = {"path": "/up", "method": "POST", "auth": {"bearer": ["x"]}}


def connection_of(server):
    return next(iter(server._running().connections))


def test_a_broken_body_is_refused(serve, tmp_path):
    with RawUpstream(OK) as target:
        server = serve(project(tmp_path, {"proxy": target.url}))
        with Wire(server) as wire:
            wire.send(CHUNKED + b"\r\n3\r\nabc\r\n")
            wait_for(lambda: target.connections)
            wire.send(b"what?\r\n")
            answer = wire.answer()
            assert (answer.status, answer.header("connection")) == (400, "close")
            assert wire.rest() == b""
    [entry] = server.logs()
    assert (entry["status"], entry["path"], entry["body"]) == (400, "/up", "abc")
    assert "Invalid character in chunk size" in entry["error"]


def test_a_broken_body_ends_a_reply_that_has_begun(serve, tmp_path):
    def answer(connection, number):
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        connection.recv(65_536)

    with RawUpstream(b"") as target:
        target._serve = answer
        server = serve(project(tmp_path, {"proxy": target.url}))
        with Wire(server) as wire:
            wire.send(CHUNKED + b"\r\n3\r\nabc\r\n")
            assert wire.read(lambda data: data.endswith(b"abc"))
            wire.send(b"what?\r\n")
            assert wire.rest() == b"", "no second reply in the middle of the first"


def test_a_broken_body_of_an_answered_request_gets_no_second_reply(serve, sink, tmp_path):
    server = serve(project(tmp_path, {"endpoints": [LOCKED | {"proxy": sink.upstream.url}]}))
    with Wire(server) as wire:
        wire.send(CHUNKED + b"\r\n3\r\nabc\r\n")
        assert wire.answer().status == 401
        wire.send(b"what?\r\n")
        assert wire.rest() == b""


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_body_that_does_not_go_on(serve, sink, tmp_path, is_answered):
    endpoint = LOCKED | {"proxy": sink.upstream.url}
    if not is_answered:
        del endpoint["auth"]
    server = serve(project(tmp_path, {"endpoints": [endpoint], "limits": {"body_timeout_s": 0.05}}))
    with Wire(server) as wire:
        wire.send(head(BIG) + b"x")
        assert wire.answer().status == (401 if is_answered else 408)
        assert wire.rest() == b""


def test_who_is_not_told_to_go_ahead_is_told_to_close(serve, sink, tmp_path):
    """Its next bytes may be the body, or the next request."""
    server = serve(project(tmp_path, {"endpoints": [LOCKED | {"proxy": sink.upstream.url}]}))
    with Wire(server) as wire:
        wire.send(head(BIG, "Expect: 100-continue"))
        answer = wire.answer()
        assert (answer.status, answer.header("connection")) == (401, "close")
        wire.send(b"GET /__health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert connection_of(server).state in ("busy", "lingering")
        assert wire.rest() == b""


def test_nothing_is_said_after_a_close(serve, sink, tmp_path):
    hello = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
    endpoints = [LOCKED | {"proxy": sink.upstream.url}, {"path": "/hello", "response": 1}]
    server = serve(project(tmp_path, {"endpoints": endpoints}))
    with Wire(server) as wire:
        wire.send(hello)
        assert wire.answer().status == 200, "which is remembered"
        wire.send(CHUNKED + b"Connection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        assert wire.answer().status == 401
        assert wait_for(lambda: connection_of(server).state == "lingering")
        wire.send(hello)
        assert wire.rest() == b""
    assert len(server.logs()) == 2


def test_all_that_is_kept_of_a_body_counts(serve, sink, tmp_path):
    server = serve(project(tmp_path, {"endpoints": [LOCKED | {"proxy": sink.upstream.url}]}))
    with Wire(server) as wire:
        wire.send(head(BIG) + b"x" * 1000)
        assert wire.answer().status == 401
        wire.send(b"x" * (BIG - 1000))
        wire.send(b"GET /__health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert wire.answer().status == 200
    [entry] = server.logs()
    journal = server._running().journal
    assert journal.bytes > len(entry["body"] or "")
    assert len(entry["body"] or "") <= 1000, "what comes when it was noted is not kept"


def test_trailers_of_whole_bodies_are_no_headers(serve, tmp_path):
    body = b"3\r\nabc\r\n0\r\nHost: evil\r\nAuthorization: Bearer x\r\nX-Sum: 1\r\n\r\n"
    with RawUpstream(OK) as target:
        endpoint = {"path": "/**", "method": "ANY", "proxy": {"target": target.url, "keep_host": True}}
        server = serve(project(tmp_path, {"endpoints": [{"path": "/sleep", "latency_ms": 50}, endpoint]}))
        with Wire(server) as wire:
            wire.send(b"GET /sleep HTTP/1.1\r\nHost: a\r\n\r\n" + CHUNKED + b"\r\n" + body)
            assert [wire.answer().status, wire.answer().status] == [200, 200]
        [asked] = target.asked
    assert asked.headers == [("Host", "a"), ("Content-Length", "3")]
    assert asked.body == b"abc"
