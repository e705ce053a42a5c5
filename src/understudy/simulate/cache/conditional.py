"""Conditional requests (RFC 9110 section 13): does the client's condition on what it has hold?"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from understudy.request import Request
from understudy.views.dates import http_date, read_http_date

SAFE = frozenset({"GET", "HEAD"})
PROCEED, NOT_MODIFIED, FAILED = 200, 304, 412

_TAG = re.compile(r'[ \t,]*((?:W/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?:,|$)')
_DATE = re.compile(  # the three forms of RFC 9110 section 5.6.7
    r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT"
    r"|[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT"
    r"|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}"
)


class Validators(NamedTuple):
    """What a representation is known by: its entity tag as sent, and unix seconds of its last change."""

    etag: str | None = None
    modified: int | None = None


class Outcome(NamedTuple):
    """What a request's conditions come to: go on, 304 or 412; and the header that decided."""

    status: int
    header: str = ""


def is_conditional(request: Request) -> bool:
    """Whether the request has a condition that is looked at here."""
    return any(name.startswith("if-") for name, _ in request.headers)


def evaluate(request: Request, known: Validators) -> Outcome:
    """The outcome for a representation that exists, in the order of RFC 9110 section 13.2.2."""
    safe = request.method in SAFE
    if_match = request.header("if-match")
    if if_match is not None:
        if not _matches(if_match, known.etag, weak=False):
            return Outcome(FAILED, "If-Match")
    elif known.modified is not None:
        date = told_date(request.header("if-unmodified-since"))
        if date is not None and known.modified > date:
            return Outcome(FAILED, "If-Unmodified-Since")
    if_none_match = request.header("if-none-match")
    if if_none_match is not None:
        if _matches(if_none_match, known.etag, weak=True):
            return Outcome(NOT_MODIFIED if safe else FAILED, "If-None-Match")
    elif safe and known.modified is not None:
        date = told_date(request.header("if-modified-since"))
        if date is not None and known.modified <= date:
            return Outcome(NOT_MODIFIED, "If-Modified-Since")
    return Outcome(PROCEED)


def _matches(written: str, etag: str | None, *, weak: bool) -> bool:
    """Whether a list of entity tags has this one, by the weak or the strong comparison (section 8.8.3.2)."""
    if written.strip() == "*":
        return True
    if etag is None or (not weak and etag.startswith("W/")):
        return False
    tags = _tags(written)
    if weak:
        return etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in tags}
    return etag in tags


def _tags(written: str) -> list[str]:
    """The entity tags of a list, as far as it is one."""
    tags, position = [], 0
    while (found := _TAG.match(written, position)) is not None:
        tags.append(found[1])
        position = found.end()
    return tags


def told_date(text: str | None) -> int | None:
    """Unix seconds of an HTTP date; None for anything else, which is to be ignored."""
    if text is None or not _DATE.fullmatch(text.strip()):
        return None
    try:
        return int(read_http_date(text.strip()).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None


def any_date(text: str) -> int | None:
    """Unix seconds of a date as HTTP, ISO 8601 (without a zone: UTC) or unix seconds write it, else None."""
    text = text.strip()
    found = told_date(text)
    if found is not None:
        return found
    if re.fullmatch(r"\d{1,12}(\.\d{1,9})?", text):
        return int(float(text))
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int((instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)).timestamp())


def date_text(at: float) -> bytes:
    """Unix seconds as an HTTP date."""
    return http_date(at).encode()
