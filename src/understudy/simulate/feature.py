"""What a feature's compiler adds to an endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from understudy.match.check import Check
from understudy.match.path import PathPattern
from understudy.request import Request
from understudy.simulate.exchange import Commit, Direct, Finish, Menace, Middleware, Produce, Stage


class Route(NamedTuple):
    """A path of an endpoint that has several, with the methods there and what makes their answers."""

    path: str
    methods: tuple[str, ...]
    produce: Produce


class Parts(msgspec.Struct):
    """The stages of one endpoint, gathered from its features; the order of a list is that of acting.

    `routes` stand in the place of the endpoint's own path, methods and answer; all else holds for each.
    `checks` are further conditions, on what is remembered. `menaces` are faults that may strike after
    `before`, and `early` those that strike when only the head has come; `kept` are stages behind them,
    which answer with what is kept. `operation` is what the endpoint stands for, if it is one of a document;
    `relay` sends requests on, or answers from recordings. `direct` makes its whole plan, where nothing else
    takes part: `is_alone`. `owner` says whose state the endpoint sees.
    `runs_code` says that a user's Python takes part.
    """

    pattern: PathPattern
    checks: list[Check[Request]] = []
    before: list[Stage] = []
    menaces: list[Menace] = []
    early: list[Menace] = []
    kept: list[Stage] = []
    commits: list[Commit] = []
    produce: Produce | None = None
    operation: Any = None
    direct: Direct | None = None
    relay: Any = None
    is_alone: bool = False
    routes: list[Route] = []
    after: list[Finish] = []
    middleware: Middleware | None = None
    owner: Callable[[Request], str] | None = None
    runs_code: bool = False

    @property
    def is_live(self) -> bool:
        """Whether anything was added."""
        return bool(
            self.checks
            or self.before
            or self.menaces
            or self.kept
            or self.commits
            or (self.produce and self.direct is None)
            or self.routes
            or self.after
            or self.middleware
            or self.owner
        )


class Generated(NamedTuple):
    """An endpoint that the config asks for without listing it, such as one that logs in.

    An endpoint of the config with the same path goes first.
    """

    name: str
    path: str
    methods: tuple[str, ...]
    produce: Produce
