"""What schemas say about the shape of data: which properties an object has, where its records stand.

Nodes are looked at as they are written; references and `allOf` are followed, and of `anyOf` and `oneOf` all
branches are taken together.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from understudy.formats.openapi.document import Node
from understudy.formats.openapi.operations import Media, Operation, Response
from understudy.openapi.from_xml import is_xml

JSON = re.compile(r"(?:application/json|[\w.-]+/[\w.-]+\+json|application/\*|\*/\*)", re.ASCII)
FORMS = frozenset(("application/x-www-form-urlencoded",))
MAX_PARTS = 200
"""Schemas that one is put together from."""
LIST_NAMES = ("data", "items", "results", "records", "content", "entries", "rows", "value", "values", "list")
"""Properties that are the list, where an answer has several."""
WRAPPERS = frozenset(("data", "result", "response", "payload", "_embedded", "body"))
"""Properties in which the list may stand one level deeper."""
IDS = ("id", "_id", "uuid", "guid", "key")
"""Properties that are ids where no path says which is."""

Identity = tuple[str, tuple[str | int, ...]]
"""The document of a schema, and its place there."""


class Facts(NamedTuple):
    """What is known of the data of a schema. `types` is empty where nothing is said."""

    types: frozenset[str] = frozenset()
    properties: dict[str, Node] = {}  # noqa: RUF012 - never changed
    required: frozenset[str] = frozenset()
    items: Node | None = None

    @property
    def is_object(self) -> bool:
        """Whether it is an object whose properties are told."""
        return bool(self.properties) and (not self.types or "object" in self.types)


def identity(node: Node | None) -> Identity | None:
    """Which schema it is, however it is referred to."""
    found = node.resolved() if node is not None else None
    return (found.document.address, found.keys) if found is not None else None


def facts_of(node: Node | None) -> Facts:
    """The facts of a schema."""
    types: set[str] = set()
    properties: dict[str, Node] = {}
    required: set[str] = set()
    items: Node | None = None
    stack = [(node, True)] if node is not None else []
    seen: set[Identity] = set()
    while stack and len(seen) < MAX_PARTS:
        written, is_certain = stack.pop()
        part = written.resolved()
        if part is None or not isinstance(part.value, dict):
            continue
        place = (part.document.address, part.keys)
        if place in seen:
            continue
        seen.add(place)
        kind = part.value.get("type")
        types.update(name for name in (kind if isinstance(kind, list) else [kind]) if isinstance(name, str))
        if part.flag("nullable"):
            types.add("null")
        for name, one in part.items("properties"):
            if name not in properties or (_is_told(one) and not _is_told(properties[name])):
                properties[name] = one
        names = part.value.get("required")
        if is_certain and isinstance(names, list):
            required.update(name for name in names if isinstance(name, str))
        if items is None:
            items = part.get("items")
        for keyword, certain in (("allOf", is_certain), ("anyOf", False), ("oneOf", False)):
            stack += [(one, certain) for one in reversed(list(part.elements(keyword)))]
    return Facts(frozenset(types), properties, frozenset(required), items)


def _is_told(node: Node) -> bool:
    """Whether a schema says what is inside: of two for one property in `allOf`, that one is looked at."""
    items = node.get("items")
    values = [one.value for one in (node, items) if one is not None and isinstance(one.value, dict)]
    return any("properties" in value or "allOf" in value for value in values)


def media_of(media: Collection[Media], forms: bool = False) -> Media | None:
    """The JSON among media types; with `forms`, else a form."""
    found = next((one for one in media if JSON.fullmatch(_plain(one.type))), None)
    if found is None and forms:
        found = next((one for one in media if _plain(one.type) in FORMS), None)
    return found


def xml_of(media: Collection[Media]) -> Media | None:
    """The XML among media types."""
    return next((one for one in media if is_xml(one.type)), None)


def _plain(media_type: str) -> str:
    return media_type.partition(";")[0].strip()


def success_of(operation: Operation) -> Response | None:
    """The lowest documented success; `default` where no other is; None if there is none."""
    found = [one for one in operation.responses if one.status[0] == "2"]
    if not found and not any(one.status[0] in "13" for one in operation.responses):
        found = [one for one in operation.responses if one.status == "default" and _is_all(operation)]
    return min(found, key=lambda one: one.status, default=None)


def _is_all(operation: Operation) -> bool:
    return len(operation.responses) == 1


def answer_of(operation: Operation) -> Node | None:
    """The schema of the JSON that a success has, or else of its XML; None if it has none."""
    response = success_of(operation)
    media = (media_of(response.media) or xml_of(response.media)) if response is not None else None
    return media.schema if media is not None else None


def request_of(operation: Operation) -> Node | None:
    """The schema of the JSON, the form, or else the XML that a request brings."""
    body = operation.body
    media = (media_of(body.media, forms=True) or xml_of(body.media)) if body is not None else None
    return media.schema if media is not None else None


class Held(NamedTuple):
    """Where something stands in a body, and its schema."""

    keys: tuple[str, ...]
    schema: Node


def held_list(schema: Node | None, name: str = "") -> Held | None:
    """The list of objects that a body is, or that stands in it. `name` is that of the collection."""
    if schema is None:
        return None
    facts = facts_of(schema)
    if facts.items is not None and (not facts.types or "array" in facts.types):
        return Held((), facts.items) if facts_of(facts.items).is_object else None
    if _is_choice(schema):
        return None
    found = _lists_in(facts)
    if not found:
        for wrapper in WRAPPERS & facts.properties.keys():
            inner = _lists_in(facts_of(facts.properties[wrapper]))
            found |= {f"{wrapper}\0{key}": held for key, held in inner.items()}
        if len(found) != 1:
            return None
        ((joined, items),) = found.items()
        return Held(tuple(joined.split("\0")), items)
    if len(found) == 1:
        ((key, items),) = found.items()
        return Held((key,), items)
    for wanted in (name, *LIST_NAMES):
        if wanted in found:
            return Held((wanted,), found[wanted])
    return None


def _lists_in(facts: Facts) -> dict[str, Node]:
    """The properties that are lists of objects."""
    found = {}
    for name, one in facts.properties.items():
        inner = facts_of(one)
        if inner.items is not None and "object" not in inner.types and facts_of(inner.items).is_object:
            found[name] = inner.items
    return found


def held_record(schema: Node | None, id_names: Collection[str]) -> Held | None:
    """The record that a body is, or that stands in it as its only object; it has one of the ids."""
    if schema is None:
        return None
    facts = facts_of(schema)
    if not facts.is_object:
        return None
    if not facts.properties.keys().isdisjoint(id_names):
        return Held((), schema)
    inner = {
        name: one
        for name, one in facts.properties.items()
        if not facts_of(one).properties.keys().isdisjoint(id_names) and facts_of(one).items is None
    }
    if len(inner) != 1 or _is_choice(schema):
        return None
    ((key, one),) = inner.items()
    return Held((key,), one)


def _is_choice(schema: Node) -> bool:
    """Whether a body is one of several: then it is not clear what stands around a record."""
    found = schema.resolved()
    value = found.value if found is not None else None
    if not isinstance(value, dict):
        return False
    return any(isinstance(value.get(key), list) and len(value[key]) > 1 for key in ("anyOf", "oneOf"))


def held_like(schema: Node | None, record: Facts) -> Held | None:
    """Where a body has properties of the record: it is one itself, or has one as its only object."""
    if schema is None:
        return None
    facts = facts_of(schema)
    if facts.items is not None and "object" not in facts.types:
        return None
    if not facts.properties:
        return Held((), schema) if not facts.types or "object" in facts.types else None
    if len(facts.properties) == 1:
        ((key, one),) = facts.properties.items()
        inner = facts_of(one)
        if key not in record.properties and not inner.properties.keys().isdisjoint(record.properties):
            return Held((key,), one)
    return Held((), schema) if not facts.properties.keys().isdisjoint(record.properties) else None


def words_of(name: str) -> str:
    """A name without its spelling: `petId`, `pet_id` and `pet-id` are the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def scalar_kind(node: Node | None) -> str:
    """number, string, boolean, or "" for what is none of them or not told."""
    types = facts_of(node).types - {"null"}
    if types and types <= {"integer", "number"}:
        return "number"
    return next(iter(types)) if len(types) == 1 and types <= {"string", "boolean"} else ""
