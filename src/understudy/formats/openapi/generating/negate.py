"""What a schema refuses, as schemas: `not`, the other arm of `if`, and the other branches of `oneOf`.

The answer is a list of schemas of which one at least must hold, or None where it cannot be said; every value
that the schema refuses is in one of them, or some are left out. So data made from them is still checked,
but is seldom wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_KINDS = ("null", "boolean", "object", "array", "string", "number", "integer")
_BOUNDS = {
    "minimum": ("number", "exclusiveMaximum", 0),
    "maximum": ("number", "exclusiveMinimum", 0),
    "exclusiveMinimum": ("number", "maximum", 0),
    "exclusiveMaximum": ("number", "minimum", 0),
    "minLength": ("string", "maxLength", -1),
    "maxLength": ("string", "minLength", 1),
    "minItems": ("array", "maxItems", -1),
    "maxItems": ("array", "minItems", 1),
    "minProperties": ("object", "maxProperties", -1),
    "maxProperties": ("object", "minProperties", 1),
}
"""Keyword → the type it speaks of, the keyword that says the opposite, and what is added to its value."""
_TYPED: dict[str, dict[str, Any]] = {
    "pattern": {"type": ["string"]},
    "multipleOf": {"type": ["number"]},
    "uniqueItems": {"type": ["array"], "minItems": 2},
    "format": {"type": ["string"]},
}
"""Keywords whose opposite no keyword says, and what does not meet them at least is."""
_OTHER = "other"
"""A name for a property that a schema does not name; if one of its patterns does, the check will tell."""
_MAX_DEPTH = 6
_MAX_ALTERNATIVES = 12


def negate(schema: Any, target: Callable[[str], Any], depth: int = 0) -> list[dict[str, Any]] | None:
    """Schemas of which one holds where `schema` does not. `target` follows references."""
    if isinstance(schema, bool):
        return [] if schema else [{}]
    if depth > _MAX_DEPTH:
        return None
    found: list[dict[str, Any]] = []
    known = False
    for part in _parts(schema, target, depth):
        known = known or part is not None
        found += part or ()
    if not set(schema) - {"default", "examples", "example"}:
        return []
    return found[:_MAX_ALTERNATIVES] if known else None


def _parts(
    schema: dict[str, Any], target: Callable[[str], Any], depth: int
) -> list[list[dict[str, Any]] | None]:
    """The opposite of each keyword: where one is not met, the whole is not."""
    parts: list[list[dict[str, Any]] | None] = []

    def inner(value: Any) -> list[dict[str, Any]] | None:
        return negate(value, target, depth + 1)

    if "type" in schema:
        kinds = schema["type"]
        others = [
            kind for kind in _KINDS if kind not in kinds and not (kind == "integer" and "number" in kinds)
        ]
        parts.append([{"type": others}] if others else [])
    for keyword, (kind, opposite, more) in _BOUNDS.items():
        bound = schema.get(keyword)
        if isinstance(bound, int | float) and not (more and bound + more < 0):
            parts.append([{"type": [kind], opposite: bound + more}])
    for name in schema.get("required", ()):
        parts.append([{"type": ["object"], "properties": {name: False}}])
    for name, value in schema.get("properties", {}).items():
        if (opposites := inner(value)) is not None:
            parts.append(
                [{"type": ["object"], "required": [name], "properties": {name: one}} for one in opposites]
            )
    if "items" in schema and (opposites := inner(schema["items"])) is not None:
        parts.append([{"type": ["array"], "minItems": 1, "contains": one} for one in opposites])
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        if keyword in schema and _OTHER not in schema.get("properties", {}):
            opposites = inner(schema[keyword])
            if opposites is not None:
                parts.append(
                    [
                        {"type": ["object"], "required": [_OTHER], "properties": {_OTHER: one}}
                        for one in opposites
                    ]
                )
    if "contains" in schema and (opposites := inner(schema["contains"])) is not None:
        parts.append(
            [{"type": ["array"], "items": one} for one in opposites] or [{"type": ["array"], "maxItems": 0}]
        )
    if "$ref" in schema:
        parts.append(inner(target(schema["$ref"])))
    for value in schema.get("allOf", ()):
        parts.append(inner(value))
    if "not" in schema:
        parts.append([schema["not"]] if isinstance(schema["not"], dict) else [{}] if schema["not"] else [])
    if "anyOf" in schema:
        opposites_of_all = [inner(value) for value in schema["anyOf"]]
        if all(one is not None for one in opposites_of_all):
            parts.append([{"allOf": [{"anyOf": one} if one else False for one in opposites_of_all]}])
    # alone and at the top these would only say again what is asked: the type is all that helps
    alone = depth == 0 and len(schema) == 1
    if ("const" in schema or "enum" in schema) and not alone:
        parts.append([{"not": {key: schema[key] for key in ("const", "enum") if key in schema}}])
    for keyword, narrowed in _TYPED.items():
        if keyword in schema:
            parts.append([narrowed if alone else {**narrowed, "not": {keyword: schema[keyword]}}])
    return parts
