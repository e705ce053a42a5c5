"""A query string → which records, in which order, which part of them, with which relations.

Two dialects are understood: that of json-server 0.17 (v0) and that of 1.0 (v1). Where both are, a query
speaks v1 if it has something that only v1 has: `_per_page`, `_where`, `field:operator`, or `-` in `_sort`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from understudy.simulate.resource import values
from understudy.simulate.resource.records import MISSING, Keys, dig, text_of
from understudy.simulate.resource.refused import Refused
from understudy.simulate.resource.values import Test

DEFAULT_PAGE_SIZE = 10
MAX_CLAUSES = 100
"""Conditions in one query; each looks at all records."""
MAX_SORT_FIELDS = 10
MAX_WHERE_DEPTH = 20
_MAX_DIGITS = 9

BY_COLON: dict[str, Callable[[str], Test]] = {
    "lt": values.less,
    "lte": values.at_most,
    "gt": values.greater,
    "gte": values.at_least,
    "eq": values.equals,
    "ne": values.differs,
    "in": lambda text: values.one_of(part.strip() for part in text.split(",")),
    "contains": values.contains,
    "startsWith": values.starts_with,
    "endsWith": values.ends_with,
}
"""`field:operator=value`."""
_V0_SUFFIXES: dict[str, Callable[[str], Test]] = {
    "gte": values.at_least,
    "lte": values.at_most,
    "ne": values.differs_from_null,
    "like": values.like,
}
BY_SUFFIX: dict[str, dict[str, Callable[[str], Test]]] = {
    "v0": _V0_SUFFIXES,
    "v1": {name: make for name, make in BY_COLON.items() if name.islower()},
    "both": {**BY_COLON, **_V0_SUFFIXES},
}
"""`field_operator=value`, by dialect."""
_COMMON = frozenset({"_sort", "_page", "_embed"})
_V0 = _COMMON | {"_order", "_limit", "_start", "_end", "_expand", "q"}
_V1 = _COMMON | {"_per_page", "_where"}
RESERVED = {"v0": _V0, "v1": _V1, "both": _V0 | _V1}
"""Parameters that are no fields, by dialect."""
_IGNORED = frozenset({"_", "callback"})
"""What libraries add to a query so that it is not taken from a cache, or that JSONP had."""


class Clause(NamedTuple):
    """A field and what its value has to be like.

    `whole`: the parameter may as well be the name of a field that ends like an operator; if some record has
    that field it is, and this its test. `strict`: it is an error if no record has the field.
    """

    name: str
    test: Test
    whole: tuple[str, Test] | None = None
    strict: bool = False


class Query(NamedTuple):
    """A parsed query. `key` tells which records it selects, and in which order, from other queries.

    `page` and `size` count from 1; `start` and `end` are those of a slice. `as_page`: the page of v1, an
    object around the records.
    """

    clauses: tuple[Clause, ...] = ()
    where: Callable[[Any], bool] | None = None
    text: str = ""
    order: tuple[tuple[str, bool], ...] = ()
    key: tuple[tuple[str, str], ...] = ()
    page: int | None = None
    size: int = DEFAULT_PAGE_SIZE
    start: int = 0
    end: int | None = None
    as_page: bool = False
    embed: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()


def parse_query(parameters: Mapping[str, list[str]], dialect: str) -> Query:
    """Read the parameters of a list. Raises Refused, 400, which says what is accepted."""
    reserved = RESERVED[dialect]
    given = {name: found for name, found in parameters.items() if name in reserved}
    fields = {
        name: found for name, found in parameters.items() if name not in reserved and name not in _IGNORED
    }
    if sum(map(len, fields.values())) > MAX_CLAUSES:
        raise Refused(400, f"a query has at most {MAX_CLAUSES} conditions")
    speaks_v1 = dialect == "v1" or (
        dialect == "both"
        and (
            any(given.get("_per_page", ()))
            or "_where" in given
            or any(":" in name for name in fields)
            or "-" in {part[:1] for text in given.get("_sort", ()) for part in text.split(",")}
        )
    )
    where = None
    clauses: list[Clause] = []
    if "_where" in given:
        where = parse_where(given["_where"][-1])
    else:
        clauses = [_clause(name, found, dialect) for name, found in fields.items()]
    text = given["q"][0].lower() if "q" in given else ""
    order = _order(_split(given.get("_sort")), _split(given.get("_order")))
    selecting = ("_where", "q", "_sort", "_order")
    key = [(name, value) for name, found in fields.items() for value in found]
    key += [(name, value) for name in selecting for value in given.get(name, ())]
    if key:
        key.append(("", dialect))  # resources of other dialects may share the collection
    page = _number("_page", given)
    per_page = _number("_per_page", given)
    limit = _number("_limit", given)
    start = _number("_start", given) or 0
    end = _number("_end", given)
    if end is None and limit is not None:
        end = start + limit
    if page is not None or per_page is not None:
        size = per_page if speaks_v1 else limit
        if speaks_v1 and size is None:
            size = limit
        page, size = max(page or 1, 1), size or (1 if speaks_v1 and size == 0 else DEFAULT_PAGE_SIZE)
    else:
        size = DEFAULT_PAGE_SIZE
    return Query(
        tuple(clauses),
        where,
        text,
        order,
        tuple(key),
        page,
        size,
        start,
        end,
        speaks_v1 and page is not None,
        _split(given.get("_embed")),
        _split(given.get("_expand")),
    )


def _split(found: list[str] | None) -> tuple[str, ...]:
    return tuple(part.strip() for text in found or () for part in text.split(",") if part.strip())


def _number(name: str, given: Mapping[str, list[str]]) -> int | None:
    if name not in given:
        return None
    text = given[name][-1].strip()
    if not text:
        return None  # a form sends the fields that nobody filled in
    if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS:
        return int(text)
    raise Refused(400, f"{name} is a whole number from 0, not {text[:40]!r}")


def _order(fields: tuple[str, ...], directions: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    if len(fields) > MAX_SORT_FIELDS:
        raise Refused(400, f"_sort has at most {MAX_SORT_FIELDS} fields")
    order = []
    for number, name in enumerate(fields):
        direction = directions[number].lower() if number < len(directions) else "asc"
        if direction not in {"asc", "desc"}:
            raise Refused(400, f"_order is asc or desc, not {direction[:40]!r}")
        falls = direction == "desc"
        if name.startswith("-"):
            name, falls = name[1:], not falls
        order.append((name, falls))
    return tuple(order)


def _clause(name: str, found: list[str], dialect: str) -> Clause:
    field, colon, operator = name.rpartition(":")
    if colon and dialect != "v0":
        make = BY_COLON.get(operator)
        if make is None or not field:
            accepted = ", ".join(f"{field or 'field'}:{known}" for known in BY_COLON)
            raise Refused(400, f"unknown operator in {name[:80]!r}; there are {accepted}")
        return Clause(field, _test(operator, make, found))
    same = values.any_of([values.equals(text) for text in found])
    field, line, operator = name.rpartition("_")
    make = BY_SUFFIX[dialect].get(operator)
    if line and field and make is not None:
        return Clause(field, _test(operator, make, found), whole=(name, same))
    return Clause(name, same, strict=name.startswith("_"))


def _test(operator: str, make: Callable[[str], Test], found: list[str]) -> Test:
    """Repeated parameters: one of them has to hold; of `ne` all."""
    tests = [make(text) for text in found]
    return values.all_of(tests) if operator == "ne" else values.any_of(tests)


# --- _where -------------------------------------------------------------------------------------------------


def parse_where(text: str) -> Callable[[Any], bool]:
    """A filter as JSON: `{"views": {"gt": 1}, "or": [{…}, {…}]}`. Raises Refused."""
    try:
        tree = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        raise Refused(400, f"_where is not JSON: {error}") from None
    return _where(tree, [0], 0)


def _where(tree: Any, count: list[int], depth: int) -> Callable[[Any], bool]:
    if not isinstance(tree, dict):
        raise Refused(
            400, '_where is an object such as {"views": {"gt": 100}}, also inside of `or` and `and`'
        )
    if depth > MAX_WHERE_DEPTH:
        raise Refused(400, f"_where is nested deeper than {MAX_WHERE_DEPTH} levels")
    tests: list[Callable[[Any], bool]] = []
    for name, value in tree.items():
        count[0] += 1
        if count[0] > MAX_CLAUSES:
            raise Refused(400, f"a query has at most {MAX_CLAUSES} conditions")
        if name in {"or", "and"} and isinstance(value, list):
            inner = [_where(part, count, depth + 1) for part in value]
            tests.append(_any(inner) if name == "or" else _all(inner))
        else:
            tests.append(_field(name, value, count, depth))
    return _all(tests)


def _field(name: str, value: Any, count: list[int], depth: int) -> Callable[[Any], bool]:
    find = finder(name)
    if not isinstance(value, dict):
        same = _operand("eq", value)
        return lambda record: same(find(record))
    operators = [key for key in value if key in BY_COLON]
    if not operators:
        inside = _where(value, count, depth + 1)
        return lambda record: isinstance(inner := find(record), dict) and inside(inner)
    if len(operators) < len(value):
        wrong = next(key for key in value if key not in BY_COLON)
        raise Refused(400, f"unknown operator {wrong[:80]!r} in _where; there are {', '.join(BY_COLON)}")
    count[0] += len(operators)
    tests = values.all_of([_operand(operator, value[operator]) for operator in operators])
    return lambda record: tests(find(record))


def _operand(operator: str, value: Any) -> Test:
    if operator == "in":
        return values.one_of(text_of(item) for item in (value if isinstance(value, list) else [value]))
    return BY_COLON[operator](text_of(value))


def _any(tests: list[Callable[[Any], bool]]) -> Callable[[Any], bool]:
    return lambda record: any(test(record) for test in tests)


def _all(tests: list[Callable[[Any], bool]]) -> Callable[[Any], bool]:
    return tests[0] if len(tests) == 1 else lambda record: all(test(record) for test in tests)


def finder(name: str) -> Callable[[Any], Any]:
    """What finds a field in a record: its value or MISSING. Dots lead into nested objects."""
    if "." not in name:
        return lambda record: record.get(name, MISSING)
    keys: Keys = tuple(name.split(".", 20))
    return lambda record: record[name] if name in record else dig(record, keys)


__all__ = ["BY_COLON", "Clause", "Query", "finder", "parse_query", "parse_where"]
