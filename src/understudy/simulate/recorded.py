"""Files of measured times: a number on each line, a JSON list of numbers, or of `[milliseconds, count]`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import inf
from typing import Any

import msgspec

from understudy.load.words import show
from understudy.model.parts import MAX_MS

MAX_COUNT = 10**15
"""Highest count of one time: many of them add up to what a float still tells apart."""


class NotRecorded(ValueError):
    """Something in a file that is no time. The text says where."""


def read_recorded(data: bytes) -> Counter[float]:
    """How often each time in milliseconds stands in a file. Raises NotRecorded."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotRecorded("the file is not UTF-8 text") from None
    counts: Counter[float] = Counter()
    for value, count in _json(text) if text.lstrip().startswith("[") else _lines(text):
        counts[value] += count
    if not counts.total():
        raise NotRecorded("the file has no times")
    return counts


def _lines(text: str) -> Iterator[tuple[float, int]]:
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        try:
            value = float(line)
        except ValueError:
            raise NotRecorded(f"line {number} is not a number: {show(line)}") from None
        yield _time(value, f"line {number}"), 1


def _json(text: str) -> Iterator[tuple[float, int]]:
    try:
        items = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotRecorded(f"the file is not JSON: {error}") from None
    for number, item in enumerate(items):
        where = f"[{number}]"
        if not isinstance(item, list):
            yield _time(item, where), 1
            continue
        if len(item) != 2:
            raise NotRecorded(f"{where} is not [milliseconds, count]: {show(item)}")
        value, count = item
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MAX_COUNT:
            raise NotRecorded(f"{where} has a count that is no whole number from 0 up: {show(count)}")
        yield _time(value, where), count


def _time(value: Any, where: str) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= MAX_MS or value == inf:
        raise NotRecorded(f"{where} is not a time from 0 to {MAX_MS} milliseconds: {show(value)}")
    return float(value)
