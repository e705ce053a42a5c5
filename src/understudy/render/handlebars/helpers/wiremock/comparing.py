"""Comparing values: inline they give true or false, or what `yes` and `no` say; as blocks they choose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.helpers.arguments import number, same, whole
from understudy.render.handlebars.regex import compiled
from understudy.render.handlebars.values import Values, is_true, plain_text


def _verdict(options: Options, holds: bool) -> Any:
    if options.is_block:
        return options.here() if holds else options.inverse()
    return options.named.get("yes", True) if holds else options.named.get("no", False)


def _order(value: Any) -> Any:
    try:
        return number(value)
    except ValueError:
        return plain_text(value)


def compared(test: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    def compare(options: Options, one: Any, other: Any = None) -> Any:
        one, other = _order(one), _order(other)
        if isinstance(one, str) != isinstance(other, str):
            one, other = plain_text(one), plain_text(other)
        return _verdict(options, test(one, other))

    return compare


def eq(options: Options, one: Any, other: Any = None) -> Any:
    return _verdict(options, same(one, other))


def neq(options: Options, one: Any, other: Any = None) -> Any:
    return _verdict(options, not same(one, other))


def and_(options: Options, *values: Any) -> Any:
    return _verdict(options, all(map(is_true, values)))


def or_(options: Options, *values: Any) -> Any:
    return _verdict(options, any(map(is_true, values)))


def not_(options: Options, value: Any) -> Any:
    return _verdict(options, not is_true(value))


def contains(options: Options, value: Any, part: Any) -> Any:
    if isinstance(value, list | tuple) and not isinstance(value, Values):
        return _verdict(options, any(same(one, part) for one in value))
    return _verdict(options, value is not None and plain_text(part) in plain_text(value))


def matches(options: Options, value: Any, pattern: Any) -> Any:
    found = compiled(plain_text(pattern)).fullmatch(plain_text(value))
    return _verdict(options, found is not None)


def check_pattern(value: Any, pattern: Any = "") -> None:
    compiled(plain_text(pattern))


def is_even(options: Options, value: Any, text: Any = "even") -> Any:
    return text if whole(value) % 2 == 0 else ""


def is_odd(options: Options, value: Any, text: Any = "odd") -> Any:
    return text if whole(value) % 2 else ""
