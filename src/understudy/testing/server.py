"""A mock server inside a Python program: the same server, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from understudy.admin import equip
from understudy.errors import UnderstudyError
from understudy.load import placed
from understudy.model import Config
from understudy.net.builder import build
from understudy.net.reload import Changes, Source
from understudy.net.server import Server, url_of
from understudy.testing.handle import Handle, Space

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from understudy.contract.ledger import Ledger

T = TypeVar("T")
START_TIMEOUT_S = 30.0


class MockServer(Handle):
    """Serves a config on a free port while a `with` block runs.

        with understudy.MockServer({"endpoints": [{"path": "/ping", "response": "pong"}]}) as server:
            requests.get(server.url + "/ping")

    `config` is a mapping, a Config, or the path of a file. All methods may be called from any thread, and
    servers may be nested. `folder` is where relative paths of a mapping or a Config start, such as
    `record: recordings`; default: the working folder. `seed` makes random decisions repeatable. Raises
    ConfigError for a bad config.
    """

    def __init__(
        self,
        config: Mapping[str, Any] | Config | str | Path,
        *,
        folder: str | Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int | None = None,
        watch: bool = False,
        memo: bool = True,
    ) -> None:
        self._config = config
        self._folder = None if folder is None else Path(folder)
        self._host = host
        self._port = port
        self._seed = seed
        self._watch = watch
        self._memo = memo
        self._thread: threading.Thread | None = None
        self._server: Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        super().__init__(None)
        self.complaints: list[str] = []
        """What the server had to say on its error log."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start serving; returns when the port is open."""
        if self._thread is not None:
            raise UnderstudyError("this server is running: stop it before it is started again")
        source = self._placed(self._config)
        program = build(source)
        ready: Future[None] = Future()

        async def serve() -> None:
            seed = program.loaded.config.seed if self._seed is None else self._seed
            try:
                server = Server(
                    program,
                    seed=secrets.randbits(32) if seed is None else seed,
                    memo=self._memo,
                    complain=self.complaints.append,
                )
                equip(server, source)
                await server.start(self._host, self._port)
            except BaseException as problem:
                ready.set_exception(problem)
                return
            self._server = server
            self._loop = server.loop
            if self._watch:
                assert server.reloader is not None
                server.spawn(server.reloader.watch(lambda outcome: None), "file watcher")
            ready.set_result(None)
            await server.stopped.wait()

        self._thread = threading.Thread(target=_run, args=(serve,), name="understudy", daemon=True)
        self._thread.start()
        try:
            ready.result(START_TIMEOUT_S)
        except BaseException:
            self._thread.join()
            self._thread = None
            raise

    def stop(self) -> None:
        """Stop serving; running requests are answered first. Does nothing if it is not running."""
        thread, server, loop = self._thread, self._server, self._loop
        self._thread = self._server = self._loop = None
        if thread is None or server is None or loop is None:
            return
        with contextlib.suppress(RuntimeError):  # it has ended by itself, and its loop with it
            loop.call_soon_threadsafe(server.stop_soon)
        thread.join()

    @property
    def url(self) -> str:
        """The address, without a slash at the end: `http://127.0.0.1:54321`."""
        server = self._running()
        return url_of(server.host, server.port)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._running().port

    @property
    def seed(self) -> int:
        """The seed of its random decisions."""
        return self._running().world.seed

    def space(self, name: str) -> Space:
        """A part of the server for one test: requests with its `headers` have state of their own."""
        return Space(self, name)

    def reset(self) -> None:
        """Back to the start: no requests in the log, no spaces, all else as in the config.

        What was recorded stays, and is handed out from the first again.
        """
        from understudy.admin.spaces import forget_space, known_spaces

        server = self._running()

        async def forget() -> None:
            for space in await known_spaces(server):
                await forget_space(server, space["name"])

        self._call(forget())
        super().reset()
        self._call(self._modes_as_configured())
        self.mend_connections()
        self.clear_logs()

    async def _modes_as_configured(self) -> None:
        for tape in self._running().program.all_tapes:
            tape.reset()

    def contract(self) -> dict[str, Any]:
        """What requests and replies have violated of a document before a real server, as `/__contract` says.

        `operations`, `requests`, `counts`, and `findings`, each with `level`, `check`, `operation`,
        `pointer`, `message`, `times`. Raises UnderstudyError if nothing is held against a document.
        """
        return self._ledger(lambda ledger: ledger.as_json())

    def clear_contract(self) -> None:
        """Forget what was violated so far."""
        self._ledger(lambda ledger: ledger.clear())

    def _ledger(self, use: Callable[[Ledger], T]) -> T:
        from understudy.admin.contract import ledger_of
        from understudy.admin.http import Refusal

        server = self._running()

        async def read() -> T:
            return use(ledger_of(server))

        try:
            return self._call(read())
        except Refusal as error:
            raise UnderstudyError(str(error)) from None

    def break_connections(self, **connections: Any) -> None:
        """Let connections fail from now on: `server.break_connections(faults=[{"kind": "reset"}])`.

        The keys are those of `connections` in the config. Raises ConfigError.
        """
        from understudy.admin.connections import break_connections

        server = self._running()

        async def follow() -> None:
            break_connections(server, connections)

        self._call(follow())

    def mend_connections(self) -> None:
        """Connections as the config says."""
        server = self._running()

        async def mend() -> None:
            server.gate.reset()

        self._call(mend())

    def reload(self, config: Mapping[str, Any] | Config | str | Path | None = None) -> Changes:
        """Serve another config, or the same file again. Raises ConfigError, and then nothing has changed."""
        reloader = self._running().reloader
        assert reloader is not None, "a server is started with a reloader"
        return self._call(reloader.reload(None if config is None else self._placed(config)))

    def _placed(self, config: Mapping[str, Any] | Config | str | Path) -> Source:
        """The config, with the folder that its relative paths start in."""
        if self._folder is None or isinstance(config, str | Path):
            return config
        return placed(config, self._folder, os.environ)

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        loop = self._loop
        if loop is None:
            work.close()
            raise UnderstudyError("this server is not running")
        if threading.current_thread() is self._thread:
            work.close()
            raise UnderstudyError("the server's own thread cannot wait for itself")
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    def _running(self) -> Server:
        if self._server is None:
            raise UnderstudyError("this server is not running: use it in a with block, or call start()")
        return self._server


def _run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    if sys.platform == "win32":
        asyncio.run(main())
    else:
        import uvloop

        uvloop.run(main())
