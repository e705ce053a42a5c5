"""The schemas of a document as JSON Schemas of draft 2020-12, which refer to each other by name.

OpenAPI 3.0 and Swagger 2.0 have a dialect of their own: `nullable`, bounds that are exclusive by a
boolean, keys beside a `$ref` that mean nothing. What a reference leads to, in whatever document, becomes a
definition below `$defs`, converted once; a schema comes with those that it needs. So circles stay circles.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from understudy.formats.openapi.document import Node, Unresolved
from understudy.load.fault import Keys
from understudy.load.words import show

MAX_DEFINITIONS = 200
"""Definitions that come with one schema. What is beyond is not looked at: such schemas lead to a whole
API."""

TYPES = frozenset(("null", "boolean", "object", "array", "number", "string", "integer"))
ANNOTATIONS = frozenset(
    ("default", "example", "examples", "readOnly", "writeOnly", "discriminator", "xml", "x-faker")
)
"""Keys that say nothing of what is valid, but help to make data up."""

_NUMBERS = ("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf")
_SIZES = (
    *("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"),
    *("maxContains", "minContains"),
)
_ONE = (
    *("additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties"),
)
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS = ("properties", "patternProperties", "dependentSchemas")
_DEFINITION = "#/$defs/"


class Schemas:
    """The schemas of one import. `is_new`: they are those of OpenAPI 3.1, which are JSON Schemas.

    `hides` is the flag of properties that the other side alone has: with it, only what is valid is kept, and
    none of these has to be there (OpenAPI 3.0 section 4.7.24.2).
    """

    def __init__(self, is_new: bool, hides: Literal["", "readOnly", "writeOnly"] = "") -> None:
        self._is_new = is_new
        self._hides = hides
        self._names: dict[tuple[str, Keys], str] = {}
        self._taken: set[str] = set()
        self._definitions: dict[str, Any] = {}
        self._needs: dict[str, dict[str, None]] = {}
        self._pending: list[tuple[str, Node]] = []
        self._uses: dict[str, None] = {}

    def of(self, node: Node) -> Any:
        """A schema with all the definitions that it needs: an object, or a boolean."""
        uses: dict[str, None] = {}
        self._uses = uses
        schema = self._convert(node)
        while self._pending:
            name, target = self._pending.pop()
            self._uses = self._needs[name] = {}
            self._definitions[name] = self._convert(target)
        if not isinstance(schema, dict) or not uses:
            return schema
        definitions = self._closure(uses)
        own = self._names.get((node.document.address, node.keys))
        if own is not None and own in definitions:  # a circle: once is enough
            return {"$ref": _DEFINITION + own, "$defs": definitions}
        return {**schema, "$defs": definitions}

    @property
    def root(self) -> dict[str, Any]:
        """All definitions, those that are still to come too."""
        return {"$defs": self._definitions}

    def _is_hidden(self, node: Node) -> bool:
        found = node.resolved()
        return (found is not None and found.flag(self._hides)) or (self._is_new and node.flag(self._hides))

    def _closure(self, uses: dict[str, None]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        queue = list(uses)
        for name in queue:  # which grows
            if name in found:
                continue
            if len(found) >= MAX_DEFINITIONS:
                found[name] = True
                continue
            found[name] = self._definitions[name]
            queue.extend(self._needs[name])
        return found

    def _convert(self, node: Node) -> Any:
        value = node.value
        if isinstance(value, bool):
            return value
        if not isinstance(value, dict):
            node.warn("a schema is an object: it is left out", found=show(value))
            return {}
        if isinstance(value.get("$ref"), str):
            reference = self._reference(node)
            if not self._is_new or len(value) == 1:
                return reference
            others = {key: item for key, item in value.items() if key != "$ref"}
            rest = self._convert(Node(others, node.document, node.keys))
            return {**reference, **rest} if isinstance(rest, dict) else rest
        made: dict[str, Any] = {}
        for key in value:
            convert = _KEYWORDS.get(key)
            if convert is not None:
                convert(self, node, key, made)
            elif key in ANNOTATIONS and not self._hides:
                self._annotation(node, key, made)
        if not self._is_new:
            _exclusive(made, value, "minimum", "exclusiveMinimum")
            _exclusive(made, value, "maximum", "exclusiveMaximum")
            if value.get("nullable") is True:
                made = _nullable(made)
        return made

    def _reference(self, node: Node) -> dict[str, Any]:
        target: Node | None
        if self._is_new:  # each may have keys beside it
            try:
                target = node.document.look_up(node.value["$ref"])
            except Unresolved as error:
                node.warn(f"{error}: anything is valid there", "$ref", node.value["$ref"])
                return {}
        else:
            target = node.resolved()
        if target is None or (target.document is node.document and target.keys == node.keys):
            return {}
        name = self._name(target)
        self._uses[name] = None
        return {"$ref": _DEFINITION + name}

    def _name(self, target: Node) -> str:
        place = (target.document.address, target.keys)
        known = self._names.get(place)
        if known is not None:
            return known
        last = next((str(key) for key in reversed(target.keys)), "document")
        plain = name = re.sub(r"[^A-Za-z0-9_.-]+", "_", last).strip("_") or "schema"
        count = 1
        while name in self._taken:
            count += 1
            name = f"{plain}_{count}"
        self._taken.add(name)
        self._names[place] = name
        self._definitions[name] = True
        self._needs[name] = {}
        self._pending.append((name, target))
        return name

    # --- keywords --------------------------------------------------------------------------------------

    def _annotation(self, node: Node, key: str, made: dict[str, Any]) -> None:
        value = node.value[key]
        if key == "discriminator" and isinstance(value, dict):
            value = self._discriminator(node, value)
        if key == "examples" and not isinstance(value, list):
            return
        made[key] = value

    def _discriminator(self, node: Node, value: dict[str, Any]) -> dict[str, Any]:
        mapping = value.get("mapping")
        if not isinstance(mapping, dict):
            return value
        found = {}
        for name, target in mapping.items():
            if not isinstance(target, str):
                continue
            written = target if re.search(r"[#/.]", target) else f"#/components/schemas/{target}"
            try:
                found[name] = _DEFINITION + self._name(node.document.look_up(written))
            except Unresolved as error:
                node.warn(str(error), "discriminator", target)
                continue
            self._uses[found[name].removeprefix(_DEFINITION)] = None
        return {**value, "mapping": found}

    def _type(self, node: Node, key: str, made: dict[str, Any]) -> None:
        value = node.value[key]
        if value == "file":  # of Swagger 2.0
            value = "string"
        names = value if isinstance(value, list) and value else [value]
        if all(isinstance(name, str) and name in TYPES for name in names):
            made[key] = value
        else:
            node.warn("there is no such type: anything is valid there", key, show(value))

    def _plain(self, node: Node, key: str, made: dict[str, Any]) -> None:
        made[key] = node.value[key]

    def _enum(self, node: Node, key: str, made: dict[str, Any]) -> None:
        value = node.value[key]
        if isinstance(value, list) and value:
            # a schema must not have a value twice, though many do
            made[key] = list({msgspec.json.encode(item): item for item in value}.values())
        else:
            node.warn("a list of values is needed here: it is left out", key, show(value))

    def _number(self, node: Node, key: str, made: dict[str, Any]) -> None:
        value = node.value[key]
        if isinstance(value, bool) and not self._is_new and key.startswith("exclusive"):
            return
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and (key != "multipleOf" or value > 0):
            made[key] = value
        else:
            node.warn("a number is needed here: it is left out", key, show(value))

    def _size(self, node: Node, key: str, made: dict[str, Any]) -> None:
        value = node.value[key]
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and value >= 0
            and value == int(value)
        ):
            made[key] = int(value)
        else:
            node.warn("a whole number from 0 is needed here: it is left out", key, show(value))

    def _flag(self, node: Node, key: str, made: dict[str, Any]) -> None:
        if isinstance(node.value[key], bool):
            made[key] = node.value[key]

    def _format(self, node: Node, key: str, made: dict[str, Any]) -> None:
        if isinstance(node.value[key], str):
            made[key] = node.value[key]

    def _pattern(self, node: Node, key: str, made: dict[str, Any]) -> None:
        value = node.value[key]
        if isinstance(value, str) and is_pattern(value):
            made[key] = value
        else:
            node.warn("this regular expression cannot be read: it is left out", key, show(value))

    def _required(self, node: Node, key: str, made: dict[str, Any]) -> None:
        value = node.value[key]
        if isinstance(value, bool):  # of a parameter of Swagger 2.0, or of draft 3
            if "in" not in node.value:
                node.warn(
                    "`required` is a list of names, beside `properties`: it is left out", key, show(value)
                )
            return
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            node.warn("a list of names is needed here: it is left out", key, show(value))
            return
        names = list(dict.fromkeys(value))
        if self._hides:
            properties = node.get("properties")
            hidden = {
                name
                for name in names
                if properties is not None and (one := properties.child(name)) and self._is_hidden(one)
            }
            names = [name for name in names if name not in hidden]
        if names:
            made[key] = names

    def _dependent_required(self, node: Node, key: str, made: dict[str, Any]) -> None:
        value = node.value[key]
        if isinstance(value, dict):
            made[key] = {
                name: list(dict.fromkeys(names))
                for name, names in value.items()
                if isinstance(names, list) and all(isinstance(one, str) for one in names)
            }

    def _one(self, node: Node, key: str, made: dict[str, Any]) -> None:
        child = node.child(key)
        assert child is not None
        made[key] = self._convert(child)

    def _items(self, node: Node, key: str, made: dict[str, Any]) -> None:
        child = node.child(key)
        assert child is not None
        if isinstance(child.value, list):  # a tuple, as older drafts write it
            made["prefixItems"] = self._list(child)
        else:
            made[key] = self._convert(child)

    def _some(self, node: Node, key: str, made: dict[str, Any]) -> None:
        child = node.child(key)
        assert child is not None
        if isinstance(child.value, list) and child.value:
            made[key] = self._list(child)
        else:
            node.warn("a list of schemas is needed here: it is left out", key, show(child.value))

    def _list(self, node: Node) -> list[Any]:
        children = (node.child(number) for number in range(len(node.value)))
        return [self._convert(child) for child in children if child is not None]

    def _map(self, node: Node, key: str, made: dict[str, Any]) -> None:
        child = node.child(key)
        assert child is not None
        if not isinstance(child.value, dict):
            node.warn("an object of schemas is needed here: it is left out", key, show(child.value))
            return
        found = {}
        for name in child.value:
            inner = child.child(name)
            if inner is None:
                continue
            if key == "patternProperties" and not is_pattern(name):
                child.warn("this regular expression cannot be read: it is left out", name, name)
                continue
            found[name] = self._convert(inner)
        made[key] = found


Convert = Callable[[Schemas, Node, str, dict[str, Any]], None]

_KEYWORDS: dict[str, Convert] = {
    "type": Schemas._type,
    "const": Schemas._plain,
    "enum": Schemas._enum,
    **dict.fromkeys(_NUMBERS, Schemas._number),
    **dict.fromkeys(_SIZES, Schemas._size),
    "uniqueItems": Schemas._flag,
    "format": Schemas._format,
    "pattern": Schemas._pattern,
    "required": Schemas._required,
    "dependentRequired": Schemas._dependent_required,
    "items": Schemas._items,
    **dict.fromkeys(_ONE, Schemas._one),
    **dict.fromkeys(_LISTS, Schemas._some),
    **dict.fromkeys(_MAPS, Schemas._map),
}
"""The keywords that are carried over; the others say nothing of what is valid."""


def _exclusive(made: dict[str, Any], value: dict[str, Any], bound: str, exclusive: str) -> None:
    if value.get(exclusive) is True and bound in made:
        made[exclusive] = made.pop(bound)


def _nullable(made: dict[str, Any]) -> dict[str, Any]:
    """The same, or null."""
    if "type" in made and not any(key in made for key in ("allOf", "anyOf", "oneOf", "not")):
        written = made["type"]
        made["type"] = [*written, "null"] if isinstance(written, list) else [written, "null"]
        if "enum" in made and None not in made["enum"]:
            made["enum"] = [*made["enum"], None]
        return made
    if not made:
        return made
    outer = {key: made.pop(key) for key in tuple(made) if key in ANNOTATIONS}
    return {"anyOf": [made, {"type": "null"}], **outer} if made else outer


def is_pattern(text: str) -> bool:
    """Whether a regular expression can be read."""
    import jsonschema_rs

    try:
        jsonschema_rs.validator_for({"pattern": text}, validate_formats=False)
    except (jsonschema_rs.ValidationError, ValueError):
        return False
    return True
