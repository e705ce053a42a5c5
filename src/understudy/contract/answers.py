"""One answer of a config beside what the document says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from understudy.contract.diff.shape import Nodes, shape_of
from understudy.contract.spec import Spec
from understudy.formats.exported import Sample
from understudy.formats.openapi.bodies import JSON
from understudy.formats.openapi.document import Node
from understudy.formats.openapi.operations import Header, Media, Operation, Response
from understudy.formats.openapi.schemas import Schemas
from understudy.load.fault import Keys
from understudy.openapi.checker import Checker, compile_checker
from understudy.openapi.styles import Spec as Style
from understudy.openapi.styles import in_header
from understudy.simulate.validate.explain import misfits

MAX_MISFITS = 20
"""Misfits of one body that are told."""
_NO_BODY = (204, 205, 304)
_CHARSET = re.compile(r"charset=\"?([\w.:-]+)", re.ASCII)


class Wrong(NamedTuple):
    """Something that is not as the document says: the check, what it is, where in the body, and where that
    is written in the document."""

    check: str
    detail: str
    pointer: str = ""
    node: Node | None = None


class Answers:
    """Compares answers with one document."""

    def __init__(self, spec: Spec) -> None:
        self._is_new = spec.is_new
        self._schemas = Schemas(spec.is_new, "writeOnly")
        self._compiled: dict[tuple[str, Keys], Checker | None] = {}

    def wrong(self, sample: Sample, operation: Operation) -> Iterator[Wrong]:
        """All that is not as the operation says."""
        response = response_for(operation, sample.status)
        if response is None:
            documented = ", ".join(one.status for one in operation.responses) or "none"
            place = operation.node.child("responses") or operation.node
            yield Wrong("undocumented-status", f"{sample.status}; documented: {documented}", "", place)
            return
        headers: dict[str, list[str]] = {}
        for name, value in sample.reply_headers:
            headers.setdefault(name.lower(), []).append(value)
        for header in response.headers:
            yield from self._header(header, headers.get(header.name.lower()))
        yield from self._body(sample, response, headers.get("content-type", [""])[0])

    # --- headers ---------------------------------------------------------------------------------------

    def _header(self, header: Header, values: list[str] | None) -> Iterator[Wrong]:
        if header.name.lower() == "content-type":  # the media type says it (OpenAPI 3.1 section 4.7.17)
            return
        if values is None:
            if header.node.flag("required"):
                yield Wrong("missing-header", header.name, "", header.node)
            return
        schema = self._schema(header.schema)
        if schema is None:
            return
        read = in_header(Style(header.name, schema.shape, header.node.flag("explode")))(",".join(values))
        value = schema.shape.conform(read)
        if not schema.is_valid(value):  # where a text may also be something else, the schema says which
            value = schema.shape.conform(read, as_text=False)
        for misfit in misfits(schema, value, 1):
            yield Wrong(
                "invalid-header", f"{header.name}: {misfit.message}", "", header.schema or header.node
            )

    # --- bodies ----------------------------------------------------------------------------------------

    def _body(self, sample: Sample, response: Response, content_type: str) -> Iterator[Wrong]:
        if sample.method == "HEAD" or sample.status in _NO_BODY:
            return
        if not response.media:
            if sample.reply_body:
                kind = content_type.partition(";")[0] or "no media type"
                yield Wrong("unexpected-body", f"{len(sample.reply_body)} bytes, {kind}", "", response.node)
            return
        if not sample.reply_body:
            if not any(_may_be_empty(one) for one in response.media):
                types = ", ".join(one.type for one in response.media)
                yield Wrong("missing-body", f"documented: {types}", "", response.node)
            return
        media = media_for(response, content_type)
        if media is None:
            documented = ", ".join(one.type for one in response.media)
            detail = f"{content_type or 'none'}; documented: {documented}"
            yield Wrong(
                "undocumented-media-type", detail, "", response.node.child("content") or response.node
            )
            return
        schema = self._schema(media.schema)
        if schema is None or media.schema is None:
            return
        if JSON.fullmatch(content_type.partition(";")[0].strip().lower()):
            try:
                value = msgspec.json.decode(sample.reply_body)
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
                yield Wrong("invalid-body", f"this is not JSON: {error}", "", media.schema)
                return
        elif media.schema.text("type") == "string" and content_type.startswith("text/"):
            found = _CHARSET.search(content_type)
            try:
                value = sample.reply_body.decode(found[1] if found else "utf-8")
            except (UnicodeDecodeError, LookupError):
                return
        else:  # XML, forms and bytes have no values that a schema could be about
            return
        for misfit in misfits(schema, value, MAX_MISFITS):
            place = place_of(media.schema, misfit.path, self._is_new)
            yield Wrong("invalid-body", misfit.message, misfit.pointer, place)

    def _schema(self, node: Node | None) -> Checker | None:
        """The compiled schema; None if there is none, or anything fits it."""
        if node is None:
            return None
        key = (node.document.address, node.keys)
        if key not in self._compiled:
            self._compiled[key] = compile_checker(self._schemas.of(node), node)
        return self._compiled[key]


# --- what an answer is held against ------------------------------------------------------------------------


def response_for(operation: Operation, status: int) -> Response | None:
    """What is documented of a status: itself, its range, or `default`."""
    known = {one.status: one for one in operation.responses}
    return next((known[key] for key in (str(status), f"{status // 100}XX", "default") if key in known), None)


def media_for(response: Response, content_type: str) -> Media | None:
    """What is documented of a media type, with its parameters, without them, or as a range."""
    whole = re.sub(r"\s*;\s*", "; ", content_type.strip().lower())
    plain = whole.partition(";")[0]
    known: dict[str, Media] = {}
    for one in response.media:
        known.setdefault(re.sub(r"\s*;\s*", "; ", one.type), one)
    for one in response.media:  # a document that says `text/plain; charset=utf-8` means any text/plain
        known.setdefault(one.type.partition(";")[0].strip(), one)
    ranges = (whole, plain, f"{plain.partition('/')[0]}/*", "*/*")
    return next((known[key] for key in ranges if key in known), None)


def _may_be_empty(media: Media) -> bool:
    """Whether no bytes at all are a body of this media type."""
    return not JSON.fullmatch(media.type.partition(";")[0].strip())


def place_of(schema: Node, path: tuple[str | int, ...], is_new: bool) -> Node:
    """Where in the document is said what a place in the data is like, as far as one schema says it."""
    nodes: Nodes = (schema,)
    best = shape_of(nodes, is_new).node() or schema
    for key in path:
        shape = shape_of(nodes, is_new)
        nodes = shape.items if isinstance(key, int) else shape.properties.get(key, shape.additional)
        if not nodes:
            break
        best = shape_of(nodes, is_new).node() or nodes[0]
    return best
