"""The claims of a bearer token, as they stand there: nothing is verified here."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from typing import Any

import msgspec

MAX_TOKEN_CHARACTERS = 16_384


def read_claims(authorization: str | None) -> dict[str, Any]:
    """The payload of a signed JSON Web Token (RFC 7519 section 3) in an Authorization header; else empty."""
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or len(token) > MAX_TOKEN_CHARACTERS:
        return {}
    pieces = token.split(".")
    if len(pieces) != 3 or not token.isascii():
        return {}
    try:
        claims = msgspec.json.decode(urlsafe_b64decode(pieces[1] + "=" * (-len(pieces[1]) % 4)))
    except (binascii.Error, msgspec.DecodeError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
