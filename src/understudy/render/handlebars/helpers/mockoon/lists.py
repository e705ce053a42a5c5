"""Lists and objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cmp_to_key
from typing import Any

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.helpers.arguments import whole
from understudy.render.handlebars.helpers.mockoon.paths import at_path
from understudy.render.handlebars.values import script_text


def array(options: Options, *values: Any) -> list[Any]:
    return list(values)


def object_(options: Options) -> dict[str, Any]:
    return dict(options.named)


def object_merge(options: Options, *values: Any) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for value in values:
        if isinstance(value, Mapping):
            merged |= value
    return merged | options.named


def join(options: Options, values: Any, separator: Any = ", ") -> Any:
    return script_text(separator).join(map(script_text, values)) if isinstance(values, list) else values


def slice_(options: Options, values: Any, start: Any = 0, end: Any = None) -> Any:
    if not isinstance(values, list):
        return ""
    return values[whole(start) : None if end is None else whole(end)]


def reverse(options: Options, values: Any) -> Any:
    return values[::-1] if isinstance(values, list | str) else ""


def _fits(item: Any, condition: Any) -> bool:
    if isinstance(condition, Mapping):
        return isinstance(item, Mapping) and all(
            _fits(item.get(key), value) for key, value in condition.items()
        )
    return not isinstance(condition, list) and type(item) is type(condition) and bool(item == condition)


def _some(item: Any, conditions: Any, depth: int = 0) -> bool:
    return any(
        _every(item, one, depth + 1) if isinstance(one, list) else _fits(item, one) for one in conditions
    )


def _every(item: Any, conditions: Any, depth: int) -> bool:
    if depth > 50:
        raise ValueError("conditions are nested too deeply")
    return all(
        _some(item, one, depth + 1) if isinstance(one, list) else _fits(item, one) for one in conditions
    )


def filter_(options: Options, values: Any, *conditions: Any) -> Any:
    if not isinstance(values, list):
        return ""
    return [item for item in values if _some(item, conditions)] if conditions else values


def find(options: Options, values: Any, *conditions: Any) -> Any:
    if not isinstance(values, list):
        return ""
    return next((item for item in values if _some(item, conditions)), None)


def sort(options: Options, values: Any, order: Any = "asc") -> Any:
    return _sorted(values, lambda item: item, order)


def sort_by(options: Options, values: Any, key: Any, order: Any = "asc") -> Any:
    return _sorted(values, lambda item: at_path(item, key), order)


def _sorted(values: Any, key: Callable[[Any], Any], order: Any) -> Any:
    if not isinstance(values, list):
        return ""

    def compare(one: Any, other: Any) -> int:
        left, right = key(one), key(other)
        if not (isinstance(left, int | float) and isinstance(right, int | float)):
            left, right = script_text(left), script_text(right)
        return int(left > right) - int(left < right)

    return sorted(values, key=cmp_to_key(compare), reverse=order == "desc")
