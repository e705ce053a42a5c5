"""Conditions on a call of GraphQL over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import UNSET

from understudy.match.check import Check, Unreadable, values_check
from understudy.match.kinds.dotted import values_at
from understudy.match.kinds.error import ConditionError
from understudy.match.path import PathPattern
from understudy.match.shown import as_written, short
from understudy.model import GraphqlConditions
from understudy.request import Request

if TYPE_CHECKING:
    from understudy.views.graphql import GraphqlCall, Operation


def graphql(written: GraphqlConditions, pattern: PathPattern | None) -> list[Check[Request]]:
    """The operation, its kind, its variables, the document."""
    checks: list[Check[Request]] = []
    if written.operation is not UNSET:
        checks.append(
            values_check("graphql.operation", written.operation, _operation, "graphql", "operation")
        )
    if written.type is not UNSET:
        checks.append(values_check("graphql.type", written.type, _type, "graphql", "type"))
    for name, condition in written.variables.items():
        keys = ("graphql", "variables", name)
        checks.append(values_check(f"graphql.variables.{name}", condition, _variable(name), *keys))
    if written.query is not UNSET:
        checks.append(_query(written.query))
    return checks or [
        Check("graphql", as_written(written), lambda request: request.graphql is not None, _no_call)
    ]


def _call(request: Request) -> GraphqlCall:
    call = request.graphql
    if call is None:
        raise Unreadable(_no_call(request))
    return call


def _no_call(request: Request) -> str:
    return f"not a call of GraphQL: {request.method}, Content-Type {request.content_type or 'not given'}"


def _operation(request: Request) -> list[str]:
    name = _call(request).operation
    return [] if name is None else [name]


def _type(request: Request) -> list[str]:
    chosen = _chosen(_call(request))
    return [] if chosen is None else [chosen.type]


def _chosen(call: GraphqlCall) -> Operation | None:
    try:
        return call.chosen
    except ValueError as error:
        raise Unreadable(str(error)) from None


def _variable(name: str) -> Callable[[Request], list[str]]:
    return lambda request: values_at(_call(request).variables, name)


def _query(written: str) -> Check[Request]:
    from understudy.views.graphql import significant

    try:
        wanted = significant(written)
    except ValueError as error:
        raise ConditionError(str(error), ("graphql", "query")) from None

    def test(request: Request) -> bool:
        call = request.graphql
        try:
            return call is not None and significant(call.query) == wanted
        except ValueError:
            return False

    def found(request: Request) -> str:
        call = request.graphql
        return _no_call(request) if call is None else short(call.query)

    return Check("graphql.query", written, test, found)
