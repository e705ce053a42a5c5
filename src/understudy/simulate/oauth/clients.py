"""Which client asks (RFC 6749 section 2.3): by Basic, by fields of the form, or, if public, by its name."""

from __future__ import annotations

import binascii
import hmac
from urllib.parse import unquote_plus

from msgspec import UNSET

from understudy.model import Client
from understudy.request import Request
from understudy.simulate.auth.identity import authorization
from understudy.simulate.oauth.errors import OauthError
from understudy.simulate.oauth.settings import Settings

CHALLENGE = 'Basic realm="oauth", charset="UTF-8"'


def authenticate(settings: Settings, request: Request, form: dict[str, str]) -> tuple[str, Client]:
    """The client's id and settings. Raises OauthError."""
    header = authorization(request)
    if header is not None:
        name, *secrets = _basic(header)
        if "client_secret" in form:
            raise OauthError("invalid_request", "the secret comes once: by Basic or in the form, not both")
        if form.get("client_id", name) != name:
            raise OauthError("invalid_request", "the form names another client than Basic does")
    else:
        name, secrets = form.get("client_id", ""), [form.get("client_secret", "")]
        if not name:
            raise _invalid("the client is not named: send client_id, or Authorization: Basic")
    client = settings.clients.get(name)
    if client is None:
        raise _invalid(f"there is no client {name[:60]!r}; known: {', '.join(settings.clients)}")
    if client.secret is UNSET:
        if any(secrets):
            raise _invalid(f"the client {name} is public: it has no secret")
        return name, client
    if not any(secrets):
        raise _invalid(f"the client {name} has to give its secret")
    known = client.secret.encode()
    if not any(hmac.compare_digest(known, secret.encode("utf-8", "replace")) for secret in secrets):
        raise _invalid(f"the secret of the client {name} is another")
    return name, client


def _basic(header: bytes) -> tuple[str, str, str]:
    """The name, and the secret as RFC 6749 section 2.3.1 has it encoded, and as most clients send it."""
    scheme, _, encoded = header.partition(b" ")
    if scheme.lower() != b"basic":
        raise _invalid("the client is told by Authorization: Basic, or by client_id and client_secret")
    try:
        text = binascii.a2b_base64(encoded.strip(), strict_mode=True).decode()
    except ValueError:
        raise _invalid("what follows Basic is not base64 of UTF-8 text") from None
    name, _, secret = text.partition(":")
    return unquote_plus(name), unquote_plus(secret), secret


def _invalid(description: str) -> OauthError:
    return OauthError("invalid_client", description, 401, CHALLENGE)
