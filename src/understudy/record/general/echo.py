"""What replies repeat from their requests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from understudy.record.general.asked import PARTS, Said, said_by, template_for
from understudy.record.general.nodes import ITEM, Node, last_key
from understudy.record.general.sample import Sample

MAX_OF_ITSELF = 3
"""Keys to what a reply is about, at most: `$.id`, `$.data.id`."""
MAX_WORK = 2_000_000
"""Pairs of values that are compared for the replies of one path."""


class Echoes:
    """What the requests of one path say, beside what their replies say."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._said = {id(one): {said.expression: said for said in said_by(one)} for one in samples}
        self._work = 0

    def found(self, node: Node, values: Sequence[tuple[Sample, Any]]) -> tuple[str, str] | None:
        """The template for a node that gives all its values, each for its request, and why; None if none
        does."""
        first, value = values[0]
        candidates = list(self._said[id(first)].values())
        self._work += len(candidates) * len(values)
        if self._work > MAX_WORK:
            return None
        good: list[tuple[bool, int, str, str]] = []
        for said in candidates:
            template = template_for(said, value, said.value)
            if template is None or not self._holds(said, template, values):
                continue
            is_named = _is_named(said, node, first)
            distinct = {repr(self._said[id(one)][said.expression].value) for one, _ in values}
            if is_named or _is_telling(distinct):
                times = "once" if len(values) == 1 else f"{len(values)} times"
                times += f", with {len(distinct)} values" if len(distinct) > 1 else ""
                good.append(
                    (not is_named, PARTS.index(said.part), template, f"the reply repeats it: seen {times}")
                )
        if not good:
            return None
        _, _, template, why = min(good, key=lambda one: one[:2])
        return template, why

    def _holds(self, said: Said, template: str, values: Sequence[tuple[Sample, Any]]) -> bool:
        for sample, value in values:
            own = self._said[id(sample)].get(said.expression)
            if own is None or template_for(own, value, said.value) != template:
                return False
        return True

    def fits(self, template: str, sample: Sample, value: Any) -> bool | None:
        """Whether a template that was known before gives this value for its request; None if it is no
        echo."""
        if not any(f" {part}" in template for part in PARTS) and "request.path" not in template:
            return None
        return any(
            template.startswith(f"{{{{ {said.expression} ") and _loosely(said, value)
            for said in self._said[id(sample)].values()
        )


def _loosely(said: Said, value: Any) -> bool:
    return template_for(said, value, said.value) is not None


def _is_telling(values: set[str]) -> bool:
    """Whether values are too many, or too long, to be the same as others by chance."""
    return len(values) > 2 or (len(values) > 1 and all(len(one) > 3 for one in values))


def _is_named(said: Said, node: Node, sample: Sample) -> bool:
    """Whether a value of a request and one of a reply are called the same."""
    ours, theirs = _plain(said.name), _plain(last_key(node))
    if not theirs:
        return False
    if theirs in {ours, ours.removesuffix("id")}:
        return True
    if said.part != "params" or ITEM in node or len(node) > MAX_OF_ITSELF:
        return False
    last = next(reversed(sample.request.params), None)
    return said.name == last and theirs in {"id", "uuid", "slug", "name", "key", "code"}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def with_path(value: Any, sample: Sample) -> tuple[str, str] | None:
    """What stands before and behind the request's path in a text; None if it is not in there, or has no
    parameter."""
    path = sample.request.path
    if not sample.request.params or not isinstance(value, str) or path not in value or not path.isascii():
        return None
    if sample.request.raw_target.partition(b"?")[0] != path.encode():
        return None  # in another spelling
    before, _, behind = value.partition(path)
    if behind[:1].isalnum() or behind[:1] in {"-", "_"} or path in behind or before[-1:] == "/":
        return None
    return before, behind
