"""Conditions on what a request has by name: query, headers, cookies, form, parameters of the path."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from understudy.match.check import Check, values_check
from understudy.match.kinds.error import ConditionError
from understudy.match.kinds.text import as_text
from understudy.match.path import PathPattern
from understudy.model.match import Conditions
from understudy.request import Request


def query(written: Conditions, pattern: PathPattern | None) -> list[Check[Request]]:
    """Parameters of the query."""
    return _named("query", written, lambda name: lambda request: request.query.get(name, []))


def headers(written: Conditions, pattern: PathPattern | None) -> list[Check[Request]]:
    """Headers, by names in any case."""

    def reader(name: str) -> Callable[[Request], list[str]]:
        lower = name.lower()
        return lambda request: [value for key, value in request.headers if key == lower]

    return _named("headers", written, reader)


def cookies(written: Conditions, pattern: PathPattern | None) -> list[Check[Request]]:
    """Cookies."""
    return _named(
        "cookies",
        written,
        lambda name: lambda request: [request.cookies[name]] if name in request.cookies else [],
    )


def form(written: Conditions, pattern: PathPattern | None) -> list[Check[Request]]:
    """Fields of a form."""
    return _named("form", written, lambda name: lambda request: request.form.get(name, []))


def params(written: Conditions, pattern: PathPattern | None) -> list[Check[Request]]:
    """Parameters of the path. `request.params` is filled only when the endpoint is found."""
    known = pattern.parameters if pattern is not None else ()

    def reader(name: str) -> Callable[[Request], list[str]]:
        if pattern is None or name not in known:
            there = f"it has {', '.join(known)}" if known else "it has none"
            raise ConditionError(f"the path has no parameter {name!r}: {there}", ("params", name))

        def read(request: Request) -> list[str]:
            values = pattern.values(request.path)
            return [as_text(values[name])] if name in values else []

        return read

    return _named("params", written, reader)


def query_in_any_case(written: Conditions, pattern: PathPattern | None) -> list[Check[Request]]:
    """Parameters of the query, by names in any case."""
    return _in_any_case("query", written, lambda request: request.query)


def form_in_any_case(written: Conditions, pattern: PathPattern | None) -> list[Check[Request]]:
    """Fields of a form, by names in any case."""
    return _in_any_case("form", written, lambda request: request.form)


def _in_any_case(
    part: str, written: Conditions, fields: Callable[[Request], Mapping[str, list[str]]]
) -> list[Check[Request]]:
    def reader(name: str) -> Callable[[Request], list[str]]:
        folded = name.casefold()
        return lambda request: [
            value for key, values in fields(request).items() if key.casefold() == folded for value in values
        ]

    # by a fact's key only the name itself is looked up
    return [check._replace(facts=()) for check in _named(part, written, reader)]


def _named(
    part: str, written: Conditions, reader: Callable[[str], Callable[[Request], list[str]]]
) -> list[Check[Request]]:
    return [
        values_check(f"{part}.{name}", condition, reader(name), part, name)
        for name, condition in written.items()
    ]
