"""A recorded exchange: a request, and what came back, as they went over the wire.

Headers keep their order, their capitals and their repeats; those that belong to one connection (hop-by-hop,
RFC 9110 section 7.6.1) are not among them. Bodies are without transfer coding, but with their
`Content-Encoding`: byte for byte what the other side sent. Times are in milliseconds since the request was
sent on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from understudy.steps import Header


class BodyInFile(NamedTuple):
    """A body that is too large to be kept in memory: a file that holds exactly its bytes."""

    path: Path
    size: int


Payload = bytes | BodyInFile
"""A body, as it went over the wire."""

FailureKind = Literal["dns", "refused", "unreachable", "tls", "timeout", "reset", "closed", "protocol"]
"""Why there was no reply, or no whole one.

`dns`: the name is not known. `refused`, `unreachable`: no connection. `tls`: no trusted connection.
`timeout`: nothing came in time. `reset`: TCP RST. `closed`: the connection ended too early. `protocol`:
what came is no HTTP.
"""

FAILURE_KINDS: tuple[FailureKind, ...] = (
    "dns",
    "refused",
    "unreachable",
    "tls",
    "timeout",
    "reset",
    "closed",
    "protocol",
)


class Failed(NamedTuple):
    """A failure of the real server. `at_ms` is when it was noticed. What had come before it is in the
    reply."""

    kind: FailureKind
    message: str
    at_ms: float = 0.0


class Chunk(NamedTuple):
    """A piece of a body: when it came, and how many bytes it had."""

    at_ms: float
    size: int


class SocketMessage(NamedTuple):
    """A message of a WebSocket. `data` is the text in UTF-8, the bytes, or, of a `close`, code and reason."""

    at_ms: float
    sender: Literal["client", "server"]
    kind: Literal["text", "binary", "ping", "pong", "close"]
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRequest:
    """What was asked. `target` is path and query as they were sent, before any rewriting; it begins with a
    slash.

    `origin` is the server that was asked, such as `https://api.example.com` (no port if it is the scheme's).
    `is_whole`: all of the body was sent. If not, the outcome was there before, and `body` is what had been
    sent by then: how much that is was chance, so that it does not count when requests are compared.
    """

    method: str
    origin: str
    target: str
    headers: tuple[Header, ...] = ()
    body: Payload = b""
    is_whole: bool = True

    @property
    def url(self) -> str:
        """The whole address."""
        return self.origin + self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedReply:
    """What came back. `framing` says how the end of the body was told: by its length, in chunks, by the end
    of the connection, or `none` where there is no body (HEAD, 1xx, 204, 304).

    `chunks` are kept where the body came over time (see `is_stream`); else there are none. `reason` is "" for
    HTTP/2.
    """

    status: int
    reason: str = ""
    version: str = "1.1"
    headers: tuple[Header, ...] = ()
    body: Payload = b""
    framing: Literal["length", "chunked", "close", "none"] = "length"
    trailers: tuple[Header, ...] = ()
    chunks: tuple[Chunk, ...] = ()

    @property
    def is_stream(self) -> bool:
        """Whether the times within the body are known."""
        return bool(self.chunks)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedExchange:
    """A request and its outcome: a reply, a failure, or a reply that was broken off by a failure.

    `id` names it within its folder, and never changes; "" as long as it was not written. `recorded_at` is
    in unix seconds. `wait_ms` is until the reply began, `total_ms` until it was over. `messages` are those
    of a WebSocket, where the reply is 101. `secrets` says what was taken out, by name of the rule, and how
    often. `note` is free text for people.
    """

    request: RecordedRequest
    reply: RecordedReply | None = None
    failed: Failed | None = None
    recorded_at: float = 0.0
    wait_ms: float = 0.0
    total_ms: float = 0.0
    messages: tuple[SocketMessage, ...] = ()
    secrets: dict[str, int] = field(default_factory=dict)
    note: str = ""
    id: str = ""
