"""Conditions on a body as text."""

from __future__ import annotations

from msgspec import UNSET

from understudy.match.check import Check, values_check
from understudy.model import BodyConditions
from understudy.views.content import Content


def compile_text(written: BodyConditions) -> list[Check[Content]]:
    """The whole text is one value."""
    assert written.text is not UNSET, "only called where it is written"
    return [values_check("text", written.text, lambda content: [content.text], "text")]
