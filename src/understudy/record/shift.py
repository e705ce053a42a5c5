"""Dates in recorded replies, moved by as much time as has passed since the recording.

A date keeps its format, its precision and its zone; what is no date, or not in the one spelling that its
format has, stays as it is. Moving by 0 changes nothing, and moving by a and then by b is moving by a + b,
but for dates without a time of day and times without seconds, which move by whole days or minutes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from understudy.steps import Header

MAX_SHIFTED_BYTES = 8 * 1024 * 1024
"""Larger bodies keep their dates."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# --- one date -----------------------------------------------------------------------------------------------

_DAY = "|".join((*_LONG_DAYS, *_DAYS))
_HTTP = re.compile(
    rf"(?P<day>{_DAY}), (?P<date>[0-9]{{2}})(?P<gap>[ -])(?P<month>{'|'.join(_MONTHS)})(?P=gap)"
    r"(?P<year>[0-9]{4}|[0-9]{2}) (?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?P<zone> (?:GMT|UTC|[+-][0-9]{4}))"
)
"""IMF-fixdate and RFC 850 (RFC 9110 section 5.6.7), dates of mails (RFC 5322), and what cookies have between
them (RFC 6265 section 5.1.1). Years of two digits are 1970 to 2069."""
_ASCTIME = re.compile(
    rf"(?P<day>{'|'.join(_DAYS)}) (?P<month>{'|'.join(_MONTHS)}) (?P<date>[ 0-9][0-9])"
    r" (?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2}) (?P<year>[0-9]{4})"
)
_ISO = re.compile(
    r"(?<![0-9A-Za-z-])[0-9]{4}-[0-9]{2}-[0-9]{2}(?P<gap>[Tt ])[0-9]{2}:[0-9]{2}(?P<seconds>:[0-9]{2})?"
    r"(?P<rest>[.,][0-9]{1,12})?(?P<zone>Z|z| ?[+-][0-9]{2}:?[0-9]{2})?(?![0-9A-Za-z:.]*[0-9A-Za-z:])"
)
"""A date with a time (RFC 3339 section 5.6, ISO 8601 in its extended format)."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def shift_http_date(text: str, by_s: int) -> str:
    """A date as headers have it; the same text if it is none."""
    found = _HTTP.fullmatch(text) or _ASCTIME.fullmatch(text)
    return text if found is None else _moved_http(found, by_s)


def _moved_http(found: re.Match[str], by_s: int) -> str:
    parts = found.groupdict()
    year, has_century = int(parts["year"]), len(parts["year"]) == 4
    if not has_century:
        year += 2000 if year < 70 else 1900
    try:
        hour, minute, second = map(int, parts["time"].split(":"))
        month = _MONTHS.index(parts["month"]) + 1
        before = datetime(year, month, int(parts["date"]), hour, minute, second)
        if _written(parts, before) != found[0]:  # such as a wrong day of the week
            return found[0]
        after = before + timedelta(seconds=by_s)
    except (ValueError, OverflowError):
        return found[0]
    if not has_century and not 1970 <= after.year < 2070:
        return found[0]
    return _written(parts, after)


def _written(parts: dict[str, str], date: datetime) -> str:
    days = _LONG_DAYS if parts["day"] in _LONG_DAYS else _DAYS
    day, month, time = days[date.weekday()], _MONTHS[date.month - 1], date.strftime("%H:%M:%S")
    if "gap" not in parts:
        return f"{day} {month} {date.day:2} {time} {date.year:04}"
    year = f"{date.year:04}"[-len(parts["year"]) :]
    gap = parts["gap"]
    return f"{day}, {date.day:02}{gap}{month}{gap}{year} {time}{parts['zone']}"


def shift_iso(text: str, by_s: int) -> str:
    """A date with a time as in RFC 3339; the same text if it is none."""
    found = _ISO.fullmatch(text)
    return text if found is None else _moved_iso(found, by_s)


def _moved_iso(found: re.Match[str], by_s: int) -> str:
    text, seconds = found[0], found["seconds"]
    if seconds is None:
        if found["rest"] is not None:  # a fraction of a minute, which nobody writes
            return text
        by_s = round(by_s / 60) * 60
    end = 19 if seconds is not None else 16
    try:
        moved = datetime.fromisoformat(f"{text[:10]}T{text[11:end]}") + timedelta(seconds=by_s)
    except (ValueError, OverflowError):
        return text
    return f"{moved.isoformat()[:10]}{found['gap']}{moved.isoformat()[11:end]}{text[end:]}"


def shift_day(text: str, by_s: int) -> str:
    """A date without a time, by whole days; the same text if it is none."""
    if _DATE.fullmatch(text) is None:
        return text
    try:
        return (datetime.fromisoformat(text) + timedelta(days=round(by_s / 86_400))).isoformat()[:10]
    except (ValueError, OverflowError):
        return text


def shift_unix(text: str, by_s: int) -> str:
    """Seconds (ten digits, perhaps with a fraction) or milliseconds (13 digits) since 1970, of the years from
    2001 to 2096; the same text if it is neither."""
    whole, dot, fraction = text.partition(".")
    if not whole.isascii() or not whole.isdigit() or whole[0] not in "123":
        return text
    if len(whole) == 10:
        moved = int(whole) + by_s
    elif len(whole) == 13 and not dot:
        moved = int(whole) + by_s * 1000
    else:
        return text
    return f"{moved}{dot}{fraction}" if len(str(moved)) == len(whole) and moved > 0 else text


# --- headers ------------------------------------------------------------------------------------------------

_EXPIRES = re.compile(r"(;\s*expires\s*=\s*\"?)([^;\"]+)", re.IGNORECASE)
_QUOTED = re.compile(r'"([^"]+)"')


def _cookie(value: str, by_s: int) -> str:
    return _EXPIRES.sub(lambda found: found[1] + _within(found[2], by_s), value)


def _within(text: str, by_s: int) -> str:
    """A date with space around it."""
    date = text.strip()
    return text.replace(date, shift_http_date(date, by_s)) if date else text


def _warning(value: str, by_s: int) -> str:
    """The date behind a warning's text (RFC 7234 section 5.5)."""
    return _QUOTED.sub(lambda found: f'"{shift_http_date(found[1], by_s)}"', value)


