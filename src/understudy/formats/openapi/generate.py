"""Data from the schemas of an OpenAPI document: valid, plausible, small, and the same for the same draws.

`compile_generator` looks at a schema once and gives a function of draws; `generate` is both in one call.
`Generators` compiles many schemas of one document and shares what they have in common. What is
made is always valid: it is checked against the schema before it is handed out, formats included.

A property is left out if it is `writeOnly` in a response, or `readOnly` in a request. Circles of schemas are
gone round `max_depth` times at most, less where the data would grow beyond a few thousand values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from understudy.formats.openapi.generating.base import (
    MAX_VALUES,
    MOST_VALUES,
    Impossible,
    Lots,
    Made,
    Miss,
    Part,
    TooMuch,
)

__all__ = ["CannotGenerate", "Generators", "Lots", "Part", "compile_generator", "generate"]

Dialect = Literal["3.0", "3.1"]
Direction = Literal["response", "request"]
Generator = Callable[[Lots], Any]

MAX_DEPTH = 2
MAX_ITEMS = 2
START = "#"
"""The purpose of the first draw; those of others have the JSON pointer of their place in the data behind
it."""
_ATTEMPTS = 10


class CannotGenerate(Exception):
    """No data was found for a schema. `pointer` is where it was given up, as in
    `#/components/schemas/Pet`."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(f"{pointer}: {reason}")
        self.pointer = pointer
        self.reason = reason


class Generators:
    """Compiles the schemas of one document.

    `optional` is the share of optional properties that are there. With `prefer_examples` an example in a
    schema is used, or else its default, where it is valid. Without `strict`, more than one branch of a
    `oneOf` may hold: many documents have branches that overlap.
    """

    def __init__(
        self,
        root: Any,
        dialect: Dialect = "3.1",
        direction: Direction = "response",
        *,
        max_depth: int = MAX_DEPTH,
        max_items: int = MAX_ITEMS,
        optional: float = 1.0,
        prefer_examples: bool = False,
        strict: bool = True,
    ) -> None:
        # on use: a document with examples everywhere needs none of it
        from understudy.formats.openapi.generating.compiler import Compiler, Wish
        from understudy.formats.openapi.generating.lift import Lifter
        from understudy.formats.openapi.generating.references import Document

        self._document = Document(root)
        self._lifter = Lifter(self._document, dialect, direction, strict)
        self._compiler = Compiler(self._lifter)
        self._wish = Wish(max_depth, optional, max_items, prefer_examples)

    @property
    def notes(self) -> list[tuple[str, str]]:
        """What was passed over, as pairs of a pointer and a sentence: an `x-faker` that Faker does not
        know."""
        return self._compiler.notes

    def compile(self, schema: Any, pointer: str = "#") -> Generator:
        """A function of draws that makes data for a schema. `pointer` is where the schema stands in the
        document.

        Raises CannotGenerate; so may the function, but seldom, as it was tried out.
        """
        from understudy.formats.openapi.generating.references import Found

        try:
            lifted = self._lifter.add(Found(schema, pointer, self._document.root))
            check = self._compiler.check_of((lifted,))
            self._compiler.look_at(lifted)
            made = self._sized(lifted, pointer)
        except (Impossible, TooMuch) as error:
            raise CannotGenerate(error.pointer, error.reason) from None
        except RecursionError:
            raise CannotGenerate(pointer, "the schema is nested too deeply") from None
        return _whole(made, check, pointer)

    def _sized(self, lifted: Any, pointer: str) -> Made:
        """A generator of data that is not too large: circles are gone round less, and options left out, if
        need be."""
        wishes = [self._wish]
        if self._compiler.has_circles:
            wishes += (self._wish._replace(depth=depth) for depth in range(self._wish.depth - 1, -1, -1))
        least = self._wish._replace(depth=0)
        wishes += (least._replace(room=room) for room in (3, 2, 1))
        wishes.append(least._replace(optional=0.0))
        for wish in wishes:
            made = self._compiler.compile(lifted, wish)
            # many properties of the data itself are what was asked for
            if made.size <= (MAX_VALUES if wish.room != 1 else 10 * MAX_VALUES):
                return made
        if made.size > MOST_VALUES:
            raise Impossible(
                pointer, f"the data would have up to {made.size:.3g} values; {MOST_VALUES} is the most"
            )
        return made


def compile_generator(
    schema: Any,
    *,
    root: Any = None,
    pointer: str = "#",
    dialect: Dialect = "3.1",
    direction: Direction = "response",
    max_depth: int = MAX_DEPTH,
    max_items: int = MAX_ITEMS,
    optional: float = 1.0,
    prefer_examples: bool = False,
    strict: bool = True,
) -> Generator:
    """A function of draws that makes data for a schema; `root` is the document that its references lead
    into."""
    generators = Generators(
        schema if root is None else root,
        dialect,
        direction,
        max_depth=max_depth,
        max_items=max_items,
        optional=optional,
        prefer_examples=prefer_examples,
        strict=strict,
    )
    return generators.compile(schema, pointer)


def generate(schema: Any, lots: Lots, **options: Any) -> Any:
    """Data for a schema. The options are those of `compile_generator`. Raises CannotGenerate."""
    return compile_generator(schema, **options)(lots)


def _whole(made: Made, check: Callable[[Any], bool], pointer: str) -> Generator:
    make = made.make

    def generator(lots: Lots) -> Any:
        for number in range(_ATTEMPTS):
            try:
                value = make(lots, f"{START}~{number}" if number else START)
            except Miss as error:
                where, reason = error.pointer, error.reason
                continue
            if check(value):
                return value
            where, reason = pointer, "what was made does not meet the schema"
        raise CannotGenerate(where, reason)

    return generator
