"""Conditions on the body of a request."""

from __future__ import annotations

from understudy.match.bodies import compile_body
from understudy.match.check import Check
from understudy.match.path import PathPattern
from understudy.match.values import at
from understudy.model import BodyConditions
from understudy.request import Request


def body(written: str | BodyConditions, pattern: PathPattern | None) -> list[Check[Request]]:
    """All that is written holds of the body."""
    checks: list[Check[Request]] = []
    for check in at(lambda: compile_body(written), "body"):
        checks.append(check._replace(field=f"body.{check.field}"))
    return checks
