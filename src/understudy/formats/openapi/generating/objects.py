"""Objects that all schemas of a place allow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from understudy.formats.openapi.generating.base import Impossible, Lots, Made, Make, Stream, escaped
from understudy.formats.openapi.generating.facts import Atoms, flatten, given, least, most, union
from understudy.formats.openapi.generating.lift import DISCRIMINATED
from understudy.formats.openapi.generating.regex import Pattern, PatternError
from understudy.formats.openapi.generating.texts import WORDS
from understudy.render.draws import Draws

if TYPE_CHECKING:
    from understudy.formats.openapi.generating.compiler import Compiler, Wish

MAX_PROPERTIES = 1_000
"""Names that are made up for one object at most."""
_SPARE = 4
"""Names more than are needed, so that they differ between objects."""


class Field(NamedTuple):
    """A property: what is added to the place for its draws, and what other properties come with it."""

    name: str
    suffix: str
    made: Made
    optional: bool
    needs: frozenset[str]


def build_object(compiler: Compiler, atoms: Atoms, wish: Wish, place: str) -> Made:
    """Objects with all properties that are known, or as many as the wish says."""
    low, high = least(atoms, "minProperties"), most(atoms, "maxProperties")
    needs = _needs(atoms)
    required = _closure([name for names in given(atoms, "required") for name in names], needs)
    if high is not None and (len(required) > high or low > high):
        raise Impossible(place, f"{max(len(required), low)} properties are needed, and {high} allowed")
    if low > MAX_PROPERTIES:
        raise Impossible(place, f"objects of {low} properties are not made; {MAX_PROPERTIES} is the most")
    allowed = _names_allowed(compiler, atoms)
    fields = _fields(compiler, atoms, wish, place, required, needs, allowed)
    if high is not None and len(fields) > high:
        fields = _trimmed(fields, high)
    extras = _extras(compiler, atoms, wish, fields, max(0, low - len(fields)), high, allowed)
    if len(fields) + extras.wanted < low:
        raise Impossible(place, f"no {low} properties are to be found that are allowed")
    size = 1 + sum(field.made.size for field in fields)
    size += extras.wanted * max((field.made.size for field in extras.pool), default=0)
    exact = not any("unevaluatedProperties" in atom for atom in atoms)
    if all(not field.optional for field in fields) or wish.optional >= 1:
        make = _all([(field.name, field.suffix, field.made.make) for field in fields])
    else:
        make = _some(fields, wish.optional, low)
    return Made(_with_extras(make, extras) if extras.wanted else make, size, exact)


def property_atoms(compiler: Compiler, atoms: Atoms, name: str, place: str) -> Atoms:
    """What holds of a property. Raises Impossible if it may not be there."""
    schemas: list[Any] = []
    known = False
    for atom in atoms:
        before = len(schemas)
        if name in (properties := atom.get("properties", {})):
            schemas.append(properties[name])
        for pattern, schema in atom.get("patternProperties", {}).items():
            if compiler.matches(pattern, name):
                schemas.append(schema)
        if len(schemas) == before and "additionalProperties" in atom:
            schemas.append(atom["additionalProperties"])
        known = known or len(schemas) > before
    if not known:
        schemas += given(atoms, "unevaluatedProperties")
    at = f"{place}/properties/{escaped(name)}"
    return union(*(flatten(schema, compiler.lifter, at) for schema in schemas))


def _fields(
    compiler: Compiler,
    atoms: Atoms,
    wish: Wish,
    place: str,
    required: dict[str, None],
    needs: dict[str, set[str]],
    allowed: Callable[[str], bool],
) -> list[Field]:
    names = dict.fromkeys(name for properties in given(atoms, "properties") for name in properties)
    names.update(dict.fromkeys(name for more in needs.values() for name in sorted(more)))
    names.update(required)
    discriminated: dict[str, str] = {}
    for chosen in given(atoms, DISCRIMINATED):
        discriminated = {**chosen, **discriminated}
    found: dict[str, Field] = {}
    for name in names:
        optional = name not in required
        if optional and wish.optional <= 0:
            continue
        try:
            if not allowed(name):
                raise Impossible(f"{place}/propertyNames", f"{name!r} is not allowed as a name")
            inner = property_atoms(compiler, atoms, name, place)
            made = None
            if name in discriminated:
                try:
                    made = compiler.child(
                        union(inner, compiler.constant(discriminated[name])), atoms, wish, optional
                    )
                except Impossible:
                    made = None
            made = made or compiler.child(inner, atoms, wish, optional, name)
        except Impossible:
            if not optional:
                raise
            continue
        closure = frozenset(_closure([name], needs))
        found[name] = Field(name, f"/{escaped(name)}", made, optional, closure)
    return _complete(found.values())


def _complete(fields: Iterable[Field]) -> list[Field]:
    """Without the optional properties that need others which are not there."""
    kept = list(fields)
    while True:
        names = {field.name for field in kept}
        rest = [field for field in kept if not field.optional or field.needs <= names]
        if len(rest) == len(kept):
            return rest
        kept = rest


def _trimmed(fields: list[Field], high: int) -> list[Field]:
    kept = {field.name for field in fields if not field.optional}
    for field in fields:
        if len(kept | field.needs) <= high:
            kept |= field.needs
    return _complete(field for field in fields if field.name in kept)


def _needs(atoms: Atoms) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for written in given(atoms, "dependentRequired"):
        for name, names in written.items():
            found.setdefault(name, set()).update(names)
    return found


def _closure(names: Iterable[str], needs: dict[str, set[str]]) -> dict[str, None]:
    """Names and all that these need, in order."""
    found: dict[str, None] = {}
    todo = list(names)[::-1]
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = None
            todo += sorted(needs.get(name, ()), reverse=True)
    return found


def _names_allowed(compiler: Compiler, atoms: Atoms) -> Callable[[str], bool]:
    checks = [
        compiler.check_of((schema,)) for schema in given(atoms, "propertyNames") if isinstance(schema, dict)
    ]
    if any(schema is False for schema in given(atoms, "propertyNames")):
        return lambda name: False
    return lambda name: all(check(name) for check in checks)


class _Extras(NamedTuple):
    """Properties with made-up names: `wanted` of the pool."""

    pool: list[Field]
    wanted: int


def _extras(
    compiler: Compiler,
    atoms: Atoms,
    wish: Wish,
    fields: list[Field],
    needed: int,
    high: int | None,
    allowed: Callable[[str], bool],
) -> _Extras:
    count = needed
    if not any(atom.get("properties") for atom in atoms) and _is_map(atoms) and wish.optional > 0:
        count = max(count, wish.max_items)
        if high is not None:
            count = min(count, high - len(fields))
    if count <= 0:
        return _Extras([], 0)
    taken = {field.name for field in fields}
    pool: list[Field] = []
    for name in _made_up(compiler, atoms, wish, count):
        if name in taken or not allowed(name):
            continue
        taken.add(name)
        try:
            inner = property_atoms(compiler, atoms, name, "")
            made = compiler.child(inner, atoms, wish, len(pool) >= needed)
        except Impossible:
            continue
        if any(other not in taken for other in _closure([name], _needs(atoms))):
            continue
        pool.append(Field(name, f"/{escaped(name)}", made, True, frozenset()))
        if len(pool) >= count + _SPARE:
            break
    return _Extras(pool, min(count, len(pool)))


def _is_map(atoms: Atoms) -> bool:
    """Whether an object is there for its entries, and not for certain properties."""
    return any(
        atom.get("patternProperties") or (isinstance(more := atom.get("additionalProperties"), dict) and more)
        for atom in atoms
    )


def _made_up(compiler: Compiler, atoms: Atoms, wish: Wish, count: int) -> Iterable[str]:
    """Names to try: of the patterns that properties may follow, then words."""
    lots = Draws(0, "names", 0)
    for pattern in dict.fromkeys(name for names in given(atoms, "patternProperties") for name in names):
        try:
            read = Pattern(pattern)
        except PatternError:
            continue
        for number in range((count + _SPARE) * 2):
            yield read.write(Stream(lots, f"{pattern}#{number}"), 0, 40)
    for schema in given(atoms, "propertyNames"):
        if isinstance(schema, dict):
            try:
                made = compiler.child(
                    union(flatten(schema, compiler.lifter), compiler.only_text()), atoms, wish, False
                )
            except Impossible:
                continue
            for number in range((count + _SPARE) * 4):
                yield made.make(lots, f"name#{number}")
    yield from WORDS
    for number in range((count + _SPARE) * 2):
        yield f"{WORDS[number % 64]}_{number // 64 + 1}"


def _all(fields: list[tuple[str, str, Make]]) -> Make:
    def make(lots: Lots, at: str) -> dict[str, Any]:
        return {name: inner(lots, at + suffix) for name, suffix, inner in fields}

    return make


def _some(fields: list[Field], share: float, low: int) -> Make:
    """Objects with a share of their optional properties."""
    fixed = {field.name for field in fields if not field.optional}

    def make(lots: Lots, at: str) -> dict[str, Any]:
        present = set(fixed)
        for field in fields:
            if field.optional and lots.unit(f"{at}{field.suffix}?") < share:
                present |= field.needs
        for field in fields:
            if len(present) >= low:
                break
            present |= field.needs
        return {
            field.name: field.made.make(lots, at + field.suffix) for field in fields if field.name in present
        }

    return make


def _with_extras(make: Make, extras: _Extras) -> Make:
    pool, count = extras
    last = len(pool) - 1

    def more(lots: Lots, at: str) -> dict[str, Any]:
        found: dict[str, Any] = make(lots, at)
        start = lots.integer(f"{at}?names", 0, last) if last >= count else 0
        for number in range(count):
            field = pool[(start + number) % len(pool)]
            found[field.name] = field.made.make(lots, at + field.suffix)
        return found

    return more
