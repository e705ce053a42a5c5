"""JSON: the text outside of the endpoint stays as it is, to the space."""

from __future__ import annotations

import json
import re
from typing import Any

from understudy.load.fault import Keys

MAX_LINE = 100
"""An object that stood on one line stays on one if it is no longer than this."""

_SPACE = re.compile(r"[ \t\n\r]*")
_read = json.JSONDecoder(strict=False).raw_decode


def replace(text: str, keys: Keys, old: Any, value: Any) -> str:
    """The text with another value at `keys`."""
    start, end = _span(text, keys)
    return text[:start] + _render(text, start, value, "\n" not in text[start:end]) + text[end:]


def remove(text: str, keys: Keys) -> str:
    """The text without an element of a list."""
    start, end = _span(text, keys)
    after = _skip(text, end)
    if text[after] == ",":
        return text[:start] + text[_skip(text, after + 1) :]
    before = len(text[:start].rstrip())
    return text[: before - 1 if text[before - 1] == "," else before] + text[end:]


def insert(text: str, value: Any) -> str:
    """The text with one more element at the beginning of `endpoints`."""
    unit = _unit(text)
    root = _skip(text, 0)
    items = _children(text, root)
    if "endpoints" not in items:
        new = _lines([value], unit, unit or "")
        if not items:
            return text[:root] + _lines({"endpoints": [value]}, unit, "") + text[_read(text, root)[1] :]
        end = max(end for _, end in items.values())
        between = f"\n{unit}" if unit else " "
        return f'{text[:end]},{between}"endpoints": {new}{text[end:]}'
    start, end = items["endpoints"]
    inner = _children(text, start)
    if not inner:
        return text[:start] + _lines([value], unit, _margin(text, start)) + text[end:]
    first, first_end = inner[0]
    own_line = not text[:first].rpartition("\n")[2].strip()
    rendered = _render(text, first, value, "\n" not in text[first:first_end])
    between = f"\n{_margin(text, first)}" if own_line else " "
    return f"{text[:first]}{rendered},{between}{text[first:]}"


def _render(text: str, position: int, value: Any, on_one_line: bool) -> str:
    short = json.dumps(value, ensure_ascii=False)
    if on_one_line and len(short) <= MAX_LINE:
        return short
    return _lines(value, _unit(text), _margin(text, position))


def _lines(value: Any, unit: str | None, margin: str) -> str:
    rendered = json.dumps(value, ensure_ascii=False, indent=unit)
    return rendered.replace("\n", f"\n{margin}") if unit else rendered


def _unit(text: str) -> str | None:
    """One level of indentation; None if the text has none."""
    found = re.search(r"[\[{]\n([ \t]+)\S", text)
    if found is None:
        return None
    outer = text[: found.start()].rpartition("\n")[2]
    outer = outer[: len(outer) - len(outer.lstrip())]
    return found[1][len(outer) :] or None


def _margin(text: str, position: int) -> str:
    """The white space at the beginning of a position's line."""
    line = text[:position].rpartition("\n")[2]
    return line[: len(line) - len(line.lstrip())]


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _span(text: str, keys: Keys) -> tuple[int, int]:
    start = _skip(text, 0)
    end = _read(text, start)[1]
    for key in keys:
        start, end = _children(text, start)[key]
    return start, end


def _children(text: str, position: int) -> dict[str | int, tuple[int, int]]:
    """Where the elements of a list or an object begin and end."""
    is_object = text[position] == "{"
    children: dict[str | int, tuple[int, int]] = {}
    position = _skip(text, position + 1)
    while text[position] not in "]}":
        key: str | int = len(children)
        if is_object:
            key, position = _read(text, position)
            position = _skip(text, _skip(text, position) + 1)
        end = _read(text, position)[1]
        children[key] = (position, end)
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)
    return children
