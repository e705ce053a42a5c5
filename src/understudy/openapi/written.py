"""Values as the bytes of a body, and of a header."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

import msgspec

from understudy.formats.openapi.bodies import BINARY, JSON, header_text, json_value, text_value
from understudy.formats.openapi.operations import Media
from understudy.simulate.content import header_bytes

_DATA_URL = re.compile(r"data:[^,]*;base64,(.*)", re.DOTALL)
_OPAQUE = "application/octet-stream"


def body_bytes(media: Media, media_type: str, value: Any) -> bytes:
    """A value in a media type. `media` is what the document says of it; its type may be a range."""
    if isinstance(value, bytes):
        return value
    plain = media_type.partition(";")[0].strip()
    if JSON.fullmatch(plain):
        return msgspec.json.encode(json_value(media, value))
    if isinstance(value, str) and BINARY.fullmatch(plain) and not _is_base64_itself(media):
        return _decoded(value, plain)
    return text_value(media, media_type if "json" in plain else plain, value).encode()


def header_value(value: Any) -> bytes:
    """A value as that of a header."""
    return header_bytes(header_text(value))


def _decoded(text: str, media_type: str) -> bytes:
    """What a picture or the like is written as in a document, which cannot have it otherwise: base64.

    What an `application/octet-stream` has may be any text, so that only a `data:` URL is taken for base64.
    """
    found = _DATA_URL.fullmatch(text)
    if found is None and media_type == _OPAQUE:
        return text.encode()
    try:
        return base64.b64decode("".join((found[1] if found else text).split()), validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


def _is_base64_itself(media: Media) -> bool:
    """Whether the body is sent as base64 (OpenAPI 3.1 section 4.8.14.2)."""
    return media.schema is not None and bool(
        media.schema.text("contentEncoding") or media.schema.text("format") == "byte"
    )
