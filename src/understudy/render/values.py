"""Plain data as text and as JSON."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import msgspec


def as_text(value: Any) -> str:
    """A value inside text: null is nothing, true and false as in JSON, lists and objects as JSON."""
    if isinstance(value, str):
        return str(value)
    if value is None or callable(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return as_json(value)


def as_json(value: Any) -> str:
    """A value as compact JSON; what JSON has no form for becomes text, and functions become null."""
    return _ENCODER.encode(value).decode()


def json_bytes(value: Any) -> bytes:
    """A value as compact JSON bytes, UTF-8. Raises ValueError when a text in it cannot be UTF-8."""
    return _ENCODER.encode(value)


class Markup(str):
    """Text that is in its final form: the template engine does not escape it again."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def json_markup(value: Any) -> Markup:
    """A value as compact JSON that the template engine puts out as it is."""
    return Markup(as_json(value))


def _unknown(value: Any) -> Any:
    if callable(value):
        return None
    if isinstance(value, str):  # a subclass of str
        return str(value)
    if hasattr(value, "__iter__"):
        return list(value)
    return str(value)


_ENCODER = msgspec.json.Encoder(enc_hook=_unknown)
