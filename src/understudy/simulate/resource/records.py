"""Records, and the texts and ids by which they are found."""

from __future__ import annotations

import re
from typing import Any

import msgspec

MISSING: Any = object()
"""What a record has under a key that it has not."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?(?:[eE][-+]?[0-9]{1,2})?")

Keys = tuple[str, ...]


def text_of(value: Any) -> str:
    """A JSON value as the text that queries compare it with: as JavaScript shows it, objects as JSON."""
    kind = value.__class__
    if kind is str:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is float and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    if kind is list:
        return ",".join("" if item is None else text_of(item) for item in value)
    if kind is dict or value is None:
        return msgspec.json.encode(value).decode()
    return str(value)


def number_of(text: str) -> int | float | None:
    """The number that a text is; None for other texts."""
    if not _NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text or "e" in text or "E" in text else int(text)


def dig(value: Any, keys: Keys) -> Any:
    """What stands behind the keys, or MISSING. A number leads into a list."""
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key, MISSING)
        elif isinstance(value, list) and key.isascii() and key.isdigit() and len(key) < 10:
            value = value[int(key)] if int(key) < len(value) else MISSING
        else:
            return MISSING
    return value


def with_value(record: dict[str, Any], keys: Keys, value: Any) -> dict[str, Any]:
    """A record with another value behind the keys; a new key stands first."""
    key, rest = keys[0], keys[1:]
    if rest:
        inner = record.get(key)
        value = with_value(inner if isinstance(inner, dict) else {}, rest, value)
    return {**record, key: value} if key in record else {key: value, **record}


def is_id(value: Any) -> bool:
    """Whether a value can be an id: a number without a fraction, or a text."""
    return isinstance(value, int | str) and not isinstance(value, bool) and value != ""


def largest_number(records: Any, keys: Keys) -> int | None:
    """The largest id, 0 where there are no records; None if some id is no number."""
    key = keys[0] if len(keys) == 1 else None
    values = [dig(record, keys) if key is None else record.get(key) for record in records]
    return max(0, max(values, default=0)) if set(map(type, values)) <= {int} else None
