"""Conditions on a body as JSON: what JSONPath expressions (RFC 9535) find in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from understudy.match.bodies.json import not_json, value_of
from understudy.match.check import Check, Unreadable, values_check
from understudy.match.kinds.error import ConditionError
from understudy.match.kinds.json_tree import MISSING
from understudy.match.kinds.text import json_text
from understudy.match.regex import Fullmatch, RegexError, safe_fullmatch
from understudy.model import BodyConditions
from understudy.views.content import Content

if TYPE_CHECKING:
    import jsonpath

MAX_NODES = (100_000, 50_000, 10_000, 2_000, 500)
"""Values that a body may have for an expression with so many `..` and `?` (more count as the last).

Each of them may go through everything below every value that the ones before it found, so that the work
grows with a power of the size of what a client sends.
"""
MAX_PATTERN_CHARACTERS = 1000


def compile_json_path(written: BodyConditions) -> list[Check[Content]]:
    """One of the results of each expression meets its condition."""
    assert isinstance(written.json_path, dict), "only called where it is written"
    return [
        values_check(f"json_path.{path}", condition, _reader(path), "json_path", path)
        for path, condition in written.json_path.items()
    ]


def _reader(path: str) -> Callable[[Content], list[str]]:
    import jsonpath

    try:
        compiled = environment().compile(path)
    except jsonpath.JSONPathError as error:
        raise ConditionError(f"this is not a JSONPath: {error}", ("json_path", path)) from None
    wide = path.count("..") + path.count("?")
    bounded = wide or "*" in path or ":" in path
    most = MAX_NODES[min(wide, len(MAX_NODES) - 1)]

    def read(content: Content) -> list[str]:
        value = value_of(content)
        if value is MISSING:
            raise Unreadable(not_json(content))
        if not isinstance(value, dict | list):
            return []
        if bounded and has_more_than(most, value):
            raise Unreadable(f"not looked at: this expression is given at most {most} values")
        try:
            return [json_text(result) for result in compiled.findall(value)]
        except (jsonpath.JSONPathError, RecursionError):
            raise Unreadable("not looked at: nested too deeply for this expression") from None

    return read


def has_more_than(most: int, value: Any) -> bool:
    """Whether a JSON value has more than so many values in it, itself among them."""
    count, stack = 1, [value]
    while stack:
        top = stack.pop()
        count += len(top)
        if count > most:
            return True
        stack += [item for item in (top.values() if type(top) is dict else top) if type(item) in (dict, list)]
    return False


@lru_cache(maxsize=1)
def environment() -> jsonpath.JSONPathEnvironment:
    """JSONPath as in RFC 9535, with `match` and `search` that a client's text cannot hang."""
    import jsonpath
    from jsonpath.function_extensions import ExpressionType, FilterFunction

    class Regex(FilterFunction):
        arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]  # noqa: RUF012 - as the library has it
        return_type = ExpressionType.LOGICAL

        def __init__(self, around: str) -> None:
            self.around = around

        def __call__(self, value: object, pattern: object) -> bool:
            if not isinstance(value, str) or not isinstance(pattern, str):
                return False
            fullmatch = _fullmatch(f"{self.around}(?:{_dots(pattern)}){self.around}")
            return fullmatch is not None and fullmatch(value) is not None

    environment = jsonpath.JSONPathEnvironment(strict=True)
    environment.function_extensions["match"] = Regex("")
    environment.function_extensions["search"] = Regex("(?s:.*)")
    return environment


_PIECE = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\.", re.DOTALL)


def _dots(pattern: str) -> str:
    """A pattern with its dots spelled out: in an I-Regexp they take no line break (RFC 9485 section 5.4)."""
    return _PIECE.sub(lambda piece: r"[^\n\r]" if piece[0] == "." else piece[0], pattern)


@lru_cache(maxsize=256)
def _fullmatch(pattern: str) -> Fullmatch | None:
    """A pattern, perhaps from the body; one that cannot be read matches nothing (RFC 9535 section 2.4.6)."""
    if len(pattern) > MAX_PATTERN_CHARACTERS:
        return None
    try:
        return safe_fullmatch(pattern)[0]
    except RegexError:
        return None
