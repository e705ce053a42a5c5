"""Taking secrets out of headers and trailers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.record.redact.forms import redact_cookies, redact_set_cookie, redact_url
from understudy.record.redact.values import Found, Values

if TYPE_CHECKING:
    from understudy.record.redact.rules import Rules
    from understudy.steps import Header

URLS = frozenset(
    (
        *("location", "content-location", "referer", "origin", "link", "refresh", "uri"),
        *("x-original-url", "x-rewrite-url", "x-forwarded-uri"),
    )
)
"""Headers that hold addresses."""
PLAIN = frozenset((b"date", b"content-length", b"content-type", b"content-encoding"))
"""Headers of a fixed form, in most messages."""
MIN_TELLING = 8
"""A shorter value whose name says nothing is no secret."""


def redact_headers(
    headers: tuple[Header, ...], rules: Rules, found: list[Found], *, keeps_shape: bool
) -> tuple[Header, ...]:
    """The headers without their secrets; the same object if there are none."""
    changed = [redact_header(one, rules, found, keeps_shape=keeps_shape) for one in headers]
    return headers if all(one is two for one, two in zip(headers, changed, strict=True)) else tuple(changed)


def redact_header(header: Header, rules: Rules, found: list[Found], *, keeps_shape: bool) -> Header:
    """One header; bytes that are no ASCII stay as they are (RFC 9110 section 5.5)."""
    raw_name, raw = header
    if raw_name.lower() in PLAIN:
        return header
    name = raw_name.decode("latin-1").lower()
    rule = rules.header_rule(name)
    is_cookie = name in {"cookie", "cookie2", "set-cookie", "set-cookie2"}
    if rule is None and not is_cookie and (len(raw) < MIN_TELLING or not rules.may_hold(raw)):
        return header
    text = raw.decode("latin-1")
    if rules.keeps(text) or rules.keeps(raw_name.decode("latin-1")):
        return header
    values = Values(rules, found, text, keeps_shape=keeps_shape)
    if name in {"set-cookie", "set-cookie2"}:
        new = redact_set_cookie(text, values)
    elif is_cookie:
        new = redact_cookies(text, values)
    elif rule is not None:
        new = values.secret(rule, text)
    elif name in URLS:
        new = redact_url(text, values)
    else:
        new = values.leaf(name, text, None)
    return header if new == text else (raw_name, new.encode("latin-1", "replace"))
