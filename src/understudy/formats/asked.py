"""Requests that somebody has written down (`.http` files, curl commands), as endpoints that take them.

What is not known, such as a variable without a value, stands in texts as a mark: a name between two NULs, a
character that no such file has. In a path it is a parameter; in a query, a form or JSON it may be anything.
"""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

import msgspec

from understudy.errors import Problem
from understudy.formats.beside import read_beside
from understudy.formats.checked import Unfit, checked
from understudy.formats.imported import Imported, Origin, Send, literal, literal_json
from understudy.load.fault import Fault
from understudy.load.source import Source
from understudy.match.kinds.json_tree import literal_pattern

MAX_NAME = 200
MAX_ASKED = 10_000
"""Requests of one document."""
MARK = "\0"
_MARK = re.compile("\0([^\0]*)\0")
_SCHEME = re.compile("(?:\0[^\0]*\0|[A-Za-z][A-Za-z0-9+.-]*)://")
_AUTHORITY = re.compile("(?:\0[^\0]*\0|[^/?\0])*")
_JSON_PIECE = re.compile('"(?:[^"\\\\]|\\\\.)*"|\0[^\0]*\0', re.DOTALL)
_GRAPHQL = re.compile(r"\s*(?:\{|(?:query|mutation|subscription|fragment)\b)")
_IN_PATH = str.maketrans({"{": "%7B", "}": "%7D", "*": "%2A", " ": "%20"})
_OF_CONNECTION = frozenset(
    {"connection", "content-encoding", "content-length", "date", "keep-alive", "transfer-encoding"}
)
"""Headers of a stored answer that belong to the connection it came over, or are made anew."""


class Answer(NamedTuple):
    """What a request was answered with, as far as that is known. `body` is None if only the status is."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


class Part(NamedTuple):
    """A field of a multipart form; `value` is None for a file."""

    name: str
    value: str | None
    filename: str | None = None


class Asked(NamedTuple):
    """A request that was written down at a line of a document, from 1."""

    line: int
    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    parts: tuple[Part, ...] = ()
    name: str = ""
    answer: Answer | None = None

    def header(self, name: str) -> str:
        """The value of a header, "" if there is none; `name` in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), "")


class _Made(NamedTuple):
    asked: Asked
    path: str
    match: dict[str, Any]


def mark(name: str) -> str:
    """What stands for a value that is not known."""
    return f"{MARK}{name.replace(MARK, '')}{MARK}"


