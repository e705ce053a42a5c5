"""Credentials that get a request past an endpoint's `auth`."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec import UNSET

from understudy.formats.access import place_of, schemes_of
from understudy.model import Access, ApiKey, Bearer, Config, Endpoint, Jwt, Scheme, User
from understudy.samples.draft import Draft
from understudy.samples.run import driven
from understudy.samples.values import values_for
from understudy.simulate.auth.jwt import CannotSign
from understudy.simulate.auth.keyring import Keyring
from understudy.simulate.auth.minting import TokenRequest, make_token
from understudy.simulate.auth.setup import Setup

MAX_CREDENTIALS = 8
"""Credentials that are tried for one endpoint: not all may have the scopes."""
LASTS_S = 1e9
"""Seconds that tokens hold: some thirty years, so that what is exported is of use for long."""


class Credential(NamedTuple):
    """Where a secret is sent: `header`, `query` or `cookie`, under which name, and what it is."""

    where: str
    name: str
    value: str

    def put(self, draft: Draft) -> None:
        """Add it to a request that has none there."""
        if self.where == "header":
            if draft.header(self.name) is None:
                draft.headers.append((self.name, self.value))
        elif self.where == "query":
            draft.query = [pair for pair in draft.query if pair[0] != self.name]
            draft.query.append((self.name, self.value))
        else:
            draft.cookies.setdefault(self.name, self.value)


def credentials_for(
    endpoint: Endpoint, config: Config, setup: Setup | None, now_s: float
) -> list[Credential]:
    """What a client may show, in the order of the config; none where only a running server can say."""
    found: list[Credential] = []
    for name, scheme in schemes_of(endpoint, config):
        found += _of(name, scheme, endpoint, setup, now_s)
    return found[:MAX_CREDENTIALS]


def _of(
    name: str | None, scheme: Scheme, endpoint: Endpoint, setup: Setup | None, now_s: float
) -> Iterator[Credential]:
    if scheme.api_key is not UNSET:
        where, field = place_of(scheme.api_key)
        keys = scheme.api_key.keys if isinstance(scheme.api_key, ApiKey) else scheme.api_key
        yield from (Credential(where, field, key) for key in _secrets(keys, "key"))
    elif scheme.basic is not UNSET:
        users = scheme.basic.users
        for user, password in [("user", "password")] if isinstance(users, str) else users.items():
            word = password.password if isinstance(password, User) else password
            pair = b64encode(f"{user}:{word}".encode()).decode()
            yield Credential("header", "Authorization", f"Basic {pair}")
    elif scheme.bearer is not UNSET:
        tokens = scheme.bearer.tokens if isinstance(scheme.bearer, Bearer) else scheme.bearer
        for token in _secrets(tokens, "token"):
            yield Credential("header", "Authorization", f"Bearer {token}")
    elif scheme.jwt is not UNSET and name is not None and isinstance(scheme.jwt, Jwt):
        minted = _minted(name, scheme.jwt, endpoint, setup, now_s)
        if minted is not None:
            yield Credential("header", "Authorization", f"Bearer {minted}")


def _secrets(written: Any, anything: str) -> list[str]:
    if isinstance(written, str):
        return [anything if written == "any" else written]
    return list(written)


def _minted(name: str, jwt: Jwt, endpoint: Endpoint, setup: Setup | None, now_s: float) -> str | None:
    """A signed token; None where the key is the running server's, or not there."""
    if jwt.secret is UNSET and jwt.key_file is UNSET and jwt.jwks is UNSET:
        return None
    access = endpoint.auth if isinstance(endpoint.auth, Access) else Access()
    claims: dict[str, Any] = {"sub": "sample", "jti": "sample"}
    for claim, condition in {**jwt.claims, **access.claims}.items():
        values = values_for(condition)
        if values:
            claims[claim] = values[0]
    wanted = TokenRequest(scheme=name, claims=claims, scopes=access.scopes, expires_in_s=LASTS_S)
    try:
        return driven(make_token(setup, wanted, Keyring(), now_s))
    except CannotSign:
        return None
