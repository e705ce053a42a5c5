"""Texts that match a regular expression, of a wanted length.

Python's own parser reads the pattern; the few things that JSON Schema's dialect (ECMA-262) writes otherwise
are translated before. Each part of the pattern knows the least and the greatest length of its texts, so that
a sequence can give each part its share. Nothing is searched for: a text is written in one go, and what a
generator cannot promise (look-around, back to a boundary) is left to the caller's check.
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Sequence
from typing import Any

from understudy.formats.openapi.generating.base import Stream

UNBOUNDED = 1 << 30
"""The greatest length of what may go on for ever."""
_SHORT = 64
USUAL_REPEATS = 6
"""Repeats above the least, where the pattern leaves the number open."""

_PRINTABLE = [chr(code) for code in range(32, 127)]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_WORD = _LETTERS + _LETTERS.upper() + _DIGITS + "_"
_PROPERTIES = {
    "N": "0-9",
    "Nd": "0-9",
    "Lu": "A-Z",
    "Ll": "a-z",
    "P": "!-/:-@",
    "Z": " ",
    "Zs": " ",
    "S": "+<->",
}


class PatternError(ValueError):
    """A pattern that nothing can be written for; the text says why."""


class Part:
    """A part of a pattern. Texts are `least` to `most` characters long."""

    least = 0
    most = 0

    def write(self, stream: Stream, low: int, high: int, groups: dict[int, str]) -> str:
        """A text with at least `low` and at most `high` characters, as near as the part can get."""
        return ""


class _Characters(Part):
    least = most = 1

    def __init__(self, choices: Sequence[str]) -> None:
        self.choices = choices

    def write(self, stream: Stream, low: int, high: int, groups: dict[int, str]) -> str:
        choices = self.choices
        return choices[stream.below(len(choices))] if len(choices) > 1 else choices[0]


class _Run(Part):
    """A sequence of single characters."""

    def __init__(self, parts: Sequence[_Characters]) -> None:
        self.parts = parts
        self._choices = [(part.choices, len(part.choices)) for part in parts]
        self.least = self.most = len(parts)

    def write(self, stream: Stream, low: int, high: int, groups: dict[int, str]) -> str:
        below = stream.below
        return "".join(
            [choices[below(count)] if count > 1 else choices[0] for choices, count in self._choices]
        )


class _Sequence(Part):
    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.least = sum(part.least for part in parts)
        self.most = min(UNBOUNDED, sum(part.most for part in parts))

    def write(self, stream: Stream, low: int, high: int, groups: dict[int, str]) -> str:
        found = []
        least, most = self.least, sum(part.most for part in self.parts)
        for part in self.parts:
            least -= part.least
            most -= part.most
            text = part.write(stream, max(part.least, low - most), max(part.least, high - least), groups)
            found.append(text)
            low -= len(text)
            high -= len(text)
        return "".join(found)


class _Choice(Part):
    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.least = min(part.least for part in parts)
        self.most = max(part.most for part in parts)

    def write(self, stream: Stream, low: int, high: int, groups: dict[int, str]) -> str:
        fitting = [part for part in self.parts if part.least <= high and part.most >= low] or self.parts
        return fitting[stream.below(len(fitting))].write(stream, low, high, groups)


class _Repeat(Part):
    def __init__(self, part: Part, low: int, high: int) -> None:
        self.part = part
        self.low = low
        self.high = high
        self.least = min(UNBOUNDED, low * part.least)
        self.most = min(UNBOUNDED, high * part.most)

    def write(self, stream: Stream, low: int, high: int, groups: dict[int, str]) -> str:
        part = self.part
        fewest, most = self.low, self.high
        if part.most and low > fewest * part.most:
            fewest = min(most, -(-low // part.most))
        if part.least:
            most = min(most, max(self.low, high // part.least))
        fewest = min(fewest, most)
        if self.high > 1:  # `*` is better shown with something in it
            fewest = max(fewest, min(1, most))
            most = min(most, fewest + USUAL_REPEATS)
        count = fewest + stream.below(most - fewest + 1)
        found = []
        for left in range(count - 1, -1, -1):
            text = part.write(
                stream,
                max(part.least, low - left * part.most),
                max(part.least, high - left * part.least),
                groups,
            )
            found.append(text)
            low -= len(text)
            high -= len(text)
        return "".join(found)


class _Group(Part):
    def __init__(self, number: int, part: Part) -> None:
        self.number = number
        self.part = part
        self.least, self.most = part.least, part.most

    def write(self, stream: Stream, low: int, high: int, groups: dict[int, str]) -> str:
        text = groups[self.number] = self.part.write(stream, low, high, groups)
        return text


class _Again(Part):
    most = UNBOUNDED

    def __init__(self, number: int) -> None:
        self.number = number

    def write(self, stream: Stream, low: int, high: int, groups: dict[int, str]) -> str:
        return groups.get(self.number, "")


class Pattern:
    """A pattern that texts can be written for. `exact`: each text that is long enough matches for sure."""

    def __init__(self, pattern: str) -> None:
        parser: Any = importlib.import_module("re._parser")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # sets within sets, which ECMA-262 has not
                tree = parser.parse(_translated(pattern))
            reader = _Reader()
            items = list(tree)
            begins = bool(items) and _is_anchor(items[0], "AT_BEGINNING")
            ends = bool(items) and _is_anchor(items[-1], "AT_END")
            body = items[1 if begins else 0 : len(items) - 1 if ends and len(items) > begins else len(items)]
            part = reader.sequence(body)
        except (re.error, OverflowError, RecursionError) as error:
            raise PatternError(f"the pattern {pattern[:80]!r} cannot be read: {error}") from None
        self.exact = reader.exact
        self.begins, self.ends = begins, ends
        """Whether a match is at the start of the text, or at its end."""
        self._ahead = reader.ahead
        letters = _Characters(_LETTERS)
        if not ends:
            # an open end is shown with a few letters where the start is fixed (`^x-`), else filled at need
            part = _Sequence((part, _Padding(letters, 3 if begins and part.most <= 8 else 0)))
        elif not begins:
            part = _Sequence((_Padding(letters, 0), part))
        self._part = part
        self.least, self.most = part.least, part.most

    def write(self, stream: Stream, low: int, high: int) -> str:
        """A text that matches, with `low` to `high` characters if the pattern lets it be so."""
        text = self._part.write(stream, max(low, self.least), min(high, self.most), {})
        place = 0
        for part in self._ahead:
            # what a look-ahead asks for somewhere (`(?=.*[0-9])`) takes the place of what was written
            wanted = part.write(stream, part.least, part.most, {})
            text = text[:place] + wanted + text[place + len(wanted) :]
            place += len(wanted)
        return text


class _Padding(_Repeat):
    def __init__(self, part: Part, usual: int) -> None:
        super().__init__(part, 0, UNBOUNDED)
        self.usual = usual

    def write(self, stream: Stream, low: int, high: int, groups: dict[int, str]) -> str:
        count = max(low, min(self.usual, high))
        return "".join(self.part.write(stream, 1, 1, groups) for _ in range(count))


class _Reader:
    """Reads the parser's tree."""

    def __init__(self) -> None:
        self.exact = True
        self.ahead: list[Part] = []

    def sequence(self, items: Any) -> Part:
        return _joined([self.part(str(op), value) for op, value in items])

    def part(self, op: str, value: Any) -> Part:
        match op:
            case "LITERAL":
                return _Characters(chr(value))
            case "NOT_LITERAL" | "ANY" | "IN":
                return _Characters(_characters(op, value))
            case "BRANCH":
                return _Choice([self.sequence(branch) for branch in value[1]])
            case "SUBPATTERN":
                number, _, _, items = value
                part = self.sequence(items)
                return part if number is None else _Group(number, part)
            case "ATOMIC_GROUP":
                self.exact = False
                return self.sequence(value)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                low, high, items = value
                self.exact = self.exact and op != "POSSESSIVE_REPEAT"
                if low == high <= _SHORT:
                    return _joined([self.sequence(items)] * low)
                return _Repeat(self.sequence(items), low, UNBOUNDED if str(high) == "MAXREPEAT" else high)
            case "GROUPREF":
                self.exact = False
                return _Again(value)
            case "ASSERT" if value[0] == 1:
                self.exact = False
                items = [item for item in value[1] if not _is_gap(item)]
                self.ahead.append(self.sequence(items))
                return _Sequence(())
            case (
                _
            ):  # other look-around, boundaries, anchors in the middle: nothing is written, the check decides
                self.exact = False
                return _Sequence(())


