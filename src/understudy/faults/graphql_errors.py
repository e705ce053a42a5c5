"""GraphQL replies with errors (GraphQL specification, October 2021, section 7.1)."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from understudy.faults.body import read_json
from understudy.faults.pieces import Steps, body_of, header_of, is_unknown, with_body, with_header, with_reply
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import GraphqlErrors
from understudy.simulate.kit import Kit, Place
from understudy.steps import Reply


def compile_graphql_errors(fault: GraphqlErrors, kit: Kit, place: Place) -> Strike:
    """The reply under status 200 with `errors`, and `data` null or those it had.

    A reply that may have no body gets one.
    """
    error: dict[str, Any] = {"message": fault.message}
    if fault.path is not UNSET:
        error["path"] = fault.path
    error["extensions"] = {"code": fault.code}

    def strike(steps: Steps, moment: Moment) -> Steps:
        if is_unknown(steps):
            return steps
        data = _data(body_of(steps)) if fault.keep_data else None
        if fault.path is not UNSET:
            data = _without(data, fault.path)
        body = msgspec.json.encode({"data": data, "errors": [error]})
        return with_body(with_reply(steps, _answered), body)

    return strike


def _answered(reply: Reply) -> Reply:
    """The reply with a status that has a body, and a type that says JSON."""
    reply = Reply(200, reply.headers, b"", dated=reply.dated)
    is_json = b"json" in (header_of(reply, b"Content-Type") or b"").lower()
    return reply if is_json else with_header(reply, b"Content-Type", b"application/json")


def _data(body: bytes | None) -> Any:
    """The `data` of a reply; None if it has none."""
    try:
        value = read_json(body or b"null")
    except ValueError:
        return None
    return value.get("data") if isinstance(value, dict) else None


def _without(data: Any, path: list[str | int]) -> Any:
    """Data with null where a path leads, as far as it leads anywhere."""
    inner = data
    for key in path[:-1]:
        inner = _at(inner, key)
    if path and _has(inner, path[-1]):
        inner[path[-1]] = None
    return data


def _at(value: Any, key: str | int) -> Any:
    return value[key] if _has(value, key) else None


def _has(value: Any, key: str | int) -> bool:
    if isinstance(key, str):
        return isinstance(value, dict) and key in value
    return isinstance(value, list) and 0 <= key < len(value)
