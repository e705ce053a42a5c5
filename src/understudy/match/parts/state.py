"""Conditions on variables: what endpoints have remembered (see `state.view`)."""

from __future__ import annotations

from collections.abc import Callable

from understudy.match.check import Check, values_check
from understudy.match.kinds.dotted import values_at
from understudy.match.path import PathPattern
from understudy.model.match import Conditions
from understudy.request import Request
from understudy.state.view import MISSING


def state(written: Conditions, pattern: PathPattern | None) -> list[Check[Request]]:
    """Variables, by dotted names. A list has each of its elements as a value."""
    return [
        values_check(f"state.{name}", condition, _reader(name), "state", name)._replace(by_state=True)
        for name, condition in written.items()
    ]


def _reader(name: str) -> Callable[[Request], list[str]]:
    variable = name.partition(".")[0]

    def read(request: Request) -> list[str]:
        value = MISSING if request.state is None else request.state.variable(variable)
        return [] if value is MISSING else values_at({variable: value}, name)

    return read
