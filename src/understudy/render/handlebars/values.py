"""Values in Handlebars templates: looked up, tested and made text without a Python attribute in reach."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from understudy.render.handlebars.dates import ISO_PATTERN, pattern_text
from understudy.render.values import as_json

MAX_ITEMS = 100_000
"""Elements that a list made by a helper may have, and parts of a value that is made text."""

MAX_CHARACTERS = 8 * 1024 * 1024
"""Longest text that a helper may give."""


class Safe(str):
    """Text that is not escaped."""

    __slots__ = ()


class Fields:
    """An object whose fields are made when they are looked up: `request` and what is like it."""

    __slots__ = ("_fields", "_text")

    def __init__(
        self, fields: Callable[[str], Any] | Mapping[str, Callable[[], Any]], text: Callable[[], str]
    ) -> None:
        self._fields = fields
        self._text = text

    def field(self, name: str) -> Any:
        """What is behind a name, None if there is nothing."""
        if callable(self._fields):
            return self._fields(name)
        make = self._fields.get(name)
        return None if make is None else make()

    def __str__(self) -> str:
        return self._text()


class Values(list[Any]):
    """The values of a repeated name; as text the first of them."""

    __slots__ = ()

    def __str__(self) -> str:
        return str(self[0]) if self else ""


def get(value: Any, key: str) -> Any:
    """What stands in a value under a key, None if there is nothing."""
    if isinstance(value, Fields):
        return value.field(key)
    if isinstance(value, Mapping):
        return value.get(key)
    if isinstance(value, list | tuple):
        if key in {"length", "size"}:
            return len(value)
        if isinstance(value, Values) and key in {"first", "last"}:
            key = "0" if key == "first" else "-1"
        try:
            index = int(key)
        except ValueError:
            return None
        return value[index] if -len(value) <= index < len(value) else None
    if isinstance(value, str) and key == "length":
        return len(value)
    return None


def has(value: Any, key: str) -> bool:
    """Whether there is something under a key, were it only null."""
    if isinstance(value, Mapping):
        return key in value
    return get(value, key) is not None


def is_true(value: Any) -> bool:
    """Whether `if` takes its body: not for nothing, false, 0, empty text and empty lists."""
    if isinstance(value, list | tuple):
        return bool(value)
    if isinstance(value, float) and math.isnan(value):
        return False
    return not (value is None or value is False or value == "" or value == 0)


def plain_text(value: Any) -> str:
    """A value inside text; lists and objects as JSON. Raises ValueError for one that is too large."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, Fields | Values):
        return str(value)
    if isinstance(value, datetime):
        return pattern_text(value, ISO_PATTERN)
    weigh(value)
    return as_json(value)


def script_text(value: Any) -> str:
    """A value inside text as JavaScript has it: `1,2` for a list, `[object Object]` for an object."""
    if isinstance(value, list | tuple):
        weigh(value)
        return ",".join(map(script_text, value))
    if isinstance(value, Mapping):
        return "[object Object]"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return plain_text(value)


def number_text(value: float) -> str:
    """A number that is not whole."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)


def weigh(value: Any) -> None:
    """Refuse a value with too many parts, counted as often as they would be put out. Raises ValueError."""
    left = MAX_ITEMS
    front = [value]
    while front:
        one = front.pop()
        if isinstance(one, Mapping):
            left -= len(one)
            front.extend(one.values())
        elif isinstance(one, Sequence) and not isinstance(one, str):
            left -= len(one)
            front.extend(one)
        if left < 0:
            raise ValueError(f"a value has more than {MAX_ITEMS} parts")


def checked(value: Any) -> Any:
    """What a helper gave, if it is not too large. Raises ValueError."""
    if isinstance(value, str):
        if len(value) > MAX_CHARACTERS:
            raise ValueError(f"the result is longer than {MAX_CHARACTERS} characters")
    elif isinstance(value, list | dict) and len(value) > MAX_ITEMS:
        raise ValueError(f"the result has more than {MAX_ITEMS} elements")
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**18:
        return float(value) if abs(value) < 10**300 else math.inf if value > 0 else -math.inf
    return value
