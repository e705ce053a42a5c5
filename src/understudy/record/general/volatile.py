"""What is new in each reply: times near the moment of the recording, and what else differs between replies
that are otherwise equal.

`fresh` finds the first, from one sample on. `differing` looks at replies to the same request, or of requests
that change something to any of them, and gives up where a difference is not explained: then it is data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from understudy.record.general.nodes import ITEM, Node, shown
from understudy.record.general.sample import Sample
from understudy.record.general.values import random_of, time_of

NEAR_S = 60.0
"""So near to the recording, a time is that of the reply."""
ENOUGH_COUNTED = 3
"""Replies to one request from which on numbers count up; of requests that change something two are enough."""

Place = tuple[Node, Node, Any]
"""A node, the exact place, and the value there, as `nodes.walk` gives them."""
Spoken = tuple[Sample, list[Place]]
"""A reply with its values."""


class Found(NamedTuple):
    """A node with values that are new each time: the template that makes one, whether a value is such a one,
    and why."""

    template: str
    fits: Callable[[Sample, Any], bool]
    why: str
    samples: tuple[Sample, ...]


def fresh(values: Sequence[tuple[Sample, Any]]) -> Found | None:
    """For a node whose values all are the time at which they were recorded."""
    times = [time_of(value) for _, value in values]
    kind = times[0][0] if times[0] is not None else None
    for (sample, _), time in zip(values, times, strict=True):
        if time is None or time[0] != kind or not sample.at or abs(time[1].seconds - sample.at) > NEAR_S:
            return None
    assert times[0] is not None
    return Found(
        times[0][1].template(0),
        lambda sample, value: _is_time(value, kind),
        f"{kind}, and that of the recording",
        tuple(sample for sample, _ in values),
    )


def _is_time(value: Any, kind: str | None) -> bool:
    found = time_of(value)
    return found is not None and found[0] == kind


def differing(
    spoken: Sequence[Spoken], explained: set[Node], name: str, *, changes: bool
) -> dict[Node, Found]:
    """For replies that should be equal, in the order of time: what differs, if all of it is new each time.

    `explained` are nodes that were told already. `name` is a name for these replies, and `changes` says
    whether their requests change something.
    """
    if len(spoken) < 2:
        return {}
    tables = [{exact: (node, value) for node, exact, value in places} for _, places in spoken]
    first = tables[0]
    if any(table.keys() != first.keys() for table in tables):
        return {}
    samples = tuple(sample for sample, _ in spoken)
    found: dict[Node, Found] = {}
    for exact, (node, _) in first.items():
        values = [table[exact][1] for table in tables]
        if node in explained or any(isinstance(one, dict | list) for one in values):
            if len({type(one) for one in values}) > 1 and node not in explained:
                return {}
            continue
        if all(type(one) is type(values[0]) and one == values[0] for one in values):
            continue
        row = _explain(samples, values, node, name, changes) if node not in found else found[node]
        if row is None or not all(
            row.fits(sample, value) for sample, value in zip(samples, values, strict=True)
        ):
            return {}
        if any(_is_elsewhere(value, exact, table) for value, table in zip(values, tables, strict=True)):
            return {}  # two templates would give two different ones
        found[node] = row
    return found


def _explain(
    samples: tuple[Sample, ...], values: list[Any], node: Node, name: str, changes: bool
) -> Found | None:
    times = [time_of(value) for value in values]
    kind = times[0][0] if times[0] is not None else None
    if kind is not None:
        known = [time[1] for time in times if time is not None and time[0] == kind]
        if len(known) < len(values):
            return None
        offset = _offset([one.seconds for one in known], [sample.at for sample in samples])
        if offset is None:
            return None
        why = f"{kind}, new in each of {len(values)} replies"
        why += f", {offset:+d} s from the recording" if offset else ""
        return Found(known[0].template(offset), lambda sample, value: _is_time(value, kind), why, samples)
    if len(set(map(repr, values))) < len(values):
        return None
    random = random_of(values)
    if random is not None:
        return Found(
            random[1],
            lambda sample, value: value in values or random_of([value, values[0]]) == random,
            f"{random[0]}, new in each of {len(values)} replies that are otherwise equal",
            samples,
        )
    step = _step(values)
    if step and ITEM not in node and len(values) >= (2 if changes else ENOUGH_COUNTED):
        own = {id(sample) for sample in samples}
        counter = f"{name} {shown(node)}".replace("\\", "").replace("'", "")
        more = f", step={step}" if step != 1 else ""
        return Found(
            f"{{{{ counter('{counter}', start={values[0]}{more}) }}}}",
            lambda sample, value: id(sample) in own,
            f"counts up by {step} over {len(values)} replies",
            samples,
        )
    return None


def _offset(seconds: list[float], recorded: list[float]) -> int | None:
    """How far times are from the recordings, in whole seconds; None if that differs. 0 if nothing is
    known."""
    if not all(recorded):
        return 0
    offsets = [one - at for one, at in zip(seconds, recorded, strict=True)]
    if max(offsets) - min(offsets) > NEAR_S:
        return None
    middle = sorted(offsets)[len(offsets) // 2]
    if abs(middle) <= NEAR_S:
        return 0
    return round(middle / 60) * 60 if abs(middle) >= 600 else round(middle)


def _step(values: list[Any]) -> int:
    """By how much whole numbers grow from one to the next; 0 if they do not, or not evenly."""
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in values):
        return 0
    steps = {after - before for before, after in pairwise(values)}
    step = steps.pop()
    return step if not steps and step > 0 else 0


def _is_elsewhere(value: Any, exact: Node, table: dict[Node, tuple[Node, Any]]) -> bool:
    """Whether a random text is said at another place of the reply too."""
    if not isinstance(value, str) or len(value) < 8 or time_of(value) is not None:
        return False
    return any(
        place != exact and isinstance(other, str) and value in other for place, (_, other) in table.items()
    )
