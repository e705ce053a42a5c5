"""What becomes of tokens: who is behind one, whether it is good, and the end of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from understudy.simulate.auth.identity import Identity, Refusal
from understudy.simulate.auth.jose import TokenError
from understudy.simulate.auth.oauth import OauthScheme
from understudy.simulate.exchange import Exchange
from understudy.simulate.oauth.authorize import redirect
from understudy.simulate.oauth.clients import authenticate
from understudy.simulate.oauth.errors import OauthError
from understudy.simulate.oauth.grants import REFRESH, is_revoked, look_up, revoke
from understudy.simulate.oauth.settings import Settings, fields
from understudy.simulate.oauth.token import read_form
from understudy.steps import Header, Step, json_reply

PROTOCOL_CLAIMS = frozenset({"iss", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope", "auth_time"})


async def userinfo(settings: Settings, scheme: OauthScheme, exchange: Exchange) -> tuple[Step, ...]:
    """The claims of the user behind an access token (OpenID Connect Core section 5.3)."""
    found = await scheme.identify(exchange)
    if isinstance(found, Identity) and "openid" not in found.scopes:
        message = "the token has not the scope openid"
        challenge = scheme.challenge(error="insufficient_scope", error_description=message, scope="openid")
        found = Refusal(message, challenge, "insufficient_scope", 403)
    if isinstance(found, Refusal):
        challenge_header: Header = (b"WWW-Authenticate", found.challenge.encode())
        body = {"error": found.code or "invalid_request", "error_description": found.message}
        return (json_reply(found.status, body, (challenge_header, *settings.headers)),)
    claims = {name: value for name, value in found.claims.items() if name not in PROTOCOL_CLAIMS}
    return (json_reply(200, claims, settings.headers),)


async def introspect(settings: Settings, scheme: OauthScheme, exchange: Exchange) -> tuple[Step, ...]:
    """Whether a token is good, and what it says (RFC 7662). Only for clients with a secret."""
    try:
        form = read_form(exchange)
        _, client = authenticate(settings, exchange.request, form)
        if client.public:
            raise OauthError("unauthorized_client", "a public client may not look into tokens")
        token = _token(form)
    except OauthError as error:
        return (error.reply(settings.headers),)
    answer: dict[str, Any] = {"active": False}
    row = await look_up(exchange, REFRESH, token)
    if row is not None:
        answer = {
            "active": True,
            "client_id": row["client"],
            "username": row["user"],
            "scope": " ".join(row["scopes"]),
            "exp": int(row["expires_at"]),
        }
    else:
        claims = _claims(scheme, exchange, token)
        if claims is not None and not await is_revoked(exchange, claims):
            answer = {**claims, "active": True, "token_type": "Bearer"}
    return (json_reply(200, answer, settings.headers),)


async def end_token(settings: Settings, scheme: OauthScheme, exchange: Exchange) -> tuple[Step, ...]:
    """Revoke a token (RFC 7009): a refresh token with all of its grant. An unknown one is no error."""
    try:
        form = read_form(exchange)
        client_id, _ = authenticate(settings, exchange.request, form)
        token = _token(form)
        row = await look_up(exchange, REFRESH, token)
        claims = None if row is not None else _claims(scheme, exchange, token)
        owner = row["client"] if row is not None else (claims or {}).get("client_id", client_id)
        if owner != client_id:
            raise OauthError("invalid_grant", "the token was given to another client")
    except OauthError as error:
        return (error.reply(settings.headers),)
    if row is not None:
        await revoke(exchange, row["grant"], exchange.now + settings.longest_ttl_s)
    elif claims is not None and "jti" in claims:
        await revoke(exchange, str(claims["jti"]), claims.get("exp", exchange.now + settings.access_ttl_s))
    return (json_reply(200, {}, settings.headers),)


async def end_session(settings: Settings, exchange: Exchange) -> tuple[Step, ...]:
    """Log out (OpenID Connect RP-Initiated Logout): nothing is kept here, so only the way back is left."""
    try:
        asked = fields(exchange.request.query) | fields(exchange.request.form)
        back = asked.get("post_logout_redirect_uri")
        if back is not None and not _is_known_origin(settings, back):
            raise OauthError("invalid_request", "post_logout_redirect_uri is of no client's origin")
    except OauthError as error:
        return (error.reply(settings.headers),)
    if back is None:
        return (json_reply(200, {"message": "Logged out"}, settings.headers),)
    state = {"state": asked["state"]} if "state" in asked else {}
    return (redirect(settings, exchange.request.method, back, state),)


def _is_known_origin(settings: Settings, uri: str) -> bool:
    known = {_origin(one) for client in settings.clients.values() for one in client.redirect_uris}
    return _origin(uri) in known - {None}


def _origin(uri: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    return (parts.scheme, parts.netloc) if parts.netloc else None


def _claims(scheme: OauthScheme, exchange: Exchange, token: str) -> dict[str, Any] | None:
    try:
        return scheme.verify(token, exchange.keys, exchange.now)
    except TokenError:
        return None


def _token(form: dict[str, str]) -> str:
    if "token" not in form:
        raise OauthError("invalid_request", "the parameter token is missing")
    return form["token"]
