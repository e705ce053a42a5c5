"""The requests of an `.http` file as a config."""

from __future__ import annotations

import json

from msgspec.structs import replace

from understudy.errors import ConfigError
from understudy.formats.asked import MARK, MAX_ASKED, Asked, Book, host_mark
from understudy.formats.curl.read import curl_words, requests_of
from understudy.formats.curl.words import split
from understudy.formats.http_files.answers import answer_of
from understudy.formats.http_files.parse import Written, parse
from understudy.formats.http_files.variables import ENVIRONMENTS, Variables, environment
from understudy.formats.imported import Imported, Options
from understudy.load.fault import Fault, NotReadable
from understudy.load.source import Source

_OTHER = frozenset({"WEBSOCKET", "WS", "GRPC", "RSOCKET", "SSE", "MQTT", "AMQP", "EVENTSOURCE"})
"""What stands in the place of a method where another protocol is spoken."""


def read_http(source: Source, options: Options) -> Imported:
    """A text with requests as a config. Raises ConfigError."""
    text = source.data if isinstance(source.data, str) else ""
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ConfigError([source.problem(Fault("there is a NUL byte: this is no text", line=line))])
    book = Book(source)
    parsed = parse(text)
    if len(parsed.requests) > MAX_ASKED:
        raise ConfigError([source.problem(Fault(f"more than {MAX_ASKED} requests"))])
    if not parsed.requests:
        raise ConfigError([source.problem(Fault("there is no request in this file", line=1))])
    for line, message in parsed.warnings:
        book.warn(line, message)
    variables = Variables(parsed.variables, environment(book))
    bases: set[str] = set()
    asked: list[Asked] = []
    for request in parsed.requests:
        found = _curl(request, variables, book) if request.curl else _asked(request, variables, book)
        for one in found:
            base = host_mark(one.url)
            if base is not None and base not in bases:
                bases.add(base)
                message = f"what {{{{{base}}}}} stands for is not known: paths begin behind it"
                book.warn(request.line, message)
        asked += found
    imported = book.imported(asked, strict=False, send=options.send)
    patterns = tuple((book.folder, name) for name in ENVIRONMENTS) if book.folder is not None else ()
    return replace(imported, patterns=patterns)


def _curl(request: Written, variables: Variables, book: Book) -> list[Asked]:
    """The requests of a curl command in the place of a request."""
    try:
        commands = split(variables.fill("\n".join(request.curl)))
    except NotReadable as error:
        book.warn(request.line, f"this command is left out: {error.faults[0].message}")
        return []
    found: list[Asked] = []
    for command in commands:
        words = curl_words(command)
        if words is not None:
            command.line += request.line - 1
            found += [one._replace(name=request.name) for one in requests_of(command, words, book)]
    return found


def _asked(request: Written, variables: Variables, book: Book) -> list[Asked]:
    """The request with what is known of its variables; none if it is no request of HTTP."""
    method = request.method
    if method in _OTHER:
        book.warn(request.line, f"this request is left out: {method} is not HTTP as endpoints speak it")
        return []
    headers = tuple((name, variables.fill(value)) for name, value in request.headers)
    body = variables.fill("\n".join(request.body))
    if request.body_file is not None:
        body = _file(variables.fill(request.body_file), request, book)
    kind = next((value for name, value in headers if name.lower() == "x-request-type"), "")
    if method == "GRAPHQL" or kind.lower() == "graphql":
        body = _graphql(body)
        headers = (*headers, ("Content-Type", "application/json"))
        method = "POST" if method == "GRAPHQL" else method
    url = variables.fill(request.url)
    answer = answer_of(request, book)
    return [Asked(request.line, method, url, headers, body, (), variables.fill(request.name), answer)]


def _file(name: str, request: Written, book: Book) -> str:
    """The text of a body that stands in a file."""
    if MARK in name:
        return name
    data, fault = book.file(name)
    if data is not None:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            fault = f"{name[:60]} is no text"
        else:
            if MARK not in text:
                return text
            fault = f"{name[:60]} is no text"
    book.warn(request.line, f"the body may be anything: {fault}")
    return f"{MARK}file{MARK}"


def _graphql(body: str) -> str:
    """The JSON of a GraphQL call: a query, and variables as JSON behind an empty line."""
    query, _, variables = body.partition("\n\n")
    if not variables.lstrip().startswith("{"):
        query, variables = body, ""
    return json.dumps({"query": query.strip()} if MARK not in query else {"query": "#"})
