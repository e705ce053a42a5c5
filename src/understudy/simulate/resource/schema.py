"""The JSON Schema that records of a collection must fit: those of `validate`, with another answer."""

from __future__ import annotations

from typing import Any

from understudy.simulate.kit import Kit, Place
from understudy.simulate.resource.refused import Refused
from understudy.simulate.validate import schema as json_schema
from understudy.simulate.validate.explain import Misfit, misfits

MAX_VIOLATIONS = 20
"""Mistakes that one reply names."""


class Schema:
    """A compiled schema."""

    __slots__ = ("_schema",)

    def __init__(self, schema: json_schema.Schema) -> None:
        self._schema = schema

    def check(self, record: Any) -> None:
        """Raise Refused for a record that does not fit, with a JSON pointer to each mistake."""
        found = misfits(self._schema, record, MAX_VIOLATIONS)
        if found:
            raise refusal(found)


def refusal(found: list[Misfit]) -> Refused:
    """422 for a record that does not fit its schema."""
    count = len(found)
    return Refused(
        422,
        f"the record does not fit its schema in {count} place{'s' * (count != 1)}",
        violations=[
            {"location": "body", "pointer": one.pointer, "message": one.message, "keyword": one.keyword}
            for one in found
        ],
    )


def compile_schema(written: dict[str, Any] | str, kit: Kit, place: Place) -> Schema | None:
    """The schema, or that in a file below the config's folder; None after a problem."""
    schema = json_schema.compile_schema(written, True, kit, (*place, "schema"))
    return None if schema is None else Schema(schema)
