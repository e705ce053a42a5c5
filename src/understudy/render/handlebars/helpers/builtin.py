"""What every Handlebars has: if, unless, each, with, lookup, log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from understudy.render.handlebars.compile import Helper, Options
from understudy.render.handlebars.values import get, is_true, plain_text


def _if(options: Options, value: Any) -> str:
    holds = is_true(value) or (value == 0 and value is not False and bool(options.named.get("includeZero")))
    return options.here() if holds else options.inverse()


def _unless(options: Options, value: Any) -> str:
    return options.inverse() if is_true(value) else options.here()


def _with(options: Options, value: Any) -> str:
    return options.fn(value, None, (value,)) if is_true(value) else options.inverse()


def _each(options: Options, values: Any) -> str:
    if isinstance(values, Mapping):
        pairs = list(values.items())
    elif isinstance(values, list | tuple):
        pairs = list(enumerate(values))
    else:
        pairs = []
    if not pairs:
        return options.inverse()
    last = len(pairs) - 1
    parts = []
    for number, (key, value) in enumerate(pairs):
        data = {
            "index": number,
            "key": key,
            "first": number == 0,
            "last": number == last,
            "odd": "odd" if number % 2 else "",
            "even": "" if number % 2 else "even",
            "index_1": number + 1,
        }
        parts.append(options.fn(value, data, (value, key)))
    return "".join(parts)


def _lookup(options: Options, value: Any, key: Any) -> Any:
    return get(value, plain_text(key))


def _log(options: Options, *values: Any) -> str:
    return ""


BUILTIN: dict[str, Helper] = {
    "if": Helper(_if, ("includeZero",), True),
    "unless": Helper(_unless, ("includeZero",), True),
    "each": Helper(_each, (), True),
    "with": Helper(_with, (), True),
    "lookup": Helper(_lookup),
    "log": Helper(_log, None),
}