def _joined(parts: list[Part]) -> Part:
    """Parts one after the other; neighbours of a fixed length are written in one go."""
    found: list[Part] = []
    run: list[_Characters] = []
    for part in [*parts, None]:
        if isinstance(part, _Run | _Characters):
            run += part.parts if isinstance(part, _Run) else (part,)
            continue
        if run:
            found.append(_Run(run) if len(run) > 1 else run[0])
            run = []
        if part is not None:
            found.append(part)
    return found[0] if len(found) == 1 else _Sequence(found)


def _is_gap(item: Any) -> bool:
    """Whether a part of a look-ahead is the `.*` before what it asks for."""
    op, value = item
    return str(op) in ("MAX_REPEAT", "MIN_REPEAT") and value[0] == 0 and str(value[2][0][0]) in ("ANY", "IN")


def _is_anchor(item: Any, name: str) -> bool:
    op, value = item
    return str(op) == "AT" and str(value) == name


def _characters(op: str, value: Any) -> Sequence[str]:
    """What a set of characters is written with: readable ones, if it has any."""
    if op == "ANY":
        return _LETTERS
    items = [("NEGATE", None), ("LITERAL", value)] if op == "NOT_LITERAL" else list(value)
    negated = str(items[0][0]) == "NEGATE"
    found = [letter for letter in _PRINTABLE if any(_has(item, letter) for item in items) != negated]
    if negated:
        plain = [letter for letter in found if letter.isalnum()]
        return plain or found or _beyond(lambda letter: not any(_has(item, letter) for item in items))
    if not found:
        for kind, bounds in items:
            if str(kind) == "LITERAL":
                found.append(chr(bounds))
            elif str(kind) == "RANGE":
                # surrogates are no characters, and cannot be sent as UTF-8
                codes = range(bounds[0], min(bounds[1], bounds[0] + 64) + 1)
                found += [chr(code) for code in codes if not 0xD800 <= code <= 0xDFFF]
    wordy = any(str(kind) == "CATEGORY" and str(of).startswith("CATEGORY_NOT") for kind, of in items)
    plain = [letter for letter in found if letter.isalnum()]
    if wordy and plain:
        return plain
    return found or _beyond(lambda letter: any(_has(item, letter) for item in items))


