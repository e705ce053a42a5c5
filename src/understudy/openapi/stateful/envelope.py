"""The outer shape of answers: what is around a record or a list, and records as another schema shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from understudy.formats.openapi.document import Node
from understudy.openapi.stateful.data import Fitting
from understudy.openapi.stateful.records import Record
from understudy.openapi.stateful.shapes import facts_of, scalar_kind, words_of
from understudy.render.draws import Draws

MAX_DEPTH = 4
"""Objects within objects of an answer in which numbers of pages are looked for."""


class Slice(NamedTuple):
    """The part of a list that an answer has. `page` counts as the document does; `size` is that of a part.

    `next` and `previous` are addresses, "" where there is none; `cursor` is what leads to the next part.
    """

    total: int
    start: int
    length: int
    size: int
    page: int
    next: str = ""
    previous: str = ""
    cursor: str = ""

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // max(self.size, 1)))

    @property
    def is_last(self) -> bool:
        return self.start + self.length >= self.total


NUMBERS: dict[str, Callable[[Slice], int]] = {
    **dict.fromkeys(
        ("total", "totalcount", "totalitems", "totalelements", "totalresults", "totalrecords", "count"),
        lambda part: part.total,
    ),
    **dict.fromkeys(("numberofelements", "itemcount", "returned"), lambda part: part.length),
    **dict.fromkeys(("page", "pagenumber", "currentpage", "number"), lambda part: part.page),
    **dict.fromkeys(("limit", "size", "perpage", "pagesize", "itemsperpage"), lambda part: part.size),
    **dict.fromkeys(("pages", "totalpages", "pagecount", "lastpage"), lambda part: part.pages),
    **dict.fromkeys(("offset", "skip", "start", "startindex"), lambda part: part.start),
}
"""Numbers beside a list, by their names without spelling."""
FLAGS: dict[str, Callable[[Slice], bool]] = {
    **dict.fromkeys(("hasmore", "hasnext", "hasnextpage", "more"), lambda part: not part.is_last),
    **dict.fromkeys(("hasprevious", "hasprev", "haspreviouspage"), lambda part: part.start > 0),
    **dict.fromkeys(("last", "islast"), lambda part: part.is_last),
    **dict.fromkeys(("first", "isfirst"), lambda part: part.start == 0),
    "empty": lambda part: part.length == 0,
}
LINKS: dict[str, Callable[[Slice], str]] = {
    **dict.fromkeys(("next", "nexturl", "nextlink", "nextpage"), lambda part: part.next),
    **dict.fromkeys(
        ("previous", "prev", "previousurl", "prevurl", "previouslink"), lambda part: part.previous
    ),
    **dict.fromkeys(
        ("cursor", "nextcursor", "nexttoken", "nextpagetoken", "endcursor", "pagetoken", "continuationtoken"),
        lambda part: part.cursor,
    ),
}
"""Addresses and cursors: a client that follows one until there is none has to come to an end."""


class Envelope:
    """What a body is like around the place `keys`, where a record or a list is put."""

    def __init__(self, whole: Fitting | None, keys: tuple[str, ...], name: str) -> None:
        self._whole = whole
        self._keys = keys
        self._name = name
        self._template: Any = None

    def around(self, content: Any, part: Slice | None = None) -> Any:
        """The body with the content in it."""
        if not self._keys or self._whole is None:
            return content
        if self._template is None:
            made = self._whole.make(Draws(0, self._name, 0), examples=True)
            self._template = made if isinstance(made, dict) else {}
        if part is None:
            return _put(self._template, self._keys, content)
        result: Any = None
        for nulls in (True, False):  # of several branches, one may take them where another does not
            result = _put(self._template, self._keys, content)
            _count(result, self._whole.node, part, self._keys, 0, nulls)
            if self._whole.fits(result):
                break
        return result


def _put(value: Any, keys: tuple[str, ...], content: Any) -> Any:
    if not keys:
        return content
    inner = value.get(keys[0]) if isinstance(value, dict) else None
    return {**(value if isinstance(value, dict) else {}), keys[0]: _put(inner, keys[1:], content)}


def _count(value: Any, node: Node, part: Slice, keys: tuple[str, ...], depth: int, nulls: bool) -> None:
    """Put the numbers and links of a part into an object, in place; `keys` lead to the list."""
    if not isinstance(value, dict) or depth > MAX_DEPTH:
        return
    facts = facts_of(node)
    for name, child in facts.properties.items():
        if keys == (name,):
            continue
        word, kind = words_of(name), scalar_kind(child)
        if kind == "number" and word in NUMBERS:
            value[name] = NUMBERS[word](part)
        elif kind == "boolean" and word in FLAGS:
            value[name] = FLAGS[word](part)
        elif kind == "string" and word in LINKS:
            link = LINKS[word](part)
            if link:
                value[name] = link
            elif nulls and "null" in facts_of(child).types:
                value[name] = None
            elif name in facts.required:
                value[name] = ""
            else:
                value.pop(name, None)
        elif isinstance(value.get(name), dict):
            value[name] = dict(value[name])
            rest = keys[1:] if keys and keys[0] == name else ()
            _count(value[name], child, part, rest, depth + 1, nulls)


class Projection:
    """Records as another schema than their own shows them: with its properties only, and valid under it."""

    def __init__(self, data: Fitting, name: str) -> None:
        self._data = data
        self._name = name
        self._properties = facts_of(data.node).properties

    def of(self, record: Record, key: str) -> Any:
        """The record in this shape. What it lacks is made up, always the same for the `key`."""
        shown = {name: record[name] for name in self._properties if name in record} or dict(record)
        if self._data.fits(shown):
            return shown
        made = self._data.make(Draws(0, f"{self._name} {key}", 0))
        if not isinstance(made, dict):
            return shown
        required = facts_of(self._data.node).required
        shown = {name: value for name, value in made.items() if name in required} | shown
        for misfit in self._data.misfits(shown):
            name = str(misfit.path[0]) if misfit.path else ""
            if name in made:
                shown[name] = made[name]
            else:
                shown.pop(name, None)
        return shown if self._data.fits(shown) else made