class Book:
    """Requests of one document, and what is said about them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.folder = source.file.parent if source.file is not None else None
        self.warnings: list[Problem] = []
        self.read = [source.file] if source.file is not None else []

    def warn(self, line: int, message: str) -> None:
        """Say what is different in the config, or not there."""
        self.warnings.append(self.source.problem(Fault(message, line=line)))

    def file(self, name: str) -> tuple[bytes | None, str]:
        """What is in a file that the document names, or None and why it is not read."""
        data, fault = read_beside(self.folder, name)
        if data is not None and self.folder is not None:
            self.read.append(self.folder / name)
        return data, fault

    def _sent(self, asked: Asked, send: Send) -> Asked:
        """The request with its real answer, if it has none yet and there is one to be had."""
        if asked.answer is not None and asked.answer.body is not None:
            return asked
        answer = send(asked)
        if isinstance(answer, str):
            self.warn(asked.line, f"this request was not sent: {answer}")
            return asked
        return asked._replace(answer=answer)

    def imported(self, asked: list[Asked], *, strict: bool, send: Send | None = None) -> Imported:
        """The config of endpoints that take these requests.

        `strict`: each takes only requests with the query and the body that were written down. If not, that
        is so only where it tells several of one method and path apart, and the first of them takes the rest.
        """
        made: list[_Made] = []
        if send is not None:
            asked = [self._sent(one, send) for one in asked]
        for one in asked:
            path = path_of(one.url)
            match = match_of(one)
            fault = _fault({"path": path, "method": one.method, **({"match": match} if match else {})})
            if fault and match and not _fault({"path": path, "method": one.method}):
                self.warn(one.line, f"its query and its body are no conditions: {fault}")
                match, fault = {}, None
            if fault:
                self.warn(one.line, f"this request is left out: {fault}")
                continue
            made.append(_Made(one, path, match))
        kept = list(self._told_apart(made, strict))
        written, names = [], set()
        for entry_of in kept:
            entry = _endpoint(entry_of, self)
            name = entry_of.asked.name[:MAX_NAME]
            if name and name not in names:
                names.add(name)
                entry = {"name": name, **entry}
            written.append(entry)
        self._tell_of_answers(kept)
        return Imported(
            config={"endpoints": written},
            warnings=tuple(self.warnings),
            origins=tuple(Origin(self.source.shown, one.asked.line) for one in kept),
            comments=tuple(_comment(one.asked) for one in kept),
            read=tuple(dict.fromkeys(self.read)),
        )

    def _told_apart(self, made: list[_Made], strict: bool) -> Iterator[_Made]:
        """Those that can ever be asked, with the conditions that they need."""
        groups: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        left_out: set[int] = set()
        for number, one in enumerate(made):
            group = groups[one.asked.method, re.sub(r"\{[^}]*\}", "{}", one.path)]
            earlier = group.setdefault(repr(one.match), number)
            if earlier == number:
                continue
            worse, better = number, earlier
            if made[earlier].asked.answer is None and one.asked.answer is not None:
                worse, better = earlier, number
                group[repr(one.match)] = number
            left_out.add(worse)
            line = made[better].asked.line
            self.warn(made[worse].asked.line, f"this request is left out: line {line} asks the same")
        usual: set[int] = set()
        for group in groups.values():
            if not strict and all(made[number].match for number in group.values()):
                usual.add(min(group.values()))
        for number, one in enumerate(made):
            if number not in left_out:
                yield one._replace(match={}) if number in usual else one

    def _tell_of_answers(self, kept: list[_Made]) -> None:
        lines = [one.asked.line for one in kept if one.asked.answer is None or one.asked.answer.body is None]
        if not lines:
            return
        shown = ", ".join(map(str, lines[:5])) + (", …" if len(lines) > 5 else "")
        one = len(lines) == 1
        message = (
            "the answer is not known, so it is {}: write what it should be"
            if one
            else f"{len(lines)} answers are not known, so they are {{}}: write what they should be"
            f" (asked for at lines {shown})"
        )
        self.warn(lines[0], message)


def _comment(asked: Asked) -> str:
    answer = asked.answer
    return "the answer is still to be written" if answer is None or answer.body is None else ""


def _fault(written: dict[str, Any]) -> str | None:
    """Why a config would not take an endpoint."""
    try:
        checked(written)
    except Unfit as error:
        return str(error)
    return None


# ---- what is asked


def path_of(url: str) -> str:
    """The path of a URL as a pattern. Without a scheme, it begins with a host or with its path."""
    rest, _ = split_url(url)
    segments: list[str] = []
    for segment in rest.split("/")[1:]:
        if segment == "..":  # as clients do, see RFC 3986 section 5.2.4
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    names: set[str] = set()

    def parameter(found: re.Match[str]) -> str:
        words = re.findall(r"[A-Za-z0-9]+", found[1].rpartition(".")[2])
        name = plain = "_".join(words)[:60] or "value"
        if not name[0].isalpha():
            name = plain = f"value_{name}"
        count = 1
        while name in names:
            count += 1
            name = f"{plain}_{count}"
        names.add(name)
        return f"{{{name}}}"

    return "/" + "/".join(_MARK.sub(parameter, one.translate(_IN_PATH)) for one in segments)


def split_url(url: str) -> tuple[str, str]:
    """The path, which begins with a slash or is empty, and the query of a URL."""
    url = url.partition("#")[0]
    scheme = _SCHEME.match(url)
    rest = url[scheme.end() :] if scheme else url
    if not rest.startswith("/") or scheme:
        found = _AUTHORITY.match(rest)
        rest = rest[found.end() if found else 0 :]
    path, _, query = rest.partition("?")
    return path, query


def host_mark(url: str) -> str | None:
    """The variable that a URL begins with, and that may have had a part of the path in it."""
    scheme = _SCHEME.match(url)
    found = _MARK.match(url) if scheme is None else None
    return found[1] if found else None


def match_of(asked: Asked) -> dict[str, Any]:
    """Conditions that the request meets, and others do not."""
    match: dict[str, Any] = {}
    query = _fields(split_url(asked.url)[1])
    if query:
        match["query"] = query
    return {**match, **_body_match(asked)}


def _fields(encoded: str) -> dict[str, Any]:
    """Conditions on the fields of an urlencoded text."""
    values: dict[str, list[str]] = defaultdict(list)
    for pair in encoded.split("&"):
        name, _, value = pair.partition("=")
        name = unquote_plus(name)
        if name and MARK not in name:
            values[name].append(unquote_plus(value))
    return {name: _value(found) for name, found in values.items()}


def _value(values: list[str]) -> Any:
    if any(MARK in value for value in values):
        return {"present": True}
    return values[0] if len(values) == 1 else {"exactly": values}


def _body_match(asked: Asked) -> dict[str, Any]:
    kind = asked.header("content-type").partition(";")[0].strip().lower()
    if asked.parts:
        parts = [_part_match(part) for part in asked.parts if MARK not in part.name]
        return {"multipart": parts} if parts else {}
    text = asked.body
    if not text.strip() or kind.startswith("multipart/"):
        return {}
    is_json, data = _json(text)
    if is_json and ("json" in kind or isinstance(data, dict | list)):  # curl calls JSON a form, if not told
        query = data.get("query") if isinstance(data, dict) else None
        if isinstance(query, str) and _GRAPHQL.match(query):
            return {"graphql": _graphql(data, query)}
        return {"body": {"json": data}}
    if kind == "application/x-www-form-urlencoded" and text.lstrip()[:1] not in "<{[":
        fields = _fields(text)
        return {"form": fields} if fields else {}
    if MARK in text or "json" in kind:
        return {}
    if "xml" in kind or text.lstrip().startswith("<?xml"):
        return {"body": {"xml": text}}
    return {"body": text}


def _part_match(part: Part) -> dict[str, Any]:
    found: dict[str, Any] = {"name": part.name}
    if part.filename and MARK not in part.filename:
        found["filename"] = part.filename
    if part.value is not None and MARK not in part.value:
        found["text"] = part.value
    return found


def _graphql(data: dict[str, Any], query: str) -> dict[str, Any]:
    operation = data.get("operationName")
    if isinstance(operation, str) and not operation.startswith("#"):
        return {"operation": operation}
    return {"query": query}


def _json(text: str) -> tuple[bool, Any]:
    """Whether a text is JSON, and as what it is compared: what is not known may be anything."""

    def piece(found: re.Match[str]) -> str:
        if found[0].startswith(MARK):
            return '"#present"'
        return '"#string"' if MARK in found[0] else found[0]

    if MARK in text:
        return _decoded(_JSON_PIECE.sub(piece, text))
    is_json, data = _decoded(text)
    return is_json, literal_pattern(data)


def _decoded(text: str) -> tuple[bool, Any]:
    """Whether a text is JSON, and which."""
    try:
        return True, msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return False, None


# ---- what is answered


def _endpoint(made: _Made, book: Book) -> dict[str, Any]:
    asked = made.asked
    entry: dict[str, Any] = {"path": made.path}
    if asked.method != "GET":
        entry["method"] = asked.method
    if made.match:
        entry["match"] = made.match
    answer = asked.answer or Answer()
    if answer.status != 200:
        entry["status"] = answer.status
    if answer.body is None:
        return {**entry, **({} if answer.status in (204, 205, 304) else {"response": {}})}
    found = {**entry, **_content(answer)}
    if fault := _fault(found):
        book.warn(asked.line, f"its stored answer is left out: {fault}")
        return {**entry, "response": {}}
    return found


def _content(answer: Answer) -> dict[str, Any]:
    """The stored answer as keys of an endpoint."""
    headers: dict[str, Any] = {}
    kind = ""
    for name, value in answer.headers:
        if name.lower() == "content-type":
            kind = value
        elif name.lower() not in _OF_CONNECTION and not name.startswith(":"):
            there = headers.get(name)
            headers[name] = (
                literal(value)
                if there is None
                else [*(there if isinstance(there, list) else [there]), literal(value)]
            )
    body = answer.body or b""
    content: dict[str, Any]
    try:
        text = body.decode()
    except UnicodeDecodeError:
        content = {"base64": base64.b64encode(body).decode()}
    else:
        is_json, data = _decoded(text) if "json" in kind else (False, None)
        content = {"response": literal_json(data)} if is_json else {"body": literal(text)}
    if not body:
        content = {}
    if kind and not ("response" in content and kind.lower() == "application/json"):
        headers["Content-Type"] = literal(kind)
    return {**({"headers": headers} if headers else {}), **content}
