"""Conditions on numbers, compared as decimals and so exactly. A value that is no number meets none."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

Test = Callable[[str], bool]

MAX_DIGITS = 400
"""Longest text that is read as a number."""
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\s*")


def read(text: str) -> Decimal | None:
    """The number that a text is; None if it is none. `inf`, `nan` and `1_000` are none."""
    return Decimal(text.strip()) if len(text) <= MAX_DIGITS and _NUMBER.fullmatch(text) else None


def _limit(operand: int | float) -> Decimal:
    """The number as it stands in the config: 0.1 is a tenth, not the float that is nearest to it."""
    return Decimal(repr(operand))


def gt(operand: Any, ignore_case: bool) -> Test:
    """The value is greater."""
    limit = _limit(operand)
    return lambda value: (number := read(value)) is not None and number > limit


def gte(operand: Any, ignore_case: bool) -> Test:
    """The value is greater or equal."""
    limit = _limit(operand)
    return lambda value: (number := read(value)) is not None and number >= limit


def lt(operand: Any, ignore_case: bool) -> Test:
    """The value is less."""
    limit = _limit(operand)
    return lambda value: (number := read(value)) is not None and number < limit


def lte(operand: Any, ignore_case: bool) -> Test:
    """The value is less or equal."""
    limit = _limit(operand)
    return lambda value: (number := read(value)) is not None and number <= limit
