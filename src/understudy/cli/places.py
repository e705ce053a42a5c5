"""Lines that say what was found and where, for a terminal: level, check, place, detail, files with lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from understudy.cli.printable import printable

if TYPE_CHECKING:
    from understudy.formats.imported import Origin

COLORS = {"error": "31", "warning": "33", "info": "36"}


class Row(NamedTuple):
    """One thing that was found; `origins` are where it was written, None where that is not known."""

    level: str
    check: str
    place: str
    detail: str
    origins: Sequence[Origin | None]


def lines_of(rows: Sequence[Row], *, color: bool = False) -> list[str]:
    """A line for each, in columns."""
    width = max((len(row.check) for row in rows), default=0)
    return [_line(row, width, color) for row in rows]


def _line(row: Row, width: int, color: bool) -> str:
    level = f"{row.level:<7}"
    if color:
        level = f"\x1b[{COLORS[row.level]}m{level}\x1b[0m"
    text = ": ".join(part for part in (printable(row.place, 200), printable(row.detail, 400)) if part)
    sides = ", ".join(filter(None, map(_side, row.origins)))
    return f"{level}  {row.check:<{width}}  {text}" + (f"  ({printable(sides, 400)})" if sides else "")


def _side(origin: Origin | None) -> str:
    if origin is None or origin.file is None:
        return ""
    return origin.file if origin.line is None else f"{origin.file}:{origin.line}"
