"""Conditions on numbers. A value that is no number meets none of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Test = Callable[[str], bool]

MAX_DIGITS = 400
"""Longest text that is read as a number."""
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\s*")


def read(text: str) -> float | None:
    """The number that a text is; None if it is none. `inf`, `nan` and `1_000` are none."""
    return float(text) if len(text) <= MAX_DIGITS and _NUMBER.fullmatch(text) else None


def gt(operand: Any, ignore_case: bool) -> Test:
    """The value is greater."""
    return lambda value: (number := read(value)) is not None and number > operand


def gte(operand: Any, ignore_case: bool) -> Test:
    """The value is greater or equal."""
    return lambda value: (number := read(value)) is not None and number >= operand


def lt(operand: Any, ignore_case: bool) -> Test:
    """The value is less."""
    return lambda value: (number := read(value)) is not None and number < operand


def lte(operand: Any, ignore_case: bool) -> Test:
    """The value is less or equal."""
    return lambda value: (number := read(value)) is not None and number <= operand
