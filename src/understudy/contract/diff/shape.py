"""All that holds at one place of the data, gathered from the schemas that hold there.

References are followed and the parts of an `allOf` are read one after the other, so that it makes no
difference how a document is cut into pieces. What OpenAPI 3.0 writes in another way (`nullable`, exclusive
bounds by a boolean) looks the same as in 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from understudy.formats.openapi.document import Node, Unresolved

MAX_PARTS = 1000
"""Schemas that hold at one place, over all `allOf` and references."""

LOWER = ("minimum", "minLength", "minItems", "minProperties", "minContains")
UPPER = ("maximum", "maxLength", "maxItems", "maxProperties", "maxContains")
CONDITIONS = (
    *("not", "if", "then", "else", "contains", "propertyNames", "dependentSchemas", "patternProperties"),
    *("prefixItems", "unevaluatedItems", "unevaluatedProperties", "dependentRequired"),
)
"""Keywords that are compared as a whole: whether one accepts more than another cannot be told."""

Nodes = tuple[Node, ...]
Bound = tuple[float, bool]
"""A bound, and whether it is exclusive."""


@dataclass
class Shape:
    """What is valid at one place. None, or nothing in it, stands for no constraint.

    `types` never has "null", which `nullable` says. `values` has the listed values by their JSON. `closed`:
    properties that are not listed are refused; else `additional` holds for them. `choices` are the branches
    of each `oneOf` and `anyOf`. `nodes` are the schemas themselves, resolved.
    """

    nodes: list[Node] = field(default_factory=list)
    types: frozenset[str] | None = None
    nullable: bool = True
    values: dict[bytes, Any] | None = None
    lower: dict[str, Bound] = field(default_factory=dict)
    upper: dict[str, Bound] = field(default_factory=dict)
    multiples: set[float] = field(default_factory=set)
    unique: bool = False
    patterns: set[str] = field(default_factory=set)
    formats: set[str] = field(default_factory=set)
    properties: dict[str, Nodes] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    closed: bool = False
    additional: Nodes = ()
    items: Nodes = ()
    choices: list[Nodes] = field(default_factory=list)
    conditions: dict[str, Nodes] = field(default_factory=dict)
    default: bytes | None = None
    discriminator: str = ""
    read_only: bool = False
    write_only: bool = False
    deprecated: bool = False

    def node(self, *keywords: str) -> Node | None:
        """The schema that has one of these keywords, at the first of them; else the first schema."""
        for keyword in keywords:
            for node in self.nodes:
                found = node.child(keyword)
                if found is not None:
                    return found
        return self.nodes[0] if self.nodes else None

    @property
    def says_little(self) -> bool:
        """Whether it says nothing beside its choices."""
        return not (
            self.types
            or self.values
            or self.properties
            or self.required
            or self.items
            or self.patterns
            or self.formats
            or self.conditions
            or self.lower
            or self.upper
            or self.closed
        )


def shape_of(schemas: Nodes, is_new: bool) -> Shape:
    """What holds where all of these schemas do."""
    reader = _Reader(is_new)
    reader.read(schemas)
    return reader.finished()


def json_of(value: Any) -> bytes:
    """A value's JSON, equal for equal values."""
    return msgspec.json.encode(value, order="deterministic")


