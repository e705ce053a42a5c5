"""Data for one schema of a document: made up, and held against it."""

from __future__ import annotations

from typing import Any

from understudy.formats.openapi.document import Node
from understudy.formats.openapi.generate import CannotGenerate, Generator, Generators, Lots
from understudy.formats.openapi.schemas import Schemas
from understudy.simulate.validate.explain import Misfit, misfits
from understudy.simulate.validate.schema import Files, Schema, SchemaError

MAX_VIOLATIONS = 20
"""Mistakes that one reply names."""
MAX_DEPTH = 100
_MISSING: Any = object()


class Data:
    """What fits one schema, as answers have it. Everything is compiled when it is first needed.

    What is `writeOnly` is in no answer, and so need not be there.
    """

    def __init__(self, node: Node, schemas: Schemas, files: Files) -> None:
        self.node = node
        self._schemas = schemas
        self._files = files
        self._bundle: Any = _MISSING
        self._makers: dict[bool, Generator | None] = {}
        self._schema: Schema | None = None
        self._is_checked = False

    @property
    def bundle(self) -> Any:
        """The schema with all that it refers to, as JSON Schema."""
        if self._bundle is _MISSING:
            self._bundle = self._schemas.of(self.node)
        return self._bundle

    def make(self, lots: Lots, *, examples: bool = False) -> Any:
        """Data that fits; with `examples`, those that stand in the schema. None where none can be made up."""
        if examples not in self._makers:
            self._makers[examples] = self._maker(examples)
        maker = self._makers[examples]
        if maker is None:
            return None
        try:
            return maker(lots)
        except CannotGenerate:
            return None

    def _maker(self, examples: bool) -> Generator | None:
        for strict in (True, False):  # documents often have branches of a `oneOf` that overlap
            made = Generators(self.bundle, prefer_examples=examples, strict=strict)
            try:
                return made.compile(self.bundle)
            except CannotGenerate:
                continue
        return None

    def misfits(self, value: Any) -> list[Misfit]:
        """What in a value does not fit; nothing where the schema itself cannot be used."""
        if not self._is_checked:
            self._is_checked = True
            try:
                written = _without_hidden(self.bundle, self.bundle, 0)
                self._schema = Schema(written, self._files.address(""), True, self._files)
            except SchemaError:
                self._schema = None
        return [] if self._schema is None else misfits(self._schema, value, MAX_VIOLATIONS)

    def fits(self, value: Any) -> bool:
        """Whether a value is valid."""
        return not self.misfits(value)


def _without_hidden(schema: Any, root: Any, depth: int) -> Any:
    """A copy in which no property is required that is `writeOnly` (OpenAPI 3.0 section 4.7.24.2)."""
    if depth > MAX_DEPTH:
        return schema
    if isinstance(schema, list):
        return [_without_hidden(one, root, depth + 1) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _without_hidden(item, root, depth + 1) for key, item in schema.items()}
    properties, required = schema.get("properties"), schema.get("required")
    if isinstance(properties, dict) and isinstance(required, list):
        made["required"] = [name for name in required if not _is_hidden(properties.get(name), root)]
    return made


def _is_hidden(schema: Any, root: Any) -> bool:
    if not isinstance(schema, dict):
        return False
    if schema.get("writeOnly") is True:
        return True
    target = schema.get("$ref")
    if not isinstance(target, str):
        return False
    found = root.get("$defs", {}).get(target.removeprefix("#/$defs/")) if isinstance(root, dict) else None
    return isinstance(found, dict) and found.get("writeOnly") is True


class Part:
    """The lots for one purpose, which are not those of another."""

    def __init__(self, lots: Lots, name: str) -> None:
        self._lots = lots
        self._name = name

    def unit(self, purpose: str) -> float:
        return self._lots.unit(self._name + purpose)

    def integer(self, purpose: str, low: int, high: int) -> int:
        return self._lots.integer(self._name + purpose, low, high)

    def raw(self, purpose: str, size: int) -> bytes:
        return self._lots.raw(self._name + purpose, size)
