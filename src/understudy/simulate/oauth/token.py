"""The token endpoint (RFC 6749 section 3.2): `GRANTS` is the TABLE of what it gives tokens for."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from typing import Any

from understudy.model import Client
from understudy.simulate.auth.users import Person
from understudy.simulate.exchange import Exchange
from understudy.simulate.oauth.clients import authenticate
from understudy.simulate.oauth.errors import OauthError
from understudy.simulate.oauth.grants import CODES, REFRESH, Used, is_revoked, revoke, take
from understudy.simulate.oauth.settings import Settings, fields
from understudy.simulate.oauth.tokens import issue
from understudy.steps import Step, json_reply

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636 section 4.1
Answer = Awaitable[dict[str, Any]]
Grant = Callable[[Settings, Exchange, str, Client, dict[str, str]], Answer]


async def token(settings: Settings, exchange: Exchange) -> tuple[Step, ...]:
    """Tokens, or the error."""
    try:
        form = read_form(exchange)
        client_id, client = authenticate(settings, exchange.request, form)
        kind = _needed(form, "grant_type")
        grant = GRANTS.get(kind)
        if grant is None:
            known = ", ".join(GRANTS)
            raise OauthError("unsupported_grant_type", f"there is no grant type {kind[:60]!r}, only: {known}")
        answer = await grant(settings, exchange, client_id, client, form)
    except OauthError as error:
        return (error.reply(settings.headers),)
    return (json_reply(200, answer, settings.headers),)


def read_form(exchange: Exchange) -> dict[str, str]:
    """The parameters of a POST. Raises OauthError."""
    if exchange.request.content_type != "application/x-www-form-urlencoded":
        raise OauthError(
            "invalid_request", "the parameters come as a form: Content-Type application/x-www-form-urlencoded"
        )
    return fields(exchange.request.form)


async def _client_credentials(
    settings: Settings, exchange: Exchange, client_id: str, client: Client, form: dict[str, str]
) -> dict[str, Any]:
    if client.public:
        raise OauthError("unauthorized_client", f"{client_id} is public: it gets tokens for users only")
    scopes = settings.scopes(form.get("scope"), client)
    return await issue(settings, exchange, client_id, client, None, scopes)


async def _password(
    settings: Settings, exchange: Exchange, client_id: str, client: Client, form: dict[str, str]
) -> dict[str, Any]:
    found = settings.people.check(_needed(form, "username"), _needed(form, "password"))
    if isinstance(found, str):
        raise OauthError("invalid_grant", found)
    scopes = settings.scopes(form.get("scope"), client)
    return await issue(settings, exchange, client_id, client, found, scopes)


async def _authorization_code(
    settings: Settings, exchange: Exchange, client_id: str, client: Client, form: dict[str, str]
) -> dict[str, Any]:
    row = await _take(settings, exchange, CODES, _needed(form, "code"), "code")
    if row["client"] != client_id:
        raise OauthError("invalid_grant", "the code was given to another client")
    if row["redirect_uri"] is not None and form.get("redirect_uri") != row["redirect_uri"]:
        raise OauthError("invalid_grant", f"redirect_uri has to be {row['redirect_uri']} as it was before")
    _check_verifier(row, form.get("code_verifier"))
    return await issue(
        settings,
        exchange,
        client_id,
        client,
        _person(settings, row),
        row["scopes"],
        grant=row["grant"],
        nonce=row["nonce"],
        auth_time=row["auth_time"],
    )


async def _refresh_token(
    settings: Settings, exchange: Exchange, client_id: str, client: Client, form: dict[str, str]
) -> dict[str, Any]:
    row = await _take(settings, exchange, REFRESH, _needed(form, "refresh_token"), "refresh token")
    if row["client"] != client_id:
        raise OauthError("invalid_grant", "the refresh token was given to another client")
    if await is_revoked(exchange, {"jti": row["grant"]}):
        raise OauthError("invalid_grant", "the refresh token was revoked")
    scopes = row["scopes"]
    if "scope" in form:
        scopes = form["scope"].split()
        more = [scope for scope in scopes if scope not in row["scopes"]]
        if more:
            raise OauthError("invalid_scope", f"{more[0]!r} was not among the scopes at first")
    return await issue(
        settings,
        exchange,
        client_id,
        client,
        _person(settings, row),
        scopes,
        grant=row["grant"],
        auth_time=row["auth_time"],
    )


GRANTS: dict[str, Grant] = {
    "authorization_code": _authorization_code,
    "client_credentials": _client_credentials,
    "password": _password,
    "refresh_token": _refresh_token,
}


async def _take(settings: Settings, exchange: Exchange, table: str, text: str, what: str) -> dict[str, Any]:
    """A code or refresh token, used up. A second use ends all tokens of its grant (RFC 9700 4.14.2)."""
    try:
        row = await take(exchange, table, text)
    except Used as used:
        await revoke(exchange, used.row["grant"], exchange.now + settings.longest_ttl_s)
        message = f"the {what} was used before; all tokens that came from it are revoked"
        raise OauthError("invalid_grant", message) from None
    if row is None:
        raise OauthError("invalid_grant", f"the {what} is unknown, or has expired")
    return row


def _check_verifier(row: dict[str, Any], verifier: str | None) -> None:
    """Proof that who asked for the code is who redeems it (RFC 7636 section 4.6)."""
    challenge = row["challenge"]
    if challenge is None:
        if verifier is not None:
            raise OauthError("invalid_grant", "code_verifier came, but there was no code_challenge before")
        return
    if verifier is None or not _VERIFIER.fullmatch(verifier):
        raise OauthError("invalid_grant", "code_verifier is missing, or is not 43 to 128 of A-Z a-z 0-9 -._~")
    if row["challenge_method"] == "S256":
        verifier = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not hmac.compare_digest(verifier.encode(), challenge.encode()):
        raise OauthError("invalid_grant", "code_verifier is not the one that code_challenge was made from")


def _person(settings: Settings, row: dict[str, Any]) -> Person:
    person = settings.people.by_name.get(row["user"])
    if person is None:
        raise OauthError("invalid_grant", f"the user {row['user']} is no longer there")
    return person


def _needed(form: dict[str, str], name: str) -> str:
    if name not in form:
        raise OauthError("invalid_request", f"the parameter {name} is missing")
    return form[name]
