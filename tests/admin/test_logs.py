"""The log over HTTP: filters, the stream, forgetting."""

import json
import threading

import pytest

from tests.kit import Wire, get, wait_for


@pytest.fixture
def server(endpoints):
    return endpoints({"path": "/a", "response": 1}, {"path": "/b", "method": "POST", "failure_rate": 1})


def test_logs_in_the_original_s_shape(server):
    get(server, "/a?x=1")
    get(server, "/b", "POST", body=b'{"n": 1}')
    get(server, "/nowhere")
    content = get(server, "/__logs").json()
    assert content["count"] == 3
    first, second, third = content["logs"]
    assert (first["method"], first["path"], first["status"], first["latency_ms"]) == ("GET", "/a", 200, 0.0)
    assert (second["body"], second["faults"], second["decision"]) == (
        '{"n": 1}',
        ["failure"],
        {"seed": server.seed, "n": 0},
    )
    assert (third["matched"], third["endpoint"], third["status"]) == (False, None, 404)
    assert third["response"]["body"].startswith('{"error":"Endpoint not found"')


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("?method=post", ["/b"]),
        ("?path=/a", ["/a"]),
        ("?status=404", ["/nowhere"]),
        ("?status=5xx", ["/b"]),
        ("?endpoint=GET%20/a", ["/a"]),
        ("?matched=false", ["/nowhere"]),
        ("?matched=true&limit=1", ["/b"]),
        ("?since=2020-01-01T00:00:00Z&limit=2", ["/b", "/nowhere"]),
        ("?since=2020-01-01T00:00:00+00:00&limit=1", ["/nowhere"]),
        ("?since=99999999999", []),
    ],
)
def test_log_filters(server, query, paths):
    get(server, "/a")
    get(server, "/b", "POST")
    get(server, "/nowhere")
    assert [entry["path"] for entry in get(server, f"/__logs{query}").json()["logs"]] == paths


@pytest.mark.parametrize(
    "query",
    [
        "?status=abc",
        "?limit=-1",
        "?matched=maybe",
        "?since=yesterday",
        "?statuss=200",
        "?status=9xx",
        "?limit=%C2%B2",
        "?status=%C2%B2%C2%B2%C2%B2",
        "?limit=" + "9" * 5000,
        "?space=%07",
    ],
)
def test_a_filter_that_cannot_be_read(server, query):
    answer = get(server, f"/__logs{query}")
    assert answer.status == 400
    assert answer.json()["error"]


def test_delete_forgets(server):
    get(server, "/a")
    assert get(server, "/__logs", "DELETE").json() == {"message": "Logs cleared", "count": 1}
    assert get(server, "/__logs").json() == {"logs": [], "count": 0}


def test_the_stream_brings_what_fits_the_filters(server):
    with Wire(server) as wire:
        wire.send(b"GET /__logs/stream?status=200 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = wire._until(b"\r\n\r\n")
        assert b"text/event-stream" in head
        assert b"connected" in wire._until(b"connected\n\n")
        get(server, "/nowhere")
        get(server, "/a?n=1")
        event = wire._until(b"\n\n\r\n")
        assert b"event: request" in event
        data = json.loads(event.split(b"data: ")[1].split(b"\n\n")[0])
        assert (data["path"], data["query"]) == ("/a", {"n": "1"})
    # The reader is gone, so nobody listens any more.
    assert wait_for(lambda: server._server.journal.listeners == ())


def test_a_slow_reader_of_the_stream_loses_the_oldest_and_is_told(server, monkeypatch):
    monkeypatch.setattr("understudy.admin.logs.STREAM_BUFFER", 5)
    with Wire(server) as wire:
        wire.send(b"GET /__logs/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wire._until(b"connected\n\n")
        done = threading.Event()

        def burst():
            from understudy.request import Request
            from understudy.steps import Plan

            for _ in range(20):  # in one turn of the loop, so that the reader cannot keep up
                server._server.journal.add(0.0, Request("GET", b"/x"), Plan((), None), 1, "", 0.0)
            done.set()

        server._loop.call_soon_threadsafe(burst)
        assert done.wait(5)
        assert json.loads(wire._until(b"\n\n").split(b"data: ")[1])["count"] == 15


def test_head_of_the_stream_ends_after_the_head(server):
    with Wire(server) as wire:
        wire.send(b"HEAD /__logs/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = wire.answer("HEAD")
        assert (head.status, head.header("content-type")) == (200, "text/event-stream; charset=utf-8")
        wire.send(b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert wire.answer().json() == 1
    assert server._server.journal.listeners == ()


def test_the_stream_of_a_space(server):
    with Wire(server) as wire:
        wire.send(b"GET /__logs/stream?space=mine HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wire._until(b"connected\n\n")
        get(server, "/a?n=1")
        get(server, "/a?n=2", headers="X-Understudy-Space: mine\r\n")
        data = json.loads(wire._until(b"\n\n\r\n").split(b"data: ")[1].split(b"\n\n")[0])
        assert data["query"] == {"n": "2"}
