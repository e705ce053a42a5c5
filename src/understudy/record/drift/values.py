"""Values of JSON bodies beside each other: which are others now, where both have the same shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from understudy.record.drift.checks import Drift, drift
from understudy.record.drift.shape import MAX_DEPTH, MAX_NODES, MAX_PLACES, place_in
from understudy.record.looks import is_redacted, is_volatile_number, look_alike

KEYS = ("id", "uuid", "_id", "key", "slug", "code", "name")
"""Members by which the items of two arrays belong together, if all items have one and each its own."""
MAX_SEGMENTS = 100

Same = Callable[[str, str], bool]


def same_text(recorded: str, now: str) -> bool:
    """Whether two texts say the same, or look like the same kind of id, time or token.

    What was redacted is like any text. Links are compared segment by segment.
    """
    if recorded == now or is_redacted(recorded) or is_redacted(now) or look_alike(recorded, now):
        return True
    if not recorded.startswith(("/", "http:", "https:")):
        return False
    one, other = recorded.split("/", MAX_SEGMENTS), now.split("/", MAX_SEGMENTS)
    return len(one) == len(other) and all(a == b or look_alike(a, b) for a, b in zip(one, other, strict=True))


def compare_values(
    recorded: Any, now: Any, same: Same = same_text, *, zero_is_any: bool = False
) -> list[Drift]:
    """The first other value of each place, and arrays with another number of items.

    `zero_is_any`: a 0 may be a number that was redacted.
    """
    found: dict[tuple[str, str], Drift] = {}
    waiting: list[tuple[Any, Any, str, str, int]] = [(recorded, now, "$", "", 0)]
    for _ in range(MAX_NODES):
        if not waiting or len(found) >= MAX_PLACES:
            break
        one, other, place, name, depth = waiting.pop()
        match one, other:
            case dict(), dict() if depth < MAX_DEPTH:
                inner = [
                    (item, other[key], place_in(place, key), key, depth + 1)
                    for key, item in one.items()
                    if key in other
                ]
                waiting += reversed(inner)
            case list(), list() if depth < MAX_DEPTH:
                if len(one) != len(other) and other:
                    found.setdefault(
                        ("array-length", place), drift("array-length", place, len(one), len(other))
                    )
                pairs = [(item, twin, f"{place}[*]", name, depth + 1) for item, twin in _paired(one, other)]
                waiting += reversed(pairs)
            case _ if _differ(one, other, name, same) and not (zero_is_any and one == 0):
                found.setdefault(("values", place), drift("values", place, _shown(one), _shown(other)))
    return list(found.values())


def _differ(one: Any, other: Any, name: str, same: Same) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return not same(one, other)
    if isinstance(one, bool) or isinstance(other, bool):
        return isinstance(one, bool) and isinstance(other, bool) and one is not other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one != other and not is_volatile_number(name, one, other)
    return False  # another type, of which the shape tells


def _paired(one: list[Any], other: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Items that belong together: by a key, else by their order."""
    for key in KEYS:
        known, twins = _by_key(one, key), _by_key(other, key)
        if known is not None and twins is not None and known.keys() & twins.keys():
            return ((item, twins[name]) for name, item in known.items() if name in twins)
    return zip(one, other, strict=False)


def _by_key(items: list[Any], key: str) -> dict[Any, Any] | None:
    found = {
        item[key]: item for item in items if isinstance(item, dict) and isinstance(item.get(key), str | int)
    }
    return found if found and len(found) == len(items) else None


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
