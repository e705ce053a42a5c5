import asyncio

import pytest

from tests.simulate.kit import Bench
from understudy.engine import Suspended, drive
from understudy.simulate.exchange import LostRace, in_task
from understudy.steps import Plan


def test_in_task_hands_over_to_the_loop():
    seen = []

    async def work():
        await in_task()
        seen.append(asyncio.current_task())
        return Plan((), None)

    async def main():
        suspended = drive(work())
        assert isinstance(suspended, Suspended)
        return await suspended

    assert isinstance(asyncio.run(main()), Plan)
    assert seen[0] is not None


def test_what_does_not_wait_is_done_at_once():
    async def work():
        return Plan((), None)

    assert isinstance(drive(work()), Plan)


def test_errors_and_cancellation_reach_the_coroutine():
    ended = []

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def main():
        suspended = drive(work())

        async def wait():
            return await suspended

        task = asyncio.ensure_future(wait())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return task.cancelled()

    assert asyncio.run(main())
    assert ended == [True]


def test_what_is_dropped_is_closed():
    ended = []

    async def work():
        try:
            await in_task()
        finally:
            ended.append(True)

    waiting = drive(work()).__await__()
    next(waiting)
    waiting.close()
    assert ended == [True]


def test_a_lost_race_is_no_error_that_user_code_would_catch():
    assert not issubclass(LostRace, Exception)


# What stages say of a reply and of a request, whatever comes after them.


def served(config, stage):
    bench = Bench({"endpoints": [{"path": "/a", **config}]})
    endpoint = bench.program.endpoints[0]
    endpoint.live, endpoint.before = True, (stage, *endpoint.before)
    return bench


def tells(*headers):
    async def stage(exchange):
        exchange.headers += headers

    return stage


@pytest.mark.parametrize(
    "config",
    [
        {"response": 1},
        {"status": 204},
        {"failure_rate": 1},
        {"response": "{{ 1 // 0 }}"},
        {"auth": {"bearer": "t"}},
        {"latency_ms": 50},
    ],
)
def test_headers_are_on_whatever_reply_is_sent(config):
    plan = served(config, tells((b"X-Told", b"1"))).plan("/a")
    assert (b"X-Told", b"1") in plan.reply.headers
    assert plan.reply in plan.steps


def test_what_the_reply_says_itself_is_left_alone():
    bench = served({"headers": {"x-told": "own"}}, tells((b"X-Told", b"1"), (b"X-Other", b"2")))
    found = [header for header in bench.reply("/a").headers if header[0].lower().startswith(b"x-")]
    assert found == [(b"x-told", b"own"), (b"X-Other", b"2")]


def test_what_was_passed_is_known_when_a_request_is_matched_anew():
    seen = []

    async def stage(exchange):
        seen.append(exchange.passed.get("counted"))
        exchange.passed["counted"] = len(seen)
        exchange.releases.append(lambda: seen.append("released"))
        if len(seen) < 4:
            raise LostRace

    bench = served({"response": 1}, stage)
    assert bench.status("/a") == 200
    assert seen == [None, "released", 1, "released", 3]


def test_a_request_that_is_matched_anew_keeps_its_number():
    seen = []

    async def stage(exchange):
        seen.append((exchange.plan.n, exchange.draws.unit("x")))
        if len(seen) % 3:
            raise LostRace

    bench = served({"response": 1}, stage)
    assert [bench.plan("/a").n, bench.plan("/a").n] == [0, 1]
    first, second = seen[:3], seen[3:]
    assert len(set(first)) == len(set(second)) == 1, "nor are its lots drawn anew"
    assert bench.world.counts == {"GET /a": 2}
