"""Bodies of requests, as far as they tell saved examples apart."""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from understudy.formats.fragments import Fragment
from understudy.formats.postman.responses import json_value
from understudy.formats.postman.variables import Variables
from understudy.formats.spot import Spot
from understudy.match.kinds.json_tree import literal_pattern


class Body(NamedTuple):
    """A body: a key that is equal for equal bodies, and the `match` that only it meets."""

    key: str
    match: Fragment


def read_body(written: Any, variables: Variables, spot: Spot) -> Body | None:
    """The body of a request; None for none, and for one that cannot be told from another."""
    if not written or not isinstance(written, dict | str):
        return None
    body = {"mode": "raw", "raw": written} if isinstance(written, str) else written
    mode = body.get("mode")
    if body.get("disabled") or not isinstance(mode, str) or mode not in MODES:
        return None
    match = MODES[mode](body.get(mode), variables, spot.at(mode))
    if not match or "{{" in (key := json.dumps(match, sort_keys=True)):
        return None  # a variable in it may be anything
    return Body(key, match)


def _raw(written: Any, variables: Variables, spot: Spot) -> Fragment:
    text = variables.fill(spot.text("" if written is None else written), spot)
    if not text.strip():
        return {}
    value = json_value(text)
    return {"body": {"text": text} if value is None else {"json": literal_pattern(value), "exact": True}}


def _form(written: Any, variables: Variables, spot: Spot) -> Fragment:
    if isinstance(written, str):
        return _fields(parse_qsl(variables.fill(written, spot), keep_blank_values=True))
    pairs = []
    for number, one in enumerate(spot.sequence(written)):
        inner = spot.at(number)
        field = inner.mapping(one)
        if field.get("disabled") or field.get("type") == "file" or not field.get("key"):
            continue
        name = variables.fill(inner.at("key").text(field["key"]), inner)
        pairs.append((name, variables.fill(inner.at("value").text(field.get("value") or ""), inner)))
    return _fields(pairs)


def _fields(pairs: list[tuple[str, str]]) -> Fragment:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    if not fields:
        return {}
    return {
        "form": {
            name: values[0] if len(values) == 1 else {"includes": values} for name, values in fields.items()
        }
    }


def _graphql(written: Any, variables: Variables, spot: Spot) -> Fragment:
    call = {"query": written} if isinstance(written, str) else spot.mapping(written)
    query = variables.fill(spot.text(call.get("query") or ""), spot)
    if not query.strip():
        return {}
    match: dict[str, Any] = {"query": query}
    if isinstance(call.get("operationName"), str) and call["operationName"]:
        match["operation"] = call["operationName"]
    given = call.get("variables")
    values = json_value(variables.fill(given, spot)) if isinstance(given, str) else given
    if isinstance(values, dict):
        simple = {name: one for name, one in values.items() if isinstance(one, str | int | float | bool)}
        if simple:
            match["variables"] = simple
    return {"graphql": match}


def _file(written: Any, variables: Variables, spot: Spot) -> Fragment:
    return {}


MODES = {"raw": _raw, "urlencoded": _form, "formdata": _form, "graphql": _graphql, "file": _file}
"""By `mode`: a function that gives what only this body meets; empty if that cannot be said."""
