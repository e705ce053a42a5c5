"""Values that are new each time, by how they look: times in several spellings, and random texts.

`TIMES` and `RANDOM` are TABLEs. A row tells a value of its kind, and writes a template that makes another one
in the same spelling.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from understudy.formats.imported import literal

_ISO = re.compile(r"(\d{4}-\d\d-\d\d)([T ])(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_HTTP = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", re.ASCII)
_SECONDS = re.compile(r"[1-3]\d{9}", re.ASCII)
_MILLISECONDS = re.compile(r"[1-3]\d{12}", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{8,}", re.ASCII)
_ALNUM = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9]{8,}", re.ASCII)
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MAX_RANDOM = 200
"""Characters of a text that is taken for a random one."""


class Time(NamedTuple):
    """A value that is a time: its unix seconds, and what writes such a one at so many seconds from now."""

    seconds: float
    template: Callable[[int], str]


class TimeKind(NamedTuple):
    """A spelling of times."""

    name: str
    read: Callable[[Any], Time | None]


def _offset(seconds: int) -> str:
    return f"'{seconds:+d}s'" if seconds else ""


def _now(offset: int, form: str) -> str:
    moved = f"{_offset(offset)}, " if offset else ""
    return f"now({moved}format='{form}')"


def _iso(value: Any) -> Time | None:
    found = _ISO.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    date, between, clock, fraction, zone = found.groups()
    digits = len(fraction) if fraction else 0
    try:
        time = datetime.fromisoformat(f"{date}T{clock}{'.' + fraction[:6] if fraction else ''}{zone or ''}")
        time = time if time.tzinfo else time.replace(tzinfo=UTC)
        ahead = time.utcoffset() or timedelta()
        seconds = time.timestamp()
    except (ValueError, OverflowError):
        return None

    def template(offset: int) -> str:
        shift = offset + int(ahead.total_seconds())
        end = 19 + (1 + min(digits, 6) if digits else 0)
        text = f"now({_offset(shift)})[:{end}]" + (" | replace('T', ' ')" if between == " " else "")
        return f"{{{{ {text} }}}}{'0' * max(0, digits - 6)}{zone or ''}"

    return Time(seconds, template)


def _http(value: Any) -> Time | None:
    if not isinstance(value, str) or not _HTTP.fullmatch(value):
        return None
    try:
        seconds = parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return Time(seconds, lambda offset: f"{{{{ {_now(offset, 'http')} }}}}")


def _unix(form: str, pattern: re.Pattern[str], per_second: int) -> Callable[[Any], Time | None]:
    def read(value: Any) -> Time | None:
        if isinstance(value, bool) or not isinstance(value, int | str) or not pattern.fullmatch(str(value)):
            return None
        as_text = " ~ ''" if isinstance(value, str) else ""

        def template(offset: int) -> str:
            return f"{{{{ {_now(offset, form)}{as_text} }}}}"

        return Time(int(value) / per_second, template)

    return read


def _unix_float(value: Any) -> Time | None:
    if not isinstance(value, float) or not 1e9 <= value < 4e9:
        return None

    def template(offset: int) -> str:
        return f"{{{{ {_now(offset, 'unix_ms')} / 1000 }}}}"

    return Time(value, template)


TIMES: tuple[TimeKind, ...] = (
    TimeKind("a time (ISO 8601)", _iso),
    TimeKind("a time (HTTP date)", _http),
    TimeKind("a time (unix seconds)", _unix("unix", _SECONDS, 1)),
    TimeKind("a time (unix milliseconds)", _unix("unix_ms", _MILLISECONDS, 1000)),
    TimeKind("a time (unix seconds with a fraction)", _unix_float),
)


def time_of(value: Any) -> tuple[str, Time] | None:
    """The spelling of a time, and the time; None if it is none."""
    for kind in TIMES:
        if (time := kind.read(value)) is not None:
            return kind.name, time
    return None


class RandomKind(NamedTuple):
    """A look of random texts: which are told by it, and what makes another one like those."""

    name: str
    fits: Callable[[str], bool]
    template: Callable[[Sequence[str]], str]


def _string(alphabet: str) -> Callable[[Sequence[str]], str]:
    return lambda texts: f"{{{{ random_string({len(texts[0])}, '{alphabet}') }}}}"


def _a_uuid(texts: Sequence[str]) -> str:
    is_upper = any(text != text.lower() for text in texts)
    return "{{ uuid() | upper }}" if is_upper else "{{ uuid() }}"


RANDOM: tuple[RandomKind, ...] = (
    RandomKind("a UUID", lambda text: _UUID.fullmatch(text) is not None, _a_uuid),
    RandomKind("a ULID", lambda text: _ULID.fullmatch(text) is not None, _string(_CROCKFORD)),
    RandomKind("random hexadecimal digits", lambda text: _HEX.fullmatch(text) is not None, _string("hex")),
    RandomKind("a random text", lambda text: _ALNUM.fullmatch(text) is not None, _string("alnum")),
)


def _shared(texts: Sequence[str]) -> str:
    """What all texts begin with."""
    low, high = min(texts), max(texts)
    at = next((at for at, letter in enumerate(low) if at >= len(high) or high[at] != letter), len(low))
    return low[:at]


def random_of(values: Sequence[Any]) -> tuple[str, str] | None:
    """What texts that differ are, and a template for more of them, if all are random, or are so between the
    same beginning and end (`req_7f3a…`, `session=…; Path=/`); else None."""
    if not all(isinstance(one, str) and len(one) <= MAX_RANDOM for one in values):
        return None
    start = re.sub(r"[A-Za-z0-9]*\Z", "", _shared(values))
    if len({"-" in one for one in values}) == 1 and all(map(_UUID.fullmatch, values)):
        start = ""  # its own hyphens are no border
    rest = [one[len(start) :] for one in values]
    end = _shared([one[::-1] for one in rest])[::-1]
    end = re.sub(r"\A[A-Za-z0-9]*", "", end)
    middles = [one[: len(one) - len(end)] for one in rest]
    if len({len(one) for one in middles}) != 1:
        return None
    for kind in RANDOM:
        if all(map(kind.fits, middles)):
            return kind.name, f"{literal(start)}{kind.template(middles)}{literal(end)}"
    return None
