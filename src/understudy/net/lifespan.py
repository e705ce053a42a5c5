"""The life of mounted ASGI applications (ASGI lifespan specification 2.0).

They are started with the server or the reload that brings them, before their first request, and stopped when
no config names them any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from understudy.net.asgi import AsgiApp, Message
    from understudy.net.server import Server

SHUTDOWN_S = 5.0
"""How long an application may take to stop; also how long its running requests get when a reload drops it."""


class Lifespan:
    """One application from start to stop. Belongs to the event loop's thread."""

    def __init__(self, server: Server, app: AsgiApp) -> None:
        self._server = server
        self.app = app
        self.state: dict[str, Any] = {}
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._ready: asyncio.Future[str | None] = server.loop.create_future()
        self._leave = asyncio.Event()
        self._task = server.spawn(self._live(), "application")

    async def started(self) -> str | None:
        """Wait until it has started; why it did not, None if it did or knows nothing of starting."""
        return await asyncio.shield(self._ready)

    def begin(self) -> None:
        """It begins to answer a request."""
        self._running += 1
        self._idle.clear()

    def end(self) -> None:
        """It has answered a request."""
        self._running -= 1
        if not self._running:
            self._idle.set()

    async def stop(self) -> None:
        """Let it end what it is doing, then stop it. Bounded in time."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), SHUTDOWN_S)
        self._leave.set()
        await asyncio.wait([self._task], timeout=SHUTDOWN_S)
        self._task.cancel()

    async def _live(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }
        events = iter(("lifespan.startup", "lifespan.shutdown"))
        begun = False

        async def receive() -> Message:
            nonlocal begun
            if begun:
                await self._leave.wait()
            begun = True
            kind = next(events, None)
            if kind is None:
                await asyncio.get_running_loop().create_future()  # there is no more to say
            return {"type": kind}

        async def send(message: Message) -> None:
            kind = message["type"]
            if kind == "lifespan.startup.complete":
                self._tell(None)
            elif kind == "lifespan.startup.failed":
                self._tell(message.get("message") or "it said that it could not start")
            elif kind == "lifespan.shutdown.failed":
                self._server.complain(f"an application did not stop well: {message.get('message', '')}")

        try:
            await self.app(scope, receive, send)
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            # Before it is ready: it does not know the protocol, as the specification allows.
            if self._ready.done() and self._ready.result() is None:
                text = "".join(traceback.format_exception(error)).rstrip()
                self._server.complain(f"an application failed while it stopped:\n{text}")
        finally:
            if not self._ready.done():
                self._ready.set_result(None)

    def _tell(self, why: str | None) -> None:
        if why is not None:
            self._server.complain(f"an application did not start: {why}")
        if not self._ready.done():
            self._ready.set_result(why)


class Lifespans:
    """The applications of the program that is being served."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lives: dict[int, Lifespan] = {}
        self._leaving: dict[int, Lifespan] = {}

    def use(self, apps: Iterable[AsgiApp]) -> None:
        """Start those that are new, and stop in the background those that are no longer named."""
        wanted = {id(app): app for app in apps}
        for key in [key for key in self._lives if key not in wanted]:
            self._leaving[key] = self._lives.pop(key)
            self._server.spawn(self._leave(key), "stop an application")
        for key, app in wanted.items():
            if key not in self._lives:
                self._lives[key] = Lifespan(self._server, app)

    def of(self, app: AsgiApp) -> Lifespan | None:
        """The life of an application; None if it is over, but a request of before a reload still needs it."""
        return self._lives.get(id(app)) or self._leaving.get(id(app))

    async def _leave(self, key: int) -> None:
        try:
            await self._leaving[key].stop()
        finally:
            del self._leaving[key]

    async def stop(self) -> None:
        """Stop all of them."""
        lives, self._lives = list(self._lives.values()), {}
        await asyncio.gather(*(life.stop() for life in lives))
