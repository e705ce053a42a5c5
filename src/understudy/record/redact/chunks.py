"""Where the pieces of a streamed body end after its secrets were taken out."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from understudy.record.exchange import Chunk, Payload


def moved(chunks: tuple[Chunk, ...], old: Payload, new: Payload, *, is_coded: bool) -> tuple[Chunk, ...]:
    """The pieces with their new sizes: each line, of which streams of text are made, stays in its piece.

    A border within a line stays as many bytes from its beginning. Where bodies have a coding, are in files
    or have other lines than before, borders move in proportion.
    """
    size = len(new) if isinstance(new, bytes) else new.size
    borders = list(accumulate(one.size for one in chunks))
    is_text = isinstance(old, bytes) and isinstance(new, bytes) and not is_coded
    if is_text and old.count(b"\n") == new.count(b"\n"):
        borders = _in_lines(borders[:-1], old, new)  # type: ignore[arg-type]
    else:
        total = borders[-1] or 1
        borders = [one * size // total for one in borders[:-1]]
    borders = list(accumulate((*borders, size), max))
    starts = (0, *borders[:-1])
    return tuple(
        chunk._replace(size=end - start) for chunk, start, end in zip(chunks, starts, borders, strict=True)
    )


def _in_lines(borders: list[int], old: bytes, new: bytes) -> list[int]:
    before, after = _starts(old), _starts(new)
    found = []
    for border in borders:
        line = bisect_right(before, border) - 1
        end = after[line + 1] if line + 1 < len(after) else len(new)
        found.append(min(after[line] + border - before[line], end))
    return found


def _starts(data: bytes) -> list[int]:
    """Where each line begins."""
    return [0, *accumulate(len(one) + 1 for one in data.split(b"\n")[:-1])]
