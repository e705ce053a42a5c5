"""Rules: each decision that is made on the way from recordings to endpoints.

A rule is known by its kind and where it holds, so that it is the same one when more was recorded. `Book` is
asked before a decision is acted on, and keeps what was decided.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from msgspec.structs import replace

from understudy.formats.imported import Rule
from understudy.record.general.sample import Sample

KINDS: dict[str, str] = {
    "host": "another server with the same path answers only those who name it in `Host`",
    "headers": "headers of the recorded server's connection, software or moment are not sent again",
    "path": "a part of paths that varies becomes a parameter",
    "echo": "what the reply repeats from the request is taken from the request",
    "volatile": "what is new in each reply is made anew: times, ids, numbers that count up",
    "match": "conditions that tell requests with different replies apart, the fewest that do",
    "other": "values of a path parameter that were not recorded are answered like one that was",
    "same": "the same reply twice in a row is one",
    "turns": "the same request with different replies gets them in turn",
    "fault": "a failure of the recorded server becomes a fault",
    "stream": "a body that came over time comes over time",
    "latency": "replies take as long as the recorded ones",
}
"""What may be decided, in the order in which it is."""
SWITCHED = frozenset(KINDS) - {"match", "turns", "host"}
"""Kinds that may be switched off: without the others, recorded requests would get wrong replies."""

TELLING_HEADERS = (
    "accept", "accept-language", "range", "if-none-match", "if-modified-since", "if-match", "prefer",
    "x-http-method-override", "x-api-version", "api-version", "accept-version", "depth",
)  # fmt: skip
"""Request headers that may tell requests apart, where query and body do not."""


class UnknownRule(ValueError):
    """What is to be switched off is no kind of rule, nor the number of one."""


@dataclass(frozen=True)
class Wishes:
    """What a user may wish of it.

    `without` are kinds of rules that are switched off, or numbers of rules as they stand in the preview.
    `rules` are those of before: they are kept, and those that are not `on` are not followed. `latency`:
    whether replies take as long as they did. `hosts` and `assets` are as in `formats.imported.Options`.
    """

    without: frozenset[str] = frozenset()
    rules: tuple[Rule, ...] = ()
    latency: bool = False
    hosts: tuple[str, ...] = ()
    assets: bool = True
    headers: tuple[str, ...] = TELLING_HEADERS


class Key(NamedTuple):
    """What a rule is known by."""

    kind: str
    where: str


class Book:
    """The rules that were found, by their keys, and those that are off."""

    def __init__(self, wishes: Wishes, off: Iterable[Key] = ()) -> None:
        self._kinds = wishes.without & KINDS.keys()
        self._off = {*off, *(Key(one.kind, one.where) for one in wishes.rules if not one.on)}
        self._known = {Key(one.kind, one.where): one for one in wishes.rules}
        self._found: dict[Key, Rule] = {}

    def is_on(self, kind: str, where: str) -> bool:
        """Whether a rule is to be followed."""
        return kind not in self._kinds and Key(kind, where) not in self._off

    def known(self, kind: str, where: str) -> Rule | None:
        """The rule of before at this place, if it is on."""
        rule = self._known.get(Key(kind, where))
        return rule if rule is not None and self.is_on(kind, where) else None

    def known_of(self, kind: str) -> list[Rule]:
        """All rules of before of a kind, those that are off too."""
        return [rule for rule in self._known.values() if rule.kind == kind]

    def add(self, kind: str, where: str, what: str, why: str, samples: Iterable[Sample]) -> bool:
        """Keep a decision; whether it is to be followed."""
        ids = tuple(dict.fromkeys(one.id for one in samples))
        is_on = self.is_on(kind, where)
        found = self._found.get(Key(kind, where))
        if found is not None:
            ids = tuple(dict.fromkeys((*found.ids, *ids)))
        self._found[Key(kind, where)] = Rule(kind, where, what, why, len(ids), ids, is_on)
        return is_on

    def rules(self) -> tuple[Rule, ...]:
        """What was found, in the order of the TABLE, then of the places as they came up; and after it the
        rules of before that nothing was found for now."""
        order = list(KINDS)
        found = sorted(self._found.values(), key=lambda rule: order.index(rule.kind))
        kept = [replace(rule, count=0, ids=()) for key, rule in self._known.items() if key not in self._found]
        return (*found, *kept)


def numbered(wishes: Wishes, rules: tuple[Rule, ...]) -> set[Key]:
    """The keys of the rules that the wishes switch off by number. Raises UnknownRule."""
    off = set()
    for word in sorted(wishes.without - KINDS.keys()):
        number = int(word) if word.isascii() and word.isdigit() and len(word) < 10 else 0
        if not 1 <= number <= len(rules):
            there = f"numbers of rules are from 1 to {len(rules)}" if rules else "there are no rules"
            raise UnknownRule(f"{word!r} is no rule: {there}, kinds are {', '.join(sorted(SWITCHED))}")
        off.add(Key(rules[number - 1].kind, rules[number - 1].where))
    for kind in sorted(({key.kind for key in off} | (wishes.without & KINDS.keys())) - SWITCHED):
        raise UnknownRule(f"rules of the kind {kind!r} cannot be switched off: replies would be wrong")
    return off
