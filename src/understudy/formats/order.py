"""Endpoints that are asked one after the other, as a config where the more specific path goes first.

WireMock and Mockoon ask their stubs in an order that the user decides; in a config the path decides, unless
`priority` does. So an endpoint gets a priority where, and only where, it would come too late without.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from msgspec import UNSET

from understudy.match.path import LITERAL, PARAMETER, REST, REST_PARAMETER, PathPattern
from understudy.model import Endpoint

MAX_PAIRS = 4_000_000
"""Pairs of endpoints that are compared, some two seconds of them; with more, each gets a priority."""


Rank = tuple[tuple[int, ...], bool]


class _One(NamedTuple):
    """An endpoint. A resource has several paths, and so a first rank and a last one."""

    pattern: PathPattern
    methods: frozenset[str]
    first: Rank
    last: Rank


def keep_order(written: list[dict[str, Any]], endpoints: list[Endpoint]) -> None:
    """Write a `priority` into those that need one to be asked in this order.

    `written` are the endpoints as they will stand in the config, `endpoints` the same as models.
    """
    ones = [_one(endpoint) for endpoint in endpoints]
    for entry, level in zip(written, _levels(ones), strict=True):
        entry.pop("priority", None)
        if level:
            entry["priority"] = level


def levels_between(endpoints: list[Endpoint], *, strict: bool = False) -> list[int]:
    """How many steps each must come before others where they are asked one after the other, as they stand.

    The way back: 0 where the order of the endpoints is that in which they answer. With `strict`, one that
    goes before another is a step higher, in whatever order they stand.
    """
    ones = [_one(endpoint) for endpoint in endpoints]
    keys = [
        (-endpoint.priority, one.first, number)
        for number, (endpoint, one) in enumerate(zip(endpoints, ones, strict=True))
    ]
    asked = sorted(range(len(ones)), key=keys.__getitem__)
    levels = [0] * len(ones)
    if sum(one.pattern.literal is None for one in ones) * len(ones) > MAX_PAIRS:
        for level, number in enumerate(reversed(asked)):
            levels[number] = level
        return levels
    literal: dict[str, list[int]] = defaultdict(list)
    others: list[int] = []
    later: list[int] = []
    firsts = [one.pattern.segments[0].literal if one.pattern.segments else None for one in ones]
    for number in reversed(asked):
        path, first = ones[number].pattern.literal, firsts[number]
        for other in [*literal[path], *others] if path is not None else later:
            if first is not None and firsts[other] not in (None, first):
                continue  # most have nothing to do with each other
            needed = levels[other] + (strict or other < number)
            if needed > levels[number] and _overlap(ones[number], ones[other]):
                levels[number] = needed
        (others if path is None else literal[path]).append(number)
        later.append(number)
    return levels


def _one(endpoint: Endpoint) -> _One:
    pattern = PathPattern(endpoint.path)
    first = last = (pattern.specificity, not endpoint.conditions)
    if endpoint.resource is not UNSET:
        last = ((*pattern.specificity, PARAMETER), first[1])
        pattern = PathPattern(f"{str(endpoint.path).rstrip('/')}/**")
    return _One(pattern, frozenset(endpoint.methods), first, last)


def _levels(ones: list[_One]) -> list[int]:
    """The least priorities: 0, or more than that of each later one that would go first."""
    count = len(ones)
    if sum(one.pattern.literal is None for one in ones) * count > MAX_PAIRS:
        return list(range(count - 1, -1, -1))
    levels = [0] * count
    # of endpoints with one path it is enough to know the highest of each kind: thousands may have it
    literal: dict[str, dict[tuple[frozenset[str], Rank], int]] = defaultdict(dict)
    others: list[int] = []
    for number in range(count - 1, -1, -1):
        one = ones[number]
        path = one.pattern.literal
        for other in others if path is not None else range(number + 1, count):
            needed = levels[other] + (one.last > ones[other].first)
            if needed > levels[number] and _overlap(one, ones[other]):
                levels[number] = needed
        if path is None:
            others.append(number)
            continue
        same = literal[path]
        for (methods, first), level in same.items():
            needed = level + (one.last > first)
            if needed > levels[number] and _share(one.methods, methods):
                levels[number] = needed
        kind = (one.methods, one.first)
        same[kind] = max(same.get(kind, 0), levels[number])
    return levels


def _share(methods: frozenset[str], others: frozenset[str]) -> bool:
    """Whether a method is one of both."""
    return "ANY" in methods | others or not methods.isdisjoint(others)


def _overlap(one: _One, other: _One) -> bool:
    """Whether a request may fit both. May say yes where none does."""
    if not _share(one.methods, other.methods):
        return False
    for this, that in ((one.pattern, other.pattern), (other.pattern, one.pattern)):
        if this.literal is not None:
            return that.fits(this.literal)
    pairs = list(zip(one.pattern.segments, other.pattern.segments, strict=False))
    for this_segment, that_segment in pairs:
        ranks = {this_segment.rank, that_segment.rank}
        if ranks & {REST, REST_PARAMETER}:
            return True
        if ranks == {LITERAL} and this_segment.literal != that_segment.literal:
            return False
    return (
        not pairs
        or len(one.pattern.segments) == len(other.pattern.segments)
        or _has_rest(one) != _has_rest(other)
    )


def _has_rest(one: _One) -> bool:
    return any(segment.rank in {REST, REST_PARAMETER} for segment in one.pattern.segments)
