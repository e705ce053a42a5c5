"""The shape of JSON values: which places they have, and what stands there.

A place is a JSONPath whose indices are folded, so that all items of an array are one place, and all
members of an object whose keys are ids. A shape takes any number of values, so that what is optional in an
API is learnt from many answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from understudy.formats.openapi.infer import FORMATS
from understudy.record.drift.checks import Drift, drift
from understudy.record.drift.ignore import child
from understudy.record.looks import is_id, is_redacted

MAX_DEPTH = 64
"""Levels that are looked into."""
MAX_PLACES = 5_000
"""Places that a shape has; more are left out, and the shape says so."""
MAX_NODES = 200_000
"""Values in one answer that are looked at."""
MAX_TEXTS = 24
"""Different texts of a place that are kept; with more it is no place for a few names."""

_NAME = re.compile(r"[a-z][a-zA-Z0-9]{0,31}(?:[_-][a-zA-Z0-9]{1,32}){0,4}|[A-Z][A-Z0-9_-]{1,63}", re.ASCII)
"""What a value of an enum looks like."""
MIN_SEEN_OF_ENUM = 4
"""So often, and each value twice on the average, texts are seen before a new one is told of."""
BY_LUCK = 0.05
"""What is so improbable to be seen by luck is told of: an optional field that is missing (or there) each
time."""

Step = Literal["", "member", "item", "any"]


@dataclass(slots=True)
class Seen:
    """What was seen at a place: how often which JSON type, formats that all of its texts have (None: no text
    yet), and its texts with how often (None: too many, or none that are names)."""

    parent: str
    step: Step
    kinds: dict[str, int] = field(default_factory=dict)
    formats: frozenset[str] | None = None
    texts: dict[str, int] | None = field(default_factory=dict)
    is_redacted: bool = False

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self.kinds.values())

    @property
    def types(self) -> str:
        """The types for people."""
        return " or ".join(sorted(self.kinds, key=lambda kind: (kind == "null", kind)))


@dataclass(slots=True)
class Shape:
    """The shape of all the values that were added."""

    places: dict[str, Seen] = field(default_factory=dict)
    is_cut: bool = False

    def add(self, value: Any) -> None:
        """Take one more value into it."""
        waiting: list[tuple[Any, str, str, Step, int]] = [(value, "$", "", "", 0)]
        for _ in range(MAX_NODES):
            if not waiting:
                return
            value, place, parent, step, depth = waiting.pop()
            seen = self.places.get(place)
            if seen is None:
                if len(self.places) >= MAX_PLACES:
                    self.is_cut = True
                    continue
                seen = self.places[place] = Seen(parent, step)
            kind = kind_of(value)
            seen.kinds[kind] = seen.kinds.get(kind, 0) + 1
            if kind == "string":
                _note_text(seen, value)
            elif kind in {"object", "array"} and value:
                if depth >= MAX_DEPTH:
                    self.is_cut = True
                    continue
                inner = [(item, name, place, step, depth + 1) for item, name, step in _inside(value, place)]
                waiting += reversed(inner)
        self.is_cut = True

    def objects(self, place: str) -> int:
        """How many objects there were at a place."""
        seen = self.places.get(place)
        return 0 if seen is None else seen.kinds.get("object", 0)


def kind_of(value: Any) -> str:
    """The JSON type of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case dict():
            return "object"
        case _:
            return "array"


@lru_cache(maxsize=8192)
def place_in(place: str, key: str) -> str:
    """The place of a member; one for all members whose keys are ids."""
    return child(place, "*" if is_id(key) else key)


@lru_cache(maxsize=8192)
def _step_to(key: str) -> Step:
    return "any" if is_id(key) else "member"


