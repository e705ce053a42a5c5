"""TOML 1.0. Dates become their text, since a response is JSON."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from understudy.load.fault import Fault, NotReadable, too_deep
from understudy.load.limits import MAX_DEPTH
from understudy.load.syntax.place import Place

_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_TOKEN = re.compile(
    r"""
      \#[^\n]*
    | (?P<string> \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
    | (?P<mark> [\[\]{}=,.\n] )
    | (?P<bare> [^\s\[\]{}=,.\#"']+ )
    """,
    re.VERBOSE | re.DOTALL,
)


def parse(text: str) -> Any:
    """The data in a TOML text, dates and times as ISO 8601 text. Raises NotReadable."""
    try:
        return _without_dates(tomllib.loads(text), 0)
    except tomllib.TOMLDecodeError as error:
        fault = _explain(text, str(error))
    except RecursionError:
        fault = too_deep(MAX_DEPTH)
    except ValueError:  # int() refuses thousands of digits
        fault = Fault("a number has too many digits")
    raise NotReadable([fault])


def places(text: str) -> Place | None:
    """The lines of the values in a TOML text."""
    try:
        return _Scanner(text).scan()
    except (StopIteration, RecursionError):
        return None


def _without_dates(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH + 1:
        raise NotReadable([too_deep(MAX_DEPTH)])
    if isinstance(value, dict):
        return {key: _without_dates(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_dates(item, depth + 1) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _explain(text: str, said: str) -> Fault:
    match = _POSITION.search(said)
    message = said[: match.start()] if match else said
    lines = text.split("\n")
    number = int(match[1]) if match and match[1] else len(text.rstrip().split("\n"))
    shown = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    column = f" at column {match[2]}" if match and match[2] else ""
    message = message[:1].lower() + message[1:]
    if message == "cannot overwrite a value":
        message = "a key is written twice"
    elif message == "invalid value":
        message = "a value is missing, or text is not in quotes"
    return Fault(f"not valid TOML{column}: {message}", found=shown[:60] or None, line=number)


class _Scanner:
    """Walks over a text that tomllib could read, and notes the line of each key and element."""

    def __init__(self, text: str) -> None:
        self._tokens = self._tokenize(text)
        self._kind, self._piece, self._line = "mark", "\n", 1

    @staticmethod
    def _tokenize(text: str) -> Iterator[tuple[str, str, int]]:
        line, last = 1, 0
        for match in _TOKEN.finditer(text):
            line += text.count("\n", last, match.start())
            last = match.start()
            if match.lastgroup is not None:
                yield match.lastgroup, match[0], line
        yield "end", "", line

    def _next(self) -> None:
        self._kind, self._piece, self._line = next(self._tokens)

    def scan(self) -> Place:
        root = table = Place(1)
        while self._kind != "end":
            if self._piece == "\n":
                self._next()
            elif self._piece == "[":
                table = self._header(root)
            else:
                self._pair(table)
        return root

    def _header(self, root: Place) -> Place:
        line = self._line
        self._next()
        is_list = self._piece == "["
        if is_list:
            self._next()
        table = root
        *outer, last = self._keys("]")
        for key in outer:
            table = _enter(table, key, line)
        self._next()
        if is_list:
            self._next()
            elements = table.children.setdefault(last, Place(line))
            place = elements.children[len(elements.children)] = Place(line)
            return place
        place = _enter(table, last, line)
        place.line = line
        return place

    def _pair(self, table: Place) -> None:
        line = self._line
        *outer, last = self._keys("=")
        for key in outer:
            table = _enter(table, key, line)
        self._next()
        table.children[last] = self._value(line)

    def _keys(self, end: str) -> list[str]:
        keys: list[str] = []
        while self._piece != end:
            if self._kind != "mark":
                keys.append(self._piece if self._kind == "bare" else _unquote(self._piece))
            self._next()
        return keys

    def _value(self, line: int) -> Place:
        place = Place(line)
        opening = self._piece
        if opening not in ("[", "{"):
            while self._kind != "end" and self._piece not in ("\n", ",", "]", "}"):
                self._next()
            return place
        self._next()
        while self._piece not in ("]", "}"):
            if self._piece in ("\n", ",", ""):  # "": the end, after which `_next` stops the scan
                self._next()
            elif opening == "{":
                self._pair(place)
            else:
                place.children[len(place.children)] = self._value(self._line)
        self._next()
        return place


def _enter(table: Place, key: str, line: int) -> Place:
    """The table under `key`; of a list of tables its last one, as TOML has it."""
    place = table.children.setdefault(key, Place(line))
    return place.children.get(len(place.children) - 1, place)  # whole numbers are keys of lists alone


def _unquote(token: str) -> str:
    if token.startswith("'"):
        return token[1:-1]
    value = tomllib.loads(f"x = {token}")["x"]
    return str(value)
