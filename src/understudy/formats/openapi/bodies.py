"""What a response of the document is as an answer of a config: headers, and a body.

A body is, in this order: an example (the first, or the one that is asked for), one of the schema, and else
data that is made up from the schema, always the same.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import urlencode

import msgspec

from understudy.formats.imported import literal, literal_json
from understudy.formats.openapi.document import Node
from understudy.formats.openapi.generate import CannotGenerate, Direction, Part, generate
from understudy.formats.openapi.operations import Example, Header, Media, Response
from understudy.formats.openapi.schemas import Schemas
from understudy.model.parts import TOKEN
from understudy.render.draws import Draws

JSON = re.compile(r"(?:[\w.*-]+/(?:json|[\w.-]+\+json)|\*/\*|[\w.-]+/\*)", re.ASCII)
XML = re.compile(r"[\w.-]+/(?:xml|[\w.-]+\+xml)", re.ASCII)
BINARY = re.compile(r"(?:image|audio|video|font)/.*|application/(?:octet-stream|pdf|zip|gzip|x-tar)")
OWN_HEADERS = frozenset(("content-type", "content-length", "transfer-encoding", "connection", "date"))
"""Headers that the server, or the body's media type, sets."""


class Bodies:
    """Makes the answers of one import."""

    def __init__(self, schemas: Schemas, seed: int = 0) -> None:
        self._schemas = schemas
        self._seed = seed

    def answer(self, response: Response, media: Media | None, example: Example | None, name: str) -> Any:
        """The keys of an answer: `headers`, if it has some, and one of `response`, `body` and `base64`.

        `name` is the operation's: what is made up depends on it and on nothing else.
        """
        lots = Draws(self._seed, f"{name} {response.status}", 0)
        headers = self._headers(response.headers, lots)
        if media is None:
            content: dict[str, Any] = {} if response.status in ("204", "304") else {"body": ""}
        else:
            media_type, content = self._content(media, example, lots)
            if media_type:
                headers = {"Content-Type": media_type, **headers}
        return {**({"headers": headers} if headers else {}), **content}

    def value(self, media: Media, name: str) -> Any:
        """An example of a body that clients, or callbacks, send."""
        if media.examples:
            value = media.examples[0].node.value
            return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        return self._made(media.schema, media.node, Draws(self._seed, name, 0), "request")

    def _content(self, media: Media, example: Example | None, lots: Draws) -> tuple[str, dict[str, Any]]:
        """The `Content-Type` to write ("" for the usual one), and the body."""
        if example is not None:
            value = example.node.value
        elif media.examples:
            value = media.examples[0].node.value
        elif media.schema is None and JSON.fullmatch(media.type):
            value = {}
        elif media.schema is None or BINARY.fullmatch(media.type):
            if BINARY.fullmatch(media.type):
                media.node.warn("there is no example, and none is made up for this type: the body is empty")
            return media.type, {"body": ""}
        else:
            value = self._made(media.schema, media.node, lots, "response")
        return _written(media, value)

    def _headers(self, headers: tuple[Header, ...], lots: Draws) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for header in headers:
            if header.name.lower() in OWN_HEADERS:
                continue
            if not TOKEN.fullmatch(header.name):
                header.node.warn("this cannot be the name of a header: it is left out", found=header.name)
                continue
            value = (
                header.examples[0].node.value
                if header.examples
                else self._made(header.schema, header.node, lots, "response", header.name)
            )
            found[header.name] = _header_value(value)
        return found

    def _made(
        self, schema: Node | None, node: Node, lots: Draws, direction: Direction, part: str = ""
    ) -> Any:
        """Data that fits a schema; None, and a warning, if there is none."""
        if schema is None:
            return None
        bundle = self._schemas.of(schema)
        try:
            return generate(
                bundle,
                Part(lots, part),
                root=bundle,
                direction=direction,
                prefer_examples=True,
                strict=False,  # documents often have branches of a `oneOf` that overlap
            )
        except CannotGenerate as error:
            node.warn(f"no data could be made up, it is null: {error.reason}")
            return None


def _written(media: Media, value: Any) -> tuple[str, dict[str, Any]]:
    """A value in a media type."""
    if isinstance(value, bytes):
        return media.type, {"base64": base64.b64encode(value).decode()}
    if JSON.fullmatch(media.type):
        shown = "" if media.type == "application/json" or "*" in media.type else media.type
        return shown, {"response": literal_json(json_value(media, value))}
    return content_type(media.type), {"body": literal(text_value(media, media.type, value))}


def content_type(media_type: str) -> str:
    """The `Content-Type` of a body: text says that it is UTF-8."""
    if media_type.startswith("text/") and "charset" not in media_type:
        return f"{media_type}; charset=utf-8"
    return media_type


def text_value(media: Media, media_type: str, value: Any) -> str:
    """A value as it is written in a media type that is not JSON; `media_type` is the one to write it in."""
    if isinstance(value, str):
        return value
    if XML.fullmatch(media_type.partition(";")[0].strip()):
        from understudy.formats.openapi.xml import xml_text  # what it imports takes long

        return xml_text(value, media.schema)
    if media_type == "application/x-www-form-urlencoded" and isinstance(value, dict):
        return urlencode({name: text_of(item) for name, item in value.items()})
    if media_type.endswith(("ndjson", "jsonl", "json-seq")) and isinstance(value, list):
        return "".join(f"{text_of(item)}\n" for item in value)
    return text_of(value)


def json_value(media: Media, value: Any) -> Any:
    """JSON that is written as text in the document, as the JSON that is meant."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    if media.schema is not None and media.schema.text("type") == "string":
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def header_text(value: Any) -> str:
    """A value as that of a header, in one line (style `simple`, OpenAPI 3.1 section 4.7.21)."""
    if isinstance(value, list):
        text = ",".join(map(text_of, value))
    elif isinstance(value, dict):
        text = ",".join(f"{name},{text_of(item)}" for name, item in value.items())
    else:
        text = text_of(value)
    return re.sub(r"[\r\n\0]+", " ", text)


def _header_value(value: Any) -> Any:
    return value if isinstance(value, bool | int | float) else literal(header_text(value))


def text_of(value: Any) -> str:
    """A value as plain text; what is no text is JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
