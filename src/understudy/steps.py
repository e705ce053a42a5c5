"""The vocabulary of a Plan: what the net can be asked to do for one request.

`engine.decide` answers with a Plan and does no I/O; one executor (`net.http1`) performs the steps in order.
A fault is a function from steps to steps. If one needs a new power it becomes a step here and a branch in
the executor, never a special case.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec

Header = tuple[bytes, bytes]
JSON_TYPE: Header = (b"Content-Type", b"application/json")


def _status_lines() -> dict[int, bytes]:
    reasons = {status.value: status.phrase for status in HTTPStatus}
    # Older Pythons have older names (RFC 9110 sections 15.5.14, 15.5.15, 15.5.17 and 15.5.21).
    reasons |= {413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable"}
    reasons |= {422: "Unprocessable Content"}
    # Some servers answer with what is no status of HTTP; it is passed on.
    return {code: f"HTTP/1.1 {code} {reasons.get(code, 'Unknown')}\r\n".encode() for code in range(100, 1000)}


STATUS_LINES = _status_lines()
BODILESS = frozenset({204, 304})
"""Statuses of final replies that have no body and no Content-Length (RFC 9110 sections 15.3.5, 15.4.5)."""


class Reply:
    """A whole reply, with its parts beside its HTTP/1 bytes. As a step: send it.

    `start` is the status line and the headers without the length, `Date`, `Connection` and the empty line.
    The net keeps `wire`, all the bytes with one second's `Date`, which `wire_stamp` names, of those that many
    requests share.
    """

    __slots__ = ("body", "dated", "headers", "is_shared", "length", "start", "status", "wire", "wire_stamp")

    def __init__(
        self,
        status: int,
        headers: tuple[Header, ...],
        body: bytes,
        *,
        length: int | None = None,
        dated: bool = False,
    ) -> None:
        """`length` is that of a body sent by other means; `dated` says that `headers` has a Date."""
        self.status = status
        self.headers = headers
        self.body = b"" if status in BODILESS else body
        self.length = len(self.body) if length is None else length
        lines = [name + b": " + value + b"\r\n" for name, value in headers]
        self.start = STATUS_LINES[status] + b"".join(lines)
        self.dated = dated
        self.is_shared = False
        self.wire = b""
        self.wire_stamp = b""

    def head(self) -> bytes:
        """The status line and headers with the length; what belongs to the connection comes behind."""
        if self.status in BODILESS:
            return self.start
        return b"%bContent-Length: %d\r\n" % (self.start, self.length)

    def whole(self, date: bytes) -> bytes:
        """All that is sent to a client that keeps the connection; `date` is the line to use if it has
        none."""
        return b"".join((self.head(), b"" if self.dated else date, b"\r\n", self.body))

    def with_body(self, body: bytes) -> Reply:
        """The same reply with another body. Cheaper than a new one: the lines before the length are kept."""
        reply = Reply.__new__(Reply)
        reply.status = self.status
        reply.headers = self.headers
        reply.dated = self.dated
        reply.is_shared = False
        reply.start = self.start
        reply.wire_stamp = b""
        reply.body = b"" if self.status in BODILESS else body
        reply.length = len(reply.body)
        return reply

    def without_headers(self, names: Collection[bytes]) -> Reply:
        """The same reply without the headers of these names, which are in lower case."""
        kept = tuple(header for header in self.headers if header[0].lower() not in names)
        return Reply(self.status, kept, self.body, length=self.length, dated=self.dated)

    def with_headers(self, extra: tuple[Header, ...]) -> Reply:
        """The same reply with more headers behind its own."""
        return Reply(self.status, self.headers + extra, self.body, length=self.length, dated=self.dated)


class ExactReply(Reply):
    """A reply that is sent with exactly the headers it has: a recorded one.

    Nothing is added to `headers` but what belongs to the connection, and `Date` only unless `dated`: no
    Content-Length. `framing` is the line, with its line break, that says how the body ends, where no header
    does: b"Transfer-Encoding: chunked\\r\\n", or b"". `sent` is the body as it goes over the wire, in chunks
    where `framing` says so; `body` is what is in them. `start` begins with `status_line`, if that is given.
    """

    __slots__ = ("framing", "sent")

    def __init__(
        self,
        status: int,
        headers: tuple[Header, ...],
        body: bytes,
        *,
        dated: bool = True,
        status_line: bytes | None = None,
        trailers: tuple[Header, ...] | None = None,
    ) -> None:
        """With `trailers`, which may be none, the body is sent in chunks."""
        # as `Reply` does, but the status line is put there once: this runs for each request that is sent on
        self.status, self.headers, self.dated, self.is_shared = status, headers, dated, False
        self.wire = self.wire_stamp = b""
        self.body = b"" if status in BODILESS else body
        self.length = len(self.body)
        own = [name + b": " + value + b"\r\n" for name, value in headers]
        self.start = b"".join((status_line or STATUS_LINES[status], *own))
        self.framing, self.sent = b"", self.body
        if trailers is not None and status not in BODILESS:
            self.framing = b"Transfer-Encoding: chunked\r\n"
            piece = b"%x\r\n%b\r\n" % (len(self.body), self.body) if self.body else b""
            lines = [name + b": " + value + b"\r\n" for name, value in trailers]
            self.sent = b"".join((piece, b"0\r\n", *lines, b"\r\n"))

    def head(self) -> bytes:
        return self.start + self.framing

    def whole(self, date: bytes) -> bytes:
        return b"".join((self.start, self.framing, b"" if self.dated else date, b"\r\n", self.sent))

    def with_body(self, body: bytes) -> Reply:
        """An ordinary reply with the same status and headers, and another body: its length is told."""
        framing = (b"content-length", b"transfer-encoding")
        headers = tuple(header for header in self.headers if header[0].lower() not in framing)
        reply = Reply(self.status, headers, body, dated=self.dated)
        reply.start = self._line() + reply.start[reply.start.index(b"\r\n") + 2 :]
        return reply

    def without_headers(self, names: Collection[bytes]) -> Reply:
        """The same reply without the headers of these names, which are in lower case."""
        return self._with_only(tuple(header for header in self.headers if header[0].lower() not in names))

    def with_headers(self, extra: tuple[Header, ...]) -> Reply:
        """The same reply with more headers behind its own."""
        return self._with_only(self.headers + extra)

    def _with_only(self, headers: tuple[Header, ...]) -> Reply:
        twin = ExactReply.__new__(ExactReply)
        twin.status, twin.headers, twin.body = self.status, headers, self.body
        twin.length, twin.dated, twin.is_shared = self.length, self.dated, False
        twin.wire = twin.wire_stamp = b""
        lines = [name + b": " + value + b"\r\n" for name, value in headers]
        twin.start = self._line() + b"".join(lines)
        twin.framing, twin.sent = self.framing, self.sent
        return twin

    def _line(self) -> bytes:
        """The status line."""
        return self.start[: self.start.index(b"\r\n") + 2]


def json_reply(status: int, value: Any, headers: tuple[Header, ...] = ()) -> Reply:
    """A reply with a JSON body."""
    return Reply(status, (JSON_TYPE, *headers), msgspec.json.encode(value))


class Wait(msgspec.Struct, frozen=True):
    """Let time pass. Ends early when the client hangs up or the server stops."""

    seconds: float


class SendFile(msgspec.Struct, frozen=True):
    """Send `reply`'s head, then `length` bytes of a file from `offset`, as fast as the client reads."""

    reply: Reply
    path: Path
    offset: int
    length: int


