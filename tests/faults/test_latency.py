import pytest

from tests.faults.kit import APP, EMPTY, REPLY, moment, problems, sent, struck
from understudy.faults import latency
from understudy.steps import Body, FileBody, HangUp, Head, Paced, Reply, RunApp, SendFile, Wait, Write


def waits(steps):
    return [step.seconds for step in steps if isinstance(step, Wait)]


def test_before_the_first_byte():
    assert struck({"kind": "latency", "ms": 300}) == (Wait(0.3), REPLY)
    assert struck({"kind": "latency", "ms": 0}) == (Wait(0.0), REPLY)
    app = RunApp(APP, "", None)
    assert struck({"kind": "latency", "ms": 300}, (app,)) == (Wait(0.3), app)
    assert struck({"kind": "latency", "ms": 300}, ()) == (Wait(0.3),)


def test_between_head_and_body():
    written = {"kind": "latency", "ms": 300, "at": "body"}

    assert struck(written) == (Head(REPLY), Wait(0.3), Body(REPLY.body))
    assert struck(written, (SendFile(REPLY, "f", 0, 9),)) == (Head(REPLY), Wait(0.3), FileBody("f", 0, 9))
    assert struck(written, (Head(REPLY), Wait(1), Paced(Body(b"abc"), 1, 1))) == (
        Head(REPLY),
        Wait(1),
        Wait(0.3),
        Paced(Body(b"abc"), 1, 1),
    )


def test_before_each_chunk():
    written = {"kind": "latency", "ms": 300, "at": "chunk", "chunk_bytes": 6}

    assert struck(written) == (
        Head(REPLY),
        Wait(0.3),
        Body(REPLY.body[:6]),
        Wait(0.3),
        Body(REPLY.body[6:12]),
        Wait(0.3),
        Body(REPLY.body[12:]),
    )
    assert struck(written, (Head(REPLY), FileBody("f", 1, 8), Write(b"12345678"), HangUp())) == (
        Head(REPLY),
        Wait(0.3),
        FileBody("f", 1, 6),
        Wait(0.3),
        FileBody("f", 7, 2),
        Wait(0.3),
        Write(b"123456"),
        Wait(0.3),
        Write(b"78"),
        HangUp(),
    )


def test_a_piece_with_a_pace_of_its_own_is_late_as_a_whole():
    steps = (Head(REPLY), Paced(Body(b"abc"), 1, 1))

    written = {"kind": "latency", "ms": 300, "at": "chunk", "chunk_bytes": 1}
    assert struck(written, steps) == (Head(REPLY), Wait(0.3), Paced(Body(b"abc"), 1, 1))


@pytest.mark.parametrize("at", ["body", "chunk"])
def test_what_has_no_body_has_no_middle(at):
    written = {"kind": "latency", "ms": 300, "at": at}
    app = (RunApp(APP, "", None),)

    assert waits(struck(written, (EMPTY,))) == []
    assert waits(struck(written, (REPLY,), moment("HEAD"))) == []
    assert struck(written, app) == app


def test_a_drawn_latency():
    written = {"kind": "latency", "ms": {"uniform": [100, 200]}}
    drawn = [waits(struck(written, at=moment(n=n)))[0] for n in range(100)]

    assert drawn == [waits(struck(written, at=moment(n=n)))[0] for n in range(100)]
    assert len(set(drawn)) == 100
    assert 0.1 <= min(drawn) < 0.11
    assert 0.19 < max(drawn) < 0.2


def test_each_chunk_draws_anew():
    written = {"kind": "latency", "ms": {"uniform": [100, 200]}, "at": "chunk", "chunk_bytes": 4}

    assert len(set(waits(struck(written)))) == 4
    assert struck(written) == struck(written)


def test_the_last_of_very_many_chunks_share_one(monkeypatch):
    monkeypatch.setattr(latency, "MAX_DRAWN", 2)
    written = {"kind": "latency", "ms": 300, "at": "chunk", "chunk_bytes": 4}

    steps = struck(written)

    assert steps[-2:] == (Wait(0.3), Paced(Body(REPLY.body[8:]), 4, 0.3))
    assert b"".join(sent(steps)) == REPLY.body


def test_as_toxiproxy_says_it():
    assert struck({"kind": "latency", "latency": 300}) == (Wait(0.3), REPLY)
    drawn = [
        waits(struck({"kind": "latency", "latency": 300, "jitter": 100}, at=moment(n=n)))[0]
        for n in range(100)
    ]
    assert 0.2 <= min(drawn) < 0.21
    assert 0.39 < max(drawn) < 0.4
    wild = [
        waits(struck({"kind": "latency", "latency": 10, "jitter": 100}, at=moment(n=n)))[0] for n in range(50)
    ]
    assert min(wild) == 0.0


def test_two_latencies_add_up():
    steps = struck({"kind": "latency", "ms": 100, "at": "body"})

    steps = struck({"kind": "latency", "ms": 200}, steps)
    assert steps == (Wait(0.2), Head(REPLY), Wait(0.1), Body(REPLY.body))
    assert sent((Reply(200, (), b"x"),)) == [b"x"]


def test_any_distribution_and_its_mistakes():
    written = {"kind": "latency", "ms": {"lognormal": {"median": 100, "sigma": 0.5}}, "at": "body"}
    drawn = sorted(waits(struck(written, at=moment(n=n)))[0] for n in range(200))

    assert 0.08 < drawn[100] < 0.12
    assert drawn[0] < 0.06
    assert problems({"kind": "latency", "ms": {}}) != []
