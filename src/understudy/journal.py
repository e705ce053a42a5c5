"""What happened, kept raw and bounded; formatted only when somebody reads it.

An entry is a tuple that shares the request and the plan with whatever made them: for a remembered reply
that costs nothing but the tuple. Bounds: a number of entries and a number of bytes.
"""

from __future__ import annotations

import base64
from collections import Counter, deque
from collections.abc import Callable, Container
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from understudy.model import Log
from understudy.request import Request
from understudy.steps import Callback, Plan

ENTRY_BYTES = 200
"""What an entry costs beside the bodies and heads that it holds, roughly."""

SENT = "sent"
CLIENT_CLOSED = "client closed"
"""The client hung up before anything was sent: there is no status and no response."""
CLIENT_CLOSED_DURING_REPLY = "client closed during the reply"
RESET = "reset by a fault"
"""A fault has reset the connection (TCP RST), before or during the reply."""
CUT = "closed by a fault"
"""A fault has closed the connection before the reply was complete, or instead of one."""
BROKEN_OFF = "broken off upstream"
"""The server that the request was sent on to has closed or reset its connection, and so was this one."""


class Entry(NamedTuple):
    """One request and what became of it. Times are in seconds; `at` counts from the epoch."""

    number: int
    at: float
    request: Request
    plan: Plan
    connection: int
    client: str
    duration_s: float
    outcome: str
    size: int


Listener = Callable[[Entry], None]


