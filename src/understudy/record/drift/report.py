"""Drift by endpoint: each kind of change once, whatever the number of requests and of items that show it.

Shapes of JSON bodies are learnt from all exchanges of an endpoint with one status, so that a field is
optional where some recording does without it. Nothing grows without limit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from understudy.record.drift.checks import CHECKS, LEVELS, Drift, Level, drift
from understudy.record.drift.compare import Compared, look_at
from understudy.record.drift.ignore import ignoring
from understudy.record.drift.shape import Shape, compare_shapes
from understudy.record.exchange import RecordedExchange
from understudy.record.looks import template_of

MAX_ENDPOINTS = 2_000
"""Endpoints that a report tells apart; exchanges of more are counted, and the report says so."""
MAX_FOUND = 500
"""Differences of one endpoint; more are counted."""
MAX_IDS = 10
"""Recordings that are named for one difference."""
MAX_KNOWN = 2_000
"""Bodies of an endpoint that are known again, so that each teaches once."""
MAX_STATUSES = 20
"""Statuses of an endpoint of whose bodies shapes are kept."""
MAX_PLACES = 200_000
"""Places in all shapes of a report; bodies beyond are compared one by one."""


@dataclass(slots=True)
class Found:
    """A difference as it was first seen, in how many exchanges, and the ids of some of the recordings."""

    drift: Drift
    times: int = 0
    ids: list[str] = field(default_factory=list)

    def note(self, id: str) -> None:
        """It was seen again."""
        self.times += 1
        if id and id not in self.ids and len(self.ids) < MAX_IDS:
            self.ids.append(id)

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {**self.drift.as_json(), "times": self.times, "ids": list(self.ids)}


@dataclass(slots=True)
class _Shapes:
    recorded: Shape = field(default_factory=Shape)
    now: Shape = field(default_factory=Shape)
    known: set[tuple[str, bytes]] = field(default_factory=set)

    @property
    def size(self) -> int:
        """Places in both."""
        return len(self.recorded.places) + len(self.now.places)

    def add(self, compared: Compared) -> None:
        """Learn from two bodies. The same body again says nothing about what is optional."""
        old, new = compared.digests
        if self._is_new("recorded", old):
            self.recorded.add(compared.recorded[0])
        if self._is_new("now", new):
            self.now.add(compared.now[0])

    def _is_new(self, side: str, digest: bytes) -> bool:
        if (side, digest) in self.known:
            return False
        if len(self.known) < MAX_KNOWN:
            self.known.add((side, digest))
        return True


@dataclass(slots=True)
class Endpoint:
    """What was found for a method and a path: `GET /users/{id}`."""

    method: str
    path: str
    compared: int = 0
    drifted: int = 0
    unrecorded: int = 0
    more: int = 0
    found: dict[tuple[str, str], Found] = field(default_factory=dict)
    places: dict[str, Found] = field(default_factory=dict)
    shapes: dict[int, _Shapes] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    def note(self, one: Drift, id: str) -> None:
        """Count a difference."""
        known = self.found.get((one.kind, one.where))
        if known is None:
            if len(self.found) >= MAX_FOUND:
                self.more += 1
                return
            known = self.found[one.kind, one.where] = Found(one)
        known.note(id)

    def note_shape(self, one: Drift, id: str) -> None:
        """Count that the shapes of two bodies differ at a place; how, is told of all of them together."""
        known = self.places.get(one.where)
        if known is None:
            if len(self.places) >= MAX_FOUND:
                return
            known = self.places[one.where] = Found(one)
        known.note(id)

    def all(self) -> Iterator[Found]:
        """All differences, the worst first."""
        found = list(self.found.values())
        told: set[tuple[str, str]] = set()
        for shapes in self.shapes.values():
            for one in compare_shapes(shapes.recorded, shapes.now):
                if (one.kind, one.where) not in told and len(told) < MAX_FOUND:
                    told.add((one.kind, one.where))
                    seen = self.places.get(one.where, Found(one, self.compared))
                    found.append(Found(one, seen.times, list(seen.ids)))
        return iter(sorted(found, key=lambda one: LEVELS.index(one.drift.level)))


class DriftReport:
    """What differs between recordings and what came instead, by endpoint.

    Is used from one thread. `ignore` is as in `compare`.
    """

    def __init__(self, ignore: Sequence[str] = ()) -> None:
        self._is_ignored = ignoring(ignore)
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.compared = self.unrecorded = self.beyond = self._places = 0
        self._endpoints: dict[tuple[str, str], Endpoint] = {}

    def add(self, recorded: RecordedExchange | None, now: RecordedExchange) -> tuple[Drift, ...]:
        """Compare two exchanges; without a recording, the request is noted as unrecorded.

        Gives what differs between these two alone.
        """
        endpoint = self._endpoint(now if recorded is None else recorded)
        if recorded is None:
            self.unrecorded += 1
            found = [drift("unrecorded", "request", now="" if now.reply is None else now.reply.status)]
            found = [one for one in found if not self._is_ignored(one)]
            if endpoint is not None:
                endpoint.unrecorded += 1
                for one in found:
                    endpoint.note(one, now.id)
            return tuple(found)
        self.compared += 1
        compared = look_at(recorded, now)
        drifts = [one for one in compared.drifts if not self._is_ignored(one)]
        shapes = [one for one in compared.shapes if not self._is_ignored(one)]
        if endpoint is not None:
            endpoint.compared += 1
            endpoint.drifted += bool(drifts or shapes)
            for one in drifts:
                endpoint.note(one, recorded.id)
            learns = bool(compared.recorded) and self._learn(endpoint, recorded, compared)
            for one in shapes:
                (endpoint.note_shape if learns else endpoint.note)(one, recorded.id)
        return (*drifts, *shapes)

    @property
    def endpoints(self) -> list[tuple[Endpoint, list[Found]]]:
        """All endpoints with what was found, in the order in which they were first asked."""
        return [
            (one, [found for found in one.all() if not self._is_ignored(found.drift)])
            for one in self._endpoints.values()
        ]

    def counts(self) -> dict[Level, int]:
        """How many differences there are of each level."""
        return _counts([found for _, all in self.endpoints for found in all])

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        endpoints = self.endpoints
        return {
            "compared": self.compared,
            "unrecorded": self.unrecorded,
            "counts": _counts([found for _, all in endpoints for found in all]),
            "endpoints": [
                {
                    "method": one.method,
                    "path": one.path,
                    "compared": one.compared,
                    "drifted": one.drifted,
                    "unrecorded": one.unrecorded,
                    "more": one.more,
                    "drifts": [found.as_json() for found in all],
                }
                for one, all in endpoints
            ],
            "beyond": self.beyond,
        }

    def as_text(self, *, color: bool = False) -> str:
        """The report for people: a table for each endpoint that differs, and how many do."""
        from understudy.record.drift.table import text_of

        return text_of(self.as_json(), color=color)

    def _endpoint(self, exchange: RecordedExchange) -> Endpoint | None:
        method, path = exchange.request.method, template_of(exchange.request.target)
        known = self._endpoints.get((method, path))
        if known is None:
            if len(self._endpoints) >= MAX_ENDPOINTS:
                self.beyond += 1
                return None
            known = self._endpoints[method, path] = Endpoint(method, path)
        return known

    def _learn(self, endpoint: Endpoint, recorded: RecordedExchange, compared: Compared) -> bool:
        """Take two bodies into the shapes of the endpoint, if there is room for them."""
        status = recorded.reply.status if recorded.reply is not None else 0
        shapes = endpoint.shapes.get(status)
        if shapes is None:
            if len(endpoint.shapes) >= MAX_STATUSES or self._places >= MAX_PLACES:
                return False
            shapes = endpoint.shapes[status] = _Shapes()
        before = shapes.size
        shapes.add(compared)
        self._places += shapes.size - before
        return True


def _counts(found: list[Found]) -> dict[Level, int]:
    counts: dict[Level, int] = dict.fromkeys(LEVELS, 0)
    for one in found:
        counts[CHECKS[one.drift.kind].level] += 1
    return counts
