"""The stage that holds a request against its schemas, and the answer to one that does not fit."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from understudy.model import Endpoint, Validate
from understudy.request import Request
from understudy.simulate.content import Constant, Respond, compile_content
from understudy.simulate.exchange import Exchange, Stage
from understudy.simulate.feature import Parts
from understudy.simulate.kit import Kit, Place
from understudy.simulate.validate.coerce import Reader
from understudy.simulate.validate.explain import misfits, shown
from understudy.simulate.validate.schema import Schema, compile_schema
from understudy.steps import STATUS_LINES, Header, Reply, Step

MAX_VIOLATIONS = 100
"""Most violations that are told of one request."""
HEADER = b"X-Understudy-Violations"
PROBLEM_TYPE = (b"Content-Type", b"application/problem+json")

UNSUPPORTED = "contentType"
MALFORMED = "json"
MISSING = "required"
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


class Violation(NamedTuple):
    """One thing that is wrong with a request, and the status that it calls for."""

    location: str
    pointer: str
    message: str
    keyword: str
    status: int

    def as_json(self) -> dict[str, str]:
        """The violation as users see it."""
        return {
            "location": self.location,
            "pointer": self.pointer,
            "message": self.message,
            "keyword": self.keyword,
        }


Inspect = Callable[[Request], list[Violation]]


def add_validate(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Add the stage of `validate`."""
    written = endpoint.validate
    if written is UNSET:
        return
    place = (*place, "validate")
    at_body: Place = place if isinstance(written, str) else (*place, "body")
    spec = Validate(body=written) if isinstance(written, str) else written
    problems_before = len(kit.problems)
    inspections = _inspections(spec, kit, place, at_body)
    respond = _custom(spec, kit, place)
    if spec.mode == "off" or not inspections or len(kit.problems) > problems_before:
        return
    if spec.mode == "warn":
        parts.before.append(_note(inspections))
        parts.after.append(_tell)
    else:
        parts.before.append(_refuse(inspections, spec, respond, kit.constant_headers))


def inspect(inspections: list[Inspect], request: Request) -> list[Violation]:
    """What is wrong with a request; one more than is told if there are more."""
    found: list[Violation] = []
    for look in inspections:
        found += look(request)
    return found[: MAX_VIOLATIONS + 1]


# --- what is looked at --------------------------------------------------------------------------------------


def _inspections(spec: Validate, kit: Kit, place: Place, at_body: Place) -> list[Inspect]:
    found: list[Inspect] = []
    for location, fields in _FIELDS.items():
        written = getattr(spec, location)
        if written is UNSET:
            continue
        schema = compile_schema(written, spec.formats, kit, (*place, location))
        if schema is not None:
            found.append(_fields(location, schema, fields))
    if spec.media_types:
        found.append(_media_type(spec.media_types))
    schema = None
    if spec.body is not UNSET:
        schema = compile_schema(spec.body, spec.formats, kit, at_body)
    if schema is not None or spec.needs_body:
        found.append(_body(schema, spec.needs_body))
    return found


def _query(request: Request, reader: Reader) -> dict[str, Any]:
    return reader.read(request.query)


def _headers(request: Request, reader: Reader) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for name, value in request.headers:
        found.setdefault(reader.spelled(name), []).append(value)
    return reader.read({name: [", ".join(values)] for name, values in found.items()}, commas=True)


def _params(request: Request, reader: Reader) -> dict[str, Any]:
    return reader.read({name: [value] for name, value in request.params.items()}, commas=True)


_FIELDS: dict[str, Callable[[Request, Reader], dict[str, Any]]] = {
    "params": _params,
    "query": _query,
    "headers": _headers,
}


def _fields(location: str, schema: Schema, read: Callable[[Request, Reader], dict[str, Any]]) -> Inspect:
    reader = Reader(schema)

    def look(request: Request) -> list[Violation]:
        return _violations(location, schema, read(request, reader), 400)

    return look


def _violations(location: str, schema: Schema, value: Any, status: int) -> list[Violation]:
    return [
        Violation(location, one.pointer, one.message, one.keyword, status)
        for one in misfits(schema, value, MAX_VIOLATIONS + 1)
    ]


def _media_type(accepted: tuple[str, ...]) -> Inspect:
    def look(request: Request) -> list[Violation]:
        if not request.body or any(fnmatchcase(request.content_type, one) for one in accepted):
            return []
        found = shown(request.content_type) if request.content_type else "nothing"
        message = f"{found} is not one of the accepted types: {', '.join(accepted)}"
        return [Violation("headers", "/Content-Type", message, UNSUPPORTED, 415)]

    return look


