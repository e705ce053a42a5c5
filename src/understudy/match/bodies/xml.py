"""Conditions on a body as XML: what it is like."""

from __future__ import annotations

from typing import Any

from understudy.match.bodies.json import shown
from understudy.match.check import Check
from understudy.match.kinds.error import ConditionError
from understudy.match.kinds.xml_tree import difference
from understudy.match.shown import short
from understudy.model import BodyConditions
from understudy.views.content import Content
from understudy.views.xml import read_xml


def compile_xml(written: BodyConditions) -> list[Check[Content]]:
    """The body is this document, in whatever spelling."""
    text = str(written.xml)
    try:
        wanted = read_xml(text.encode(), "utf-8")
    except ValueError as error:
        message = str(error).replace("the body", "this", 1)
        raise ConditionError(message, ("xml",)) from None

    def test(content: Content) -> bool:
        try:
            return difference(wanted, content.xml()) is None
        except ValueError:
            return False

    def found(content: Content) -> Any:
        try:
            differs = difference(wanted, content.xml())
        except ValueError as error:
            return str(error)
        return short(content.text) if differs is None else shown(differs)

    return [Check("xml", text, test, found)]
