import pytest

from tests.faults.kit import APP, EMPTY, REPLY, moment, struck
from understudy.steps import Body, FileBody, HangUp, Head, Reset, RunApp, SendFile, Wait


@pytest.mark.parametrize("kind", ["reset", "reset_peer", "CONNECTION_RESET_BY_PEER"])
def test_before_any_byte(kind):
    assert struck(kind) == struck(kind, ()) == (Reset(),)


def test_after_a_time():
    assert struck({"kind": "reset_peer", "timeout": 100}) == (Wait(0.1), Reset())
    assert struck({"kind": "reset_peer", "timeout": 100, "after_bytes": 3}) == (
        Head(REPLY),
        Body(REPLY.body[:3]),
        Wait(0.1),
        Reset(),
    )


def test_in_the_middle():
    written = {"kind": "reset", "after_bytes": 4}

    assert struck(written) == (Head(REPLY), Body(REPLY.body[:4]), Reset())
    assert struck(written, (SendFile(REPLY, "f", 10, 100),)) == (Head(REPLY), FileBody("f", 10, 4), Reset())
    assert struck(written, (REPLY, HangUp())) == (Head(REPLY), Body(REPLY.body[:4]), Reset())
    assert struck({"kind": "reset", "after_bytes": 0}) == (Head(REPLY), Reset())


def test_what_is_shorter_comes_whole():
    written = {"kind": "reset", "after_bytes": 1000}

    assert struck(written) == (Head(REPLY), Body(REPLY.body), Reset())
    assert struck(written, (EMPTY,)) == (Head(EMPTY), Reset())
    assert struck(written, (REPLY,), moment("HEAD")) == (Head(REPLY), Reset())
    assert struck(written, (RunApp(APP, "", None),)) == (RunApp(APP, "", None), Reset())
