"""JSON that is read, searched, changed and written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.helpers.arguments import content, elements, whole
from understudy.render.handlebars.values import Values, is_true, plain_text, weigh
from understudy.render.helpers.encoding import json_path
from understudy.render.values import as_json


def _read_json(value: Any) -> Any:
    """JSON that may stand there as text. Raises ValueError."""
    if isinstance(value, Mapping | list) and not isinstance(value, Values):
        return value
    try:
        return msgspec.json.decode(plain_text(value))
    except msgspec.DecodeError as error:
        raise ValueError(f"this is not JSON: {error}") from None


def at_json_path(options: Options, value: Any, path: Any) -> Any:
    if not is_true(value):
        return options.named.get("default")
    found = json_path(_read_json(value), _dollar(plain_text(path)))
    return options.named.get("default") if found is None else found


def _dollar(path: str) -> str:
    return path if path.startswith("$") else f"$.{path}"


def parse_json(options: Options, value: Any = None, name: Any = None) -> Any:
    if options.is_block:
        name, value = value, options.here()
    read = _read_json(value)
    if name is None:
        return read
    options.frame.run.variables[plain_text(name)] = read
    return None


def _shown_json(value: Any) -> str:
    weigh(value)
    return as_json(value)


def to_json(options: Options, value: Any) -> str:
    if isinstance(value, Values):
        value = list(value)
    return _shown_json(value)


def format_json(options: Options, value: Any = None) -> str:
    read = _read_json(content(options, value))
    weigh(read)
    if plain_text(options.named.get("format", "pretty")) == "compact":
        return as_json(read)
    return json.dumps(read, indent=2, ensure_ascii=False)


def _merged(one: Any, other: Any, named: Mapping[str, Any]) -> Any:
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return other
    result = dict(one)
    for key, value in other.items():
        if value is None and is_true(named.get("removeNulls")):
            result.pop(key, None)
        else:
            result[key] = _merged(one.get(key), value, named)
    return result


def json_merge(options: Options, base: Any, other: Any = None) -> str:
    second = options.here() if options.is_block and other is None else other
    return _shown_json(_merged(_read_json(base), _read_json(second), options.named))


def _place(path: str) -> list[str | int]:
    """A plain JSONPath such as `$.a[0]['b']` as keys. Raises ValueError for any other."""
    keys: list[str | int] = []
    rest = _dollar(path)[1:]
    while rest:
        found = re.match(r"\.([^.\[\]]+)|\[([0-9]+)\]|\['([^']*)'\]", rest)
        if found is None:
            raise ValueError(f"{path!r} is not a plain JSONPath such as $.a.b")
        keys.append(int(found[2]) if found[2] is not None else found[1] or found[3] or "")
        rest = rest[found.end() :]
    return keys


def _changed(value: Any, keys: list[str | int], change: Callable[[Any, Any], None]) -> Any:
    """A copy of a value with its parent of the last key changed; the value itself if it is not there."""
    if isinstance(value, Mapping):
        copy: Any = dict(value)
    elif isinstance(value, list):
        copy = list(value)
    else:
        return value
    key: Any = keys[0]
    if len(keys) == 1:
        change(copy, key)
    elif (isinstance(copy, dict) and key in copy) or (
        isinstance(copy, list) and isinstance(key, int) and key < len(copy)
    ):
        copy[key] = _changed(copy[key], keys[1:], change)
    return copy


def json_remove(options: Options, value: Any, path: Any) -> str:
    def remove(parent: Any, key: str | int) -> None:
        if isinstance(parent, dict):
            parent.pop(key, None)
        elif isinstance(key, int) and key < len(parent):
            del parent[key]

    keys = _place(plain_text(path))
    read = _read_json(value)
    return _shown_json(_changed(read, keys, remove) if keys else read)


def json_array_add(options: Options, value: Any, item: Any = None) -> str:
    new = _read_json(options.here() if options.is_block and item is None else item)
    read = _read_json(value)
    keys = _place(plain_text(options.named.get("jsonPath", "$")))

    def added(items: Any) -> list[Any]:
        most = options.named.get("maxItems")
        both = [
            *elements(items),
            *(new if is_true(options.named.get("flatten")) and isinstance(new, list) else [new]),
        ]
        return both if most is None else both[-max(whole(most), 1) :]

    def add(parent: Any, key: Any) -> None:
        parent[key] = added(parent[key])

    return _shown_json(_changed(read, keys, add) if keys else added(read))


def json_sort(options: Options, value: Any, path: Any) -> str:
    read = elements(_read_json(value))
    expression = plain_text(path).removeprefix("$[*]")
    keys = _place("$" + expression if expression.startswith((".", "[")) else expression)

    def key(item: Any) -> tuple[int, Any]:
        for step in keys:
            item = item.get(step) if isinstance(item, Mapping) else None
        if isinstance(item, int | float):
            return 0, item
        return 1, plain_text(item)

    down = plain_text(options.named.get("order", "asc")).lower() == "desc"
    return _shown_json(sorted(read, key=key, reverse=down))