def _beyond(fits: Any) -> Sequence[str]:
    found = [letter for code in range(0xA0, 0x250) if fits(letter := chr(code))]
    found = found or [letter for code in range(32) if fits(letter := chr(code))]
    if not found:
        raise re.error("no character is in a set")
    return found


def _has(item: tuple[Any, Any], letter: str) -> bool:
    kind, value = str(item[0]), item[1]
    if kind == "LITERAL":
        return bool(ord(letter) == value)
    if kind == "RANGE":
        return bool(value[0] <= ord(letter) <= value[1])
    if kind != "CATEGORY":
        return False
    name = str(value)
    within = {"DIGIT": _DIGITS, "WORD": _WORD, "SPACE": " \t\n\r\f\v"}[name.rsplit("_", 1)[1]]
    return (letter in within) != ("_NOT_" in name)


_ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|c([A-Za-z])|([pP])\{\^?(?:[A-Za-z_]+=)?([A-Za-z_]+)\}|k<(\w+)>|([^a-zA-Z0-9])|(.))",
    re.DOTALL,
)


def _translated(pattern: str) -> str:
    """A pattern of ECMA-262 as Python writes it."""
    found = []
    place = 0
    in_set = False
    while place < len(pattern):
        escape = _ESCAPE.match(pattern, place)
        if escape is not None:
            found.append(_escape(escape, in_set))
            place = escape.end()
            continue
        letter = pattern[place]
        if in_set:
            in_set = letter != "]"
            found.append("\\" + letter if letter in "[&|~" else letter)
        elif letter == "[":
            in_set = True
            if pattern.startswith("[]", place):
                raise re.error("an empty set matches nothing")
            found.append("[")
            if pattern.startswith("[^", place):
                found.append("^")
                place += 1
        elif pattern.startswith("(?<", place) and pattern[place + 3 : place + 4] not in ("=", "!"):
            found.append("(?P<")
            place += 3
            continue
        else:
            found.append(letter)
        place += 1
    return "".join(found)


def _escape(escape: re.Match[str], in_set: bool) -> str:
    code, control, negated, category, name, sign, other = escape.groups()
    if code:
        return f"\\U{int(code, 16):08x}"
    if control:
        return f"\\x{ord(control) % 32:02x}"
    if category:
        inside = _PROPERTIES.get(category, "a-zA-Z")
        if negated == "p":
            return inside if in_set else f"[{inside}]"
        if in_set:
            raise re.error("a negated category within a set")
        return f"[^{inside}]"
    if name:
        return f"(?P={name})"
    if sign:
        return "\\" + sign
    if other in "AZ":  # letters in ECMA-262, anchors in Python
        return str(other)
    return "\\" + str(other) if other in "dDwWsSbBnrtfvxu0123456789" else str(other)
