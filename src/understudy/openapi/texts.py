"""Formats of texts that Prism checks otherwise than JSON Schema has them.

The rest is the library's: `date`, `ipv4`, `ipv6`, `hostname`, `uri`, `duration`, `json-pointer`, …
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable

_TIME = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d|23:59:60)(?:\.\d+)?"
_ZONE = r"(?:[zZ]|[+-](?:[01]\d|2[0-4])(?::?[0-5]\d)?)"
_DATE_TIME = re.compile(rf"(\d{{4}})-(\d\d)-(\d\d)[tT\s]{_TIME}{_ZONE}", re.ASCII)
_UUID = re.compile(r"(?:urn:uuid:)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_BYTE = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def is_date_time(text: str) -> bool:
    """ISO 8601 as far as Prism takes it: a space for the T, and an offset without minutes, are fine."""
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        return False
    year, month, day = map(int, found.groups())
    return 1 <= month <= 12 and 1 <= day <= (monthrange(max(year, 1), month)[1])


def is_time(text: str) -> bool:
    """A time, of which ajv-formats 2 takes those without a zone too."""
    return re.fullmatch(f"{_TIME}{_ZONE}?", text, re.ASCII) is not None


def is_uuid(text: str) -> bool:
    """A UUID, also as a URN."""
    return _UUID.fullmatch(text) is not None


def is_byte(text: str) -> bool:
    """Base64 (RFC 4648 section 4)."""
    return _BYTE.fullmatch(text) is not None


FORMATS: dict[str, Callable[[str], bool]] = {
    "date-time": is_date_time,
    "time": is_time,
    "uuid": is_uuid,
    "byte": is_byte,
}
