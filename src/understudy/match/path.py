"""Path patterns: what stands in an endpoint's `path`, compiled.

A pattern is split at its slashes. Each segment has a *rank* that says how specific it is; the ranks of all
segments, compared from left to right, order the endpoints that match one path (see `index`).
Everything here works on canonical paths (`request.canonical_path`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from understudy.match.regex import Fullmatch, RegexError, safe_fullmatch
from understudy.model import RegexPath
from understudy.request import canonical_path, decoded_value

LITERAL, MIXED, TYPED, PARAMETER, WILDCARD, REST_PARAMETER, REST, REGEX = range(8)
"""Ranks of a segment, the most specific first."""


class ParameterType(NamedTuple):
    """How the text of a typed parameter looks and what value it becomes."""

    pattern: str
    convert: Callable[[str], Any]


PARAMETER_TYPES: dict[str, ParameterType] = {
    "str": ParameterType(r"[^/]+", decoded_value),
    "int": ParameterType(r"-?[0-9]{1,18}", int),
    "float": ParameterType(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?", float),
    "uuid": ParameterType(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", str),
    "slug": ParameterType(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*", str),
    "date": ParameterType(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])", str),
    "path": ParameterType(r".*", decoded_value),
}

_PIECE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::([a-z]+))?\}|(\*\*?)")


MAX_BACKTRACKING = 2
"""Unbounded pieces that a path may have before it is handed to the linear-time engine."""


class PathSyntaxError(ValueError):
    """A path that cannot be read; the text says what to write instead."""


class Segment(NamedTuple):
    """One piece between two slashes: its rank, its literal text if it has nothing else, its regex."""

    rank: int
    literal: str | None
    regex: str


class PathPattern:
    """A compiled path.

    `literal` is the whole path if it has no parameters. `segments` drive the index; `specificity` orders
    patterns; `match` gives the parameters' values, or None.
    """

    __slots__ = (
        "_converters",
        "_fullmatch",
        "_plain",
        "literal",
        "parameters",
        "segments",
        "source",
        "specificity",
    )

    def __init__(self, path: str | RegexPath) -> None:
        self.literal: str | None = None
        self._converters: list[tuple[str, Callable[[str], Any]]] = []
        self._fullmatch: Fullmatch
        self._plain: _Plain | None = None
        if isinstance(path, RegexPath):
            self.source = path.regex
            self.segments: tuple[Segment, ...] = ()
            self.specificity: tuple[int, ...] = (REGEX,)
            try:
                self._fullmatch, names = safe_fullmatch(path.regex)
            except RegexError as error:
                raise PathSyntaxError(str(error)) from None
            self._converters = [(name, decoded_value) for name in names]
        else:
            self.source = path
            if path in {"*", "**"}:
                path = "/**"
            self.segments = tuple(self._segment(text) for text in path[1:].split("/"))
            self.specificity = tuple(segment.rank for segment in self.segments)
            if not any(self.specificity):
                self.literal = "/" + "/".join(segment.literal or "" for segment in self.segments)
            else:
                self._plain = _plain(self.segments)
            if self.literal is None and self._plain is None:
                self._fullmatch = _compiled(self.segments)
        self.parameters = tuple(name for name, _ in self._converters)

    @property
    def is_plain(self) -> bool:
        """Whether each segment is a literal or one parameter that takes any text but none."""
        return self._plain is not None

    @property
    def takes_all(self) -> bool:
        """Whether it is `/**`, which every path matches."""
        return self.specificity == (REST,)

    def fits(self, path: str) -> bool:
        """Whether the whole canonical path matches."""
        if self.literal is not None:
            return path == self.literal
        if self._plain is not None:
            return self._plain.fits(path.split("/"))
        return self._fullmatch(path) is not None

    def match(self, path: str) -> dict[str, Any] | None:
        """The parameters' values if the whole canonical path matches, else None."""
        if self.literal is not None:
            return {} if path == self.literal else None
        if self._plain is not None:
            pieces = path.split("/")
            if not self._plain.fits(pieces):
                return None
            return {name: decoded_value(pieces[place]) for place, name in self._plain.parameters}
        found = self._fullmatch(path)
        if found is None:
            return None
        return {
            name: convert(text) for name, convert in self._converters if (text := found[name]) is not None
        }

    def values(self, path: str) -> dict[str, Any]:
        """The parameters' values of a path that the index found, perhaps by the trailing-slash rule."""
        if not self.parameters:
            return {}
        found = self.match(path)
        if found is None:
            found = self.match(path[:-1] if path.endswith("/") else path + "/")
        return found or {}

    def _segment(self, text: str) -> Segment:
        if "{" not in text and "}" not in text and "*" not in text:
            literal = canonical_path(text.encode())
            return Segment(LITERAL, literal, re.escape(literal))
        pieces: list[str] = []
        ranks: set[int] = set()
        position = 0
        for found in _PIECE.finditer(text):
            self._literal_piece(text[position : found.start()], text, pieces, ranks)
            position = found.end()
            name, kind, star = found.groups()
            if star:
                ranks.add(REST if star == "**" else WILDCARD)
                whole = len(text) == len(star)
                pieces.append(".*" if star == "**" else "[^/]+" if whole else "[^/]*")
            else:
                pieces.append(self._parameter(name, kind, ranks))
        self._literal_piece(text[position:], text, pieces, ranks)
        regex = "".join(pieces)
        if REST in ranks and text != "**":
            raise PathSyntaxError('"**" stands alone between two slashes, as in "/files/**"')
        if REST_PARAMETER in ranks and not re.fullmatch(r"\{[^{}]*\}", text):
            raise PathSyntaxError("a parameter of type path stands alone between two slashes")
        return Segment(MIXED if LITERAL in ranks or len(ranks) > 1 else ranks.pop(), None, regex)

    def _parameter(self, name: str, kind: str | None, ranks: set[int]) -> str:
        if any(name == known for known, _ in self._converters):
            raise PathSyntaxError(f"two parameters are named {name!r}")
        if kind is not None and kind not in PARAMETER_TYPES:
            raise PathSyntaxError(
                f"{kind!r} is not a type of parameter; there are {', '.join(PARAMETER_TYPES)}"
            )
        ranks.add(REST_PARAMETER if kind == "path" else PARAMETER if kind in {None, "str"} else TYPED)
        self._converters.append((name, PARAMETER_TYPES[kind or "str"].convert))
        return f"(?P<{name}>{PARAMETER_TYPES[kind or 'str'].pattern})"

    @staticmethod
    def _literal_piece(piece: str, segment: str, pieces: list[str], ranks: set[int]) -> None:
        if "{" in piece or "}" in piece:
            raise PathSyntaxError(
                f"{segment!r} has a brace that begins or ends no parameter: write {{name}} or {{name:int}}"
            )
        if piece:
            ranks.add(LITERAL)
            pieces.append(re.escape(canonical_path(piece.encode())))


