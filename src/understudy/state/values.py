"""What a store keeps: JSON, checked the same way by every store.

A mock that works with the store in memory shall work with the one on disk, so both refuse the same values.
What they cannot tell apart from JSON comes back as JSON from disk: a tuple as a list, a key that is a
number as text.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

from understudy.state.store import StoreError

MAX_DEPTH = 200
"""Levels of nesting, as many as a config may have: decoding recurses, and Python stops at 1000."""

_encode = msgspec.json.Encoder().encode


def encode(table: str, value: Any) -> bytes:
    """The JSON text of a value. Raises StoreError for what is not JSON: then nothing must change."""
    try:
        text = _encode(value)
    except UnicodeEncodeError:
        raise _refused(
            table, "it has half of a surrogate pair, which is no character and has no UTF-8"
        ) from None
    except RecursionError:
        raise _refused(table, f"it is nested deeper than {MAX_DEPTH} levels") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise _refused(table, f"it is not JSON ({str(error).lower()})") from None
    # Both signs are cheap to look for and rare: the walk through the value is not the common case.
    if b"null" in text or text.count(b"[") + text.count(b"{") > MAX_DEPTH:
        _walk(table, value)
    return text


def check_name(table: str, name: str) -> None:
    """Refuse a space, table or key that cannot be written as UTF-8."""
    if not name.isascii():
        try:
            name.encode()
        except UnicodeEncodeError:
            raise _refused(table, f"its name {name!r} has half of a surrogate pair") from None


def _walk(table: str, value: Any) -> None:
    level = [value]
    depth = 0
    while level:
        deeper: list[Any] = []
        for part in level:
            if isinstance(part, float) and not math.isfinite(part):
                raise _refused(table, f"it has the number {part}, which JSON has not")
            if isinstance(part, dict):
                deeper += part.values()
            elif isinstance(part, list | tuple):
                deeper += part
            else:
                continue
            if depth == MAX_DEPTH:
                raise _refused(table, f"it is nested deeper than {MAX_DEPTH} levels")
        level = deeper
        depth += 1


def _refused(table: str, why: str) -> StoreError:
    return StoreError(f"a row of {table!r} cannot be kept: {why}")
