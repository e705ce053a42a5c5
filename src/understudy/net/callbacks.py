"""Sends callbacks (webhooks) beside the requests: nothing waits for them, none of them hurts a reply."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import time
from typing import TYPE_CHECKING, Any

from understudy.steps import Callback

if TYPE_CHECKING:
    import aiohttp

    from understudy.net.server import Server

MAX_IN_FLIGHT = 64
"""Callbacks that are being sent at the same time; more wait their turn."""
MAX_PENDING = 10_000
"""Callbacks that wait for anything; more are not sent, and the log says so."""
MAX_ANSWER_BYTES = 1024 * 1024
"""How much of an answer is read, and thrown away, so that the connection may serve the next callback."""

Wait = Callable[[float], Awaitable[Any]]


class CallbackSender:
    """Sends the callbacks of one server. `wait` lets time pass, in seconds; tests pass their own."""

    def __init__(self, server: Server, wait: Wait = asyncio.sleep) -> None:
        self.wait = wait
        self._server = server
        self._pending = 0
        self._in_flight: asyncio.Semaphore | None = None
        self._session: aiohttp.ClientSession | None = None

    def send(self, callbacks: tuple[Callback, ...]) -> None:
        """Send some, each after its delay. Returns at once."""
        for callback in callbacks:
            if callback.error is None and self._pending >= MAX_PENDING:
                callback.error = f"not sent: {MAX_PENDING} callbacks are waiting already"
            if callback.error is not None:
                self._complain(callback)
                continue
            self._pending += 1
            self._server.spawn(self._deliver(callback), "callback")

    async def close(self) -> None:
        """Let go of the connections. The tasks have been cancelled before."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _deliver(self, callback: Callback) -> None:
        if self._in_flight is None:
            self._in_flight = asyncio.Semaphore(MAX_IN_FLIGHT)
        try:
            if callback.delay_s:
                await self.wait(callback.delay_s)
            callback.started_at = time()
            for wait_s in (*callback.waits_s, None):
                async with self._in_flight:
                    await self._attempt(callback)
                if wait_s is None or not _is_tried_again(callback):
                    break
                await self.wait(wait_s)
            if callback.error is not None or (callback.status or 0) >= 400:
                self._complain(callback)
        except asyncio.CancelledError:
            callback.error = "cancelled: the server stopped"
            raise
        finally:
            self._pending -= 1
            if callback.started_at is not None:
                callback.duration_s = time() - callback.started_at

    async def _attempt(self, callback: Callback) -> None:
        """Send it once; `status` or `error` then say what came of it."""
        from understudy.net.server import url_of

        callback.status = callback.error = None
        callback.attempts += 1
        server = self._server
        url = callback.url
        if url.startswith("/"):
            url = url_of(server.host, server.port) + url
        names = {name.lower() for name, _ in callback.headers}
        try:
            session = await self._connected()
            import aiohttp

            async with session.request(
                callback.method,
                url,
                data=callback.body or None,
                headers=[
                    (name.decode(), value.decode("utf-8", "replace")) for name, value in callback.headers
                ],
                skip_auto_headers=() if b"content-type" in names else ("Content-Type",),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=callback.timeout_s),
            ) as answer:
                callback.status = answer.status
                read = 0
                async for chunk in answer.content.iter_chunked(65_536):
                    read += len(chunk)
                    if read > MAX_ANSWER_BYTES:
                        break
        except TimeoutError:
            callback.error = f"no answer within {callback.timeout_s:g} s"
            callback.status = None
        except Exception as error:  # an address may be wrong in more ways than a client has errors for
            callback.error = f"{type(error).__name__}: {error}"
            callback.status = None

    async def _connected(self) -> aiohttp.ClientSession:
        """The client, made when it is first needed; importing it takes too long for the event loop."""
        if self._session is None:
            await self._server.loop.run_in_executor(None, _import_client)
        if self._session is None:
            import aiohttp

            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=MAX_IN_FLIGHT),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "understudy"},
                auto_decompress=False,
            )
        return self._session

    def _complain(self, callback: Callback) -> None:
        times = f" after {callback.attempts} attempts" if callback.attempts > 1 else ""
        why = callback.error or f"answered with {callback.status}"
        # The address may have parts of a request in it, and is for somebody's terminal.
        url = "".join(character if character.isprintable() else "?" for character in callback.url[:500])
        self._server.complain(f"callback {callback.method} {url} failed{times}: {why}")


def _is_tried_again(callback: Callback) -> bool:
    return callback.retry_errors if callback.error is not None else callback.status in callback.retry_statuses


def _import_client() -> None:
    import aiohttp  # noqa: F401
