"""Who may ask, as `auth`: any credentials will do, and a request without is refused.

What a collection has are the client's own credentials, or variables for them; a mock lets in whoever has
some.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from understudy.formats.postman.variables import Variables
from understudy.formats.spot import Spot

NOBODY = "noauth"


class Schemes:
    """The schemes of an import by their names in the config, as requests come to use them."""

    def __init__(self) -> None:
        self.schemes: dict[str, dict[str, Any]] = {}
        self._names: dict[str, str] = {}
        self._count: Counter[str] = Counter()

    def access(self, written: Any, variables: Variables, spot: Spot) -> str | None:
        """The name of the scheme for an `auth`; None if nothing is asked for, or it cannot be checked."""
        if not isinstance(written, dict):
            return None
        kind = written.get("type")
        if not isinstance(kind, str) or kind == NOBODY:
            return None
        if kind not in KINDS:
            spot.at("type").warn(f"auth of type {kind!r} is not asked for")
            return None
        made = KINDS[kind](_attributes(written.get(kind), variables, spot.at(kind)))
        if made is None:
            spot.warn(f"this auth is not asked for: it does not say where the {kind} is")
            return None
        return self._named(next(iter(made)), made)

    def _named(self, name: str, made: dict[str, Any]) -> str:
        key = json.dumps(made)
        if key not in self._names:
            self._count[name] += 1
            number = self._count[name]
            self._names[key] = name if number == 1 else f"{name}_{number}"
            self.schemes[self._names[key]] = made
        return self._names[key]


def _attributes(written: Any, variables: Variables, spot: Spot) -> dict[str, str]:
    """The attributes by name: an object in 2.0, a list of pairs in 2.1."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(written, dict):
        pairs = list(written.items())
    elif isinstance(written, list):
        pairs = [(one.get("key"), one.get("value")) for one in written if isinstance(one, dict)]
    return {
        name: variables.fill(value, spot)
        for name, value in pairs
        if isinstance(name, str) and isinstance(value, str)
    }


def _basic(attributes: dict[str, str]) -> dict[str, Any] | None:
    return {"basic": {"users": "any"}}


def _bearer(attributes: dict[str, str]) -> dict[str, Any] | None:
    return {"bearer": {"tokens": "any"}}


def _oauth2(attributes: dict[str, str]) -> dict[str, Any] | None:
    if attributes.get("addTokenTo") == "queryParams":
        return {"api_key": {"query": "access_token", "keys": "any"}}
    return _bearer(attributes)


def _jwt(attributes: dict[str, str]) -> dict[str, Any] | None:
    if attributes.get("addTokenTo") == "queryParam":
        return {"api_key": {"query": attributes.get("queryParamKey") or "token", "keys": "any"}}
    prefix = attributes.get("headerPrefix", "Bearer").strip()
    return _bearer(attributes) if prefix.lower() == "bearer" else _signed(attributes)


def _api_key(attributes: dict[str, str]) -> dict[str, Any] | None:
    name = attributes.get("key", "")
    if not name or "{{" in name or len(name) > 200:
        return None
    return {"api_key": {"query" if attributes.get("in") == "query" else "header": name, "keys": "any"}}


def _signed(attributes: dict[str, str]) -> dict[str, Any] | None:
    """A signature that cannot be checked: that there is one is all that is asked for."""
    return {"api_key": {"header": "Authorization", "keys": "any"}}


KINDS: dict[str, Callable[[dict[str, str]], dict[str, Any] | None]] = {
    "basic": _basic,
    "bearer": _bearer,
    "oauth2": _oauth2,
    "jwt": _jwt,
    "apikey": _api_key,
    "awsv4": _signed,
    "hawk": _signed,
    "edgegrid": _signed,
    "asap": _signed,
    "oauth1": lambda attributes: (
        None if attributes.get("addParamsToHeader") == "false" else _signed(attributes)
    ),
}
"""By Postman's name. Not here: `digest` and `ntlm`, whose clients wait for a challenge."""
