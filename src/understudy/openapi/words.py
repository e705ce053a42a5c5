"""What does not fit a schema, in the words of Ajv, which clients of Prism know.

Where Ajv tells of each property or each alternative by itself, so does this: one error may become several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from understudy.simulate.validate.explain import Misfit, shown
from understudy.simulate.validate.schema import MASK

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

MAX_NAMES = 100
"""Properties and alternatives that one error tells of."""
MAX_MESSAGE = 600
MAX_NESTING = 10
"""Alternatives within alternatives that are told of."""


def tell(error: ValidationError) -> Iterator[Misfit]:
    """The misfits of one error."""
    yield from _tell(error, 0)


def _tell(error: ValidationError, depth: int) -> Iterator[Misfit]:
    keyword = error.kind.name
    last = str(error.schema_path[-1]) if error.schema_path else ""
    path = tuple(error.instance_path)
    if keyword == "contains" and last in _BY_LAST:
        yield Misfit(path, last, _BY_LAST[last])
        return
    if keyword == "falseSchema" and last == "additionalProperties" and path[-1:] != (last,):
        # told of the whole object, where `properties` names none at all
        yield Misfit(path, last, "must NOT have additional properties")
        return
    if keyword == "required" and last == "dependentRequired":
        keyword = last
    for branch in (getattr(error.kind, "context", None) or ())[:MAX_NAMES]:
        if depth < MAX_NESTING and type(error.kind).__name__ != "OneOfMultipleValid":
            for inner in branch[:MAX_NAMES]:
                yield from _tell(inner, depth + 1)
    if keyword == "propertyNames" and depth < MAX_NESTING:
        yield from _tell(error.kind.error, depth + 1)  # type: ignore[attr-defined]
    say = WORDS.get(keyword)
    said = say(error) if say is not None else [error.message.replace(MASK, shown(error.instance), 1)]
    for message in said:
        yield Misfit(path, AJV_KEYWORDS.get(keyword, keyword), _short(message))


def _short(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}…"


Words = Callable[["ValidationError"], list[str]]


def _limit(text: str) -> Words:
    """A text in which `{}` stands for the schema's limit."""

    def say(error: ValidationError) -> list[str]:
        return [text.format(_number(error.kind.limit))]  # type: ignore[attr-defined]

    return say


def _fixed(text: str) -> Words:
    return lambda error: [text]


def _type(error: ValidationError) -> list[str]:
    types = error.kind.types  # type: ignore[attr-defined]
    return [f"must be {','.join(sorted(types, key=lambda name: name == 'null'))}"]


def _enum(error: ValidationError) -> list[str]:
    options = ", ".join(_plain(one) for one in error.kind.options)  # type: ignore[attr-defined]
    return [f"must be equal to one of the allowed values: {options}"]


def _additional_properties(error: ValidationError) -> list[str]:
    names = error.kind.unexpected[:MAX_NAMES]  # type: ignore[attr-defined]
    return [f"must NOT have additional properties; found '{name}'" for name in names]


def _unevaluated_properties(error: ValidationError) -> list[str]:
    names = error.kind.unexpected[:MAX_NAMES]  # type: ignore[attr-defined]
    return [f"must NOT have unevaluated properties: '{name}'" for name in names]


def _unique(error: ValidationError) -> list[str]:
    seen: dict[bytes, int] = {}
    items: Any = error.instance
    for number in reversed(range(len(items))):
        mark = msgspec.json.encode(items[number])
        if mark in seen:
            return [f"must NOT have duplicate items (items ## {seen[mark]} and {number} are identical)"]
        seen[mark] = number
    return ["must NOT have duplicate items"]  # 1 and 1.0


def _pattern(error: ValidationError) -> list[str]:
    pattern = getattr(error.kind, "pattern", None)
    if pattern is None:  # look-around that would go on for ever
        return ["is not compared with the pattern: it would take too long"]
    return [f'must match pattern "{pattern}"']


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else shown(value)


def _number(value: Any) -> str:
    """A number as JavaScript writes it: without `.0`."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


WORDS: dict[str, Words] = {
    "type": _type,
    "enum": _enum,
    "const": _fixed("must be equal to constant"),
    "required": lambda error: [f"must have required property '{error.kind.property}'"],  # type: ignore[attr-defined]
    "dependentRequired": lambda error: [f"must have property '{error.kind.property}' beside another"],  # type: ignore[attr-defined]
    "additionalProperties": _additional_properties,
    "unevaluatedProperties": _unevaluated_properties,
    "unevaluatedItems": _fixed("must NOT have unevaluated items"),
    "propertyNames": _fixed("property name must be valid"),
    "minimum": _limit("must be >= {}"),
    "maximum": _limit("must be <= {}"),
    "exclusiveMinimum": _limit("must be > {}"),
    "exclusiveMaximum": _limit("must be < {}"),
    "multipleOf": lambda error: [f"must be multiple of {_number(error.kind.multiple_of)}"],  # type: ignore[attr-defined]
    "minLength": _limit("must NOT have fewer than {} characters"),
    "maxLength": _limit("must NOT have more than {} characters"),
    "minItems": _limit("must NOT have fewer than {} items"),
    "maxItems": _limit("must NOT have more than {} items"),
    "minProperties": _limit("must NOT have fewer than {} properties"),
    "maxProperties": _limit("must NOT have more than {} properties"),
    "pattern": _pattern,
    "format": lambda error: [f'must match format "{error.kind.format}"'],  # type: ignore[attr-defined]
    "uniqueItems": _unique,
    "contains": _fixed("must contain at least 1 valid item(s)"),
    "not": _fixed("must NOT be valid"),
    "anyOf": _fixed("must match a schema in anyOf"),
    "oneOf": _fixed("must match exactly one schema in oneOf"),
    "falseSchema": _fixed("boolean schema is false"),
}
"""Ajv's messages (its lib/vocabularies), by the kind of an error."""

AJV_KEYWORDS = {
    "falseSchema": "false schema",
}
"""The keywords that have another name here."""

_BY_LAST = {
    "minContains": "must contain more valid items",
    "maxContains": "must contain fewer valid items",
}
