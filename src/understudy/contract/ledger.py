"""What requests and replies have violated of documents whose operations are sent on to a real server.

The entries of the journal are counted as they come, so that what it forgets stays counted. `FOUND` is the
TABLE of what may be found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from understudy.journal import Entry, shown_of, status_of
from understudy.openapi.outgoing import STATUS
from understudy.openapi.parameters import DEPRECATED
from understudy.openapi.violation import UNDOCUMENTED

if TYPE_CHECKING:
    from understudy.program import Program

Level = Literal["error", "warning"]
LEVELS: tuple[Level, ...] = ("error", "warning")
MAX_KINDS = 200
"""Different findings that are kept of one operation, or of what is not documented; more are counted
together."""
MAX_MESSAGE = 300
"""Characters of a message, and of a place, that are kept."""
OTHERS = "others, which are not told apart"
_INDEX = re.compile(r"/[0-9]+(?=/|$)")


class Found(NamedTuple):
    """What may be found: how bad it is, and what it is, in a sentence."""

    level: Level
    sentence: str


FOUND: dict[str, Found] = {
    "invalid-request": Found("error", "a request is not as the document says"),
    "invalid-reply": Found("error", "a reply of the real server is not as the document says"),
    "undocumented-status": Found("warning", "the real server failed with a status that is not documented"),
    "undocumented-request": Found("warning", "no document has what was asked for"),
    "deprecated-parameter": Found("warning", "a request has a parameter that is deprecated"),
    "unseen-operation": Found("warning", "nobody has asked for the operation"),
}
"""Everything that may be found, by name."""


class Seen(NamedTuple):
    """One kind of finding, and how often it was met. `operation` is `GET /pets`; `pointer` leads to the
    place, with `*` for places in lists."""

    check: str
    operation: str
    pointer: str
    message: str
    times: int

    @property
    def level(self) -> Level:
        """How bad it is."""
        return FOUND[self.check].level

    def as_json(self) -> dict[str, Any]:
        """The finding for programs."""
        return {"level": self.level, **self._asdict()}


_Kind = tuple[str, str, str]
"""The check, the place, and the keyword that does not hold."""


@dataclass
class _Tally:
    """What was counted of one operation."""

    requests: int = 0
    counts: dict[_Kind, int] = field(default_factory=dict)
    messages: dict[_Kind, str] = field(default_factory=dict)

    def add(self, check: str, pointer: str, keyword: str, message: str) -> None:
        """Count one violation; the first message of its kind is kept."""
        kind = (check, pointer[:MAX_MESSAGE], keyword)  # keys in a body may be of any length
        if kind not in self.counts and len(self.counts) >= MAX_KINDS:
            kind, message = (check, "", ""), OTHERS
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.messages.setdefault(kind, message[:MAX_MESSAGE])


class Ledger:
    """Counts by operation, from the start of the server or since they were cleared."""

    def __init__(self) -> None:
        self._labels: dict[str, str] = {}
        self._tallies: dict[str, _Tally] = {}
        self._undocumented = _Tally()

    def use(self, labels: Mapping[str, str]) -> None:
        """Count for these operations from now on: endpoints' names and what they are called in the document.

        What was counted of others stays, but they are not missed.
        """
        self._labels = dict(labels)

    def clear(self) -> None:
        """Forget what was counted."""
        self._tallies.clear()
        self._undocumented = _Tally()

    def note(self, entry: Entry) -> None:
        """Count one request."""
        name = entry.plan.endpoint
        violations = entry.plan.violations
        if name is not None and name in self._labels:
            tally = self._tallies.setdefault(name, _Tally())
            tally.requests += 1
            if violations:
                for one in shown_of(entry)[1].violations:
                    check = _check(one, status_of(entry))
                    tally.add(check, _INDEX.sub("/*", _place(one)), one["keyword"], one["message"])
        elif _is_undocumented(entry):
            shown, _ = shown_of(entry)
            what = f"{shown.method} {shown.path}"[:MAX_MESSAGE]
            self._undocumented.requests += 1
            self._undocumented.add("undocumented-request", "", what, what)

    def findings(self) -> tuple[Seen, ...]:
        """What was found, the worst first, in the order of the document."""
        return tuple(sorted(self._findings(), key=lambda one: LEVELS.index(one.level)))

    def counts(self) -> dict[str, int]:
        """How many kinds of findings there are of each level."""
        levels = [one.level for one in self._findings()]
        return {level: levels.count(level) for level in LEVELS}

    @property
    def requests(self) -> int:
        """How many were for operations."""
        return sum(one.requests for one in self._tallies.values())

    @property
    def operations(self) -> dict[str, int]:
        """How often each operation was asked for."""
        known = self._tallies
        return {label: known[name].requests if name in known else 0 for name, label in self._labels.items()}

    def violations(self) -> dict[tuple[str, str], int]:
        """How many there were, by operation and check."""
        found: dict[tuple[str, str], int] = {}
        for one in self._findings():
            if one.times:
                key = one.operation if one.check != "undocumented-request" else "", one.check
                found[key] = found.get(key, 0) + one.times
        return found

    def as_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        return {
            "operations": self.operations,
            "requests": self.requests,
            "counts": self.counts(),
            "findings": [one.as_json() for one in self.findings()],
        }

    def _findings(self) -> Iterator[Seen]:
        for name in dict.fromkeys([*self._labels, *self._tallies]):
            tally = self._tallies.get(name)
            if tally is None:
                yield Seen("unseen-operation", self._labels[name], "", "", 0)
                continue
            label = self._labels.get(name, name)
            for kind, count in tally.counts.items():
                yield Seen(kind[0], label, kind[1], tally.messages[kind], count)
        for kind, count in self._undocumented.counts.items():
            yield Seen(kind[0], self._undocumented.messages[kind], "", "", count)


def labels_of(program: Program) -> dict[str, str]:
    """The operations of a program that are sent on to a real server: `{"listPets": "GET /pets"}`."""
    found = {}
    for name, entry in zip(program.loaded.names, program.loaded.origins.entries, strict=False):
        if entry.driven is not None and entry.driven.settings.real is not None:
            head, prefix = entry.driven.document.heads[entry.driven.number], entry.driven.settings.prefix
            found[name] = f"{head.method} {prefix.rstrip('/')}{head.path}"
    return found


def _check(violation: Mapping[str, str], status: int | None) -> str:
    keyword = violation["keyword"]
    if violation["location"] != "response":
        return "deprecated-parameter" if keyword == DEPRECATED else "invalid-request"
    is_failure = status is not None and not 200 <= status < 300
    return "undocumented-status" if keyword == STATUS and is_failure else "invalid-reply"


def _place(violation: Mapping[str, str]) -> str:
    if violation["location"] == "response":
        return violation["pointer"]
    return f"/{violation['location']}{violation['pointer']}"


def _is_undocumented(entry: Entry) -> bool:
    plan = entry.plan
    if plan.endpoint is None:
        return status_of(entry) in (404, 405)
    return any(one.get("keyword") == UNDOCUMENTED for one in plan.violations)
