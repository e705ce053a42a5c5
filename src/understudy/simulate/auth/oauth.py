"""`oauth`: access tokens of the built-in provider, unless they were revoked."""

from __future__ import annotations

from msgspec import UNSET

from understudy.model import Jwt, Provider
from understudy.simulate.auth.identity import Identity, Refusal
from understudy.simulate.auth.jwt import JwtScheme, OwnKey
from understudy.simulate.exchange import Exchange
from understudy.simulate.oauth.grants import is_revoked

ACCESS_TOKEN = "at+jwt"  # noqa: S105 - a type (RFC 9068 section 2.1)


class OauthScheme(JwtScheme):
    """Verifies what the provider has issued. An id token is signed alike, but lets nobody in (RFC 9068)."""

    token_type = ACCESS_TOKEN

    async def identify(self, exchange: Exchange) -> Identity | Refusal:
        found = await super().identify(exchange)
        if type(found) is Identity and await is_revoked(exchange, found.claims):
            return self.invalid("the token was revoked")
        return found


def oauth_scheme(name: str, realm: str, provider: Provider, own: OwnKey) -> OauthScheme:
    """The scheme for a provider. Its tokens are told by their key; the issuer counts where one is written."""
    issuer: str | list[str] = [] if provider.issuer is UNSET else provider.issuer
    audience: str | list[str] = [] if provider.audience is UNSET else provider.audience
    return OauthScheme(name, realm, [], [own], [own.algorithm], Jwt(issuer=issuer, audience=audience), [])
