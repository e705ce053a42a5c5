"""One expression that is found in every text with a secret in it, and in few others.

RE2 runs it as one automaton: a kilobyte takes a few microseconds, where Python would look for each of a
hundred hints in turn. What passes is looked at properly. `tests/record/test_redact.py` holds it against the
TABLEs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from understudy.record.redact.names import FIELDS
from understudy.record.redact.patterns import PATTERNS, Pattern
from understudy.record.redact.placeholders import PREFIX

ESCAPES = r'\\["/u]|%[0-9A-Fa-f]{2}|&[#a-z]'
"""Behind escapes, anything may hide."""
RANDOM = "[A-Za-z0-9+/_=-]{20}"
NAMED = r"(?i:[-?&]sig(?:nature)?=|cookie:)"


@lru_cache(1)
def gate() -> Any:
    """The expression for everything, for bytes; compiled when it is first used."""
    return _compiled([RANDOM, *_named(), *_forms()])


@lru_cache(1)
def named() -> Any:
    """The expression for names alone, and for what may hide some."""
    return _compiled([*_named()])


@lru_cache(1)
def forms() -> Any:
    """The expression for forms of keys alone."""
    return _compiled([*_forms()])


def active(data: bytes) -> tuple[Pattern, ...]:
    """The patterns that may find something in a text, in the order of their TABLE."""
    if forms().search(data) is None:
        return ()
    found = _each().Match(data)
    # a set that ran out of memory says nothing, which an expression never does
    return PATTERNS if found is None else tuple(PATTERNS[at] for at in sorted(found))


@lru_cache(1)
def _each() -> Any:
    """The expressions for forms of keys as a set, which says which of them are found: one per pattern."""
    import re2

    found = re2.Set.SearchSet(_options())
    for one in _forms():
        found.Add(one.encode("ascii"))
    found.Compile()
    return found


def _compiled(pieces: list[str]) -> Any:
    import re2

    return re2.compile("|".join(f"(?:{one})" for one in pieces).encode("ascii"), options=_options())


def _options() -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.encoding = re2.Options.Encoding.LATIN1  # bytes that are no UTF-8 are looked at, too
    return options


def _named() -> Iterator[str]:
    yield from (ESCAPES, NAMED, re.escape(PREFIX), f"(?i:{_names()})")


def _forms() -> Iterator[str]:
    for one in PATTERNS:
        hints = "|".join(map(re.escape, one.hints))
        yield one.gate.pattern if one.gate is not None else f"(?i:{hints})" if one.any_case else hints


def _names() -> str:
    """The endings of names; their words may have anything between that parts words."""
    endings = {ending for endings in FIELDS.values() for ending in endings}
    return "|".join(
        "[^A-Za-z0-9]{0,3}".join(re.escape(word) for word in one.split("_")) for one in sorted(endings)
    )
