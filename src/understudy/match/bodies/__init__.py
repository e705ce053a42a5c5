"""The conditions on a body, of a request or of one part of it: one TABLE, one file per kind.

To add one: a key in `model.match.BodyConditions`, a compiler in a file of its own, a row here, a body that
fits and one that differs in the family's test.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET

from understudy.match.bodies import binary, json, json_path, json_schema, text, xml, xpath
from understudy.match.check import Check
from understudy.model import BodyConditions
from understudy.views.content import Content

Compile = Callable[[BodyConditions], list[Check[Content]]]
"""Compiles what was written under its key. May raise ConditionError, seen from the body."""

BODIES: dict[str, Compile] = {
    "base64": binary.compile_base64,
    "text": text.compile_text,
    "json": json.compile_json_like,
    "json_path": json_path.compile_json_path,
    "json_schema": json_schema.compile_json_schema,
    "xml": xml.compile_xml,
    "xpath": xpath.compile_xpath,
}


def compile_body(written: str | BodyConditions) -> list[Check[Content]]:
    """All checks of a body. Raises ConditionError."""
    if isinstance(written, str):
        written = BodyConditions(text=written)
    return [
        check
        for key, compile_kind in BODIES.items()
        if getattr(written, key) is not UNSET
        for check in compile_kind(written)
    ]
