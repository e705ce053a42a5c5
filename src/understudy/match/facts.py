"""What a condition needs to be equal: from the values of a request to the endpoints that may take it.

A fact says of a check that it can only hold where a value is among those that `read` finds. Many endpoints of
one path usually differ in such a value (`json: {kind: …}`), so that a look-up leaves few of them to ask.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

S = TypeVar("S", contravariant=True)

MAX_FACTS = 16
"""Most facts that are taken from one pattern."""


class Fact(NamedTuple, Generic[S]):
    """`key` names what is looked at: equal keys read the same."""

    key: str
    value: Hashable
    read: Callable[[S], Sequence[Hashable]]


def json_facts(pattern: Any, value_of: Callable[[S], Any]) -> tuple[Fact[S], ...]:
    """The plain values in the objects of a JSON pattern, by the names that lead to them."""
    found: list[Fact[S]] = []
    front: list[tuple[tuple[str, ...], Any]] = [((), pattern)]
    while front and len(found) < MAX_FACTS:
        path, value = front.pop(0)
        if isinstance(value, dict):
            front += [((*path, key), item) for key, item in value.items()]
        elif path and not isinstance(value, list) and not (isinstance(value, str) and value.startswith("#")):
            found.append(Fact(f"json {path}", _tagged(value), _reader(path, value_of)))
    return tuple(found)


def _reader(path: tuple[str, ...], value_of: Callable[[S], Any]) -> Callable[[S], Sequence[Hashable]]:
    def read(subject: S) -> Sequence[Hashable]:
        value = value_of(subject)
        for key in path:
            if not isinstance(value, dict) or key not in value:
                return ()
            value = value[key]
        return () if isinstance(value, dict | list) else (_tagged(value),)

    return read


def _tagged(value: Any) -> Hashable:
    """A JSON value that is equal to another only if JSON says so: 1 is 1.0, but not true."""
    if isinstance(value, str):
        return value
    return (value is None or isinstance(value, bool), value)
