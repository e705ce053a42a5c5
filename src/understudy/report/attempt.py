"""One request of the journal as the report sees it: when it began and ended, how, and what belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from understudy.journal import (
    BROKEN_OFF,
    CLIENT_CLOSED,
    CLIENT_CLOSED_DURING_REPLY,
    CUT,
    RESET,
    SENT,
    Entry,
    status_of,
)
from understudy.report.hints import Hint, read_hint
from understudy.request import Request

if TYPE_CHECKING:
    from understudy.record.redact import Redactor

SUCCESS = "success"
"""A reply that needs no retry: 1xx to 3xx."""
DOUBTFUL = "spoiled"
"""A reply that would be a success, had a fault not spoiled it: whether the client took it, it alone knows."""
TRANSIENT = "transient"
"""A status that may be gone at the next attempt, such as 503."""
PERMANENT = "permanent"
"""A status that stays as long as the request does, such as 400."""
BROKEN = "broken"
"""A fault has reset or closed the connection."""
GIVEN_UP = "given up"
"""The client hung up before it had the whole reply."""

MAY_PASS = frozenset({TRANSIENT, BROKEN, GIVEN_UP})
"""Results after which trying again makes sense."""
TRANSIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 507, 509, *range(520, 531), 598, 599})
"""RFC 9110 section 15 and RFC 6585 for those up to 504; the others are what proxies and CDNs answer."""
HARMLESS = frozenset(
    {
        *("latency", "rate_limit", "capacity", "dribble", "bandwidth", "stall", "fragment"),
        *("slow_read", "unread", "early_reply", "slow_close", "stale_connection", "duplicate_header"),
    }
)
"""Kinds of injected faults that leave a whole reply that can be read, however late."""
CORRELATION = (
    "x-request-id",
    "x-correlation-id",
    "request-id",
    "traceparent",
    "amz-sdk-invocation-id",
    "x-ms-client-request-id",
)
"""Headers in which many clients name an operation. Some name each attempt instead: see `operations`."""
KEYS = ("idempotency-key", "x-idempotency-key", "paypal-request-id", "x-goog-gcs-idempotency-token")
CREDENTIALS = frozenset({"authorization", "cookie", "x-api-key", "proxy-authorization"})
MAX_LABEL_CHARACTERS = 120


class Signature(NamedTuple):
    """What two attempts at one operation have in common. `shown` is the target without its secrets."""

    client: str
    method: str
    target: str
    body: bytes
    key: str
    shown: str

    @property
    def label(self) -> str:
        """What the operation is called: method and target, cut."""
        text = f"{self.method} {self.shown}"
        return text if len(text) <= MAX_LABEL_CHARACTERS else text[: MAX_LABEL_CHARACTERS - 1] + "…"


class Asked(NamedTuple):
    """What the report needs of a request, read once: many entries share one.

    `number` is which attempt a header says it is, from 1; None if none does.
    """

    signature: Signature
    correlation: tuple[tuple[str, str], ...]
    credentials: bytes
    number: int | None
    wants_close: bool


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """One request and its result. Times are in seconds since 1970.

    `hint` is how long the reply asked the client to wait.
    """

    entry: Entry
    asked: Asked
    status: int | None
    result: str
    hint: Hint | None

    @property
    def id(self) -> int:
        """The entry's number in the log."""
        return self.entry.number

    @property
    def at(self) -> float:
        """When it arrived."""
        return self.entry.at

    @property
    def ends_at(self) -> float:
        """When the reply was sent, or the client gave up."""
        return self.entry.at + self.entry.duration_s

    @property
    def is_success(self) -> bool:
        """Whether nothing is left to be tried."""
        return self.result == SUCCESS

    @property
    def may_pass(self) -> bool:
        """Whether it failed in a way that the next attempt may not."""
        return self.result in MAY_PASS

    @property
    def injected(self) -> tuple[str, ...]:
        """The faults that were injected into it."""
        plan = self.entry.plan
        return tuple(one.kind for one in plan.injected) or plan.faults

    @property
    def shown(self) -> str:
        """The result in a word or two: `503`, `reset by a fault`, `gave up after 200 ms`."""
        if self.result == GIVEN_UP:
            return f"gave up after {milliseconds(self.entry.duration_s)}"
        return self.entry.outcome if self.result == BROKEN else str(self.status)


