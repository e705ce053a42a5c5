"""Numbers within bounds."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import Any

from understudy.formats.openapi.generating.base import Impossible, Lots, Made
from understudy.formats.openapi.generating.facts import Atoms, common_multiple, given
from understudy.formats.openapi.generating.plausible import Numbers

USUAL = 1000
"""How far numbers go from a bound, where there is one only, or are from zero."""
WIDE = 1_000_000
"""Bounds further apart are not meant to be used up."""
_MOST_DIGITS = 320


def build_number(atoms: Atoms, whole: bool, usual: Numbers | None, place: str) -> Made:
    """Numbers that all schemas allow. `usual` says which are plausible, as far as these allow them."""
    low, high = _bounds(atoms)
    steps = [exact(value) for value in given(atoms, "multipleOf")]
    if any(step <= 0 for step in steps):
        raise Impossible(place, "multipleOf is not above 0")
    if whole:
        steps.append(Fraction(1))
    fixed = common_multiple(steps) if steps else None
    for wanted in (usual, None):
        bottom, top = _usual(low, high, wanted)
        step = fixed or _step(bottom[0], top[0], wanted)
        first = ceil(bottom[0] / step)
        last = floor(top[0] / step)
        if bottom[1] and first * step == bottom[0]:
            first += 1
        if top[1] and last * step == top[0]:
            last -= 1
        if first > last and fixed and wanted is None:
            first, last = _around(low, high, step)
        if first <= last:
            return _made(first, last, step, exact=not steps or (whole and len(steps) == 1))
    raise Impossible(place, "no number is within the bounds")


Bound = tuple[Fraction, bool]
"""A bound, and whether it is excluded itself."""


def exact(value: Any) -> Fraction:
    """A number as it is written in decimal: 0.1 is a tenth."""
    if isinstance(value, int):
        return Fraction(value)
    return Fraction(repr(float(value)))


def _bounds(atoms: Atoms) -> tuple[Bound | None, Bound | None]:
    lows = [(exact(value), False) for value in given(atoms, "minimum")]
    lows += [(exact(value), True) for value in given(atoms, "exclusiveMinimum")]
    highs = [(exact(value), False) for value in given(atoms, "maximum")]
    highs += [(exact(value), True) for value in given(atoms, "exclusiveMaximum")]
    low = max(lows, default=None)
    high = min(highs, key=lambda bound: (bound[0], not bound[1]), default=None)
    return low, high


def _usual(low: Bound | None, high: Bound | None, wanted: Numbers | None) -> tuple[Bound, Bound]:
    """The bounds within which numbers are made: of everyday size, if the schema leaves that open."""
    if wanted is not None:
        start, end = (Fraction(wanted.low), False), (Fraction(wanted.high), False)
        bottom = start if low is None else max(low, start)
        top = end if high is None else min(high, end, key=lambda bound: (bound[0], not bound[1]))
        return bottom, top
    if low is not None and high is not None and high[0] - low[0] <= WIDE:
        return low, high
    if low is not None and low[0] > 0:
        return low, _lower(high, low[0] + USUAL)
    if high is not None and high[0] < 1:
        last = high[0] - USUAL
        return (last, False) if low is None or low[0] < last else low, high
    return (Fraction(1), False), _lower(high, Fraction(USUAL))


def _lower(high: Bound | None, end: Fraction) -> Bound:
    return (end, False) if high is None or high[0] > end else high


def _around(low: Bound | None, high: Bound | None, step: Fraction) -> tuple[int, int]:
    """The multiples nearest to zero, or to the bound that is: for steps larger than everyday numbers."""
    if low is not None and (low[0] > 0 or (low[0] == 0 and low[1])):
        first = ceil(low[0] / step)
        first += low[1] and first * step == low[0]
        last = first + 10
    elif high is not None and (high[0] < 0 or (high[0] == 0 and high[1])):
        last = floor(high[0] / step)
        last -= high[1] and last * step == high[0]
        first = last - 10
    else:
        first, last = 0, 10
    if high is not None:
        end = floor(high[0] / step)
        last = min(last, end - (high[1] and end * step == high[0]))
    if low is not None:
        begin = ceil(low[0] / step)
        first = max(first, begin + (low[1] and begin * step == low[0]))
    return first, last


def _step(low: Fraction, high: Fraction, wanted: Numbers | None) -> Fraction:
    """A step that gives numbers with few decimals: two, or more where the bounds are close."""
    digits = wanted.digits if wanted is not None else 2
    width = high - low
    while width and width * 10**digits < 100 and digits < _MOST_DIGITS and wanted is None:
        digits += 1
    if not width and wanted is None:
        # one number is left: its own digits
        return Fraction(1, low.denominator)
    return Fraction(1, 10**digits)


def _made(first: int, last: int, step: Fraction, exact: bool) -> Made:
    top, bottom = step.numerator, step.denominator
    if abs(first) * top > 10**_MOST_DIGITS * bottom or abs(last) * top > 10**_MOST_DIGITS * bottom:
        exact = False
    if bottom == 1:
        values = range(first * top, (last + 1) * top, top) if last - first < WIDE else None
        return Made(_whole(first, last, top), exact=exact, values=values)

    def fraction(lots: Lots, at: str) -> Any:
        number = lots.integer(at, first, last) * top
        return number / bottom if number % bottom else number // bottom

    return Made(fraction, exact=exact)


def _whole(first: int, last: int, step: int) -> Any:
    if first == last:
        only = first * step
        return lambda lots, at: only
    if step == 1:
        return lambda lots, at: lots.integer(at, first, last)
    return lambda lots, at: lots.integer(at, first, last) * step