@lru_cache(maxsize=4096)
def pattern_of(path: str) -> PathPattern:
    """The pattern of a path, made once for all endpoints that have it. Raises PathSyntaxError."""
    return PathPattern(path)


class _Plain(NamedTuple):
    """A path whose segments are literals and single parameters that take any text.

    It needs no regex: to compile one takes as long as all else that is done for an endpoint at load.
    Places are those in `path.split("/")`.
    """

    length: int
    literals: tuple[tuple[int, str], ...]
    parameters: tuple[tuple[int, str], ...]

    def fits(self, pieces: list[str]) -> bool:
        """Whether a path that was split fits."""
        if len(pieces) != self.length:
            return False
        for place, text in self.literals:
            if pieces[place] != text:
                return False
        return "" not in [pieces[place] for place, _ in self.parameters]


def _plain(segments: tuple[Segment, ...]) -> _Plain | None:
    literals: list[tuple[int, str]] = [(0, "")]  # before the first slash
    parameters: list[tuple[int, str]] = []
    for place, segment in enumerate(segments, 1):
        if segment.literal is not None:
            literals.append((place, segment.literal))
        elif found := _ANY_TEXT.fullmatch(segment.regex):
            parameters.append((place, found[1]))
        else:
            return None
    return _Plain(len(segments) + 1, tuple(literals), tuple(parameters))


_ANY_TEXT = re.compile(r"\(\?P<(\w+)>\[\^/\]\+\)")
"""The regex of a segment that is one parameter, and takes any text."""


def _compiled(segments: tuple[Segment, ...]) -> Fullmatch:
    whole = _whole_regex(segments)
    if _backtracking(segments) > MAX_BACKTRACKING:
        return safe_fullmatch("(?s)" + whole)[0]
    return re.compile(whole, re.DOTALL).fullmatch


def _whole_regex(segments: tuple[Segment, ...]) -> str:
    """One regex for all segments. `/a/**` takes `/a` too, so the slash before `**` belongs to it."""
    parts = []
    for number, segment in enumerate(segments):
        if segment.rank == REST:
            last = number == len(segments) - 1
            parts.append(r"(?:/.*)?" if last else r"(?:/.*)??")
        else:
            parts.append("/" + segment.regex)
    return "".join(parts)


def _backtracking(segments: tuple[Segment, ...]) -> int:
    """How many unbounded pieces could fight over the same text: time grows with this power of its length."""
    across = sum(segment.rank in {REST, REST_PARAMETER} for segment in segments)
    return across + max(segment.regex.count("[^/]") for segment in segments)