def _inside(value: Any, place: str) -> Iterator[tuple[Any, str, Step]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield item, place_in(place, key), _step_to(key)
    else:
        inner = f"{place}[*]"
        for item in value:
            yield item, inner, "item"


def _note_text(seen: Seen, text: str) -> None:
    if is_redacted(text):
        seen.is_redacted = True
        return
    if seen.formats is None or seen.formats:
        has = frozenset(
            name for name in (FORMATS if seen.formats is None else seen.formats) if FORMATS[name](text)
        )
        seen.formats = has
    if seen.texts is None:
        return
    if not _NAME.fullmatch(text) or (text not in seen.texts and len(seen.texts) >= MAX_TEXTS):
        seen.texts = None
    else:
        seen.texts[text] = seen.texts.get(text, 0) + 1


def shape_of(value: Any) -> Shape:
    """The shape of one value."""
    shape = Shape()
    shape.add(value)
    return shape


def compare_shapes(old: Shape, new: Shape) -> list[Drift]:
    """What differs, each place once. What is below a place that is gone, or new, goes without saying."""
    found: list[Drift] = []
    unknown: set[str] = set()  # places of which, and of what is in them, nothing more is to be said
    for place, before in old.places.items():
        after = new.places.get(place)
        if before.parent in unknown or not _is_comparable(place, before, after, old, new, found):
            unknown.add(place)
            continue
        assert after is not None
        found += _of_kinds(place, before, after)
        if "string" in before.kinds and "string" in after.kinds and not _is_secret(before, after):
            found += _of_texts(place, before, after)
    for place, after in new.places.items():
        is_new = place not in old.places and after.step == "member" and after.parent not in unknown
        if is_new and old.objects(after.parent):
            found.append(drift("field-added", place, now=after.types))
    if old.is_cut or new.is_cut:
        found.append(drift("not-compared", "body", message=f"only {MAX_PLACES} places are compared"))
    return found


def _is_comparable(
    place: str, before: Seen, after: Seen | None, old: Shape, new: Shape, found: list[Drift]
) -> bool:
    """Whether there is something on both sides; tells of it if there should be."""
    if before.step != "member":
        if after is None and before.step == "item" and "array" in new.places[before.parent].kinds:
            found.append(drift("array-empty", before.parent, now="[]"))
        return after is not None
    owners, owners_now = old.objects(before.parent), new.objects(before.parent)
    if not owners_now:
        return False
    share = before.count / owners  # of objects that had it
    if after is None:
        if share == 1:
            found.append(drift("field-removed", place, before.types))
        elif (1 - share) ** owners_now < BY_LUCK:
            found.append(drift("optional-field-removed", place, before.types))
        return False
    if share == 1 and after.count < owners_now:
        missing = f"missing in {owners_now - after.count} of {owners_now}"
        found.append(drift("field-optional", place, before.types, missing))
    elif share < 1 and after.count == owners_now and share**owners_now < BY_LUCK:
        missing = f"missing in {owners - before.count} of {owners}"
        found.append(drift("field-required", place, missing, after.types))
    return True


def _of_kinds(place: str, before: Seen, after: Seen) -> Iterator[Drift]:
    was, now = set(before.kinds), set(after.kinds)
    if "null" in now and "null" not in was:
        yield drift("became-null", place, before.types, after.types)
    elif "null" in was and "null" not in now:
        yield drift("no-longer-null", place, before.types, after.types)
    was.discard("null")
    now.discard("null")
    more = now - was - ({"integer"} if "number" in was else set())
    if not was or not more:
        return
    if more == {"number"} and "integer" in was:
        yield drift("number-widened", place, before.types, after.types)
    else:
        yield drift(
            "items-changed" if before.step == "item" else "type-changed", place, before.types, after.types
        )


def _is_secret(before: Seen, after: Seen) -> bool:
    return before.is_redacted or after.is_redacted


def _of_texts(place: str, before: Seen, after: Seen) -> Iterator[Drift]:
    if before.formats and not before.formats & (after.formats or frozenset()):
        yield drift("format-changed", place, ", ".join(sorted(before.formats)), "another format")
    if before.texts and after.texts:
        times = sum(before.texts.values())
        new = [text for text in after.texts if text not in before.texts]
        if new and times >= max(MIN_SEEN_OF_ENUM, 2 * len(before.texts)):
            yield drift("enum-value-new", place, ", ".join(sorted(before.texts)), ", ".join(sorted(new)))
