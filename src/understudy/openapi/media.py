"""Media types of bodies: which of those in a document one is, and as what it is read."""

from __future__ import annotations

import re

JSON = re.compile(r"application/json|[\w.-]+/[\w.-]+\+json|text/json", re.ASCII)
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def bare(media_type: str) -> str:
    """A media type, or a range, in lower case and without parameters."""
    return media_type.partition(";")[0].strip().lower()


def covers(media_range: str, media_type: str) -> bool:
    """Whether a media type, bare as both are, is in a range (RFC 9110 section 12.5.1).

    What stands before a `+` is not looked at, as in Prism: `application/problem+json` is
    `application/json`, and the other way round.
    """
    if media_range == media_type or media_range in ("*/*", "*"):
        return True
    main, _, sub = media_range.partition("/")
    own_main, _, own_sub = media_type.partition("/")
    if main != own_main and main != "*":
        return False
    return own_sub != "" and (sub == "*" or sub.rpartition("+")[2] == own_sub.rpartition("+")[2])


def parameters_of(media_type: str) -> dict[str, str]:
    """The parameters of a media type; names in lower case."""
    found = {}
    for part in media_type.split(";")[1:]:
        name, equals, value = part.strip().partition("=")
        if equals:
            found[name.strip().lower()] = value.strip().strip('"')
    return found


def is_text(media_type: str) -> bool:
    """Whether a body is text without a structure."""
    return media_type.startswith("text/") and media_type not in ("text/xml", "text/json")