class _Reader:
    def __init__(self, is_new: bool) -> None:
        self._is_new = is_new
        self._shape = Shape()
        self._all_types: frozenset[str] | None = None
        self._or_null = False

    def read(self, schemas: Nodes) -> None:
        waiting = list(reversed(schemas))
        seen: set[tuple[str, tuple[str | int, ...]]] = set()
        while waiting:
            node = waiting.pop()
            mark = (node.document.address, node.keys)
            if mark in seen or len(seen) >= MAX_PARTS:
                continue
            seen.add(mark)
            if node.value is False:
                self._all_types = frozenset()
            if not isinstance(node.value, dict):
                continue
            if isinstance(node.value.get("$ref"), str):
                try:
                    waiting.append(node.document.look_up(node.value["$ref"]))
                except Unresolved as error:
                    node.warn(f"{error}: anything is valid there", "$ref", node.value["$ref"])
                if not self._is_new:  # keys beside a reference mean nothing
                    continue
                if len(node.value) == 1:
                    continue
            waiting += reversed(self._schema(node))

    def finished(self) -> Shape:
        """The shape, with the types that its keywords speak of where it names none."""
        shape = self._shape
        types = self._all_types
        if types is None:
            spoken = set()
            if shape.properties or shape.required or shape.closed or shape.additional:
                spoken.add("object")
            if shape.items:
                spoken.add("array")
            if len(spoken) == 1:  # nobody who lists properties means that a number is valid too
                types = frozenset(spoken)
        elif self._or_null and types:
            types |= {"null"}
        if types is not None:
            shape.nullable = "null" in types or (self._all_types is None and self._or_null)
            shape.types = types - {"null"}
            if shape.types == frozenset() and shape.nullable:
                shape.types = frozenset(("null",))
        elif shape.choices:  # whether null is valid is for the alternatives to say
            shape.nullable = self._or_null
        if shape.values is not None and (types is None or "null" not in types):
            shape.nullable = b"null" in shape.values or (shape.nullable and self._or_null)
        if shape.values is not None:
            shape.values.pop(b"null", None)
        return shape

    def _schema(self, node: Node) -> list[Node]:
        """Add what one schema says; the schemas that hold there too."""
        value, shape = node.value, self._shape
        shape.nodes.append(node)
        self._types(value)
        self._values(value)
        self._bounds(value)
        for key, texts in (("pattern", shape.patterns), ("format", shape.formats)):
            if isinstance(value.get(key), str):
                texts.add(value[key])
        shape.unique |= value.get("uniqueItems") is True
        shape.read_only |= value.get("readOnly") is True
        shape.write_only |= value.get("writeOnly") is True
        shape.deprecated |= value.get("deprecated") is True and "in" not in value
        if shape.default is None and "default" in value:
            shape.default = json_of(value["default"])
        discriminator = node.child("discriminator")
        if discriminator is not None:
            name = discriminator.value
            shape.discriminator = name if isinstance(name, str) else discriminator.text("propertyName")
        self._object(node)
        self._array(node)
        for key in CONDITIONS:
            found = node.child(key)
            if found is not None:
                shape.conditions[key] = (*shape.conditions.get(key, ()), found)
        return [*_branches(node, "allOf"), *self._choices(node)]

    def _types(self, value: dict[str, Any]) -> None:
        written = value.get("type")
        names = written if isinstance(written, list) else [written]
        or_null = value.get("nullable") is True and not self._is_new
        types = frozenset("string" if name == "file" else name for name in names if isinstance(name, str))
        if not types:
            self._or_null |= or_null
            return
        if or_null:
            types |= {"null"}
        self._all_types = types if self._all_types is None else _both(self._all_types, types)

    def _values(self, value: dict[str, Any]) -> None:
        listed = value.get("enum")
        found = {json_of(one): one for one in listed} if isinstance(listed, list) else None
        if "const" in value:
            found = {json_of(value["const"]): value["const"]}
        if found is not None:
            known = self._shape.values
            self._shape.values = (
                found if known is None else {key: one for key, one in known.items() if key in found}
            )

    def _bounds(self, value: dict[str, Any]) -> None:
        for keys, exclusive, bounds, stricter in (
            (LOWER, "exclusiveMinimum", self._shape.lower, max),
            (UPPER, "exclusiveMaximum", self._shape.upper, min),
        ):
            found: list[tuple[str, Bound]] = []
            for key in keys:
                if _is_number(value.get(key)):
                    is_exclusive = key in ("minimum", "maximum") and value.get(exclusive) is True
                    found.append((key, (value[key], is_exclusive)))
            if _is_number(value.get(exclusive)):
                found.append((keys[0], (value[exclusive], True)))
            for key, bound in found:
                if key in LOWER[1:4] and bound[0] <= 0:  # says nothing
                    continue
                known = bounds.get(key)
                if known is None or bound[0] != known[0]:
                    kept = bound if known is None else stricter(known, bound)
                else:
                    kept = (bound[0], bound[1] or known[1])
                bounds[key] = kept
        if _is_number(value.get("multipleOf")) and value["multipleOf"] > 0:
            self._shape.multiples.add(value["multipleOf"])

    def _object(self, node: Node) -> None:
        shape = self._shape
        properties = node.child("properties")
        if properties is not None and isinstance(properties.value, dict):
            for name in properties.value:
                child = properties.child(name)
                if child is not None:
                    shape.properties[name] = (*shape.properties.get(name, ()), child)
        required = node.value.get("required")
        if isinstance(required, list):
            shape.required |= {name for name in required if isinstance(name, str)}
        additional = node.child("additionalProperties")
        if additional is not None:
            if additional.value is False:
                shape.closed = True
            elif isinstance(additional.value, dict) and additional.value:
                shape.additional = (*shape.additional, additional)

    def _array(self, node: Node) -> None:
        items = node.child("items")
        if items is None:
            return
        if isinstance(items.value, list):  # a tuple, as older drafts write it
            self._shape.conditions["prefixItems"] = (items,)
        else:
            self._shape.items = (*self._shape.items, items)

    def _choices(self, node: Node) -> list[Node]:
        """Note the alternatives; those that are none, as there is but one, hold like `allOf`."""
        holding: list[Node] = []
        for key in ("oneOf", "anyOf"):
            branches = _branches(node, key)
            real = tuple(one for one in branches if not _is_null(one))
            if len(real) < len(branches):
                self._or_null = True
            if len(real) == 1:
                holding.append(real[0])
            elif real:
                self._shape.choices.append(real)
        return holding


def _branches(node: Node, key: str) -> list[Node]:
    child = node.child(key)
    if child is None or not isinstance(child.value, list):
        return []
    return [one for number in range(len(child.value)) if (one := child.child(number)) is not None]


def _is_null(node: Node) -> bool:
    """Whether a branch is for null and nothing else."""
    return isinstance(node.value, dict) and (
        node.value.get("type") in ("null", ["null"])
        or node.value.get("enum") == [None]
        or ("const" in node.value and node.value["const"] is None)
    )


def _both(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    """The types that both allow; each integer is a number."""
    common = left & right
    if "integer" in left | right and "number" in left | right and "number" not in common:
        common |= {"integer"}
    return common


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
