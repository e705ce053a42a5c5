"""What a forwarded request and the connection it goes out on say to each other.

A connection of either protocol gives a `Call` for each request. The call tells its `Listener` what comes
back, in this order: `informed` (any number of times), `head_came`, `body_came` (any number), `ended`; or
`broke`, at any time, as the last word. Nothing is told after `ended`, `broke` or `cancel`. All of it
happens in the event loop's thread; no method blocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, Protocol

from understudy.record.exchange import FailureKind
from understudy.steps import Header

HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
"""Headers that belong to one connection (RFC 9110 section 7.6.1), beside those that `Connection` names.

`trailer` is passed on, and so kept, where trailers are.
"""


FRAMING = HOP_BY_HOP | {b"content-length", b"host"}
"""Headers that say where a message ends or goes: they mean nothing in interim replies and trailers (RFC 9110
sections 6.5.1 and 8.6)."""


def unframed(headers: Iterable[Header]) -> tuple[Header, ...]:
    """Headers of an interim reply, or trailers, as they may be passed on."""
    return tuple(header for header in headers if header[0].lower() not in FRAMING)


class UpstreamError(Exception):
    """A connection could not be had, or did not last."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Outgoing(NamedTuple):
    """The head of a request as it is sent on: `target` in origin form, headers without hop-by-hop ones.

    `headers` begin with `Host`. `length` is that of the body: None for one that is sent in chunks, 0 for none
    (then nothing is said about it unless the headers do, as Content-Length is among them).
    `upgrade` are the `Connection` and `Upgrade` headers of a request that asks for another protocol, else
    none: these are sent over HTTP/1.1 only.
    """

    method: str
    target: bytes
    headers: tuple[Header, ...]
    length: int | None = 0
    upgrade: tuple[Header, ...] = ()


class Incoming(NamedTuple):
    """The head of a reply: headers as they came, in their order, without hop-by-hop ones.

    `framing` says how the body's end is told; `length` is what Content-Length says of it, -1 if nothing.
    `upgraded` holds `Connection` and `Upgrade` of a 101.
    """

    status: int
    reason: bytes
    version: str
    headers: tuple[Header, ...]
    framing: Literal["length", "chunked", "close", "none"]
    length: int = -1
    upgraded: tuple[Header, ...] = ()


class Listener(Protocol):
    """Who has sent a request on."""

    def informed(self, status: int, headers: tuple[Header, ...]) -> None:
        """An interim reply (1xx, but neither 100 nor 101) has come."""

    def head_came(self, head: Incoming) -> None:
        """The final reply has begun."""

    def body_came(self, data: bytes) -> None:
        """More of its body has come, without transfer coding; of a 101, bytes of the other protocol."""

    def ended(self, trailers: tuple[Header, ...]) -> None:
        """The reply is complete. The connection is in the pool again, or closed."""

    def broke(self, error: UpstreamError, *, is_unused: bool) -> None:
        """There will be no (whole) reply. `is_unused`: nothing of the request can have been processed, so
        that it may be sent again on another connection (RFC 9110 section 9.2.2)."""

    def writable(self) -> None:
        """More of the request's body may be sent, after `Call.is_full`."""


class Call(Protocol):
    """A request on its way."""

    @property
    def is_full(self) -> bool:
        """Whether the other server takes no more of the body for now; `writable` says when it does."""

    def send_body(self, data: bytes) -> None:
        """Send more of the body; of an upgraded connection, bytes of the other protocol."""

    def end_body(self, trailers: tuple[Header, ...] = ()) -> None:
        """The body is complete."""

    def pause(self) -> None:
        """Take no more from the other server until `resume`: the client does not read fast enough."""

    def resume(self) -> None:
        """Go on."""

    def cancel(self) -> None:
        """Nobody wants the reply any more: the connection is closed, or its stream is reset."""


class Line(Protocol):
    """A connection to another server, of whichever protocol."""

    @property
    def is_free(self) -> bool:
        """Whether one more request may be sent on it now."""

    def call(self, outgoing: Outgoing, listener: Listener) -> Call:
        """Send a request's head. What comes of it is told to the listener, never before this returns."""

    def give_back(self) -> None:
        """It was taken for a request that is not sent."""

    def close(self) -> None:
        """Close it, once the requests on it are over."""
