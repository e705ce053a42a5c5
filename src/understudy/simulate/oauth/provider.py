"""`auth.provider` → its endpoints: `ENDPOINTS` is the TABLE of them."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from msgspec import UNSET

from understudy.model import Client, Provider
from understudy.simulate.auth.jwt import OwnKey, read_key_file
from understudy.simulate.auth.oauth import OauthScheme
from understudy.simulate.feature import Generated
from understudy.simulate.kit import Kit
from understudy.simulate.oauth.authorize import authorize
from understudy.simulate.oauth.discovery import jwks, metadata
from understudy.simulate.oauth.inspect import end_session, end_token, introspect, userinfo
from understudy.simulate.oauth.settings import Settings
from understudy.simulate.oauth.token import token

PLACE = ("auth", "provider")
BOTH = ("GET", "POST")


class _Row(NamedTuple):
    name: str
    methods: tuple[str, ...]
    handle: Any
    with_scheme: bool = False


ENDPOINTS = (
    _Row("authorize", BOTH, authorize),
    _Row("token", ("POST",), token),
    _Row("userinfo", BOTH, userinfo, with_scheme=True),
    _Row("introspect", ("POST",), introspect, with_scheme=True),
    _Row("revoke", ("POST",), end_token, with_scheme=True),
    _Row("jwks", ("GET",), jwks),
    _Row("logout", BOTH, end_session),
)
DISCOVERY = ("openid-configuration", "oauth-authorization-server")


def own_key(written: Provider, kit: Kit) -> OwnKey | None:
    """The key that the provider signs with; None after a problem."""
    if written.key_file is UNSET:
        return OwnKey(written.algorithm)
    keys = read_key_file(written.key_file, kit, (*PLACE, "key_file"))
    if keys is None:
        return None
    fitting = [key for key in keys if written.algorithm in key.algorithms and key.is_private]
    if not fitting:
        kit.problem((*PLACE, "key_file"), f"there is no private key for {written.algorithm} in this file")
        return None
    key = fitting[0]
    if key.kid is None:
        key.kid = key.key.thumbprint()
    return OwnKey(written.algorithm, key)


def provider_endpoints(
    written: Provider, own: OwnKey, scheme: OauthScheme, kit: Kit
) -> tuple[Generated, ...]:
    """All endpoints of the provider."""
    for name, client in written.clients.items():
        if isinstance(client, Client) and client.secret is UNSET and not client.public:
            kit.problem((*PLACE, "clients", name), "a client has a `secret`, or is `public: true`")
    settings = Settings(written, own, kit.constant_headers)
    found = []
    for row in ENDPOINTS:
        handle = partial(row.handle, settings, scheme) if row.with_scheme else partial(row.handle, settings)
        found.append(Generated(f"oauth {row.name}", f"{written.path}/{row.name}", row.methods, handle))
    for document in DISCOVERY:
        for path in _discovery_paths(written, document):
            found.append(Generated(f"oauth {path}", path, ("GET",), partial(metadata, settings)))
    return tuple(found)


def _discovery_paths(written: Provider, document: str) -> list[str]:
    """RFC 8414 section 3.1 puts an issuer's path behind the name, OpenID Connect before it."""
    plain = f"/.well-known/{document}"
    path = "" if written.issuer is UNSET else urlsplit(written.issuer).path.rstrip("/")
    return [plain, plain + path, path + plain] if path else [plain]
