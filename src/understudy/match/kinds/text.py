"""Conditions on text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from understudy.match.kinds.error import ConditionError
from understudy.match.regex import RegexError, safe_fullmatch

Test = Callable[[str], bool]


def as_text(value: Any) -> str:
    """A scalar as it stands in a request: `true`, `2`, `1.5`, text as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def json_text(value: Any) -> str:
    """A JSON value as the text that conditions look at: text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    try:
        return msgspec.json.encode(value).decode()
    except RecursionError:  # no condition can have been written for this
        return ""


def equals(operand: Any, ignore_case: bool) -> Test:
    """The value is the operand."""
    wanted = as_text(operand)
    if ignore_case:
        folded = wanted.casefold()
        return lambda value: value.casefold() == folded
    return lambda value: value == wanted


def one_of(operand: Any, ignore_case: bool) -> Test:
    """The value is one of the operands."""
    texts = [as_text(item) for item in operand]
    if ignore_case:
        folded = frozenset(text.casefold() for text in texts)
        return lambda value: value.casefold() in folded
    wanted = frozenset(texts)
    return lambda value: value in wanted


def contains(operand: Any, ignore_case: bool) -> Test:
    """The operand stands somewhere in the value."""
    wanted = as_text(operand)
    if ignore_case:
        folded = wanted.casefold()
        return lambda value: folded in value.casefold()
    return lambda value: wanted in value


def starts_with(operand: Any, ignore_case: bool) -> Test:
    """The value begins with the operand."""
    wanted = as_text(operand)
    if ignore_case:
        folded = wanted.casefold()
        return lambda value: value.casefold().startswith(folded)
    return lambda value: value.startswith(wanted)


def ends_with(operand: Any, ignore_case: bool) -> Test:
    """The value ends with the operand."""
    wanted = as_text(operand)
    if ignore_case:
        folded = wanted.casefold()
        return lambda value: value.casefold().endswith(folded)
    return lambda value: value.endswith(wanted)


def matches(operand: Any, ignore_case: bool) -> Test:
    """The whole value matches the regular expression, in time linear in its length."""
    try:
        fullmatch, _ = safe_fullmatch(f"(?i){operand}" if ignore_case else operand)
    except RegexError as error:
        raise ConditionError(str(error)) from None
    return lambda value: fullmatch(value) is not None
