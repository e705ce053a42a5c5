"""What a stub demands: predicates, and those that are built of others.

A condition on the method has no place in a `match`, and one on the path a better one. So a predicate becomes
`Clause`s, of which one must hold, and each clause an endpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from math import prod
from typing import Any, NamedTuple

from understudy.formats.fragments import Fragment, together
from understudy.formats.har.notes import Notes
from understudy.formats.mountebank import bodies, fields
from understudy.formats.mountebank.fields import Asked, PathTest
from understudy.formats.mountebank.texts import OPERATORS, How
from understudy.formats.spot import Spot

MAX_CLAUSES = 32
"""Endpoints that one stub may become because of its predicates."""
MAX_DEPTH = 32
"""Predicates within predicates."""
NAMED = ("query", "form")

_PARAMETERS = ("caseSensitive", "keyCaseSensitive", "except", "jsonpath", "xpath", "_links")


class Clause(NamedTuple):
    """Conditions that hold together. `methods`: None for any."""

    methods: frozenset[str] | None = None
    paths: tuple[PathTest, ...] = ()
    fragments: tuple[Fragment, ...] = ()


class Demands(NamedTuple):
    """What a request must be like, as the keys of an endpoint."""

    path: Any
    method: Any
    match: Fragment


def read_predicates(written: Any, notes: Notes, spot: Spot) -> list[Demands]:
    """What a stub demands; a request that meets one of these is for it. Raises LeftOut."""
    clauses = _all(spot.sequence(written), notes, spot, 0)
    found = [_demands(clause, spot) for clause in clauses if clause.methods != frozenset()]
    if not found:
        spot.leave("no request meets its predicates")
    return found


def _demands(clause: Clause, spot: Spot) -> Demands:
    paths = sorted(clause.paths, key=lambda one: not one.is_whole)
    method: Any = "ANY"
    if clause.methods is not None:
        names = sorted(clause.methods)
        method = names[0] if len(names) == 1 else names
    fragments = [*clause.fragments, *(_by_url(one, spot) for one in paths[1:])]
    return Demands(paths[0].path if paths else "/**", method, joined(fragments))


def _by_url(path: PathTest, spot: Spot) -> Fragment:
    if path.url is None:
        spot.leave("this condition on the path has no counterpart beside others")
    return {"url": path.url}


# ---- and, or, not


def _clauses(written: Any, notes: Notes, spot: Spot, depth: int) -> list[Clause]:
    """One predicate. Raises LeftOut."""
    predicate = spot.mapping(written)
    if depth > MAX_DEPTH:
        spot.leave(f"predicates within predicates, more than {MAX_DEPTH} levels of them")
    name = next((key for key in predicate if key in BUILT or key in OPERATORS or key == "exists"), None)
    if name is None:
        if "inject" in predicate:
            spot.at("inject").leave("JavaScript is not run")
        spot.leave("there is no operator in this predicate")
    if name in BUILT:
        return BUILT[name](predicate[name], notes, spot.at(name), depth)
    return [_plain(name, predicate, notes, spot)]


def _all(written: list[Any], notes: Notes, spot: Spot, depth: int) -> list[Clause]:
    return _together([_clauses(one, notes, spot.at(at), depth + 1) for at, one in enumerate(written)], spot)


def _and(written: Any, notes: Notes, spot: Spot, depth: int) -> list[Clause]:
    return _all(spot.sequence(written), notes, spot, depth)


def _together(several: list[list[Clause]], spot: Spot) -> list[Clause]:
    """Clauses of which one holds where one of each of these does."""
    if prod(map(len, several)) > MAX_CLAUSES:
        spot.leave(f"its methods, paths and other conditions have more than {MAX_CLAUSES} combinations")
    return [_merged(choice) for choice in product(*several)]


def _merged(clauses: Iterable[Clause]) -> Clause:
    made = Clause()
    for one in clauses:
        methods = made.methods if one.methods is None else one.methods
        if made.methods is not None and one.methods is not None:
            methods = made.methods & one.methods
        made = Clause(methods, (*made.paths, *one.paths), (*made.fragments, *one.fragments))
    return made


def _or(written: Any, notes: Notes, spot: Spot, depth: int) -> list[Clause]:
    found = [
        clause
        for at, one in enumerate(spot.sequence(written))
        for clause in _clauses(one, notes, spot.at(at), depth + 1)
    ]
    if not found:
        spot.leave("no request meets it: it has no alternative")
    if len(found) == 1:
        return found
    if all(one == Clause(one.methods) and one.methods is not None for one in found):
        return [Clause(frozenset().union(*(one.methods or () for one in found)))]
    if all(one == Clause(paths=one.paths) and len(one.paths) == 1 for one in found):
        return [Clause(paths=(fields.one_of([one.paths[0] for one in found]),))]
    if all(one.methods is None for one in found):
        return [Clause(fragments=({"any": [_fragment(one, spot) for one in found]},))]
    if len(found) > MAX_CLAUSES:
        spot.leave(f"it has more than {MAX_CLAUSES} alternatives with a method")
    return found


def _not(written: Any, notes: Notes, spot: Spot, depth: int) -> list[Clause]:
    return _together([_refused(one, spot) for one in _clauses(written, notes, spot, depth + 1)], spot)


def _refused(clause: Clause, spot: Spot) -> list[Clause]:
    found = []
    if clause.methods is not None:
        found.append(Clause(fields.METHODS - clause.methods))
    if clause.methods is None or clause.paths or clause.fragments:
        inner = _fragment(clause, spot)
        found.append(Clause(fragments=(inner["not"] if inner.keys() == {"not"} else {"not": inner},)))
    return found


def _fragment(clause: Clause, spot: Spot) -> Fragment:
    """A clause without a method as a part of a `match`."""
    return joined([*clause.fragments, *(_by_url(one, spot) for one in clause.paths)])


BUILT: dict[str, Callable[[Any, Notes, Spot, int], list[Clause]]] = {"and": _and, "or": _or, "not": _not}
"""By mountebank's name: predicates that are built of others."""


