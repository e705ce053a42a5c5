"""One request while a live endpoint answers it, and the kinds of stages that take part.

Stages are coroutine functions. With a store in this process they end without suspending, so that the engine
gets its answer in one call; with another they await. A stage that calls a user's code, or a library that
needs a running task, awaits `in_task()` first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from pathlib import Path
from types import coroutine
from typing import TYPE_CHECKING, Any, Protocol

from understudy.render import RenderError
from understudy.render.draws import Draws
from understudy.render.scope import Scope
from understudy.request import Request
from understudy.simulate.runner import Runner
from understudy.state import Store
from understudy.state.view import StateView
from understudy.steps import Header, Injected, Plan, Reply, Step, json_reply

if TYPE_CHECKING:
    from understudy.simulate.auth.keyring import Keyring
    from understudy.simulate.station import Stations, Turn


class LostRace(BaseException):
    """Another request was quicker: what this one matched on is gone, so that it is matched anew.

    Not an Exception, as a user's middleware must not take it for an error of the endpoint.
    """


Take = Callable[[], Awaitable[Callable[[], bytes]]]
"""Takes what a file shall hold: what makes its bytes, in whatever thread."""


class Writer(Protocol):
    """Writes files that hold what the store has."""

    async def write(self, path: Path, read: str, take: Take) -> None:
        """Return when the file has what `take` gives, called now or later. Raises UnderstudyError.

        `read` is the digest of what was read from it, which may be written over.
        """

    def mark(self, path: Path, table: str, fingerprint: str) -> str:
        """What stands for data that was read: the same as before if it was written here."""


class Services(Protocol):
    """What the world lends to each exchange; `engine.World` has it."""

    @property
    def store(self) -> Store: ...
    @property
    def keys(self) -> Keyring: ...
    @property
    def runner(self) -> Runner: ...
    @property
    def writer(self) -> Writer | None: ...
    @property
    def held(self) -> dict[str, int]: ...
    @property
    def seed(self) -> int: ...
    @property
    def started_s(self) -> float: ...
    @property
    def stations(self) -> Stations: ...
    @property
    def injected(self) -> Counter[tuple[str, str, str]]: ...


class Blow(Protocol):
    """A fault that strikes one request."""

    @property
    def comes_after(self) -> bool:
        """Whether the request is processed first."""

    @property
    def is_blind(self) -> bool:
        """Whether it does the same to each reply, so that it need not wait for an application's."""

    def strike(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """The steps that are performed instead of these."""

    def injected(self, stage: str | None = None) -> Injected:
        """What the log says of it."""


class Menace(Protocol):
    """Something that may go wrong with a request: asked once, it gives the faults that strike.

    An early one is asked when the head has come, others when all of the request has.
    """

    @property
    def is_early(self) -> bool: ...

    async def ask(self, exchange: Exchange) -> tuple[Blow, ...]:
        """Decide, and count."""


class Broken(BaseException):
    """A fault ends the request before anything has processed it: `steps` are what is left to do.

    Not an Exception, as a user's middleware has no part in what happens on the wire.
    """

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.steps = steps


class Exchange:
    """A request, and what the stages know of it. `claims` are those of a verified token or session.

    `owner` is whose state it sees (see `match.per`), "" for everybody's. `space` is the header's, or "".
    `keys` are those that the server has made for itself, `writer` writes files (there may be none), `runner`
    runs a user's code. `database` gives what templates see as the database, where it changes;
    `shows_state` says whether they look at the state. `releases` are called once, when the request is over:
    the reply was sent, the client has gone, or nothing came of it. `menaces` are asked which faults strike;
    `blows` are those that do. `turn` is when it is worked on, where that is limited, and `delay_s` how much
    later than its latency the reply is. `headers` are added to whatever reply is sent, unless it has others
    of these names. `passed` is what stages remember when the request is matched anew, so that none of them
    counts it twice. `held` says how many requests of this process hold what.
    """

    __slots__ = (
        "_services",
        "blows",
        "claims",
        "database",
        "delay_s",
        "draws",
        "endpoint",
        "headers",
        "menaces",
        "now",
        "owner",
        "passed",
        "plan",
        "releases",
        "request",
        "scope",
        "shows_state",
        "space",
        "state",
        "store",
        "turn",
    )

    def __init__(
        self,
        request: Request,
        endpoint: str,
        plan: Plan,
        services: Services,
        state: StateView,
        scope: Scope,
        draws: Draws,
        now: float,
        passed: dict[Any, Any] | None = None,
    ) -> None:
        self.request = request
        self.endpoint = endpoint
        self.plan = plan
        self.store = services.store
        self.state = state
        self.space = state.space
        self.owner = state.owner
        self.scope = scope
        self.draws = draws
        self.now = now
        self._services = services
        self.claims: dict[str, Any] | None = None
        self.database: Callable[[Exchange], Awaitable[Any]] | None = None
        self.shows_state = True
        self.releases: list[Callable[[], None]] = []
        self.menaces: tuple[Menace, ...] = ()
        self.blows: tuple[Blow, ...] = ()
        self.turn: Turn | None = None
        self.delay_s = 0.0
        self.headers: tuple[Header, ...] = ()
        self.passed: dict[Any, Any] = {} if passed is None else passed

    @property
    def keys(self) -> Keyring:
        return self._services.keys

    @property
    def runner(self) -> Runner:
        return self._services.runner

    @property
    def seed(self) -> int:
        return self._services.seed

    @property
    def started_s(self) -> float:
        """When the server was started, in unix seconds."""
        return self._services.started_s

    @property
    def injected(self) -> Counter[tuple[str, str, str]]:
        """How often what was injected: by endpoint, kind and source."""
        return self._services.injected

    @property
    def stations(self) -> Stations:
        return self._services.stations

    @property
    def writer(self) -> Writer | None:
        return self._services.writer

    def inject(self, injected: Injected) -> None:
        """Say in the log, and in the counts, what was done to this request."""
        self.plan.faults += (injected.kind,)
        self.plan.injected += (injected,)
        self.injected[self.endpoint, injected.kind, injected.source] += 1

    @property
    def held(self) -> dict[str, int]:
        return self._services.held

    def let_go(self) -> None:
        """Release what is held, as nothing will be performed that could."""
        for release in self.releases:
            release()
        self.releases.clear()

    async def prepare(self) -> None:
        """Make templates see this request, with the state as it is now.

        They share one scope: render before anything else is awaited.
        """
        database = None if self.database is None else await self.database(self)
        if self.shows_state:
            await self.state.refresh(self.store)
        if self.database is not None:
            self.scope.database = database
        self.scope.show(self.request, self.endpoint, self.now, self.draws, self.state, self.claims)

    def failed(self, error: RenderError) -> Reply:
        """The reply for a template that failed, which the log tells too."""
        self.plan.error = f"{error.where}: {error.expression}: {error.message}"
        return render_failure(self.endpoint, error)


def render_failure(endpoint: str, error: RenderError) -> Reply:
    """500 that names the expression."""
    body = {
        "error": "Template failed",
        "endpoint": endpoint,
        "field": error.where,
        "expression": error.expression,
        "message": error.message,
    }
    return json_reply(500, body)


@coroutine
def in_task() -> Generator[None, None, None]:
    """Go on inside a task of the event loop, which a coroutine that is driven by hand does not have."""
    yield


Stage = Callable[[Exchange], Awaitable[Reply | None]]
"""May answer instead of the endpoint."""
Commit = Callable[[Exchange], Awaitable[None]]
"""Changes what is remembered. Raises LostRace."""
Produce = Callable[[Exchange], Awaitable[tuple[Step, ...]]]
"""Makes the endpoint's own answer."""
Direct = Callable[[Request, Callable[[str], int]], Plan]
"""Makes the whole plan of a request that nothing but the endpoint has a say in. The function that it gets
counts an endpoint's requests, for those that draw lots."""
Finish = Callable[[Exchange, tuple[Step, ...]], Awaitable[tuple[Step, ...]]]
"""Gets the answer and gives what is sent instead."""
Middleware = Callable[[Exchange, Produce], Awaitable[tuple[Step, ...]]]
"""Goes around all the stages of an endpoint."""
