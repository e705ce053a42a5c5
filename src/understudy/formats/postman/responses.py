"""A saved example's answer: status, headers, body."""

from __future__ import annotations

import json
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from understudy.formats.postman.templates import Templates
from understudy.formats.postman.variables import Variables
from understudy.formats.spot import Spot
from understudy.model.parts import check_headers

MAX_JSON_DEPTH = 100
"""Levels of JSON that becomes a `response`: a config has some of its own around it."""
_MAX_INTEGER = 2**63
_OF_THE_CONNECTION = frozenset(
    {
        "connection", "content-encoding", "content-length", "date", "keep-alive", "proxy-connection",
        "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
"""Headers about how the real server sent it. Bodies are saved decoded, so their encoding is gone."""
_WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
_PREVIEWS = {
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "xml": "application/xml",
    "javascript": "application/javascript",
    "text": "text/plain; charset=utf-8",
}
_BY_PHRASE = {one.phrase.lower(): one.value for one in HTTPStatus}


def read_status(written: dict[str, Any], spot: Spot) -> int:
    """The status. Raises LeftOut for one that no reply can have."""
    code: Any = written.get("code")
    if code is None:
        phrase = str(written.get("status") or "OK").lower()
        code = _BY_PHRASE.get(phrase, phrase[:3] if phrase[:3].isdigit() else 200)
    try:
        status = int(code)
    except (TypeError, ValueError, OverflowError):
        status = 0
    if not 200 <= status <= 599:
        spot.at("code").leave(f"a status is from 200 to 599, this one is {code}")
    return status


def read_answer(
    written: dict[str, Any], status: int, variables: Variables, templates: Templates, spot: Spot
) -> dict[str, Any]:
    """The keys of an answer. Raises LeftOut."""
    answer: dict[str, Any] = {} if status == HTTPStatus.OK else {"status": status}
    headers = {
        name: _each(value, lambda text: templates.text(variables.fill(text, spot)))
        for name, value in read_headers(written.get("header"), spot.at("header")).items()
    }
    for name in list(headers):
        try:
            check_headers({name: headers[name]})
        except ValueError as error:
            spot.at("header").warn(f"a header is left out: {error}")
            del headers[name]
    body = _body(written, headers, variables, templates, spot)
    if not body and status not in _WITHOUT_BODY:
        body = {"body": ""}
    if headers:
        answer["headers"] = headers
    return answer | body


def _each(value: Any, change: Any) -> Any:
    return [change(one) for one in value] if isinstance(value, list) else change(value)


def read_headers(written: Any, spot: Spot) -> dict[str, Any]:
    """Headers by name, those of the connection left out; one that is repeated has a list of values.

    They are a list of objects, or of lines, or one text of lines.
    """
    if isinstance(written, str):
        written = written.splitlines()
    headers: dict[str, Any] = {}
    names: dict[str, str] = {}
    for number, one in enumerate(spot.sequence(written)):
        inner = spot.at(number)
        if isinstance(one, str):
            name, _, value = one.partition(":")
        else:
            pair = inner.mapping(one)
            if pair.get("disabled"):
                continue
            name = inner.at("key").text(pair.get("key") or "")
            given = pair.get("value")
            value = "" if given is None else inner.at("value").text(given)
        name, value = name.strip(), value.strip()
        if not name or name.lower() in _OF_THE_CONNECTION:
            continue
        known = names.setdefault(name.lower(), name)
        headers.setdefault(known, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in headers.items()}


# ---- bodies


def _body(
    written: dict[str, Any],
    headers: dict[str, Any],
    variables: Variables,
    templates: Templates,
    spot: Spot,
) -> dict[str, Any]:
    inner = spot.at("body")
    given = written.get("body")
    text = variables.fill(inner.text("" if given is None else given), inner)
    if not text:
        return {}
    name = next((name for name in headers if name.lower() == "content-type"), None)
    kind = str(headers[name]) if name is not None else ""
    preview = str(written.get("_postman_previewlanguage") or "").lower()
    if _is_json(kind, preview, text):
        value = json_value(text)
        if value is not None and not templates.has_key(value):
            if kind == "application/json" and name is not None:
                del headers[name]  # it is what a `response` has
            return {"response": templates.json(value)}
    if name is None and preview in _PREVIEWS:
        headers["Content-Type"] = _PREVIEWS[preview]
    return {"body": templates.text(text)}


def _is_json(kind: str, preview: str, text: str) -> bool:
    if kind:
        return "json" in kind.lower()
    return preview == "json" or (preview in {"", "auto"} and text.lstrip()[:1] in {"{", "["})


def json_value(text: str) -> Any:
    """The object or list that a text is; None if it is none, or would not stay what it is."""
    try:
        value = json.loads(
            text, parse_float=_float, parse_int=_int, parse_constant=_refuse, object_pairs_hook=_object
        )
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) and value and _depth(value) <= MAX_JSON_DEPTH else None


def _float(text: str) -> float:
    value = float(text)
    if value in {float("inf"), float("-inf")} or Decimal(text) != Decimal(repr(value)):
        raise ValueError("more digits than a float has")
    return value


def _int(text: str) -> int:
    if len(text) > 20 or abs(value := int(text)) >= _MAX_INTEGER:
        raise ValueError("too large for some readers")
    return value


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _depth(value: Any) -> int:
    """Levels of objects and lists."""
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            item
            for one in level
            for item in (one.values() if isinstance(one, dict) else one)
            if isinstance(item, dict | list)
        ]
    return depth
