"""The time: of the request, moved by an offset, in any zone and format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from understudy.render.helpers.base import Function, Helper
from understudy.render.scope import Scope

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_MONTHS = {"mo": 1, "y": 12}
_UNITS = {
    **dict.fromkeys(("ms", "milli", "millis", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "week", "weeks"), "w"),
    **dict.fromkeys(("mo", "month", "months"), "mo"),
    **dict.fromkeys(("y", "year", "years"), "y"),
}
_OFFSET = re.compile(r"\s*([+-]?)\s*(\d+(?:\.\d+)?)\s*([a-z]+)", re.IGNORECASE)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=256)
def parse_offset(text: str) -> tuple[int, float]:
    """`+3 days`, `-2h`, `1 month 2 weeks` as (months, seconds). Raises ValueError for anything else.

    A sign holds until the next one: `-1 day 2 hours` is 26 hours back.
    """
    months, seconds, at, sign = 0, 0.0, 0, 1
    while at < len(text.rstrip()):
        match = _OFFSET.match(text, at)
        unit = _UNITS.get(match[3].lower()) if match else None
        if match is None or unit is None:
            raise ValueError(f"{text!r} is not an offset such as '+3 days', '-2h' or '1 month'")
        if match[1]:
            sign = -1 if match[1] == "-" else 1
        amount = sign * float(match[2])
        if unit in _SECONDS:
            seconds += amount * _SECONDS[unit]
        elif amount.is_integer():
            months += int(amount) * _MONTHS[unit]
        else:
            raise ValueError(f"{text!r} has a part of a month or year; say it in days")
        at = match.end()
    return months, seconds


@lru_cache(maxsize=64)
def parse_zone(name: str) -> tzinfo:
    """The zone of a name such as `Europe/Berlin` or `UTC`. Raises ValueError for an unknown one."""
    if name.upper() in {"UTC", "Z"}:
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except Exception:  # a missing key, a folder, or a name that is no path: several types
        raise ValueError(f"there is no time zone {name!r}; use one such as 'Europe/Berlin'") from None


def moved(seconds: float, offset: str | float | None, tz: str | None) -> datetime:
    """The time at `seconds` (unix) plus the offset (text, or seconds), in the zone (default UTC).

    Months move in the zone's calendar and end on the last day of a shorter month. Raises ValueError if the
    result is outside the years 1 to 9999.
    """
    months, delta = (0, offset or 0) if not isinstance(offset, str) else parse_offset(offset)
    try:
        time = datetime.fromtimestamp(seconds, parse_zone(tz) if tz else UTC)
        if months:
            time = _add_months(time, months)
        return time + timedelta(seconds=delta) if delta else time
    except (OverflowError, ValueError, OSError):
        raise ValueError(f"the offset {offset!r} leads out of the calendar") from None


def _add_months(time: datetime, months: int) -> datetime:
    index = time.year * 12 + time.month - 1 + months
    year, month = index // 12, index % 12 + 1
    first_of_next = datetime(year + month // 12, month % 12 + 1, 1)
    last_day = (first_of_next - timedelta(days=1)).day
    return time.replace(year=year, month=month, day=min(time.day, last_day))


def formatted(time: datetime, form: str) -> str | int:
    """The time in a named format (`iso`, `date`, `time`, `unix`, `unix_ms`, `http`) or in strftime's."""
    match form:
        case "iso":
            return time.isoformat(timespec="microseconds")
        case "date":
            return time.date().isoformat()
        case "time":
            return time.time().isoformat(timespec="seconds")
        case "unix":
            return int(time.timestamp() // 1)
        case "unix_ms":
            return int(time.timestamp() * 1000 // 1)
        case "http" | "rfc1123":
            utc = time.astimezone(UTC)
            day, month = _DAYS[utc.weekday()], _MONTH_NAMES[utc.month - 1]
            return f"{day}, {utc.day:02} {month} {utc.year:04} {utc:%H:%M:%S} GMT"
    return time.strftime(form)


def iso_utc(seconds: float) -> str:
    """The time in ISO 8601, UTC, microseconds; as `formatted(moved(seconds, None, None), "iso")`.

    A trick for the commonest helper: all but the microseconds is remembered per second, which halves the
    cost.
    """
    whole = seconds // 1
    micros = round((seconds - whole) * 1_000_000)
    if micros == 1_000_000:
        whole, micros = whole + 1, 0
    return f"{_iso_second(whole)}.{micros:06d}+00:00"


@lru_cache(maxsize=4)
def _iso_second(whole: float) -> str:
    return datetime.fromtimestamp(whole, UTC).isoformat()[:19]


def _now(scope: Scope) -> Function:
    def now(offset: str | float | None = None, format: str = "iso", tz: str | None = None) -> str | int:
        if offset is None and tz is None and format == "iso":
            return iso_utc(scope.now)
        return formatted(moved(scope.now, offset, tz), format)

    return now


def _date(scope: Scope) -> Function:
    def date(offset: str | float | None = None, format: str = "date", tz: str | None = None) -> str | int:
        return formatted(moved(scope.now, offset, tz), format)

    return date


def _check(arguments: Mapping[str, Any]) -> None:
    if isinstance(offset := arguments.get("offset"), str):
        parse_offset(offset)
    if isinstance(tz := arguments.get("tz"), str):
        parse_zone(tz)


HELPERS = (
    Helper(
        "now",
        "time",
        "now(offset=none, format='iso', tz='UTC')",
        "The time of the request, moved by an offset such as `+3 days`, `-2h`, `1 month`. Formats: `iso`, "
        "`unix`, `unix_ms`, `http` (also `rfc1123`), `date`, `time`, or strftime's.",
        "{{ now('+3 days', format='%d %B %Y', tz='Europe/Berlin') }}",
        _now,
        bare="now()",
        check=_check,
    ),
    Helper(
        "timestamp",
        "time",
        "timestamp(offset=none, format='iso', tz='UTC')",
        "The same as `now`: `{{timestamp}}` is the time in ISO 8601, UTC, with `+00:00`.",
        "{{ timestamp(format='unix') }}",
        _now,
        bare="timestamp()",
        check=_check,
    ),
    Helper(
        "date",
        "time",
        "date(offset=none, format='date', tz='UTC')",
        "The date alone, as `2026-01-31`.",
        "{{ date('-1 week') }}",
        _date,
        bare="date()",
        check=_check,
    ),
)
