"""Text as the values that a schema asks for.

Query parameters, headers, path parameters and form fields are text; a schema speaks of numbers, booleans and
lists. What a text becomes is decided by the types that the schema allows at its place, wherever below
`allOf`, `anyOf`, `oneOf`, `if` and `$ref` it says so. A text that fits none of them stays text, so that
the schema refuses it by its type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from understudy.simulate.validate.schema import Schema

if TYPE_CHECKING:
    import jsonschema_rs

MAX_BRANCHES = 1000
"""Schemas that are looked at for one place."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,39})(?:\.[0-9]{1,40})?(?:[eE][-+]?[0-9]{1,3})?")
_COMBINING = ("allOf", "anyOf", "oneOf")
_CONDITIONAL = ("if", "then", "else")


class Kind(NamedTuple):
    """What may stand at a place: the types (all of them if empty), and what the items of a list are."""

    types: frozenset[str]
    items: frozenset[str]


ANY = Kind(frozenset(), frozenset())


class Reader:
    """Reads named texts as an object for a schema."""

    def __init__(self, schema: Schema) -> None:
        node = (schema.document, schema.resolver())
        branches = list(_branches(node))
        self._kinds: dict[str, Kind] = {}
        self._other = ANY
        self._spelled: dict[str, str] = {}
        properties: dict[str, list[_Node]] = {}
        others: list[_Node] = []
        for branch, resolver in branches:
            for name, inner in _mapping(branch.get("properties")).items():
                properties.setdefault(name, []).append((inner, resolver))
            required = branch.get("required")
            for name in (*properties, *(required if isinstance(required, list) else ())):
                self._spelled.setdefault(str(name).lower(), str(name))
            others.append((branch.get("additionalProperties"), resolver))
        for name, nodes in properties.items():
            self._kinds[name] = _kind(nodes)
        self._other = _kind(others)

    def spelled(self, name: str) -> str:
        """A header's name with the capitals that the schema uses."""
        return self._spelled.get(name, name)

    def read(self, fields: Mapping[str, list[Any]], commas: bool = False) -> dict[str, Any]:
        """An object from all values of each name. `commas`: they separate the items of a list."""
        return {
            name: self._value(self._kinds.get(name, self._other), found, commas)
            for name, found in fields.items()
        }

    @staticmethod
    def _value(kind: Kind, found: list[Any], commas: bool) -> Any:
        types = kind.types
        single = types - {"array"}
        if "array" in types and (len(found) > 1 or commas or not single):
            if commas:
                found = [part.strip() for text in found for part in str(text).split(",")]
            if len(found) > 1 or not single:
                return [read_text(text, kind.items) for text in found]
        if len(found) == 1:
            return read_text(found[0], single)
        return [read_text(text, single) for text in found]


def read_text(text: Any, types: frozenset[str]) -> Any:
    """A text as a value of one of the types, else as it is. What is no text was read by its path."""
    if not isinstance(text, str):
        return str(text) if types == {"string"} else text
    if {"integer", "number"} & types and len(text) <= 100 and _NUMBER.fullmatch(text):
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:  # larger than any number
            return text
    if "boolean" in types and text in {"true", "false"}:
        return text == "true"
    if "string" in types:
        return text
    if "null" in types and text in {"", "null"}:
        return None
    if "object" in types and text.startswith("{"):
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            return text
    return text


# --- what a schema asks for ---------------------------------------------------------------------------------

_Node = tuple[Any, "jsonschema_rs.Resolver"]


def _kind(nodes: list[_Node]) -> Kind:
    branches = [found for node in nodes for found in _branches(node)]
    items = [
        (item, resolver)
        for branch, resolver in branches
        for key in ("items", "prefixItems", "additionalItems")
        for item in (branch[key] if isinstance(branch.get(key), list) else [branch.get(key)])
    ]
    return Kind(_types(branches), _types([found for node in items for found in _branches(node)]))


def _types(branches: list[_Node]) -> frozenset[str]:
    types: set[str] = set()
    for branch, _ in branches:
        written = branch.get("type")
        named = (
            {written} if isinstance(written, str) else set(written) if isinstance(written, list) else set()
        )
        types |= named
        if not named:
            values = branch["enum"] if isinstance(branch.get("enum"), list) else []
            types |= {
                _type_of(value) for value in [*values, *([branch["const"]] if "const" in branch else [])]
            }
    return frozenset(types)


def _type_of(value: Any) -> str:
    names: dict[Callable[..., Any], str] = {bool: "boolean", int: "integer", float: "number", str: "string"}
    names |= {list: "array", dict: "object"}
    return names.get(type(value), "null")


def _branches(node: _Node) -> Iterator[_Node]:
    """A schema and all that speak of the same value beside it."""
    stack, seen, count = [node], set(), 0
    while stack and count < MAX_BRANCHES:
        schema, resolver = stack.pop()
        if not isinstance(schema, dict):
            continue
        count += 1
        yield schema, resolver
        for key in _COMBINING:
            if isinstance(schema.get(key), list):
                stack += [(inner, resolver) for inner in schema[key]]
        stack += [(schema[key], resolver) for key in _CONDITIONAL if key in schema]
        for key in ("$ref", "$dynamicRef"):
            reference = schema.get(key)
            if isinstance(reference, str) and (resolver.base_uri, reference) not in seen:
                seen.add((resolver.base_uri, reference))
                found = _look_up(reference, resolver)
                if found is not None:
                    stack.append(found)


def _look_up(reference: str, resolver: jsonschema_rs.Resolver) -> _Node | None:
    import jsonschema_rs

    try:
        found = resolver.lookup(reference)
    except (jsonschema_rs.ReferencingError, ValueError):
        return None
    return found.contents, found.resolver


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
