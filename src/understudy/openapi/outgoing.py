"""Our own responses held against an operation of the document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from understudy.formats.openapi.operations import Media, Operation, Response
from understudy.openapi.bodies import look_at_json
from understudy.openapi.checker import MAX_VIOLATIONS, Checker, Checkers, Place
from understudy.openapi.media import JSON, bare, covers, is_text, parameters_of
from understudy.openapi.parameters import Judge, compile_judge, missing_field
from understudy.openapi.shapes import ANY
from understudy.openapi.styles import FromText, Spec, in_header
from understudy.openapi.violation import Violation
from understudy.views.content import MAX_JSON_BYTES

BODY = Place("Response", "body")
HEADER = Place("Response", "header")
STATUS = "status"
CONTENT_TYPE = "contentType"
_WITHOUT_BODY = frozenset((204, 205, 304))

Headers = Iterable[tuple[bytes, bytes]]


def compile_outgoing(operation: Operation, is_new: bool, checkers: Checkers | None = None) -> Check:
    """What finds fault with responses.

    `checkers`: those for responses, shared by all operations of the document. The answer to HEAD is not to be
    held against this: it lacks its body.
    """
    checkers = checkers or Checkers(is_new, "Response")
    return Check({one.status: _Outgoing(one, checkers) for one in operation.responses})


class Check:
    """What is wrong with a response: its status, headers, body, and media type ("" if it has none).

    The list is empty if nothing is, and has at most MAX_VIOLATIONS. A body that is None is not looked at.
    """

    def __init__(self, responses: dict[str, _Outgoing]) -> None:
        self._responses = responses
        self._documented = ",".join(responses)

    def __call__(self, status: int, headers: Headers, body: bytes | None, media_type: str) -> list[Violation]:
        response = self._response(status)
        if response is not None:
            return response.look(status, headers, body, media_type)[:MAX_VIOLATIONS]
        message = (
            f"Unable to match the returned status code with those defined in the document: {self._documented}"
        )
        severity = "Error" if 200 <= status < 300 else "Warning"
        return [Violation(("response",), STATUS, message, severity)]

    def has(self, status: int) -> bool:
        """Whether a status is documented by itself."""
        return str(status) in self._responses

    def reads(self, status: int, media_type: str) -> bool:
        """Whether something is said of what is in the body."""
        response = self._response(status)
        return response is not None and response.reads(status, media_type)

    def _response(self, status: int) -> _Outgoing | None:
        known = self._responses
        return known.get(str(status)) or known.get(f"{status // 100}XX") or known.get("default")


class _Header(NamedTuple):
    name: str
    required: bool
    read: FromText
    judge: Judge | None


class _Content(NamedTuple):
    range: str
    parameters: dict[str, str]
    checker: Checker | None
    judge: Judge | None


MAX_TYPES = 64
"""Media types of responses whose place in the document is remembered."""


class _Outgoing:
    """One response of the document."""

    def __init__(self, response: Response, checkers: Checkers) -> None:
        self._types = tuple(one.type for one in response.media)
        self._contents = [_content(one, checkers) for one in response.media]
        self._known: dict[str, _Content | None] = {}
        self._headers = [
            _header(
                one.name.lower(), one.schema, one.node.flag("required"), one.node.flag("explode"), checkers
            )
            for one in response.headers
            if one.name.lower() != "content-type"  # which `content` says (OpenAPI 3.1 section 4.7.17)
        ]

    def reads(self, status: int, media_type: str) -> bool:
        """Whether something is said of what is in the body."""
        content = self._content_for(media_type) if self._contents and status not in _WITHOUT_BODY else None
        if content is None or content.checker is None:
            return False
        name = bare(media_type)
        return bool(JSON.fullmatch(name)) or (is_text(name) and content.judge is not None)

    def look(self, status: int, headers: Headers, body: bytes | None, media_type: str) -> list[Violation]:
        """What is wrong with a response that this is about."""
        found = [] if status in _WITHOUT_BODY else self._body(body, media_type)
        return found + self._header_fields(headers) if self._headers else found

    def _body(self, body: bytes | None, media_type: str) -> list[Violation]:
        if not self._contents:
            return []
        content = self._content_for(media_type)
        if content is not None:
            return [] if body is None else _look(content, bare(media_type), body)
        plural = "s" if len(self._types) > 1 else ""
        message = (
            f'The received media type "{media_type}" does not match the one{plural} specified in the current'
            f" response: {', '.join(self._types)}"
        )
        return [Violation(("response",), CONTENT_TYPE, message)]

    def _content_for(self, media_type: str) -> _Content | None:
        if media_type in self._known:
            return self._known[media_type]
        name, parameters = bare(media_type), parameters_of(media_type)
        fitting = (
            one
            for one in self._contents
            if covers(one.range, name) and one.parameters.items() <= parameters.items()
        )
        found = next(fitting, None)
        if len(self._known) < MAX_TYPES:
            self._known[media_type] = found
        return found

    def _header_fields(self, headers: Headers) -> list[Violation]:
        values: dict[str, str] = {}
        for raw_name, raw_value in headers:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            values[name] = f"{values[name]},{value}" if name in values else value
        found: list[Violation] = []
        for one in self._headers:
            text = values.get(one.name)
            if text is None:
                found += [missing_field(HEADER, one.name)] if one.required else []
            elif one.judge is not None:
                found += one.judge(one.read(text))
        return found


def _look(content: _Content, media_type: str, body: bytes) -> list[Violation]:
    if content.checker is None:
        return []
    if JSON.fullmatch(media_type):
        return look_at_json(lambda: _read_json(body), content.checker, BODY)
    if is_text(media_type) and content.judge is not None:
        found = content.judge(body.decode("utf-8", "replace"))
        return found if found and not _is_written(body, content.checker) else []
    return []


def _is_written(body: bytes, checker: Checker) -> bool:
    """Whether a text is JSON of a list or object that fits: where text is asked for, that is sent."""
    try:
        return body[:1] in (b"{", b"[") and checker.is_valid(_read_json(body))
    except ValueError:
        return False


def _read_json(body: bytes) -> Any:
    if len(body) > MAX_JSON_BYTES:
        raise ValueError(f"the body is not read as JSON: it has more than {MAX_JSON_BYTES} bytes")
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"the body is not JSON: {error}") from None


def _content(media: Media, checkers: Checkers) -> _Content:
    checker = checkers.of(media.schema)
    shape = checker.shape if checker is not None else ANY
    return _Content(
        bare(media.type), parameters_of(media.type), checker, compile_judge(checker, shape, BODY, ())
    )


def _header(name: str, schema: Any, required: bool, explode: bool, checkers: Checkers) -> _Header:
    checker = checkers.of(schema)
    shape = checker.shape if checker is not None else ANY
    read = in_header(Spec(name, shape, explode))
    return _Header(name, required, read, compile_judge(checker, shape, HEADER, (name,)))
