"""The client's side of a recorded WebSocket, to be said again to the real server.

Each message waits for as many messages of the server as had come before it in the recording, so that a client
does not speak before its turn; how long it waits at most is up to who says it. Pings and pongs are not in it:
both are the protocol's own affair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from websockets.exceptions import ProtocolError
from websockets.frames import Close

from understudy.record.drift.fill import filled
from understudy.record.exchange import RecordedExchange

DATA = frozenset({"text", "binary"})
"""Kinds of messages that are not the protocol's own."""
MAX_CONTROL_BYTES = 125
"""The most that a close may hold (RFC 6455 section 5.5)."""
GOODBYE = Close(1000, "").serialize()


class Turn(NamedTuple):
    """What the client does when as many as `after` texts and bytes of the server have come.

    `end`: nothing, it is the server that ends the conversation. `at_ms` is when it was recorded, counted from
    the answer to the handshake.
    """

    kind: Literal["text", "binary", "close", "end"]
    data: bytes
    after: int
    at_ms: float


def is_websocket(exchange: RecordedExchange) -> bool:
    """Whether a WebSocket was asked for, got or not."""
    request = exchange.request
    asked = any(name.lower() == b"sec-websocket-key" for name, _ in request.headers)
    return request.method == "GET" and (asked or bool(exchange.messages))


def is_tunnel(exchange: RecordedExchange) -> bool:
    """Whether what went over the connection was not understood, so that it cannot be said again."""
    if exchange.request.method in {"CONNECT", "TRACE"}:
        return True
    return exchange.reply is not None and exchange.reply.status == 101 and not is_websocket(exchange)


def speaks(exchange: RecordedExchange) -> bool:
    """Whether the client says something in a WebSocket, which may change something at the server."""
    return any(one.sender == "client" and one.kind in DATA for one in exchange.messages)


def turns_of(exchange: RecordedExchange, secrets: Mapping[str, str]) -> tuple[Turn, ...] | None:
    """All that the client does, the end last; None if a secret is not given that was in a message.

    `secrets` are as in `Given`.
    """
    turns = []
    for turn in _turns(exchange):
        data = filled(turn.data, secrets)
        if data is None:
            return None
        turns.append(turn._replace(data=data))
    return tuple(turns)


def _turns(exchange: RecordedExchange) -> Iterator[Turn]:
    after, at_ms = 0, 0.0
    for when_ms, sender, kind, data in exchange.messages:
        at_ms = max(0.0, when_ms - exchange.wait_ms)
        if kind == "close":
            # who says it first ends the conversation, the other one answers
            yield Turn("close", _closing(data), after, at_ms) if sender == "client" else _end(after, at_ms)
            return
        if kind not in DATA:
            continue
        if sender == "server":
            after += 1
        else:
            yield Turn("text" if kind == "text" else "binary", data, after, at_ms)
    if exchange.failed is not None:
        yield _end(after, max(0.0, exchange.failed.at_ms - exchange.wait_ms))
    else:  # the connection ended without a word, or recording was given up before
        yield Turn("close", GOODBYE, after, at_ms)


def _end(after: int, at_ms: float) -> Turn:
    return Turn("end", b"", after, at_ms)


def _closing(data: bytes) -> bytes:
    """A code and a reason, which may be written by hand, as they can be sent."""
    try:
        Close.parse(data)
    except (ProtocolError, UnicodeDecodeError):
        return GOODBYE
    return data if len(data) <= MAX_CONTROL_BYTES else GOODBYE


__all__ = ["DATA", "GOODBYE", "Turn", "is_tunnel", "is_websocket", "speaks", "turns_of"]
