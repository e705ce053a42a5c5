"""The memo of raw requests gives what parsing gives: same replies, same journal."""

import re

import pytest

from tests.kit import Wire
from understudy.net.memo import MAX_ENTRIES, Memo
from understudy.request import Request
from understudy.steps import Plan, Reply

HOST = "Host: a\r\n"
CORPUS = [
    f"GET /static HTTP/1.1\r\n{HOST}\r\n",
    f"GET /static?x=1 HTTP/1.1\r\n{HOST}\r\n",
    f"GET /static HTTP/1.1\r\n{HOST}X-Y: z\r\n\r\n",
    f"HEAD /static HTTP/1.1\r\n{HOST}\r\n",
    f"GET /users/7 HTTP/1.1\r\n{HOST}\r\n",
    f"GET /counter HTTP/1.1\r\n{HOST}\r\n",
    f"GET /nowhere HTTP/1.1\r\n{HOST}\r\n",
    f"DELETE /static HTTP/1.1\r\n{HOST}\r\n",
    f"OPTIONS /static HTTP/1.1\r\n{HOST}\r\n",
    f"POST /static HTTP/1.1\r\n{HOST}Content-Length: 2\r\n\r\nhi",
    f"GET /static HTTP/1.1\r\n{HOST}\r\nGET /static HTTP/1.1\r\n{HOST}\r\n",
    f"GET /flaky HTTP/1.1\r\n{HOST}\r\n",
    f"GET /none HTTP/1.1\r\n{HOST}\r\n",
    f"OPTIONS * HTTP/1.1\r\n{HOST}\r\n",
]
ENDPOINTS = [
    {
        "path": "/static",
        "method": ["GET", "POST"],
        "response": {"a": [1, "é"]},
        "headers": {"X-A": ["1", "2"]},
    },
    {"path": "/users/{id:int}", "response": {"id": "{{ params.id }}", "q": "{{ query.q }}"}},
    {"path": "/counter", "response": {"n": "{{ counter() }}", "r": "{{ uuid() }}"}},
    {"path": "/flaky", "failure_rate": 0.5},
    {"path": "/none", "status": 204},
]


@pytest.mark.parametrize("cors", [False, True, {"origins": ["http://a"], "credentials": True}])
def test_memo_on_equals_memo_off(serve, cors):
    outcomes = []
    for memo in (True, False):
        server = serve({"cors": cors, "endpoints": ENDPOINTS}, seed=7, memo=memo)
        with Wire(server) as wire:
            answers = []
            for request in CORPUS * 3:
                wire.send(request.encode())
                for _ in range(request.count("HTTP/1.1")):
                    answer = wire.answer(request.split(" ")[0])
                    headers = [pair for pair in answer.headers if pair[0] != "Date"]
                    answers.append((answer.status, headers, answer.body))
        varying = {"timestamp", "duration_ms", "connection"}
        logs = [{key: entry[key] for key in entry if key not in varying} for entry in server.logs()]
        outcomes.append((answers, logs))
    assert outcomes[0] == outcomes[1]


def test_the_memo_is_used_and_dropped_with_the_program(serve):
    server = serve({"endpoints": [{"path": "/a", "response": 1}]})
    request = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
    with Wire(server) as wire:
        bodies = []
        for reply in (1, 2):
            for _ in range(3):
                wire.send(request)
                bodies.append(wire.answer().body)
            assert len(server._server.memo._entries) <= 1
            server.reload({"endpoints": [{"path": "/a", "response": reply + 1}]})
    assert bodies == [b"1"] * 3 + [b"2"] * 3


def test_it_is_bounded():
    memo = Memo()
    reply = Reply(200, (), b"")
    for number in range(MAX_ENTRIES * 2 + 10):
        memo.remember(b"%d" % number, Request("GET", b"/"), Plan((), reply), reply)
    assert len(memo._entries) <= MAX_ENTRIES
    memo.remember(b"x" * 5000, Request("GET", b"/"), Plan((), reply), reply)
    assert memo.get(b"x" * 5000) is None


def test_while_it_pauses_it_remembers_nothing():
    reply = Reply(200, (), b"")
    for enabled in (True, False):
        memo = Memo(enabled=enabled)
        memo.remember(b"before", Request("GET", b"/"), Plan((), reply), reply)
        memo.pause(True)
        memo.remember(b"meanwhile", Request("GET", b"/"), Plan((), reply), reply)
        assert (memo.get(b"before"), memo.get(b"meanwhile")) == (None, None)
        memo.pause(False)
        memo.remember(b"after", Request("GET", b"/"), Plan((), reply), reply)
        assert (memo.get(b"after") is not None) is enabled


def test_dates_do_not_grow_old(serve):
    server = serve({"endpoints": [{"path": "/a"}]})
    with Wire(server) as wire:
        wire.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        date = wire.answer().header("date")
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", date)

        def pretend_that_a_second_has_passed():
            server._server.date = b"Date: later\r\n"
            server._server.memo.clear()

        server._loop.call_soon_threadsafe(pretend_that_a_second_has_passed)
        server.logs()
        wire.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().header("date") == "later"
