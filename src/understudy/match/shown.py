"""Values as explanations show them: conditions as they were written, what was found cut short."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from msgspec import UNSET, Struct

MAX_SHOWN_BYTES = 300
"""JSON that an explanation shows whole."""
MAX_SHOWN_CHARACTERS = 200
"""Text that an explanation shows whole."""


def as_written(value: Any) -> Any:
    """A condition as the user wrote it: plain data, without the defaults of what was not written."""
    if isinstance(value, Struct):
        written = {}
        for field in _fields(type(value)):
            item = getattr(value, field.name)
            if item is not UNSET and item is not field.default and not _is_made(item, field):
                written[field.encode_name] = as_written(item)
        return written
    if isinstance(value, dict):
        return {key: as_written(item) for key, item in value.items()}
    return [as_written(item) for item in value] if isinstance(value, list) else value


@cache
def _fields(model: type[Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(model)


def _is_made(item: Any, field: msgspec.structs.FieldInfo) -> bool:
    factory = field.default_factory
    return factory is not msgspec.NODEFAULT and bool(item == factory())


def brief(value: Any) -> Any:
    """A value for an explanation: as it is, or the beginning of its JSON if that is long or nested deeply."""
    if isinstance(value, str):
        return short(value)
    try:
        text = msgspec.json.encode(value)
    except RecursionError:
        return "nested too deeply to show"
    return value if len(text) <= MAX_SHOWN_BYTES else f"{text[:MAX_SHOWN_BYTES].decode(errors='replace')}…"


def short(text: str) -> str:
    """The beginning of a long text."""
    return text if len(text) <= MAX_SHOWN_CHARACTERS else f"{text[:MAX_SHOWN_CHARACTERS]}…"
