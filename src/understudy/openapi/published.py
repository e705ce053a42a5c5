"""A document as the mock hands it out: one text in which everything is, whose servers are the mock itself.

What other documents hold comes along below `x-documents`, and references to them lead there: a reader asks
for one address and needs no other.
"""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urldefrag

import msgspec

from understudy.formats.emit import yaml_text
from understudy.formats.openapi.document import Document, Node, Unresolved
from understudy.formats.openapi.keys import METHODS
from understudy.formats.openapi.operations import Reader, reader_of

OTHERS = "x-documents"
"""Where other documents stand, each under its number."""
MAX_DEPTH = 200
"""Values within values that are looked through for references."""
TYPES: dict[str, bytes] = {"json": b"application/json", "yaml": b"application/yaml"}
"""The media types of what `spec_bytes` gives (RFC 9512 for YAML)."""

Format = Literal["json", "yaml"]


def format_of(document: Document) -> Format:
    """How the document was written."""
    return "yaml" if document.source.format == "yaml" else "json"


def spec_bytes(
    document: Document, base: str = "", *, servers: bool = True, format: Format | None = None
) -> bytes:
    """The document as text, in the format that it was written in unless another is asked for.

    `base` is the path that the mock serves it below, without a slash at the end. `servers`: the paths of the
    document's servers stand behind it, as the operations are served.
    """
    made = published(document, base, servers=servers)
    if (format or format_of(document)) == "yaml":
        return yaml_text(made).encode("utf-8", "surrogatepass")
    return msgspec.json.encode(made)


def published(document: Document, base: str = "", *, servers: bool = True) -> dict[str, Any]:
    """The same as data."""
    collected = _Collected(document)
    made: dict[str, Any] = collected.copy(document, document.root.value, 0)
    others = collected.others()
    if "swagger" in made:
        path = base + (reader_of(document.root).prefix(document.root) or "" if servers else "")
        made = {key: value for key, value in made.items() if key not in {"host", "basePath", "schemes"}}
        made = _after(made, "info", {"basePath": path or "/"})
    else:
        made = _with_servers(made, document, base, servers)
    return {**made, OTHERS: others} if others else made


def _with_servers(made: dict[str, Any], document: Document, base: str, servers: bool) -> dict[str, Any]:
    """OpenAPI 3 with the mock in the place of all servers, also of those of a path or an operation."""
    reader = reader_of(document.root)
    root = reader.prefix(document.root) or "" if servers else ""
    made.pop("servers", None)
    for path, item in document.root.items("paths"):
        target = _member(made["paths"], path)
        _replace(target, reader, item, base, servers)
        for method in METHODS:
            node = item.get(method)
            if node is not None:
                _replace(_member(target, method), reader, node, base, servers)
    return _after(made, "info", {"servers": [{"url": base + root or "/"}]})


def _replace(target: Any, reader: Reader, node: Node, base: str, servers: bool) -> None:
    """Put the mock into `servers` of a path or an operation, if it has its own."""
    if isinstance(target, dict) and "servers" in target:
        del target["servers"]
        path = reader.prefix(node) if servers else None
        if path is not None:
            target["servers"] = [{"url": base + path or "/"}]


def _member(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _after(made: dict[str, Any], key: str, more: dict[str, Any]) -> dict[str, Any]:
    """The same with more keys behind one of its own, or at the end."""
    result: dict[str, Any] = {}
    for name, value in made.items():
        result[name] = value
        if name == key:
            result |= more
    return result | more


class _Collected:
    """Copies documents, with references that lead from one to another led to where they will be."""

    def __init__(self, main: Document) -> None:
        self._main = main
        self._names: dict[int, str] = {}
        self._waiting: list[Document] = []

    def others(self) -> dict[str, Any]:
        """All documents that are referred to, copied."""
        found: dict[str, Any] = {}
        for document in self._waiting:  # which grows
            found[self._names[id(document)]] = self.copy(document, document.root.value, 0)
        return found

    def copy(self, document: Document, value: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            return value
        if isinstance(value, dict):
            made = {key: self.copy(document, item, depth + 1) for key, item in value.items()}
            if isinstance(value.get("$ref"), str):
                made["$ref"] = self._reference(document, value["$ref"])
            mapping = value.get("mapping")
            if "propertyName" in value and isinstance(mapping, dict):  # a discriminator
                made["mapping"] = {name: self._mapped(document, item) for name, item in mapping.items()}
            return made
        if isinstance(value, list):
            return [self.copy(document, item, depth + 1) for item in value]
        return value

    def _mapped(self, document: Document, written: Any) -> Any:
        """What a discriminator's value leads to: a reference, or the name of a schema."""
        if not isinstance(written, str):
            return written
        if not any(mark in written for mark in "#/."):
            written = f"#/components/schemas/{written}"
        return self._reference(document, written)

    def _reference(self, document: Document, written: str) -> str:
        target, fragment = urldefrag(written)
        if not target and document is self._main:
            return written
        try:
            other = document if not target else document.library.open(document, target)
        except Unresolved:
            return written  # it leads nowhere, which was told when the document was read
        if other is self._main:
            return f"#{fragment}"
        if fragment and not fragment.startswith("/"):
            keys = other.anchors().get(fragment)
            fragment = "".join(f"/{_escaped(str(key))}" for key in keys) if keys is not None else fragment
        return f"#/{OTHERS}/{self._name(other)}{fragment}"

    def _name(self, document: Document) -> str:
        name = self._names.get(id(document))
        if name is None:
            name = self._names[id(document)] = str(len(self._names) + 1)
            self._waiting.append(document)
        return name


def _escaped(key: str) -> str:
    """A key in a JSON pointer (RFC 6901 section 3)."""
    return key.replace("~", "~0").replace("/", "~1")