class ServeStatic(msgspec.Struct, frozen=True):
    """Look a file up in a folder and send it, or what `missing` gives if it is not there."""

    folder: Path
    relative: str
    index: str
    headers: tuple[Header, ...]
    missing: Callable[[], Reply]


class RunApp(msgspec.Struct, frozen=True):
    """Let an ASGI application answer a request (a `request.Request`), whose path begins with `root_path`.

    `headers` are those it gets beside its own; they replace its own of the same names. With `then`, its reply
    is not sent, but waited for, and the steps that `then` makes of it are performed.
    """

    app: Any
    root_path: str
    request: Any
    headers: tuple[Header, ...] = ()
    then: Callable[[Reply], tuple[Step, ...]] | None = None


class Watcher(Protocol):
    """Is told what goes over the wire when a request is sent on: what records it, or compares it."""

    @property
    def max_body_bytes(self) -> int:
        """The largest body that is of use. With a larger one, it is told of nothing."""

    def ended(self, seen: Any) -> Callable[[], Callable[[], None]] | None:
        """All is over: a `record.exchange.RecordedExchange`, whose bodies may be files that are now the
        watcher's. Called before the last bytes are passed on to the client.

        What takes long is given back, to be called in a thread before they are; and what that gives, in the
        thread of the event loop. Raises OSError and UnderstudyError.
        """

    def spool(self) -> Path:
        """A new file, for a body that is too large to be kept in memory."""


