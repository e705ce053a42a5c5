"""Plans, step by step, without sockets: clients that go and servers that stop, at each of them."""

import pytest

from tests.net.kit import REPLY, REQUEST, Rig, request
from understudy.journal import CLIENT_CLOSED, CLIENT_CLOSED_DURING_REPLY, CUT, RESET, SENT
from understudy.net import http1
from understudy.steps import (
    Abandon,
    Body,
    Callback,
    Close,
    FileBody,
    HangUp,
    Head,
    Paced,
    Release,
    Reply,
    Reset,
    RunApp,
    SendCallbacks,
    SendFile,
    Wait,
    Write,
)

BIG = b"x" * 600_000


@pytest.fixture
def rig(monkeypatch):
    def make(*steps, reply=REPLY, **options):
        made = Rig(monkeypatch, **options)
        plan = made.plan(*steps, reply=reply)
        monkeypatch.setattr("understudy.net.http1.decide", lambda *_: plan)
        return made

    return make


@pytest.fixture
def steps_of(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(BIG)
    named = Reply(200, (), b"", length=len(BIG))
    return {
        "reply": (REPLY,),
        "wait": (Wait(1), REPLY),
        "close": (REPLY, Close()),
        "pieces": (Head(REPLY), Body(b"abc"), Wait(1), Body(b"def")),
        "raw": (Write(b"\0\1\2"), HangUp()),
        "file": (SendFile(named, file, 0, len(BIG)),),
        "file_body": (Head(named), FileBody(file, 0, len(BIG))),
        "paced": (Head(REPLY), Paced(Body(b"abcdef"), 2, 1.0)),
        "paced_head": (Paced(Head(REPLY), 10, 1.0), Body(b"abcdef")),
        "paced_file": (Head(named), Paced(FileBody(file, 0, len(BIG)), 200_000, 1.0)),
        "hang": (Wait(86_400), HangUp()),
        "empty": (HangUp(),),
        "cut": (Head(REPLY), Body(b"abc"), HangUp()),
        "reset": (Wait(1), Reset()),
        "reset_late": (Head(REPLY), Body(b"abc"), Reset()),
        "late_close": (REPLY, Close(), Wait(5), HangUp()),
        "half_close": (REPLY, Close(), HangUp(half=True), Wait(5), HangUp()),
        "stale": (REPLY, Abandon(1)),
    }


NAMES = [
    "reply",
    "wait",
    "close",
    "pieces",
    "raw",
    "file",
    "file_body",
    "paced",
    "paced_head",
    "paced_file",
    "hang",
    "empty",
    "cut",
    "reset",
    "reset_late",
    "late_close",
    "half_close",
    "stale",
]
OUTCOMES = {SENT, CLIENT_CLOSED, CLIENT_CLOSED_DURING_REPLY, RESET, CUT}


def test_the_list_of_plans_is_whole(steps_of):
    assert list(steps_of) == NAMES


def _end(made, how):
    if how == "closes":
        if not made.connection.eof_received():
            made.transport.close()
        made.lose()
    elif how == "resets":
        made.lose(ConnectionResetError())
    elif how == "stop":
        made.stop()
        while made.loop.timers and not made.transport.is_closing():
            made.loop.fire()
        made.lose()
    else:
        while made.loop.fire():
            pass
        made.lose()


@pytest.mark.parametrize("paused", [False, True], ids=["reads", "does_not_read"])
@pytest.mark.parametrize("how", ["closes", "resets", "stop", "stays"])
@pytest.mark.parametrize("name", NAMES)
def test_whoever_ends_it_and_when_it_is_noted_once_and_lets_go_once(rig, steps_of, name, how, paused):
    for fired in range(6):
        _check_end(rig, steps_of, name, how, fired, paused)


def _check_end(rig, steps_of, name, how, fired, paused):
    made = rig(*steps_of[name])
    if paused:
        made.connection.pause_writing()
        made.connection.resume_writing()
    made.feed()
    if paused:
        made.connection.pause_writing()
    for _ in range(fired):
        made.loop.fire()
    if paused and how == "stays":
        made.connection.resume_writing()
    _end(made, how)

    assert len(made.entries) == 1
    assert made.outcomes[0] in OUTCOMES
    assert made.released == 1
    assert not made.loop.timers, "nothing is left behind"
    assert not made.complaints
    assert not made.server.connections


@pytest.mark.parametrize(
    ("name", "outcome", "body", "end"),
    [
        ("reply", SENT, b"abcdef", ""),
        ("wait", SENT, b"abcdef", ""),
        ("close", SENT, b"abcdef", "closed"),
        ("pieces", SENT, b"abcdef", ""),
        ("file", SENT, BIG, ""),
        ("file_body", SENT, BIG, ""),
        ("paced", SENT, b"abcdef", ""),
        ("paced_head", SENT, b"abcdef", ""),
        ("paced_file", SENT, BIG, ""),
        ("hang", CUT, b"", "closed"),
        ("empty", CUT, b"", "closed"),
        ("cut", CUT, b"abc", "closed"),
        ("reset", RESET, b"", "aborted"),
        ("reset_late", RESET, b"abc", "aborted"),
        ("late_close", SENT, b"abcdef", "closed"),
        ("half_close", SENT, b"abcdef", "closed"),
        ("stale", SENT, b"abcdef", "closed"),
    ],
)
def test_what_is_sent_and_how_it_ends(rig, steps_of, name, outcome, body, end):
    made = rig(*steps_of[name])
    made.feed()
    while made.loop.fire():
        pass
    assert (made.outcomes, made.body(), made.transport.ended) == ([outcome], body, end)


@pytest.mark.parametrize("name", ["late_close", "half_close"])
def test_a_client_that_closes_first_has_got_the_whole_reply(rig, steps_of, name):
    made = rig(*steps_of[name])
    made.feed()
    assert not made.connection.eof_received()
    made.lose()
    assert made.outcomes == [SENT]


def test_a_cut_reply_is_cut_also_where_its_head_says_that_it_closes(rig):
    made = rig(Head(REPLY), Body(b"abc"), Close(), HangUp())
    made.feed()
    assert made.outcomes == [CUT]


def test_paced_pieces_come_at_their_times(rig):
    made = rig(Head(REPLY), Paced(Body(b"abcdef"), 2, 1.5))
    made.feed()
    sent = [(made.loop.now, made.body())]
    while made.loop.fire():
        sent.append((made.loop.now, made.body()))
    assert sent == [(1000.0, b"ab"), (1001.5, b"abcd"), (1003.0, b"abcdef")]


def test_paced_pieces_wait_for_a_slow_reader_and_keep_their_distance(rig):
    made = rig(Head(REPLY), Paced(Body(b"abcdef"), 2, 1.0))
    made.feed()
    made.connection.pause_writing()
    made.loop.advance(10)
    assert made.body() == b"ab"
    made.connection.resume_writing()
    assert (made.loop.now, made.body()) == (1010.0, b"abcd")
    made.loop.advance(0.9)
    assert made.body() == b"abcd"
    made.loop.advance(0.2)
    assert (made.body(), made.outcomes) == (b"abcdef", [SENT])


def test_a_stop_sends_paced_pieces_at_once(rig):
    made = rig(Wait(1), Head(REPLY), Paced(Body(b"abc"), 1, 60.0), Wait(60), Paced(Body(b"def"), 1, 60.0))
    made.feed()
    made.loop.fire()
    assert made.body() == b"a"
    made.stop()
    assert (made.body(), made.outcomes, made.transport.ended) == (b"abcdef", [SENT], "closed")


def test_a_reset_waits_until_all_has_arrived(rig):
    made = rig(Head(REPLY), Body(b"abc"), Reset())
    made.transport.buffered = 100
    made.feed()
    for _ in range(5):
        made.loop.fire()
    assert (made.outcomes, made.transport.ended) == ([RESET], "")
    made.transport.buffered = 0
    made.loop.fire()
    assert made.transport.ended == "aborted"


def test_a_reset_before_any_byte_does_not_lose_the_reply_before(monkeypatch):
    made = Rig(monkeypatch)
    plans = [made.plan(REPLY), made.plan(Reset())]
    monkeypatch.setattr("understudy.net.http1.decide", lambda *_: plans.pop(0))
    made.feed()
    made.transport.buffered = 50
    made.feed()
    assert made.transport.ended == ""
    made.transport.buffered = 0
    made.loop.fire()
    assert (made.transport.ended, made.outcomes) == ("aborted", [SENT, RESET])


def test_a_client_that_does_not_read_is_reset_in_the_end(rig):
    made = rig(Head(REPLY), Body(b"abc"), Reset())
    made.transport.buffered = 100
    made.feed()
    made.loop.advance(made.server.limits.write_timeout_s + 1)
    assert made.transport.ended == "aborted"


@pytest.mark.parametrize("name", ["raw", "empty", "cut", "reset", "reset_late", "close", "half_close"])
def test_nothing_is_taken_behind_a_reply_that_ends_the_connection(rig, steps_of, name):
    """Neither what was there before, nor what comes; and it is no bad HTTP."""
    made = rig(*steps_of[name])
    made.feed(REQUEST * 3)
    made.feed(REQUEST)
    made.feed(b"nonsense\r\n\r\n")
    made.connection.pause_writing()
    made.connection.resume_writing()
    while made.loop.fire():
        pass
    made.lose()
    assert len(made.entries) == 1
    assert b"400" not in made.transport.sent


@pytest.mark.parametrize("name", ["wait", "pieces", "paced"])
def test_what_is_behind_a_reply_that_does_not_is_answered_in_order(rig, steps_of, name):
    made = rig(*steps_of[name])
    made.feed(REQUEST * 3)
    while made.loop.fire():
        pass
    assert made.outcomes == [SENT] * 3
    assert made.transport.sent.count(b"HTTP/1.1 200") == 3
    assert made.transport.sent.endswith(b"\r\n\r\nabcdef")


def test_a_long_queue_is_no_deep_recursion(rig):
    made = rig(REPLY, config={"limits": {"max_pipelined": 5000}, "endpoints": [{"path": "/"}]})
    made.connection.pause_writing()
    made.feed(REQUEST * 4000)
    made.connection.resume_writing()
    assert made.outcomes == [SENT] * 4000


def test_a_client_that_sends_no_more_gets_all_that_it_asked_for(rig):
    made = rig(Head(REPLY), Body(b"abcdef"))
    made.connection.pause_writing()
    made.feed(REQUEST * 3)
    assert made.connection.eof_received()
    made.connection.resume_writing()
    assert made.outcomes == [SENT] * 3
    assert made.transport.ended == "closed"


@pytest.mark.parametrize(
    ("asked", "name", "sent"),
    [
        (request("HEAD"), "pieces", b""),
        (request("HEAD"), "paced", b""),
        (request("HEAD"), "file", b""),
        (request("HEAD"), "file_body", b""),
        (request("HEAD"), "cut", b""),
        (request(version="1.0"), "pieces", b"abcdef"),
        (request(version="1.0", headers="Connection: keep-alive\r\n"), "paced", b"abcdef"),
    ],
)
def test_head_and_http_1_0(rig, steps_of, asked, name, sent):
    made = rig(*steps_of[name])
    made.feed(asked)
    while made.loop.fire():
        pass
    head, _, body = made.transport.sent.partition(b"\r\n\r\n")
    assert body == sent
    if b"HTTP/1.0" in asked:
        assert head.endswith(b"keep-alive" if b"keep-alive" in asked else b"close")
        assert made.transport.ended == ("" if b"keep-alive" in asked else "closed")


def test_a_head_without_a_length_ends_with_the_connection(rig):
    made = rig(Head(REPLY, b""), Body(b"abcdef"))
    made.feed()
    head, _, body = made.transport.sent.partition(b"\r\n\r\n")
    assert (b"Content-Length" in head, head.endswith(b"Connection: close"), body) == (False, True, b"abcdef")
    assert made.transport.ended == "closed"


def test_the_first_abandonment_counts(rig):
    made = rig(REPLY, Abandon(1))
    made.feed()
    made.loop.advance(0.5)
    made.feed()
    assert len(made.loop.timers) == 1
    made.loop.advance(0.6)
    assert made.transport.ended == "closed"


def test_an_abandoned_connection_closes_in_the_middle_of_the_next_reply(monkeypatch):
    made = Rig(monkeypatch)
    plans = [made.plan(REPLY, Abandon(1)), made.plan(Head(REPLY), Body(b"abc"), Wait(9), Body(b"def"))]
    monkeypatch.setattr("understudy.net.http1.decide", lambda *_: plans.pop(0))
    made.feed()
    made.feed()
    made.loop.fire()
    assert (made.outcomes, made.transport.ended, made.released) == ([SENT, CUT], "closed", 2)


def _callback():
    return Callback("http://a/", "POST", (), b"", 0.0, 1.0)


@pytest.mark.parametrize(
    ("behind", "outcome", "error"),
    [
        ((Wait(1), REPLY), CLIENT_CLOSED, "not sent: the client hung up before the reply was sent"),
        ((Head(REPLY), Wait(1)), CLIENT_CLOSED_DURING_REPLY, "not sent: the client hung up before"),
        ((REPLY, Close()), SENT, None),
    ],
)
def test_callbacks_that_are_not_sent_say_why(rig, monkeypatch, behind, outcome, error):
    callback = _callback()
    late = (Wait(5), HangUp()) if outcome == SENT else ()
    made = rig(*behind, SendCallbacks((callback,)), *late)
    monkeypatch.setattr(made.server.callbacks, "send", lambda callbacks: None)
    http1.decide().callbacks = (callback,)
    made.feed()
    made.lose()
    assert made.outcomes == [outcome]
    assert callback.error is None if error is None else callback.error.startswith(error)


def test_a_plan_that_cannot_be_performed_ends_the_connection(rig):
    def fails():
        raise ZeroDivisionError

    for before in ((), (Wait(1),)):
        made = rig(*before, Release(fails), REPLY)
        made.feed()
        made.loop.fire()
        assert made.transport.ended == "aborted"
        assert "ZeroDivisionError" in made.complaints[0]
        made.lose()
        (entry,) = made.entries
        assert entry.plan.error == "ZeroDivisionError: "


def test_a_file_that_is_gone_or_grows_shorter(rig, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(BIG)
    reply = Reply(200, (), b"", length=len(BIG))
    made = rig(SendFile(reply, tmp_path / "none", 0, 5), reply=reply)
    made.feed()
    assert b"500" in made.transport.sent
    made = rig(Head(reply), Paced(FileBody(file, 0, len(BIG)), 100_000, 1.0), reply=reply)
    made.feed()
    file.write_bytes(b"short")
    while made.loop.fire():
        pass
    assert (made.outcomes, made.transport.ended, made.released) == ([CUT], "closed", 1)


def test_a_connection_that_is_gone_is_not_written_to(rig, tmp_path):
    """Without an end: nobody would say that it is enough."""
    file = tmp_path / "file"
    file.write_bytes(b"x" * 5_000_000)
    made = rig(SendFile(Reply(200, (), b"", length=5_000_000), file, 0, 5_000_000))
    write = made.connection._write
    made.connection._write = lambda data: (write(data), made.transport.abort() if len(data) > 1000 else None)
    made.feed()
    assert len(made.transport.writes) == 2


def test_a_close_that_the_client_does_not_read_to_its_end_is_given_up(rig):
    made = rig(REPLY, Close())
    made.feed()
    assert made.transport.ended == "closed"
    made.connection.check_time(made.connection.since + made.server.limits.write_timeout_s + 1)
    assert made.transport.ended == "aborted"


def test_an_application_is_waited_for_and_its_reply_spoilt(rig):
    asked = []
    step = RunApp(None, "", None, then=lambda reply: (Head(reply), Body(reply.body[:3]), HangUp()))
    made = rig(step, reply=None)
    made.server.run_app = lambda *arguments: asked.append(arguments)
    made.feed()
    (connection, run, keep_alive), *rest = asked
    assert (run is step, keep_alive, rest, made.transport.sent) == (True, True, [], b"")
    connection.app_answered(REPLY, step.then)
    assert (made.body(), made.outcomes, made.released) == (b"abc", [CUT], 1)
    connection.app_answered(REPLY, step.then)
    assert len(made.entries) == 1, "it is over"


def test_what_is_no_step_is_told(rig):
    made = rig("no step")
    made.feed()
    assert "no step is performed this way" in made.complaints[0]
    assert made.transport.ended == "aborted"
