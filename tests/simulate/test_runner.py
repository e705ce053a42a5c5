"""The runner for programs without a server; the server's is tested in tests/net/test_runner.py."""

import asyncio

import pytest

from understudy.simulate.runner import Direct, OutOfTime


def test_everything_is_done_at_once():
    runner = Direct()

    async def five():
        return 5

    assert runner.wait(five()) == 5
    assert asyncio.run(runner.task(five(), 1)) == 5
    assert asyncio.run(runner.thread(lambda: 6, 1)) == 6

    async def waits():
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="needs a server"):
        runner.wait(waits())
    runner.complain("x")
    assert runner.complaints == ["x"]


def test_out_of_time_says_what_to_change():
    assert str(OutOfTime(1.5)) == "no answer within 1.5 s (limits.handler_timeout_s)"
