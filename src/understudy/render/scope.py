"""Everything a template may see of the current request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from understudy.render.draws import Draws, DrawSource


class RequestLike(Protocol):
    """The parts of a request that templates read; `understudy.request.Request` has them."""

    method: str
    path: str
    params: dict[str, Any]
    client: str
    body: bytes

    @property
    def target(self) -> str: ...
    @property
    def query_string(self) -> str: ...
    @property
    def query(self) -> dict[str, list[str]]: ...
    @property
    def headers(self) -> list[tuple[str, str]]: ...
    @property
    def cookies(self) -> dict[str, str]: ...
    @property
    def text(self) -> str: ...
    @property
    def form(self) -> dict[str, list[str]]: ...
    @property
    def multipart(self) -> tuple[Any, ...]: ...
    @property
    def host(self) -> str: ...
    def header(self, name: str) -> str | None: ...
    def json(self) -> Any: ...
    def space(self, header: bytes) -> str: ...


class Counters(Protocol):
    """Where `counter()` counts; a `state.Store` is one."""

    def count(self, space: str, table: str, key: str, start: int, step: int) -> int:
        """`start` the first time, then `step` more each time. Raises UnderstudyError where no more fit."""


class Remembered(Protocol):
    """What templates see of the state; `state.StateView` is one."""

    def variable(self, name: str, default: Any) -> Any: ...
    def all_variables(self) -> dict[str, Any]: ...
    def scenario(self, name: str) -> str: ...
    def all_scenarios(self) -> dict[str, str]: ...


class NoRequest:
    """Stands for the request where there is none: everything about it is empty."""

    method = path = target = query_string = text = client = host = ""
    body = b""
    multipart: tuple[Any, ...] = ()
    params: dict[str, Any] = {}  # noqa: RUF012 - nothing writes to it
    query: dict[str, list[str]] = {}  # noqa: RUF012
    headers: list[tuple[str, str]] = []  # noqa: RUF012
    cookies: dict[str, str] = {}  # noqa: RUF012
    form: dict[str, list[str]] = {}  # noqa: RUF012

    def header(self, name: str) -> str | None:
        """No header is there."""
        return None

    def json(self) -> Any:
        """There is no body; always raises ValueError."""
        raise ValueError("there is no body")

    def space(self, header: bytes) -> str:
        """It is in no space."""
        return ""


class NoCounters:
    """Counters that do not count: where there is no store, or an expression is only tried."""

    def count(self, space: str, table: str, key: str, start: int, step: int) -> int:
        """Always `start`."""
        return start


class Scope:
    """What the templates of one Program see; set by `begin` before the first render of a request.

    `now` is in unix seconds. `state` and `claims` are what live endpoints know, None for others.
    `extra` holds the further names that some templates were compiled with.
    `draws` must be new for each request and the same for all renders of it, as it numbers repeated draws.
    """

    __slots__ = (
        "_seed",
        "_sources",
        "claims",
        "counters",
        "database",
        "draws",
        "endpoint",
        "environ",
        "extra",
        "now",
        "request",
        "space_header",
        "state",
    )

    def __init__(self, database: Any = None, environ: Mapping[str, str] | None = None) -> None:
        self.request: RequestLike = NoRequest()
        self.endpoint = ""
        self.draws = Draws(0, "", 0)
        self.now = 0.0
        self.counters: Counters = NoCounters()
        self.state: Remembered | None = None
        self.claims: Mapping[str, Any] | None = None
        self.space_header = b""
        self.database = database
        self.environ: Mapping[str, str] = environ or {}
        self.extra: Mapping[str, Any] = {}
        self._seed = 0
        self._sources: dict[str, DrawSource] = {}

    def begin(self, request: RequestLike, seed: int, endpoint: str, n: int, now: float) -> Draws:
        """Show templates this request, the `n`-th of the endpoint, at `now` (unix seconds); its draws."""
        if seed != self._seed:
            self._sources.clear()
            self._seed = seed
        source = self._sources.get(endpoint)
        if source is None:
            source = self._sources[endpoint] = DrawSource(seed, endpoint)
        self.request = request
        self.endpoint = endpoint
        self.now = now
        self.state = self.claims = None
        self.draws = draws = source.at(n)
        return draws

    def show(
        self,
        request: RequestLike,
        endpoint: str,
        now: float,
        draws: Draws,
        state: Remembered | None,
        claims: Mapping[str, Any] | None,
    ) -> None:
        """Show templates a request that `begin` was called for, after others may have been shown."""
        self.request = request
        self.endpoint = endpoint
        self.now = now
        self.draws = draws
        self.state = state
        self.claims = claims