class Judgement(NamedTuple):
    """What was found in the reply of another server.

    `violations` are as in a Plan. `headers` are put on the reply; `instead` is sent in its place, with those
    headers of the step that it does not have. `source` is that of the plan, if it is another now, and `note`
    something that the log should tell.
    """

    violations: tuple[dict[str, str], ...] = ()
    headers: tuple[Header, ...] = ()
    instead: Reply | None = None
    source: str = ""
    note: str = ""


class Judge(Protocol):
    """Looks at the reply of another server before the client gets any of it."""

    def reads(self, status: int, headers: tuple[Header, ...]) -> int:
        """How many bytes of the body are waited for; a longer one is passed on unseen. 0: nothing is looked
        at but the head."""

    def judged(self, reply: Reply, *, is_whole: bool) -> Judgement:
        """What is found. Not `is_whole`: the reply has no body here, as it was not waited for."""


class Forward(msgspec.Struct, frozen=True):
    """Send a request (a `request.Request`) on to another server, and what comes back to the client, as it
    comes.

    `upstream` is a `net.upstream.Upstream` by its settings: a `record.upstream.Target`. `headers` are put
    on the reply. With `then`, the reply is not sent, but waited for, and the steps that `then` makes of it
    are performed. `watcher` is told of it all, if it is there; `judge` looks at the reply first.
    """

    upstream: Any
    request: Any
    headers: tuple[Header, ...] = ()
    then: Callable[[Reply], tuple[Step, ...]] | None = None
    watcher: Watcher | None = None
    judge: Judge | None = None


class ReplaySocket(msgspec.Struct, frozen=True):
    """Be the other side of a recorded WebSocket: `exchange` is a `record.exchange.RecordedExchange`.

    `speed` divides the recorded times; 0: no waiting.
    """

    exchange: Any
    request: Any
    speed: float = 0.0


class Callback(msgspec.Struct):
    """A request that is sent after the reply, and what became of it.

    `url` may be a path on this server. After the attempt that fails for the n-th time (from 0), `waits_s[n]`
    says how long to wait for the next one; after the last there is none. An attempt has failed if its status
    is in `retry_statuses`, or, if `retry_errors`, if there was none. `started_at` is in unix seconds.
    """

    url: str
    method: str
    headers: tuple[Header, ...]
    body: bytes
    delay_s: float
    timeout_s: float
    waits_s: tuple[float, ...] = ()
    retry_statuses: frozenset[int] = frozenset()
    retry_errors: bool = True
    status: int | None = None
    attempts: int = 0
    error: str | None = None
    started_at: float | None = None
    duration_s: float | None = None


class SendCallbacks(msgspec.Struct, frozen=True):
    """Send requests of our own, now that the reply was sent. Nothing waits for them."""

    callbacks: tuple[Callback, ...]


class Close(msgspec.Struct, frozen=True):
    """Close the connection after what was sent. The reply before it says `Connection: close`."""


class Release(msgspec.Struct, frozen=True):
    """Call `action` once, when the request is over: the reply was sent, or the client has gone."""

    action: Callable[[], None]


# --- a reply in pieces, for faults that spoil it ------------------------------------------------------------


class Head(msgspec.Struct, frozen=True):
    """Send a reply's status line and headers; what belongs to the connection comes with them.

    `framing` stands in the place of the Content-Length line: b"" for a reply that ends with the connection.
    `status_line` stands in the place of the reply's, with its line break; `lines` are more header lines,
    each with its line break, sent as they are.
    """

    reply: Reply
    framing: bytes | None = None
    status_line: bytes | None = None
    lines: bytes = b""


