"""How a server runs a user's code; that nothing blocks is tested over the wire with the handlers."""

import asyncio
import threading

import pytest

from understudy.net.runner import TaskRunner, Threads
from understudy.simulate.runner import OutOfTime


class FakeServer:
    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.complaints = []
        self.complain = self.complaints.append

    def spawn(self, work, name):
        return self.loop.create_task(work, name=name)


def test_threads_are_bounded_and_none_is_lost():
    async def main():
        threads, loop = Threads(limit=2), asyncio.get_running_loop()
        gate, running, most = threading.Event(), set(), []
        lock = threading.Lock()

        def work(number):
            with lock:
                running.add(number)
                most.append(len(running))
            assert gate.wait(10)
            with lock:
                running.discard(number)
            return number

        first = [threads.run(loop, lambda number=number: work(number)) for number in range(7)]
        gate.set()
        assert await asyncio.gather(*first) == list(range(7))
        assert await asyncio.gather(*(threads.run(loop, lambda: 1) for _ in range(5))) == [1] * 5
        assert max(most) <= 2
        assert threads._count == 2
        threads.close()

    asyncio.run(main())


def test_what_a_function_raises_arrives():
    async def main():
        runner = TaskRunner(FakeServer())

        def raises(error):
            raise error

        for error in (ValueError("x"), SystemExit(2)):
            with pytest.raises(type(error)):
                await runner.thread(lambda error=error: raises(error), 10)
        for error in (StopIteration(), asyncio.CancelledError()):
            with pytest.raises(RuntimeError, match="the function raised"):
                await runner.thread(lambda error=error: raises(error), 10)
        runner.threads.close()

    asyncio.run(main())


def test_a_cancelled_wait_of_its_own_is_an_error_but_being_cancelled_is_not():
    async def main():
        runner = TaskRunner(FakeServer())

        async def waits_for_a_cancelled_one():
            task = asyncio.ensure_future(asyncio.Event().wait())
            asyncio.get_running_loop().call_soon(task.cancel)
            await task

        with pytest.raises(RuntimeError, match="was cancelled"):
            await runner.task(waits_for_a_cancelled_one(), 10)
        outer = asyncio.ensure_future(runner.task(asyncio.Event().wait(), 10))
        await asyncio.sleep(0)
        outer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await outer

    asyncio.run(main())


def test_out_of_time():
    async def main():
        runner = TaskRunner(FakeServer())
        gate = threading.Event()
        with pytest.raises(OutOfTime):
            await runner.task(asyncio.Event().wait(), 0.001)
        with pytest.raises(OutOfTime):
            await runner.thread(lambda: gate.wait(10), 0.001)
        gate.set()
        assert await runner.thread(lambda: 5, 10) == 5, "its late answer disturbs nobody"
        runner.threads.close()

    asyncio.run(main())


def test_a_thread_can_wait_for_the_loop_but_the_loop_not_for_itself():
    async def main():
        runner = TaskRunner(FakeServer())

        async def five():
            await asyncio.sleep(0)
            return 5

        assert await runner.thread(lambda: runner.wait(five()), 10) == 5
        with pytest.raises(RuntimeError, match="declare the function with `async def`"):
            runner.wait(five())
        runner.complain("x")
        assert runner._server.complaints == ["x"]
        runner.threads.close()

    asyncio.run(main())
