"""Values and the types of the model in words, for messages and for the reference."""

from __future__ import annotations

import json
from typing import Any

from msgspec import inspect as shapes

from understudy.model.duration import DURATION

_LISTS = {"anything": "a list", "text": "a list of texts", "an object": "a list of objects"}
_MAX_SHOWN = 60  # characters of a value in a message


def kinds_of(shape: shapes.Type) -> tuple[shapes.Type, ...]:
    """The alternatives of a type, without msgspec's wrappers."""
    while isinstance(shape, shapes.Metadata):
        shape = shape.type
    if isinstance(shape, shapes.UnionType):
        return tuple(kind for inner in shape.types for kind in kinds_of(inner))
    return (shape,)


def summary(kind: shapes.Type) -> str:
    """What a kind of value is called."""
    match kind:
        case shapes.StructType() | shapes.DictType():
            return "an object"
        case shapes.ListType() | shapes.TupleType():
            return "a list"
        case shapes.StrType() | shapes.LiteralType():
            return "text"
        case shapes.IntType():
            return "a whole number"
        case shapes.FloatType():
            return "a number"
        case shapes.BoolType():
            return "true or false"
        case shapes.NoneType():
            return "null"
    return "anything"


def describe(kinds: tuple[shapes.Type, ...] | shapes.Type) -> str:
    """What a type accepts, in words: `a number from 0 to 1`."""
    if not isinstance(kinds, tuple):
        kinds = kinds_of(kinds)
    parts: list[str] = []
    for kind in named(kinds):
        part = _detail(kind)
        if isinstance(kind, shapes.ListType) and parts and describe(kind.item_type) == any_of(parts):
            part = "a list of these"
        parts.append(part)
    return any_of(parts)


def named(kinds: tuple[shapes.Type, ...]) -> list[shapes.Type]:
    """The kinds worth a word: not null, and not whole numbers beside numbers."""
    any_number = any(isinstance(kind, shapes.FloatType) for kind in kinds)
    return [
        kind
        for kind in kinds
        if not isinstance(kind, shapes.NoneType) and not (any_number and isinstance(kind, shapes.IntType))
    ]


def _detail(kind: shapes.Type) -> str:
    match kind:
        case shapes.StructType() if len(kind.fields) <= 4:
            return "an object with " + ", ".join(f"`{field.encode_name}`" for field in kind.fields)
        case shapes.ListType(item_type=item):
            inner = describe(item)
            return _LISTS.get(inner.split(" with ")[0], f"a list of which each is {inner}")
        case shapes.TupleType():
            return f"a list of {len(kind.item_types)} values"
        case shapes.LiteralType():
            return any_of([show_plain(value) for value in kind.values])
        case shapes.StrType(pattern="^/"):
            return 'text that begins with "/"'
        case shapes.StrType(pattern=pattern) if pattern == DURATION:
            return 'text such as "500ms", "60s", "5m" or "1h"'
        case shapes.StrType(min_length=low, max_length=high) if low is not None or high is not None:
            if high is None:
                return "text that is not empty" if low == 1 else f"text of at least {low} characters"
            return f"text of {low or 0} to {high} characters"
        case shapes.IntType() | shapes.FloatType():
            return summary(kind) + _bounds(kind)
    return summary(kind)


def _bounds(kind: shapes.IntType | shapes.FloatType) -> str:
    low = kind.ge
    if kind.gt is not None:
        return f" above {kind.gt}" + (f", at most {kind.le}" if kind.le is not None else "")
    if low is not None and kind.le is not None:
        return f" from {low} to {kind.le}"
    if kind.ge is not None:
        return f" of at least {kind.ge}"
    return f" of at most {kind.le}" if kind.le is not None else ""


def any_of(parts: list[str]) -> str:
    """`a, b or c`."""
    parts = list(dict.fromkeys(parts))
    if len(parts) == 1:
        return parts[0]
    last = ", or " if any(" or " in part for part in parts) else " or "
    return ", ".join(parts[:-1]) + last + parts[-1]


def show(value: Any) -> str:
    """A value in a message: its kind, and enough of it to know it again."""
    if isinstance(value, str):
        return f"text {show_plain(value)}" if value else "an empty text"
    if isinstance(value, dict):
        names = ", ".join(map(str, value))
        return f"an object with {cut(names)}" if value else "an empty object"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    return show_plain(value)


def show_plain(value: Any) -> str:
    """A value as JSON, cut if long."""
    try:
        return cut(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError):
        return cut(repr(value))


def cut(text: str) -> str:
    """A text on one line, with an ellipsis where it is long."""
    text = text.replace("\n", "\\n").replace("\r", "\\r")
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"
