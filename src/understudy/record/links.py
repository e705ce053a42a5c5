"""Which servers the links in recorded replies lead to: clients that follow them leave who records one server.

What is said of them is advice, so that no more is looked at than the beginnings of the first replies.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from understudy.record.exchange import BodyInFile, RecordedExchange, RecordedReply
from understudy.views.codings import codings_in, decoded_start

MAX_REPLIES = 2000
MAX_BODY_BYTES = 262_144
"""How much of a body is looked at, without its coding."""
MAX_BYTES = 16 * 1024 * 1024
"""How much of all bodies is looked at."""
MAX_HOSTS = 1000
_KIND = re.compile(rb"json|html|xml", re.IGNORECASE)
_LINK = re.compile(
    rb"[\"'<>(=]\s?(?:https?:)?(?:/|\\/){2}([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,9}(?::\d{1,5})?)(?=[/\\?#\"'<>)])",
    re.IGNORECASE,
)
"""An absolute address, also without its scheme, in an attribute, an element, a text of JSON or a header."""
NAMES = frozenset(
    (
        *(b"www.w3.org", b"w3.org", b"schema.org", b"www.schema.org", b"json-schema.org", b"purl.org"),
        *(b"schemas.xmlsoap.org", b"schemas.microsoft.com", b"schemas.openxmlformats.org", b"ogp.me"),
        *(b"xmlns.com", b"ns.adobe.com", b"www.sitemaps.org", b"hl7.org", b"www.hl7.org"),
    )
)
"""Hosts in what looks like an address, and is the name of a vocabulary."""


def linked_hosts(exchanges: Iterable[RecordedExchange]) -> Counter[str]:
    """Hosts, with their ports if these are told, and how many replies have links to each. In small letters.

    Replies of JSON, HTML and XML are read, and `Link` headers (RFC 8288). Raises OSError.
    """
    found: Counter[str] = Counter()
    left, replies = MAX_BYTES, 0
    for exchange in exchanges:
        reply = exchange.reply
        if reply is None:
            continue
        replies += 1
        if left <= 0 or replies > MAX_REPLIES or len(found) >= MAX_HOSTS:
            break
        text = _text(reply, min(left, MAX_BODY_BYTES))
        left -= len(text)
        links = [value for name, value in reply.headers if name.lower() == b"link"]
        hosts = {host.lower() for one in (text, *links) for host in _LINK.findall(one)}
        found.update(host.decode("ascii") for host in hosts - NAMES)
    return found


def _text(reply: RecordedReply, most: int) -> bytes:
    """The beginning of a body that may have links, without its coding."""
    kinds = [value for name, value in reply.headers if name.lower() == b"content-type"]
    if not any(map(_KIND.search, kinds)):
        return b""
    body = reply.body
    if isinstance(body, BodyInFile):
        with body.path.open("rb") as file:
            body = file.read(most)
    codings = codings_in(reply.headers)
    return decoded_start(body, codings, most)[:most] if codings else body[:most]


__all__ = ["linked_hosts"]
