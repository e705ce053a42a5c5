import asyncio

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
