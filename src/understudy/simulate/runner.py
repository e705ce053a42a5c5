"""How a user's code is run: in a task or in a thread, for a bounded time. The net brings its own."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class OutOfTime(Exception):
    """A user's code has not ended within its time."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(f"no answer within {limit_s:g} s (limits.handler_timeout_s)")


class Runner(Protocol):
    """Runs code that may block, wait, or never end."""

    async def task(self, work: Coroutine[Any, Any, T], limit_s: float) -> T:
        """Await a user's coroutine, inside a task. Raises OutOfTime, and then it has been cancelled."""

    async def thread(self, work: Callable[[], T], limit_s: float) -> T:
        """Call a user's function in a thread. Raises OutOfTime; the function goes on until it ends."""

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """For a function in such a thread: what a coroutine gives that needs the event loop."""

    def complain(self, text: str) -> None:
        """Say something on the error log."""


class Direct:
    """Runs everything at once, where it is called: for programs and tests without a server."""

    def __init__(self) -> None:
        self.complaints: list[str] = []

    async def task(self, work: Coroutine[Any, Any, T], limit_s: float) -> T:
        """Await it."""
        return await work

    async def thread(self, work: Callable[[], T], limit_s: float) -> T:
        """Call it."""
        return work()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Drive it to its end, as a store in memory does not wait for anything."""
        try:
            work.send(None)
        except StopIteration as done:
            value: T = done.value
            return value
        work.close()
        raise RuntimeError("this waits for something, so it needs a server")

    def complain(self, text: str) -> None:
        """Keep it."""
        self.complaints.append(text)
