"""Texts in base64 that stand as whole values in other texts: JSON in base64, and data URLs (RFC 2397)."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import NamedTuple

from understudy.record.redact.base64 import decode_url, encode_url

MAX_CHARACTERS = 1024 * 1024
"""Longer values are left as they are."""
STARTS = ("eyI", "eyJ", "eyA", "ewo", "ew0", "W3s", "WyI", "WyJ", "Wwo", "WyA")
"""How objects and lists of JSON begin in base64."""
HINT = re.compile(rf"\"(?:{'|'.join(STARTS)})|;base64,")
"""What a text has in it that has any of these between quotes."""
_WORD = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_DATA_URL = re.compile(
    r"data:(?!(?:image/(?!svg)|audio/|video/|font/))[^,\"\s]{0,200};base64,", re.IGNORECASE
)


class Packed(NamedTuple):
    """A text in base64: what stands before it, the text, and how it is written."""

    before: str
    text: str
    is_url: bool
    is_padded: bool

    def again(self, text: str) -> str:
        """Another text in the same way."""
        data = text.encode("utf-8", "surrogatepass")
        if self.is_url:
            return self.before + encode_url(data)
        packed = b64encode(data).decode("ascii")
        return self.before + (packed if self.is_padded else packed.rstrip("="))


def unpacked(value: str) -> Packed | None:
    """The text in a value; None if there is none."""
    if len(value) > MAX_CHARACTERS:
        return None
    url = _DATA_URL.match(value)
    before = url[0] if url else ""
    if not (url or value.startswith(STARTS)):
        return None
    body = value[len(before) :]
    if _WORD.fullmatch(body) is None:
        return None
    try:
        text = decode_url(body).decode("utf-8")
    except ValueError:
        return None
    if "\0" in text:
        return None
    is_url = "-" in body or "_" in body
    return Packed(before, text, is_url, body.endswith("=") or len(body) % 4 == 0)


__all__ = ["HINT", "Packed", "unpacked"]
