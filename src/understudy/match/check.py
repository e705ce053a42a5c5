"""A check: one condition on a request, or on a part of one. What all conditions are compiled to."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from understudy.match.facts import Fact
from understudy.match.kinds.text import as_text
from understudy.match.shown import as_written, brief
from understudy.match.values import compile_at
from understudy.model import Condition, Operators

S = TypeVar("S", contravariant=True)

MAX_SHOWN_VALUES = 10
"""Values of one name that an explanation shows."""


class Check(NamedTuple, Generic[S]):
    """One condition: `test` decides, `found` shows what was there. Neither raises.

    `by_client` says that it looks at more than the bytes of the request, `by_state` at what is remembered,
    `by_body` at the request's body. It can hold only where all `facts` do.
    """

    field: str
    expected: Any
    test: Callable[[S], bool]
    found: Callable[[S], Any]
    by_client: bool = False
    by_state: bool = False
    facts: tuple[Fact[S], ...] = ()
    by_body: bool = False


class Unreadable(ValueError):
    """What a condition looks at cannot be looked at, so that it does not hold. The text says why."""


def values_check(
    field: str, written: Condition, read: Callable[[S], Sequence[str]], *keys: str | int
) -> Check[S]:
    """A check of the values that `read` finds, none or many; it may raise Unreadable.

    `keys` lead to the condition. Raises ConditionError.
    """
    passes = compile_at(written, *keys)

    def test(subject: S) -> bool:
        try:
            return passes(read(subject))
        except Unreadable:
            return False

    def found(subject: S) -> Any:
        try:
            values = read(subject)
        except Unreadable as error:
            return str(error)
        if len(values) == 1:
            return brief(values[0])
        return [brief(value) for value in values[:MAX_SHOWN_VALUES]] or None

    facts: tuple[Fact[S], ...] = ()
    if not isinstance(written, Operators):

        def read_safely(subject: S) -> Sequence[Hashable]:
            try:
                return read(subject)
            except Unreadable:
                return ()

        facts = (Fact(field, as_text(written), read_safely),)
    return Check(field, as_written(written), test, found, facts=facts)


def explain(checks: Sequence[Check[S]], subject: S) -> list[dict[str, Any]]:
    """Each condition that is not met: `{field, expected, found}`."""
    return [
        {"field": check.field, "expected": check.expected, "found": check.found(subject)}
        for check in checks
        if not check.test(subject)
    ]
