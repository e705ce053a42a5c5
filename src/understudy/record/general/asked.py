"""What a request says, by the expressions that say it in templates."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from understudy.formats.har.apart import is_credential
from understudy.formats.har.bodies import NOT_PLAIN, is_json, plain_json
from understudy.record.general.nodes import is_larger
from understudy.record.general.sample import Sample

MAX_VALUES = 500
"""Values of a body that may be repeated."""
MAX_DEPTH = 6
_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}", re.ASCII)
_ECHOED = re.compile(
    r"x-(?!forwarded|real-ip|amz|csrf|xsrf|api-key).*|idempotency-key|accept-language|prefer", re.ASCII
)
"""Request headers that replies repeat."""
PARTS = ("params", "body", "query", "form", "headers")
"""Where a value may come from, the best first."""


class Said(NamedTuple):
    """A value of a request. `part` is one of PARTS, `name` the name next to it, and `expression` what gives
    it in a template. `is_text`: whatever it is, it comes as text."""

    part: str
    name: str
    expression: str
    value: Any
    is_text: bool


def said_by(sample: Sample) -> list[Said]:
    """The values that a request has, without credentials."""
    request = sample.request
    found = [
        Said("params", name, _member("params", name), value, isinstance(value, str))
        for name, value in request.params.items()
    ]
    body = _body(sample)
    if body is not NOT_PLAIN:
        found += _in_json(body)
    hidden = body.keys() if isinstance(body, dict) and request.method == "POST" else ()
    for part, fields in (("query", request.query), ("form", request.form)):
        for name, values in fields.items():
            if len(values) == 1 and not is_credential(name) and not (part == "query" and name in hidden):
                found.append(Said(part, name, _member(part, name), values[0], True))
    for name in dict.fromkeys(name for name, _ in request.headers):
        if _ECHOED.fullmatch(name) and not is_credential(name):
            found.append(Said("headers", name, f"headers['{name}']", request.header(name), True))
    return found


def template_for(said: Said, value: Any, default: Any) -> str | None:
    """The template that gives this value of a reply, if the request's says it; else None.

    `default` is taken where a request does not say it: the first that was recorded.
    """
    if said.value is None or isinstance(said.value, bool) or said.value == "":
        return None
    if isinstance(value, dict | list):
        same = bool(value) and not said.is_text and _same(said.value, value)
        return f"{{{{ {said.expression} }}}}" if same else None
    if isinstance(value, str):
        if isinstance(said.value, str):
            return f"{{{{ {said.expression} }}}}" if said.value == value else None
        return (
            f"{{{{ {said.expression} ~ '' }}}}" if _is_int(said.value) and str(said.value) == value else None
        )
    if said.is_text:
        if not _is_int(value) or said.value != str(value) or not _INTEGER.fullmatch(said.value):
            return None
        optional = said.part != "params"
        chosen = f" | default({int(default)})" if optional else ""
        return f"{{{{ {said.expression}{chosen} | int }}}}"
    same = type(said.value) is type(value) and said.value == value
    return f"{{{{ {said.expression} }}}}" if same else None


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same, 1 and true and 1.0 being three."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and bool(one == other)


def _body(sample: Sample) -> Any:
    request = sample.request
    if not request.body or not is_json(request.content_type):
        return NOT_PLAIN
    plain = plain_json(request.text)
    return NOT_PLAIN if plain is NOT_PLAIN or is_larger(plain, MAX_VALUES) else plain


def _in_json(body: Any) -> list[Said]:
    found: list[Said] = []
    level: list[tuple[str, str, Any]] = [("body", "", body)]
    for depth in range(MAX_DEPTH):
        below: list[tuple[str, str, Any]] = []
        for expression, name, value in level:
            found.append(Said("body", name, expression, value, isinstance(value, str)))
            if isinstance(value, dict):
                below += (
                    (_member(expression, key), key, item)
                    for key, item in value.items()
                    if not is_credential(key)
                )
            elif isinstance(value, list) and depth:
                below += ((f"{expression}[{at}]", name, item) for at, item in enumerate(value))
        level = below
    return found


def _member(of: str, name: str) -> str:
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return f"{of}.{name}"
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"{of}['{quoted}']" if name.isprintable() else f"{of}.none"


_RESERVED = frozenset(
    {"items", "keys", "values", "get", "true", "false", "none", "not", "and", "or", "in", "is", "if", "else"}
)
"""Names that a template might take for something else behind a dot."""
