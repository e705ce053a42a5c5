"""JSON compared with a pattern of JSON: some keys or all, lists in order or not, placeholders for values.

The placeholders are those of Karate's fuzzy matching: `#string`, `#number`, `#boolean`, `#array`, `#object`,
`#uuid`, `#null`, `#notnull`, `#present`, `#notpresent`, `#ignore` and `#regex PATTERN`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from understudy.match.kinds.error import ConditionError
from understudy.match.regex import RegexError, safe_fullmatch

MISSING: Any = object()
"""Stands for a key that is not there."""


class Difference(NamedTuple):
    """The first place where a value is not as it should be. `path` is a JSONPath."""

    path: str
    expected: Any
    found: Any


Finder = Callable[[Any], Difference | None]
"""Finds the first difference of a value; None if it is as it should be."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


PLACEHOLDERS: dict[str, Callable[[Any], bool]] = {
    "#string": lambda value: isinstance(value, str),
    "#number": _is_number,
    "#boolean": lambda value: isinstance(value, bool),
    "#array": lambda value: isinstance(value, list),
    "#object": lambda value: isinstance(value, dict),
    "#uuid": lambda value: isinstance(value, str) and _UUID.fullmatch(value) is not None,
    "#null": lambda value: value is None,
    "#notnull": lambda value: value is not None and value is not MISSING,
    "#present": lambda value: value is not MISSING,
    "#notpresent": lambda value: value is MISSING,
    "#ignore": lambda value: True,
}


class How(NamedTuple):
    """How strictly values are compared: no further keys, any order in lists, further elements in lists."""

    exact: bool = False
    ignore_order: bool = False
    extra_items: bool = False


def compile_json(
    expected: Any, *, exact: bool = False, ignore_order: bool = False, extra_items: bool = False
) -> Finder:
    """The finder for a pattern. Raises ConditionError for a placeholder that cannot be used."""
    return _compile(expected, "$", How(exact, ignore_order, extra_items))


def _compile(expected: Any, path: str, how: How) -> Finder:
    if isinstance(expected, dict):
        return _object(expected, path, how)
    if isinstance(expected, list):
        return _list(expected, path, how)
    if isinstance(expected, str) and expected.startswith("#"):
        placeholder = _placeholder(expected)
        if placeholder is not None:
            return lambda value: None if placeholder(value) else Difference(path, expected, value)
    if isinstance(expected, bool) or expected is None:
        return lambda value: None if value is expected else Difference(path, expected, value)
    if _is_number(expected):
        return lambda value: (
            None if _is_number(value) and value == expected else Difference(path, expected, value)
        )
    return lambda value: (
        None if isinstance(value, str) and value == expected else Difference(path, expected, value)
    )


def _placeholder(text: str) -> Callable[[Any], bool] | None:
    if text.startswith("#regex "):
        try:
            fullmatch, _ = safe_fullmatch(text.removeprefix("#regex "))
        except RegexError as error:
            raise ConditionError(str(error)) from None
        return lambda value: isinstance(value, str) and fullmatch(value) is not None
    return PLACEHOLDERS.get(text)


def _object(expected: dict[str, Any], path: str, how: How) -> Finder:
    members = [(key, _compile(value, f"{path}.{key}", how)) for key, value in expected.items()]
    known = frozenset(expected)

    def find(value: Any) -> Difference | None:
        if not isinstance(value, dict):
            return Difference(path, expected, value)
        for key, finder in members:
            difference = finder(value.get(key, MISSING))
            if difference is not None:
                return difference
        if how.exact:
            for key in value:
                if key not in known:
                    return Difference(f"{path}.{key}", MISSING, value[key])
        return None

    return find


def _list(expected: list[Any], path: str, how: How) -> Finder:
    elements = [_compile(value, f"{path}[{number}]", how) for number, value in enumerate(expected)]
    wanted = len(elements)

    def find(value: Any) -> Difference | None:
        if not isinstance(value, list) or len(value) < wanted:
            return Difference(path, expected, value)
        if len(value) > wanted and not how.extra_items:
            return Difference(path, expected, value)
        if how.ignore_order:
            return None if _assign(elements, value) else Difference(path, expected, value)
        for finder, element in zip(elements, value, strict=False):  # what is extra stands at the end
            difference = finder(element)
            if difference is not None:
                return difference
        return None

    return find


def _assign(finders: list[Finder], values: list[Any]) -> bool:
    """Whether each finder can have a value of its own (Kuhn 1955, augmenting paths)."""
    takes = [[place for place, value in enumerate(values) if finder(value) is None] for finder in finders]
    owner: dict[int, int] = {}

    def place(finder: int) -> bool:
        # breadth first, so that long lists do not recurse
        came_from: dict[int, tuple[int, int] | None] = {}
        front = [(finder, None)]
        while front:
            current, via = front.pop(0)
            for spot in takes[current]:
                if spot in came_from:
                    continue
                came_from[spot] = (current, via) if via is not None else (current, -1)
                if spot not in owner:
                    step: int = spot
                    while step != -1:
                        holder, before = came_from[step]  # type: ignore[misc]
                        owner[step] = holder
                        step = before
                    return True
                front.append((owner[spot], spot))  # type: ignore[arg-type]
        return False

    return all(place(finder) for finder in range(len(finders)))


def literal_pattern(value: Any) -> Any:
    """A JSON pattern that this JSON alone meets: its texts that look like placeholders are none."""
    if isinstance(value, str):
        looks = value in PLACEHOLDERS or value.startswith("#regex ")
        return f"#regex {re.escape(value)}" if looks else value
    if isinstance(value, dict):
        return {key: literal_pattern(item) for key, item in value.items()}
    if isinstance(value, list):
        return [literal_pattern(item) for item in value]
    return value
