"""The ASGI bridge, with small apps in the place of the control app."""

import asyncio

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
