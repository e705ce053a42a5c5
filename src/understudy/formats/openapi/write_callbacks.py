"""Callbacks of a config as those of an operation: the way back from `callbacks.py`."""

from __future__ import annotations

import json
import re
from typing import Any

from msgspec import UNSET

from understudy.formats.exported import Outgoing
from understudy.formats.openapi.infer import schema_of
from understudy.formats.outgoing import CannotSay, Place
from understudy.model import Callback, Endpoint, each_callback, templating
from understudy.render.lexer import is_template, pieces

_KEYS = r"((?:\.[A-Za-z_]\w*|\[\d+\]|\['(?:[^'\\]|\\.)*'\])+)"
_EXPRESSION = re.compile(rf"(query|headers|params|body|reply\.headers|reply\.body){_KEYS}", re.ASCII)
_KEY = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]", re.ASCII)
_SOURCES = {
    "query": "request.query.",
    "headers": "request.header.",
    "params": "request.path.",
    "reply.headers": "response.header.",
    "body": "request.body#",
    "reply.body": "response.body#",
}
_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}(.*)\{%-?\s*endraw\s*-?%\}", re.DOTALL)


def callbacks_of(endpoint: Endpoint, outgoing: Outgoing, place: Place) -> dict[str, Any]:
    """The value of `callbacks`; those whose address or body no document can say are warnings."""
    found: dict[str, Any] = {}
    if endpoint.callbacks is UNSET:
        return found
    for number, one in enumerate(each_callback(endpoint.callbacks), 1):
        try:
            url = _url(one, endpoint, outgoing)
            found[f"callback{number}"] = {url: {one.method.lower(): _operation(one)}}
        except CannotSay as left:
            place.at("callbacks").warn(f"this callback is left out: {left}")
    return found


def _url(callback: Callback, endpoint: Endpoint, outgoing: Outgoing) -> str:
    written = endpoint.templates if callback.templates is UNSET else callback.templates
    language = templating(written)
    if language is not None and language.language != "jinja" and "{{" in callback.url:
        raise CannotSay("its address is a template of another language")
    text = "".join(map(_piece, pieces(callback.url))) if is_template(callback.url) else callback.url
    return outgoing.base_url + text if text.startswith("/") else text


def _piece(piece: Any) -> str:
    if piece.kind == "text":
        return str(piece.source)
    if raw := _RAW.fullmatch(piece.source):
        return raw[1]
    found = _EXPRESSION.fullmatch(piece.inner.strip()) if piece.kind == "expression" else None
    if found is None:
        raise CannotSay(f"{piece.source} is no runtime expression")
    keys = [
        name or number or quoted.replace("\\'", "'").replace("\\\\", "\\")
        for name, number, quoted in _KEY.findall(found[2])
    ]
    source = _SOURCES[found[1]]
    if source.endswith("#"):
        pointer = "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)
        return f"{{${source}{pointer}}}"
    if len(keys) > 1:
        raise CannotSay(f"{piece.source} is no runtime expression")
    return f"{{${source}{keys[0]}}}"


def _operation(callback: Callback) -> dict[str, Any]:
    if callback.method.lower() not in ("get", "put", "post", "delete", "options", "head", "patch", "trace"):
        raise CannotSay(f"{callback.method} is no method there")
    made: dict[str, Any] = {}
    content: dict[str, Any] = {}
    if callback.response is not UNSET:
        value = _plain(callback.response)
        # what a template makes is not known
        schema = {} if "{{" in json.dumps(callback.response, default=str) else {"schema": schema_of([value])}
        content = {"application/json": {**schema, "example": value}}
    elif callback.body is not UNSET:
        named = [str(value) for name, value in callback.headers.items() if name.lower() == "content-type"]
        kind = named[0] if named else "text/plain"
        content = {kind: {"schema": {"type": "string"}, "example": _plain(callback.body)}}
    elif callback.form is not UNSET:
        example = {name: _plain(value) for name, value in callback.form.items()}
        content = {"application/x-www-form-urlencoded": {"schema": schema_of([example]), "example": example}}
    if content:
        made["requestBody"] = {"content": content}
    return {**made, "responses": {"200": {"description": "It was received."}}}


def _plain(value: Any) -> Any:
    """A body as an example: what is a template in it is left as it is written."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str) and (raw := _RAW.fullmatch(value)):
        return raw[1]
    return value
