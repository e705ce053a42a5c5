"""How the server runs a user's code: coroutines in tasks, plain functions in threads, for a bounded time.

The threads are daemons, unlike those of `concurrent.futures`: a function that never ends must not keep the
process from ending.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar, cast

from understudy.simulate.exchange import in_task
from understudy.simulate.runner import OutOfTime

if TYPE_CHECKING:
    from understudy.net.server import Server

T = TypeVar("T")
MAX_THREADS = 64
"""Functions that run at the same time; more wait for one to end."""

_Job = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Context, Callable[[], Any]]


class Threads:
    """A bounded number of threads, each begun when it is first needed. Belongs to one event loop's thread."""

    def __init__(self, limit: int = MAX_THREADS) -> None:
        self._limit = limit
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._count = 0
        self._free = 0

    def run(self, loop: asyncio.AbstractEventLoop, work: Callable[[], T]) -> asyncio.Future[T]:
        """What `work` gives or raises, called in a thread."""
        future: asyncio.Future[T] = loop.create_future()
        if self._free > 0:
            self._free -= 1
        elif self._count < self._limit:
            self._count += 1
            threading.Thread(target=self._serve, name="understudy handler", daemon=True).start()
        else:
            self._free -= 1  # it owes one: the next that ends takes this job
        self._jobs.put((loop, future, copy_context(), work))
        return future

    def close(self) -> None:
        """Let the threads end, each after what it is doing."""
        for _ in range(self._count):
            self._jobs.put(None)
        self._count = self._free = 0

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            loop, future, context, work = job
            result: Any = None
            error: BaseException | None = None
            try:
                result = context.run(work)
            except BaseException as raised:
                error = raised
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self._ended, future, result, error)
            del job, future, context, work, result, error

    def _ended(self, future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
        self._free += 1
        if future.done():
            return
        if isinstance(error, StopIteration | asyncio.CancelledError):  # which mean something else in a future
            error = RuntimeError(f"the function raised {type(error).__name__}")
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)


class TaskRunner:
    """The runner of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.threads = Threads()

    async def task(self, work: Coroutine[Any, Any, T], limit_s: float) -> T:
        """Await a user's coroutine. Raises OutOfTime.

        It has a task of its own, so that one which swallows its cancellation holds nobody up.
        """
        inner = self._server.spawn(_contained(work), "handler")
        try:
            await asyncio.wait([inner], timeout=limit_s)
        finally:
            if not inner.done():
                inner.cancel()
        if not inner.done():
            raise OutOfTime(limit_s)
        result, error = inner.result()
        if error is None:
            return cast(T, result)
        raise error

    async def thread(self, work: Callable[[], T], limit_s: float) -> T:
        """Call a user's function in a thread. Raises OutOfTime."""
        await in_task()
        future = self.threads.run(self._server.loop, work)
        await asyncio.wait([future], timeout=limit_s)
        if not future.done():
            future.cancel()
            raise OutOfTime(limit_s)
        return future.result()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """From such a thread: what a coroutine of the loop gives."""
        if asyncio._get_running_loop() is not None:  # waiting here would stop the loop that it waits for
            work.close()
            raise RuntimeError("request.state is awaited here: declare the function with `async def`")
        return asyncio.run_coroutine_threadsafe(work, self._server.loop).result()

    def complain(self, text: str) -> None:
        """Say something on the error log."""
        self._server.complain(text)


async def _contained(work: Coroutine[Any, Any, T]) -> tuple[T | None, BaseException | None]:
    """What a user's coroutine gave or raised: `SystemExit` in a task would end the server."""
    try:
        return await work, None
    except asyncio.CancelledError:
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise
        return None, RuntimeError("something that it waited for was cancelled")
    except BaseException as error:
        return None, error
