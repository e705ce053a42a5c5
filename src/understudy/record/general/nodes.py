"""Places in a reply: values in its JSON, and its headers.

A node is a tuple of keys; `ITEM` stands for any element of a list, so that all elements are looked at as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

ITEM = -1
"""Any element of a list."""
BODY, HEADER = "body", "header"
MAX_NODES = 5_000
"""Values of one reply that are looked at; a larger reply is taken as it is."""

Node = tuple[str | int, ...]
"""`("body", "items", ITEM, "id")`, or `("header", "location")`."""

_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def walk(value: Any, node: Node = (BODY,)) -> Iterator[tuple[Node, Node, Any]]:
    """All values in a JSON value, lists and objects too: the node, the exact place, and the value."""
    level: list[tuple[Node, Node, Any]] = [(node, node, value)]
    while level:
        below: list[tuple[Node, Node, Any]] = []
        for one in level:
            yield one
            general, exact, item = one
            if isinstance(item, dict):
                below += (((*general, key), (*exact, key), inner) for key, inner in item.items())
            elif isinstance(item, list):
                below += (((*general, ITEM), (*exact, at), inner) for at, inner in enumerate(item))
        level = below


def is_larger(value: Any, most: int = MAX_NODES) -> bool:
    """Whether a JSON value has more values in it than so many."""
    return any(count >= most for count, _ in enumerate(walk(value)))


def shown(node: Node) -> str:
    """A node as a JSONPath, or the name of a header."""
    if node[0] == HEADER:
        return str(node[1])
    text = "$"
    for key in node[1:]:
        if key == ITEM:
            text += "[*]"
        elif isinstance(key, str) and _PLAIN.fullmatch(key):
            text += f".{key}"
        else:
            text += "['" + str(key).replace("\\", "\\\\").replace("'", "\\'") + "']"
    return text


def last_key(node: Node) -> str:
    """The name of what is at a node, which elements of a list have from the list."""
    return next((key for key in reversed(node[1:]) if isinstance(key, str)), "")
