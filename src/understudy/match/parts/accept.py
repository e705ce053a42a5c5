"""Conditions on what the client accepts."""

from __future__ import annotations

from understudy.match.accept import accepts, read_range
from understudy.match.check import Check
from understudy.match.kinds.error import ConditionError
from understudy.match.path import PathPattern
from understudy.match.shown import short
from understudy.request import Request


def accept(written: str | list[str], pattern: PathPattern | None) -> list[Check[Request]]:
    """The client accepts one of these media types."""
    offered = [written] if isinstance(written, str) else written
    for number, text in enumerate(offered):
        media = read_range(text)
        if media is None or "*" in (media.type, media.subtype):
            keys = ("accept",) if isinstance(written, str) else ("accept", number)
            raise ConditionError(f"{text!r} is not a media type such as application/json", keys)

    def test(request: Request) -> bool:
        header = request.header("accept")
        return any(accepts(header, media_type) > 0 for media_type in offered)

    return [Check("accept", written, test, lambda request: short(request.header("accept") or "") or None)]
