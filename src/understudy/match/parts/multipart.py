"""Conditions on the parts of a multipart body."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from understudy.match.bodies import compile_body
from understudy.match.check import Check, explain, values_check
from understudy.match.path import PathPattern
from understudy.match.shown import as_written, short
from understudy.match.values import at
from understudy.model import PartConditions
from understudy.request import Request

if TYPE_CHECKING:
    from understudy.views.multipart import Part

MAX_SHOWN_PARTS = 5


def multipart(
    written: PartConditions | list[PartConditions], pattern: PathPattern | None
) -> list[Check[Request]]:
    """For each of the conditions there is a part that meets it."""
    if isinstance(written, PartConditions):
        return [_check("multipart", written, at(lambda: _part(written), "multipart"))]
    return [
        _check(f"multipart[{number}]", one, at(lambda one=one: _part(one), "multipart", number))  # type: ignore[misc]
        for number, one in enumerate(written)
    ]


def _check(field: str, written: PartConditions, checks: list[Check[Part]]) -> Check[Request]:
    def fits(part: Part) -> bool:
        return all(check.test(part) for check in checks)

    def found(request: Request) -> Any:
        parts = request.multipart
        if not parts:
            return _nothing(request)
        return [
            {"part": short(part.name) if part.name is not None else number, "differs": explain(checks, part)}
            for number, part in enumerate(parts[:MAX_SHOWN_PARTS])
        ]

    return Check(field, as_written(written), lambda request: any(map(fits, request.multipart)), found)


def _nothing(request: Request) -> str:
    kind = request.content_type
    if not kind.startswith("multipart/"):
        return f"no parts: the Content-Type is {kind or 'not given'}"
    return "no parts: the body has none, is malformed or cut off, or has too many"


def _part(written: PartConditions) -> list[Check[Part]]:
    checks: list[Check[Part]] = []
    for key in ("name", "filename", "content_type"):
        condition = getattr(written, key)
        if condition is not UNSET:
            checks.append(values_check(key, condition, _attribute(key), key))
    for name, condition in written.headers.items():
        checks.append(values_check(f"headers.{name}", condition, _header(name), "headers", name))
    if written.text is not UNSET:
        checks.append(values_check("text", written.text, lambda part: [part.text], "text"))
    if written.body is not UNSET:
        checks += [check._replace(field=f"body.{check.field}") for check in _body(written)]
    return checks


def _body(written: PartConditions) -> list[Check[Part]]:
    checks: list[Check[Part]] = []
    if written.body is not UNSET:
        body = written.body
        checks += at(lambda: compile_body(body), "body")
    return checks


def _attribute(key: str) -> Callable[[Part], list[str]]:
    return lambda part: [value] if (value := getattr(part, key)) else []


def _header(name: str) -> Callable[[Part], list[str]]:
    lower = name.lower()
    return lambda part: [value for key, value in part.headers if key == lower]
