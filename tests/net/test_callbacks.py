"""Callbacks on the wire, between two servers."""

import hashlib
import hmac
import socket
import threading

import pytest

from tests.kit import get, wait_for

TWICE_503 = [{"status": 503}, {"status": 503}, {"status": 200}]


@pytest.fixture
def receiver(endpoints):
    """A server that answers 503, 503, then 200 below `/hook`, and goes on."""
    return endpoints(
        {"path": "/hook", "method": "ANY", "responses": TWICE_503},
        {"path": "/ok", "method": "ANY", "response": "received"},
        {"path": "/gone", "method": "POST", "status": 410},
        {"path": "/moved", "method": "POST", "status": 302, "headers": {"Location": "/ok"}},
        {"path": "/slow", "method": "POST", "latency_ms": 60_000},
    )


@pytest.fixture
def sender(endpoints, receiver):
    """Serve an endpoint `/a` with one callback; waits are noted in `server.waits` and end at once."""

    def start(**callback):
        callback["url"] = receiver.url + callback.pop("path", "/ok")
        server = endpoints({"path": "/a", "method": "ANY", "response": {"id": 1}, "callbacks": [callback]})
        server.waits = []

        async def wait(seconds):
            server.waits.append(seconds)

        server._server.callbacks.wait = wait
        return server

    return start


def callback_of(server):
    """What the log says of the callback, once it is over."""

    def over():
        entry = server.logs(path="/a")[-1]["callbacks"][0]
        return entry if entry["duration_ms"] is not None else None

    return wait_for(over)


def test_it_is_sent_and_logged(sender, receiver):
    server = sender(
        response={"event": "paid", "id": "{{ reply.body.id }}"}, headers={"X-E": "1"}, delay_ms=250
    )
    assert get(server, "/a", "POST").status == 200
    entry = callback_of(server)
    assert entry["started_at"] is not None
    assert {name: entry[name] for name in ("url", "method", "status", "attempts", "error")} == {
        "url": receiver.url + "/ok",
        "method": "POST",
        "status": 200,
        "attempts": 1,
        "error": None,
    }
    (received,) = receiver.logs()
    assert (received["method"], received["body"]) == ("POST", '{"event":"paid","id":1}')
    headers = received["headers"]
    assert (headers["x-e"], headers["content-type"], headers["user-agent"]) == (
        "1",
        "application/json",
        "understudy",
    )
    assert headers["x-understudy-callback-depth"] == "1"
    assert server.waits == [0.25]
    assert server.complaints == []


def test_no_body_has_no_type(sender, receiver):
    server = sender()
    get(server, "/a")
    callback_of(server)
    headers = receiver.logs()[0]["headers"]
    assert headers["content-length"] == "0"
    assert "content-type" not in headers


def test_it_is_sent_again_until_it_is_received(sender, receiver):
    server = sender(path="/hook", retries={"attempts": 5, "backoff_ms": 100, "multiplier": 2}, body="x")
    get(server, "/a")
    entry = callback_of(server)
    assert (entry["status"], entry["attempts"], entry["error"]) == (200, 3, None)
    assert server.waits == [0.1, 0.2]
    assert [log["body"] for log in receiver.logs()] == ["x"] * 3
    assert server.complaints == []


def test_it_gives_up(sender, receiver):
    server = sender(path="/hook", retries=1)
    get(server, "/a")
    entry = callback_of(server)
    assert (entry["status"], entry["attempts"]) == (503, 2)
    assert server.complaints == [
        f"callback POST {receiver.url}/hook failed after 2 attempts: answered with 503"
    ]


def test_what_is_not_worth_a_retry_is_not_tried_again(sender):
    server = sender(path="/gone", retries=3)
    get(server, "/a")
    assert callback_of(server)["attempts"] == 1
    assert "answered with 410" in server.complaints[0]


def test_redirects_are_not_followed(sender, receiver):
    server = sender(path="/moved")
    get(server, "/a")
    assert callback_of(server)["status"] == 302
    assert len(receiver.logs()) == 1


