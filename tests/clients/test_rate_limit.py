"""Clients that obey a rate limit, on a clock that their waiting moves."""

import json

import httpx
import pytest
import requests
import tenacity
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tests.kit import Wire, wait_for


@pytest.fixture
def clock(monkeypatch):
    """Waiting takes no time, but moves the clock of every server that is given to it."""

    class Clock:
        def __init__(self):
            self.at = 1_700_000_000.25
            self.waits = []

        def drive(self, server):
            server._server.world.now = lambda: self.at
            return server

        def sleep(self, seconds):
            self.waits.append(seconds)
            self.at += seconds

    return Clock()


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_client_that_obeys_gets_through(serve, clock, monkeypatch, form):
    limit = {"limit": "2/30s", "headers": {"retry_after": form}}
    server = clock.drive(serve({"endpoints": [{"path": "/a", "rate_limit": limit, "response": "ok"}]}))
    monkeypatch.setattr("urllib3.util.retry.time.sleep", clock.sleep)
    monkeypatch.setattr("urllib3.util.retry.time.time", lambda: clock.at)
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=Retry(1, status_forcelist=[429])))
        for _ in range(7):
            assert session.get(f"{server.url}/a").json() == "ok"
    statuses = [entry["status"] for entry in server.logs()]
    assert statuses == [200, 200, 429, 200, 200, 429, 200, 200, 429, 200]
    assert all(30 <= wait < 31 for wait in clock.waits)


def test_one_that_reads_how_much_is_left_is_never_refused(serve, clock):
    limit = {"limit": "3/s", "headers": "x-ratelimit"}
    server = clock.drive(serve({"endpoints": [{"path": "/a", "rate_limit": limit}]}))
    with httpx.Client(base_url=server.url) as client:
        for _ in range(10):
            answer = client.get("/a")
            assert answer.status_code == 200
            if answer.headers["X-RateLimit-Remaining"] == "0":
                clock.sleep(int(answer.headers["X-RateLimit-Reset"]))


def test_exponential_back_off(serve, clock):
    limit = {"limit": "1/10s", "algorithm": "gcra"}
    server = clock.drive(serve({"endpoints": [{"path": "/a", "rate_limit": limit}]}))
    waiting = tenacity.Retrying(
        sleep=clock.sleep,
        wait=tenacity.wait_exponential(multiplier=1),
        retry=tenacity.retry_if_result(lambda answer: answer.status_code == 429),
    )
    with httpx.Client(base_url=server.url) as client:
        assert [waiting(client.get, "/a").status_code for _ in range(2)] == [200, 200]
    assert len(clock.waits) == 4, "1 + 2 + 4 + 8 seconds"


def test_the_log_says_which_limit_it_was(serve):
    config = {"rate_limits": {"api": "1/h"}, "endpoints": [{"path": "/a", "rate_limit": "api"}]}
    server = serve(config)
    for _ in range(2):
        httpx.get(f"{server.url}/a")
    passed, refused = server.logs()
    assert (passed["status"], passed["injected"]) == (200, [])
    assert (refused["status"], refused["faults"], refused["error"]) == (429, [], None)
    (injected,) = refused["injected"]
    assert (injected["kind"], injected["source"]) == ("rate_limit", "rate_limits api")
    assert injected["detail"].startswith("api: 1 request in 3600 s; again in ")
    server.reset()
    assert httpx.get(f"{server.url}/a").status_code == 200
    assert httpx.delete(f"{server.url}/__state").status_code == 200
    assert httpx.get(f"{server.url}/a").status_code == 200


def test_a_place_is_free_again_when_the_client_has_gone(serve):
    limit = {"limit": 1, "algorithm": "concurrency"}
    server = serve({"endpoints": [{"path": "/a", "rate_limit": limit, "latency_ms": 60_000}]})
    held = server._server.world.held
    head = b"GET /a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for _ in range(2):
        with Wire(server) as wire:
            wire.send(head)
            wait_for(lambda: held)
        wait_for(lambda: not held)
    assert [entry["outcome"] for entry in server.logs()] == ["client closed"] * 2


def test_a_place_is_held_over_a_reload(serve):
    def config(latency_ms):
        limit = {"limit": 1, "algorithm": "concurrency"}
        return {"endpoints": [{"path": "/a", "rate_limit": limit, "latency_ms": latency_ms}]}

    server = serve(config(60_000))
    with Wire(server) as wire:
        wire.send(b"GET /a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        wait_for(lambda: server._server.world.held)
        server.reload(config(0))
        assert json.loads(httpx.get(f"{server.url}/a").text)["error"] == "Too many requests"
    wait_for(lambda: not server._server.world.held)
    assert httpx.get(f"{server.url}/a").status_code == 200


@pytest.mark.parametrize(
    "fault", ["reset", "empty_reply", "truncate", {"kind": "slow_close", "for_ms": 200}], ids=str
)
def test_a_place_is_free_again_after_a_fault(serve, fault):
    limit = {"limit": 1, "algorithm": "concurrency"}
    server = serve({"endpoints": [{"path": "/a", "rate_limit": limit, "faults": [fault], "body": "x" * 99}]})
    for _ in range(3):
        with Wire(server) as wire:
            wire.send(b"GET /a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            wait_for(lambda: server.logs())
        wait_for(lambda: not server._server.world.held)
        kind = fault if isinstance(fault, str) else fault["kind"]
        assert [entry["faults"] for entry in server.logs()] == [[kind]]
        server.clear_logs()
