"""Texts as the values that a schema asks for.

Parameters and form fields are text; schemas speak of numbers, booleans and lists. A text becomes what a
type of its place allows, as Ajv coerces it (its docs/coercion.md): `01`, `1.0` and `1e3` are numbers, only
`true` and `false` are booleans, the empty text is null where that may be. What fits no type stays text, so
that the schema refuses it by its type.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, NamedTuple

MAX_BRANCHES = 200
"""Schemas that are looked at for one place."""
MAX_NUMBER = 100
"""Characters of a number."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DEFINITION = "#/$defs/"
_COMBINING = ("allOf", "anyOf", "oneOf")
_CONDITIONAL = ("if", "then", "else")
_SCALARS = frozenset(("string", "number", "integer", "boolean"))


class Typed(NamedTuple):
    """A value among texts that has its types already, such as a part of a form that is JSON."""

    value: Any


class Shape:
    """What may stand at a place: its types, and the shapes of what is in it, worked out when asked for.

    `known` are the shapes that there are of the schemas of one document. A schema in circles has one, so that
    what clients send, however deep it is, makes no more shapes than the document has schemas.
    """

    def __init__(
        self, schema: Any, definitions: dict[str, Any], known: dict[tuple[int, ...], Shape] | None = None
    ) -> None:
        self._schema = schema
        self._definitions = definitions
        self._known = known if known is not None else {}
        self._branches = self._all_branches(schema, _COMBINING, _CONDITIONAL)
        self._properties: dict[str, Shape] = {}
        self.types = frozenset(name for branch in self._branches for name in _types(branch))
        self.names = tuple(
            dict.fromkeys(name for branch in self._branches for name in branch.get("properties", ()))
        )
        """The properties that are named, wherever."""
        self.is_open = any(isinstance(branch.get("additionalProperties"), dict) for branch in self._branches)
        """Whether properties of other names have a schema too."""

    @property
    def is_object(self) -> bool:
        """Whether an object may stand here."""
        return "object" in self.types or (not self.types and bool(self.names or self.is_open))

    @property
    def is_list(self) -> bool:
        """Whether a list may stand here."""
        return "array" in self.types or (not self.types and any("items" in one for one in self._branches))

    @property
    def is_scalar(self) -> bool:
        """Whether a text, a number or a boolean may stand here."""
        return bool(self.types & _SCALARS) or not (self.is_object or self.is_list)

    @cached_property
    def item(self) -> Shape:
        """The shape of a list's items."""
        found = [
            item
            for branch in self._branches
            for item in (branch.get("items"), *(branch.get("prefixItems") or ()))
            if isinstance(item, dict)
        ]
        return self._inner(found)

    def named(self, name: str) -> Shape:
        """The shape of a property."""
        known = self._properties.get(name)
        if known is None:
            if name not in self.names:  # names of clients are not kept
                return self.other
            found = [one["properties"][name] for one in self._branches if name in one.get("properties", ())]
            known = self._properties[name] = self._inner(found)
        return known

    @cached_property
    def other(self) -> Shape:
        """The shape of properties without a name of their own."""
        return self._inner([one["additionalProperties"] for one in self._branches if _is_open(one)])

    def conform(self, value: Any, as_text: bool = True) -> Any:
        """Text, lists and objects of text as what the schema asks for.

        `as_text`: where a text may be itself or something else, it stays itself.
        """
        if type(value) is str:
            return read_text(value, self.types, as_text)
        if type(value) is list:
            return [self.item.conform(one, as_text) for one in value]
        if type(value) is dict:
            return {name: self.named(name).conform(one, as_text) for name, one in value.items()}
        if type(value) is Typed:
            return value.value
        return str(value) if self.types == {"string"} and value is not None else value

    @cached_property
    def required(self) -> frozenset[str]:
        """The properties that an object must have, whatever branches of it fit."""
        certain = self._all_branches(self._schema, ("allOf",), ())
        return frozenset(name for branch in certain for name in branch.get("required", ()))

    @cached_property
    def xml(self) -> dict[str, Any]:
        """How it looks as XML (XML Object), where the schemas still say so."""
        found = (branch.get("xml") for branch in self._branches)
        return next((one for one in found if isinstance(one, dict)), {})

    def _inner(self, schemas: list[Any]) -> Shape:
        key = tuple(map(id, schemas))  # which the document keeps
        found = self._known.get(key)
        if found is None:
            schema = schemas[0] if len(schemas) == 1 else {"allOf": schemas}
            found = self._known[key] = Shape(schema, self._definitions, self._known)
        return found

    def _all_branches(
        self, schema: Any, combining: tuple[str, ...], conditional: tuple[str, ...]
    ) -> list[dict[str, Any]]:
        """A schema and all that speak of the same value, by these keywords."""
        found: list[dict[str, Any]] = []
        stack, seen = [schema], set()
        while stack and len(found) < MAX_BRANCHES:
            one = stack.pop()
            if not isinstance(one, dict):
                continue
            found.append(one)
            for key in reversed(combining):
                stack += reversed(one.get(key, ()))
            stack += [one[key] for key in conditional if key in one]
            reference = one.get("$ref")
            if isinstance(reference, str) and reference not in seen:
                seen.add(reference)
                stack.append(self._definitions.get(reference.removeprefix(_DEFINITION)))
        return found


def shape_of(document: Any) -> Shape:
    """The shape of a schema with all its definitions."""
    return Shape(document, document.get("$defs", {}) if isinstance(document, dict) else {})


def read_text(text: str, types: frozenset[str], as_text: bool = True) -> Any:
    """A text as a value of one of the types, else as it is."""
    if as_text and "string" in types:
        return text
    if types & {"number", "integer"} and len(text) <= MAX_NUMBER:
        found = _number(text)
        if found is not None and ("number" in types or found == int(found)):
            return found
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    if "null" in types and not text and "string" not in types:
        return None
    return text


def _number(text: str) -> int | float | None:
    text = text.strip()
    if _INTEGER.fullmatch(text):
        return int(text)
    if not _NUMBER.fullmatch(text):
        return None
    found = float(text)
    return found if abs(found) != float("inf") else None


def _is_open(branch: dict[str, Any]) -> bool:
    return isinstance(branch.get("additionalProperties"), dict)


def _types(branch: dict[str, Any]) -> list[str]:
    """The types that a schema names, or those of the values that it allows."""
    written = branch.get("type")
    if isinstance(written, str):
        return [written]
    if isinstance(written, list):
        return written
    values = list(branch.get("enum", ()))
    if "const" in branch:
        values.append(branch["const"])
    return [_TYPES.get(type(value), "null") for value in values]


_TYPES: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


ANY = Shape({}, {})
