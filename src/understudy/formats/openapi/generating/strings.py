"""Texts that all schemas of a place allow: by format, pattern, the property's name, or ordinary ones."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.formats.openapi.generating.base import MAX_TEXT, Impossible, Lots, Made, Make, Stream
from understudy.formats.openapi.generating.facts import Atoms, given, least, most
from understudy.formats.openapi.generating.plausible import PLAUSIBLE, chosen
from understudy.formats.openapi.generating.regex import Pattern, PatternError
from understudy.formats.openapi.generating.texts import FORMATS, PLAUSIBLE_TEXTS, Write, plain

_UNLIMITED = 1 << 30


def build_strings(atoms: Atoms, hint: str | None, place: str) -> Iterator[Made]:
    """Generators to try, the best first. Raises Impossible if none can be right."""
    low = least(atoms, "minLength")
    bound = most(atoms, "maxLength")
    high = _UNLIMITED if bound is None else bound
    if low > high:
        raise Impossible(place, f"no text has {low} characters or more, and {high} at most")
    if low > MAX_TEXT:
        raise Impossible(place, f"texts of {low} characters are not made; {MAX_TEXT} is the most")
    formats = list(dict.fromkeys(name for name in given(atoms, "format") if name in FORMATS))
    if any(value == "base64" for value in given(atoms, "contentEncoding")):
        formats.append("byte")
    patterns = list(dict.fromkeys(given(atoms, "pattern")))
    readable: list[Pattern] = []
    alone = len(formats) + len(patterns) < 2
    reason = ""
    for name in formats:
        yield Made(_written(FORMATS[name], low, high), exact=alone and low == 0 and bound is None)
    for pattern in patterns:
        try:
            read = Pattern(pattern)
        except PatternError as error:
            reason = str(error)
            continue
        if read.least > MAX_TEXT:
            reason = f"the pattern asks for texts of {read.least} characters"
            continue
        readable.append(read)
        yield Made(_matching(read, low, high), exact=alone and read.exact and low == 0 and bound is None)
    if not formats and not patterns:
        usual = PLAUSIBLE[hint].text if hint is not None else None
        ordinary = _written(plain, low, high)
        if usual is None:
            yield Made(ordinary)
        else:
            make = chosen(usual) if isinstance(usual, tuple) else _written(PLAUSIBLE_TEXTS[usual], low, high)
            yield Made(make if not low and bound is None else _either(make, ordinary, low, high))
        return
    if len(readable) > 1:
        yield Made(_matching_all(readable, low, high), exact=False)
    if reason and not readable and not formats:
        raise Impossible(place, reason)
    yield Made(_written(plain, low, high), exact=False)


def _written(write: Write, low: int, high: int) -> Make:
    return lambda lots, at: write(lots, at, low, high)


def _matching(pattern: Pattern, low: int, high: int) -> Make:
    high = min(high, MAX_TEXT)
    return lambda lots, at: pattern.write(Stream(lots, at), low, high)


def _matching_all(patterns: list[Pattern], low: int, high: int) -> Make:
    """Texts for several patterns: one after the other, which does unless they speak of the same place."""
    order = sorted(patterns, key=lambda pattern: pattern.ends - pattern.begins)
    least = sum(pattern.least for pattern in order)

    def make(lots: Lots, at: str) -> str:
        stream = Stream(lots, at)
        most = min(high, MAX_TEXT) - least
        texts = [
            pattern.write(stream, pattern.least, pattern.least + max(0, most // len(order)))
            for pattern in order
        ]
        missing = low - sum(map(len, texts))
        if missing > 0:
            texts[0] = order[0].write(stream, len(texts[0]) + missing, len(texts[0]) + missing)
        return "".join(texts)

    return make


def _either(first: Make, second: Make, low: int, high: int) -> Make:
    def make(lots: Lots, at: str) -> str:
        text: str = first(lots, at)
        if low <= len(text) <= high:
            return text
        other: str = second(lots, at)
        return other

    return make
