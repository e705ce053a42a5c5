"""The report over HTTP, of real requests."""

import json
from http.client import HTTPConnection

import pytest

from tests.admin.kit import control, in_space
from tests.kit import get, wait_for

FAILED = {"status": 503}


@pytest.fixture
def server(endpoints):
    return endpoints(
        {"path": "/stock", "responses": [FAILED, FAILED, {"response": {"stock": 3}}]},
        {"path": "/fine"},
        {"path": "/slow", "latency_ms": 60_000},
        report={"client": "header:X-Client"},
        expect={"max_attempts": 5},
    )


def ask(server, times, client="a", path="/stock"):
    connection = HTTPConnection("127.0.0.1", server.port)
    for _ in range(times):
        connection.request("GET", path, headers={"X-Client": client})
        connection.getresponse().read()
    connection.close()


def report(server, query="", **more):
    answer = get(server, f"/__report{query}", **more)
    assert answer.status == 200, answer.body
    return answer.json()


def test_a_client_that_retries_at_once(server):
    ask(server, 3)
    content = report(server)
    assert content["verdict"] == "warn"
    assert [one["client"] for one in content["clients"]] == ["a"]
    assert content["clients"][0]["max_attempts"] == 3
    assert content["operations"][0]["end"] == "succeeded"
    assert content["expectations"][0]["result"] == "met"


def test_expectations_in_the_call_go_first(server):
    ask(server, 3)
    content = report(server, "?max_attempts=2&succeeds=true")
    assert content["verdict"] == "fail"
    assert {one["expect"]: one["result"] for one in content["expectations"]} == {
        "max_attempts": "unmet",
        "succeeds": "met",
    }
    posted = control(server, "POST", "/__report", {"max_attempts": 2, "timeout_s": [0.1, 1]})
    assert [one["expected"] for one in posted.json()["expectations"]] == [2, [0.1, 1.0]]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("?max_attempts=many", 422, "max_attempts"),
        ("?backoff=slow", 422, "backoff"),
        ("?timeout_s=2,1", 422, "write [1, 2]"),
        ("?attempts=2", 400, "unknown parameter 'attempts'"),
        ("?format=pdf", 400, "format is json or html"),
        ("?since=yesterday", 400, "since is a time"),
    ],
)
def test_mistakes(server, query, status, words):
    answer = get(server, f"/__report{query}")
    assert answer.status == status
    assert words in answer.body.decode()


def test_mistakes_in_the_body(server):
    assert control(server, "POST", "/__report", {"max_attempt": 2}).json()["problems"][0]["suggestion"] == (
        '"max_attempts"'
    )
    assert control(server, "POST", "/__report", [1]).status == 422


def test_filters(server):
    ask(server, 1, "a", "/fine")
    ask(server, 2, "b", "/stock")
    assert report(server, "?client=b")["requests"] == 2
    assert report(server, "?path=/fine")["requests"] == 1
    assert report(server, "?endpoint=GET%20/stock")["requests"] == 2
    assert report(server, "?since=4000000000")["requests"] == 0


def test_of_one_space(server):
    in_space(server, "/fine", "mine")
    ask(server, 2, path="/fine")
    assert report(server, "?space=mine")["requests"] == 1
    assert report(server, headers="X-Understudy-Space: mine\r\n")["requests"] == 1
    assert report(server)["requests"] == 3


def test_the_page(server):
    ask(server, 3)
    for answer in (
        get(server, "/__report?format=html"),
        get(server, "/__report", headers="Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"),
    ):
        assert answer.header("content-type").startswith("text/html")
        assert "default-src 'none'" in answer.header("content-security-policy")
        assert answer.body.startswith(b"<!doctype html>")
    for accept in ("*/*", "application/json", "image/png"):
        answer = get(server, "/__report", headers=f"Accept: {accept}\r\n")
        assert answer.header("content-type") == "application/json"
        assert answer.header("vary") == "Accept"


def test_a_client_that_gives_up(server):
    connection = HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/slow", headers={"X-Client": "a"})
    wait_for(lambda: any(one._current for one in server._server.connections))
    connection.close()
    wait_for(server.logs)
    [client] = report(server)["clients"]
    assert client["timeout"]["given_up"] == 1


def test_what_a_client_calls_itself_is_text(server):
    get(server, "/fine", headers="X-Client: <script>x</script>\r\n")
    page = get(server, "/__report?format=html").body
    assert b"<script" not in page
    assert json.loads(get(server, "/__report").body)["clients"][0]["client"] == "<script>x</script>"
