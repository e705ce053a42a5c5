from tests.faults.kit import APP, EMPTY, REPLY, moment, sent, struck
from understudy.model.faults import FOREVER_S
from understudy.steps import Body, Close, FileBody, HangUp, Head, RunApp, SendFile, Wait


def test_it_stops_for_good():
    steps = struck({"kind": "stall", "after_bytes": 3})

    assert steps == (Head(REPLY), Body(REPLY.body[:3]), Wait(FOREVER_S), HangUp())
    assert struck("stall") == (Head(REPLY), Wait(FOREVER_S), HangUp())


def test_it_goes_on():
    written = {"kind": "stall", "after_bytes": 3, "for_ms": 5000}

    assert struck(written) == (Head(REPLY), Body(REPLY.body[:3]), Wait(5.0), Body(REPLY.body[3:]))
    assert struck(written, (REPLY, Close()))[-2:] == (Body(REPLY.body[3:]), Close())
    assert struck(written, (SendFile(REPLY, "f", 0, 9),)) == (
        Head(REPLY),
        FileBody("f", 0, 3),
        Wait(5.0),
        FileBody("f", 3, 6),
    )


def test_something_is_always_missing():
    steps = struck({"kind": "stall", "after_bytes": 1000, "for_ms": 1})

    assert sent(steps) == [REPLY.body[:-1], REPLY.body[-1:]]


def test_without_a_body():
    for steps, at in [((EMPTY,), moment()), ((EMPTY,), moment("HEAD"))]:
        assert struck({"kind": "stall", "after_bytes": 3, "for_ms": 1000}, steps, at) == (
            Head(EMPTY),
            Wait(1),
        )


def test_an_applications_reply_is_left():
    assert struck("stall", (RunApp(APP, "", None),)) == (RunApp(APP, "", None),)


def test_two_stalls():
    steps = struck({"kind": "stall", "after_bytes": 2, "for_ms": 1000})
    steps = struck({"kind": "stall", "after_bytes": 4, "for_ms": 2000}, steps)

    assert sent(steps) == [REPLY.body[:2], REPLY.body[2:4], REPLY.body[4:]]
    assert [step.seconds for step in steps if isinstance(step, Wait)] == [1.0, 2.0]
