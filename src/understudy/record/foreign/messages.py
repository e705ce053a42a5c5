"""What recordings of other tools have in common: requests and replies made of their parts."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from understudy.formats.spot import Spot
from understudy.model.parts import TOKEN
from understudy.record.exchange import RecordedReply, RecordedRequest
from understudy.record.har import HOP_BY_HOP, MAX_BODY_BYTES, address_of, is_text, raw_value, with_length
from understudy.steps import BODILESS, Header
from understudy.views.codings import CodingError, codings_in, decoded

Pairs = list[tuple[str, str]]


def request_of(method: str, url: str, headers: Pairs, body: bytes, spot: Spot) -> RecordedRequest:
    """A request. Raises LeftOut for a method or an address that is none."""
    method = method.upper()
    if not TOKEN.fullmatch(method) or method == "CONNECT":
        spot.leave(f"{method or 'nothing'} is no method of a request")
    origin, target = address_of(url, spot)
    kept = _kept(headers, body)
    if not any(name.lower() == b"host" for name, _ in kept):
        kept.insert(0, (b"Host", origin.partition("://")[2].encode()))
    if body:
        kept = with_length(kept, len(body))
    return RecordedRequest(method=method, origin=origin, target=target, headers=tuple(kept), body=body)


def reply_of(status: Any, reason: Any, headers: Pairs, body: bytes, method: str, spot: Spot) -> RecordedReply:
    """A reply with a length. Raises LeftOut for a status that is none."""
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        spot.leave("a status is from 200 to 599")
    has_none = method == "HEAD" or status in BODILESS
    framing: Literal["length", "none"] = "none" if has_none else "length"
    body = b"" if has_none else body
    kept = _kept(headers, body)
    return RecordedReply(
        status=status,
        reason=reason if isinstance(reason, str) and reason.isprintable() and is_text(reason) else "",
        headers=tuple(kept if has_none else with_length(kept, len(body))),
        body=body,
        framing=framing,
    )


def pairs_of(written: Any, spot: Spot) -> Pairs:
    """Headers, an object of texts or lists of them, as pairs. What may not be sent is left out."""
    found: Pairs = []
    for name, value in spot.mapping(written).items():
        inner = spot.at(name)
        if not TOKEN.fullmatch(name):
            continue
        for one in value if isinstance(value, list) else [value]:
            text = one.decode("latin-1") if isinstance(one, bytes) else inner.text("" if one is None else one)
            found.append((name, text.translate(_NO_BREAKS).strip(" \t")))
    return found


def bytes_of(value: Any, spot: Spot) -> bytes:
    """A body that is text, or bytes, or nothing."""
    if value is None:
        return b""
    return value if isinstance(value, bytes) else spot.text(value).encode("utf-8", "replace")


def base64_of(value: Any, spot: Spot) -> bytes:
    """A body that is written as base64. Raises LeftOut."""
    try:
        return base64.b64decode("".join(spot.text(value).split()), validate=True)
    except (binascii.Error, ValueError):
        spot.leave("this is no base64")


def seconds_of_date(*written: Any) -> float:
    """The first of these that is a date, of RFC 9110 or RFC 3339, in unix seconds; 0 if none is one."""
    for text in written:
        if not isinstance(text, str) or len(text) > 100:
            continue
        for read in (datetime.fromisoformat, parsedate_to_datetime):
            try:
                found = read(text)
                seconds = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
            except (TypeError, ValueError, OverflowError):
                continue
            if seconds > 0:
                return seconds
    return 0.0


_NO_BREAKS = dict.fromkeys(map(ord, "\r\n\0"), " ")


def _unpacks(body: bytes, codings: tuple[str, ...]) -> bool:
    """Whether a body is in the codings that are told of it."""
    try:
        decoded(body, codings, MAX_BODY_BYTES)
    except CodingError:
        return False
    return True


def _kept(headers: Pairs, body: bytes) -> list[Header]:
    """Headers that may be sent with this body: a coding only if the body has it, as tools may take it off."""
    kept = [(name.encode(), raw_value(value)) for name, value in headers if name.lower() not in HOP_BY_HOP]
    codings = codings_in(kept)
    if codings and not (body and _unpacks(body, codings)):
        kept = [header for header in kept if header[0].lower() != b"content-encoding"]
    return kept
