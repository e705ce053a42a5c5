"""What clients read first (RFC 8414, OpenID Connect Discovery section 3), and the keys."""

from __future__ import annotations

from typing import Any

from understudy.simulate.exchange import Exchange
from understudy.simulate.oauth.authorize import METHODS
from understudy.simulate.oauth.settings import OPENID_SCOPES, Settings
from understudy.simulate.oauth.token import GRANTS
from understudy.steps import Step, json_reply


async def metadata(settings: Settings, exchange: Exchange) -> tuple[Step, ...]:
    """Where everything is, and what is understood."""
    request = exchange.request
    known = dict.fromkeys(scope for client in settings.clients.values() for scope in client.scopes)
    claims = dict.fromkeys(name for person in settings.people.by_name.values() for name in person.claims)
    authentication = ["client_secret_basic", "client_secret_post"]
    document: dict[str, Any] = {
        "issuer": settings.issuer(request),
        "authorization_endpoint": settings.address(request, "authorize"),
        "token_endpoint": settings.address(request, "token"),
        "userinfo_endpoint": settings.address(request, "userinfo"),
        "jwks_uri": settings.address(request, "jwks"),
        "introspection_endpoint": settings.address(request, "introspect"),
        "revocation_endpoint": settings.address(request, "revoke"),
        "end_session_endpoint": settings.address(request, "logout"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANTS),
        "code_challenge_methods_supported": list(METHODS),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [settings.own.algorithm],
        "token_endpoint_auth_methods_supported": [*authentication, "none"],
        "introspection_endpoint_auth_methods_supported": authentication,
        "revocation_endpoint_auth_methods_supported": [*authentication, "none"],
        "scopes_supported": list(dict.fromkeys([*OPENID_SCOPES, *known])),
        "claims_supported": list(claims),
        "authorization_response_iss_parameter_supported": True,
    }
    return (json_reply(200, document, settings.constant_headers),)


async def jwks(settings: Settings, exchange: Exchange) -> tuple[Step, ...]:
    """The public key that tokens are verified with (RFC 7517)."""
    key = await settings.own.get(exchange.keys)
    document = {"keys": [{**key.public_jwk(), "alg": settings.own.algorithm}]}
    return (json_reply(200, document, settings.constant_headers),)
