"""The provider's settings, and what all of its endpoints need."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from msgspec import UNSET

from understudy.model import Client, Provider, duration_s
from understudy.request import Request
from understudy.simulate.auth.jwt import OwnKey
from understudy.simulate.auth.users import People
from understudy.simulate.oauth.errors import NO_STORE, OauthError
from understudy.steps import Header

OPENID_SCOPES = ("openid", "profile", "email", "offline_access")
"""Scopes that every client may have (OpenID Connect Core section 5.4)."""
MAX_VALUE_CHARACTERS = 20_000
"""Of a parameter: some are kept with a code, and a body may be large."""
_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


class Settings:
    """A compiled `provider`."""

    def __init__(self, written: Provider, own: OwnKey, headers: tuple[Header, ...]) -> None:
        self.written = written
        self.own = own
        self.clients = {
            name: Client(secret=client) if isinstance(client, str) else client
            for name, client in written.clients.items()
        }
        self.people = People(written.users)
        self.constant_headers = headers
        self.headers: tuple[Header, ...] = (*NO_STORE, *headers)
        self.access_ttl_s = duration_s(written.access_token_ttl)
        self.refresh_ttl_s = duration_s(written.refresh_token_ttl)
        self.code_ttl_s = duration_s(written.code_ttl)
        self.longest_ttl_s = max(self.access_ttl_s, self.refresh_ttl_s)
        """How long a revoked grant is remembered: all that came from it has ended then."""

    def base(self, request: Request) -> str:
        """The address that the provider is reached at, without a slash at the end."""
        host = request.header("host") or ""
        if not _HOST.fullmatch(host):
            host = "localhost"
        if self.written.issuer is not UNSET:
            parts = urlsplit(self.written.issuer)
            if parts.netloc.lower() == host.lower():
                return f"{parts.scheme}://{host}"
        return f"http://{host}"

    def issuer(self, request: Request) -> str:
        """What `iss` is."""
        return self.base(request) if self.written.issuer is UNSET else self.written.issuer

    def address(self, request: Request, endpoint: str) -> str:
        """The address of one of the endpoints."""
        return f"{self.base(request)}{self.written.path}/{endpoint}"

    def scopes(self, asked: str | None, client: Client) -> list[str]:
        """The scopes that a client gets. Raises OauthError."""
        if asked is None:
            return list(client.scopes)
        wanted = list(dict.fromkeys(asked.split()))
        if client.scopes:
            for scope in wanted:
                if scope not in client.scopes and scope not in OPENID_SCOPES:
                    known = " ".join(client.scopes)
                    raise OauthError("invalid_scope", f"the client may not have {scope!r}, only: {known}")
        return wanted


def fields(values: dict[str, list[str]]) -> dict[str, str]:
    """Parameters by name; empty ones count as left out (RFC 6749 section 3.1). Raises OauthError."""
    for name, found in values.items():
        if len(found) > 1:
            raise OauthError("invalid_request", f"the parameter {name[:60]} stands there {len(found)} times")
        if len(found[0]) > MAX_VALUE_CHARACTERS:
            raise OauthError(
                "invalid_request",
                f"the parameter {name[:60]} is longer than {MAX_VALUE_CHARACTERS} characters",
            )
    return {name: found[0] for name, found in values.items() if found[0]}
