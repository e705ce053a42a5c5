"""Data for one schema of a document: made up, and held against it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from understudy.formats.openapi.document import Node
from understudy.formats.openapi.generate import CannotGenerate, Lots
from understudy.formats.openapi.schemas import Schemas
from understudy.openapi.checker import Checker, compile_checker
from understudy.openapi.data import Data
from understudy.simulate.resource.schema import MAX_VIOLATIONS
from understudy.simulate.validate.explain import Misfit, misfits


class Fitting:
    """What fits one schema. `data` makes it, `schemas` say what it has to be; compiled when first needed."""

    def __init__(self, node: Node, data: Data, schemas: Schemas) -> None:
        self.node = node
        self._data = data
        self._schemas = schemas

    @cached_property
    def bundle(self) -> Any:
        """The schema with all that it refers to, as JSON Schema."""
        return self._schemas.of(self.node)

    @cached_property
    def _checker(self) -> Checker | None:
        return compile_checker(self.bundle, self.node)

    def make(self, lots: Lots, *, examples: bool = False) -> Any:
        """Data that fits; with `examples`, those that stand in the schema. None where none can be made up."""
        try:
            return self._data.make(self.node, lots, examples=examples)
        except CannotGenerate:
            return None

    def misfits(self, value: Any) -> list[Misfit]:
        """What in a value does not fit; nothing where the schema itself cannot be used."""
        return [] if self._checker is None else misfits(self._checker, value, MAX_VIOLATIONS)

    def fits(self, value: Any) -> bool:
        """Whether a value is valid."""
        return self._checker is None or self._checker.is_valid(value)
