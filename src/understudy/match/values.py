"""A condition on one value, or on the values of one name, compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec import UNSET

from understudy.match.kinds import OPERATORS, Test
from understudy.match.kinds.error import ConditionError
from understudy.match.kinds.text import as_text
from understudy.model import Condition, Operators

T = TypeVar("T")

ValuesTest = Callable[[Sequence[str]], bool]
"""Whether the values of one name pass. There are none if the name is not there."""


def at(work: Callable[[], T], *keys: str | int) -> T:
    """What `work` gives; a ConditionError from it is seen from where `keys` begin."""
    try:
        return work()
    except ConditionError as error:
        raise error.at(*keys) from None


def compile_at(condition: Condition, *keys: str | int) -> ValuesTest:
    """The test for a condition that `keys` lead to. Raises ConditionError."""
    return at(lambda: compile_condition(condition), *keys)


def compile_condition(condition: Condition) -> ValuesTest:
    """The test for a condition. Raises ConditionError."""
    if not isinstance(condition, Operators):
        wanted = as_text(condition)
        return lambda values: wanted in values
    tests = _value_tests(condition)
    groups = _group_tests(condition)
    if not tests and not groups:
        return bool  # `{}`: it is there
    if not tests:
        return groups[0] if len(groups) == 1 else lambda values: all(group(values) for group in groups)
    value_test = tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)
    quantifier = all if condition.every else any
    if not groups:
        return lambda values: bool(values) and quantifier(map(value_test, values))
    return lambda values: (
        bool(values) and quantifier(map(value_test, values)) and all(group(values) for group in groups)
    )


def _value_tests(condition: Operators) -> list[Test]:
    """What must hold of one and the same value."""
    tests = []
    for name, kind in OPERATORS.items():
        operand = getattr(condition, name)
        if operand is not UNSET:
            tests.append(at(lambda k=kind, o=operand: k.compile(o, condition.ignore_case), name))  # type: ignore[misc]
    return tests


def _group_tests(condition: Operators) -> list[ValuesTest]:
    """What must hold of all the values of a name together."""
    groups: list[ValuesTest] = []
    if condition.present is not UNSET:
        wanted = condition.present
        groups.append(lambda values: bool(values) is wanted)
    if condition.absent is not UNSET:
        unwanted = condition.absent
        groups.append(lambda values: bool(values) is not unwanted)
    if condition.includes is not UNSET:
        needed = [as_text(item) for item in condition.includes]
        groups.append(lambda values: all(item in values for item in needed))
    if condition.exactly is not UNSET:
        exact = sorted(as_text(item) for item in condition.exactly)
        groups.append(lambda values: sorted(values) == exact)
    if condition.not_ is not UNSET:
        refused = compile_at(condition.not_, "not")
        groups.append(lambda values: not refused(values))
    if condition.all is not UNSET:
        every = [compile_at(inner, "all", number) for number, inner in enumerate(condition.all)]
        groups.append(lambda values: all(test(values) for test in every))
    if condition.any is not UNSET:
        some = [compile_at(inner, "any", number) for number, inner in enumerate(condition.any)]
        groups.append(lambda values: any(test(values) for test in some))
    return groups
