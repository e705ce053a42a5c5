"""Queries, forms and cookies: names and values in lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus

if TYPE_CHECKING:
    from understudy.record.redact.values import Values

FORM = re.compile(r"[^\s=&<>{}\"]{1,200}=[^\s<>\"]*")
SAFE = "-._~:/?@!$'()*,;[]{}"
PRESIGNED = frozenset(("sig", "x-amz-signature", "x-goog-signature"))
"""Parameters that let whoever has the address in: shared access signatures and presigned addresses."""


def redact_form(text: str, values: Values) -> str:
    """A query or a form (application/x-www-form-urlencoded). Pairs without secrets stay as they are."""
    if "=" not in text:
        return values.free(text)
    return "&".join(_pair(pair, values) for pair in text.split("&"))


def _pair(pair: str, values: Values) -> str:
    raw_name, sign, raw = pair.partition("=")
    name = _decoded(raw_name)
    new_name = values.free(name)
    shown = raw_name if new_name == name else quote(new_name, safe=SAFE)
    if not raw:
        return shown + sign
    value = _decoded(raw)
    rule = values.rules.field_rule(name)
    if rule is None and name.lower() in PRESIGNED and values.rules.applies("signature"):
        rule = "signature"
    new = values.leaf(name, value, rule)
    return shown + sign + (raw if new == value else quote(new, safe=SAFE))


def _decoded(raw: str) -> str:
    if "%" not in raw and "+" not in raw:
        return raw
    return unquote_plus(raw, errors="surrogateescape")


def redact_cookies(text: str, values: Values) -> str:
    """The value of `Cookie` (RFC 6265 section 4.2): all values, but no names."""
    return ";".join(_cookie(one, values) for one in text.split(";"))


def redact_set_cookie(text: str, values: Values) -> str:
    """The value of `Set-Cookie` (RFC 6265 section 4.1): the value, but neither the name nor attributes."""
    cookie, sign, attributes = text.partition(";")
    return _cookie(cookie, values) + sign + values.free(attributes)


def _cookie(text: str, values: Values) -> str:
    name, sign, value = text.partition("=")
    bare = value.strip().strip('"')
    if not bare:
        return values.free(text)
    words = name.strip()
    if values.rules.keeps(words):
        return text
    if values.rules.applies("cookie"):
        return name + sign + value.replace(bare, values.secret("cookie", bare), 1)
    return name + sign + value.replace(bare, values.leaf(words, bare, values.rules.field_rule(words)), 1)


def redact_url(text: str, values: Values) -> str:
    """A request target or an address: patterns in the path, names and values in the query."""
    rest, mark, fragment = text.partition("#")
    path, sign, query = rest.partition("?")
    new = values.free(path)
    if new == path and "%" in path:  # a secret may be hidden behind escapes
        pieces = [_segment(piece, values) for piece in path.split("/")]
        new = "/".join(pieces)
    query = redact_form(query, values) if query else query
    if fragment:
        fragment = redact_form(fragment, values)
    return new + sign + query + mark + fragment


def _segment(raw: str, values: Values) -> str:
    if "%" not in raw:
        return raw
    text = _decoded(raw.replace("+", "%2B"))
    new = values.free(text)
    return raw if new == text else quote(new, safe=SAFE.replace("/", "").replace("?", ""))
