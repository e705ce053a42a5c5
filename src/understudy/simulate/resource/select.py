"""Filtering, sorting and paging the records of a collection, and remembering what came of it.

A Snapshot is made for one version of a table and thrown away with the next, so nothing in it is ever stale.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from understudy.simulate.resource.query import Query, finder
from understudy.simulate.resource.records import MISSING, Keys, dig, text_of
from understudy.simulate.resource.refused import Refused
from understudy.simulate.resource.values import has_text

Record = dict[str, Any]
MAX_SELECTED = 1_000_000
"""Records in all remembered selections of a snapshot; a reference takes 8 bytes."""
MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""All remembered answers of a snapshot."""
MAX_ANSWERS = 2_000
_IN_NUMBERS = re.compile(r"[-+.0-9e]*")
_ESCAPED = re.compile(r'["\\\x00-\x1f]')
_encoder = msgspec.json.Encoder()


class Page(NamedTuple):
    """A part of a selection. `total` is how many records there are on all pages.

    `number`, `pages`: which of how many, from 1; None where the query asks for no page.
    """

    records: list[Record]
    total: int
    number: int | None = None
    pages: int | None = None


class Snapshot:
    """The records of one version of a collection, and what was prepared from them."""

    __slots__ = (
        "_answer_bytes",
        "_answers",
        "_by_id",
        "_groups",
        "_selected",
        "_selections",
        "records",
        "version",
    )

    def __init__(self, version: int, records: list[Record]) -> None:
        self.version = version
        self.records = records
        self._selections: dict[Any, list[Record]] = {}
        self._selected = 0
        self._groups: dict[str, dict[str, list[Record]]] = {}
        self._by_id: dict[str, Record] | None = None
        self._answers: dict[Any, Any] = {}
        self._answer_bytes = 0

    def select(self, query: Query, group: tuple[str, str] | None = None) -> list[Record]:
        """The records that a query wants, in its order; of those only whose field has a value, for a group.

        Raises Refused for a field that no record has, where it can only be a mistake.
        """
        if not query.key:
            return self.records if group is None else self.group(group[0]).get(group[1], [])
        key = (query.key, group)
        found = self._selections.get(key)
        if found is None:
            base = self.records if group is None else self.group(group[0]).get(group[1], [])
            found = self._filter(base, query)
            if query.order:
                found = sort(found, query.order)
            if self._selected + len(found) > MAX_SELECTED:
                self._selections.clear()
                self._selected = 0
            if len(found) <= MAX_SELECTED:
                self._selections[key] = found
                self._selected += len(found) + 1
        return found

    def group(self, field: str) -> dict[str, list[Record]]:
        """The records by the text of a field, such as a foreign key."""
        found = self._groups.get(field)
        if found is None:
            found = {}
            for record in self.records:
                value = record.get(field)
                if value is not None:
                    found.setdefault(value if value.__class__ is str else text_of(value), []).append(record)
            if len(self._groups) >= 16:
                self._groups.clear()
            self._groups[field] = found
        return found

    def by_id(self, keys: Keys) -> dict[str, Record]:
        """The records by the text of their id."""
        if self._by_id is None:
            self._by_id = {text_of(dig(record, keys)): record for record in self.records}
        return self._by_id

    def answer(self, key: Any) -> Any:
        """What was remembered under a key, or None."""
        return self._answers.get(key)

    def remember(self, key: Any, answer: Any, size_bytes: int) -> None:
        """Keep an answer, if there is room; for a new one all old ones may go."""
        if size_bytes > MAX_ANSWER_BYTES // 4:
            return
        if self._answer_bytes + size_bytes > MAX_ANSWER_BYTES or len(self._answers) >= MAX_ANSWERS:
            self._answers.clear()
            self._answer_bytes = 0
        self._answers[key] = answer
        self._answer_bytes += size_bytes

    def has(self, field: str) -> bool:
        """Whether some record has the field."""
        return any(field in record for record in self.records)

    def _filter(self, records: list[Record], query: Query) -> list[Record]:
        for name, test, whole, strict in query.clauses:
            if whole is not None and self.has(whole[0]):
                name, test = whole
            elif strict and self.records and not self.has(name):
                raise Refused(400, f"there is neither a parameter nor a field {name[:80]!r}")
            if "." in name:
                find = finder(name)
                records = [record for record in records if test(find(record))]
            else:
                records = [record for record in records if test(record.get(name, MISSING))]
        if query.where is not None:
            records = list(filter(query.where, records))
        if query.text:
            records = with_text(records, query.text)
        return records


def with_text(records: list[Record], wanted: str) -> list[Record]:
    """The records with a text anywhere in them, in whatever capitals; it is given in lower case.

    Looking through a record costs more than writing it as JSON, in which a text is found at once if it is
    neither a part of a number, which JSON may write otherwise, nor has what JSON escapes.
    """
    if _IN_NUMBERS.fullmatch(wanted) or _ESCAPED.search(wanted):
        return [record for record in records if has_text(record, wanted)]
    lines = _encoder.encode_lines(records).decode().lower().split("\n")
    return [
        record
        for record, line in zip(records, lines, strict=False)  # the last line is empty
        if wanted in line and has_text(record, wanted)
    ]


def sort(records: list[Record], order: tuple[tuple[str, bool], ...]) -> list[Record]:
    """The records by one field, those that are alike by the next; a field is told with whether it falls."""
    (name, falls), rest = order[0], order[1:]
    if "." in name:
        keys = list(map(finder(name), records))
    else:
        keys = [record.get(name, MISSING) for record in records]
    kinds = set(map(type, keys))
    if not (kinds <= {int, float} or kinds == {str}):
        keys = list(map(rank, keys))
    if not rest:
        places = sorted(range(len(keys)), key=keys.__getitem__, reverse=falls)
        return [records[place] for place in places]
    groups: dict[Any, list[Record]] = {}
    for key, record in zip(keys, records, strict=True):
        group = groups.get(key)
        if group is None:
            groups[key] = [record]
        else:
            group.append(record)
    result: list[Record] = []
    for key in sorted(groups, reverse=falls):
        group = groups[key]
        result += group if len(group) == 1 else sort(group, rest)
    return result


def rank(value: Any) -> tuple[int, Any]:
    """A key that puts values of any types in one order: numbers, texts, lists and objects, null, missing."""
    if isinstance(value, bool | int | float):
        return 0, value
    if isinstance(value, str):
        return 1, value
    if value is None:
        return 3, 0
    return (4, 0) if value is MISSING else (2, text_of(value))


def page_of(records: list[Record], query: Query) -> Page:
    """The part that a query asks for. A page of v1 behind the last one is the last one."""
    total = len(records)
    if query.page is None:
        if query.end is None:
            return Page(records[query.start :] if query.start else records, total)
        return Page(records[query.start : query.end], total)
    pages = max(1, -(-total // query.size))
    number = min(query.page, pages) if query.as_page else query.page
    start = (number - 1) * query.size
    return Page(records[start : start + query.size], total, number, pages)
