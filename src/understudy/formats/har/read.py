"""An archive as a config: an endpoint for each method and path, and for what else leads to other answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from understudy.errors import ConfigError
from understudy.formats.har.apart import Told, tell_apart
from understudy.formats.har.entries import Recorded, read_answer, read_entry
from understudy.formats.har.hosts import at_host, cors_of, is_host, ranks
from understudy.formats.har.notes import Notes
from understudy.formats.imported import Imported, Options, Origin, literal_path
from understudy.formats.spot import LeftOut, Spot
from understudy.load.fault import Fault
from understudy.load.source import Source

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_har(source: Source, options: Options) -> Imported:
    """A HAR of version 1.1 or 1.2 as a config. Raises ConfigError."""
    spot = Spot(source)
    notes = Notes()
    try:
        recorded = _recorded(spot, notes, options)
    except LeftOut as left:
        raise ConfigError([source.problem(Fault(left.message, left.spot.keys))]) from None
    made = _Archive(recorded, notes, options.latency)
    endpoints = made.endpoints()
    notes.tell()
    cors = cors_of(one.headers for one in recorded)
    return Imported(
        config={**({"cors": cors} if cors else {}), "endpoints": endpoints},
        warnings=tuple(spot.warnings),
        origins=tuple(made.origins),
        comments=tuple(made.comments),
        read=(source.file,) if source.file is not None else (),
    )


def _recorded(spot: Spot, notes: Notes, options: Options) -> list[Recorded]:
    """The exchanges that can be answered again, in the order of time. Raises LeftOut."""
    log = spot.at("log").mapping(spot.mapping(spot.source.data).get("log"))
    entries = spot.at("log", "entries")
    found: list[Recorded] = []
    for number, one in enumerate(entries.sequence(log.get("entries"))):
        try:
            found.append(read_entry(one, notes, entries.at(number)))
        except LeftOut as left:
            notes.add(f"this entry is left out: {left.message}", left.spot)
    chosen = found
    if options.hosts:
        chosen = [one for one in chosen if any(is_host(one.host, wanted) for wanted in options.hosts)]
        if not chosen:
            hosts = ", ".join(dict.fromkeys(one.host for one in found)) or "none"
            entries.leave(
                f"no request went to {' or '.join(options.hosts)}; those in the file went to {hosts}"
            )
    if not options.assets:
        chosen = [one for one in chosen if not one.is_asset]
    return _in_time(chosen)


def _in_time(recorded: list[Recorded]) -> list[Recorded]:
    """Sorted by when they began, as archives need not be; one that does not say stays where it is."""
    last = _EPOCH
    keys = []
    for one in recorded:
        last = one.started or last
        keys.append(last)
    order = sorted(range(len(recorded)), key=keys.__getitem__)
    return [recorded[number] for number in order]


Answered = tuple[Recorded, dict[str, Any]]
"""An exchange, and the keys of the answer that sends its reply."""


class _Archive:
    """The exchanges of an archive on their way to be endpoints."""

    def __init__(self, recorded: list[Recorded], notes: Notes, latency: bool) -> None:
        self.origins: list[Origin | None] = []
        self.comments: list[str] = []
        self._recorded = recorded
        self._notes = notes
        self._latency = latency
        self._hosts = frozenset(one.host for one in recorded)
        self._ranks = ranks((one.host, one.is_call) for one in recorded)
        self._endpoints: list[dict[str, Any]] = []

    def endpoints(self) -> list[dict[str, Any]]:
        """All endpoints, in the order of the first request of each path."""
        groups: dict[tuple[str, str], dict[str, list[Answered]]] = {}
        for one in self._recorded:
            try:
                answer = read_answer(one, self._hosts, self._notes)
            except LeftOut as left:
                self._notes.add(f"this entry is left out: {left.message}", left.spot)
                continue
            place = groups.setdefault((one.request.method, one.request.path), {})
            place.setdefault(one.host, []).append((one, answer))
        for by_host in groups.values():
            # who has most of the API answers whoever asks; the others, asked before it, only under their name
            *others, main = sorted(by_host, key=self._ranks.__getitem__, reverse=True)
            made = self._written(by_host[main])
            for host in others:
                other = self._written(by_host[host])
                if [endpoint for endpoint, _ in other] == [endpoint for endpoint, _ in made]:
                    continue
                named = [(at_host(endpoint, host), told) for endpoint, told in other]
                self._add(by_host[host], named)
                self._notes.add(
                    f"{host} and {main} have the same path: {host} answers only requests with its name"
                    " in `Host`",
                    by_host[host][0][0].spot,
                )
            self._add(by_host[main], made)
        return self._endpoints

    def _add(self, exchanges: list[Answered], written: list[tuple[dict[str, Any], Told]]) -> None:
        """Add the endpoints of one host, method and path."""
        for endpoint, told in written:
            first = exchanges[told.numbers[0]][0]
            self._endpoints.append(endpoint)
            self.origins.append(first.spot.origin)
            self.comments.append(self._comment(first, len(told.numbers)))
            if told.by_credential and len(told.answers) > 1:
                self._notes.add(
                    "requests that only a credential tells apart are answered in turn, as credentials are not"
                    " written into a config",
                    first.spot,
                )

    def _written(self, exchanges: list[Answered]) -> list[tuple[dict[str, Any], Told]]:
        """The endpoints of one host, method and path, and what they were made of."""
        texts = [json.dumps(answer) for _, answer in exchanges]
        by_text = {text: answer for text, (_, answer) in zip(texts, exchanges, strict=True)}
        found = []
        for told in tell_apart([one.request for one, _ in exchanges], texts):
            first = exchanges[told.numbers[0]][0]
            endpoint: dict[str, Any] = {"path": literal_path(first.path)}
            if first.request.method != "GET":
                endpoint["method"] = first.request.method
            if told.match:
                endpoint["match"] = told.match
            if self._latency:
                waits = sorted(
                    wait for number in told.numbers if (wait := exchanges[number][0].wait_ms) is not None
                )
                if waits:
                    endpoint["latency_ms"] = waits[len(waits) // 2]
            answers = [by_text[str(text)] for text in told.answers]
            endpoint |= answers[0] if len(answers) == 1 else {"responses": answers}
            found.append((endpoint, told))
        return found

    def _comment(self, first: Recorded, count: int) -> str:
        host = f"from {first.host}" if len(self._hosts) > 1 else ""
        asked = f"asked {count} times" if count > 1 else ""
        return ", ".join(filter(None, (host, asked)))
