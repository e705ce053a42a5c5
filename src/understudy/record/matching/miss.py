"""Why there is no recorded answer for a request: what is nearest, how it differs, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from difflib import SequenceMatcher
from heapq import nlargest
from itertools import islice
from sys import intern
from typing import Any, NamedTuple

from understudy.match.kinds.json_tree import MISSING
from understudy.match.shown import brief
from understudy.record.exchange import RecordedExchange, RecordedRequest
from understudy.record.matching.differences import Difference, differences
from understudy.record.matching.keys import (
    BODY,
    HEADERS,
    HOST,
    METHOD,
    QUERY,
    RANGE,
    Key,
    Keys,
    as_recorded,
    as_request,
)
from understudy.request import Request
from understudy.steps import Reply, json_reply

MAX_LOOKED_AT = 20_000
"""Exchanges whose segments of the path are counted for one miss."""
MAX_COMPARED = 200
"""Exchanges whose paths are compared letter by letter: a flood of misses must stay cheap."""
MAX_READ = 12
"""Exchanges whose bodies are read and compared."""
MAX_NEAREST = 3
IF_NONE_MATCH, IF_MODIFIED_SINCE = "if-none-match", "if-modified-since"


class Shelved(NamedTuple):
    """An exchange in its place in the order of recording, with its key."""

    number: int
    name: str
    key: Key
    exchange: RecordedExchange
    segments: tuple[str, ...]
    """Of the path, in lower case."""
    condition: str | None
    """Of a 304 to a request with a condition, the recorded `If-None-Match`, or "" if it was about a date.
    None for all other answers."""

    def fits(self, request: Request) -> bool:
        """Whether it can be an answer to a request whose key it has.

        A client that has no copy must not be told that its copy is still good (RFC 9110 section 15.4.5), nor
        one whose copy is of another version.
        """
        if self.condition is None:
            return True
        etag = request.header(IF_NONE_MATCH)
        if etag is not None and self.condition:
            return etag == self.condition
        return etag is not None or request.header(IF_MODIFIED_SINCE) is not None


def shelved(number: int, name: str, key: Key, exchange: RecordedExchange) -> Shelved:
    """An exchange with what is looked at of it for misses."""
    path = exchange.request.target.partition("?")[0]
    condition = None
    if exchange.reply is not None and exchange.reply.status == 304:
        asked = _head(exchange.request)
        etag, since = asked.header(IF_NONE_MATCH), asked.header(IF_MODIFIED_SINCE)
        if etag is not None or since is not None:  # else whoever asks the same gets the same
            condition = etag or ""
    return Shelved(number, name, key, exchange, tuple(map(intern, path.lower().split("/"))), condition)


class Miss(NamedTuple):
    """There is no recorded answer for a request, or no more of them.

    Nothing is compared until it is asked for. `recorded` are the exchanges of this very request, all of which
    were taken; none if it was never recorded.
    """

    keys: Keys
    redact: Callable[[RecordedRequest], RecordedRequest]
    entries: Collection[Shelved]
    request: Request
    recorded: tuple[RecordedExchange, ...]

    @property
    def exchange(self) -> None:
        """None, where `Found` has one."""
        return None

    @property
    def short(self) -> str:
        """The same in a few words, for the log."""
        if self.recorded:
            return f"no recording is left: recorded {_times(len(self.recorded))}, and all were taken"
        return "never recorded"

    @property
    def is_consumed(self) -> bool:
        """Whether the request was recorded, but not as often as it was asked."""
        return bool(self.recorded)

    def reply(self) -> Reply:
        """404, as from a server that has no such thing."""
        return json_reply(404, self.as_json())

    def as_json(self) -> dict[str, Any]:
        """What a client is told.

        `{"error": "No recording found", "reason": "never recorded" | "already consumed", "method", "target",
        "recordings": n in all, "nearest": [{"recording": id, "method", "target", "differs": [{"field",
        "recorded", "asked"}]}], "hint"}`. Of a consumed one, instead of `nearest`: `times`, how often it was
        recorded, and `recorded`, the ids. Secrets are not shown: values are as they would be recorded.
        """
        asked = self.redact(as_recorded(self.request))
        said: dict[str, Any] = {
            "error": "No recording found",
            "reason": "already consumed" if self.recorded else "never recorded",
            "method": asked.method,
            "target": brief(asked.target),
            "recordings": len(self.entries),
        }
        if self.recorded:
            times = len(self.recorded)
            said |= {"times": times, "recorded": [exchange.id for exchange in self.recorded[:100]]}
            said["hint"] = (
                f"it was recorded {_times(times)} and asked more often: record it again, or write "
                "`then: repeat` or `then: cycle` instead of `error`"
            )
            return said
        nearest = self._nearest(asked)
        said["nearest"] = [
            {
                "recording": exchange.id,
                "method": exchange.request.method,
                "target": brief(exchange.request.target),
                "differs": [_shown(difference) for difference in found],
            }
            for exchange, found in nearest
        ]
        said["hint"] = self._hint(nearest)
        return said

    def _nearest(self, asked: RecordedRequest) -> list[tuple[RecordedExchange, list[Difference]]]:
        request = as_request(asked)
        key = self.keys.of_recorded(asked)
        pool: Sequence[Shelved] = list(islice(self.entries, MAX_LOOKED_AT))
        alike = _alike_to(key)
        if len(pool) > MAX_COMPARED:
            segments = set(request.path.lower().split("/"))
            pool = nlargest(
                MAX_COMPARED,
                pool,
                key=lambda entry: (len(segments.intersection(entry.segments)), alike(entry.key)),
            )
        likeness = {path: _likeness(request.path, path) for path in {_path_of(entry) for entry in pool}}
        pool = nlargest(
            MAX_READ, pool, key=lambda entry: (likeness[_path_of(entry)], alike(entry.key), -entry.number)
        )
        scored = []
        for entry in pool:
            found = differences(self.keys, entry.exchange.request, request)
            if not found and not entry.fits(request):
                found = [_other_condition(entry, request)]
            scored.append((-likeness[_path_of(entry)], len(found), entry.number, entry.exchange, found))
        scored.sort(key=lambda row: row[:3])
        return [(exchange, found) for *_, exchange, found in scored[:MAX_NEAREST]]

    def _hint(self, nearest: Sequence[tuple[RecordedExchange, list[Difference]]]) -> str:
        if is_preflight(self.request):
            return (
                "a page of another origin asks first whether it may: --cors, or `cors: true`, lets all pages"
            )
        record = (
            "record it: ask again in the mode `once` (`understudy record --target URL --mode once`),"
            " with the real server in reach"
        )
        if not self.entries:
            return f"nothing was recorded yet; {record}"
        loosened = _loosened(nearest[0][1]) if nearest else ""
        return f"{record}; or loosen `match`: {loosened}" if loosened else record


def is_preflight(request: Request) -> bool:
    """Whether a browser asks if it may send a request of a page (Fetch, section 3.2.2)."""
    asked = request.header("access-control-request-method")
    return request.method == "OPTIONS" and asked is not None and request.header("origin") is not None


def _head(recorded: RecordedRequest) -> Request:
    return Request(recorded.method, b"/", recorded.headers)


def _other_condition(entry: Shelved, asked: Request) -> Difference:
    """Why a 304 is no answer to a request that is otherwise the recorded one."""
    name = IF_NONE_MATCH if entry.condition else IF_MODIFIED_SINCE
    values = [request.header(name) for request in (_head(entry.exchange.request), asked)]
    ours, theirs = (MISSING if value is None else value for value in values)
    return Difference(f"headers.{name}", ours, theirs)


def _loosened(found: Sequence[Difference]) -> str:
    """The rules under which these differences would not count; "" if there are no such rules."""
    rules: dict[str, list[str]] = {}
    for difference in found:
        part, _, name = difference.field.partition(".")
        if part == "query" and name:
            rules.setdefault("ignore_query", []).append(name)
        elif part == "body" and difference.ignore:
            rules.setdefault("ignore_body", []).append(difference.ignore)
        elif part == "body":
            rules["body"] = ["false"]
        elif part == "headers" and name not in (RANGE, IF_NONE_MATCH, IF_MODIFIED_SINCE):
            rules.setdefault("headers without", []).append(name)
        else:
            return ""
    return ", ".join(f"`{rule}: {_listed(rule, names)}`" for rule, names in rules.items())


def _listed(rule: str, names: list[str]) -> str:
    return names[0] if rule == "body" else f"[{', '.join(dict.fromkeys(names))}]"


def _shown(difference: Difference) -> dict[str, Any]:
    shown: dict[str, Any] = {"field": difference.field}
    for side, value in (("recorded", difference.recorded), ("asked", difference.asked)):
        shown[side] = None if value is MISSING else brief(value)
    return shown


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"


def _path_of(entry: Shelved) -> str:
    return entry.exchange.request.target.partition("?")[0]


def _alike_to(asked: Key) -> Callable[[Key], int]:
    """How much of a key is as in this one: the method first, then parts, then parameters of the query."""
    method, host, _, query, headers, body = asked
    names = frozenset(query) if isinstance(query, tuple) else frozenset()

    def alike(key: Key) -> int:
        score = 10_000 if key[METHOD] == method else 0
        score += 1000 * ((key[BODY] == body) + (key[HEADERS] == headers) + (key[HOST] == host))
        other: Any = key[QUERY]
        if other == query:
            return score + 1000
        return score + len(names.intersection(other)) if names and other else score

    return alike


def _likeness(asked: str, recorded: str) -> float:
    """How much of a path is as it was recorded, from 0 to 1: by segments, and in them letter by letter."""
    ours, theirs = asked.lower().strip("/").split("/"), recorded.lower().strip("/").split("/")
    total = 0.0
    for one, other in zip(ours[:64], theirs[:64], strict=False):
        if one == other:
            total += 1
        elif one[:1] == other[:1] or one[-1:] == other[-1:]:
            total += SequenceMatcher(None, one[:64], other[:64]).ratio() * 0.9
    return total / max(len(ours), len(theirs))
