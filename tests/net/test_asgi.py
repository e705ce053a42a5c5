"""The ASGI bridge, with small apps in the place of the control app."""

import asyncio
import contextlib
import json

import pytest

from tests.kit import Wire, wait_for


@pytest.fixture
def mount(serve):
    """Serve an ASGI app below `/__`."""

    def start(app):
        server = serve({"endpoints": [{"path": "/ok", "response": 1}]})
        server._server.control_app = lambda: app
        return server

    return start


def request(target="/__x", method="GET", version="1.1", headers="", body=""):
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{method} {target} HTTP/{version}\r\nHost: a\r\n{headers}{length}\r\n{body}".encode()


async def echo(scope, receive, send):
    message = await receive()
    body = f"{scope['method']} {scope['path']} {scope['query_string'].decode()} ".encode() + message["body"]
    headers = [(b"x-a", b"1"), (b"x-a", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body[:5], "more_body": True})
    await send({"type": "http.response.body", "body": body[5:]})


def test_scope_and_chunked_reply(mount):
    with Wire(mount(echo)) as wire:
        wire.send(request("/__a%20b?q=1", "POST", body="hello"))
        answer = wire.answer()
        assert answer.body == b"POST /__a b q=1 hello"
        assert [value for name, value in answer.headers if name == "x-a"] == ["1", "2"]
        wire.send(b"GET /ok HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().body == b"1"


def test_http_1_0_gets_no_chunks(mount):
    with Wire(mount(echo)) as wire:
        wire.send(request(version="1.0"))
        received = b""
        while data := wire.socket.recv(1000):
            received += data
        assert received.endswith(b"\r\n\r\nGET /__x  ")
        assert b"chunked" not in received


def test_head_has_no_body(mount):
    with Wire(mount(echo)) as wire:
        wire.send(request(method="HEAD"))
        assert wire.answer("HEAD").status == 200
        wire.send(b"GET /ok HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().body == b"1"


def test_an_app_that_fails(mount):
    async def fails(scope, receive, send):
        raise RuntimeError("boom")

    server = mount(fails)
    with Wire(server) as wire:
        wire.send(request())
        assert wire.answer().status == 500
    assert server.complaints == ["control request failed: RuntimeError: boom"]


def test_an_app_that_fails_halfway_closes(mount):
    async def fails(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("boom")

    with Wire(mount(fails)) as wire:
        wire.send(request())
        with pytest.raises(EOFError):
            wire.answer()


def test_a_client_that_hangs_up_ends_the_app(mount):
    ended = []

    async def waits(scope, receive, send):
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    with Wire(mount(waits)) as wire:
        wire.send(request())
        wire.socket.settimeout(0.05)
        with pytest.raises(TimeoutError):
            wire.socket.recv(1)
    assert wait_for(lambda: ended)


def test_a_large_reply_is_sent_as_fast_as_the_client_reads(mount):
    sent = []

    async def large(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(200):
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
            sent.append(1)
        await send({"type": "http.response.body"})

    with Wire(mount(large)) as wire:
        wire.send(request())
        wire.socket.settimeout(10)
        wire._until(b"\r\n\r\n")
        assert len(sent) < 190, "the app waits for the client"
        wire._buffer[:0] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert len(wire.answer().body) == 20_000_000


# --- faults that spoil what an application answers ----------------------------------------------------------

APP = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    path = scope["path"].rpartition("/")[2]
    if path == "fails":
        raise RuntimeError("boom")
    if path == "breaks":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        await send({"type": "http.response.body", "body": b"half"})
    headers = [(b"content-type", b"application/json"), (b"x-app", b"1")]
    if path == "known":
        headers.append((b"content-length", b"12"))
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"a":', "more_body": True})
    await send({"type": "http.response.body", "body": b'"bcde"}'})
"""


@pytest.fixture
def spoilt(serve, tmp_path):
    """Serve an application with faults."""

    def start(*faults, **more):
        (tmp_path / "apps.py").write_text(APP)
        endpoint = {"path": "/{rest:path}", "method": "ANY", "handler": "apps:app", "faults": [*faults]}
        config = {"endpoints": [endpoint], **more}
        (tmp_path / "config.json").write_text(json.dumps(config))
        return serve(tmp_path / "config.json", seed=1)

    return start


BODY = b'{"a":"bcde"}'


@pytest.mark.parametrize(
    ("fault", "status", "body", "headers"),
    [
        ("content_type", 201, BODY, {"content-type": "text/html", "x-app": "1"}),
        ("empty_body", 201, b"", {"content-length": "0"}),
        ({"kind": "invalid_json", "how": "comma"}, 201, b'{"a":"bcde",}', {"content-length": "13"}),
        ({"kind": "dribble", "chunks": 3, "over_ms": 3}, 201, BODY, {"content-length": "12"}),
        ({"kind": "latency", "ms": 1}, 201, BODY, {"transfer-encoding": "chunked"}),
        ({"kind": "error", "status": 503, "phase": "after"}, 503, None, {"content-type": "application/json"}),
        ("graphql_errors", 200, None, {"content-type": "application/json"}),
        ({"kind": "bad_gzip", "how": "plain"}, 201, BODY, {"content-encoding": "gzip"}),
    ],
)
def test_what_an_application_answers_is_spoilt(spoilt, fault, status, body, headers):
    server = spoilt(fault)
    with Wire(server) as wire:
        for _ in range(2):
            wire.send(request("/x"))
            answer = wire.answer()
            assert answer.status == status
            assert body is None or answer.body == body
            assert {name: answer.header(name) for name in headers} == headers
    first, _ = wait_for(lambda: len(server.logs()) == 2 and server.logs())
    assert first["status"] == status
    assert len(first["injected"]) == 1


@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        ({"kind": "truncate", "after_bytes": 4}, BODY[:4]),
        ({"kind": "reset", "after_bytes": 3}, BODY[:3]),
        ({"kind": "reset", "phase": "after"}, None),
        ({"kind": "empty_reply", "phase": "after"}, None),
    ],
)
def test_or_cut(spoilt, fault, sent):
    server = spoilt(fault)
    with Wire(server) as wire:
        wire.send(request("/known"))
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while data := wire.socket.recv(1000):
                received += data
    head, _, body = received.partition(b"\r\n\r\n")
    assert (head == b"") is (sent is None)
    assert body == (sent or b"")
    assert b"content-length: 12" in head.lower() or sent is None
    assert len(wait_for(server.logs)) == 1


def test_head_and_faults(spoilt):
    with Wire(spoilt({"kind": "truncate"})) as wire:
        wire.send(request("/known", "HEAD"))
        assert wire.answer("HEAD").header("content-length") == "12"
        assert wire.is_closed()


@pytest.mark.parametrize("path", ["/fails", "/breaks"])
def test_an_application_that_fails_is_struck_too(spoilt, path):
    server = spoilt({"kind": "invalid_json", "how": "comma"})
    with Wire(server) as wire:
        wire.send(request(path))
        answer = wire.answer()
        assert (answer.status, answer.body[-2:]) == (500, b",}")
    assert wait_for(server.logs)[0]["error"]


def test_a_reply_that_is_too_large_to_be_spoilt(spoilt, monkeypatch):
    monkeypatch.setattr("understudy.net.asgi.MAX_COLLECTED_BYTES", 10)
    with Wire(spoilt("content_type")) as wire:
        wire.send(request("/x"))
        answer = wire.answer()
        assert (answer.status, "too large for a fault" in answer.json()["message"]) == (500, True)


def test_headers_for_browsers_stand_also_in_what_replaces_its_reply(spoilt):
    server = spoilt({"kind": "error", "phase": "after"}, cors={"origins": ["http://a"]})
    with Wire(server) as wire:
        wire.send(request("/x", headers="Origin: http://a\r\n"))
        answer = wire.answer()
        assert (answer.status, answer.header("access-control-allow-origin")) == (500, "http://a")
