"""Schemas → closures that make data.

Each place of the data is compiled from all schemas that hold there. Of each `anyOf`, `oneOf`, `if`, `not` and
`dependentSchemas` one branch after the other is added to them, which leaves as many alternatives as can hold
at once; impossible ones are dropped here. What cannot be kept by construction is checked at its place, and
tried again with other draws; how often that is needed is tried out while compiling, so that a schema for
which nothing is found is known at once.

Circles end by depth: each way round one that the schema leaves open (an optional property, more items, a
branch) costs one, and without any left only what must be is made. A circle that must be is found by meeting
itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from understudy.formats.openapi.generating.base import Impossible, Lots, Made, Make, Miss, TooMuch
from understudy.formats.openapi.generating.circles import Circles
from understudy.formats.openapi.generating.facts import Atoms, canonical, flatten, given, types, union
from understudy.formats.openapi.generating.faking import build_fake
from understudy.formats.openapi.generating.lift import REFERENCE, Lifter, everywhere
from understudy.formats.openapi.generating.lists import build_list
from understudy.formats.openapi.generating.negate import negate
from understudy.formats.openapi.generating.numbers import build_number
from understudy.formats.openapi.generating.objects import build_object, property_atoms
from understudy.formats.openapi.generating.plausible import PLAUSIBLE, plausible_for
from understudy.formats.openapi.generating.strings import build_strings
from understudy.render.draws import Draws

MAX_BACKTRACKING = 100_000
"""Steps back that a `pattern` with look-around may take on one text."""
MAX_PLACES = 20_000
"""Places, with alternatives and depths, that are compiled for one schema."""
_CUBES = 100_000
"""Where hundreds of schemas hold at one place, looking at each with each other is the work of many places."""
MAX_NESTING = 50
"""Levels of data within data."""
MAX_COMBINATIONS = 64
"""Combinations of the branches of all choices at one place. Beyond, each choice keeps few branches."""
ATTEMPTS = 30
"""Calls for one place until it is given up."""
_PROBES = 8
_NULLS = 10
"""Per cent of null, where it is one of the types."""

Check = Callable[[Any], bool]


class Wish(NamedTuple):
    """What is wanted where a schema leaves it open. `depth` is how often circles may still be gone round."""

    depth: int
    optional: float
    max_items: int
    prefer_examples: bool
    room: int | None = None
    """On how many levels more there may be anything that the schema leaves open; None for all."""
    level: int = 0
    opposite: bool = False
    """Whether the other branches of `oneOf` are ruled out by their opposites, and not by luck."""


class _Choice(NamedTuple):
    """Schemas of which one is added. `exclusive`: no other may hold. `exact`: it needs no look afterwards."""

    key: tuple[str, int]
    branches: list[Any]
    exclusive: bool = False
    exact: bool = True


class Compiler:
    """Compiles the schemas of one document. What is compiled once is used again."""

    def __init__(self, lifter: Lifter) -> None:
        self.lifter = lifter
        self.notes: list[tuple[str, str]] = []
        """What the user should know, with the place of the schema."""
        self._circles = Circles(lifter)
        self._made: dict[Any, Made | Impossible] = {}
        self._under_way: set[Any] = set()
        self._places = 0
        self._choices: dict[int, list[_Choice]] = {}
        self._kept: list[Any] = []
        self._constants: dict[Any, Atoms] = {}
        self._checks: dict[tuple[int, ...], Check] = {}
        self._patterns: dict[str, Check] = {}
        self._targets: dict[int, tuple[str, ...]] = {}

    def compile(self, schema: Any, wish: Wish) -> Made:
        """The generator for a copied schema. Raises Impossible."""
        self._places = 0
        return self._place(flatten(schema, self.lifter), wish, None)

    def look_at(self, schema: Any) -> None:
        """Finds the circles that a copied schema leads to, once before it is compiled."""
        self._circles.look_at(schema)

    @property
    def has_circles(self) -> bool:
        """Whether any schemas lead back to themselves."""
        return bool(self._circles)

    def child(self, atoms: Atoms, parent: Atoms, wish: Wish, optional: bool, name: str | None = None) -> Made:
        """The generator for a place within. Raises Impossible, also where a circle is to end."""
        depth, room = wish.depth, wish.room
        if optional and self._circles.share(atoms, parent):
            if depth <= 0:
                raise Impossible(self.place(atoms), "the circle ends here", lasting=False)
            depth -= 1
        if room is not None:
            if optional and room <= 0:
                raise Impossible(self.place(atoms), "the data would be too large", lasting=False)
            room = max(0, room - 1)
        hint = None
        if name is not None and types(atoms)[0] != ["object"]:
            hint = plausible_for(name)
        within = Wish(depth, wish.optional, wish.max_items, wish.prefer_examples, room, wish.level + 1)
        return self._place(atoms, within, hint)

    def place(self, atoms: Atoms) -> str:
        """Where the first of some schemas is written."""
        return self.lifter.place(atoms[0]) if atoms else "#"

    def constant(self, value: Any) -> Atoms:
        """A schema that allows one value."""
        return self._own(("const", canonical(value)), {"const": value})

    def only_text(self) -> Atoms:
        """A schema that allows texts."""
        return self._own("text", {"type": ["string"]})

    def matches(self, pattern: str, text: str) -> bool:
        """Whether a pattern of a schema is found in a text."""
        check = self._patterns.get(pattern)
        if check is None:
            check = self._patterns[pattern] = self._validator({"pattern": pattern}, "#")
        return check(text)

    def check_of(self, atoms: Atoms) -> Check:
        """Whether a value meets all of some schemas. Raises Impossible if one is no schema."""
        key = tuple(id(atom) for atom in atoms)
        check = self._checks.get(key)
        if check is None:
            # what others refer to, or have in their allOf, is looked at with them
            covered = {id(inner) for atom in atoms for inner in atom.get("allOf", ())}
            covered |= {id(self.lifter.target(atom["$ref"])) for atom in atoms if "$ref" in atom}
            tops: list[Any] = [atom for atom in atoms if id(atom) not in covered] or list(atoms)
            schema: Any = {"allOf": tops, "$defs": self._reached(tops)}
            check = self._checks[key] = self._validator(schema, self.place(atoms))
        return check

    def _validator(self, schema: Any, place: str) -> Check:
        import jsonschema_rs

        try:
            validator = jsonschema_rs.Draft202012Validator(
                schema,
                validate_formats=True,
                pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=MAX_BACKTRACKING),
            )
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            reason = str(getattr(error, "message", error)).splitlines()[0][:200]
            value = schema
            path = getattr(error, "instance_path", ())
            reason = ": ".join((*map(str, path[-1:]), reason))
            for key in path:
                value = value[key]
                if (nearer := self.lifter.place(value)) != "#":
                    place = nearer
            raise Impossible(place, f"this is not a schema that can be used: {reason}") from None

        def check(value: Any) -> bool:
            try:
                return validator.is_valid(value)
            except ValueError:  # the library's own bounds
                return False

        return check

    def _own(self, key: Any, schema: dict[str, Any]) -> Atoms:
        return self._constants.setdefault(key, (schema,))

    def _reached(self, schemas: list[Any]) -> dict[str, Any]:
        """The entries of `defs` that some schemas lead to."""
        found: dict[str, Any] = {}
        todo = [name for schema in schemas for name in _references(schema)]
        while todo:
            name = todo.pop()
            if name in found:
                continue
            target = found[name] = self.lifter.defs[name]
            known = self._targets.get(id(target))
            if known is None:
                known = self._targets[id(target)] = _references(target)
            todo += known
        return found

    def _place(self, atoms: Atoms, wish: Wish, hint: str | None) -> Made:
        """All that may stand at a place, right by construction or checked."""
        # the level is no part of the key: it only ends what is too deep
        key = (*map(id, atoms), *wish[:5], wish.opposite, hint)
        made = self._made.get(key)
        if made is None:
            place = self.place(atoms)
            if key in self._under_way:
                raise Impossible(place, "the schema needs itself, and so has no end", lasting=False)
            if wish.level > MAX_NESTING:
                raise Impossible(place, f"data is nested more than {MAX_NESTING} deep", lasting=False)
            self._count(place)
            self._under_way.add(key)
            try:
                made = self._fixed(atoms, wish, place) or self._free(atoms, wish, hint, place)
            except Impossible as error:
                if error.lasting:
                    self._made[key] = error
                raise
            finally:
                self._under_way.discard(key)
            self._made[key] = made
        if isinstance(made, Impossible):
            raise Impossible(made.pointer, made.reason)
        return made

    def _count(self, place: str, work: int = 1) -> None:
        self._places += work
        if self._places > MAX_PLACES:
            raise TooMuch(place, f"the schema has more than {MAX_PLACES} places and alternatives")

    def _fixed(self, atoms: Atoms, wish: Wish, place: str) -> Made | None:
        """Values that are written in the schemas; None if there are none."""
        if any("const" in atom or "enum" in atom for atom in atoms):
            return self._listed(atoms, place)
        if wish.prefer_examples:
            examples = [value for values in given(atoms, "examples") for value in values]
            examples += given(atoms, "example")
            for values in (examples, list(given(atoms, "default"))):
                if values and (fitting := list(filter(self.check_of(atoms), values))):
                    return _one_of(fitting)
        for written in given(atoms, "x-faker"):
            made = build_fake(written, self.check_of(atoms), place, self.notes)
            if made is not None:
                fallback = self._free(atoms, wish, None, place)
                return Made(_else(made, fallback.make, self.check_of(atoms)))
        return None

    def _listed(self, atoms: Atoms, place: str) -> Made:
        """The values of `const` and `enum` that the rest allows."""
        check = self.check_of(atoms)
        values = [value for value in min(_lists(atoms), key=len) if check(value)]
        if not values:
            raise Impossible(place, "none of the listed values is allowed by the rest of the schema")
        return _one_of(values)

    def _free(self, atoms: Atoms, wish: Wish, hint: str | None, place: str) -> Made:
        """Values that are made up: tried in several ways, where construction does not make them right."""
        found: list[tuple[int, Made]] = []
        reason: Impossible | None = None
        for way in self._ways(wish):
            try:
                made = self._alternatives(atoms, frozenset(), way, hint)
            except Impossible as error:
                if not error.lasting:
                    raise  # other ways round the circle end the same
                reason = error.after(reason)
                continue
            if made.exact:
                return made
            rate = probe(made.make, self.check_of(atoms))
            found.append((rate, made))
            if rate * 2 >= _PROBES:
                break
        found = [(rate, made) for rate, made in found if rate]
        if not found:
            raise reason or Impossible(place, "nothing was found that meets all of the schema")
        found.sort(key=lambda pair: -pair[0])
        makes = [made.make for _, made in found]
        return Made(_checked(makes, self.check_of(atoms), place), max(made.size for _, made in found))

    def _ways(self, wish: Wish) -> Iterator[Wish]:
        yield wish
        yield wish._replace(opposite=True)
        if wish.optional > 0.5:
            yield wish._replace(optional=0.5)
            yield wish._replace(optional=0.5, opposite=True)
        if wish.optional > 0:
            yield wish._replace(optional=0)
            yield wish._replace(optional=0, opposite=True)

    def _alternatives(
        self, atoms: Atoms, done: frozenset[tuple[str, int]], wish: Wish, hint: str | None
    ) -> Made:
        """What may stand at a place when a branch is taken of each choice."""
        self._count(self.place(atoms), 1 + len(atoms) ** 3 // _CUBES)
        if self._contradictory(atoms):
            raise Impossible(self.place(atoms), "the schemas contradict each other")
        pending = [one for atom in atoms for one in self._choices_of(atom) if one.key not in done]
        if not pending:
            return self._typed(atoms, wish, hint)
        choice = pending[0]
        limit = MAX_COMBINATIONS
        for other in pending[1:]:
            limit //= max(1, len(other.branches))
        done |= {choice.key}
        found: list[Made] = []
        last: list[tuple[Atoms, bool]] = []
        reason: Impossible | None = None
        exact = choice.exact
        for number, branch in enumerate(choice.branches):
            try:
                added = flatten(branch, self.lifter, self.place(atoms))
                inner = union(atoms, added)
                if choice.exclusive:
                    others = [one for place, one in enumerate(choice.branches) if place != number]
                    inner, apart = self._apart(inner, others, wish.opposite)
                    exact = exact and apart
                depth = wish.depth
                if self._circles.share(added, atoms):
                    if depth <= 0:
                        last.append((inner, exact))
                        continue
                    depth -= 1
                found.append(self._alternatives(inner, done, wish._replace(depth=depth), hint))
                if len(found) >= max(1, limit):
                    break
            except Impossible as error:
                reason = error.after(reason)
        if not found and choice.key[0] == "not":
            last.append((atoms, False))  # the opposite may be larger than what was said of it
        if not found:
            for inner, _ in last:
                try:
                    found.append(self._alternatives(inner, done, wish, hint))
                except Impossible as error:
                    reason = error.after(reason)
        if not found:
            raise reason or Impossible(self.place(atoms), f"{choice.key[0]} has no branch that is possible")
        others = [made for made in found if made.values != (None,)]
        is_type = choice.key[0] in ("anyOf", "oneOf")  # null is a branch, as it is a type elsewhere
        if is_type and 0 < len(others) < len(found):
            nothing = next(made for made in found if made.values == (None,))
            return _at_times(nothing, _any_of(others, f"|{len(done)}", exact))
        return _any_of(found, f"|{len(done)}", exact)

    def _choices_of(self, atom: dict[str, Any]) -> list[_Choice]:
        found = self._choices.get(id(atom))
        if found is None:
            found = self._choices[id(atom)] = list(self._read_choices(atom))
            self._kept.append(found)
        return found

    def _read_choices(self, atom: dict[str, Any]) -> Iterator[_Choice]:
        target = self.lifter.target
        if "anyOf" in atom:
            yield _Choice(("anyOf", id(atom)), atom["anyOf"])
        if "oneOf" in atom:
            yield _Choice(("oneOf", id(atom)), atom["oneOf"], exclusive=True)
        if "if" in atom:
            holds = {"allOf": [atom["if"], atom.get("then", True)]}
            opposite = negate(atom["if"], target)
            fails = {"allOf": [atom.get("else", True), *([] if opposite is None else [_any(opposite)])]}
            yield _Choice(("if", id(atom)), [holds, fails], exact=False)
        if "not" in atom:
            opposite = negate(atom["not"], target)
            yield _Choice(("not", id(atom)), [True] if opposite is None else opposite, exact=False)
        for name, schema in atom.get("dependentSchemas", {}).items():
            branches = [{"required": [name], "allOf": [schema]}, {"properties": {name: False}}]
            yield _Choice((f"dependentSchemas/{name}", id(atom)), branches, exact=False)

    def _apart(self, atoms: Atoms, others: list[Any], opposite: bool) -> tuple[Atoms, bool]:
        """The schemas of one branch of `oneOf`, and whether the others cannot hold with it."""
        apart = True
        for other in others:
            try:
                contradictory = self._contradictory(union(atoms, flatten(other, self.lifter)))
            except Impossible:
                contradictory = True
            if contradictory:
                continue
            apart = False
            if opposite:
                key = ("opposite", id(other))
                if key not in self._constants:
                    refused = negate(other, self.lifter.target)
                    self._own(key, {} if refused is None else {"anyOf": refused} if refused else {"not": {}})
                atoms = union(atoms, self._constants[key])
        return atoms, apart

    def _contradictory(self, atoms: Atoms, deep: bool = True) -> bool:
        """Whether no value can meet all, as far as that is seen at a glance."""
        meant, others = types(atoms)
        if not meant and not others:
            return True
        listed = _lists(atoms)
        if len(listed) > 1 and not set.intersection(
            *({canonical(one) for one in values} for values in listed)
        ):
            return True
        if not deep or meant != ["object"] or others:
            return False
        for name in {name for names in given(atoms, "required") for name in names}:
            try:
                if self._contradictory(property_atoms(self, atoms, name, "#"), deep=False):
                    return True
            except Impossible:
                return True
        return False

    def _typed(self, atoms: Atoms, wish: Wish, hint: str | None) -> Made:
        """What may stand at a place when no choice is left but that of the type."""
        if any("const" in atom or "enum" in atom for atom in atoms):
            return self._listed(atoms, self.place(atoms))
        meant, others = types(atoms)
        found: list[Made] = []
        nothing: Made | None = None
        reason: Impossible | None = None
        for kind in (*meant, *others):
            if kind in others and (found or nothing):
                break  # other types are for schemas that allow none of what they speak of
            try:
                made = self._of_type(kind, atoms, wish, hint)
            except Impossible as error:
                reason = error.after(reason)
                continue
            if kind == "null":
                nothing = made
            else:
                found.append(made)
        if not found:
            if nothing is None:
                raise reason or Impossible(self.place(atoms), "no type is allowed")
            return nothing
        made = _any_of(found, "|type", True)
        return _at_times(nothing, made) if nothing is not None else made

    def _of_type(self, kind: str, atoms: Atoms, wish: Wish, hint: str | None) -> Made:
        place = self.place(atoms)
        match kind:
            case "object":
                return build_object(self, atoms, wish, place)
            case "array":
                return build_list(self, atoms, wish, hint, place)
            case "string":
                return self._text(atoms, hint, place)
            case "integer" | "number":
                usual = PLAUSIBLE[hint].number if hint is not None else None
                return build_number(atoms, kind == "integer", usual, place)
            case "boolean":
                return Made(lambda lots, at: lots.integer(at, 0, 1) == 1, values=(False, True))
            case _:
                return Made(lambda lots, at: None, values=(None,))

    def _text(self, atoms: Atoms, hint: str | None, place: str) -> Made:
        """Texts, by the first way of making them that gives what is allowed."""
        best: tuple[int, Made] | None = None
        for made in build_strings(atoms, hint, place):
            if made.exact:
                return made
            rate = probe(made.make, self.check_of(atoms))
            if best is None or rate > best[0]:
                best = (rate, made)
            if rate * 2 >= _PROBES:
                break
        if best is None or not best[0]:
            raise Impossible(place, "no text was found that meets all of the schema")
        return Made(_checked([best[1].make], self.check_of(atoms), place))


def probe(make: Make, check: Check) -> int:
    """How many of some tries give what is allowed."""
    found = 0
    for number in range(_PROBES):
        try:
            found += check(make(Draws(0, "probe", number), "#"))
        except Miss:
            continue
    return found


def _references(schema: Any) -> tuple[str, ...]:
    """The names of the `defs` that a schema refers to itself."""
    return tuple(one["$ref"].removeprefix(REFERENCE) for one in everywhere(schema) if "$ref" in one)


def _lists(atoms: Atoms) -> list[list[Any]]:
    return [*([value] for value in given(atoms, "const")), *given(atoms, "enum")]


def _any(schemas: list[dict[str, Any]]) -> Any:
    return {"anyOf": schemas} if schemas else False


def _one_of(values: list[Any]) -> Made:
    """One of some values; containers are copied, so that nobody changes the schema."""
    size = max(len(everything(value)) for value in values)
    if len(values) == 1:
        only = values[0]
        if isinstance(only, dict | list):
            return Made(lambda lots, at: deepcopy(only), size, values=(only,))
        return Made(lambda lots, at: only, values=(only,))
    last = len(values) - 1
    if any(isinstance(value, dict | list) for value in values):
        return Made(lambda lots, at: deepcopy(values[lots.integer(at, 0, last)]), size, values=tuple(values))
    return Made(lambda lots, at: values[lots.integer(at, 0, last)], values=tuple(values))


def everything(value: Any) -> list[Any]:
    """A value and all in it."""
    found = [value]
    for one in found:
        found += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return found


def _any_of(found: list[Made], purpose: str, exact: bool) -> Made:
    exact = exact and all(made.exact for made in found)
    if len(found) == 1:
        return found[0]._replace(exact=exact)
    makes = [made.make for made in found]
    last = len(makes) - 1
    return Made(
        lambda lots, at: makes[lots.integer(at + purpose, 0, last)](lots, at),
        max(made.size for made in found),
        exact,
    )


def _at_times(nothing: Made, made: Made) -> Made:
    make = made.make
    values = (None, *made.values) if made.values is not None else None
    return Made(
        lambda lots, at: None if lots.integer(at + "|null", 0, 99) < _NULLS else make(lots, at),
        made.size,
        made.exact and nothing.exact,
        values,
    )


def _checked(makes: list[Make], check: Check, place: str) -> Make:
    """Calls until what comes is allowed: the best way most of the time, the others in between."""
    first = makes[0]
    order = [makes[number % len(makes)] if number % 2 else first for number in range(1, ATTEMPTS)]

    def make(lots: Lots, at: str) -> Any:
        try:
            value = first(lots, at)
            if check(value):
                return value
        except Miss:
            pass
        for number, other in enumerate(order, 1):
            try:
                value = other(lots, f"{at}~{number}")
            except Miss:
                continue
            if check(value):
                return value
        raise Miss(place, f"{ATTEMPTS} attempts gave nothing that meets the schema")

    return make


def _else(first: Make, second: Make, check: Check) -> Make:
    def make(lots: Lots, at: str) -> Any:
        value = first(lots, at)
        return value if check(value) else second(lots, at)

    return make
