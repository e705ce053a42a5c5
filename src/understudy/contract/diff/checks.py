"""What may have changed from one document to the next: the TABLE of checks.

A change is an error if a client that keeps to the old document may break with the new one. For schemas this
follows from what happens to the set of valid data (as oasdiff has it): a request breaks if the set gets
smaller, a response if it gets larger, both if neither set holds the other. What cannot be decided, such as
whether one regular expression takes all that another does, is a warning.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Level = Literal["error", "warning", "info"]
LEVELS: tuple[Level, ...] = ("error", "warning", "info")

NARROWS, WIDENS, OTHER, UNKNOWN = "narrows", "widens", "other", "unknown"
"""What happens to the set of valid data. OTHER: some is no longer valid, and some has become valid."""


class Check(NamedTuple):
    """A check: how bad what it finds is, and what that is, in a sentence."""

    level: Level
    sentence: str


def _level(direction: str, effect: str) -> Level:
    if effect == UNKNOWN:
        return "warning"
    breaks = {"request": NARROWS, "response": WIDENS}[direction]
    return "error" if effect in (breaks, OTHER) else "info"


class SchemaCheck(NamedTuple):
    """A check of schemas, which becomes one of requests and one of responses.

    `request` and `response` are levels that do not follow from the effect.
    """

    effect: str
    sentence: str
    request: Level | None = None
    response: Level | None = None


SCHEMA_CHECKS: dict[str, SchemaCheck] = {
    "type-narrowed": SchemaCheck(NARROWS, "fewer types are valid"),
    "type-widened": SchemaCheck(WIDENS, "more types are valid"),
    "type-changed": SchemaCheck(OTHER, "other types are valid"),
    "became-nullable": SchemaCheck(WIDENS, "null has become valid"),
    "became-not-nullable": SchemaCheck(NARROWS, "null is no longer valid"),
    "enum-added": SchemaCheck(NARROWS, "only listed values are valid now"),
    "enum-removed": SchemaCheck(WIDENS, "not only listed values are valid now"),
    "enum-value-added": SchemaCheck(WIDENS, "a listed value was added"),
    "enum-value-removed": SchemaCheck(NARROWS, "a listed value was removed"),
    "bound-tightened": SchemaCheck(NARROWS, "a bound was added or tightened"),
    "bound-loosened": SchemaCheck(WIDENS, "a bound was removed or loosened"),
    "bound-changed": SchemaCheck(OTHER, "a bound was exchanged for another"),
    "pattern-added": SchemaCheck(NARROWS, "a regular expression was added"),
    "pattern-removed": SchemaCheck(WIDENS, "a regular expression was removed"),
    "pattern-changed": SchemaCheck(UNKNOWN, "a regular expression was changed"),
    "format-narrowed": SchemaCheck(NARROWS, "a format was added or narrowed"),
    "format-widened": SchemaCheck(WIDENS, "a format was removed or widened"),
    "format-changed": SchemaCheck(OTHER, "a format was exchanged for another"),
    "property-added": SchemaCheck(UNKNOWN, "an optional property was added", "info", "info"),
    "required-property-added": SchemaCheck(NARROWS, "a required property was added"),
    # servers ignore what they do not know, mostly; clients that read an optional property must do without
    "property-removed": SchemaCheck(UNKNOWN, "a property was removed"),
    "required-property-removed": SchemaCheck(WIDENS, "a required property was removed", request="warning"),
    "property-refused": SchemaCheck(
        NARROWS, "a property was removed, and properties that are not listed are refused", response="warning"
    ),
    "property-became-required": SchemaCheck(NARROWS, "a property has become required"),
    "property-became-optional": SchemaCheck(WIDENS, "a property is no longer required"),
    "property-hidden": SchemaCheck(
        UNKNOWN, "a property has become readOnly or writeOnly, so it is not here any more", "warning", "error"
    ),
    "property-shown": SchemaCheck(
        UNKNOWN, "a property is no longer readOnly or writeOnly, so it is here too", "info", "info"
    ),
    "property-deprecated": SchemaCheck(UNKNOWN, "a property has become deprecated", "info", "info"),
    "additional-properties-refused": SchemaCheck(NARROWS, "properties that are not listed are refused"),
    "additional-properties-allowed": SchemaCheck(
        WIDENS, "properties that are not listed are allowed", response="info"
    ),
    "choice-added": SchemaCheck(WIDENS, "an alternative of `oneOf` or `anyOf` was added"),
    "choice-removed": SchemaCheck(NARROWS, "an alternative of `oneOf` or `anyOf` was removed"),
    "choices-added": SchemaCheck(NARROWS, "one of several alternatives has to fit now"),
    "choices-removed": SchemaCheck(WIDENS, "no alternative has to fit any more"),
    "choices-changed": SchemaCheck(UNKNOWN, "`oneOf` and `anyOf` are nested in another way"),
    "discriminator-changed": SchemaCheck(UNKNOWN, "the discriminator has changed"),
    "default-changed": SchemaCheck(
        UNKNOWN, "the default has changed: who says nothing means something else now", "warning", "info"
    ),
    "condition-changed": SchemaCheck(UNKNOWN, "a condition has changed that cannot be compared"),
}
"""What may have changed in a schema; each is found in requests and in responses."""

_OPERATION_CHECKS: dict[str, Check] = {
    "path-removed": Check("error", "a path was removed, with all of its operations"),
    "path-added": Check("info", "a path was added"),
    "operation-removed": Check("error", "an operation was removed"),
    "operation-added": Check("info", "an operation was added"),
    "deprecated-operation-removed": Check("warning", "an operation was removed that was deprecated"),
    "operation-deprecated": Check("info", "an operation has become deprecated"),
    "operation-reactivated": Check("info", "an operation is no longer deprecated"),
    "operation-id-changed": Check("warning", "the operationId has changed, which generated clients name"),
    "server-prefix-changed": Check("error", "the path of the server has changed"),
    "parameter-removed": Check("warning", "a parameter was removed"),
    "parameter-added": Check("info", "an optional parameter was added"),
    "required-parameter-added": Check("error", "a required parameter was added"),
    "parameter-became-required": Check("error", "a parameter has become required"),
    "parameter-became-optional": Check("info", "a parameter is no longer required"),
    "parameter-moved": Check("error", "a parameter is expected in another place"),
    "parameter-serialization-changed": Check("error", "a parameter is written in another way"),
    "parameter-deprecated": Check("info", "a parameter has become deprecated"),
    "required-request-body-added": Check("error", "a required request body was added"),
    "request-body-added": Check("info", "an optional request body was added"),
    "request-body-removed": Check("error", "the request body was removed"),
    "request-body-became-required": Check("error", "the request body has become required"),
    "request-body-became-optional": Check("info", "the request body is no longer required"),
    "request-media-type-removed": Check("error", "requests may no longer have this media type"),
    "request-media-type-added": Check("info", "requests may have this media type now"),
    "response-success-removed": Check("error", "a status of success is no longer documented"),
    "response-success-added": Check("warning", "there is one more status of success"),
    "response-status-removed": Check("info", "a status of failure is no longer documented"),
    "response-status-added": Check("info", "there is one more status of failure"),
    "response-media-type-removed": Check("error", "responses no longer have this media type"),
    "response-media-type-added": Check("info", "responses may have this media type now"),
    "response-header-removed": Check("warning", "an optional response header was removed"),
    "required-response-header-removed": Check("error", "a required response header was removed"),
    "response-header-added": Check("info", "a response header was added"),
    "response-header-became-optional": Check("error", "a response header is no longer required"),
    "response-header-became-required": Check("info", "a response header has become required"),
    "security-added": Check("error", "credentials are needed now"),
    "security-removed": Check("info", "no credentials are needed any more"),
    "security-alternative-removed": Check("error", "credentials that were enough are no longer"),
    "security-alternative-added": Check("info", "other credentials are enough too now"),
    "security-scheme-changed": Check("error", "credentials are sent in another way"),
    "callback-removed": Check("warning", "a callback was removed"),
    "callback-added": Check("info", "a callback was added"),
    "comparison-ended": Check("warning", "there is more than is compared"),
}

_BEGIN = {"request": "in requests, ", "response": "in responses, "}

CHECKS: dict[str, Check] = _OPERATION_CHECKS | {
    f"{direction}-{name}": Check(
        (check.request if direction == "request" else check.response) or _level(direction, check.effect),
        begin + check.sentence,
    )
    for direction, begin in _BEGIN.items()
    for name, check in SCHEMA_CHECKS.items()
}
"""Everything that may be found, by name."""
