"""Data for the schemas of one document: the same for every request, or made anew from a request's lots.

A schema is compiled when its data is first asked for, and kept; what schemas have in common is compiled once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from understudy.formats.openapi.document import Node
from understudy.formats.openapi.generate import CannotGenerate, Generators, Lots, Part
from understudy.formats.openapi.schemas import Schemas
from understudy.load.fault import Keys
from understudy.load.words import show
from understudy.render.draws import Draws

OPTIONS = "x-json-schema-faker"
"""The key of a document that says how data is made (Prism: docs/guides/11-dynamic-response-with-faker.md)."""

Generator = Callable[[Lots], Any]


class Data:
    """Makes the data of one document. `root` is the document; `is_new`: it is of version 3.1 or later.

    All that makes data raises CannotGenerate where there is none for a schema.
    """

    def __init__(self, root: Node, is_new: bool, seed: int = 0) -> None:
        self.is_new = is_new
        self._schemas = Schemas(is_new)
        self._seed = seed
        self._options: dict[bool, dict[str, Any]] = {True: {"prefer_examples": True}, False: _options(root)}
        self._generators: dict[bool, list[Generators]] = {}
        self._compiled: dict[tuple[bool, str, Keys], Generator | CannotGenerate] = {}

    def same(self, schema: Node, name: str, part: str = "") -> Any:
        """Data that is the same each time; examples and defaults in the schema are used.

        It depends on the `name` of the answer and the `part` of it, and on nothing else.
        """
        return self.make(schema, Part(Draws(self._seed, name, 0), part), examples=True)

    def anew(self, schema: Node, lots: Lots, part: str = "") -> Any:
        """Data from these lots. What is made up is not what the schema has as an example."""
        return self.make(schema, Part(lots, part) if part else lots)

    def make(self, schema: Node, lots: Lots, *, examples: bool = False) -> Any:
        """Data from these lots; with `examples`, examples and defaults in the schema are used."""
        place = (examples, schema.document.address, schema.keys)
        found = self._compiled.get(place)
        if found is None:
            found = self._compiled[place] = self._compile(schema, examples)
        if isinstance(found, CannotGenerate):
            raise found.with_traceback(None)
        return found(lots)

    def _compile(self, schema: Node, examples: bool) -> Generator | CannotGenerate:
        bundle = self._schemas.of(schema)
        reason: CannotGenerate | None = None
        for generators in self._generators_for(examples):
            known = len(generators.notes)
            try:
                made = generators.compile(bundle)
            except CannotGenerate as error:
                reason = reason or error
                continue
            for _, sentence in generators.notes[known:]:
                schema.warn(sentence)
            return made
        assert reason is not None, "there is one if nothing was made"
        return reason

    def _generators_for(self, examples: bool) -> list[Generators]:
        """Where no branch of a `oneOf` can be met alone, as they often overlap, more than one may hold."""
        found = self._generators.get(examples)
        if found is None:
            found = self._generators[examples] = [
                Generators(self._schemas.root, strict=strict, **self._options[examples])
                for strict in (True, False)
            ]
        return found


def _options(root: Node) -> dict[str, Any]:
    """What the document says of data that is made anew."""
    found: dict[str, Any] = {}
    for name, node in root.items(OPTIONS):
        plain = re.sub(r"-(\w)", lambda letter: letter[1].upper(), name)
        if plain in _IGNORED:
            continue
        read = _OPTIONS.get(plain)
        if read is None:
            node.warn("this option has no counterpart here: it is left out")
            continue
        option = read(node.value)
        if option is None:
            node.warn("this is no value of the option: it is left out", found=show(node.value))
        else:
            found |= option
    return found


def _share(value: Any) -> dict[str, Any] | None:
    is_share = isinstance(value, int | float) and 0 <= value <= 1
    return {"optional": float(value)} if is_share else None


def _whole(name: str, most: int) -> Callable[[Any], dict[str, Any] | None]:
    def read(value: Any) -> dict[str, Any] | None:
        is_whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        return {name: min(value, most)} if is_whole else None

    return read


def _flag(on: dict[str, Any]) -> Callable[[Any], dict[str, Any] | None]:
    def read(value: Any) -> dict[str, Any] | None:
        return (on if value else {}) if isinstance(value, bool) else None

    return read


_OPTIONS: dict[str, Callable[[Any], dict[str, Any] | None]] = {
    "optionalsProbability": _share,
    "alwaysFakeOptionals": _flag({"optional": 1.0}),
    "requiredOnly": _flag({"optional": 0.0}),
    "maxItems": _whole("max_items", 100),
    "refDepthMax": _whole("max_depth", 5),
    "useExamplesValue": _flag({"prefer_examples": True}),
    "useDefaultValue": _flag({"prefer_examples": True}),
}
"""The options of json-schema-faker that say something here; names with hyphens are the same."""
_IGNORED = frozenset(
    (
        "failOnInvalidTypes",
        "failOnInvalidFormat",
        "ignoreMissingRefs",
        "fixedProbabilities",
        "resolveJsonPath",
    )
)
"""Options of how it works inside."""
