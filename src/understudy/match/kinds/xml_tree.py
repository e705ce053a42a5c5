"""XML compared with XML: elements, attributes and text, whatever way they are spelled.

Two documents are alike exactly if their canonical forms are (C14N 2.0 with trimmed text and rewritten
prefixes, without comments). Going through the trees ends at the first difference, and knows its place.
"""

from __future__ import annotations

from typing import Any

from understudy.match.kinds.json_tree import MISSING, Difference

_SPACE = " \t\r\n"


def difference(expected: Any, found: Any) -> Difference | None:
    """The first difference of two elements (lxml); its `path` is an XPath of local names."""
    pairs = [(expected, found)]
    while pairs:
        ours, theirs = pairs.pop()
        if ours.tag != theirs.tag:
            return Difference(_path(ours), ours.tag, theirs.tag)
        if ours.attrib != theirs.attrib:
            return _attribute(ours, theirs)
        if _trim(ours.text) != _trim(theirs.text):
            return Difference(f"{_path(ours)}/text()", _trim(ours.text), _trim(theirs.text))
        for one, other in zip(ours, theirs, strict=False):
            if _trim(one.tail) != _trim(other.tail):
                where = f"{_path(one)}/following-sibling::text()"
                return Difference(where, _trim(one.tail), _trim(other.tail))
        if len(ours) > len(theirs):
            return Difference(_path(ours[len(theirs)]), ours[len(theirs)].tag, MISSING)
        if len(theirs) > len(ours):
            return Difference(_path(theirs[len(ours)]), MISSING, theirs[len(ours)].tag)
        pairs += reversed(list(zip(ours, theirs, strict=True)))
    return None


def _attribute(ours: Any, theirs: Any) -> Difference:
    name = next(
        name for name in (*sorted(ours.attrib), *sorted(theirs.attrib)) if ours.get(name) != theirs.get(name)
    )
    where = f"{_path(ours)}/@{_local(name)}"
    return Difference(where, ours.get(name, MISSING), theirs.get(name, MISSING))


def _trim(text: str | None) -> str:
    return (text or "").strip(_SPACE)


def _path(element: Any) -> str:
    """The place of an element: `/order/item[2]`."""
    steps = []
    while element is not None:
        parent = element.getparent()
        alike = [] if parent is None else [one for one in parent if one.tag == element.tag]
        place = f"[{alike.index(element) + 1}]" if len(alike) > 1 else ""
        steps.append(f"/{_local(element.tag)}{place}")
        element = parent
    return "".join(reversed(steps))


def _local(name: str) -> str:
    return name.rpartition("}")[2]
