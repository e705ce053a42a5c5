"""Which part of a body a request asks for (RFC 9110 section 14)."""

from __future__ import annotations

import re

Part = tuple[int, int] | None

_RANGE = re.compile(r"(?i:bytes)=([0-9]{0,18})-([0-9]{0,18})")


def asked_part(method: str, asked: str | None, condition: str | None, known: set[str], size: int) -> Part:
    """The bytes that were asked for, as start and stop; None for all. Nothing is there if start >= stop: 416.

    `asked` and `condition` are the values of `Range` and `If-Range`; `known` has the ETag and the date that
    the latter may name, but no weak ETag (section 13.1.5). One range only: more get the whole.
    """
    found = _RANGE.fullmatch((asked or "").strip())
    if found is None or method != "GET" or found.groups() == ("", ""):
        return None
    if condition is not None and (condition not in known or condition.startswith("W/")):
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)) if int(last) else size, size
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1) if last else size