def _body(schema: Schema | None, needed: bool) -> Inspect:
    reader = None if schema is None else Reader(schema)

    def look(request: Request) -> list[Violation]:
        if not request.body:
            return [Violation("body", "", "there is no body", MISSING, 400)] if needed else []
        if schema is None or reader is None:
            return []
        if request.content_type in _FORMS and not request.text.lstrip().startswith(("{", "[")):
            # `curl -d '{"a": 1}'` calls its JSON a form
            return _violations("body", schema, reader.read(_form(request)), 422)
        try:
            value = request.json()
        except ValueError as error:
            return [Violation("body", "", _malformed(error), MALFORMED, 400)]
        return _violations("body", schema, value, 422)

    return look


def _form(request: Request) -> dict[str, list[str]]:
    """The fields of a form, and the files in it as text: a schema may ask for both."""
    files = [part for part in request.multipart if part.name is not None and part.filename is not None]
    if not files:
        return request.form
    fields = {name: list(values) for name, values in request.form.items()}
    for part in files:
        fields.setdefault(str(part.name), []).append(part.text)
    return fields


def _malformed(error: ValueError) -> str:
    text = str(error)
    return "the body is nested too deeply to be read" if "recursion" in text else text


# --- what comes of it ---------------------------------------------------------------------------------------


def _note(inspections: list[Inspect]) -> Stage:
    async def stage(exchange: Exchange) -> Reply | None:
        _log(exchange, inspect(inspections, exchange.request))
        return None

    return stage


async def _tell(exchange: Exchange, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The number of violations as a header, where the reply is one that can have more headers."""
    count = len(exchange.plan.violations)
    if not count or not isinstance(steps[0], Reply):
        return steps
    return (steps[0].with_headers(((HEADER, str(count).encode()),)), *steps[1:])


def _log(exchange: Exchange, found: list[Violation]) -> None:
    exchange.plan.violations = tuple(one.as_json() for one in found[:MAX_VIOLATIONS])


def _refuse(
    inspections: list[Inspect], spec: Validate, respond: Respond | None, headers: tuple[Header, ...]
) -> Stage:
    custom_status = spec.response.status if spec.response is not UNSET else UNSET

    async def stage(exchange: Exchange) -> Reply | None:
        found = inspect(inspections, exchange.request)
        if not found:
            return None
        _log(exchange, found)
        status = _status(found) if spec.status is UNSET else spec.status
        told = [one.as_json() for one in found[:MAX_VIOLATIONS]]
        if respond is None:
            return _problem(status, exchange.endpoint, told, len(found) > MAX_VIOLATIONS, headers)
        await exchange.prepare()
        exchange.scope.extra = {"violations": told}
        try:
            steps = respond(exchange.request)
        finally:
            exchange.scope.extra = {}
        reply = steps[0]
        assert isinstance(reply, Reply), "checked when it was compiled"
        if custom_status is not UNSET:
            return reply
        return Reply(status, reply.headers, reply.body, dated=reply.dated)

    return stage


def _status(found: list[Violation]) -> int:
    """The status for all of them: first what kind of thing it is, then whether it can be read at all."""
    statuses = {one.status for one in found}
    return next(status for status in (415, 400, 422) if status in statuses)


def _problem(
    status: int, endpoint: str, told: list[dict[str, str]], more: bool, headers: tuple[Header, ...]
) -> Reply:
    """Problem details (RFC 9457); the title of `about:blank` is that of the status."""
    first = told[0]
    at = f" {first['pointer']}" if first["pointer"] else ""
    others = f"more than {MAX_VIOLATIONS - 1}" if more else str(len(told) - 1)
    detail = f"{first['location']}{at}: {first['message']}"
    if len(told) > 1:
        detail += f" (and {others} more)"
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": STATUS_LINES[status].partition(b" ")[2][4:].decode().strip(),
        "status": status,
        "detail": detail,
        "endpoint": endpoint,
        "violations": told,
    }
    if more:
        body["more"] = True
    return Reply(status, (PROBLEM_TYPE, *headers), msgspec.json.encode(body))


def _custom(spec: Validate, kit: Kit, place: Place) -> Respond | None:
    """What makes the answer that the config describes; None for problem details."""
    if spec.response is UNSET:
        return None
    content = spec.response
    if content.status is UNSET:
        content = msgspec.structs.replace(content, status=400)
    respond = compile_content(content, kit, (*place, "response"), ("violations",))
    if isinstance(respond, Constant) and not isinstance(respond.steps[0], Reply):
        kit.problem((*place, "response", "file"), "the file is too large for an error reply")
    return respond
