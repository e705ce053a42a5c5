"""Bodies of an archive, which are text or base64, as bytes; and bytes as the keys of an answer."""

from __future__ import annotations

import base64
import binascii
import json
import math
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from understudy.formats.imported import literal, literal_json
from understudy.formats.spot import Spot
from understudy.render.lexer import is_template
from understudy.views.charset import codec

MAX_JSON_DEPTH = 50
"""Levels of JSON that are written as JSON; what is deeper stays text."""
MAX_INTEGER = 2**63
TEXTUAL = ("text/", "json", "xml", "javascript", "ecmascript", "urlencoded", "yaml", "graphql", "csv")
"""What a Content-Type has in it if its bodies are text, whatever way they are written in an archive."""


def body_bytes(written: dict[str, Any], kind: str, spot: Spot) -> bytes | None:
    """The bytes of a `content` or a `postData`; None if they are not there.

    `kind` is the Content-Type, whose charset text is in. `encoding` is of HAR 1.2 for replies, and for
    requests as proposed for 1.3.
    """
    text = written.get("text")
    if text is None:
        return None
    text = spot.at("text").text(text)
    if str(written.get("encoding") or "").lower() == "base64":
        packed = "".join(text.split())
        try:
            return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
        except (binascii.Error, ValueError):
            spot.at("text").leave("its body is not the base64 that it says it is")
    charset = charset_of(kind)
    for name in (charset, "cp1252" if charset in {"ascii", "latin_1", "iso8859_1"} else "utf-8"):
        try:  # what is called ISO 8859-1 is Windows-1252 to browsers (Encoding standard, section 4.2)
            return text.encode(name)
        except (ValueError, LookupError):
            continue
    return text.encode()


def form_bytes(written: dict[str, Any], spot: Spot) -> bytes | None:
    """The body of a form that is written as `params` alone; None if it has files, or is no such form."""
    fields: list[tuple[str, str]] = []
    inner = spot.at("params")
    for number, one in enumerate(inner.sequence(written.get("params"))):
        pair = inner.at(number).mapping(one)
        if "fileName" in pair:
            return None
        fields.append((str(pair.get("name") or ""), str(pair.get("value") or "")))
    return urlencode(fields).encode() if fields else None


def charset_of(kind: str) -> str:
    """Python's name for the charset of a Content-Type; UTF-8 where it names none that is known."""
    for part in kind.split(";")[1:]:
        name, _, value = part.strip().partition("=")
        if name.lower() == "charset":
            return codec(value.strip("\"' ")) or "utf-8"
    return "utf-8"


def is_json(kind: str) -> bool:
    """Whether a Content-Type is that of JSON."""
    media = kind.partition(";")[0].strip().lower()
    return media == "application/json" or media.endswith("+json")


def answer_body(body: bytes, kind: str, was_text: bool) -> dict[str, Any]:
    """The key of an answer that sends these bytes: `response`, `body` or `base64`.

    JSON becomes a `response` where nothing but white space gets lost by it. `was_text`: the archive had it as
    text, so that it is text.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}
    if not was_text and not any(part in kind.lower() for part in TEXTUAL):
        return {"base64": base64.b64encode(body).decode()}
    if is_json(kind):
        value = plain_json(text)
        if value is not NOT_PLAIN and not _has_template_key(value):
            return {"response": literal_json(value)}
    return {"body": literal(text)}


NOT_PLAIN: Any = object()
"""Stands for JSON that is better kept as its text."""


def plain_json(text: str) -> Any:
    """JSON as plain data if writing it anew gives the same values, else `NOT_PLAIN`.

    It does not for a key that is there twice, numbers beyond what a float or 64 bits hold, and half a
    surrogate pair.
    """
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_float=_float, parse_int=_integer, parse_constant=_refuse
        )
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return NOT_PLAIN
    return NOT_PLAIN if is_deeper(value, MAX_JSON_DEPTH) else value


def _has_template_key(value: Any) -> bool:
    """Whether a key in a JSON value looks like a template, which it would be in a `response`."""
    if isinstance(value, dict):
        return any(is_template(key) or _has_template_key(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_has_template_key, value))


def is_deeper(value: Any, levels: int) -> bool:
    """Whether a JSON value has more levels than so many."""
    level = [value]
    for _ in range(levels + 1):
        level = [
            item
            for one in level
            if isinstance(one, dict | list)
            for item in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key is there twice")
    return made


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or Decimal(repr(value)) != Decimal(text):
        raise ValueError("more digits than a float has")
    return value


def _integer(text: str) -> int:
    if len(text) > 20 or not -MAX_INTEGER <= int(text) < MAX_INTEGER:
        raise ValueError("beyond 64 bits")
    return int(text)


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")
