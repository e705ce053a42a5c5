"""How values look that differ from reply to reply: ids, times, tokens. They are compared by that alone."""

from __future__ import annotations

import re
from urllib.parse import unquote

PLACEHOLDERS = ("REDACTED", "UkVEQUNURUQ")
"""What redaction puts in the place of a secret has one of these in it; the second is the first in base64."""

LOOKS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.ASCII)
    for name, pattern in (
        ("uuid", r"(?i:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"),
        ("time", r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?"),
        ("date", r"\d{4}-\d\d-\d\d"),
        ("HTTP date", r"[A-Z][a-z]{2}, \d\d[ -][A-Z][a-z]{2}[ -]\d{4} \d\d:\d\d:\d\d (?:GMT|[+-]\d{4})"),
        ("number", r"-?\d+(?:\.\d+)?"),
        ("JWT", r"ey[\w-]{10,}\.[\w-]+\.[\w-]*"),
        # 26 characters of Crockford's base 32, as https://github.com/ulid/spec has it
        ("ULID", r"[0-7][0-9A-HJKMNP-TV-Z]{25}"),
        ("hex", r"(?i:(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{12,})"),
        ("prefixed id", r"[a-z]{2,12}_(?=[A-Za-z]*\d)[A-Za-z0-9]{8,}"),
        ("token", r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[\w+/=.~-]{20,}"),
    )
}
"""What texts may look like, narrow before wide; each must fit the whole of a text."""
_IDS = ("uuid", "ULID", "hex", "prefixed id", "date", "time")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,255}", re.ASCII)
MAX_LOOKED_AT = 4096
"""Longer texts are no ids."""

_VOLATILE_NAME = re.compile(
    r"(?:^|[_\-.])(?:id|uid|uuid|guid|ts|time|timestamp|date|nonce|etag|cursor|counter|count|total|seq|"
    r"sequence|version|revision|expires|expiry|uptime|age|elapsed|duration|ttl|hits|views|at|on|ms)s?$"
)
"""Names (in snake case) of numbers that are expected to move."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SECONDS = (1_000_000_000, 3_000_000_000)
"""Unix seconds from 2001 to 2065; the same times 1000, 1e6 and 1e9 are finer clocks."""


def look_of(text: str) -> str | None:
    """What a text looks like that is another one each time; None: like no such thing."""
    if len(text) > MAX_LOOKED_AT:
        return None
    return next((name for name, pattern in LOOKS.items() if pattern.fullmatch(text)), None)


def look_alike(one: str, other: str) -> bool:
    """Whether two texts look like the same kind of id, time or token."""
    if len(one) > MAX_LOOKED_AT or len(other) > MAX_LOOKED_AT:
        return False
    return any(pattern.fullmatch(one) and pattern.fullmatch(other) for pattern in LOOKS.values())


def is_redacted(text: str) -> bool:
    """Whether a part of a text was taken out by redaction."""
    return any(one in text for one in PLACEHOLDERS)


def is_volatile_number(name: str, one: float, other: float) -> bool:
    """Whether two numbers of this name are expected to differ: ids, counters, and times in unix seconds."""
    if _VOLATILE_NAME.search(_CAMEL.sub("_", name).lower()):
        return True
    return any(
        _SECONDS[0] * unit <= one <= _SECONDS[1] * unit and _SECONDS[0] * unit <= other <= _SECONDS[1] * unit
        for unit in (1, 10**3, 10**6, 10**9)
    )


def is_id(text: str) -> bool:
    """Whether a segment of a path, or a key of an object, is an id (a date, an address of mail), no name."""
    if len(text) > MAX_LOOKED_AT:
        return False
    if text.isdecimal() or _MAIL.fullmatch(text):
        return True
    return any(LOOKS[name].fullmatch(text) for name in _IDS)


def template_of(target: str) -> str:
    """The path of a target with `{id}` in the place of what looks like an id; without its query."""
    path = target.partition("?")[0].partition("#")[0]
    return "/".join("{id}" if is_id(unquote(segment)) else segment for segment in path.split("/"))
