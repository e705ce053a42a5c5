"""Conditions on the claims of the bearer token. Whether it is genuine is not asked here."""

from __future__ import annotations

from collections.abc import Callable

from understudy.match.check import Check, values_check
from understudy.match.kinds.dotted import values_at
from understudy.match.path import PathPattern
from understudy.model.match import Conditions
from understudy.request import Request

SCOPES = frozenset({"scope", "scp"})
"""Claims that are one text with several values in it (RFC 8693 section 4.2)."""


def jwt(written: Conditions, pattern: PathPattern | None) -> list[Check[Request]]:
    """Claims, by dotted names."""
    return [
        values_check(f"jwt.{name}", condition, _reader(name), "jwt", name)
        for name, condition in written.items()
    ]


def _reader(name: str) -> Callable[[Request], list[str]]:
    if name not in SCOPES:
        return lambda request: values_at(request.claims_unverified, name)
    return lambda request: [
        scope for value in values_at(request.claims_unverified, name) for scope in value.split()
    ]
