"""Arguments of helpers as the kind of value that is needed: what comes from a request is text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.values import MAX_ITEMS, Fields, Values, plain_text


def number(value: Any) -> int | float:
    """A number. Raises ValueError."""
    if isinstance(value, bool) or value is None:
        raise ValueError(f"{plain_text(value) or 'nothing'} stands where a number is needed")
    if isinstance(value, int | float):
        return value
    text = plain_text(value).strip()
    try:
        return int(text) if len(text) < 300 and text.lstrip("+-").isdigit() else float(text)
    except ValueError:
        raise ValueError(f"{text[:60]!r} stands where a number is needed") from None


def whole(value: Any) -> int:
    """A whole number. Raises ValueError."""
    found = number(value)
    if isinstance(found, float) and not found.is_integer():
        raise ValueError(f"{found} stands where a whole number is needed")
    return int(found)


def count(value: Any) -> int:
    """A number of elements to make. Raises ValueError for more than there may be."""
    found = whole(value)
    if not 0 <= found <= MAX_ITEMS:
        raise ValueError(f"{found} stands where a number from 0 to {MAX_ITEMS} is needed")
    return found


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, numbers as numbers, what comes from a request as text."""
    if isinstance(one, Values | Fields) or isinstance(other, Values | Fields):
        return plain_text(one) == plain_text(other)
    if isinstance(one, bool) != isinstance(other, bool):
        return plain_text(one) == plain_text(other)
    if isinstance(one, int | float) != isinstance(other, int | float) and isinstance(one, str | int | float):
        return not isinstance(other, Mapping | list | tuple | type(None)) and plain_text(one) == plain_text(
            other
        )
    return bool(one == other)


def elements(value: Any) -> list[Any]:
    """A list, as a copy. Raises ValueError for anything else."""
    if not isinstance(value, list | tuple):
        raise ValueError("a list is needed here")
    return list(value)


def content(options: Options, value: Any) -> Any:
    """The argument, or the body of a block that has none."""
    return options.here() if options.is_block and value is None else value
