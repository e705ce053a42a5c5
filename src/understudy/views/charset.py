"""Bytes → text, in a charset that a client names.

The name comes from outside. Python's own look-up imports a module by it, remembers every unknown name for
ever, and knows codecs that are no charsets (`unicode_escape`, `idna`, `base64`). So only the names of
`encodings.aliases` are looked at.
"""

from __future__ import annotations

import re
from encodings import normalize_encoding
from encodings.aliases import aliases

MAX_NAME_CHARACTERS = 40
NOT_CHARSETS = frozenset(
    {
        *("base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec"),
        *("mbcs", "oem"),  # whatever the machine is set to
        "utf_7",  # hides markup from filters, and browsers refuse it (Encoding standard, section 4.2)
    }
)
_CHARSETS = frozenset(aliases.values()) - NOT_CHARSETS
_SURROGATE = re.compile("[\ud800-\udfff]")


def codec(name: str) -> str | None:
    """Python's name for a charset; None if there is no such charset."""
    if len(name) > MAX_NAME_CHARACTERS or not name.isascii():
        return None
    plain = normalize_encoding(name).lower()
    known = aliases.get(plain, plain)
    return known if known in _CHARSETS else None


def decode(body: bytes, charset: str = "utf-8") -> str:
    """Text in a charset, UTF-8 if there is no such; what cannot be read becomes U+FFFD. No surrogates."""
    try:
        text = body.decode(codec(charset) or "utf-8", "replace")
    except (LookupError, ValueError):  # a charset that this platform lacks
        text = body.decode("utf-8", "replace")
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
