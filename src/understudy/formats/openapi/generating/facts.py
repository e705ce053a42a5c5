"""All schemas that hold for one value, looked at together.

A value is described by a tuple of schemas, `atoms`: a schema, what it refers to, and every part of its
`allOf`s, flat. So an `allOf` needs no merging by rules of its own: what holds of a number, a text or a
property is read from all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import reduce
from math import gcd
from typing import Any

from understudy.formats.openapi.generating.base import Impossible
from understudy.formats.openapi.generating.lift import Lifter

Atoms = tuple[dict[str, Any], ...]

_HINTS = {
    "object": {"properties", "required", "additionalProperties", "patternProperties", "propertyNames",
               "minProperties", "maxProperties", "dependentRequired", "dependentSchemas",
               "unevaluatedProperties"},
    "array": {"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "unevaluatedItems"},
    "string": {"minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}  # fmt: skip
"""Keywords by the type they are about: a schema without `type` is meant for what it says something of."""
_ORDER = ("object", "array", "string", "integer", "number", "boolean", "null")


def flatten(schema: Any, lifter: Lifter, place: str = "#") -> Atoms:
    """The schemas that hold where this one does. Raises Impossible for `false`."""
    found: dict[int, dict[str, Any]] = {}
    todo = [schema]
    while todo:
        one = todo.pop(0)
        if isinstance(one, bool):
            if not one:
                raise Impossible(place, "nothing is allowed here")
            continue
        if id(one) in found:
            continue
        reference = one.get("$ref")
        if reference is None or len(one) > 1:  # a reference says nothing itself, and its target is used again
            found[id(one)] = one
        inner = list(one.get("allOf", ()))
        if reference is not None:
            inner.append(lifter.target(reference))
        if inner:
            todo = inner + todo
    return tuple(found.values())


def union(*groups: Atoms) -> Atoms:
    """Several lists of schemas as one, each schema once."""
    return tuple({id(atom): atom for atoms in groups for atom in atoms}.values())


def types(atoms: Atoms) -> tuple[list[str], list[str]]:
    """The types that a value may have: those that the schemas are about, and the others."""
    allowed = set(_ORDER)
    declared = False
    for atom in atoms:
        if "type" in atom:
            declared = True
            here = set(atom["type"])
            allowed &= here | {"integer"} if "number" in here else here
    kinds = [kind for kind in _ORDER if kind in allowed]
    if "number" in allowed and "integer" in allowed:
        # an integer is a number too, and is no choice of its own
        kinds.remove("integer" if declared else "number")
    if declared:
        return kinds, []
    meant = [
        kind
        for kind in _ORDER
        if kind in kinds or kind == "number"
        if any(_HINTS.get(kind, set()) & atom.keys() for atom in atoms)
    ]
    if not meant:
        meant = ["string"]
    return meant, [
        kind for kind in ("string", "integer", "boolean", "object", "array", "null") if kind not in meant
    ]


def given(atoms: Atoms, keyword: str) -> Iterator[Any]:
    """The values of a keyword."""
    return (atom[keyword] for atom in atoms if keyword in atom)


def least(atoms: Atoms, keyword: str) -> int:
    """The greatest of some lower bounds on a count; 0 without one."""
    return max((int(value) for value in given(atoms, keyword)), default=0)


def most(atoms: Atoms, keyword: str) -> int | None:
    """The least of some upper bounds on a count; None without one."""
    return min((int(value) for value in given(atoms, keyword)), default=None)


def common_multiple(steps: Sequence[Fraction]) -> Fraction:
    """The least number that is a multiple of all."""

    def both(one: Fraction, other: Fraction) -> Fraction:
        numerators = one.numerator * other.numerator // gcd(one.numerator, other.numerator)
        return Fraction(numerators, gcd(one.denominator, other.denominator))

    return reduce(both, steps)


def same(one: Any, other: Any) -> bool:
    """Whether JSON Schema takes two values for equal: 1 and 1.0 are, 1 and true are not."""
    return bool(canonical(one) == canonical(other))


def canonical(value: Any) -> Any:
    """A value as something that can be compared and hashed."""
    if isinstance(value, bool) or value is None:
        return (type(value).__name__, value)
    if isinstance(value, list):
        return ("list", *map(canonical, value))
    if isinstance(value, dict):
        return ("dict", frozenset((key, canonical(item)) for key, item in value.items()))
    return value
