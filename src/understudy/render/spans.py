"""Which line of a compiled template is which expression of whose leaf."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple


class Span(NamedTuple):
    """An expression: its first line in the compiled template, its leaf, and both its spellings."""

    line: int
    where: str
    expression: str
    source: str


def span_at(spans: list[Span], line: int | None) -> Span | None:
    """The span that holds the line; spans are in order of their lines."""
    if line is None or not spans:
        return None
    index = bisect_right([span.line for span in spans], line) - 1
    return spans[max(index, 0)]
