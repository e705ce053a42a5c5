"""JSON (RFC 8259), with the classic mistakes explained."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from understudy.load.fault import Fault, NotReadable, too_deep
from understudy.load.limits import MAX_DEPTH, MAX_FAULTS
from understudy.load.syntax.place import Place

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]*")
_LONG_NUMBER = re.compile(r"[0-9]{1000}")
_LITERALS = {"None": "null", "nil": "null", "undefined": "null", "True": "true", "False": "false"}


class _Refused(Exception):
    """Python's reader would accept this, JSON does not: a second look finds the line."""


def parse(text: str) -> Any:
    """The data in a JSON text. Raises NotReadable."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        fault = _explain(text, error)
    except _Refused:
        raise NotReadable(_scan(text) or [_broken(text)]) from None
    except RecursionError:
        raise NotReadable(_scan(text) or [too_deep(MAX_DEPTH)]) from None
    except ValueError:  # int() refuses thousands of digits, since reading them takes quadratic time
        match = _LONG_NUMBER.search(text)
        line = _line(text, match.start()) if match else None
        fault = Fault("a number has too many digits", line=line)
    raise NotReadable([fault])


def places(text: str) -> Place | None:
    """The lines of the values in a JSON text.

    Only what is asked for is looked at: Python's C reader jumps over everything else.
    """
    match = _SPACE.match(text)
    start = match.end() if match else 0
    return _place(text, start, _line(text, start))


def _place(text: str, start: int, line: int, key_line: int | None = None) -> Place:
    def expand() -> dict[str | int, Place]:
        try:
            return _children(text, start, line)
        except ValueError:  # the file has changed since it was read
            return {}

    return Place(
        line if key_line is None else key_line, expand if text[start : start + 1] in ("{", "[") else None
    )


def _children(text: str, position: int, line: int) -> dict[str | int, Place]:
    read = json.JSONDecoder(strict=False).raw_decode
    is_object = text[position] == "{"
    children: dict[str | int, Place] = {}
    last = position

    def skip(position: int) -> int:
        """Over white space; keeps `line` in step."""
        nonlocal last, line
        match = _SPACE.match(text, position)
        position = match.end() if match else position
        line += text.count("\n", last, position)
        last = position
        return position

    position = skip(position + 1)
    while text[position : position + 1] not in ("}", "]", ""):
        key: str | int = len(children)
        key_line = None
        if is_object:
            key_line = line
            key, position = read(text, position)
            if not isinstance(key, str):
                raise ValueError("a key is text")
            position = skip(skip(position) + 1)
        children[key] = _place(text, position, line, key_line)
        position = skip(read(text, position)[1])
        if text[position : position + 1] == ",":
            position = skip(position + 1)
    return children


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Refused
    return made


def _refuse(_: str) -> NoReturn:
    raise _Refused


def _broken(text: str) -> Fault:
    """The mistake behind something that was refused."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return _explain(text, error)
    except (RecursionError, ValueError):
        return too_deep(MAX_DEPTH)
    return Fault("a key is written twice, or a number is none of JSON's")


def _scan(text: str) -> list[Fault]:
    """What only a second look can tell about a text. It may be broken further on, behind what was refused."""
    faults: list[Fault] = []
    seen: list[dict[str, int]] = []  # per open object: key → its line
    keys: list[str | int | None] = []  # per open value; None: an object that waits for a key
    line, last = 1, 0
    for match in _TOKEN.finditer(text):
        if len(faults) >= MAX_FAULTS:
            break
        piece = match[0]
        line += text.count("\n", last, match.start())
        last = match.start()
        if piece in "{[":
            if len(keys) >= MAX_DEPTH:
                return [*faults, too_deep(MAX_DEPTH, line=line)]
            keys.append(None if piece == "{" else 0)
            seen.append({})
        elif piece in "}]":
            if not keys:
                break
            keys.pop()
            seen.pop()
        elif piece == ",":
            if not keys:
                break
            key = keys[-1]
            keys[-1] = key + 1 if isinstance(key, int) else None
        elif keys and keys[-1] is None:
            try:
                name = keys[-1] = str(json.loads(piece, strict=False))
            except json.JSONDecodeError:  # no text, or none that is right
                break
            if name in seen[-1]:
                where = tuple(key for key in keys if key is not None)
                message = f'the key "{name}" is written twice: first in line {seen[-1][name]}'
                faults.append(Fault(message, where, line=line))
            seen[-1].setdefault(name, line)
        elif piece in ("NaN", "Infinity", "-Infinity"):
            where = tuple(key for key in keys if key is not None)
            faults.append(
                Fault("JSON has no such number", where, found=piece, accepted="a number, or null", line=line)
            )
    return faults


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _explain(text: str, error: json.JSONDecodeError) -> Fault:
    """The mistake at `error.pos` in the words of somebody who has made it before."""
    position = error.pos
    rest = text[position : position + 40]
    before = text[:position].rstrip()
    word = re.match(r"[^\W\d][\w$-]*", rest)
    message, suggestion = "", None
    if error.msg.startswith("Illegal trailing comma") or (rest[:1] in "}]" and before.endswith(",") and rest):
        position = position if rest.startswith(",") else len(before) - 1
        message = "a comma after the last element: remove it"
    elif rest.startswith(("//", "/*", "#")):
        message = "JSON has no comments: remove it, or write the file as YAML"
    elif rest.startswith("'"):
        message = "text is written in double quotes, not in single ones"
    elif error.msg.startswith("Unterminated string"):
        message = "the closing quote of this text is missing"
    elif error.msg.startswith("Invalid control character") and rest[:1] == "\n":
        message = r"the closing quote of this text is missing; a line break in it is written \n"
    elif error.msg.startswith("Invalid control character"):
        message = r"a tab or another control character in a text is written \t or \u0009"
    elif error.msg.startswith("Invalid \\"):
        message = r"a backslash must be written twice: \\"
    elif not rest:
        message = _unclosed(text)
    elif error.msg.startswith("Extra data"):
        message = "there is more after the end of the document"
    elif word and word[0] in _LITERALS:
        message, suggestion = f"{word[0]} is not JSON", _LITERALS[word[0]]
    elif word and error.msg.startswith("Expecting property name"):
        message, suggestion = "a key must be in double quotes", f'"{word[0]}"'
    elif word and error.msg.startswith("Expecting value"):
        message, suggestion = "text must be in double quotes", f'"{word[0]}"'
    elif error.msg.startswith("Expecting ',' delimiter"):
        message = "a comma is missing before this, or a quote too much"
    elif error.msg.startswith("Expecting ':' delimiter"):
        message = "a colon is missing between a key and its value"
    elif error.msg.startswith("Expecting property name"):
        message = "a key in double quotes is missing here"
    else:
        message = "a value is missing here"
    line = _line(text, position)
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    shown = text[position : position + 40].split("\n")[0].strip()
    return Fault(
        f"not valid JSON at column {column}: {message}",
        found=shown or None,
        suggestion=suggestion,
        line=line,
    )


def _unclosed(text: str) -> str:
    """Which bracket is never closed in a text that ends too early."""
    open_brackets: list[tuple[str, int]] = []
    for match in _TOKEN.finditer(text):
        if match[0] in "{[":
            open_brackets.append((match[0], match.start()))
        elif match[0] in "}]" and open_brackets:
            open_brackets.pop()
    if not open_brackets:
        return "the text ends too early"
    bracket, position = open_brackets[-1]
    return f'the text ends too early: the "{bracket}" of line {_line(text, position)} is never closed'
