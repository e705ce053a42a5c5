"""The authorization endpoint (RFC 6749 section 3.1): a user agrees at once, and a code goes back."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from understudy.model import Client
from understudy.simulate.auth.users import Person
from understudy.simulate.exchange import Exchange
from understudy.simulate.oauth.errors import OauthError
from understudy.simulate.oauth.grants import CODES, keep
from understudy.simulate.oauth.login_page import login_page
from understudy.simulate.oauth.settings import Settings, fields
from understudy.steps import Reply, Step

METHODS = ("S256", "plain")
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636 section 4.2
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


async def authorize(settings: Settings, exchange: Exchange) -> tuple[Step, ...]:
    """A redirect with a code or an error, the page that asks for the password, or 400.

    While client and redirect_uri are not known to belong together, nobody is redirected (section 4.1.2.1).
    """
    request = exchange.request
    try:
        asked = fields(request.query) | fields(request.form)
        client_id, client = _client(settings, asked)
        redirect_uri = _redirect_uri(client_id, client, asked.get("redirect_uri"))
    except OauthError as error:
        return (error.reply(settings.headers),)
    answer: dict[str, Any]
    try:
        _check(client_id, client, asked)
        scopes = settings.scopes(asked.get("scope"), client)
        person = _who(settings, asked)
        if isinstance(person, str):
            return (login_page(settings, asked, person),)
        row = {
            "client": client_id,
            "redirect_uri": asked.get("redirect_uri"),
            "user": person.name,
            "scopes": scopes,
            "nonce": asked.get("nonce"),
            "challenge": asked.get("code_challenge"),
            "challenge_method": asked.get("code_challenge_method", "plain"),
            "auth_time": int(exchange.now),
            "grant": exchange.keys.token(12),
            "expires_at": exchange.now + settings.code_ttl_s,
        }
        answer = {"code": await keep(exchange, CODES, row)}
    except OauthError as error:
        answer = {"error": error.code, "error_description": error.description}
    if "state" in asked:
        answer["state"] = asked["state"]
    answer["iss"] = settings.issuer(request)  # RFC 9207
    return (redirect(settings, request.method, redirect_uri, answer),)


def redirect(settings: Settings, method: str, uri: str, answer: dict[str, Any]) -> Reply:
    """Send a browser back, with the answer behind what the address has already."""
    if answer:
        uri += ("&" if "?" in uri else "?") + urlencode(answer)
    # What no URI has (RFC 3986) is escaped: line breaks above all, which would end the header.
    location = (b"Location", quote(uri, safe="%!#$&'()*+,/:;=?@[]~").encode())
    return Reply(303 if method == "POST" else 302, (location, *settings.headers), b"")


def _client(settings: Settings, asked: dict[str, str]) -> tuple[str, Client]:
    name = asked.get("client_id", "")
    client = settings.clients.get(name)
    if client is None:
        known = ", ".join(settings.clients)
        raise OauthError("invalid_client", f"there is no client {name[:60]!r}; known: {known}")
    return name, client


def _redirect_uri(client_id: str, client: Client, asked: str | None) -> str:
    known = client.redirect_uris
    if not known:
        raise OauthError("invalid_request", f"the client {client_id} has no redirect_uris in the config")
    if asked is None:
        if len(known) > 1:
            raise OauthError("invalid_request", "redirect_uri is missing, and the client has several")
        return known[0]
    if not any(is_same_uri(one, asked) for one in known):
        raise OauthError(
            "invalid_request",
            f"redirect_uri {asked[:200]!r} is not one of the client's: {', '.join(known)}",
        )
    return asked


def is_same_uri(registered: str, asked: str) -> bool:
    """Whether two addresses are the same, but for the port of this machine (RFC 8252 section 7.3)."""
    if registered == asked:
        return True
    try:
        one, other = urlsplit(registered), urlsplit(asked)
        if one.hostname not in _LOOPBACK or one.scheme != "http" or one.port is not None:
            return False
        return asked == registered.replace(one.netloc, f"{one.netloc}:{other.port}", 1)
    except ValueError:
        return False


def _check(client_id: str, client: Client, asked: dict[str, str]) -> None:
    if asked.get("response_type") != "code":
        found = asked.get("response_type")
        if found is None:
            raise OauthError("invalid_request", "response_type is missing: code")
        raise OauthError("unsupported_response_type", f"response_type is code, not {found[:60]!r}")
    if asked.get("response_mode", "query") != "query":
        raise OauthError("invalid_request", "response_mode is query")
    challenge, method = asked.get("code_challenge"), asked.get("code_challenge_method", "plain")
    if challenge is None:
        if client.public:
            raise OauthError("invalid_request", f"{client_id} is public: it needs code_challenge (PKCE)")
        return
    if method not in METHODS:
        raise OauthError("invalid_request", f"code_challenge_method is {' or '.join(METHODS)}")
    if not _CHALLENGE.fullmatch(challenge):
        raise OauthError("invalid_request", "code_challenge is 43 to 128 of A-Z a-z 0-9 -._~")


def _who(settings: Settings, asked: dict[str, str]) -> Person | str:
    """The user; or what the page with the form says. Raises OauthError."""
    people = settings.people
    if people.first is None:
        raise OauthError("access_denied", "the provider has no users in the config")
    if settings.written.login == "form":
        if asked.get("prompt") == "none":
            raise OauthError("login_required", "nobody is logged in, and prompt=none allows no page")
        if "username" not in asked:
            return ""
        return people.check(asked["username"], asked.get("password", ""))
    hint = asked.get("login_hint")
    if hint is None:
        return people.first
    for person in people.by_name.values():
        if hint in {person.name, person.claims.get("email")}:
            return person
    raise OauthError(
        "access_denied", f"login_hint {hint[:60]!r} is no user; known: {', '.join(people.by_name)}"
    )
