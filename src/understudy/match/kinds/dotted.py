"""Values within JSON by a dotted name: `realm_access.roles`, `items.0.sku`."""

from __future__ import annotations

from typing import Any

from understudy.match.kinds.json_tree import MISSING
from understudy.match.kinds.text import json_text

MAX_INDEX_DIGITS = 6


def values_at(tree: Any, name: str) -> list[str]:
    """The value behind a name, as text; the elements of a list are several. None if it is not there."""
    value = find(tree, name)
    if value is MISSING:
        return []
    return [json_text(item) for item in value] if isinstance(value, list) else [json_text(value)]


def find(tree: Any, name: str) -> Any:
    """The value behind a name, or MISSING. A key that has dots itself goes first: `https://a.test/roles`."""
    if isinstance(tree, dict):
        if name in tree:
            return tree[name]
        dot = name.find(".")
        while dot >= 0:
            if name[:dot] in tree:
                found = find(tree[name[:dot]], name[dot + 1 :])
                if found is not MISSING:
                    return found
            dot = name.find(".", dot + 1)
    elif isinstance(tree, list):
        head, _, rest = name.partition(".")
        if head.isascii() and head.isdecimal() and len(head) <= MAX_INDEX_DIGITS and int(head) < len(tree):
            return find(tree[int(head)], rest) if rest else tree[int(head)]
    return MISSING
