"""Conditions on a body as JSON: what it is like."""

from __future__ import annotations

from typing import Any

from understudy.match.check import Check
from understudy.match.facts import json_facts
from understudy.match.kinds.json_tree import MISSING, Difference, compile_json
from understudy.match.shown import brief, short
from understudy.match.values import at
from understudy.model import BodyConditions
from understudy.views.content import Content


def value_of(content: Content) -> Any:
    """The body as JSON; MISSING if it is none."""
    try:
        return content.json()
    except ValueError:
        return MISSING


def not_json(content: Content) -> str:
    """What an explanation says of a body that is no JSON."""
    return f"not JSON: {short(content.text)}"


def shown(difference: Difference) -> dict[str, Any]:
    """A difference for an explanation."""
    wanted, found = ("nothing" if one is MISSING else brief(one) for one in difference[1:])
    return {"at": difference.path, "expected": wanted, "found": found}


def compile_json_like(written: BodyConditions) -> list[Check[Content]]:
    """The body has what the pattern has."""
    finder = at(
        lambda: compile_json(
            written.json,
            exact=written.exact,
            ignore_order=written.ignore_order,
            extra_items=written.extra_items,
        ),
        "json",
    )

    def test(content: Content) -> bool:
        value = value_of(content)
        return value is not MISSING and finder(value) is None

    def found(content: Content) -> Any:
        value = value_of(content)
        if value is MISSING:
            return not_json(content)
        difference = finder(value)
        return brief(value) if difference is None else shown(difference)

    return [Check("json", written.json, test, found, facts=json_facts(written.json, value_of))]