class Journal:
    """The last requests, the oldest first."""

    __slots__ = (
        "_entries",
        "_max_body_bytes",
        "_max_bytes",
        "_max_entries",
        "bytes",
        "listeners",
        "seed",
        "space_header",
        "total",
    )

    def __init__(self, log: Log | None = None, *, seed: int = 0, space_header: bytes = b"") -> None:
        self.seed = seed
        self.space_header = space_header
        self._take_over(log or Log())
        self._entries: deque[tuple[Any, ...]] = deque()  # fields of an Entry, without the cost of one
        self.listeners: tuple[Listener, ...] = ()
        self.bytes = 0
        self.total = 0

    def configure(self, log: Log, space_header: bytes = b"") -> None:
        """Take over new bounds, and the header that names spaces (in lower case), as after a reload."""
        self.space_header = space_header
        self._take_over(log)
        self._shrink()

    def add(
        self,
        at: float,
        request: Request,
        plan: Plan,
        connection: int,
        client: str,
        duration_s: float,
        outcome: str = SENT,
        size: int = ENTRY_BYTES,
    ) -> None:
        """Remember one request. `size` is the bytes that no other entry shares."""
        self.total += 1
        entry = (self.total, at, request, plan, connection, client, duration_s, outcome, size)
        self._entries.append(entry)
        self.bytes += size
        if len(self._entries) > self._max_entries or self.bytes > self._max_bytes:
            self._shrink()
        for listener in self.listeners:
            listener(Entry._make(entry))

    def clear(self, **filters: Any) -> int:
        """Forget everything, or what fits all filters (see `fits`); how many entries that were."""
        before = len(self._entries)
        if filters:
            kept = [entry for entry in self._entries if not self.fits(Entry._make(entry), **filters)]
        else:
            kept = []
        self._entries = deque(kept)
        self.bytes = sum(entry[-1] for entry in kept)
        return before - len(kept)

    def spaces(self) -> Counter[str]:
        """How many entries each space has; "" is that of requests that name none."""
        header = self.space_header
        return Counter(entry[2].space(header) for entry in self._entries)

    def hits(self, space: str | None = None) -> Counter[str | None]:
        """How many entries each endpoint has; None is for requests that no endpoint took."""
        header = self.space_header
        return Counter(
            entry[3].endpoint for entry in self._entries if space is None or entry[2].space(header) == space
        )

    def __len__(self) -> int:
        """How many entries are kept."""
        return len(self._entries)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` for each new entry until the function that is returned is called."""
        self.listeners = (*self.listeners, listener)

        def stop() -> None:
            self.listeners = tuple(known for known in self.listeners if known is not listener)

        return stop

    def select(self, *, limit: int | None = None, **filters: Any) -> list[Entry]:
        """The entries that fit all filters (see `fits`), oldest first; with `limit`, the newest of them."""
        newest_first = map(Entry._make, reversed(self._entries))
        found = list(islice((entry for entry in newest_first if self.fits(entry, **filters)), limit))
        found.reverse()
        return found

    def fits(
        self,
        entry: Entry,
        *,
        method: str | None = None,
        path: str | None = None,
        statuses: Container[int | None] | None = None,
        endpoint: str | None = None,
        matched: bool | None = None,
        since: float | None = None,
        space: str | None = None,
    ) -> bool:
        """Whether an entry is what somebody asks for; None asks for nothing."""
        request, plan = entry.request, entry.plan
        return (
            (method is None or request.method == method)
            and (path is None or request.path == path)
            and (statuses is None or status_of(entry) in statuses)
            and (endpoint is None or plan.endpoint == endpoint)
            and (matched is None or (plan.endpoint is not None) is matched)
            and (since is None or entry.at >= since)
            and (space is None or request.space(self.space_header) == space)
        )

    def as_json(self, entry: Entry) -> dict[str, Any]:
        """One entry for `/__logs`: the original's five keys first, in its order."""
        request, plan = shown_of(entry)
        kept = self._max_body_bytes
        query = {name: values[0] if len(values) == 1 else values for name, values in request.query.items()}
        return {
            "timestamp": datetime.fromtimestamp(entry.at, UTC).isoformat(),
            "method": request.method,
            "path": request.path,
            "status": status_of(entry),
            "latency_ms": round(plan.latency_s * 1000, 3),
            "id": entry.number,
            "endpoint": plan.endpoint,
            "matched": plan.endpoint is not None,
            "source": plan.source or None,
            "query": query,
            "headers": _headers(request.headers),
            "body": _body(request.body, kept),
            "response": None if entry.outcome == CLIENT_CLOSED else _response(plan, kept),
            "faults": list(plan.faults),
            "injected": [injected.as_json() for injected in plan.injected],
            "violations": list(plan.violations),
            "error": plan.error,
            "duration_ms": round(entry.duration_s * 1000, 3),
            "outcome": entry.outcome,
            "decision": None if plan.n is None else {"seed": self.seed, "n": plan.n},
            "client": entry.client,
            "connection": entry.connection,
            "callbacks": [_callback(callback) for callback in plan.callbacks],
            **_asked_of_a_proxy(request),
        }

    def _take_over(self, log: Log) -> None:
        self._max_entries, self._max_bytes = log.max_entries, log.max_bytes
        self._max_body_bytes = log.max_body_bytes

    def _shrink(self) -> None:
        while self._entries and (len(self._entries) > self._max_entries or self.bytes > self._max_bytes):
            self.bytes -= self._entries.popleft()[-1]


def shown_of(entry: Entry) -> tuple[Request, Plan]:
    """The request and the plan as they may be shown: those that were sent on have no secrets in them."""
    request, plan = entry.request, entry.plan
    if plan.redactor is None:
        return request, plan
    from understudy.record.redact import shown

    return shown(plan.redactor, request, plan)


def _asked_of_a_proxy(request: Request) -> dict[str, str]:
    """The whole address, where a client named another server than this one."""
    target = request.target
    return {"url": target} if "://" in target and not target.startswith("/") else {}


def status_of(entry: Entry) -> int | None:
    """The status that was sent; None if none was."""
    reply = entry.plan.reply
    return None if reply is None or entry.outcome == CLIENT_CLOSED else reply.status


def _headers(pairs: list[tuple[str, str]]) -> dict[str, str | list[str]]:
    """Headers by name; a repeated one as a list."""
    merged: dict[str, str | list[str]] = {}
    for name, value in pairs:
        known = merged.get(name)
        if known is None:
            merged[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            merged[name] = [known, value]
    return merged


def _callback(callback: Callback) -> dict[str, Any]:
    """A callback and what has become of it so far."""
    at, lasted = callback.started_at, callback.duration_s
    return {
        "url": callback.url,
        "method": callback.method,
        "status": callback.status,
        "attempts": callback.attempts,
        "error": callback.error,
        "started_at": None if at is None else datetime.fromtimestamp(at, UTC).isoformat(),
        "duration_ms": None if lasted is None else round(lasted * 1000, 3),
    }


def _body(body: bytes, kept: int) -> str | dict[str, str] | None:
    """A body for JSON: text as it is, other bytes as `{"base64": …}`."""
    if not body:
        return None
    cut = body[:kept]
    try:
        return cut.decode()
    except UnicodeDecodeError as error:
        if len(body) > kept and error.start > len(cut) - 4:  # a character was cut in two
            return cut[: error.start].decode()
        return {"base64": base64.b64encode(cut).decode()}


def _response(plan: Plan, kept: int) -> dict[str, Any] | None:
    if plan.reply is None:
        return None
    reply = plan.reply
    return {
        "status": reply.status,
        "headers": _headers(
            [(name.decode("latin-1"), value.decode("latin-1")) for name, value in reply.headers]
        ),
        "size": reply.length,
        "body": _body(reply.body, kept),
    }
