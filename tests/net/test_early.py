"""Faults before the body is read: on a connection without sockets, then on real ones."""

import socket
from types import coroutine

import pytest

from tests.kit import Wire, get, wait_for
from tests.net.kit import Rig
from understudy.engine import drive
from understudy.journal import CLIENT_CLOSED, CUT, SENT
from understudy.net.early import ENDED, is_gone
from understudy.steps import Close, Plan, ReadSlowly, Reply

GET = b"GET /plain HTTP/1.1\r\nHost: a\r\n\r\n"
PLAIN = {"path": "/plain", "body": "plain"}


def post(size, *, sent=None, headers="", path="/"):
    body = b"x" * (size if sent is None else sent)
    return f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n{headers}\r\n".encode() + body


@pytest.fixture
def rig(monkeypatch):
    def make(*faults, limits=None, **endpoint):
        written = {"path": "/", "method": "POST", "body": "{{ request.body | length }}", "faults": [*faults]}
        endpoints = [{**written, **endpoint}, PLAIN]
        return Rig(monkeypatch, config={"endpoints": endpoints, "limits": limits or {}})

    return make


def injected(made):
    return [[one.kind for one in entry.plan.injected] for entry in made.entries]


# --- early_reply --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", ["", "Expect: 100-continue\r\n"])
def test_an_early_reply_comes_before_the_body_and_before_it_is_asked_for(rig, headers):
    made = rig("early_reply")
    made.feed(post(1000, sent=0, headers=headers))
    head, _, body = made.transport.sent.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert head.endswith(b"Connection: close")
    assert body == b'{"error":"Simulated failure"}'
    assert (made.outcomes, injected(made)) == ([SENT], [["early_reply"]])
    assert (made.transport.half_closed, made.transport.ended, made.transport.reading) == (True, "", True)
    made.feed(b"x" * 1000 + GET)
    assert len(made.entries) == 1, "what still comes is thrown away"
    assert not made.connection.eof_received()
    made.lose()
    assert not made.loop.timers


def test_an_early_reply_waits_for_the_replies_before_it(rig):
    made = rig("early_reply")
    made.connection.pause_writing()
    made.feed(GET + post(5) + GET)
    assert made.transport.sent == b""
    made.connection.resume_writing()
    assert made.transport.sent.count(b"HTTP/1.1 ") == 2
    assert made.transport.sent.index(b" 200 ") < made.transport.sent.index(b" 413 ")
    assert [entry.plan.endpoint for entry in made.entries] == ["GET /plain", "POST /"]


@pytest.mark.parametrize("raw", [b"POST / HTTP/1.1\r\nHost: a\r\n\r\n", post(0)])
def test_what_has_no_body_is_spared(rig, raw):
    made = rig("early_reply")
    made.feed(raw)
    assert made.body() == b"0"
    assert injected(made) == [[]]


def test_other_endpoints_are_spared(rig):
    made = rig("early_reply")
    made.feed(post(3, path="/plain"))
    assert b"405" in made.transport.sent
    assert injected(made) == [[]]


def test_the_control_endpoints_are_spared(endpoints):
    server = endpoints({"path": "/{rest:path}", "method": "ANY", "faults": ["early_reply"]})
    assert get(server, "/any", "POST", body=b"x").status == 413
    assert get(server, "/__state", "PUT", body=b"{}").status != 413


def test_profiles_and_clients_may_ask_for_early_faults(serve):
    endpoint = {"path": "/", "method": "POST", "body": "fine"}
    chaos = {"profiles": {"full": {"faults": ["early_reply"]}}, "active": "full"}
    server = serve({"chaos": chaos, "endpoints": [endpoint]})
    assert get(server, "/", "POST", body=b"x").status == 413
    server.reload({"chaos": {"request_headers": {"kinds": ["slow_read"]}}, "endpoints": [endpoint]})
    asked = "X-Understudy-Fault: slow_read;bytes_per_s=1000\r\n"
    assert get(server, "/", "POST", asked, b"x" * 20).body == b"fine"
    (_, entry) = server.logs()
    assert [one["source"] for one in entry["injected"]] == ["request header"]


