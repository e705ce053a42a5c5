"""Lists that all schemas of a place allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.formats.openapi.generating.base import MOST_VALUES, Impossible, Lots, Made, Make, Miss
from understudy.formats.openapi.generating.facts import Atoms, canonical, flatten, given, least, most, union

if TYPE_CHECKING:
    from understudy.formats.openapi.generating.compiler import Compiler, Wish

_MORE_DRAWS = 20
"""Other draws for an item that is to be unlike all before."""


def build_list(compiler: Compiler, atoms: Atoms, wish: Wish, hint: str | None, place: str) -> Made:
    """Lists with as few items as the wish says, if the schemas leave that open."""
    low, high = least(atoms, "minItems"), most(atoms, "maxItems")
    first = max((len(schemas) for schemas in given(atoms, "prefixItems")), default=0)
    contained = _contained(compiler, atoms, place)
    total = sum(count for _, count in contained)
    if high is not None and max(low, total and 1) > high:
        raise Impossible(place, f"a list of {max(low, 1)} items or more, and {high} at most")
    if low > MOST_VALUES:
        raise Impossible(place, f"lists of {low} items are not made; {MOST_VALUES} is the most")
    unique = any(value is True for value in given(atoms, "uniqueItems"))

    heads: list[Made] = []
    limit: int | None = high
    reason: Impossible | None = None
    wanted = [schemas for schemas, count in contained for _ in range(count)]
    usual = max(low, first if wish.optional > 0 else 0)
    for number in range(first):
        if limit is not None and number >= limit:
            break
        try:
            heads.append(compiler.child(_item(compiler, atoms, number, place), atoms, wish, number >= low))
        except Impossible as error:
            limit, reason = number, error
            break
    rest: Made | None = None
    places: list[Made] = []
    if limit is None or limit > first:
        try:
            inner = _item(compiler, atoms, first, place)
            for schemas in wanted:
                places.append(compiler.child(union(inner, schemas), atoms, wish, False))
            if len(heads) == first:
                rest = _rest(compiler, inner, atoms, wish, low > first + len(places), hint)
        except Impossible as error:
            limit, reason = first, error
            if wanted:
                places = []
    if wanted and (limit is not None and limit < first + len(wanted)):
        heads, places = _within(compiler, atoms, heads, wanted, wish, place, limit), []
    if rest is None:
        limit = min(limit if limit is not None else MOST_VALUES, len(heads) + len(places))
    if limit is not None and low > limit:
        raise reason or Impossible(place, f"no more than {limit} items are possible, and {low} are needed")
    heads = [*heads, *places]
    if rest is not None and not heads:
        usual = max(usual, wish.max_items if wish.optional > 0 else 0)
    count = max(usual, len(heads) if wanted else 0)
    if limit is not None:
        count = min(count, limit)
    heads = heads[:count]
    floor = max(low, len(heads) if wanted else 0)
    size = 1 + sum(made.size for made in heads)
    if rest is not None:
        size += max(0, count - len(heads)) * rest.size
    exact = (
        not any("maxContains" in atom or "unevaluatedItems" in atom for atom in atoms) and len(contained) < 2
    )
    if unique:
        return Made(_unlike(heads, rest, floor, count, place), size, exact)
    return Made(
        _plain([made.make for made in heads], rest.make if rest is not None else None, count), size, exact
    )


def _item(compiler: Compiler, atoms: Atoms, number: int, place: str) -> Atoms:
    """What holds of the item with a number. Raises Impossible if there may be none."""
    schemas: list[Any] = []
    for atom in atoms:
        prefix = atom.get("prefixItems", ())
        if number < len(prefix):
            schemas.append(prefix[number])
        elif "items" in atom:
            schemas.append(atom["items"])
    if not schemas:
        schemas += given(atoms, "unevaluatedItems")
    return union(*(flatten(schema, compiler.lifter, f"{place}/items") for schema in schemas))


def _rest(
    compiler: Compiler, inner: Atoms, atoms: Atoms, wish: Wish, needed: bool, hint: str | None
) -> Made | None:
    try:
        return compiler.child(inner, atoms, wish, not needed, hint)
    except Impossible:
        if needed:
            raise
        return None


def _contained(compiler: Compiler, atoms: Atoms, place: str) -> list[tuple[Atoms, int]]:
    """What lists must contain, and how often."""
    found = []
    for atom in atoms:
        if "contains" in atom:
            count = int(atom.get("minContains", 1))
            if count > MOST_VALUES or count > int(atom.get("maxContains", count)):
                raise Impossible(place, f"{count} items that match contains are not possible")
            if count:
                found.append((flatten(atom["contains"], compiler.lifter, f"{place}/contains"), count))
    return found


def _within(
    compiler: Compiler,
    atoms: Atoms,
    heads: list[Made],
    wanted: list[Atoms],
    wish: Wish,
    place: str,
    limit: int,
) -> list[Made]:
    """The first items, so that they are also what the list must contain.

    One item may be what several `contains` ask for, but counts once for each of them.
    """
    found = list(heads)
    free = list(range(min(max(len(heads), len(wanted)), limit)))
    taken: dict[int, list[Atoms]] = {}
    for schemas in wanted:
        shared = [number for number, others in taken.items() if not any(one is schemas for one in others)]
        for number in (*free, *shared):
            if number > len(found):
                continue
            together = [*taken.get(number, ()), schemas]
            try:
                inner = union(_item(compiler, atoms, number, place), *together)
                made = compiler.child(inner, atoms, wish, False)
            except Impossible:
                continue
            found[number : number + 1] = [made]
            taken[number] = together
            if number in free:
                free.remove(number)
            break
        else:
            raise Impossible(f"{place}/contains", "no item can be what the list must contain")
    return found


def _plain(heads: list[Make], rest: Make | None, count: int) -> Make:
    suffixes = [f"/{number}" for number in range(min(count, 100))]
    if not heads and rest is not None and count <= 100:
        return lambda lots, at: [rest(lots, at + suffix) for suffix in suffixes]

    def make(lots: Lots, at: str) -> list[Any]:
        found = [inner(lots, f"{at}/{number}") for number, inner in enumerate(heads)]
        if rest is not None:
            found += [rest(lots, f"{at}/{number}") for number in range(len(heads), count)]
        return found

    return make


def _unlike(heads: list[Made], rest: Made | None, low: int, count: int, place: str) -> Make:
    """Lists of which no two items are equal. They may be shorter than wanted, if no more is to be found."""

    def make(lots: Lots, at: str) -> list[Any]:
        found: list[Any] = []
        seen: set[Any] = set()
        for number in range(count):
            made = heads[number] if number < len(heads) else rest
            if made is None:
                break
            for value in _draws(made, lots, f"{at}/{number}"):
                key = canonical(value)
                if key not in seen:
                    seen.add(key)
                    found.append(value)
                    break
            else:
                if len(found) < low:
                    raise Miss(place, "not enough different items were found")
                break
        return found

    return make


def _draws(made: Made, lots: Lots, at: str) -> Any:
    yield made.make(lots, at)
    if made.values is not None:  # all that there is, in an order of its own
        start = lots.integer(f"{at}?", 0, len(made.values) - 1)
        yield from made.values[start:]
        yield from made.values[:start]
        return
    for number in range(1, _MORE_DRAWS):
        yield made.make(lots, f"{at}~{number}")
