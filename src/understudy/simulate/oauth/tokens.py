"""What a good request for tokens gets (RFC 6749 section 5.1, RFC 9068, OpenID Connect Core section 2)."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from typing import Any

from msgspec import UNSET

from understudy.model import Client
from understudy.simulate.auth.jose import sign
from understudy.simulate.auth.oauth import ACCESS_TOKEN
from understudy.simulate.auth.users import Person
from understudy.simulate.exchange import Exchange
from understudy.simulate.oauth.grants import GRANT_END, REFRESH, keep
from understudy.simulate.oauth.settings import Settings


async def issue(
    settings: Settings,
    exchange: Exchange,
    client_id: str,
    client: Client,
    person: Person | None,
    scopes: list[str],
    *,
    grant: str | None = None,
    nonce: str | None = None,
    auth_time: int | None = None,
) -> dict[str, Any]:
    """An access token; for a person also a refresh token, and an id token where `openid` is a scope."""
    key = await settings.own.get(exchange.keys)
    algorithm = settings.own.algorithm
    now = int(exchange.now)
    grant = grant or exchange.keys.token(12)
    issuer = settings.issuer(exchange.request)
    about = {"sub": client_id, **client.claims} if person is None else person.claims
    lasts_s = max(1, int(settings.access_ttl_s))
    protocol = {"iss": issuer, "iat": now, "exp": now + lasts_s}
    audience = issuer if settings.written.audience is UNSET else settings.written.audience
    claims = {
        **about,
        **protocol,
        "aud": audience,
        "client_id": client_id,
        "jti": f"{grant}{GRANT_END}{exchange.keys.token(12)}",
        "scope": " ".join(scopes),
    }
    access_token = sign(key, algorithm, claims, ACCESS_TOKEN)
    answer: dict[str, Any] = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": lasts_s,
        "scope": claims["scope"],
    }
    if person is None:
        return answer
    signed_in = now if auth_time is None else auth_time
    row = {
        "client": client_id,
        "user": person.name,
        "scopes": scopes,
        "grant": grant,
        "auth_time": signed_in,
        "expires_at": exchange.now + settings.refresh_ttl_s,
    }
    answer["refresh_token"] = await keep(exchange, REFRESH, row)
    if "openid" in scopes:
        id_claims = {
            **about,
            **protocol,
            "aud": client_id,
            "auth_time": signed_in,
            "at_hash": at_hash(access_token, algorithm),
            **({} if nonce is None else {"nonce": nonce}),
        }
        answer["id_token"] = sign(key, algorithm, id_claims)
    return answer


def at_hash(access_token: str, algorithm: str) -> str:
    """The left half of the token's hash, as long as the signature's (OpenID Connect Core section 3.1.3.6)."""
    size = "512" if algorithm == "EdDSA" else algorithm[2:]
    digest = hashlib.new(f"sha{size}", access_token.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
