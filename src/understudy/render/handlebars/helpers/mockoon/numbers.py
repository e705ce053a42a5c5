"""Comparing and arithmetic."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.helpers.arguments import count, number, same
from understudy.render.handlebars.values import script_text


def compared(test: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    def compare(options: Options, one: Any, other: Any) -> bool:
        try:
            return test(number(one), number(other))
        except ValueError:
            return False

    return compare


def eq(options: Options, one: Any, other: Any) -> bool:
    return same(one, other)


def arithmetic(step: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def compute(options: Options, *values: Any) -> Any:
        numbers = [_number_or_none(value) for value in values]
        known = [one for one in numbers if one is not None]
        if not known:
            return ""
        result: Any = known[0]
        for one in known[1:]:
            result = step(result, one)
            if abs(result) > 1e18:
                result = float(result)
        return result

    return compute


def _number_or_none(value: Any) -> int | float | None:
    try:
        return number(value)
    except ValueError:
        return None


def divided(one: Any, other: Any) -> Any:
    if not other:
        return math.nan if not one else math.inf if one > 0 else -math.inf
    return one / other


def modulo(options: Options, one: Any, other: Any) -> Any:
    left, right = number(one), number(other)
    return math.fmod(left, right) if right else math.nan


def rounded(function: Callable[[Any], Any]) -> Callable[..., Any]:
    def change(options: Options, value: Any) -> Any:
        found = _number_or_none(value)
        return "" if found is None else function(found)

    return change


def to_fixed(options: Options, value: Any, digits: Any = 0) -> str:
    return f"{_number_or_none(value) or 0:.{min(count(digits), 100)}f}"


def parse_int(options: Options, value: Any) -> Any:
    found = re.match(r"\s*([+-]?[0-9]{1,300})", script_text(value))
    return int(found[1]) if found else ""
