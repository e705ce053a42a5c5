"""Coroutines run to their end by hand, which those that need nothing but memory come to."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
MAX_TURNS = 10_000
"""How often a coroutine may let others go first, where there are none."""


def driven(work: Coroutine[Any, Any, T]) -> T | None:
    """What a coroutine gives; None if it waits for something, and then it is ended."""
    try:
        for _ in range(MAX_TURNS):
            if work.send(None) is not None:
                break
    except StopIteration as done:
        value: T = done.value
        return value
    work.close()
    return None
