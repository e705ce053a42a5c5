"""What a value has to be like: one function per operator of a query, compiled once per query.

A test gets a JSON value, or MISSING. Texts in a query have no type, so `1` fits the number and the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from understudy.match.regex import RegexError, safe_search
from understudy.simulate.resource.records import MISSING, number_of, text_of
from understudy.simulate.resource.refused import Refused

Test = Callable[[Any], bool]
MAX_REGEX_CHARACTERS = 1_000
_NO_OPERATORS = re.compile(r"[A-Za-z0-9 _@:/,;-]+")
"""A regular expression that is only text, for which a search costs a tenth."""


def equals(text: str) -> Test:
    """Is the value, or one of its elements if it is a list."""
    number = number_of(text)

    def test(value: Any) -> bool:
        kind = value.__class__
        if kind is str:
            return bool(value == text)
        if kind is int or kind is float:
            return number is not None and bool(value == number)
        if value is MISSING:
            return False
        if kind is list and any(map(test, value)):
            return True
        return text_of(value) == text

    return test


def differs(text: str) -> Test:
    """Is there, and another value."""
    same = equals(text)
    return lambda value: value is not MISSING and not same(value)


def differs_from_null(text: str) -> Test:
    """As `differs`, but `null` counts as missing, as it did in json-server 0.17."""
    same = equals(text)
    return lambda value: value is not MISSING and value is not None and not same(value)


def one_of(texts: Iterable[str]) -> Test:
    """Is one of the values."""
    tests = [equals(text) for text in texts]
    return lambda value: any(test(value) for test in tests)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[str], Test]:
    def make(text: str) -> Test:
        number = number_of(text)

        def test(value: Any) -> bool:
            kind = value.__class__
            if kind is int or kind is float:
                return number is not None and compare(value, number)
            if kind is str:
                return compare(value, text)
            return kind is bool and number is not None and compare(int(value), number)

        return test

    return make


less = _ordered(lambda value, bound: bool(value < bound))
at_most = _ordered(lambda value, bound: bool(value <= bound))
greater = _ordered(lambda value, bound: bool(value > bound))
at_least = _ordered(lambda value, bound: bool(value >= bound))


def like(pattern: str) -> Test:
    """Has a match of a regular expression somewhere, in whatever capitals. Raises Refused."""
    if len(pattern) > MAX_REGEX_CHARACTERS:
        raise Refused(400, f"a regular expression has at most {MAX_REGEX_CHARACTERS:,} characters")
    if _NO_OPERATORS.fullmatch(pattern):
        wanted = pattern.lower()
        return lambda value: value is not MISSING and value is not None and wanted in text_of(value).lower()
    try:
        search = safe_search(pattern, ignore_case=True)
    except RegexError as error:
        raise Refused(400, str(error)) from None

    def test(value: Any) -> bool:
        if value.__class__ is str:
            return search(value)
        return value is not MISSING and value is not None and search(text_of(value))

    return test


def _folded(compare: Callable[[str, str], bool]) -> Callable[[str], Test]:
    def make(text: str) -> Test:
        wanted = text.lower()

        def test(value: Any) -> bool:
            if value.__class__ is str:
                return compare(value.lower(), wanted)
            return value.__class__ is list and any(
                item.__class__ is str and compare(item.lower(), wanted) for item in value
            )

        return test

    return make


def contains(text: str) -> Test:
    """Has a text in it, in whatever capitals; of a list, one of its elements."""
    wanted = text.lower()

    def test(value: Any) -> bool:
        kind = value.__class__
        if kind is str:
            return wanted in value.lower()
        return kind is list and any(map(test, value))

    return test


starts_with = _folded(lambda value, part: value.startswith(part))
ends_with = _folded(lambda value, part: value.endswith(part))


def any_of(tests: list[Test]) -> Test:
    """Passes one of the tests."""
    if len(tests) == 1:
        return tests[0]
    return lambda value: any(test(value) for test in tests)


def all_of(tests: list[Test]) -> Test:
    """Passes all of the tests."""
    if len(tests) == 1:
        return tests[0]
    return lambda value: all(test(value) for test in tests)


def has_text(value: Any, wanted: str) -> bool:
    """Whether a text stands anywhere in a value: for `q`. `wanted` is in lower case."""
    kind = value.__class__
    if kind is str:
        return wanted in value.lower()
    if kind is dict:
        return any(has_text(item, wanted) for item in value.values())
    if kind is list:
        return any(has_text(item, wanted) for item in value)
    return value is not None and wanted in text_of(value)
