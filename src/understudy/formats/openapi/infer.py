"""A JSON Schema for values that were seen: no narrower than they are, and no wider than it has to be.

All values that are given are valid under it. A property is required where all objects have it; a `format` is
said where all texts have it and it can be told for sure; no bounds are guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

Schema = dict[str, Any]
MAX_DEPTH = 64
"""Levels that are looked into; what is deeper may be anything."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_URI = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?", re.ASCII)


def schema_of(values: Iterable[Any]) -> Schema:
    """A schema under which all the values are valid; `{}` if there are none."""
    return _schema(list(values), 0)


def _schema(values: list[Any], depth: int) -> Schema:
    if not values or depth > MAX_DEPTH:
        return {}
    kinds: dict[str, list[Any]] = {}
    for value in values:
        kinds.setdefault(_kind(value), []).append(value)
    if "number" in kinds and "integer" in kinds:
        kinds["number"] += kinds.pop("integer")
    nullable = kinds.pop("null", None) is not None
    found = {kind: _OF_KIND[kind](kinds[kind], depth) for kind in sorted(kinds)}
    if not found:
        return {"type": "null"}
    types = [*found, "null"] if nullable else list(found)
    if len(found) == 1:
        ((_, schema),) = found.items()
        return {**schema, "type": types} if nullable else schema
    if found.keys() <= {"boolean", "integer", "number", "string"}:
        return {"type": types}
    schemas = list(found.values())
    return {"anyOf": [*schemas, {"type": "null"}] if nullable else schemas}


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, dict) else "array"


def _object(values: list[Any], depth: int) -> Schema:
    names = dict.fromkeys(name for value in values for name in value)
    required = [name for name in names if all(name in value for value in values)]
    schema: Schema = {"type": "object"}
    if names:
        schema["properties"] = {
            name: _schema([value[name] for value in values if name in value], depth + 1) for name in names
        }
    if required:
        schema["required"] = required
    return schema


def _array(values: list[Any], depth: int) -> Schema:
    items = _schema([item for value in values for item in value], depth + 1)
    return {"type": "array", "items": items}


def _string(values: list[Any], depth: int) -> Schema:
    for name, has in FORMATS.items():
        if all(map(has, values)):
            return {"type": "string", "format": name}
    return {"type": "string"}


def _is_date(text: str) -> bool:
    return _DATE.fullmatch(text) is not None and _exists(date, text)


def _is_date_time(text: str) -> bool:
    return _DATE_TIME.fullmatch(text) is not None and _exists(datetime, text)


def _exists(kind: Any, text: str) -> bool:
    try:
        kind.fromisoformat(text)
    except ValueError:
        return False
    return True


FORMATS: dict[str, Callable[[str], bool]] = {
    "uuid": lambda text: _UUID.fullmatch(text) is not None,
    "date-time": _is_date_time,
    "date": _is_date,
    "uri": lambda text: _URI.fullmatch(text) is not None,
}
"""Formats that a text can be told to have by how it looks."""

_OF_KIND: dict[str, Callable[[list[Any], int], Schema]] = {
    "array": _array,
    "boolean": lambda values, depth: {"type": "boolean"},
    "integer": lambda values, depth: {"type": "integer"},
    "number": lambda values, depth: {"type": "number"},
    "object": _object,
    "string": _string,
}
