"""Brackets and the arguments of a call, found among tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from understudy.render.lexer import Token

CONSTANTS = {"true": True, "True": True, "false": False, "False": False, "none": None, "None": None}
UNKNOWN: Any = object()
"""An argument whose value is known only when the template renders."""

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


def depth_at(found: Sequence[Token], stop: int) -> int:
    """How many brackets are open before the index."""
    marks = [token.text for token in found[:stop] if token.kind == "operator"]
    return sum((mark in _OPENING) - (mark in _CLOSING) for mark in marks)


def closing_bracket(found: Sequence[Token], opening: int) -> int:
    """The index of the bracket that closes the one at `opening`; behind the last token if none does."""
    depth = 0
    for at in range(opening, len(found)):
        if found[at].kind == "operator":
            depth += (found[at].text in _OPENING) - (found[at].text in _CLOSING)
            if depth == 0:
                return at
    return len(found)


def split_arguments(found: Sequence[Token], opening: int) -> tuple[list[tuple[str, Any]], bool]:
    """The arguments of the call that opens at the index, and whether any of them is unpacked with `*`.

    Each is (its name or "", its literal value or UNKNOWN).
    """
    arguments: list[tuple[str, Any]] = []
    splat = False
    at = first = opening + 1
    close = closing_bracket(found, opening)
    while at <= close and close < len(found):
        token = found[at]
        if at == close or token.text == ",":
            if at > first:
                splat = splat or found[first].text in {"*", "**"}
                arguments.append(_argument(found[first:at]))
            first = at + 1
        elif token.kind == "operator" and token.text in _OPENING:
            at = closing_bracket(found, at)
        at += 1
    return arguments, splat


def _argument(part: Sequence[Token]) -> tuple[str, Any]:
    name = ""
    if len(part) > 2 and part[1].text == "=" and part[0].kind == "name":
        name, part = part[0].text, part[2:]
    if len(part) != 1:
        return name, UNKNOWN
    (token,) = part
    if token.kind == "string" and "\\" not in token.text:
        return name, token.text[1:-1]
    if token.kind == "number" and token.text.isdecimal():
        return name, int(token.text)
    return name, CONSTANTS.get(token.text, UNKNOWN) if token.kind == "name" else UNKNOWN
