"""A recorded WebSocket as a dialogue: what the server says, behind what, and how long after it.

Each message of the server waits for as many messages of the client as had come before it in the recording.
Then it is said as long after the last message of either side as it was recorded: who speaks sooner or later
than recorded moves what hangs on it, and nothing else. What the client says need not be as recorded;
what differs is remembered for people.

Pongs are not in it, nor what a client pings: both are the protocol's own affair.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Literal, NamedTuple

import msgspec
from websockets.exceptions import ProtocolError
from websockets.frames import Close

from understudy.record.exchange import RecordedExchange, SocketMessage

MAX_CONTROL_BYTES = 125
"""The most that a ping may hold (RFC 6455 section 5.5)."""
MAX_DIFFERENCES = 5
"""As many are told in words; of the others, how many there are."""
SHOWN_CHARACTERS = 80
"""As much is told of a message."""

CueKind = Literal["text", "binary", "ping", "close", "await close", "reset", "hang up"]


class Cue(NamedTuple):
    """What the server does when as many as `after` messages of the client have come.

    `server_ms` is how long after what it did last, and `client_ms` how long after that message of the client.
    `await close`: nothing, it is the client that closes. `reset` and `hang up`: the connection ends without a
    word.
    """

    kind: CueKind
    data: bytes
    after: int
    server_ms: float
    client_ms: float


class Dialogue:
    """One performance of a recorded WebSocket. Times that come and go are seconds of the caller's clock."""

    def __init__(self, exchange: RecordedExchange, speed: float, now: float) -> None:
        """`speed` divides recorded times; 0: no waiting.

        Raises ValueError if there is a message that no server could send.
        """
        self.cues = tuple(_cues(exchange))
        self.expected = [
            one for one in exchange.messages if one.sender == "client" and one.kind in ("text", "binary")
        ]
        self._seconds = 0.001 / speed if speed else 0.0  # for a recorded millisecond
        self._position = 0
        self._done_at = now
        self._came: list[float] = []  # when the messages of the client came that are awaited
        self._extra = 0
        self._different = 0
        self._differences: list[str] = []

    @property
    def cue(self) -> Cue | None:
        """What the server does next; None when it is over."""
        return self.cues[self._position] if self._position < len(self.cues) else None

    def due(self) -> float | None:
        """When it does that; in the past if it need not wait, None as long as the client has to speak
        first."""
        cue = self.cue
        if cue is None or len(self._came) < cue.after:
            return None
        if not self._seconds:
            return -inf
        due = self._done_at + cue.server_ms * self._seconds
        if cue.after:
            due = max(due, self._came[cue.after - 1] + cue.client_ms * self._seconds)
        return due

    def done(self, now: float) -> None:
        """It has done that."""
        self._position += 1
        self._done_at = now

    def heard(self, kind: Literal["text", "binary"], data: bytes, now: float) -> None:
        """The client has sent a message."""
        number = len(self._came)
        if number == len(self.expected):
            self._extra += 1
            self._differ(
                f"message {number + self._extra} of the client was not recorded: {_shown(kind, data)}"
            )
            return
        self._came.append(now)
        recorded = self.expected[number]
        if not _is_same(recorded, kind, data):
            was = _shown(recorded.kind, recorded.data)
            came = _shown(kind, data)
            self._differ(f"message {number + 1} of the client was recorded as {was}, but {came} came")

    def _differ(self, text: str) -> None:
        self._different += 1
        if len(self._differences) < MAX_DIFFERENCES:
            self._differences.append(text)

    @property
    def differences(self) -> str:
        """How what the client said differs from the recording; "" if it does not."""
        more = self._different - len(self._differences)
        return "; ".join([*self._differences, f"and {more} more"] if more else self._differences)

    @property
    def progress(self) -> str:
        """How far it has come."""
        sent = sum(cue.kind in ("text", "binary") for cue in self.cues[: self._position])
        all_sent = sum(cue.kind in ("text", "binary") for cue in self.cues)
        return (
            f"{sent} of {all_sent} messages were sent,"
            f" {len(self._came) + self._extra} of {len(self.expected)} came"
        )


def _cues(exchange: RecordedExchange) -> Iterator[Cue]:
    after = 0
    server_at, client_at = exchange.wait_ms, 0.0

    def cue(kind: CueKind, data: bytes, at_ms: float) -> Cue:
        return Cue(kind, data, after, max(0.0, at_ms - server_at), max(0.0, at_ms - client_at))

    for at_ms, sender, kind, data in exchange.messages:
        if sender == "client":
            if kind == "close":
                yield cue("await close", b"", at_ms)
                return
            if kind in ("text", "binary"):
                after += 1
                client_at = at_ms
        elif kind != "pong":
            _check(kind, data)
            yield cue(kind, data, at_ms)
            server_at = at_ms
            if kind == "close":
                return
    if exchange.failed is None:
        # Whoever ended it, it was without a close: the client had gone, or recording was given up before.
        yield cue("close", Close(1000, "").serialize(), exchange.total_ms)
    else:
        yield cue("reset" if exchange.failed.kind == "reset" else "hang up", b"", exchange.failed.at_ms)


def _check(kind: str, data: bytes) -> None:
    """Refuse what no server can send, as a recording may be written by hand."""
    try:
        if kind == "text":
            data.decode()
        elif kind == "close":
            Close.parse(data)
    except (ProtocolError, UnicodeDecodeError) as error:
        raise ValueError(f"a recorded {kind} of the server is none: {error}") from None
    if kind in ("ping", "close") and len(data) > MAX_CONTROL_BYTES:
        raise ValueError(f"a recorded {kind} of the server is longer than {MAX_CONTROL_BYTES} bytes")


def _is_same(recorded: SocketMessage, kind: str, data: bytes) -> bool:
    """Whether a message is as recorded: byte for byte, or as JSON."""
    if recorded.kind != kind:
        return False
    if recorded.data == data:
        return True
    try:
        return kind == "text" and _sorted_json(recorded.data) == _sorted_json(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _sorted_json(data: bytes) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(data), order="sorted")


def _shown(kind: str, data: bytes) -> str:
    if kind == "text":
        text = data[: 4 * SHOWN_CHARACTERS].decode(errors="replace")
        return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
    if len(data) > SHOWN_CHARACTERS // 4:
        return f"{len(data)} bytes {data[: SHOWN_CHARACTERS // 4].hex()}…"
    return f"{len(data)} bytes {data.hex()}".rstrip()
