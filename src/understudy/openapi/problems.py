"""What is answered where the document has no answer: problem details (RFC 9457), as Prism sends them.

Names, statuses, titles and fields are Prism's (its packages/http/src/mocker/errors.ts and router/errors.ts,
and what version 5.12 sends). Only where it names itself in a sentence our name stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from understudy.openapi.violation import Violation
from understudy.steps import Header, Reply

TYPE: Header = (b"Content-Type", b"application/problem+json")
BASE = "https://stoplight.io/prism/errors#"
MAX_VIOLATIONS_BYTES = 8 * 1024 - 100
"""Longest value of the header `sl-violations`: many clients refuse heads above 8 KB; Prism has this bound."""
MAX_MESSAGE = 1000
"""Characters of one message in that header, so that the others are not pushed out of it."""


class Kind(NamedTuple):
    """What all problems of a name have in common. `type` is the name on the wire, where it is another."""

    status: int
    title: str
    type: str = ""


PROBLEMS: dict[str, Kind] = {
    # finding the operation
    "NO_BASE_URL_ERROR": Kind(
        400,
        "Attempted to make a request to a server but neither baseUrl param provided nor servers defined"
        " in the spec",
    ),
    "NO_RESOURCE_PROVIDED_ERROR": Kind(404, "Route not resolved, no resource provided"),
    "NO_PATH_MATCHED_ERROR": Kind(404, "Route not resolved, no path matched"),
    "NO_SERVER_MATCHED_ERROR": Kind(404, "Route not resolved, no server matched"),
    "NO_METHOD_MATCHED_ERROR": Kind(405, "Route resolved, but no method matched"),
    "NO_SERVER_CONFIGURATION_PROVIDED_ERROR": Kind(
        404, "Route not resolved, no server configuration provided"
    ),
    # checking the request
    "UNPROCESSABLE_ENTITY": Kind(422, "Invalid request"),
    "UNAUTHORIZED": Kind(401, "Invalid security scheme used"),
    "INVALID_CONTENT_TYPE": Kind(415, "Invalid content type"),
    "VIOLATIONS": Kind(500, "Request/Response not valid"),
    # finding the answer
    "NOT_ACCEPTABLE": Kind(406, "The server cannot produce a representation for your accept header"),
    "NOT_FOUND": Kind(404, "The server cannot find the requested content"),
    "NO_RESPONSE_DEFINED": Kind(
        500, "No response defined for the selected operation", "NO_RESPONSE_RESPONSE_DEFINED"
    ),
    "NO_COMPLEX_OBJECT_TEXT": Kind(500, "Cannot serialise complex objects as text"),
    "SCHEMA_TOO_COMPLEX": Kind(500, "Schema too complex"),
    "UNKNOWN": Kind(500, "Unknown error"),
}
"""All problems by name. NO_BASE_URL_ERROR and NO_COMPLEX_OBJECT_TEXT are Prism's alone: here there is no need
for either."""

UNAUTHORIZED_DETAIL = (
    "Your request does not fullfil the security requirements and no HTTP unauthorized response was found in"
    " the spec, so Understudy is generating this error for you."
)
INVALID_DETAIL = (
    "Your request is not valid and no HTTP validation response was found in the spec, so Understudy is"
    " generating this error for you."
)
VIOLATIONS_DETAIL = (
    "Your request/response is not valid and the --errors flag is set, so Understudy is generating this error"
    " for you."
)


def problem(name: str, detail: str = "", *, fields: tuple[Header, ...] = (), **more: Any) -> Reply:
    """The reply for a problem of this name in `PROBLEMS`. `fields` are headers, `more` further members of the
    body; `title` replaces its own."""
    kind = PROBLEMS[name]
    body = {
        "type": BASE + (kind.type or name),
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        **more,
    }
    return Reply(kind.status, (TYPE, *fields), msgspec.json.encode(body))


def miss(status: int, method: str, path: str) -> tuple[dict[str, Any], Header]:
    """The members, and the type, of the reply to a request that no endpoint takes: 404, or 405."""
    if status == 404:
        name, detail = (
            "NO_PATH_MATCHED_ERROR",
            f"The route {path} hasn't been found in the specification file",
        )
    else:
        name = "NO_METHOD_MATCHED_ERROR"
        detail = f'The route {path} has been matched, but it does not have "{method.lower()}" method defined'
    kind = PROBLEMS[name]
    return {"type": BASE + name, "title": kind.title, "status": status, "detail": detail}, TYPE


def unauthorized(challenges: Sequence[str]) -> Reply:
    """401; `challenges` are the values of `WWW-Authenticate` (RFC 9110 section 11.6.1), in the body too."""
    joined = re.sub(r"[\x00-\x1f\x7f]+", " ", ", ".join(challenges))
    if not joined:
        return problem("UNAUTHORIZED", UNAUTHORIZED_DETAIL)
    header = (b"WWW-Authenticate", joined.encode("latin-1", "replace"))
    return problem(
        "UNAUTHORIZED", UNAUTHORIZED_DETAIL, fields=(header,), headers={"WWW-Authenticate": joined}
    )


def unprocessable(violations: Iterable[Violation]) -> Reply:
    """422: the request is not as the document says."""
    return problem(
        "UNPROCESSABLE_ENTITY", INVALID_DETAIL, validation=[violation.as_json() for violation in violations]
    )


def invalid_content_type(supported: Sequence[str]) -> Reply:
    """415: the body is in none of the documented media types."""
    return problem("INVALID_CONTENT_TYPE", supported_types(supported))


def supported_types(supported: Sequence[str]) -> str:
    """Which media types a body may have, in Prism's words; without any there should be no body."""
    if not supported:
        return "No supported content types, but request included a non-empty body"
    return f"Supported content types: {','.join(supported)}"


def violated(violations: Iterable[Violation]) -> Reply:
    """500: the reply was not as the document says, and the user wants to hear of it."""
    return problem(
        "VIOLATIONS", VIOLATIONS_DETAIL, validation=[violation.as_json() for violation in violations]
    )


def violations_header(violations: Sequence[Violation]) -> Header:
    """The header that tells of violations beside an answer: a JSON list, in ASCII, at most 8 KB long.

    Prism cuts the text in the middle; here the list ends earlier, and its last item says how many are
    missing.
    """
    items = [_short(violation) for violation in violations]
    text = _ascii(items)
    if len(text) > MAX_VIOLATIONS_BYTES:
        room = MAX_VIOLATIONS_BYTES - len(_ascii([_missing(len(items))])) - 1
        kept: list[dict[str, Any]] = []
        for item in items:
            room -= len(_ascii(item)) + 1
            if room < 0:
                break
            kept.append(item)
        text = _ascii([*kept, _missing(len(items) - len(kept))])
    return b"sl-violations", text.encode("ascii")


def _short(violation: Violation) -> dict[str, Any]:
    item = violation.as_json()
    if violation.location[:1] != ("response",):
        item["location"].insert(0, "request")
    if len(violation.message) > MAX_MESSAGE:
        item["message"] = violation.message[:MAX_MESSAGE] + "…"
    return item


def _missing(count: int) -> dict[str, Any]:
    message = f"Too many violations! {count} more are not shown"
    return {"location": [], "severity": "Information", "code": "cut", "message": message}


def _ascii(value: Any) -> str:
    """JSON that may stand in a header: without DEL, which JSON allows as it is, and RFC 9110 does not."""
    return json.dumps(value, separators=(",", ":")).replace("\x7f", "\\u007f")
