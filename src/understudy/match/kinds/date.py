"""Conditions on times. A value that is no time meets none of them.

Times are read as ISO 8601 (`2026-01-31`, `2026-01-31T12:00:00Z`) or as HTTP writes them (RFC 9110 section
5.6.7); without a zone they are UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from understudy.match.kinds.error import ConditionError
from understudy.views.dates import read_http_date

Test = Callable[[str], bool]

MAX_CHARACTERS = 60
"""Longest text that is read as a time."""


def read(text: str) -> datetime | None:
    """The time that a text is; None if it is none."""
    text = text.strip()
    if not text or len(text) > MAX_CHARACTERS:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        try:
            instant = read_http_date(text)
        except (TypeError, ValueError, IndexError, OverflowError):  # years, hours and zones of many digits
            return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def before(operand: Any, ignore_case: bool) -> Test:
    """The value is an earlier time."""
    limit = _limit(operand)
    return lambda value: (instant := read(value)) is not None and instant < limit


def after(operand: Any, ignore_case: bool) -> Test:
    """The value is a later time."""
    limit = _limit(operand)
    return lambda value: (instant := read(value)) is not None and instant > limit


def _limit(operand: Any) -> datetime:
    instant = read(str(operand))
    if instant is None:
        raise ConditionError(f"{operand!r} is not a time such as 2026-01-31 or 2026-01-31T12:00:00Z")
    return instant
