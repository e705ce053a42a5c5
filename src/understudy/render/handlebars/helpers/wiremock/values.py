"""Variables, lists, arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.helpers.arguments import count, elements, number, whole
from understudy.render.handlebars.values import plain_text


def assign(options: Options, name: Any) -> str:
    options.frame.run.variables[plain_text(name)] = options.here()
    return ""


def val(options: Options, value: Any = None) -> Any:
    if value is None:
        value = options.named.get("or", options.named.get("default"))
    if "assign" in options.named:
        options.frame.run.variables[plain_text(options.named["assign"])] = value
        return None
    return value


def size(options: Options, value: Any = None) -> int:
    if isinstance(value, str | list | tuple | Mapping):
        return len(value)
    return 0 if value is None else len(plain_text(value))


def array(options: Options, *values: Any) -> list[Any]:
    return list(values)


def range_(options: Options, low: Any, high: Any) -> list[int]:
    first, last = whole(low), whole(high)
    count(max(last - first + 1, 0))
    return list(range(first, last + 1))


def array_add(options: Options, values: Any, value: Any) -> list[Any]:
    items = elements(values)
    position = options.named.get("position", "end")
    at = 0 if position == "start" else len(items) if position == "end" else whole(position)
    items.insert(at, value)
    return items


def array_remove(options: Options, values: Any) -> list[Any]:
    items = elements(values)
    position = options.named.get("position", "end")
    at = 0 if position == "start" else len(items) - 1 if position == "end" else whole(position)
    if 0 <= at < len(items):
        del items[at]
    return items


def array_join(options: Options, separator: Any, values: Any) -> str:
    items = elements(values)
    if options.is_block:
        items = [options.fn(item, None, (item,)) for item in items]
    return _joined(options, separator, items)


def join(options: Options, *values: Any) -> str:
    *items, separator = values
    if len(items) == 1 and isinstance(items[0], list | tuple):
        items = list(items[0])
    return _joined(options, separator, items)


def _joined(options: Options, separator: Any, items: list[Any]) -> str:
    shown = plain_text(separator).join(map(plain_text, items))
    return plain_text(options.named.get("prefix")) + shown + plain_text(options.named.get("suffix"))


def math(options: Options, one: Any, operator: Any, other: Any) -> Any:
    left, right = number(one), number(other)
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*" | "x":
            return left * right
        case "%":
            return left % right
        case "/":
            divided = left / right
            return int(divided) if divided.is_integer() and abs(divided) < 2**53 else divided
    raise ValueError(f"{operator!r} is not one of + - * / %")