def test_no_answer_in_time(sender):
    server = sender(path="/slow", timeout_s=0.05)
    get(server, "/a")
    entry = callback_of(server)
    assert (entry["status"], entry["error"]) == (None, "no answer within 0.05 s")


def test_nobody_there(endpoints):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/x"
        server = endpoints({"path": "/a", "callbacks": [{"url": url, "retries": {"backoff_ms": 0}}]})
        get(server, "/a")
        entry = callback_of(server)
    assert (entry["status"], entry["attempts"]) == (None, 3)
    assert entry["error"].startswith("ClientConnectorError: ")
    assert len(server.complaints) == 1


def test_the_receiver_can_verify_the_signature(sender, receiver):
    server = sender(body="payload", sign={"secret": "s3cret"})
    get(server, "/a")
    callback_of(server)
    (received,) = receiver.logs()
    expected = hmac.new(b"s3cret", received["body"].encode(), hashlib.sha256).hexdigest()
    assert received["headers"]["x-hub-signature-256"] == f"sha256={expected}"


def test_one_to_this_server_and_a_loop_that_ends(endpoints):
    server = endpoints({"path": "/a", "method": "ANY", "callbacks": "/a"})
    get(server, "/a")
    logs = wait_for(lambda: logs if len(logs := server.logs()) == 11 else None)
    depths = [log["headers"].get("x-understudy-callback-depth") for log in logs]
    assert depths == [None, *map(str, range(1, 11))]
    wait_for(lambda: server.complaints)
    assert "10 callbacks have led to this request" in server.logs()[-1]["callbacks"][0]["error"]


def test_an_address_that_cannot_be_asked(endpoints):
    server = endpoints({"path": "/a", "callbacks": "{{ query.to }}"})
    assert get(server, "/a?to=file:///etc/passwd").status == 200
    assert "begins with" in server.logs()[0]["callbacks"][0]["error"]
    get(server, "/a?to=http://:99999/")
    assert wait_for(lambda: server.logs()[1]["callbacks"][0]["error"])


def test_the_reply_does_not_wait(sender):
    server = sender()
    go = threading.Event()

    async def wait(seconds):
        await server._server.loop.run_in_executor(None, go.wait, 10)

    server._server.callbacks.wait = wait
    server.reload(
        {"endpoints": [{"path": "/a", "callbacks": [{"url": server.url + "/none", "delay_ms": 1}]}]}
    )
    assert get(server, "/a").status == 200
    assert server.logs()[0]["callbacks"][0]["status"] is None
    go.set()
    assert callback_of(server)["status"] == 404


def test_when_the_server_stops_what_is_left_is_cancelled_and_noted(endpoints):
    server = endpoints({"path": "/a", "callbacks": [{"url": "/a", "delay_ms": 60_000}]})
    get(server, "/a")
    inner = server._server
    server.stop()
    (entry,) = inner.journal.select()
    assert entry.plan.callbacks[0].error == "cancelled: the server stopped"
    assert inner.callbacks._pending == 0
    assert inner.callbacks._session is None
    assert not inner._tasks


def test_a_client_that_hangs_up_before_the_reply(endpoints):
    from tests.kit import Wire

    server = endpoints({"path": "/a", "latency_ms": 60_000, "callbacks": "/a"}, {"path": "/ok"})
    with Wire(server) as wire:
        wire.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        get(server, "/ok")
    (entry,) = wait_for(lambda: server.logs(path="/a"))
    assert entry["callbacks"][0]["error"] == "not sent: the client hung up before the reply was sent"


def test_there_is_a_bound_on_how_many_wait(sender, monkeypatch):
    server = sender()
    monkeypatch.setattr("understudy.net.callbacks.MAX_PENDING", 0)
    get(server, "/a")
    assert server.logs()[0]["callbacks"][0]["error"] == "not sent: 0 callbacks are waiting already"
