"""Schemas of OpenAPI and of JSON Schema's drafts as one dialect: a copy of what they reach, in draft 2020-12.

The copy is what data is made from and what it is checked against. So the differences between dialects, and
what OpenAPI adds (`nullable`, `readOnly` and `writeOnly`, `discriminator`, number formats) are dealt with
here and nowhere else. Each schema that is referred to becomes one entry of `defs`, so that circles stay
circles.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from understudy.formats.openapi.generating.base import Impossible, escaped
from understudy.formats.openapi.generating.references import Document, Found, Resource, within

MAX_DEPTH = 100
"""Schemas within schemas, without a reference between."""
DISCRIMINATED = "x-discriminated"
"""Says which value of which property the data should have, so that clients know it by its discriminator."""
REFERENCE = "#/$defs/"

_KEPT = (
    "const", "maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf", "minLength",
    "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems", "minContains", "maxContains",
    "minProperties", "maxProperties", "dependentRequired", "contentEncoding", "contentMediaType",
    "default", "examples", "example", "x-faker",
)  # fmt: skip
_ONE = (
    "not", "if", "then", "else", "contains", "propertyNames", "additionalProperties", "unevaluatedProperties",
    "unevaluatedItems", "items",
)  # fmt: skip
_MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "dependentSchemas")
IN_PLACE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"})
"""Keywords whose schemas look at the same value."""
_TYPES = frozenset({"null", "boolean", "object", "array", "string", "number", "integer"})
_INTEGERS = {"int32": 31, "int64": 63}
_HIDDEN = {"response": "writeOnly", "request": "readOnly"}
_SEEN = {"response": "readOnly", "request": "writeOnly"}


class Lifter:
    """Copies schemas of one document. `direction` says which properties are left out.

    Unless `strict`, a `oneOf` is copied as an `anyOf`.
    """

    def __init__(self, document: Document, dialect: str, direction: str, strict: bool) -> None:
        self.defs: dict[str, Any] = {}
        self._document = document
        self._hidden, self._seen = _HIDDEN[direction], _SEEN[direction]
        self._strict = strict
        schema = document.root.schema
        declared = str(schema.get("$schema", "")) if isinstance(schema, dict) else ""
        self._old = dialect == "3.0"
        self._alone = self._old or any(f"draft-0{number}" in declared for number in "4567")
        self._names: dict[int, str] = {}
        self._references: dict[str, dict[str, Any]] = {}
        self._kept: list[Any] = []
        """What is known by its identity, so that no other object ever gets the same."""
        self._sound: set[int] = set()
        self._loose: set[int] = set()
        self._places: dict[int, str] = {}
        self._hiding: dict[int, frozenset[str]] = {}

    def place(self, schema: Any) -> str:
        """Where a copy was written in the document, as a JSON pointer."""
        return self._places.get(id(schema), "#")

    def add(self, found: Found) -> dict[str, Any]:
        """A schema as an entry of `defs`, and a reference to it. Raises Impossible."""
        before = set(self.defs)
        name = self._name(found)
        todo = [found]
        try:
            while todo:
                one = todo.pop()
                key = self._name(one)
                if key not in self.defs:
                    self.defs[key] = self._copy(one, 0, todo)
                    if isinstance(self.defs[key], dict):
                        self._discriminate(one, self.defs[key])
            added = [schema for key, schema in self.defs.items() if key not in before]
            self._hide(added)
            self._refuse_circles(added)
        except BaseException:
            # what leads nowhere is not left behind for others
            for key in self.defs.keys() - before:
                del self.defs[key]
            raise
        return self._references.setdefault(name, {"$ref": REFERENCE + name})

    def target(self, reference: str) -> Any:
        """The entry that a reference of a copy leads to."""
        return self.defs[reference.removeprefix(REFERENCE)]

    def _name(self, found: Found) -> str:
        name = self._names.get(id(found.schema))
        if name is None:
            name = self._names[id(found.schema)] = f"d{len(self._names)}"
            self._kept.append(found.schema)
        return name

    def _keep(self, copy: dict[str, Any], place: str) -> None:
        self._kept.append(copy)
        self._places[id(copy)] = place

    def _copy(self, found: Found, depth: int, todo: list[Found]) -> Any:
        schema, place, resource = found
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            raise Impossible(place, "this is no schema: an object, true or false is one")
        if depth > MAX_DEPTH:
            raise Impossible(place, f"schemas are nested more than {MAX_DEPTH} deep")
        resource = within(schema, resource, place)

        def inner(value: Any, *keys: str) -> Any:
            at = "/".join((place, *(escaped(key) for key in keys)))
            return self._copy(Found(value, at, resource), depth + 1, todo)

        copy: dict[str, Any] = {}
        self._keep(copy, place)
        for keyword, follow in (
            ("$ref", self._document.follow),
            ("$dynamicRef", self._document.follow_dynamic),
        ):
            if keyword in schema:
                target = follow(schema[keyword], resource, place)
                reference = REFERENCE + self._name(target)
                todo.append(target)
                if "$ref" in copy:
                    copy["allOf"] = [{"$ref": reference}]
                else:
                    copy["$ref"] = reference
                if self._alone:  # what stands beside it means nothing
                    return copy
        for keyword in _KEPT:
            if keyword in schema:
                copy[keyword] = value = schema[keyword]
                if isinstance(value, float) and not isfinite(value):
                    raise Impossible(place, f"{keyword} is {value}, which JSON has not")
        for keyword in _ONE:
            if keyword in schema and not (keyword == "items" and isinstance(schema["items"], list)):
                copy[keyword] = inner(schema[keyword], keyword)
        for keyword in _MANY:
            if keyword in schema:
                schemas = schema[keyword]
                if not isinstance(schemas, list):
                    raise Impossible(place, f"{keyword} is not a list of schemas")
                lifted = [inner(item, keyword, str(number)) for number, item in enumerate(schemas)]
                if lifted or keyword in ("anyOf", "oneOf"):  # the others say nothing when empty
                    copy[keyword] = [*copy.get(keyword, ()), *lifted]
        for keyword in _NAMED:
            if keyword in schema:
                schemas = schema[keyword]
                if not isinstance(schemas, dict):
                    raise Impossible(place, f"{keyword} is not an object of schemas")
                copy[keyword] = {name: inner(item, keyword, name) for name, item in schemas.items()}
        self._modernise(schema, copy, place, inner)
        self._required(schema, copy, resource, place)
        self._branches(schema, copy)
        if "oneOf" in copy and (not self._strict or id(copy) in self._loose):
            loose = {"anyOf": copy.pop("oneOf")}
            self._keep(loose, place)
            copy["allOf"] = [*copy.get("allOf", ()), loose]
        return copy

    def _modernise(self, schema: dict[str, Any], copy: dict[str, Any], place: str, inner: Any) -> None:
        """What other dialects write otherwise: each of these can only be meant in one way."""
        if isinstance(items := schema.get("items"), list):
            copy["prefixItems"] = [inner(item, "items", str(number)) for number, item in enumerate(items)]
            if not items:
                del copy["prefixItems"]
            if "additionalItems" in schema:
                copy["items"] = inner(schema["additionalItems"], "additionalItems")
        for name, needs in _mapping(schema.get("dependencies")).items():
            if isinstance(needs, list):
                copy.setdefault("dependentRequired", {})
                copy["dependentRequired"] = {**copy["dependentRequired"], name: needs}
            else:
                copy.setdefault("dependentSchemas", {})[name] = inner(needs, "dependencies", name)
        for exclusive, plain in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if isinstance(copy.get(exclusive), bool) and copy.pop(exclusive) and plain in copy:
                copy[exclusive] = copy.pop(plain)
        if "enum" in schema:
            values = schema["enum"]
            if not isinstance(values, list):
                raise Impossible(place, "enum is not a list")
            copy["enum"] = values
        if "type" in schema:
            types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            if not all(isinstance(kind, str) and kind in _TYPES for kind in types):
                raise Impossible(place, f"{schema['type']!r} is not a type")
            if self._old and schema.get("nullable") is True and "null" not in types:
                types = [*types, "null"]
            copy["type"] = types
            bits = _INTEGERS.get(str(schema.get("format")))
            if bits is not None and ("integer" in types or "number" in types):
                bounds = {"type": types, "minimum": -(2**bits), "maximum": 2**bits - 1}
                self._keep(bounds, place)
                copy.setdefault("allOf", []).append(bounds)
        if copy.get("examples") is not None and not isinstance(copy["examples"], list):
            del copy["examples"]  # OpenAPI's own, by name, belong to media types

    def _required(self, schema: dict[str, Any], copy: dict[str, Any], resource: Resource, place: str) -> None:
        required = schema.get("required", True)
        if not isinstance(required, bool):  # draft 3 had booleans, and many documents still have
            if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
                raise Impossible(place, "required is not a list of names")
            copy["required"] = required
        hidden = set()
        for name, written in _mapping(schema.get("properties")).items():
            if self._is_hidden(written, resource, f"{place}/properties/{escaped(name)}", 0):
                hidden.add(name)
                copy["properties"][name] = False
        if hidden:
            self._hiding[id(copy)] = frozenset(hidden)

    def _is_hidden(self, schema: Any, resource: Resource, place: str, depth: int) -> bool:
        if not isinstance(schema, dict) or depth > 5:
            return False
        if schema.get(self._hidden) is True:
            return True
        if schema.get(self._seen) is True:  # what a property says itself goes before what it refers to
            return False
        resource = within(schema, resource, place)
        if "$ref" in schema:
            found = self._document.follow(schema["$ref"], resource, place)
            if self._is_hidden(found.schema, found.resource, found.pointer, depth + 1):
                return True
        parts = schema.get("allOf")
        return isinstance(parts, list) and any(
            self._is_hidden(part, resource, f"{place}/allOf/{number}", depth + 1)
            for number, part in enumerate(parts)
        )

    def _hide(self, added: list[Any]) -> None:
        """Takes hidden properties out of `required`, also where that stands in another part of an `allOf`."""
        if not self._hiding:
            return
        hiding: dict[int, frozenset[str]] = {}

        def collect(schema: Any, depth: int = 0) -> frozenset[str]:
            if not isinstance(schema, dict) or depth > MAX_DEPTH:
                return frozenset()
            if id(schema) in hiding:
                return hiding[id(schema)]
            hiding[id(schema)] = frozenset()  # for circles
            found = self._hiding.get(id(schema), frozenset())
            for inner in in_place(schema):
                found |= collect(inner, depth + 1)
            if "$ref" in schema:
                found |= collect(self.target(schema["$ref"]), depth + 1)
            hiding[id(schema)] = found
            return found

        def drop(schema: Any, names: frozenset[str], depth: int = 0) -> None:
            if not isinstance(schema, dict) or depth > MAX_DEPTH:
                return
            names |= collect(schema)
            if names and "required" in schema:
                schema["required"] = [name for name in schema["required"] if name not in names]
            for inner in in_place(schema):
                drop(inner, names, depth + 1)

        for schema in added:
            for part in everywhere(schema):
                drop(part, frozenset())

    def _branches(self, schema: dict[str, Any], copy: dict[str, Any]) -> None:
        """Branches of a choice with a discriminator are told apart by its value.

        So of a `oneOf` more than one may hold: branches mostly overlap but for that value, and data that is
        valid for one only would need to contradict all others on purpose.
        """
        name, mapping = _discriminator(schema)
        if name is None:
            return
        for keyword in ("oneOf", "anyOf"):
            written = schema.get(keyword)
            if not isinstance(written, list):
                continue
            self._loose.add(id(copy))
            for number, branch in enumerate(written):
                reference = branch.get("$ref") if isinstance(branch, dict) else None
                if isinstance(reference, str):
                    value = _value(reference, mapping)
                    chosen = {
                        "required": [name],
                        DISCRIMINATED: {name: value},
                        "allOf": [copy[keyword][number]],
                    }
                    self._keep(chosen, self.place(copy[keyword][number]))
                    copy[keyword][number] = chosen

    def _discriminate(self, found: Found, copy: dict[str, Any]) -> None:
        """A schema that is built on one with a discriminator has its own name there."""
        seen: set[int] = set()

        def bases(schema: Any, resource: Resource) -> Iterator[dict[str, Any]]:
            if not isinstance(schema, dict) or id(schema) in seen or len(seen) > 200:
                return
            seen.add(id(schema))
            yield schema
            parts = schema.get("allOf")
            for part in parts if isinstance(parts, list) else ():
                if isinstance(part, dict) and "$ref" in part:
                    target = self._document.follow(part["$ref"], resource, found.pointer)
                    yield from bases(target.schema, target.resource)
                else:
                    yield from bases(part, resource)

        for schema in bases(found.schema, found.resource):
            name, mapping = _discriminator(schema)
            if name is not None and not ("oneOf" in schema or "anyOf" in schema):
                copy[DISCRIMINATED] = {name: _value(found.pointer, mapping)}
                return

    def _refuse_circles(self, added: list[Any]) -> None:
        """Refuses schemas that hold if they hold: no data can be told to be valid by them."""
        done = self._sound
        for start in added:
            if not isinstance(start, dict) or id(start) in done:
                continue
            path: list[tuple[dict[str, Any], Iterator[Any]]] = [(start, self._same_value(start))]
            within = {id(start)}
            while path:
                schema, rest = path[-1]
                inner = next(rest, None)
                if inner is None:
                    path.pop()
                    within.discard(id(schema))
                    done.add(id(schema))
                elif id(inner) in within:
                    raise Impossible(self.place(schema), "the schema refers to itself for the same value")
                elif id(inner) not in done:
                    within.add(id(inner))
                    path.append((inner, self._same_value(inner)))

    def _same_value(self, schema: dict[str, Any]) -> Iterator[Any]:
        found = list(in_place(schema))
        if "$ref" in schema:
            found.append(self.target(schema["$ref"]))
        return iter([inner for inner in found if isinstance(inner, dict)])


def in_place(schema: dict[str, Any]) -> Iterator[Any]:
    """The schemas in a schema that look at the same value, without references."""
    return (inner for keyword, inner in children(schema) if keyword in IN_PLACE)


def children(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The schemas directly in a copied schema, with their keywords."""
    for keyword in _ONE:
        if keyword in schema:
            yield keyword, schema[keyword]
    for keyword in _MANY:
        for inner in schema.get(keyword, ()):
            yield keyword, inner
    for keyword in _NAMED:
        for inner in schema.get(keyword, {}).values():
            yield keyword, inner


def everywhere(schema: Any) -> Iterator[dict[str, Any]]:
    """A copied schema and all in it, references not followed."""
    todo = [schema]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            yield one
            todo += (inner for _, inner in children(one))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _discriminator(schema: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    written = _mapping(schema.get("discriminator"))
    name = written.get("propertyName")
    return (name if isinstance(name, str) else None), _mapping(written.get("mapping"))


def _value(reference: str, mapping: dict[str, Any]) -> str:
    """What the discriminator of a schema says: its key in the mapping, or its own name."""
    name = reference.rsplit("/", 1)[-1]
    for value, target in mapping.items():
        if isinstance(target, str) and target in (reference, name):
            return value
    return name
