"""What the other keys of an endpoint do to answers that are recorded, or come from a real server."""

import re
from contextlib import suppress

import pytest

from tests.kit import Wire, get, wait_for
from tests.net.upstream.kit import RawUpstream
from tests.record.live import Real, n, project, told

KINDS = ["recorded", "proxied", "fallback recorded", "fallback proxied"]


@pytest.fixture
def real():
    with Real("X-Mine: real", "Cache-Control: no-store") as server:
        yield server


@pytest.fixture
def laid_over(serve, real, tmp_path):
    """A server whose only endpoint, or fallback by `defaults`, has these keys beside `proxy` or `record`."""

    def start(kind, keys, **config):
        first = serve(project(tmp_path, {"proxy": real.url, "record": {"mode": "record"}}))
        assert n(first) == 1
        first.stop()
        keeps = (
            {"proxy": real.url, "record": {"mode": "replay"}} if "recorded" in kind else {"proxy": real.url}
        )
        if kind.startswith("fallback"):
            written = {**keeps, "defaults": keys, **config}
        else:
            written = {"endpoints": [{"path": "/a", **keeps, **keys}], **config}
        return serve(project(tmp_path, written), seed=1)

    return start


def number(kind):
    return 1 if "recorded" in kind else 2


@pytest.mark.parametrize("kind", KINDS)
def test_latency(kind, laid_over):
    server = laid_over(kind, {"latency_ms": 3})
    assert n(server) == number(kind)
    [entry] = server.logs()
    assert entry["latency_ms"] == 3


@pytest.mark.parametrize("kind", KINDS)
def test_failure_rate(kind, laid_over, real):
    server = laid_over(kind, {"failure_rate": 1})
    assert n(server) == 500
    assert real.count == 1
    assert server.logs()[0]["faults"] == ["failure"]


@pytest.mark.parametrize("kind", KINDS)
def test_faults_before_and_after_the_answer(kind, laid_over, real):
    server = laid_over(kind, {"faults": [{"kind": "error", "status": 503, "when": {"first": 1}}]})
    assert [n(server), n(server)] == [503, number(kind)]
    server.inject("truncate", after_bytes=5)
    with Wire(server) as wire:
        wire.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        head, _, body = wire.rest().partition(b"\r\n\r\n")
    assert body == b'{"n":'
    assert b"Content-Length: " in head
    assert server.logs()[-1]["faults"] == ["truncate"]


@pytest.mark.parametrize("kind", KINDS)
def test_live_chaos(kind, laid_over, real):
    server = laid_over(kind, {})
    assert [n(server), n(server)] == [number(kind), number(kind) + (real.count > 1)]
    with server.inject("error", status=503):
        assert n(server) == 503
    assert n(server) != 503


@pytest.mark.parametrize("kind", ["recorded", "proxied"])
def test_auth(kind, laid_over, real):
    server = laid_over(kind, {"auth": {"bearer": ["t0ken"]}})
    assert n(server) == 401
    assert real.count == 1
    assert n(server, headers="Authorization: Bearer t0ken\r\n") == number(kind)


@pytest.mark.parametrize("kind", ["recorded", "proxied"])
def test_rate_limit(kind, laid_over):
    server = laid_over(kind, {"rate_limit": "1/hour"})
    assert [n(server), n(server)] == [number(kind), 429]


@pytest.mark.parametrize("kind", KINDS)
def test_cors(kind, laid_over):
    server = laid_over(kind, {}, cors=True)
    answer = get(server, "/a", headers="Origin: http://page\r\n")
    assert answer.header("access-control-allow-origin") == "*"
    assert (
        get(server, "/a", "OPTIONS", "Origin: http://page\r\nAccess-Control-Request-Method: PUT\r\n").status
        == 204
    )


@pytest.mark.parametrize("kind", ["recorded", "proxied"])
def test_headers(kind, laid_over):
    server = laid_over(kind, {"headers": {"X-Mine": "ours", "X-More": "1"}})
    for _ in range(2):
        answer = get(server, "/a")
        assert [value for name, value in answer.headers if name.lower() == "x-mine"] == ["ours"]
        assert answer.header("x-more") == "1"
        assert answer.header("cache-control") == "no-store"