def test_a_bug_is_told(rig, monkeypatch):
    made = rig("early_reply")
    monkeypatch.setattr("understudy.net.early.decide_early", lambda *_: 1 / 0)
    made.feed(post(3))
    assert b" 500 " in made.transport.sent
    assert "ZeroDivisionError" in made.complaints[0]


# --- unread -------------------------------------------------------------------------------------------------


def test_what_is_unread_is_closed_in_the_end(rig):
    made = rig({"kind": "unread", "for_ms": 500})
    made.feed(post(1000, sent=10))
    assert (made.transport.reading, made.transport.sent) == (False, b"")
    made.loop.advance(0.4)
    assert made.transport.ended == ""
    made.loop.advance(0.2)
    assert (made.transport.ended, made.transport.sent) == ("closed", b"")
    assert (made.outcomes, injected(made)) == ([CUT], [["unread"]])


def test_by_default_as_long_as_a_body_may_take(rig):
    made = rig("unread", limits={"body_timeout_s": 3})
    made.feed(post(1000, sent=10))
    made.connection.check_time(made.connection.since + 100)
    made.loop.advance(2.9)
    assert made.transport.ended == ""
    made.loop.advance(0.2)
    assert made.transport.ended == "closed"


def test_a_client_that_goes_is_seen_though_nothing_is_read(rig, monkeypatch):
    made = rig("unread")
    made.feed(post(1000, sent=10))
    asked = []
    monkeypatch.setattr("understudy.net.http1.is_gone", lambda _, half: asked.append(half) or len(asked) > 1)
    made.connection.check_time(made.connection.since)
    assert made.transport.ended == ""
    made.connection.check_time(made.connection.since)
    assert (made.transport.ended, asked) == ("aborted", [True, True])
    made.lose()
    assert (made.outcomes, injected(made)) == ([CLIENT_CLOSED], [["unread"]])


def test_a_stop_ends_it(rig):
    made = rig("unread")
    made.feed(post(1000, sent=10))
    made.stop()
    assert (made.transport.ended, made.outcomes) == ("closed", [CUT])


# --- slow_read ----------------------------------------------------------------------------------------------

SLOW = {"kind": "slow_read", "bytes_per_s": 100}


def test_a_body_that_came_at_once_is_answered_when_it_would_have_been_read(rig):
    made = rig(SLOW)
    made.feed(post(1000) + GET)
    assert (made.transport.reading, made.transport.sent) == (False, b"")
    made.loop.advance(9.9)
    assert made.transport.sent == b""
    made.loop.advance(0.2)
    assert made.transport.sent.count(b"HTTP/1.1 200 OK") == 2
    assert made.transport.sent.endswith(b"plain"), "in the order in which they were asked"
    assert made.transport.reading
    assert (made.outcomes, injected(made)) == ([SENT, SENT], [["slow_read"], []])
    assert made.entries[0].plan.faults == ("slow_read",)
    assert not made.loop.timers


def test_what_comes_is_paid_for_before_more_is_read(rig):
    made = rig(SLOW)
    made.feed(post(500, sent=200))
    made.loop.advance(1.9)
    assert not made.transport.reading
    made.loop.advance(0.2)
    assert made.transport.reading
    made.feed(b"x" * 300)
    made.loop.advance(2.8)
    assert made.transport.sent == b""
    made.loop.advance(0.2)
    assert made.body() == b"500"