def read_attempts(entries: Iterable[Entry], client_of: Callable[[Request], str]) -> list[Attempt]:
    """Entries as attempts, in the order in which they arrived."""
    known: dict[int, Asked] = {}
    attempts = []
    for entry in entries:
        request = entry.request
        asked = known.get(id(request))  # the entry keeps the request, and so its id, alive
        if asked is None:
            asked = known[id(request)] = _read(request, client_of(request), entry.plan.redactor)
        result = result_of(entry)
        status = status_of(entry) if result != BROKEN else None
        attempts.append(Attempt(entry, asked, status, result, _hint(entry, result)))
    attempts.sort(key=lambda attempt: (attempt.at, attempt.id))
    return attempts


def result_of(entry: Entry) -> str:
    """How an attempt ended, in one of the words above."""
    if entry.outcome in (CLIENT_CLOSED, CLIENT_CLOSED_DURING_REPLY):
        return GIVEN_UP
    if entry.outcome in (RESET, CUT, BROKEN_OFF):
        return BROKEN
    status = status_of(entry)
    if status is None:
        return BROKEN
    if status in TRANSIENT_STATUSES:
        return TRANSIENT
    if status >= 400:
        return PERMANENT
    if status < 300 and any(injected.kind not in HARMLESS for injected in entry.plan.injected):
        return DOUBTFUL
    return SUCCESS


def by_address_and_agent(request: Request) -> str:
    """Who asks, where the config does not say what tells clients apart."""
    agent = _first(request, b"user-agent")[:100]
    return f"{agent} ({request.client})" if agent else request.client


def milliseconds(seconds: float) -> str:
    """A length of time for a reader: `0.4 ms`, `12 ms`, `1.25 s`."""
    if seconds >= 1:
        return f"{seconds:.3g} s" if seconds < 1000 else f"{seconds:.0f} s"
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.00995 else f"{max(0.0, seconds) * 1000:.1f} ms"


def _hint(entry: Entry, result: str) -> Hint | None:
    reply = entry.plan.reply
    if reply is None or entry.outcome != SENT or result in (SUCCESS, DOUBTFUL):
        return None
    return read_hint(reply.status, reply.headers, entry.at + entry.duration_s)


def _read(request: Request, client: str, redactor: Redactor | None) -> Asked:
    """Read raw headers, not the request's views: those belong to the thread that serves."""
    key = ""
    correlation = []
    credentials = blake2b(digest_size=8)
    number: int | None = None
    wants_close = False
    for raw_name, raw_value in request.raw_headers:
        name = raw_name.lower().decode("latin-1")
        value = raw_value.decode("latin-1")
        if name in KEYS:
            key = value
        elif name in CORRELATION:
            # of a traceparent only the trace is the same over attempts (W3C Trace Context, section 3.2.2)
            correlation.append((name, value[3:35] if name == "traceparent" else value))
        elif name in CREDENTIALS:
            credentials.update(raw_value)
        elif name == "x-stainless-retry-count":
            number = _whole(value, 1)
        elif name == "amz-sdk-request":
            number = _whole(value.partition("attempt=")[2].partition(";")[0], 0)
        elif name == "connection":
            wants_close = "close" in value.lower()
    body = blake2b(request.body, digest_size=16).digest() if request.body else b""
    target = request.target
    shown = target if redactor is None else redactor.target(target)
    signature = Signature(client, request.method, target, body, key, shown)
    return Asked(signature, tuple(correlation), credentials.digest(), number, wants_close)


def _whole(text: str, more: int) -> int | None:
    text = text.strip()
    return int(text) + more if text.isascii() and text.isdigit() and len(text) < 7 else None


def _first(request: Request, wanted: bytes) -> str:
    for name, value in request.raw_headers:
        if name.lower() == wanted:
            return value.decode("latin-1")
    return ""
