"""Times that are moved and shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.dates import pattern_text, read_time
from understudy.render.handlebars.helpers.arguments import whole
from understudy.render.handlebars.values import script_text
from understudy.render.helpers.clock import moved

DATE_PATTERN = "yyyy-MM-dd'T'HH:mm:ss.SSSxxx"


def now(options: Options, pattern: Any = DATE_PATTERN) -> str:
    return pattern_text(moved(options.scope.now, None, None), script_text(pattern))


def _time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else read_time(script_text(value))


def date_format(options: Options, value: Any, pattern: Any = DATE_PATTERN) -> str:
    return pattern_text(_time(value), script_text(pattern))


def is_valid_date(options: Options, value: Any) -> bool:
    try:
        _time(value)
    except ValueError:
        return False
    return True


SHIFTS = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")


def date_time_shift(options: Options) -> str:
    named = options.named
    date = named.get("date")
    time = moved(options.scope.now, None, None) if date is None else _time(date)
    for unit in SHIFTS:
        if unit in named:
            amount = whole(named[unit])
            sign = "-" if amount < 0 else "+"
            time = moved(time.timestamp(), f"{sign}{abs(amount)} {unit}", None).astimezone(time.tzinfo)
    return pattern_text(time, script_text(named.get("format", DATE_PATTERN)))


def _between(options: Options, purpose: str, low: datetime, high: datetime) -> datetime:
    draws = options.scope.draws
    return low + timedelta(seconds=(high - low).total_seconds() * draws.unit(draws.numbered(purpose)))


def date(options: Options, low: Any = None, high: Any = None, pattern: Any = DATE_PATTERN) -> str:
    if low is None or high is None:
        return ""
    return pattern_text(_between(options, "date", _time(low), _time(high)), script_text(pattern))


def time_of_day(options: Options, low: Any = None, high: Any = None, pattern: Any = "HH:mm") -> str:
    if low is None or high is None:
        return ""
    first, last = (read_time(f"1970-01-01T{script_text(one)}") for one in (low, high))
    return pattern_text(_between(options, "time", first, last), script_text(pattern))
