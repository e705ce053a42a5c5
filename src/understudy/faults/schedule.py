"""When a fault strikes: by number of the request, in bursts, by time, with a probability that changes.

`compile_schedule` turns a `When` into one function, of an `Instant`: the share of such requests that is hit,
0 for none. It holds no state; what has to be remembered from request to request, the count and whether a bad
time is under way, is kept in the store by `armed.Gate`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from msgspec import UNSET

from understudy.model.schedule import Burst, Cron, Ramp, When, Window, check_cron


class Instant(NamedTuple):
    """What a schedule sees of a request.

    `number` is the request's among those that are counted, from 1, or 0 where none are. `elapsed_s` counts
    from the server's start, or from when the fault was switched on; `now_s` from 1970. `is_bad`: in a burst.
    """

    number: int
    elapsed_s: float
    now_s: float
    is_bad: bool = False


T = TypeVar("T")
Factor = Callable[[Instant], float]
"""The share of such requests that is hit, as far as one condition is concerned."""


def compile_schedule(when: When) -> Factor:
    """What multiplies the probability of a fault at one request, from 0 to 1."""
    factors: list[Factor] = []
    if when.first is not UNSET:
        factors.append(_first(when.first))
    if when.every is not UNSET:
        factors.append(_every(when.every))
    if when.from_n is not UNSET or when.to_n is not UNSET:
        factors.append(
            _between(1 if when.from_n is UNSET else when.from_n, None if when.to_n is UNSET else when.to_n)
        )
    if when.burst is not UNSET:
        factors.append(_burst(when.burst))
    if when.window is not UNSET:
        factors.append(_any_of(list(map(_window, _listed(when.window)))))
    if when.cron is not UNSET:
        factors.append(_any_of(list(map(_cron, _listed(when.cron)))))
    if when.ramp is not UNSET:
        factors.append(_ramp(when.ramp))
    if len(factors) == 1:
        return factors[0]

    def product(instant: Instant) -> float:
        share = 1.0
        for factor in factors:
            share *= factor(instant)
            if not share:
                break
        return share

    return product


def next_is_bad(burst: Burst, was_bad: bool, drawn: float) -> bool:
    """The next state of the chain: a good time ends with 1/good, a bad one with 1/bad (Gilbert 1960).

    The times are then geometrically distributed, with these means, in requests. `drawn` is uniform in [0, 1).
    """
    return drawn >= 1 / burst.bad if was_bad else drawn < 1 / burst.good


def next_change_s(when: When, elapsed_s: float, now_s: float) -> float | None:
    """How long it is at least until a window or a time of the day begins or ends. None: none does."""
    changes: list[float] = []
    if when.window is not UNSET:
        changes += filter(None, (_window_change_s(window, elapsed_s) for window in _listed(when.window)))
    if when.cron is not UNSET:
        for cron in _listed(when.cron):  # it begins with a minute
            changes += (60 - now_s % 60, 60 - (now_s - cron.for_s) % 60)
    return min(changes, default=None)


def _window_change_s(window: Window, elapsed_s: float) -> float | None:
    since = elapsed_s - window.after_s
    if since < 0:
        return -since
    if window.for_s is UNSET:
        return None
    if window.every_s is not UNSET:
        since %= window.every_s
        return window.for_s - since if since < window.for_s else window.every_s - since
    return window.for_s - since if since < window.for_s else None


def _listed(written: T | list[T]) -> list[T]:
    return written if isinstance(written, list) else [written]


def _first(count: int) -> Factor:
    return lambda instant: 1.0 if instant.number <= count else 0.0


def _every(count: int) -> Factor:
    return lambda instant: 0.0 if instant.number % count else 1.0


def _between(first: int, last: int | None) -> Factor:
    return lambda instant: (
        1.0 if first <= instant.number and (last is None or instant.number <= last) else 0.0
    )


def _burst(burst: Burst) -> Factor:
    return lambda instant: burst.bad_rate if instant.is_bad else burst.good_rate


def _any_of(factors: list[Factor]) -> Factor:
    return lambda instant: max(factor(instant) for factor in factors)


def _window(window: Window) -> Factor:
    after, every = window.after_s, window.every_s
    length = None if window.for_s is UNSET else window.for_s

    def factor(instant: Instant) -> float:
        since = instant.elapsed_s - after
        if since < 0:
            return 0.0
        if every is not UNSET:
            since %= every
        return 1.0 if length is None or since < length else 0.0

    return factor


def _ramp(ramp: Ramp) -> Factor:
    change = ramp.end - ramp.start
    back = None if ramp.back_s is UNSET else ramp.back_s

    def factor(instant: Instant) -> float:
        since = instant.elapsed_s - ramp.after_s
        if since <= 0:
            return ramp.start
        if since < ramp.over_s:
            return ramp.start + change * since / ramp.over_s
        if back is None:
            return ramp.end
        returned = min(1.0, (since - ramp.over_s) / back)
        return ramp.end - change * returned

    return factor


def _cron(cron: Cron) -> Factor:
    minutes, hours, days, months, weekdays = check_cron(cron.at)
    fields = cron.at.split()
    by_day, by_weekday = (not fields[place].startswith("*") for place in (2, 4))
    length = cron.for_s

    def names(at: datetime) -> bool:
        if at.minute not in minutes or at.hour not in hours or at.month not in months:
            return False
        day, weekday = at.day in days, at.isoweekday() % 7 in weekdays
        # crontab(5): where both are restricted, which is to say do not begin with *, one is enough
        return (day or weekday) if by_day and by_weekday else (day and weekday)

    known: dict[int, float] = {}  # the minute that was looked at last → when it began that is under way

    def factor(instant: Instant) -> float:
        minute = int(instant.now_s // 60)
        begun = known.get(minute)
        if begun is None:
            known.clear()
            begun = known[minute] = _last(names, minute, length)
        return 1.0 if begun <= instant.now_s < begun + length else 0.0

    return factor


def _last(names: Callable[[datetime], bool], minute: int, within_s: float) -> float:
    """The last minute up to this one that a cron text names, in unix seconds; -inf if too long ago."""
    at = datetime.fromtimestamp(minute * 60, UTC)
    for back in range(int(within_s // 60) + 2):
        if names(at - timedelta(minutes=back)):
            return (minute - back) * 60.0
    return float("-inf")
