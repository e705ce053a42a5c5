"""`match`, compiled: a list of checks, each a field and a test of the request.

`matches` stops at the first check that fails; `explain` runs them all and says what each wanted and found.
Both read the same list, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import UNSET

from understudy.match.check import Check, explain
from understudy.match.parts import BODY_PARTS, IN_ANY_CASE, PARTS
from understudy.match.path import PathPattern
from understudy.match.shown import as_written
from understudy.match.values import at
from understudy.model import Match
from understudy.request import Request


class Conditions:
    """A compiled `match`. `by_client` says that it looks at more than the request's bytes.

    `by_state` says that it looks at what is remembered, and `owner` of whom; `by_body`, that it cannot hold
    or fail before the body is there.
    """

    __slots__ = ("_tests", "by_body", "by_client", "by_state", "checks", "owner")

    def __init__(self, checks: list[Check[Request]]) -> None:
        self.checks = tuple(checks)
        self._tests = tuple(check.test for check in checks)
        self.by_client = any(check.by_client for check in checks)
        self.by_state = any(check.by_state for check in checks)
        self.by_body = any(check.by_body for check in checks)
        self.owner: Callable[[Request], str] | None = None

    def matches(self, request: Request) -> bool:
        """Whether the request meets all conditions."""
        if self.owner is not None and request.state is not None:
            request.state.owner = self.owner(request)
        for test in self._tests:  # noqa: SIM110 - a loop costs less than a generator
            if not test(request):
                return False
        return True

    def explain(self, request: Request) -> list[dict[str, Any]]:
        """Each condition that the request does not meet: `{field, expected, found}`."""
        if self.owner is not None and request.state is not None:
            request.state.owner = self.owner(request)
        return explain(self.checks, request)

    def and_more(self, checks: Sequence[Check[Request]]) -> Conditions:
        """These conditions and more."""
        return Conditions([*self.checks, *checks])


def compile_match(match: Match, pattern: PathPattern | None = None) -> Conditions:
    """Compile a `match` for an endpoint of this path. Raises ConditionError."""
    return Conditions(_checks(match, pattern))


def _checks(match: Match, pattern: PathPattern | None) -> list[Check[Request]]:
    checks: list[Check[Request]] = []
    for part, compile_part in PARTS.items():
        written = getattr(match, part)
        if written is not UNSET:
            if match.ignore_case:
                compile_part = IN_ANY_CASE.get(part, compile_part)
            found = compile_part(written, pattern)
            checks += [check._replace(by_body=True) for check in found] if part in BODY_PARTS else found
    for number, inner in enumerate(match.all):
        checks += [
            check._replace(field=f"all[{number}].{check.field}")
            for check in at(lambda inner=inner: _checks(inner, pattern), "all", number)  # type: ignore[misc]
        ]
    if match.any:
        checks.append(_any(match.any, pattern))
    if match.not_ is not UNSET:
        checks.append(_not(match.not_, pattern))
    return checks


def _any(alternatives: list[Match], pattern: PathPattern | None) -> Check[Request]:
    compiled = [
        at(lambda inner=inner: compile_match(inner, pattern), "any", number)  # type: ignore[misc]
        for number, inner in enumerate(alternatives)
    ]
    return Check(
        "any",
        [as_written(inner) for inner in alternatives],
        lambda request: any(conditions.matches(request) for conditions in compiled),
        lambda request: [conditions.explain(request) for conditions in compiled],
        any(conditions.by_client for conditions in compiled),
        any(conditions.by_state for conditions in compiled),
        by_body=any(conditions.by_body for conditions in compiled),
    )


def _not(inner: Match, pattern: PathPattern | None) -> Check[Request]:
    compiled = at(lambda: compile_match(inner, pattern), "not")
    return Check(
        "not",
        as_written(inner),
        lambda request: not compiled.matches(request),
        lambda request: "all of these hold",
        compiled.by_client,
        compiled.by_state,
        by_body=compiled.by_body,
    )