@pytest.mark.parametrize(
    ("chunks", "seconds", "length"),
    [(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 0.05, b"5"), (b"0\r\n\r\n", 0, b"0")],
)
def test_chunks(rig, chunks, seconds, length):
    made = rig(SLOW)
    made.feed(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    made.loop.advance(seconds)
    assert (made.body(), injected(made)) == (length, [["slow_read"]])


def test_two_of_them_at_once_are_read_one_after_the_other(rig):
    made = rig(SLOW)
    made.feed(post(100) + post(200))
    made.loop.advance(1.1)
    assert made.transport.sent.count(b"HTTP/1.1") == 1
    made.loop.advance(1.8)
    assert made.transport.sent.count(b"HTTP/1.1") == 1
    made.loop.advance(0.2)
    assert made.transport.sent.count(b"HTTP/1.1") == 2


def test_of_several_rates_the_slowest_holds(rig):
    made = rig({"kind": "slow_read", "bytes_per_s": 1000}, SLOW)
    made.feed(post(100))
    made.loop.advance(0.9)
    assert made.transport.sent == b""
    made.loop.advance(0.2)
    assert injected(made) == [["slow_read", "slow_read"]]


def test_an_end_goes_before_a_rate(rig):
    made = rig(SLOW, "early_reply")
    made.feed(post(100))
    assert injected(made) == [["early_reply"]]


def test_it_may_wait_for_the_body_to_be_sent(rig):
    made = rig(SLOW)
    made.feed(post(100, sent=0, headers="Expect: 100-continue\r\n"))
    assert made.transport.sent == b"HTTP/1.1 100 Continue\r\n\r\n"


def test_the_bodys_time_does_not_run_while_it_is_held_up(rig):
    made = rig(SLOW, limits={"body_timeout_s": 1})
    made.feed(post(1000, sent=500))
    made.connection.check_time(made.connection.since + 100)
    assert made.transport.sent == b""
    made.loop.advance(5.1)
    made.connection.check_time(made.connection.since + 2)
    assert b" 408 " in made.transport.sent, "but it does when there is nothing to read"
    assert injected(made) == [["slow_read"]]


def test_bad_http_in_a_body_that_is_read_slowly(rig):
    made = rig({**SLOW, "max_active": 1})
    made.feed(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n")
    assert b" 400 " in made.transport.sent
    assert (injected(made), made.entries[0].plan.error) == ([["slow_read"]], made.entries[0].plan.error)
    made.lose()
    assert len(made.entries) == 1


@pytest.mark.parametrize("sent", [0, 50, 100])
def test_a_client_that_goes_meanwhile_is_noted(rig, sent):
    made = rig({**SLOW, "max_active": 1})
    made.feed(post(100, sent=sent))
    made.lose()
    assert (made.outcomes, injected(made)) == ([CLIENT_CLOSED], [["slow_read"]])
    assert made.entries[0].plan.reply is None
    assert not made.loop.timers
    (armed,) = made.server.program.endpoints[0].early
    assert armed._load.count == 0


def test_at_most_so_many_at_a_time(rig):
    made = rig({**SLOW, "max_active": 1})
    made.feed(post(100) + post(100))
    made.loop.advance(1.1)
    assert injected(made) == [["slow_read"], []]
    made.feed(post(100))
    made.loop.advance(1.1)
    assert injected(made)[2] == ["slow_read"]


def test_a_stop_does_not_wait_for_the_rate(rig):
    made = rig(SLOW)
    made.feed(post(1000))
    made.stop()
    assert (made.body(), made.transport.ended) == (b"1000", "closed")
    assert b"Connection: close" in made.transport.sent
    made = rig(SLOW)
    made.feed(post(1000, sent=10))
    made.stop()
    assert (made.transport.sent, made.transport.ended) == (b"", "closed")
    assert injected(made) == [["slow_read"]]


# --- decisions that take time -------------------------------------------------------------------------------


class Task:
    def __init__(self, work):
        self.work = work
        self.cancelled = False

    def cancel(self):
        self.cancelled = True
        self.work.close()

    def finish(self):
        with pytest.raises(StopIteration):
            self.work.send(None)


@coroutine
def pause():
    yield


@pytest.fixture
def late(rig, monkeypatch):
    """A connection on which it takes a while to decide what strikes."""

    def make(plan):
        async def decided():
            await pause()
            if isinstance(plan, Exception):
                raise plan
            return plan

        made = rig(SLOW)
        made.tasks = []

        def spawn(work, name):
            task = Task(work)
            work.send(None)
            made.tasks.append(task)
            return task

        made.server.spawn = spawn
        monkeypatch.setattr("understudy.net.early.decide_early", lambda *_: drive(decided()))
        return made

    return make


REFUSAL = Reply(413, (), b"no")


@pytest.mark.parametrize(
    ("plan", "sent"),
    [
        (Plan((), None), b"200 OK"),
        (Plan((ReadSlowly(100),), None), b"200 OK"),
        (Plan((REFUSAL, Close()), REFUSAL), b"413 Content Too Large"),
        (ZeroDivisionError(), b"500 Internal Server Error"),
    ],
)
@pytest.mark.parametrize("size", [10, 100])
def test_a_decision_is_waited_for(late, plan, sent, size):
    made = late(plan)
    made.feed(post(100, sent=size))
    made.loop.advance(50)
    assert (made.transport.sent, made.transport.reading) == (b"", False)
    made.tasks[0].finish()
    if size < 100:
        made.loop.advance(0.2)
        assert made.transport.reading
        made.feed(b"x" * 90)
    made.loop.advance(2)
    assert made.transport.sent.startswith(b"HTTP/1.1 " + sent)
    assert made.transport.sent.count(b"HTTP/1.1") == 1
    assert len(made.entries) == 1
    assert not made.connection._early_tasks


def test_nothing_is_asked_for_before_it_is_decided(late):
    made = late(Plan((), None))
    made.feed(post(100, sent=0, headers="Expect: 100-continue\r\n"))
    assert made.transport.sent == b""
    made.tasks[0].finish()
    assert made.transport.sent == b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize("how", ["lose", "stop"])
def test_a_decision_that_nobody_needs_any_more(late, how):
    made = late(Plan((), None))
    made.feed(post(100, sent=50))
    getattr(made, how)()
    assert made.tasks[0].cancelled
    assert (made.entries, made.loop.timers) == ([], [])


# --- on real sockets ----------------------------------------------------------------------------------------


def test_a_client_that_sends_on_can_read_the_early_reply(endpoints):
    server = endpoints({"path": "/", "method": "POST", "faults": ["early_reply"]})
    with Wire(server) as wire:
        wire.send(post(1_000_000, sent=200_000))
        answer = wire.answer()
        assert (answer.status, answer.header("connection")) == (413, "close")
        assert wire.is_closed()
    (entry,) = wait_for(server.logs)
    assert [one["kind"] for one in entry["injected"]] == ["early_reply"]
    assert (entry["endpoint"], entry["status"], entry["outcome"]) == ("POST /", 413, SENT)


def test_a_body_is_not_read_sooner_than_at_the_rate(endpoints):
    slow = {"kind": "slow_read", "bytes_per_s": 1_000_000}
    server = endpoints(
        {"path": "/", "method": "POST", "faults": [slow], "body": "{{ request.body | length }}"}
    )
    assert get(server, "/", "POST", body=b"x" * 150_000).body == b"150000"
    (entry,) = server.logs()
    assert entry["duration_ms"] > 150 - 3, "event loops count in milliseconds"
    assert [one["kind"] for one in entry["injected"]] == ["slow_read"]


def test_back_pressure_reaches_the_client(endpoints):
    server = endpoints({"path": "/", "method": "POST", "faults": ["unread"]})
    with Wire(server) as wire:
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 10_000)
        wire.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            wire.socket.sendall(post(50_000_000))


@pytest.mark.parametrize("end", ["close", "reset"])
def test_who_has_gone(end):
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname())
    accepted, _ = listener.accept()
    transport = type("T", (), {"get_extra_info": lambda self, name: accepted})()
    assert not is_gone(transport, half=True)
    if end == "reset":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    assert wait_for(lambda: is_gone(transport, half=True))
    assert is_gone(transport, half=False) is (end == "reset")
    accepted.close()
    assert not is_gone(transport, half=True), "it cannot be seen"
    listener.close()


def test_numbers_and_lots_are_the_endpoints_own(serve):
    config = {
        "endpoints": [
            {"path": f"/{name}", "method": "POST", "faults": [{"kind": "early_reply", "probability": 0.5}]}
            for name in "ab"
        ]
    }

    def statuses(order):
        server = serve(config, seed=7)
        found = {"a": [], "b": []}
        for name in order:
            found[name].append(get(server, f"/{name}", "POST", body=b"x").status)
        return found

    assert statuses("ab" * 10) == statuses("a" * 10 + "b" * 10)


def test_the_end_is_no_message():
    assert ENDED.status == 400
