"""What a scheme finds out about a request: who it is, or why it is turned away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from understudy.request import Request
from understudy.simulate.exchange import Exchange
from understudy.simulate.kit import Kit, Place

NO_SCOPES: frozenset[str] = frozenset()


class Identity(NamedTuple):
    """Somebody who was let in. `claims` are shared between requests: nobody changes them."""

    claims: dict[str, Any]
    scopes: frozenset[str] = NO_SCOPES


ANYBODY = Identity({})
"""Whoever shows a secret where any will do."""


class Refusal(NamedTuple):
    """Somebody who was not: what is wrong, in words and in the code of RFC 6750 section 3.1.

    `code` is None where no credentials came. `challenge` is a whole `WWW-Authenticate` value.
    """

    message: str
    challenge: str
    code: str | None = None
    status: int = 401

    @property
    def is_empty_handed(self) -> bool:
        """Whether there were no credentials at all."""
        return self.code is None


class Authenticator(Protocol):
    """A compiled scheme."""

    name: str
    realm: str

    async def identify(self, exchange: Exchange) -> Identity | Refusal:
        """Who asks."""

    def challenge(self, **parameters: str) -> str:
        """The `WWW-Authenticate` value with these parameters (RFC 9110 section 11.6.1)."""


class Scheme:
    """What compiled schemes share. `type` is the authentication scheme in `WWW-Authenticate`."""

    type = "Bearer"

    def __init__(self, name: str, realm: str) -> None:
        self.name = name
        self.realm = realm

    async def identify(self, exchange: Exchange) -> Identity | Refusal:
        """Who asks."""
        raise NotImplementedError

    def challenge(self, **parameters: str) -> str:
        """The `WWW-Authenticate` value with these parameters (RFC 9110 section 11.6.1)."""
        pairs = {"realm": self.realm, **parameters}
        return f"{self.type} " + ", ".join(f'{name}="{quotable(value)}"' for name, value in pairs.items())

    def missing(self, message: str) -> Refusal:
        """No credentials came: RFC 6750 section 3.1 wants no error code then."""
        return Refusal(message, self.challenge())

    def invalid(self, message: str, code: str = "invalid_token", status: int = 401) -> Refusal:
        """Credentials came, and are no good."""
        return Refusal(message, self.challenge(error=code, error_description=message), code, status)


Compile = Callable[[Any, str, str, Kit, Place], Scheme | None]
"""(what was written under the scheme's key, name, realm, kit, place) → the scheme; None after a problem."""


def quotable(text: str) -> str:
    """Text as it may stand in a quoted parameter (RFC 6750 section 3): ASCII without quote and backslash."""
    plain = text.replace('"', "'").replace("\\", "/")
    return "".join(character if " " <= character <= "~" else "?" for character in plain)


def authorization(request: Request) -> bytes | None:
    """The `Authorization` header as it came; None if there is none, empty if there are several."""
    found: bytes | None = None
    for name, value in request.raw_headers:
        if len(name) == 13 and name.lower() == b"authorization":
            if found is not None:
                return b""
            found = value
    return found


def bearer_token(header: bytes) -> str | None:
    """The token of an `Authorization: Bearer` header (RFC 6750 section 2.1); None if it is another."""
    scheme, _, token = header.partition(b" ")
    return token.strip().decode("latin-1") if scheme.lower() == b"bearer" else None


def scopes_of(claims: dict[str, Any]) -> frozenset[str]:
    """The scopes of a token: `scope` (RFC 9068), `scp` or `scopes`, as text with spaces or as a list."""
    found: set[str] = set()
    for name in ("scope", "scp", "scopes"):
        written = claims.get(name)
        if isinstance(written, str):
            found.update(written.split())
        elif isinstance(written, list):
            found.update(item for item in written if isinstance(item, str))
    return frozenset(found)


def known(secrets: str | list[str] | dict[str, dict[str, Any]], label: str) -> dict[str, Identity] | None:
    """Secret → who shows it; None if any will do."""
    if isinstance(secrets, str):
        return None
    return {secret: Identity(claims, scopes_of(claims)) for secret, claims in listed(secrets, label).items()}


def listed(keys: list[str] | dict[str, dict[str, Any]], label: str) -> dict[str, dict[str, Any]]:
    """Secret → claims. Where only secrets are listed, the claims say which it was: `{label: "#1"}`."""
    if isinstance(keys, dict):
        return keys
    return {key: {label: f"#{number}"} for number, key in enumerate(keys, 1)}
