"""Which schemas lie on a common circle of references (Tarjan 1972, strongly connected components)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from understudy.formats.openapi.generating.lift import Lifter, children


class Circles:
    """The circles among copied schemas. Schemas that were looked at once are not again."""

    def __init__(self, lifter: Lifter) -> None:
        self._lifter = lifter
        self._circle: dict[int, int] = {}
        """Schema → the number of its circle; those on none are left out."""
        self._seen: dict[int, int] = {}
        self._kept: list[Any] = []

    def __bool__(self) -> bool:
        return bool(self._circle)

    def share(self, some: Iterable[dict[str, Any]], others: Iterable[dict[str, Any]]) -> bool:
        """Whether some schemas lead back to others that lead to them."""
        circle = self._circle
        if not circle:
            return False
        numbers = {circle[id(one)] for one in some if id(one) in circle}
        return bool(numbers) and any(circle.get(id(other)) in numbers for other in others)

    def look_at(self, schema: Any) -> None:
        """Finds the circles that a schema leads to."""
        if not isinstance(schema, dict) or id(schema) in self._seen:
            return
        self._kept.append(schema)
        seen, low = self._seen, {}
        stack: list[dict[str, Any]] = []
        waiting: set[int] = set()
        path: list[tuple[dict[str, Any], Iterator[dict[str, Any]]]] = []

        def enter(one: dict[str, Any]) -> None:
            seen[id(one)] = low[id(one)] = len(seen)
            stack.append(one)
            waiting.add(id(one))
            path.append((one, self._inner(one)))

        enter(schema)
        while path:
            one, rest = path[-1]
            inner = next(rest, None)
            if inner is not None:
                if id(inner) not in seen:
                    enter(inner)
                elif id(inner) in waiting:
                    low[id(one)] = min(low[id(one)], seen[id(inner)])
                continue
            path.pop()
            if path:
                above = id(path[-1][0])
                low[above] = min(low[above], low[id(one)])
            if low[id(one)] != seen[id(one)]:
                continue
            members = []
            while True:
                member = stack.pop()
                waiting.discard(id(member))
                members.append(member)
                if member is one:
                    break
            if len(members) > 1 or any(inner is one for inner in self._inner(one)):
                for member in members:
                    self._circle[id(member)] = seen[id(one)]

    def _inner(self, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for _, inner in children(schema):
            if isinstance(inner, dict):
                yield inner
        if "$ref" in schema:
            target = self._lifter.target(schema["$ref"])
            if isinstance(target, dict):
                yield target
