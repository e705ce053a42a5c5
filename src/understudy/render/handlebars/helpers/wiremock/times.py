"""Times that are moved, cut and shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.dates import pattern_text, read_time
from understudy.render.handlebars.values import plain_text
from understudy.render.helpers.clock import moved


def now(options: Options, time: Any = None) -> Any:
    """`now`, and `date` of a time: moved by `offset`, in `timezone`, by `format`."""
    offset = options.named.get("offset")
    zone = options.named.get("timezone")
    seconds = options.scope.now if time is None else _time(time).timestamp()
    found = moved(seconds, None if offset is None else plain_text(offset), plain_text(zone) if zone else None)
    form = options.named.get("format")
    if form is None:
        return found
    return _formatted(found, plain_text(form))


def _formatted(time: datetime, form: str) -> str:
    if form == "epoch":
        return str(int(time.timestamp() * 1000 // 1))
    return str(int(time.timestamp() // 1)) if form == "unix" else pattern_text(time, form)


def date_format(options: Options, time: Any = None, form: Any = None) -> str:
    pattern = plain_text(options.named.get("format", form) or "yyyy-MM-dd")
    zone = options.named.get("tz", options.named.get("timezone"))
    found = _time(time)
    return _formatted(moved(found.timestamp(), None, plain_text(zone)) if zone else found, pattern)


def _time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else read_time(plain_text(value))


def parse_date(options: Options, value: Any) -> datetime:
    form = options.named.get("format")
    return read_time(plain_text(value), None if form is None else plain_text(form))


_UNITS = ("year", "month", "day", "hour", "minute", "second")


def truncate_date(options: Options, value: Any, kind: Any) -> datetime:
    time, words = _time(value), plain_text(kind).lower().split()
    if len(words) < 4 or words[0] not in {"first", "last"} or words[-1] not in _UNITS:
        raise ValueError(f"{plain_text(kind)!r} is not such as 'first day of month'")
    unit = words[-1]
    start = time.replace(microsecond=0, second=0)
    for name, value_at_start in (("minute", 0), ("hour", 0), ("day", 1), ("month", 1)):
        if _UNITS.index(name) > _UNITS.index(unit):
            start = start.replace(**{name: value_at_start})  # type: ignore[arg-type]
    if "next" in words or words[0] == "last":
        start = moved(start.timestamp(), f"1 {unit}", None).astimezone(time.tzinfo)
    return start if words[0] == "first" else moved(start.timestamp(), f"-1 {words[1]}", None)