@pytest.mark.parametrize("kind", ["recorded", "proxied"])
def test_callbacks(kind, laid_over):
    server = laid_over(kind, {"callbacks": [{"url": "/hook"}]})
    assert n(server) == number(kind)
    [callback] = server.logs(path="/a")[0]["callbacks"]
    assert callback["url"] == "/hook"


@pytest.mark.parametrize("kind", ["recorded", "proxied"])
def test_middleware(kind, laid_over, tmp_path):
    (tmp_path / "mine.py").write_text(
        "async def stamp(request, call_next):\n"
        "    response = await call_next(request)\n"
        "    response.headers['X-Stamp'] = 'yes'\n"
        "    return response\n"
    )
    server = laid_over(kind, {"middleware": "mine:stamp"})
    answer = get(server, "/a")
    assert (answer.header("x-stamp"), answer.json()["n"]) == ("yes", number(kind))


def test_a_cache_of_what_was_recorded(laid_over):
    server = laid_over("recorded", {"cache": True})
    answer = get(server, "/a")
    tag = answer.header("etag")
    assert tag
    assert answer.header("cache-control") == "no-store"
    assert get(server, "/a", headers=f"If-None-Match: {tag}\r\n").status == 304


def test_a_store_of_what_is_passed_on_is_the_other_servers(laid_over, real):
    server = laid_over("proxied", {"cache": {"store_s": 60}})
    assert [n(server), n(server)] == [2, 3]


def test_what_refuses_a_request_records_nothing(laid_over, serve, real, tmp_path):
    config = {
        "proxy": real.url,
        "record": {"folder": "new", "mode": "record"},
        "defaults": {"failure_rate": 1},
    }
    server = serve(project(tmp_path, config))
    assert n(server) == 500
    assert told(server)["folders"][0]["exchanges"] == 0


def test_a_spoilt_reply_is_recorded_as_it_was(serve, real, tmp_path):
    config = {"proxy": real.url, "record": {"mode": "record"}}
    server = serve(project(tmp_path, config))
    with server.inject("truncate", after_bytes=5), Wire(server) as wire:
        wire.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        assert re.search(rb'\r\n\r\n\{"n":$', wire.rest())
    told(server, "/__record/stop", "POST")
    assert n(server) == 1


# --- upgrades -----------------------------------------------------------------------------------------------

UPGRADE = (
    b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
HELLO = b"\x81\x05hello"


def end(wire):
    """Say goodbye, and wait until all is over."""
    wire.send(b"\x88\x82\0\0\0\0\x03\xe8")
    with suppress(ConnectionResetError):  # the other server does not wait for it
        wire.rest()


def shake(connection, asked):
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n" + HELLO + b"\x88\x02\x03\xe8"
    )
    connection.recv(100)  # the goodbye: who closes before it has come resets the connection
    return False


@pytest.mark.parametrize("kind", ["truncate", "content_length"])
def test_faults_leave_websockets_whole(kind, serve, tmp_path):
    with RawUpstream(shake) as upstream:
        server = serve(project(tmp_path, {"proxy": upstream.url, "record": {"mode": "record"}}))
        server.inject(kind)
        for mode in ("record", "replay"):
            told(server, "/__record", "PUT", {"mode": mode})
            with Wire(server) as wire:
                wire.send(UPGRADE)
                seen = wire.read(lambda data: HELLO in data)
                assert seen.startswith(b"HTTP/1.1 101 ")
                end(wire)
            [entry] = wait_for(lambda: server.logs(path="/a"))
            assert "spoil" in entry["error"]
            server.clear_logs()


def test_a_fault_that_ends_the_connection_ends_the_handshake(serve, tmp_path):
    with RawUpstream(shake) as upstream:
        server = serve(project(tmp_path, {"proxy": upstream.url, "record": {"mode": "record"}}))
        with Wire(server) as wire:
            wire.send(UPGRADE)
            wire.read(lambda data: HELLO in data)
            end(wire)
        told(server, "/__record", "PUT", {"mode": "replay"})
        server.inject("reset")
        with Wire(server) as wire:
            wire.send(UPGRADE)
            assert wire.is_closed()
