"""The query parameters of a list, as its document names them: pages, order, search, properties as filters.

There is no one way to name them; those that many APIs use are known here, however they are spelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from understudy.formats.openapi.operations import Operation, Parameter
from understudy.openapi.stateful.shapes import Facts, facts_of, scalar_kind, words_of
from understudy.request import Request
from understudy.simulate.resource import values
from understudy.simulate.resource.query import DEFAULT_PAGE_SIZE, MAX_CLAUSES, MAX_SORT_FIELDS, Clause, Query
from understudy.simulate.resource.records import text_of
from understudy.simulate.resource.refused import Refused

ROLES: dict[str, frozenset[str]] = {
    "page": frozenset(("page", "pagenumber", "pageno", "pageindex", "pagenum", "currentpage")),
    "size": frozenset(
        ("limit", "perpage", "pagesize", "size", "top", "take", "count", "maxresults", "pagelimit", "first")
    ),
    "offset": frozenset(("offset", "skip", "start", "startindex")),
    "cursor": frozenset(
        ("cursor", "pagetoken", "nexttoken", "after", "pagecursor", "nextcursor", "continuationtoken")
    ),
    "sort": frozenset(("sort", "sortby", "orderby", "sortfield", "sortkey", "ordering")),
    "order": frozenset(
        ("order", "sortorder", "direction", "sortdirection", "sortdir", "dir", "orderdirection")
    ),
    "text": frozenset(("q", "query", "search", "searchterm", "keyword", "keywords", "text")),
}
"""What a parameter does, by its name without spelling. A property of the record goes first."""
_MAX_DIGITS = 9
MOST = 10**_MAX_DIGITS
"""What a larger number of records, or of pages, counts as."""
_DIRECTIONS = {"asc": False, "ascending": False, "desc": True, "descending": True, "1": False, "-1": True}


class Filter(NamedTuple):
    """A parameter whose value a property has to have. `splits`: several stand in it, with commas."""

    parameter: str
    field: str
    splits: bool
    default: tuple[str, ...]


class Wanted(NamedTuple):
    """What a request wants of a list: which records, from which on (from 0), and how many at most."""

    query: Query
    start: int
    size: int | None


class Listing:
    """The parameters of one list."""

    def __init__(self, operation: Operation, facts: Facts) -> None:
        self.roles: dict[str, Parameter] = {}
        self.filters: list[Filter] = []
        self.ignored: list[str] = []
        """Parameters that are not looked at."""
        self._fields = {words_of(name): name for name in facts.properties}
        for parameter in operation.parameters:
            if parameter.where != "query":
                continue
            plain = words_of(parameter.name)
            field = self._fields.get(plain) if plain else None
            role = next((name for name, words in ROLES.items() if plain in words), None)
            if field is not None and _is_plain(facts, field):
                self.filters.append(_filter(parameter, field))
            elif role is not None and role not in self.roles and not parameter.is_json:
                self.roles[role] = parameter
            else:
                self.ignored.append(parameter.name)
        page = self.roles.get("page")
        low = facts_value(page, "minimum")
        self.first_page = 0 if page is not None and 0 in (low, facts_value(page, "default")) else 1

    def read(self, request: Request) -> Wanted:
        """What the query says. Raises Refused, 400."""
        query = request.query
        clauses: list[Clause] = []
        key: list[tuple[str, str]] = []
        for one in self.filters:
            texts = query.get(one.parameter) or list(one.default)
            if one.splits:
                texts = [part for text in texts for part in text.split(",")]
            if texts:
                clauses.append(Clause(one.field, values.any_of([values.equals(text) for text in texts])))
                key += [(one.field, text) for text in texts]
        if len(key) > MAX_CLAUSES:
            raise Refused(400, f"a query has at most {MAX_CLAUSES} conditions")
        text = self._text("text", query).lower()
        order = self._order(query)
        key += [("\0text", text)] if text else []
        key += [(f"\0order {name}", str(falls)) for name, falls in order]
        size, page = self._number("size", query), self._number("page", query)
        start = self._number("offset", query)
        if start is None and "cursor" in self.roles:
            start = self._cursor(query)
        is_asked = "page" in self.roles and self.roles["page"].name in query
        if start is None and page is not None and (size is not None or is_asked):
            size = size or DEFAULT_PAGE_SIZE
            start = max(page - self.first_page, 0) * size
        return Wanted(Query(tuple(clauses), None, text, order, tuple(key)), start or 0, size)

    def _text(self, role: str, query: Mapping[str, list[str]]) -> str:
        parameter = self.roles.get(role)
        if parameter is None:
            return ""
        found = query.get(parameter.name)
        if found:
            return found[-1]
        default = facts_value(parameter, "default")
        return "" if default is None or isinstance(default, dict | list) else text_of(default)

    def _number(self, role: str, query: Mapping[str, list[str]]) -> int | None:
        text = self._text(role, query).strip()
        if not text:
            return None
        if text.isascii() and text.isdigit():
            return int(text) if len(text) <= _MAX_DIGITS else MOST
        return None  # the document allows it, and it means nothing here

    def _cursor(self, query: Mapping[str, list[str]]) -> int | None:
        """Where a cursor leads: it is the number of the record that follows."""
        text = self._text("cursor", query)
        return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else None

    def _order(self, query: Mapping[str, list[str]]) -> tuple[tuple[str, bool], ...]:
        falls_all = _DIRECTIONS.get(self._text("order", query).lower(), False)
        order: list[tuple[str, bool]] = []
        parameter = self.roles.get("sort")
        texts = query.get(parameter.name, []) if parameter is not None else []
        texts = texts or [self._text("sort", query)]
        for part in (part.strip() for text in texts for part in text.split(",")):
            name, _, direction = part.replace(":", " ").replace("|", " ").partition(" ")
            if not direction and name.lower() in _DIRECTIONS and order:
                order[-1] = (order[-1][0], _DIRECTIONS[name.lower()])
                continue
            falls = _DIRECTIONS.get(direction.strip().lower(), falls_all)
            if name[:1] in {"-", "+"}:
                falls, name = name[:1] == "-", name[1:]
            field = self._fields.get(words_of(name)) if words_of(name) else None
            if field is not None and len(order) < MAX_SORT_FIELDS:
                order.append((field, falls))
        return tuple(order)


def facts_value(parameter: Parameter | None, key: str) -> Any:
    """What the schema of a parameter says under a key; None if nothing."""
    schema = parameter.schema.resolved() if parameter is not None and parameter.schema is not None else None
    return schema.value.get(key) if schema is not None and isinstance(schema.value, dict) else None


def _filter(parameter: Parameter, field: str) -> Filter:
    is_list = facts_of(parameter.schema).items is not None
    default = facts_value(parameter, "default")
    texts = default if isinstance(default, list) else [] if default is None else [default]
    return Filter(
        parameter.name, field, is_list and not parameter.explode, tuple(text_of(one) for one in texts)
    )


def _is_plain(facts: Facts, field: str) -> bool:
    node = facts.properties[field]
    items = facts_of(node).items
    return bool(scalar_kind(node) or (items is not None and scalar_kind(items)))