def joined(fragments: list[Fragment]) -> Fragment:
    """One fragment that holds where all of these do.

    `ignore_case` is about the names that stand beside it, so that what has it is never put with what has not.
    """
    loose: Fragment = {}
    rest: list[Fragment] = []
    apart: list[Fragment] = []
    has_loose = any("ignore_case" in one for one in fragments)
    for one in filter(None, fragments):
        if "ignore_case" not in one:
            (apart if has_loose and not one.keys().isdisjoint(NAMED) else rest).append(one)
        elif all(loose.get(part, {}).keys().isdisjoint(one.get(part, {})) for part in NAMED):
            named = {part: {**loose.get(part, {}), **one.get(part, {})} for part in NAMED}
            loose = {"ignore_case": True, **{part: names for part, names in named.items() if names}}
            rest.append({key: value for key, value in one.items() if key not in (*NAMED, "ignore_case")})
        else:
            apart.append(one)
    made = together([one for one in (loose, *rest) if one])
    return {**made, "all": [*made.get("all", ()), *apart]} if apart else made


# ---- the others


def _plain(operator: str, predicate: dict[str, Any], notes: Notes, spot: Spot) -> Clause:
    """A predicate that compares fields of the request."""
    for key in predicate:
        if key != operator and key not in _PARAMETERS:
            spot.at(key).leave(f"`{key}` beside `{operator}` has no meaning that is known")
    case_counts = bool(predicate.get("caseSensitive"))
    without = "" if predicate.get("except") is None else spot.at("except").text(predicate["except"])
    if operator == "exists":
        without = ""
    how = How(operator, case_counts, case_counts and predicate.get("keyCaseSensitive") is not False, without)
    asked = spot.at(operator).mapping(predicate[operator])
    made = Clause()
    selected = [name for name in ("jsonpath", "xpath") if predicate.get(name)]
    for field, expected in asked.items():
        inner = spot.at(operator, field)
        if selected:
            if field != "body":
                inner.leave(f"`{selected[0]}` looks into a body alone")
            selector = spot.at(selected[0]).mapping(predicate[selected[0]])
            fragment = bodies.SELECTORS[selected[0]](selector, expected, how, notes, spot)
            made = _merged([made, Clause(fragments=(fragment,) if fragment else ())])
            continue
        if field not in fields.FIELDS:
            inner.leave(f"`{field}` cannot be looked at by a `match`")
        found = fields.FIELDS[field](Asked(expected, how, notes, inner))
        made = _merged([made, _clause(found)])
    return made


def _clause(found: Any) -> Clause:
    """A clause for what a field gives: methods, a path, a fragment."""
    if isinstance(found, frozenset):
        return Clause(found)
    if isinstance(found, PathTest):
        return Clause(paths=(found,))
    return Clause(fragments=(found,) if found else ())
