"""Plain data → models, by one thread at a time."""

from threading import RLock
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_ONE_AT_A_TIME = RLock()
"""msgspec 0.22 looks into a model when it first meets it, and crashes if two threads do so at once, as two
servers that start at the same time in one process would."""


def convert(data: Any, model: type[T]) -> T:
    """Data as a model. Raises msgspec.ValidationError."""
    with _ONE_AT_A_TIME:
        return msgspec.convert(data, model)
