"""A compiled config: all that could be decided before the first request.

A Program is immutable. A change of the config builds a new one beside the old; the server then swaps one
attribute, and requests in flight finish on theirs. `compile` makes it, `engine` runs it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from understudy.match import Conditions, Index, PathPattern, sort_key
from understudy.match.rewrites import Rewrite
from understudy.request import Request
from understudy.simulate.exchange import Commit, Direct, Exchange, Finish, Menace, Middleware, Produce, Stage
from understudy.simulate.kit import Kit
from understudy.steps import Header, Plan, Reply, Step

if TYPE_CHECKING:
    from understudy.faults.chaos import Profiles
    from understudy.load import Loaded
    from understudy.record.redact import Redactor
    from understudy.record.tape import Tape
    from understudy.render.draws import Draws

FAILED = "failure"
"""The name of the fault that `failure_rate` injects, in logs and plans."""
REVEAL = "X-Understudy-Fault"
"""The header in which replies say what was injected, where the config names none."""

CONTROL_PREFIX = "/__"
"""Where the control endpoints are; no endpoint of a config is asked there."""


class CompiledEndpoint:
    """An endpoint, ready to answer.

    `plan` is the whole answer if nothing about it changes from request to request. Otherwise `respond` makes
    the steps (rendering against the current scope), and `latency_s` and `failure_rate` draw lots.

    A `live` endpoint remembers, refuses, breaks or runs a user's code: it is answered by a coroutine, which
    goes through `before` (each may answer instead), `menaces` (faults that may strike), `kept` (each may
    answer with what is kept), `commits` (what the request changes), `produce` or `respond`, and `after` (each
    may change the steps), all of it inside of `middleware`. `steps` are what `respond` gives, where that is
    always the same. `early` are faults that may strike before all of the request is there. `shows_state` says
    whether its templates look at the state, which is then read before. `database` gives what its templates
    see as the database, where resources change that. `groups` are those that faults can be switched on for.
    `documented` says that it is an operation of a document, which nobody wrote for this server. `streams`
    says of a request's head whether its body may be passed on while it arrives; None if it never may.
    `redactor` takes secrets out of what is shown of its requests; None if nothing is.
    """

    __slots__ = (
        "after",
        "before",
        "commits",
        "conditions",
        "database",
        "direct",
        "documented",
        "early",
        "failure",
        "failure_rate",
        "groups",
        "kept",
        "latency_s",
        "live",
        "menaces",
        "methods",
        "middleware",
        "name",
        "order",
        "owner",
        "pattern",
        "plan",
        "produce",
        "redactor",
        "respond",
        "runs_code",
        "shows_state",
        "sort_key",
        "steps",
        "streams",
    )

    def __init__(
        self,
        name: str,
        order: int,
        pattern: PathPattern,
        methods: frozenset[str],
        priority: int,
        respond: Callable[[Request], tuple[Step, ...]],
        conditions: Conditions | None = None,
    ) -> None:
        self.name = name
        self.order = order
        self.pattern = pattern
        self.methods = methods
        self.sort_key = sort_key(priority, pattern, conditions is not None, order)
        self.conditions = conditions
        self.respond = respond
        self.plan: Plan | None = None
        self.direct: Direct | None = None
        self.documented = False
        self.steps: tuple[Step, ...] | None = None
        self.latency_s: Callable[[Draws], float] | None = None
        self.failure_rate = 0.0
        self.failure: tuple[Step, ...] = ()
        self.live = False
        self.database: Callable[[Exchange], Awaitable[Any]] | None = None
        self.owner: Callable[[Request], str] | None = None
        self.before: tuple[Stage, ...] = ()
        self.menaces: tuple[Menace, ...] = ()
        self.early: tuple[Menace, ...] = ()
        self.kept: tuple[Stage, ...] = ()
        self.groups: frozenset[str] = frozenset()
        self.commits: tuple[Commit, ...] = ()
        self.produce: Produce | None = None
        self.after: tuple[Finish, ...] = ()
        self.middleware: Middleware | None = None
        self.runs_code = False
        self.shows_state = True
        self.streams: Callable[[Request], bool] | None = None
        self.redactor: Redactor | None = None


class CompiledStatic(NamedTuple):
    """A static folder: looked into when no endpoint takes a GET request, so a file never hides one."""

    prefix: str
    folder: Path
    index_file: str
    headers: tuple[Header, ...]

    @property
    def name(self) -> str:
        """What logs call it."""
        return f"static {self.prefix or '/'}"

    def relative(self, path: str) -> str | None:
        """The part of a canonical path below the folder; None if it is elsewhere."""
        if path == self.prefix or path.startswith(f"{self.prefix}/"):
            return path[len(self.prefix) :].lstrip("/")
        return None


class Program:
    """A compiled config: what `engine.decide` runs on."""

    __slots__ = (
        "apps",
        "auth",
        "born",
        "by_bytes",
        "code",
        "collections",
        "conditional",
        "constant",
        "cors",
        "endpoints",
        "files",
        "has_early",
        "index",
        "loaded",
        "misses",
        "outside",
        "permitted",
        "profiles",
        "redactor",
        "reveal",
        "rewrite",
        "space_header",
        "spaces",
        "state",
        "stateful",
        "statics",
        "streams",
        "tapes",
        "templates",
        "warnings",
        "workspace",
    )

    def __init__(
        self,
        loaded: Loaded,
        endpoints: tuple[CompiledEndpoint, ...],
        statics: tuple[CompiledStatic, ...],
        kit: Kit,
    ) -> None:
        self.loaded = loaded
        self.endpoints = endpoints
        self.statics = tuple(sorted(statics, key=lambda static: -len(static.prefix)))  # the closest first
        self.templates = kit.templates
        self.cors = cors = kit.cors
        self.warnings = (*loaded.warnings, *kit.warnings)
        self.files = (*loaded.files, *kit.files)
        self.apps = tuple(kit.apps)
        self.tapes = tuple(kit.tapes)
        """The recordings that endpoints answer from, or add to."""
        self.workspace = kit.python if kit.has_python else None
        self.code = self.workspace.fingerprint if self.workspace else ""
        """Tells the user's Python apart from that of another program."""
        self.born = kit.born
        self.auth = kit.auth
        """The compiled schemes, by which tokens can be made; None if there are none."""
        self.collections = kit.collections
        self.state = loaded.config.state
        self.index: Index[CompiledEndpoint] = Index(
            endpoints, ignore_trailing_slash=loaded.config.trailing_slash == "ignore"
        )
        self.conditional = any(endpoint.conditions for endpoint in endpoints)
        """Whether some endpoint looks at more than path and method."""
        self.stateful = any(endpoint.conditions and endpoint.conditions.by_state for endpoint in endpoints)
        """Whether some endpoint's conditions look at what is remembered."""
        self.has_early = any(endpoint.early for endpoint in endpoints)
        """Whether some endpoint has faults that strike before the request's body is read."""
        self.streams = any(endpoint.streams for endpoint in endpoints)
        """Whether some endpoint passes the bodies of requests on while they arrive."""
        self.redactor = next((one.redactor for one in endpoints if one.redactor is not None), None)
        """Takes secrets out of what is shown of requests that come to no endpoint, where some are sent on."""
        self.by_bytes = not any(
            endpoint.conditions and endpoint.conditions.by_client for endpoint in endpoints
        )
        """Whether which endpoint answers depends on nothing but the request's bytes."""
        self.constant = self.by_bytes and (cors is None or cors.is_constant)
        """Whether a reply that does not change depends on nothing but the request's bytes."""
        for endpoint in endpoints:
            if endpoint.plan is not None:
                endpoint.plan.constant = self.constant
        self.misses: dict[tuple[str, str], Plan] = {}
        self.permitted: dict[tuple[Reply, tuple[Header, ...]], Reply] = {}
        """Replies that many requests share, with the headers for browsers that some of these got."""
        self.profiles: Profiles | None = None
        """The faults that can be switched on and off; None if the config has nothing to say about them."""
        reveal = loaded.config.chaos.reveal
        self.reveal = (REVEAL if reveal is True else reveal).encode() if reveal else None
        """The header in which replies say what was injected; None if they do not."""
        self.rewrite: Rewrite | None = None
        """What the targets of requests become before an endpoint is looked for; None if they stay."""
        self.outside: Callable[[Request], Plan | None] | None = None
        """What passes on, untouched, requests to hosts that this server as a proxy does not look into."""
        self.space_header = loaded.config.space_header.lower().encode()
        self.templates.scope.space_header = self.space_header
        self.spaces: dict[str, Program] = {}
        """The programs of the spaces that have endpoints of their own."""

    @property
    def all_tapes(self) -> tuple[Tape, ...]:
        """The recordings of this program and of those of spaces."""
        programs = (self, *self.spaces.values())
        return tuple(dict.fromkeys(tape for program in programs for tape in program.tapes))

    @property
    def generated(self) -> tuple[CompiledEndpoint, ...]:
        """The endpoints that the config asks for without listing them, such as one that logs in."""
        listed = len(self.loaded.config.endpoints)
        return tuple(endpoint for endpoint in self.endpoints if endpoint.order >= listed)

    def with_spaces(self, spaces: dict[str, Program]) -> Program:
        """The same program beside other programs for spaces."""
        twin = copy(self)
        twin.spaces = spaces
        return twin


__all__ = ["CONTROL_PREFIX", "FAILED", "CompiledEndpoint", "CompiledStatic", "Program"]
