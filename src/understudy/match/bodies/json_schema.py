"""Conditions on a body as JSON: that a JSON Schema accepts it."""

from __future__ import annotations

from itertools import islice
from typing import Any

from understudy.match.bodies.json import not_json, value_of
from understudy.match.bodies.json_path import has_more_than
from understudy.match.check import Check
from understudy.match.kinds.error import ConditionError
from understudy.match.kinds.json_tree import MISSING
from understudy.match.shown import short
from understudy.model import BodyConditions
from understudy.views.content import Content

MAX_SHOWN_ERRORS = 10
MAX_EXPLAINED_VALUES = 5000
"""In a larger body errors are not listed: each one holds a copy of the value it is about."""
MAX_BACKTRACKING = 100_000
"""Steps back that a `pattern` with look-around may take on one text."""

TOO_DEEP = "nested too deeply to be compared with a schema"


def compile_json_schema(written: BodyConditions) -> list[Check[Content]]:
    """The schema accepts the body."""
    import jsonschema_rs

    schema: Any = written.json_schema
    try:
        validator = jsonschema_rs.validator_for(
            schema,
            retriever=_refuse_to_fetch,
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=MAX_BACKTRACKING),
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        reason = str(getattr(error, "message", error)).splitlines()[0]
        raise ConditionError(f"this is not a JSON Schema: {reason}", ("json_schema",)) from None

    def test(content: Content) -> bool:
        value = value_of(content)
        try:
            return value is not MISSING and validator.is_valid(value)
        except ValueError:  # the library's own bound on depth
            return False

    def found(content: Content) -> Any:
        value = value_of(content)
        if value is MISSING:
            return not_json(content)
        try:
            if isinstance(value, dict | list) and has_more_than(MAX_EXPLAINED_VALUES, value):
                validator.is_valid(value)
                return "the schema does not accept it, and it is too large to list why"
            return [short(error.message) for error in islice(validator.iter_errors(value), MAX_SHOWN_ERRORS)]
        except ValueError:
            return TOO_DEEP

    return [Check("json_schema", schema, test, found)]


def _refuse_to_fetch(uri: str) -> Any:
    """A config reads no files outside of its folder and opens no connections, also not through a `$ref`."""
    raise ValueError(f"{uri} is not fetched: put what it refers to into the schema, under $defs")
