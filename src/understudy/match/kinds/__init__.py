"""The conditions that a value can be put to: one TABLE, one file per family.

A kind is compiled once, when the program is, into a test of one text. To add one: a key in
`model.match.Operators`, a compiler in the file of its family, a row here, a case in the family's test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from understudy.match.kinds import date, number, text

Test = Callable[[str], bool]


class Kind(NamedTuple):
    """A condition on one value. `compile(operand, ignore_case)` may raise ConditionError."""

    compile: Callable[[Any, bool], Test]
    example: Any
    fits: str
    differs: str


OPERATORS: dict[str, Kind] = {
    "equals": Kind(text.equals, "web", "web", "Web"),
    "one_of": Kind(text.one_of, ["de", "fr"], "fr", "en"),
    "contains": Kind(text.contains, "json", "application/json", "text/html"),
    "starts_with": Kind(text.starts_with, "Bearer ", "Bearer x", "Basic x"),
    "ends_with": Kind(text.ends_with, ".pdf", "a.pdf", "a.pdf.txt"),
    "matches": Kind(text.matches, "[A-Z]{3}-[0-9]+", "ABC-1", "ABC-1 "),
    "gt": Kind(number.gt, 10, "10.5", "10"),
    "gte": Kind(number.gte, 10, "10", "9.9"),
    "lt": Kind(number.lt, 10, "9.9", "10"),
    "lte": Kind(number.lte, 10, "10.0", "ten"),
    "before": Kind(date.before, "2026-01-31", "2026-01-30T23:59:59Z", "2026-01-31"),
    "after": Kind(date.after, "2026-01-31T12:00:00Z", "2026-01-31T13:00:00+00:00", "soon"),
}

__all__ = ["OPERATORS", "Kind", "Test"]
