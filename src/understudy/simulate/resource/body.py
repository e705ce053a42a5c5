"""The record that a request brings."""

from __future__ import annotations

from typing import Any

from understudy.request import Request
from understudy.simulate.resource.refused import Refused

FORM = "application/x-www-form-urlencoded"
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
ACCEPTED = f"application/json, {FORM}"
ACCEPT_PATCH = f"{MERGE_PATCH}, {JSON_PATCH}, application/json"


def read_object(request: Request) -> dict[str, Any]:
    """The body as an object: JSON, or the fields of a form. Raises Refused: 415, 400."""
    kind = request.content_type
    if kind == FORM and request.body.lstrip()[:1] not in {b"{", b"["}:  # curl calls its JSON a form
        return {name: found[0] if len(found) == 1 else found for name, found in request.form.items()}
    if kind == JSON_PATCH or not (kind in {"", FORM} or is_json(kind)):
        raise Refused(415, f"a record is sent as {ACCEPTED}, not {kind}")
    value = read_json(request)
    if not isinstance(value, dict):
        raise Refused(400, "the body is not a JSON object")
    return value


def read_json(request: Request) -> Any:
    """The body as JSON. Raises Refused, 400."""
    try:
        return request.json()
    except ValueError as error:
        raise Refused(400, str(error) if request.body else "there is no body") from None


def is_json(kind: str) -> bool:
    """Whether a media type is JSON (RFC 6839 section 3.1)."""
    return kind == "application/json" or kind.endswith("+json")
