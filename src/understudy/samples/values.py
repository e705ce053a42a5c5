"""Values that meet a condition: a few are thought of, and the first that does is taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from typing import Any

import msgspec
from msgspec import UNSET

from understudy.formats.openapi.generating.base import Stream
from understudy.formats.openapi.generating.regex import Pattern, PatternError
from understudy.match import ConditionError
from understudy.match.kinds.date import read as read_time
from understudy.match.kinds.text import as_text
from understudy.match.values import compile_condition
from understudy.model import Condition, Operators
from understudy.render.draws import Draws

Scalar = str | int | float | bool
MAX_TRIED = 200
"""Candidates for one condition."""
MAX_TEXT = 200
"""Characters of a text for a pattern that may go on."""
_USUAL: tuple[Scalar, ...] = ("1", "x", "text", "0", "-1", "abc-123", "a@example.com", "2026-01-31", "")


def values_for(condition: Condition) -> list[Scalar] | None:
    """The values of one name that meet a condition, none for a name that must not be there.

    They keep the type that the condition was written with. None: no values were found.
    """
    if not isinstance(condition, Operators):
        return [condition]
    try:
        test = compile_condition(condition)
    except ConditionError:
        return None
    for values in islice(_thought_of(condition), MAX_TRIED):
        if test([as_text(value) for value in values]):
            return values
    return None


def text_for(pattern: str) -> str | None:
    """A text that matches a regular expression as a whole; None if none was found."""
    try:
        written = Pattern(rf"^(?:{_for_python(pattern)})$")
    except PatternError:
        return None
    return written.write(Stream(Draws(0, "sample", 0), pattern), 0, max(MAX_TEXT, written.least))


def _for_python(pattern: str) -> str:
    """A pattern of RE2 without what only says that it is about the whole text."""
    pattern = pattern.removeprefix("(?s)").removeprefix("^").replace(r"\z", "").replace(r"\A", "")
    return pattern[:-1] if pattern.endswith("$") and not pattern.endswith(r"\$") else pattern


def _thought_of(condition: Condition) -> Iterator[list[Scalar]]:
    if not isinstance(condition, Operators):
        yield [condition]
        return
    if condition.includes is not UNSET:
        yield list(condition.includes)
    if condition.exactly is not UNSET:
        yield list(condition.exactly)
    if condition.absent is True or condition.present is False:
        yield []
    for value in _single(condition):
        yield [value]
    inner = [] if condition.all is UNSET else condition.all
    if merged := _merged(inner):
        yield from islice(_thought_of(merged), MAX_TRIED // 4)
    for one in [*inner, *([] if condition.any is UNSET else condition.any)]:
        yield from islice(_thought_of(one), MAX_TRIED // 8)
    yield from ([value] for value in _USUAL)
    yield []


def _single(condition: Operators) -> Iterator[Scalar]:
    if condition.equals is not UNSET:
        yield condition.equals
    if condition.one_of is not UNSET:
        yield from condition.one_of
    if condition.matches is not UNSET and (text := text_for(condition.matches)) is not None:
        yield text
    pieces = [
        "" if piece is UNSET else as_text(piece)
        for piece in (condition.starts_with, condition.contains, condition.ends_with)
    ]
    if any(pieces):
        start, middle, end = pieces
        yield start if middle in start and start.endswith(end) else start + middle + end
        yield start + end
        yield start + middle + end
    yield from _numbers(condition)
    yield from _times(condition)


def _numbers(condition: Operators) -> Iterator[Scalar]:
    low = [bound for bound in (condition.gt, condition.gte) if bound is not UNSET]
    high = [bound for bound in (condition.lt, condition.lte) if bound is not UNSET]
    if low and high:
        yield (max(low) + min(high)) / 2 if (max(low) + min(high)) % 2 else int(max(low) + min(high)) // 2
    for bound in low:
        yield bound + 1
        yield bound
    for bound in high:
        yield bound - 1
        yield bound


def _times(condition: Operators) -> Iterator[Scalar]:
    for written, days in ((condition.before, -1), (condition.after, 1)):
        at = None if written is UNSET else read_time(written)
        if at is not None:
            for seconds in (86_400 * days, 3600 * days, days):
                with suppress(OverflowError):  # at the ends of the calendar
                    yield (at + timedelta(seconds=seconds)).isoformat()


def _merged(several: list[Any]) -> Operators | None:
    """Conditions that must all hold as one, as far as they say different things."""
    found: dict[str, Any] = {}
    for one in several:
        if not isinstance(one, Operators):
            return Operators(equals=one)
        for name in Operators.__struct_fields__:
            value = getattr(one, name)
            if value is not UNSET and value is not False:
                found.setdefault(name, value)
    return msgspec.structs.replace(Operators(), **found) if found else None
