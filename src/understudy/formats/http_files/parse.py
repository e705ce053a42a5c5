"""A text with requests, taken apart line by line.

Sources: the pages "Exploring the HTTP request syntax" and "Response handler" of JetBrains' HTTP Client, the
README of VS Code's REST Client, and httpYac's guide ("Request", "Response").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Warn = tuple[int, str]

_NAME = re.compile(r"\s*(?:#+|//+)\s*@name(?:\s+|\s*=\s*)(.+)")
_COMMENT = re.compile(r"\s*(?:#|//)")
_VARIABLE = re.compile(r"\s*@([\w.$-]+)\s*=\s*(.*)")
_REQUEST = re.compile(r"(?:([A-Za-z][A-Za-z-]{1,19})[ \t]+)?(\S.*)")
_VERSION = re.compile(r"[ \t]+HTTP/[0-9.]+[ \t]*$")
_HEADER = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*(.*)")
_ADDRESS = re.compile(r"[A-Za-z]+://|/|\{\{|[\w-]+(?:\.[\w-]+)*(?::[0-9]+|/|\.[A-Za-z]{2,}(?:/|$))")
"""How an address begins that stands where a method is not known."""
_INLINE = re.compile(r"HTTP/[0-9.]+[ \t]+([1-5][0-9]{2})\b")
_BODY_FILE = re.compile(r"<(@\w*)?[ \t]+(\S.*)")
_SCRIPT_FILE = re.compile(r">[ \t]+\S+\.m?js[ \t]*$")
_STORED = re.compile(r"(?:#[ \t]*|//[ \t]*)?(?:<>|>>!?)[ \t]+(\S.*)")
_STATUS = re.compile(r"(?:response\.)?(?:status|statusCode)\b[^0-9\n]{0,40}?={1,3}\s*([1-5][0-9]{2})\b")
METHODS = frozenset(
    {
        "ACL", "BIND", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "GRAPHQL", "GRPC", "HEAD",
        "LABEL", "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MOVE", "OPTIONS",
        "ORDERPATCH", "PATCH", "POST", "PRI", "PROPFIND", "PROPPATCH", "PURGE", "PUT", "QUERY",
        "REBIND", "REPORT", "RSOCKET", "SEARCH", "SSE", "TRACE", "UNBIND", "UNCHECKOUT", "UNLINK",
        "UNLOCK", "UPDATE", "VERSION-CONTROL", "WEBSOCKET", "WS",
    }
)  # fmt: skip


@dataclass
class Written:
    """A request as it stands in the text, variables and all. Lines count from 1."""

    line: int
    name: str
    method: str = "GET"
    url: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    body_file: str | None = None
    stored: list[str] = field(default_factory=list)
    """Files with answers, the latest first."""
    status: int | None = None
    """The status that a test expects."""
    answer_line: int | None = None
    answer: list[str] = field(default_factory=list)
    """An answer in the text, from its status line on."""
    curl: list[str] = field(default_factory=list)
    """The lines of a curl command in the place of a request."""


@dataclass
class Parsed:
    """What a text has: requests, file variables in their order, and what is to be said of lines."""

    requests: list[Written] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    warnings: list[Warn] = field(default_factory=list)


def parse(text: str) -> Parsed:
    """The requests of a text."""
    parsed = Parsed()
    lines = text.split("\n")
    start, title = 0, ""
    for number, line in enumerate([*lines, "###"]):
        if line.startswith("###"):
            _Block(lines, start, number, title, parsed).read()
            start, title = number + 1, line.lstrip("#").strip()
    return parsed


class _Block:
    """What stands between two `###`: one request, or none."""

    def __init__(self, lines: list[str], start: int, end: int, title: str, parsed: Parsed) -> None:
        self._lines = lines
        self._at = start
        self._end = end
        self._name = title
        self._parsed = parsed

    def read(self) -> None:
        """Add what is there."""
        request = self._first_line()
        if request is None:
            return
        self._parsed.requests.append(request)
        if request.curl:
            return
        self._headers(request)
        self._body(request)

    def _first_line(self) -> Written | None:
        """The request line, behind comments, variables and scripts."""
        while self._at < self._end:
            line = self._lines[self._at].rstrip("\r")
            number = self._at + 1
            self._at += 1
            if not line.strip():
                continue
            if (name := _NAME.match(line)) is not None:
                self._name = name[1].strip()
            elif _COMMENT.match(line):
                continue
            elif (variable := _VARIABLE.match(line)) is not None:
                self._parsed.variables[variable[1]] = variable[2].strip()
            elif re.match(r"\s*<\s*\{%", line):
                self._skip(line, "%}")
            elif line.strip() == "{{" or re.match(r"\s*\{\{[@+]\w*\s*$", line):
                self._skip("", "}}")
            elif re.match(r"\s*<\s+\S+\.m?js\s*$", line):
                continue
            elif re.match(r"\s*(?:import|run)\s+\S", line):
                self._parsed.warnings.append((number, "other files with requests are not read"))
            elif re.match(r"\s*(?:[$%]\s+)?curl\s", line):
                curl = [line]
                while self._at < self._end and self._lines[self._at].strip():
                    curl.append(self._lines[self._at])
                    self._at += 1
                return Written(number, self._name, curl=curl)
            else:
                return self._request(line.strip(), number)
        return None

    def _request(self, line: str, number: int) -> Written | None:
        found = _REQUEST.fullmatch(_VERSION.sub("", line))
        method, url = found.groups() if found else (None, line)
        is_known = method is not None and method.upper() in METHODS
        if not is_known and not _ADDRESS.match(url):
            self._parsed.warnings.append((number, f"{line[:60]!r} is no request: left out"))
            return None
        request = Written(number, self._name, (method or "GET").upper(), url.strip())
        while self._at < self._end:  # the address may go on in lines below
            more = self._lines[self._at].rstrip("\r")
            if not more.strip() or not (more[0] in " \t" or more[0] in "?&") or _COMMENT.match(more):
                break
            request.url += _VERSION.sub("", more).strip()
            self._at += 1
        return request

    def _headers(self, request: Written) -> None:
        while self._at < self._end:
            line = self._lines[self._at].rstrip("\r")
            if not line.strip():
                self._at += 1
                return
            if self._belongs_behind(line):
                return
            header = _HEADER.fullmatch(line)
            if (name := _NAME.match(line)) is not None:
                request.name = name[1].strip()
            elif _STORED.match(line):
                return
            elif not _COMMENT.match(line):
                if header is None:
                    self._parsed.warnings.append((self._at + 1, f"{line.strip()[:60]!r} is no header"))
                else:
                    request.headers.append((header[1], header[2].strip()))
            self._at += 1

    def _belongs_behind(self, line: str) -> bool:
        """Whether a line is none of the headers, but what follows body and headers."""
        return (
            re.match(r">\s*\{%", line) is not None
            or line.startswith("??")
            or any(one.match(line) for one in (_SCRIPT_FILE, _INLINE))
        )

    def _body(self, request: Written) -> None:
        is_form = any(
            name.lower() == "content-type" and "x-www-form-urlencoded" in value
            for name, value in request.headers
        )
        while self._at < self._end:
            line = self._lines[self._at].rstrip("\r")
            self._at += 1
            stored = _STORED.fullmatch(line.strip())
            if re.match(r">\s*\{%", line):
                script = self._skip(line, "%}")
                request.status = request.status or _status(script)
            elif line.startswith("??"):
                request.status = request.status or _status(line)
            elif _SCRIPT_FILE.match(line):
                continue
            elif stored:
                request.stored.append(stored[1])
            elif _INLINE.match(line) and request.answer_line is None:
                request.answer_line = self._at
                request.answer = [one.rstrip("\r") for one in self._lines[self._at - 1 : self._end]]
                self._at = self._end
            elif (file := _BODY_FILE.fullmatch(line.strip())) and request.body_file is None:
                request.body_file = file[2].strip()
            else:
                request.body.append(line)
        while request.body and (not request.body[-1].strip() or _COMMENT.match(request.body[-1])):
            del request.body[-1]
        if is_form:
            request.body = ["".join(line.strip() for line in request.body)]

    def _skip(self, line: str, end: str) -> str:
        """Pass over a script that begins in a line, to where it ends; what it says."""
        script = [line]
        while end not in line and self._at < self._end:
            line = self._lines[self._at]
            script.append(line)
            self._at += 1
        return "\n".join(script)


def _status(script: str) -> int | None:
    found = _STATUS.search(script)
    return int(found[1]) if found else None
