"""Where `$ref` leads within one document: JSON pointers, `$id`, `$anchor` (JSON Schema core, section 8)."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import unquote, urldefrag, urljoin

from understudy.formats.openapi.generating.base import Impossible, escaped

_DATA = frozenset({"enum", "const", "default", "examples", "example"})
"""Keywords whose values are data, in which `$id` is a word like any other."""


class Resource(NamedTuple):
    """A document, or a schema in it with an `$id` of its own; `pointer` is its place in the document."""

    uri: str
    schema: Any
    pointer: str


class Found(NamedTuple):
    """A schema, its place, and the resource it is in."""

    schema: Any
    pointer: str
    resource: Resource


class Document:
    """A document whose references can be followed. Nothing is ever fetched."""

    def __init__(self, root: Any) -> None:
        uri = own_uri(root)
        self.root = Resource(uri or "", root, "#")
        self._resources: dict[str, Resource] | None = None
        self._anchors: dict[tuple[str, str], Found] = {}
        self._dynamic: dict[str, list[Found]] = {}

    def follow(self, reference: Any, resource: Resource, place: str) -> Found:
        """What a reference leads to. Raises Impossible, with the place of the reference."""
        if not isinstance(reference, str):
            raise Impossible(place, "$ref is not a text")
        if reference == "#" or reference.startswith("#/"):
            return self._walk(resource, unquote(reference[1:]), reference, place)
        uri, fragment = urldefrag(urljoin(resource.uri, reference))
        if uri != resource.uri or not reference.startswith("#"):
            known = self._index().get(uri.rstrip("#"))
            if known is None:
                raise Impossible(place, f"{reference} is not in the document")
            resource = known
        fragment = unquote(fragment)
        if not fragment or fragment.startswith("/"):
            return self._walk(resource, fragment, reference, place)
        self._index()
        found = self._anchors.get((resource.uri, fragment))
        if found is None:
            raise Impossible(place, f"{reference} leads nowhere")
        return found

    def follow_dynamic(self, reference: Any, resource: Resource, place: str) -> Found:
        """What a `$dynamicRef` leads to, if that does not depend on the way: the only anchor of its name."""
        found = self.follow(reference, resource, place)
        name = urldefrag(str(reference)).fragment
        if isinstance(found.schema, dict) and found.schema.get("$dynamicAnchor") == name:
            self._index()
            if len(self._dynamic.get(name, ())) > 1:
                raise Impossible(place, f"{reference} has several meanings, depending on the way to it")
        return found

    def _walk(self, resource: Resource, pointer: str, reference: str, place: str) -> Found:
        value, at = resource.schema, resource.pointer
        for raw in pointer.split("/")[1:]:
            key = raw.replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and key in value:
                value = value[key]
            elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            else:
                raise Impossible(place, f"{reference} leads nowhere")
            at = f"{at}/{raw}"
            uri = own_uri(value)
            if uri is not None:
                resource = Resource(urljoin(resource.uri, uri), value, at)
        return Found(value, at, resource)

    def _index(self) -> dict[str, Resource]:
        """All resources by their URIs. The document is read through once, when first a URI is looked up."""
        if self._resources is not None:
            return self._resources
        resources = self._resources = {self.root.uri: self.root}
        todo: list[Found] = [Found(self.root.schema, "#", self.root)]
        while todo:
            value, at, resource = todo.pop()
            if isinstance(value, list):
                todo += (Found(item, f"{at}/{place}", resource) for place, item in enumerate(value))
            if not isinstance(value, dict):
                continue
            uri = own_uri(value)
            if uri is not None and at != "#":
                resource = Resource(urljoin(resource.uri, uri), value, at)
                resources.setdefault(resource.uri, resource)
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(name := value.get(keyword), str):
                    self._anchors.setdefault((resource.uri, name), Found(value, at, resource))
                    if keyword == "$dynamicAnchor":
                        self._dynamic.setdefault(name, []).append(Found(value, at, resource))
            legacy = value.get("$id")
            if isinstance(legacy, str) and legacy.startswith("#"):  # an anchor, up to draft 7
                self._anchors.setdefault((resource.uri, legacy[1:]), Found(value, at, resource))
            todo += (
                Found(item, f"{at}/{escaped(str(key))}", resource)
                for key, item in value.items()
                if key not in _DATA
            )
        return resources


def within(schema: Any, resource: Resource, pointer: str) -> Resource:
    """The resource that a schema in another is in: a new one if it has an `$id`."""
    uri = own_uri(schema)
    if uri is None or pointer == resource.pointer:
        return resource
    return Resource(urljoin(resource.uri, uri), schema, pointer)


def own_uri(schema: Any) -> str | None:
    """The `$id` of a schema that makes it a resource of its own, without its fragment."""
    if not isinstance(schema, dict):
        return None
    uri = schema.get("$id")
    if not isinstance(uri, str) or uri.startswith("#") or ("$ref" in schema and _is_legacy(schema)):
        return None
    return urldefrag(uri).url


def _is_legacy(schema: dict[str, Any]) -> bool:
    return "draft-0" in str(schema.get("$schema", ""))
