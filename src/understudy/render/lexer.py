"""A template cut into text, expressions, blocks and comments, and an expression into tokens.

This reads only as much Jinja syntax as is needed to know the names in a template and where they stand;
whether it is well-formed is for minijinja to say. Offsets count characters of the template.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Kind = Literal["text", "expression", "block", "comment", "raw"]
TokenKind = Literal["name", "string", "number", "operator"]

_OPENERS = re.compile(r"\{\{|\{%|\{#")
_CLOSERS = {"{{": "}}", "{%": "%}"}
_RAW_OPEN = re.compile(r"\{%[-+]?\s*raw\s*[-+]?%\}")
_RAW_CLOSE = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<name>[^\W\d]\w*)
    | (?P<string>"(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*')
    | (?P<number>0[xXoObB][\da-fA-F_]+ | \d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<operator>==|!=|<=|>=|//|\*\*|.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_SKIP_TO_CLOSER = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{}]|%\}""", re.DOTALL)


class Piece(NamedTuple):
    """A part of a template: `source` is all of it, `inner` what stands between the delimiters."""

    kind: Kind
    source: str
    inner: str = ""
    left: str = ""
    right: str = ""


class Token(NamedTuple):
    """A token of an expression; `start` and `end` are offsets in it."""

    kind: TokenKind
    text: str
    start: int
    end: int


def is_template(text: str) -> bool:
    """Whether the text has any template syntax in it."""
    return "{" in text and _OPENERS.search(text) is not None


def pieces(source: str) -> list[Piece]:
    """The parts of a template in order. Raises ValueError where a part is not closed."""
    found: list[Piece] = []
    at = 0
    while match := _OPENERS.search(source, at):
        start = match.start()
        if start > at:
            found.append(Piece("text", source[at:start]))
        at = _read(source, start, match.group(), found)
    if at < len(source):
        found.append(Piece("text", source[at:]))
    return found


def _read(source: str, start: int, opener: str, found: list[Piece]) -> int:
    """Read the part that begins at `start`; the offset behind it."""
    if opener == "{#":
        end = source.find("#}", start + 2) + 2
        if end < 2:
            raise ValueError("the comment is not closed with #}")
        found.append(Piece("comment", source[start:end]))
        return end
    if raw := _RAW_OPEN.match(source, start):
        close = _RAW_CLOSE.search(source, raw.end())
        if close is None:
            raise ValueError("the raw block is not closed with {% endraw %}")
        found.append(Piece("raw", source[start : close.end()]))
        return close.end()
    end = _closer(source, start + 2, _CLOSERS[opener])
    inner = source[start + 2 : end - 2]
    left = right = ""
    if inner[:1] in ("-", "+"):
        left, inner = inner[0], inner[1:]
    if inner[-1:] in ("-", "+"):
        right, inner = inner[-1], inner[:-1]
    kind: Kind = "expression" if opener == "{{" else "block"
    found.append(Piece(kind, source[start:end], inner, left, right))
    return end


def _closer(source: str, at: int, closer: str) -> int:
    """The offset behind the closer, past strings and braces of mappings."""
    depth = 0
    for match in _SKIP_TO_CLOSER.finditer(source, at):
        mark = match.group()
        if mark == "{":
            depth += 1
        elif mark == "}":
            if depth:
                depth -= 1
            elif closer == "}}" and source.startswith("}}", match.start()):
                return match.start() + 2
        elif mark == closer and not depth:
            return match.end()
    name = "expression" if closer == "}}" else "block"
    raise ValueError(f"the {name} is not closed with {closer}")


def tokens(inner: str) -> list[Token]:
    """The tokens of an expression, or of what stands inside a block."""
    return [
        Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup), match.end())  # type: ignore[arg-type]
        for match in _TOKEN.finditer(inner)
        if match.lastgroup and match[match.lastgroup].strip()
    ]
