"""What a client accepts: the Accept header (RFC 9110 section 12.5.1), and the best of several offers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

MAX_HEADER_CHARACTERS = 8192
"""A longer header is read up to here."""
MAX_RANGES = 100

_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_PARAMETER = rf'[ \t]*;[ \t]*(?:({_WORD})[ \t]*=[ \t]*({_WORD}|"(?:[^"\\]|\\.)*"))?'
_RANGE = re.compile(rf"[ \t]*(?:({_WORD})/({_WORD})|(\*))((?:{_PARAMETER})*)[ \t]*")
_PARAMETERS = re.compile(_PARAMETER)
_ELEMENTS = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_WEIGHT = re.compile(r"1(?:\.0*)?|0?\.[0-9]+|0\.?")


class MediaRange(NamedTuple):
    """One element of the header; parameters are lower-case names and their values."""

    type: str
    subtype: str
    parameters: frozenset[tuple[str, str]]
    quality: float

    def takes(self, offer: MediaRange) -> bool:
        """Whether it has the offered media type in it. A charset counts only if the offer says its own."""
        return (
            self.type in ("*", offer.type)
            and self.subtype in ("*", offer.subtype)
            and (self.parameters <= offer.parameters or self._without_charset(offer) <= offer.parameters)
        )

    def _without_charset(self, offer: MediaRange) -> frozenset[tuple[str, str]]:
        """The parameters that the offer has to have: JSON has no charset, but many clients ask for one."""
        if any(name == "charset" for name, _ in offer.parameters):
            return self.parameters
        return frozenset(one for one in self.parameters if one[0] != "charset")

    @property
    def specificity(self) -> tuple[bool, bool, int]:
        """The more specific range says what quality a media type has."""
        return self.type != "*", self.subtype != "*", len(self.parameters)


def accepts(header: str | None, media_type: str) -> float:
    """How much a client wants a media type, from 0, not at all, to 1. Without a header: everything."""
    ranges = _ranges(header)
    offer = read_range(media_type)
    if offer is None:
        return 0.0
    if not ranges:
        return 1.0
    fitting = [one for one in ranges if one.takes(offer)]
    return max(fitting, key=lambda one: one.specificity).quality if fitting else 0.0


def best(header: str | None, offered: Sequence[str]) -> str | None:
    """The offer that a client wants most, the first of those it wants alike; None if it wants none."""
    chosen, highest = None, 0.0
    for media_type in offered:
        quality = accepts(header, media_type)
        if quality > highest:
            chosen, highest = media_type, quality
    return chosen


def read_range(text: str) -> MediaRange | None:
    """A media type or range; None if it is none. What stands behind `q` is not part of it."""
    found = _RANGE.fullmatch(text)
    if found is None:
        return None
    kind, subtype = (found[1].lower(), found[2].lower()) if found[1] else ("*", "*")
    if kind == "*" and subtype != "*":
        return None
    parameters: list[tuple[str, str]] = []
    for name, value in _PARAMETERS.findall(found[4]):
        lower = name.lower()
        if lower == "q":
            if not _WEIGHT.fullmatch(value):
                return None
            return MediaRange(kind, subtype, frozenset(parameters), float(value))
        if lower:
            plain = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
            parameters.append((lower, plain.lower() if lower == "charset" else plain))
    return MediaRange(kind, subtype, frozenset(parameters), 1.0)


@lru_cache(maxsize=256)
def _ranges(header: str | None) -> tuple[MediaRange, ...]:
    """The readable elements. None at all means that everything is accepted."""
    if header is None:
        return ()
    elements = _ELEMENTS.findall(header[:MAX_HEADER_CHARACTERS])[:MAX_RANGES]
    return tuple(one for element in elements if (one := read_range(element)) is not None)