def _structured(value: str, by_s: int) -> str:
    """`@1688169599` (RFC 9651 section 3.3.7), or a date as before."""
    if value.startswith("@"):
        return f"@{shift_unix(value[1:], by_s)}"
    return shift_http_date(value, by_s)


SHIFTED: dict[bytes, Callable[[str, int], str]] = {
    b"date": shift_http_date,
    b"expires": shift_http_date,
    b"last-modified": shift_http_date,
    b"retry-after": shift_http_date,
    b"sunset": shift_http_date,  # RFC 8594
    b"deprecation": _structured,  # RFC 9745
    b"warning": _warning,
    b"set-cookie": _cookie,
    b"x-ratelimit-reset": shift_unix,
    b"x-rate-limit-reset": shift_unix,
}
"""The TABLE of headers with dates, in lower case, and how each is moved."""


def shift_headers(headers: Iterable[Header], by_s: int) -> tuple[Header, ...]:
    """The same headers, with their dates moved by so many seconds."""
    return tuple(
        (name, SHIFTED[key](value.decode("latin-1"), by_s).encode("latin-1"))
        if (key := name.lower()) in SHIFTED
        else (name, value)
        for name, value in headers
    )


# --- bodies -------------------------------------------------------------------------------------------------

_STRING = r'"(?:[^"\\\x00-\x1f]++|\\.)*+"'
_VALUE = re.compile(
    rf"(?P<text>{_STRING})(?P<colon>\s*:\s*(?:(?P<value>{_STRING})|(?P<number>[0-9]+(?:\.[0-9]+)?)(?![0-9.eE]))?)?"
)
"""A string; if it is a key, with the string or number behind it."""

_DATES = frozenset(
    {
        "exp",
        "iat",
        "nbf",
        "auth_time",
        "date",
        "time",
        "timestamp",
        "ts",
        "expires",
        "expiry",
        "expiration",
        "deadline",
        "reset",
        "created",
        "updated",
        "modified",
        "deleted",
        "published",
        "issued",
        "not_before",
        "not_after",
        "valid_from",
        "valid_to",
        "valid_until",
    }
)
_ENDINGS = ("_at", "_on", "_date", "_time", "_timestamp", "_ts", "_expires", "_expiry", "_until", "_since")
_KEPT = frozenset(("birth", "birthday", "birthdate", "born", "dob"))
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def is_date_name(name: str) -> bool:
    """Whether a field of this name is a moment that a server has set: `expires_at`, `createdAt`, `exp`."""
    words = _HUMP.sub("_", name).lower().replace("-", "_")
    if not _KEPT.isdisjoint(words.split("_")):
        return False
    return words in _DATES or words.endswith(_ENDINGS)


def shift_body(body: bytes, content_type: str, by_s: int) -> bytes:
    """The dates in a body without content coding, moved. `content_type` is the media type alone.

    In JSON: strings that are a date with a time; in fields named like dates also dates without one, and
    seconds or milliseconds since 1970. In other text: dates with a time as in RFC 3339. Else nothing.
    """
    if not by_s or not body or len(body) > MAX_SHIFTED_BYTES:
        return body
    is_json = content_type == "application/json" or content_type.endswith("+json")
    is_text = content_type.startswith("text/") or content_type.endswith(
        ("/xml", "+xml", "/x-ndjson", "/yaml")
    )
    if not is_json and not is_text:
        return body
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    if is_json and _is_json(body):
        return _VALUE.sub(lambda found: _moved_value(found, by_s), text).encode()
    return _ISO.sub(lambda found: _moved_iso(found, by_s), text).encode()


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _moved_value(found: re.Match[str], by_s: int) -> str:
    text, value, number = found["text"], found["value"], found["number"]
    if found["colon"] is None:
        return f'"{_moved_text(text[1:-1], by_s)}"'
    if value is None and number is None:
        return found[0]
    is_named = is_date_name(text[1:-1])
    start = found[0][: found.start("value" if number is None else "number") - found.start()]
    if number is not None:
        return start + (shift_unix(number, by_s) if is_named else number)
    inner = value[1:-1]
    moved = _moved_text(inner, by_s)
    if is_named and moved == inner:
        moved = shift_unix(shift_day(inner, by_s), by_s)
    return f'{start}"{moved}"'


def _moved_text(text: str, by_s: int) -> str:
    """A whole text that is a date; escapes are in no date."""
    if not 16 <= len(text) <= 40:
        return text
    return shift_iso(text, by_s) if text[0] in "0123456789" else shift_http_date(text, by_s)


def shift_of(now: float, recorded_at: float) -> int:
    """By how many seconds dates move; 0 if it is not known when they were recorded.

    Whole seconds, as most dates have no fractions: so the distances between dates stay.
    """
    return int(now) - int(recorded_at) if recorded_at > 0 else 0


__all__: Sequence[str] = [
    "SHIFTED",
    "is_date_name",
    "shift_body",
    "shift_day",
    "shift_headers",
    "shift_http_date",
    "shift_iso",
    "shift_of",
    "shift_unix",
]
