"""Regular expressions that a client's input cannot hang.

Python's `re` backtracks, so that some patterns need exponential time on some input. RE2 needs time linear in
the input (Cox 2007, "Regular Expression Matching Can Be Simple And Fast"), and has no look-around and no
back-references in exchange. It is imported when a config has a pattern that needs it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol


class Found(Protocol):
    """A match: named groups by name."""

    def __getitem__(self, name: str, /) -> str | None: ...


Fullmatch = Callable[[str], Found | None]


class RegexError(ValueError):
    """A pattern that cannot be run in bounded time, or not at all."""


_UNICODE_CLASS = re.compile(r"\\[pP](?:\{\^?[A-Za-z_]+\}|[A-Za-z])")
"""A class of characters as RE2 has it, and Python's `re` not."""


def safe_fullmatch(pattern: str) -> tuple[Fullmatch, tuple[str, ...]]:
    """A function that matches whole strings in linear time, and the names of the pattern's groups."""
    try:
        re.compile(_UNICODE_CLASS.sub("x", pattern))
    except (re.error, OverflowError, RecursionError) as error:  # RE2 takes a{99999999999} for a text
        raise RegexError(f"the regular expression cannot be read: {error}") from None
    compiled = _compile(pattern)
    return compiled.fullmatch, tuple(compiled.groupindex)


def safe_search(pattern: str, *, ignore_case: bool = False) -> Callable[[str], bool]:
    """A function that looks for a match anywhere in a text, in linear time. Raises RegexError."""
    search = _compile(pattern, ignore_case).search
    return lambda text: search(text) is not None


def _compile(pattern: str, ignore_case: bool = False) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        text = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise RegexError(
            f"the regular expression cannot be run in bounded time ({text}): "
            "write it without look-around and back-references"
        ) from None
