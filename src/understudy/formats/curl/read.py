"""What curl commands send, as requests, and these as a config."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from urllib.parse import quote

from understudy.errors import ConfigError
from understudy.formats.asked import MARK, Asked, Book, Part, mark
from understudy.formats.curl.options import TELLING, WITH_VALUE, WITHOUT_VALUE, options
from understudy.formats.curl.words import Command, split
from understudy.formats.imported import Imported, Options
from understudy.load.fault import Fault, NotReadable
from understudy.load.source import Source
from understudy.model.parts import TOKEN

_FORM = "application/x-www-form-urlencoded"
_QUIET = frozenset({"cd", "echo", "set", "sleep", "printf", "jq", "then", "fi", "done", "do", "exit", "true"})
"""Commands of a script that nobody expects to become endpoints."""
_PREFIXES = frozenset({"$", "%", "time", "sudo", "exec", "command"})
"""What may stand before `curl`."""
_GLOB = re.compile(r"(?<!\\)[\[{][^\]}]*[,-][^\]}]*[\]}]")


def read_curl(source: Source, options: Options) -> Imported:
    """A text with curl commands as a config. Raises ConfigError."""
    text = source.data if isinstance(source.data, str) else ""
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ConfigError([source.problem(Fault("there is a NUL byte: this is no text", line=line))])
    if '^"' in text and re.search(r"\^\s*\n|\^\"", text):
        message = "this is written for cmd.exe: copy it as cURL for bash"
        raise ConfigError([source.problem(Fault(message, line=1))])
    try:
        commands = split(text)
    except NotReadable as error:
        raise ConfigError([source.problem(fault) for fault in error.faults]) from None
    book = Book(source)
    asked: list[Asked] = []
    for command in commands:
        words = curl_words(command)
        if words is not None:
            asked += requests_of(command, words, book)
        elif command.words[0] not in _QUIET:
            book.warn(command.line, f"{command.words[0][:60]!r} is no curl command: it is passed over")
    if not asked and not book.warnings:
        raise ConfigError([source.problem(Fault("there is no curl command in this text", line=1))])
    return book.imported(asked, strict=True, send=options.send)


def curl_words(command: Command) -> list[str] | None:
    """What stands behind `curl`; None if it is another command."""
    words = list(command.words)
    while words and words[0] in _PREFIXES:
        del words[0]
    if not words:
        return None
    name = words[0].replace("\\", "/").rpartition("/")[2].lower()
    return words[1:] if name in {"curl", "curl.exe"} else None


@dataclass
class _Said:
    """What the options of one request have said."""

    urls: list[str] = field(default_factory=list)
    method: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    query: list[str] = field(default_factory=list)
    upload: str | None = None
    target: str = ""
    is_get: bool = False
    is_head: bool = False
    is_json: bool = False


def requests_of(command: Command, words: list[str], book: Book) -> list[Asked]:
    """The requests of a command; more than one if it names several addresses, or has `--next`."""
    if command.is_cut:
        book.warn(command.line, "an & without quotes ends the command: put the address in quotes")
    reader = _Reader(command, book)
    said = [_Said()]
    for name, value in options(words):
        if name == "next":
            said.append(_Said())
        elif name in TELLING:
            reader.take(name, value or "", said[-1])
        elif name not in WITH_VALUE and name not in WITHOUT_VALUE and not name.startswith("no-"):
            book.warn(command.line, f"the option {name} is not known: it is passed over")
        elif name == "config":
            book.warn(command.line, f"options in the file {(value or '')[:60]} are not read")
    asked = [one for each in said for one in reader.asked(each)]
    if not any(each.urls for each in said):
        book.warn(command.line, "this command names no address: it is left out")
    return asked


class _Reader:
    """Reads the options of one command."""

    def __init__(self, command: Command, book: Book) -> None:
        self._line = command.line
        self._stdin = command.stdin
        self._book = book

    def take(self, name: str, value: str, said: _Said) -> None:
        """An option that says something about the request."""
        match name:
            case "url":
                said.urls.append(value)
            case "request":
                said.method = value
            case "get":
                said.is_get = True
            case "head":
                said.is_head = True
            case "header":
                self._header(value, said)
            case "user-agent":
                said.headers.append(("User-Agent", value))
            case "referer":
                said.headers.append(("Referer", value.partition(";auto")[0]))
            case "range":
                said.headers.append(("Range", f"bytes={value}"))
            case "cookie":
                if "=" in value or MARK in value:  # else a file with cookies
                    said.headers.append(("Cookie", value))
            case "user":
                user = base64.b64encode(value.encode("utf-8", "replace")).decode()
                said.headers.append(("Authorization", f"Basic {user}"))
            case "oauth2-bearer":
                said.headers.append(("Authorization", f"Bearer {value}"))
            case "upload-file":
                said.upload = value
            case "request-target":
                said.target = value
            case "url-query":
                said.query.append(value[1:] if value.startswith("+") else self._encoded(value))
            case "form" | "form-string":
                said.parts.append(self._part(value, is_string=name == "form-string"))
            case "json":
                said.is_json = True
                if said.data:  # further ones continue it
                    said.data[-1] += self._content(value, binary=True)
                else:
                    said.data.append(self._content(value, binary=True))
            case "data-urlencode":
                said.data.append(self._encoded(value))
            case "data-raw":
                said.data.append(value)
            case _:
                said.data.append(self._content(value, binary=name == "data-binary"))

    def asked(self, said: _Said) -> list[Asked]:
        """The requests, one for each address."""
        headers = list(said.headers)
        names = {name.lower() for name, _ in headers}
        body = "".join(said.data) if said.is_json else "&".join(said.data)
        query = list(said.query)
        if said.is_get and said.data:
            query.append(body)
            body = ""
        if said.upload is not None:
            body = self._file(said.upload)
        if said.is_json:
            headers += [("Content-Type", "application/json")] if "content-type" not in names else []
        elif said.data and not said.is_get and "content-type" not in names:
            headers.append(("Content-Type", _FORM))
        default = (
            "HEAD"
            if said.is_head
            else "PUT"
            if said.upload is not None
            else "POST"
            if (said.data and not said.is_get) or said.parts
            else "GET"
        )
        method = said.method or default
        if not TOKEN.fullmatch(method):
            self._book.warn(self._line, f"{method[:40]!r} is no method: the command is left out")
            return []
        made = []
        for url in said.urls:
            if _GLOB.search(url):
                self._book.warn(self._line, "the braces and brackets in the address stand for themselves")
            full = url
            if said.target:
                full = said.target if said.target.startswith("/") else f"/{said.target}"
            if query:
                address, mark_, fragment = full.partition("#")
                joint = "&" if "?" in address else "?"
                full = f"{address}{joint}{'&'.join(query)}{mark_}{fragment}"
            made.append(Asked(self._line, method.upper(), full, tuple(headers), body, tuple(said.parts)))
        return made

    # ---- values

    def _header(self, value: str, said: _Said) -> None:
        name, colon, rest = value.partition(":")
        if colon and rest.strip():  # `X:` takes a header away
            said.headers.append((name.strip(), rest.strip()))
        elif value.endswith(";"):
            said.headers.append((value[:-1].strip(), ""))

    def _content(self, value: str, *, binary: bool) -> str:
        """The value of `-d`: text, or what is in a file."""
        if not value.startswith("@"):
            return value
        text = self._file(value[1:])
        return text if binary else text.replace("\r", "").replace("\n", "")

    def _file(self, name: str) -> str:
        if name == "-":
            return self._stdin if self._stdin is not None else mark("stdin")
        data, fault = self._book.file(name) if MARK not in name else (None, "")
        if data is not None:
            try:
                text = data.decode()
            except UnicodeDecodeError:
                fault = f"{name[:60]} is no text"
            else:
                if "\0" not in text:
                    return text
                fault = f"{name[:60]} is no text"
        if fault:
            self._book.warn(self._line, f"the body may be anything: {fault}")
        return mark("file")

    def _encoded(self, value: str) -> str:
        """The value of `--data-urlencode`: `text`, `=text`, `name=text`, `@file`, `name@file`."""
        name, equals, text = value.partition("=")
        if equals:
            encoded = _quoted(text)
        else:
            name, at, file = value.partition("@")
            if at:
                encoded = _quoted(self._file(file))
            else:
                name, encoded = "", _quoted(value)
        return f"{name}={encoded}" if name else encoded

    def _part(self, value: str, *, is_string: bool) -> Part:
        """The value of `-F`: `name=text`, `name=@file`, `name=<file`, with `;type=…` and `;filename=…`."""
        name, _, content = value.partition("=")
        if is_string:
            return Part(name, content)
        plain, *more = content.split(";")
        if content.startswith("@"):
            given = (one.strip().partition("=")[2] for one in more if one.strip().startswith("filename="))
            filename = next(given, plain[1:].replace("\\", "/").rpartition("/")[2]).strip('"')
            return Part(name, None, filename)
        if content.startswith("<"):
            return Part(name, self._file(plain[1:]))
        rest = [one for one in more if not re.match(r"\s*(?:type|headers|encoder|filename)=", one)]
        return Part(name, ";".join([plain, *rest]).strip('"') if len(rest) < len(more) else content)


def _quoted(text: str) -> str:
    """Text as it stands in a form; marks stay."""
    return MARK.join(
        piece if number % 2 else quote(piece, safe="-._~") for number, piece in enumerate(text.split(MARK))
    )
