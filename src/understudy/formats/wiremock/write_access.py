"""`auth` of an endpoint as conditions of its stubs, and the stub that turns others away."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from msgspec import UNSET

from understudy.formats.access import place_of, schemes_of
from understudy.formats.outgoing import Place
from understudy.model import Access, ApiKey, Bearer, Config, Endpoint, Match, Operators, Scheme, User

Written = dict[str, Any]


def access_of(endpoint: Endpoint, config: Config, place: Place) -> tuple[Match | None, Written | None]:
    """What a request must have to be let in, and the response to others; None for both if anybody is."""
    schemes = [scheme for _, scheme in schemes_of(endpoint, config)]
    if not schemes:
        return None, None
    inner = place.at("auth")
    if isinstance(endpoint.auth, Access) and (endpoint.auth.scopes or endpoint.auth.claims):
        inner.warn("scopes and claims are not looked at: whoever the scheme knows is let in")
    found = [_match(scheme, inner) for scheme in schemes]
    body = {"error": "Unauthorized", "message": "credentials are needed"}
    challenge = "Basic" if any(scheme.basic is not UNSET for scheme in schemes) else "Bearer"
    refusal = {
        "status": 401,
        "headers": {
            "WWW-Authenticate": f'{challenge} realm="{schemes[0].realm}"',
            "Content-Type": "application/json",
        },
        "jsonBody": body,
    }
    return (found[0] if len(found) == 1 else Match(any=found)), refusal


def _match(scheme: Scheme, place: Place) -> Match:
    if scheme.api_key is not UNSET:
        return _key(scheme.api_key)
    if scheme.basic is not UNSET:
        users = scheme.basic.users
        if isinstance(users, str):
            return _authorization(Operators(starts_with="Basic "))
        return _authorization(_one_of([f"Basic {_pair(name, user)}" for name, user in users.items()]))
    if scheme.bearer is not UNSET:
        tokens: Any = scheme.bearer.tokens if isinstance(scheme.bearer, Bearer) else scheme.bearer
        if tokens == "any" and isinstance(scheme.bearer, Bearer):
            return _authorization(Operators(starts_with="Bearer "))
        return _authorization(_one_of([f"Bearer {token}" for token in _listed(tokens)]))
    if scheme.session is not UNSET:
        place.warn("logging in has no counterpart: any session cookie is let in")
        return Match(cookies={scheme.session.cookie: Operators(present=True)})
    place.warn("signatures of tokens are not looked at: any bearer token is let in")
    return _authorization(Operators(starts_with="Bearer "))


def _pair(name: str, user: str | User) -> str:
    password = user.password if isinstance(user, User) else user
    return b64encode(f"{name}:{password}".encode()).decode()


def _key(written: str | list[str] | ApiKey) -> Match:
    keys: Any = written.keys if isinstance(written, ApiKey) else written
    is_any = isinstance(written, ApiKey) and keys == "any"
    condition = Operators(present=True) if is_any else _one_of(_listed(keys))
    where, name = place_of(written)
    if where == "query":
        return Match(query={name: condition})
    return Match(cookies={name: condition}) if where == "cookie" else Match(headers={name: condition})


def _listed(written: Any) -> list[str]:
    return [written] if isinstance(written, str) else list(written)


def _one_of(values: list[str]) -> str | Operators:
    return values[0] if len(values) == 1 else Operators(one_of=values)  # type: ignore[arg-type]


def _authorization(condition: str | Operators) -> Match:
    return Match(headers={"Authorization": condition})
