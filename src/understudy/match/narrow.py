"""Of many endpoints for one path and method, those that a request can be for, by one look-up.

The endpoints are put under the values that their conditions need to be equal (`match.facts`), by the fact
that tells most of them apart; what is left of a group is divided in the same way again. The plain twin asks
all of them in order, and a test holds the one against the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Generic, Protocol, TypeVar

from understudy.match.conditions import Conditions
from understudy.match.facts import Fact
from understudy.request import Request

FEW = 8
"""Endpoints that are asked one by one: a look-up would cost as much."""
MAX_DEPTH = 4
MAX_COPIES = 100_000
"""Endpoints without the fact stand in the group of each value; this often, at most."""


class Conditional(Protocol):
    """What narrowing needs to know of an endpoint."""

    conditions: Conditions | None


E = TypeVar("E", bound=Conditional)


class Narrowing(Generic[E]):
    """Endpoints in the order in which they are asked, and a way to skip most of them."""

    __slots__ = ("_all", "_groups", "_others", "_read")

    def __init__(self, entries: Sequence[E], fact: Fact[Request], depth: int) -> None:
        self._all = tuple(entries)
        self._read = fact.read
        values: dict[Hashable, list[E]] = {}
        others: list[E] = []
        for entry in entries:
            own = _facts(entry).get(fact.key)
            if own is None:
                others.append(entry)
                for group in values.values():
                    group.append(entry)
            else:
                if own.value not in values:
                    values[own.value] = list(others)  # all that came before it
                values[own.value].append(entry)
        self._groups = {value: narrowed(group, depth + 1, fact.key) for value, group in values.items()}
        self._others = narrowed(others, depth + 1, fact.key)

    def pick(self, request: Request) -> tuple[E, ...]:
        """Those that may take the request, in order."""
        values = self._read(request)
        if len(values) > 1:  # a repeated name: any of its values may be the one
            return self._all
        found = self._groups.get(values[0], self._others) if values else self._others
        return found if isinstance(found, tuple) else found.pick(request)


def narrowed(entries: Sequence[E], depth: int = 0, known: str = "") -> tuple[E, ...] | Narrowing[E]:
    """The endpoints, with a look-up in front if there are many and something tells them apart."""
    if len(entries) <= FEW or depth >= MAX_DEPTH:
        return tuple(entries)
    facts: dict[str, Fact[Request]] = {}
    values: dict[str, Counter[Hashable]] = {}
    for entry in entries:
        for key, fact in _facts(entry).items():
            facts.setdefault(key, fact)
            values.setdefault(key, Counter())[fact.value] += 1
    best, least = None, len(entries) / 2
    for key, counts in values.items():
        if key == known:
            continue
        others = len(entries) - sum(counts.values())
        left = others + max(counts.values())
        if left < least and others * len(counts) <= MAX_COPIES:
            best, least = key, left
    return tuple(entries) if best is None else Narrowing(entries, facts[best], depth)


def _facts(entry: E) -> dict[str, Fact[Request]]:
    if entry.conditions is None:
        return {}
    return {fact.key: fact for check in reversed(entry.conditions.checks) for fact in reversed(check.facts)}
