import pytest

from tests.faults.kit import APP, REPLY, struck
from understudy.model.faults import SlowClose
from understudy.steps import Abandon, Close, HangUp, Reset, RunApp, Wait, Write


def test_late():
    assert struck("slow_close") == (REPLY, Close(), Wait(5.0), HangUp())
    for keys in [{"for_ms": 2000}, {"delay": 2000}]:
        assert struck({"kind": "slow_close", **keys}) == (REPLY, Close(), Wait(2.0), HangUp())
    assert struck("slow_close", (REPLY, Close())) == (REPLY, Close(), Wait(5.0), HangUp())
    app = RunApp(APP, "", None)
    assert struck("slow_close", (app,)) == (app, Close(), Wait(5.0), HangUp())


def test_half():
    written = {"kind": "slow_close", "half_open": True}

    assert struck(written) == (REPLY, Close(), HangUp(half=True), Wait(5.0), HangUp())


def test_the_end_of_another_fault_is_late_too():
    cut = (Write(b"x"), HangUp())

    assert struck("slow_close", cut) == (Write(b"x"), Wait(5.0), HangUp())
    assert struck("slow_close", (REPLY, Close(), HangUp())) == (REPLY, Close(), Wait(5.0), HangUp())
    assert struck("slow_close", (Reset(),)) == (Reset(),)


def test_the_same_key_twice():
    with pytest.raises(ValueError, match="leave one out"):
        SlowClose(for_ms=1, delay=1)


def test_without_a_word():
    assert struck("stale_connection") == (REPLY, Abandon(0.0))
    assert struck({"kind": "stale_connection", "after_ms": 100}) == (REPLY, Abandon(0.1))
    for end in [Close(), HangUp(), Reset(), Abandon(1)]:
        assert struck("stale_connection", (REPLY, end)) == (REPLY, end)
