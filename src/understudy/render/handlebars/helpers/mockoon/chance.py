"""Values that are drawn by lot."""

from __future__ import annotations

from typing import Any

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.helpers.arguments import count, number, whole
from understudy.render.handlebars.helpers.mockoon.paths import written
from understudy.render.handlebars.values import is_true, script_text


def uuid(options: Options) -> str:
    draws = options.scope.draws
    return draws.uuid(draws.numbered("uuid"))


def object_id(options: Options, value: Any = None) -> str:
    if value is not None:
        return script_text(value).encode().hex()[:24].rjust(24, "0")
    draws = options.scope.draws
    return draws.raw(draws.numbered("objectId"), 12).hex()


def int_(options: Options, low: Any = 0, high: Any = 99_999) -> int:
    draws = options.scope.draws
    return draws.integer(draws.numbered("int"), whole(low), whole(high))


def float_(options: Options, low: Any = 0, high: Any = 99_999) -> float:
    draws = options.scope.draws
    first = number(low)
    return round(first + (number(high) - first) * draws.unit(draws.numbered("float")), 10)


def boolean(options: Options) -> bool:
    draws = options.scope.draws
    return draws.unit(draws.numbered("boolean")) < 0.5


def one_of(options: Options, values: Any) -> Any:
    if not isinstance(values, list) or not values:
        return ""
    draws = options.scope.draws
    return values[draws.integer(draws.numbered("oneOf"), 0, len(values) - 1)]


def some_of(options: Options, values: Any, low: Any, high: Any, as_array: Any = False) -> Any:
    items = list(values) if isinstance(values, list) else []
    draws = options.scope.draws
    wanted = min(draws.integer(draws.numbered("someOf"), count(low), count(high)), len(items))
    picked = [items.pop(draws.integer(draws.numbered("someOf"), 0, len(items) - 1)) for _ in range(wanted)]
    return written(picked) if is_true(as_array) else picked
