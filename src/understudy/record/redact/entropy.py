"""Whether a text looks as if it was drawn at random.

As truffleHog and detect-secrets do it, by Shannon's entropy of its characters, but stricter, since what they
report a person looks at, and what is found here is replaced. It asks for one word of 20 to 256 characters of
base64's alphabets with letters of both cases and digits, whose entropy is near the greatest that a text of
its length can have, and whose kinds of characters change as often as chance makes them.

So these are none: hexadecimal (hashes, git, trace ids), UUIDs, ULIDs, slugs, identifiers in camel case,
dates, texts in base64 (cursors, ids of GraphQL), hashes that say so (`sha256-…`), ids with a prefix
(`cus_…`).
"""

from __future__ import annotations

import re
from collections import Counter
from math import log2
from operator import ne
from string import ascii_lowercase, ascii_uppercase, digits

from understudy.record.redact.base64 import decode_url

MIN_LENGTH, MAX_LENGTH = 20, 256
OF_GREATEST, ENOUGH = 0.86, 4.5
"""The least entropy, in bits: this share of the greatest (log2 of the length), and never more than
truffleHog's."""
MIN_CHANGES = 0.38
"""The least share of neighbours of different kinds (upper, lower, digit, other). Chance gives 0.62 in
base64."""

WORD = re.compile(r"[A-Za-z0-9+/_=-]{20,256}")
_PREFIXED = re.compile(r"[a-z]{2,16}[_-][A-Za-z0-9]+$|sha(?:1|224|256|384|512)[-_:=]|W/")
_MAGIC = (
    "iVBOR",
    "/9j/",
    "R0lGOD",
    "UklGR",
    "JVBER",
    "UEsDB",
    "H4sI",
    "Qk0",
    "AAAB",
    "T2dnU",
    "PHN2Z",
    "PD94b",
)
"""How PNG, JPEG, GIF, WebP, PDF, zip, gzip, BMP, icons and fonts, Ogg, SVG and XML begin in base64."""


_KINDS = str.maketrans(
    ascii_lowercase + ascii_uppercase + digits + "+/_=-", "a" * 26 + "A" * 26 + "0" * 10 + "-" * 5
)
_READABLE = bytes(range(32, 127))


def looks_random(text: str) -> bool:
    """Whether a whole text is one random word."""
    length = len(text)
    if not MIN_LENGTH <= length <= MAX_LENGTH or WORD.fullmatch(text) is None:
        return False
    if _PREFIXED.match(text) or text.startswith(_MAGIC):
        return False
    kinds = text.rstrip("=").translate(_KINDS)
    if "a" not in kinds or "A" not in kinds or kinds.count("0") < 2:
        return False
    changes = sum(map(ne, kinds, kinds[1:]))
    if changes < MIN_CHANGES * (len(kinds) - 1):
        return False
    return entropy(text) >= min(OF_GREATEST * log2(length), ENOUGH) and not _is_text(text)


def entropy(text: str) -> float:
    """Shannon's entropy of the characters of a text, in bits per character."""
    length = len(text)
    return -sum(count / length * log2(count / length) for count in Counter(text).values())


def _is_text(text: str) -> bool:
    """Whether it is a readable text in base64, as cursors are."""
    try:
        data = decode_url(text if len(text.rstrip("=")) % 4 != 1 else text[:-1])
    except ValueError:
        return False
    readable = len(data) - len(data.translate(None, _READABLE))
    return readable >= 0.75 * len(data)