class Body(msgspec.Struct, frozen=True):
    """Send bytes of a body. Not performed for HEAD."""

    data: bytes


class FileBody(msgspec.Struct, frozen=True):
    """Send `length` bytes of a file from `offset` as a body. Not performed for HEAD."""

    path: Path
    offset: int
    length: int


class Write(msgspec.Struct, frozen=True):
    """Send these bytes as they are, whatever was asked."""

    data: bytes


class Paced(msgspec.Struct, frozen=True):
    """Send what is in `step` in chunks of at most `chunk_bytes`, the first at once, one each `gap_s`.

    The times are counted from the first chunk, so that delays do not add up.
    """

    step: Head | Body | FileBody | Write
    chunk_bytes: int
    gap_s: float


class HangUp(msgspec.Struct, frozen=True):
    """Close the connection once everything was sent, whatever the head said; with `half`, only our side."""

    half: bool = False


class Reset(msgspec.Struct, frozen=True):
    """Reset the connection (TCP RST) once everything so far has reached the client's machine."""


class Abandon(msgspec.Struct, frozen=True):
    """After this reply the connection is idle; close it `after_s` later without a word, used or not."""

    after_s: float


class ReadSlowly(msgspec.Struct, frozen=True):
    """Read what is left of the request's body no faster than this, then go on as usual.

    Only in a plan that is made when the head has come.
    """

    bytes_per_s: float


Awaited = RunApp | Forward
"""Steps whose reply is made by something else, while they are performed."""

Step = (
    Reply
    | Wait
    | SendFile
    | ServeStatic
    | RunApp
    | Forward
    | ReplaySocket
    | SendCallbacks
    | Close
    | Release
    | Head
    | Body
    | FileBody
    | Write
    | Paced
    | HangUp
    | Reset
    | Abandon
    | ReadSlowly
)


class Injected(NamedTuple):
    """A fault that was decided on for one request, and why: for the log, metrics and the report.

    `source` says who asked for it: `endpoint`, `failure_rate`, `outage NAME`, `profile NAME`, `live ID`,
    `request header`, `connections` or `rate_limits NAME`. `probability` is that at the time, and `drawn` what
    was drawn for it (a fault strikes if it is below); None where there was nothing to draw. `number` is the
    request's among those that the schedule counts, from 1. `detail` is what the fault chose, such as a
    status.
    """

    kind: str
    source: str
    probability: float = 1.0
    drawn: float | None = None
    number: int | None = None
    stage: str | None = None
    detail: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The same for `/__logs`."""
        return self._asdict()


class Plan(msgspec.Struct):
    """What happens to one request, and why.

    `constant` says that the outcome depends on nothing but the request's bytes, so that the same Plan may
    serve it again. `endpoint` is the endpoint's name, None if none matched. `n` counts the endpoint's
    requests that drew lots, from 0: with the seed and the name it repeats every decision. `violations` are
    what `validate` has found wrong with the request, and a `Judge` with the reply. `faults` are the names of
    the `injected` ones. `source` says what was done with a request that may be sent on or answered from
    recordings: "recorded", "upstream", "no recording", or "mocked" if the real server cannot; "" for others.
    `redactor` is a `record.redact.Redactor`, which takes secrets out of whatever is shown of the request.
    """

    steps: tuple[Step, ...]
    reply: Reply | None
    endpoint: str | None = None
    constant: bool = False
    latency_s: float = 0.0
    faults: tuple[str, ...] = ()
    n: int | None = None
    error: str | None = None
    callbacks: tuple[Callback, ...] = ()
    violations: tuple[dict[str, str], ...] = ()
    injected: tuple[Injected, ...] = ()
    redactor: Any = None
    source: str = ""

    @property
    def only_reply(self) -> Reply | None:
        """The reply if sending it is all there is to do."""
        return self.reply if self.steps == (self.reply,) else None

    def failed(self, error: str) -> None:
        """Tell of what went wrong, behind what did before."""
        self.error = f"{self.error}; {error}" if self.error and self.error != error else error

    def judged(self, judgement: Judgement) -> None:
        """Tell of what was found in the reply of another server."""
        self.violations += judgement.violations
        self.source = judgement.source or self.source
        if judgement.note:
            self.failed(judgement.note)
