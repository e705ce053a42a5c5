"""The JSON Schema that records of a collection have to fit."""

from __future__ import annotations

from typing import Any

import msgspec

from understudy.simulate.kit import Kit, Place
from understudy.simulate.resource.refused import Refused

MAX_ERRORS = 20
"""Mistakes that one reply names."""


class Schema:
    """A compiled schema."""

    __slots__ = ("_validator",)

    def __init__(self, validator: Any) -> None:
        self._validator = validator

    def check(self, record: Any) -> None:
        """Raise Refused for a record that does not fit, with a JSON pointer to each mistake."""
        if self._validator.is_valid(record):
            return
        errors = []
        for error in self._validator.iter_errors(record):
            pointer = "".join(
                "/" + str(key).replace("~", "~0").replace("/", "~1") for key in error.instance_path
            )
            errors.append({"pointer": pointer, "detail": error.message})
            if len(errors) == MAX_ERRORS:
                break
        count = len(errors)
        raise Refused(
            422, f"the record does not fit its schema in {count} place{'s' * (count != 1)}", errors=errors
        )


def compile_schema(written: dict[str, Any] | str, kit: Kit, place: Place) -> Schema | None:
    """The schema, or that in a file below the config's folder; None after a problem."""
    import jsonschema_rs

    place = (*place, "schema")
    schema: Any = written
    if isinstance(written, str):
        data = kit.read(written, place)
        if data is None:
            return None
        try:
            schema = msgspec.json.decode(data)
        except (msgspec.DecodeError, RecursionError) as error:
            kit.problem(place, f"the schema is not JSON: {error}", found=written)
            return None
    try:
        return Schema(jsonschema_rs.validator_for(schema, retriever=_refuse_to_fetch))
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        reason = str(getattr(error, "message", error)).splitlines()[0]
        kit.problem(place, f"this is not a JSON Schema: {reason}")
        return None


def _refuse_to_fetch(uri: str) -> Any:
    raise ValueError(f"{uri} is not fetched: put what it refers to into the schema, under $defs")
