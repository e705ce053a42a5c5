"""What stands in the place of a secret.

A placeholder names the rule, and nothing of the secret: not even a hash, since a short password could be
guessed from one. So the same request gives the same text each time, and what a replayed log-in hands out is
recognised when the client sends it back.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from typing import Any

import msgspec

from understudy.record.redact.base64 import decode_url, encode_url

PREFIX = "REDACTED-"
PLACEHOLDER = re.compile(r"REDACTED-[a-z0-9]++(?:_[a-z0-9]++)*+")
BASIC = "UkVEQUNURUQ6UkVEQUNURUQ="
"""`REDACTED:REDACTED` in base64: what is left of the credentials of Basic (RFC 7617)."""
FORGED = "UkVEQUNURUQ"
"""`REDACTED` in base64url: the signature of a token that was changed."""
KEPT_HEADER = ("alg", "typ", "cty", "enc")
KEPT_CLAIMS = ("exp", "iat", "nbf", "auth_time")
"""Claims that clients act on, and that say nothing about anybody (RFC 7519 section 4.1)."""
MAX_TOKEN = 16_384
MAX_DEPTH = 32

_WORD = re.compile(r"[^a-z0-9]+")


def placeholder(rule: str) -> str:
    """What stands for a secret that a rule found: `REDACTED-access_token`."""
    return PREFIX + (_WORD.sub("_", rule.lower()).strip("_") or "secret")


def is_placeholder(text: str) -> bool:
    """Whether a text stands for a secret already, in whichever form."""
    if text.startswith(PREFIX):
        return PLACEHOLDER.fullmatch(text) is not None
    return text == BASIC or (text.endswith("." + FORGED) and text.count(".") == 2)


def forge_jwt(token: str) -> str | None:
    """A token (RFC 7519) that reads like the given one, without its secrets; None for one that is none.

    The header keeps its algorithm and type, the claims their times and truth values. Texts are replaced,
    other numbers are 0, and the signature is that of nobody.
    """
    pieces = token.split(".")
    if len(pieces) != 3 or len(token) > MAX_TOKEN:
        return None
    try:
        header, claims = (msgspec.json.decode(decode_url(piece)) for piece in pieces[:2])
    except (Base64Error, ValueError, msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        return None
    kept = {
        name: value
        for name in KEPT_HEADER
        if isinstance(value := header.get(name), str) and len(value) <= 16 and value.isascii()
    }
    changed = {
        name: value if name in KEPT_CLAIMS and isinstance(value, int | float) else _emptied(value, MAX_DEPTH)
        for name, value in claims.items()
    }
    return ".".join((*(encode_url(msgspec.json.encode(one)) for one in (kept, changed)), FORGED))


def _emptied(value: Any, depth: int) -> Any:
    """A value of the same form that says nothing."""
    match value:
        case str():
            return "REDACTED"
        case bool() | None:
            return value
        case int() | float():
            return 0
        case list() if depth:
            return [_emptied(one, depth - 1) for one in value]
        case dict() if depth:
            return {name: _emptied(one, depth - 1) for name, one in value.items()}
    return None
