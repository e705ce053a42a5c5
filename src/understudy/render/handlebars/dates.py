"""Times by the patterns that Java and date-fns share (Unicode TR 35, section 8)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from understudy.render.helpers.clock import moved, parse_zone

ISO_PATTERN = "yyyy-MM-dd'T'HH:mm:ssXXX"

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PIECE = re.compile(r"'(?:[^']|'')*'|do|([A-Za-z])\1*|[^A-Za-z']+|'")
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?"
)
_READ = {
    "y": r"(?P<y>\d{2,4})", "M": r"(?P<M>\d{1,2})", "d": r"(?P<d>\d{1,2})", "H": r"(?P<H>\d{1,2})",
    "h": r"(?P<h>\d{1,2})", "m": r"(?P<m>\d{1,2})", "s": r"(?P<s>\d{1,2})", "S": r"(?P<S>\d{1,9})",
    "a": r"(?P<a>[AaPp][Mm])", "X": r"(?P<X>Z|[+-]\d\d:?\d\d)", "Z": r"(?P<X>[+-]\d\d:?\d\d)",
    "x": r"(?P<X>[+-]\d\d:?\d\d)", "E": r"[A-Za-z]+", "z": r"(?P<z>[A-Za-z/_]+)",
}  # fmt: skip


@lru_cache(maxsize=256)
def _pieces(pattern: str) -> tuple[tuple[str, int], ...]:
    """A pattern as (letter, how often) and (text, 0)."""
    found = []
    for piece in _PIECE.finditer(pattern):
        text = piece[0]
        if text == "''" or text == "'":
            found.append(("'", 0))
        elif text.startswith("'"):
            found.append((text[1:-1].replace("''", "'"), 0))
        elif text == "do":
            found.append(("do", 1))
        elif piece[1]:
            found.append((piece[1], len(text)))
        else:
            found.append((text, 0))
    return tuple(found)


def pattern_text(time: datetime, pattern: str) -> str:
    """The time by a pattern such as `yyyy-MM-dd`. Raises ValueError for a letter that is not understood."""
    return "".join(letter if not count else _field(time, letter, count) for letter, count in _pieces(pattern))


def _field(time: datetime, letter: str, count: int) -> str:
    hour = time.hour % 12 or 12
    match letter:
        case "y" | "Y" | "u":
            return f"{time.year % 100:02}" if count == 2 else f"{time.year:0{count}}"
        case "M" | "L" | "E" | "e" | "i" | "c":
            return _named(time, letter, count)
        case "d":
            return f"{time.day:0{count}}"
        case "do":
            return f"{time.day}{_ordinal(time.day)}"
        case "D":
            return f"{time.timetuple().tm_yday:0{count}}"
        case "Q" | "q":
            return f"{(time.month + 2) // 3:0{count}}"
        case "w" | "I":
            return f"{time.isocalendar().week:0{count}}"
        case "a" | "b":
            return "AM" if time.hour < 12 else "PM"
        case "H":
            return f"{time.hour:0{count}}"
        case "k":
            return f"{time.hour or 24:0{count}}"
        case "h":
            return f"{hour:0{count}}"
        case "K":
            return f"{time.hour % 12:0{count}}"
        case "m":
            return f"{time.minute:0{count}}"
        case "s":
            return f"{time.second:0{count}}"
        case "S":
            return f"{time.microsecond:06}"[:count].ljust(count, "0")
        case "X" | "x" | "Z" | "z" | "V" | "O":
            return _zone(time, letter, count)
        case "t":
            return str(int(time.timestamp()))
        case "T":
            return str(int(time.timestamp() * 1000))
        case "G":
            return "AD"
    raise ValueError(f"{letter * count!r} is not understood in a pattern of times")


def _named(time: datetime, letter: str, count: int) -> str:
    if letter in "ML":
        name, number = _MONTHS[time.month - 1], time.month
    else:
        name, number = _DAYS[time.weekday()], time.isoweekday()
        if letter == "E":
            return name if count >= 4 else name[:3]
    if count <= 2:
        return f"{number:0{count}}"
    return name if count >= 4 else name[:3]


def _ordinal(day: int) -> str:
    return "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _zone(time: datetime, letter: str, count: int) -> str:
    minutes = int((time.utcoffset() or timedelta()).total_seconds() // 60)
    if letter == "X" and not minutes:
        return "Z"
    if letter in "zV":
        return time.tzname() or "UTC"
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    if letter == "O":
        return f"GMT{sign}{hours}" + (f":{rest:02}" if rest else "")
    colon = ":" if letter in "Xx" and count in (3, 5) else ""
    if letter in "Xx" and count == 1 and not rest:
        return f"{sign}{hours:02}"
    return f"{sign}{hours:02}{colon}{rest:02}"


def read_time(text: str, pattern: str | None = None) -> datetime:
    """The time that a text stands for: ISO 8601, a pattern, `epoch` (ms) or `unix` (s). Raises ValueError."""
    text = text.strip()
    if pattern in {"epoch", "unix"}:
        seconds = float(text) / (1000 if pattern == "epoch" else 1)
        return moved(seconds, None, None)
    found = _ISO.fullmatch(text) if pattern is None else re.fullmatch(_reader(pattern), text)
    if found is None:
        raise ValueError(f"{text[:60]!r} is not a time{f' by the pattern {pattern!r}' if pattern else ''}")
    if pattern is None:
        year, month, day, hour, minute, second = (int(group or 0) for group in found.groups()[:6])
        micros = int((found[7] or "").ljust(6, "0")[:6])
        return datetime(year, month, day, hour, minute, second, micros, _offset(found[8]))
    part = found.groupdict()
    year = int(part.get("y") or 1970)
    hour = int(part.get("H") or part.get("h") or 0)
    if part.get("a"):
        hour = hour % 12 + (12 if str(part["a"]).lower() == "pm" else 0)
    return datetime(
        year + 2000 if year < 100 else year,
        int(part.get("M") or 1),
        int(part.get("d") or 1),
        hour,
        int(part.get("m") or 0),
        int(part.get("s") or 0),
        int((part.get("S") or "").ljust(6, "0")[:6] or 0),
        parse_zone(part["z"]) if part.get("z") else _offset(part.get("X")),
    )


@lru_cache(maxsize=256)
def _reader(pattern: str) -> str:
    regex, seen = [], set()
    for letter, count in _pieces(pattern):
        if not count:
            regex.append(re.escape(letter))
            continue
        read = _READ.get(letter)
        if read is None or (letter == "M" and count > 2) or letter in seen:
            raise ValueError(f"times cannot be read by {letter * count!r}")
        seen.add(letter)
        regex.append(read)
    return "".join(regex)


def _offset(text: str | None) -> timezone:
    if not text or text == "Z":
        return UTC
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if minutes >= 24 * 60:
        raise ValueError(f"{text} is not an offset of a time zone")
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
