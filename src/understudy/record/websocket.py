"""The messages of a WebSocket, heard from the bytes that pass (RFC 6455, RFC 7692).

A tap never changes or holds up what it hears. What it cannot read ends the recording, which it says in
`note`: what was recorded before stays. Pings, pongs and closes are recorded, too.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Literal

from websockets.exceptions import InvalidHeader, PayloadTooBig, ProtocolError
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Close, Frame, Opcode
from websockets.headers import parse_extension
from websockets.streams import StreamReader

from understudy.record.exchange import SocketMessage
from understudy.steps import Header

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""The largest message that is recorded, after it was inflated."""
MAX_BYTES = 48 * 1024 * 1024
"""The most that is recorded of one WebSocket, as it is written: a file of an exchange may have 64 MB, and
what stands in the place of secrets may be longer than they were."""
MESSAGE_BYTES = 200
"""What a message costs in the file beside its data, roughly: a flood of empty ones is bounded, too."""

Sender = Literal["client", "server"]
Kind = Literal["text", "binary", "ping", "pong", "close"]
KINDS: dict[Opcode, Kind] = {
    Opcode.TEXT: "text",
    Opcode.BINARY: "binary",
    Opcode.PING: "ping",
    Opcode.PONG: "pong",
    Opcode.CLOSE: "close",
}
_ESCAPED = re.compile(rb"[\x00-\x1f\"\\\x7f]")
MAX_WINDOW_BITS = 15
"""With the largest window whatever was deflated with a smaller one is inflated (RFC 7692 section 7.1.2)."""


class SocketTap:
    """Hears both directions of an upgraded connection, and keeps its messages.

    `note` says why recording has ended before the connection did; "" if it has not.
    """

    def __init__(
        self,
        request_headers: tuple[Header, ...],
        reply_headers: tuple[Header, ...],
        started: float = 0.0,
        *,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """Headers are those of the handshake.

        `started` is what the clock that `at_ms` is read from says when the request is sent on, in ms.
        """
        self.note = ""
        self._messages: list[SocketMessage] = []
        self._started = started
        self._left = max_bytes
        self._ears: dict[Sender, _Ear] = {}
        if not _values(request_headers, b"sec-websocket-key"):
            self._stop("this is no WebSocket")
            return
        try:
            deflated = _deflated(", ".join(_values(reply_headers, b"sec-websocket-extensions")))
        except (InvalidHeader, ProtocolError) as error:
            self._stop(f"the server agreed to what is not understood: {error}")
            return
        self._ears = {
            "client": _Ear(self, "client", deflated, max_message_bytes),
            "server": _Ear(self, "server", deflated, max_message_bytes),
        }

    @property
    def messages(self) -> tuple[SocketMessage, ...]:
        """The messages that were heard, in the order in which they were complete."""
        return tuple(self._messages)

    def since(self, number: int) -> list[SocketMessage]:
        """Those that were heard after so many."""
        return self._messages[number:]

    def from_client(self, data: bytes, at_ms: float) -> None:
        """The client has sent this."""
        self._hear("client", data, at_ms)

    def from_server(self, data: bytes, at_ms: float) -> None:
        """The server has sent this."""
        self._hear("server", data, at_ms)

    def _hear(self, sender: Sender, data: bytes, at_ms: float) -> None:
        ear = self._ears.get(sender)
        if ear is None:
            return
        try:
            ear.hear(data, at_ms - self._started)
        except PayloadTooBig:
            self._stop(f"a message of the {sender} is larger than {ear.max_bytes} bytes")
        except (ProtocolError, UnicodeDecodeError) as error:
            self._stop(f"what the {sender} sent is no WebSocket message: {error}")

    def keep(self, message: SocketMessage) -> None:
        """A message is complete."""
        self._left -= _written_size(message) + MESSAGE_BYTES
        if self._left < 0:
            self._stop("its messages are too large in all")
        else:
            self._messages.append(message)

    def _stop(self, why: str) -> None:
        count = len(self._messages)
        self.note = f"recording ended after {count} message{'' if count == 1 else 's'}: {why}"
        for ear in self._ears.values():
            ear.is_deaf = True
        self._ears = {}


class _Ear:
    """Hears one direction: bytes → frames → messages."""

    def __init__(self, tap: SocketTap, sender: Sender, deflated: dict[str, str | None] | None, most: int):
        self.tap = tap
        self.sender = sender
        self.max_bytes = most
        self.is_deaf = False  # the recording has ended, perhaps in the middle of some data
        self._at_ms = 0.0
        self._extensions: list[Extension] = []
        if deflated is not None:
            # What is said about the other side is for its own ear; nothing is deflated here.
            forgets = f"{sender}_no_context_takeover" in deflated
            inflate = PerMessageDeflate(forgets, True, MAX_WINDOW_BITS, MAX_WINDOW_BITS)
            self._extensions.append(inflate)
        self._kind: Kind | None = None  # of the message that has come in part
        self._data = bytearray()
        self._reader = StreamReader()
        self._parser = self._parse()
        next(self._parser)

    def hear(self, data: bytes, at_ms: float) -> None:
        """Take in more bytes. Raises ProtocolError, UnicodeDecodeError or PayloadTooBig."""
        self._at_ms = at_ms
        self._reader.feed_data(data)
        next(self._parser)

    def _parse(self) -> Generator[None]:
        while not self.is_deaf:
            frame = yield from Frame.parse(
                self._reader.read_exact,
                mask=self.sender == "client",
                max_size=self.max_bytes - len(self._data),
                extensions=self._extensions,
            )
            self._took(frame)
        yield

    def _took(self, frame: Frame) -> None:
        kind = KINDS.get(frame.opcode)
        if kind == "text" or kind == "binary":
            if self._kind is not None:
                raise ProtocolError("a message begins in another")
            if frame.fin:
                self._complete(kind, bytes(frame.data))
            else:
                self._kind = kind
                self._data += frame.data
        elif kind is not None:
            if kind == "close":
                Close.parse(bytes(frame.data))  # raises if it is none
            self.tap.keep(SocketMessage(self._at_ms, self.sender, kind, bytes(frame.data)))
        elif self._kind is None:
            raise ProtocolError("a message goes on that has not begun")
        else:
            self._data += frame.data
            if frame.fin:
                whole, self._data, begun, self._kind = bytes(self._data), bytearray(), self._kind, None
                self._complete(begun, whole)

    def _complete(self, kind: Kind, data: bytes) -> None:
        if kind == "text":
            data.decode()  # raises if it is none
        self.tap.keep(SocketMessage(self._at_ms, self.sender, kind, data))


def _written_size(message: SocketMessage) -> int:
    """Bytes that the data has in a file: as a text of JSON, in which controls are escaped, or as base64."""
    data = message.data
    if message.kind not in ("text", "close"):
        return len(data) * 4 // 3
    return len(data) + 5 * len(_ESCAPED.findall(data))


def _values(headers: tuple[Header, ...], name: bytes) -> list[str]:
    """The values of a header, whose name is given in lower case."""
    return [value.decode("latin-1") for known, value in headers if known.lower() == name]


def _deflated(agreed: str) -> dict[str, str | None] | None:
    """The parameters of permessage-deflate if it was agreed to. Raises if something else was, too."""
    if not agreed.strip():
        return None
    (name, parameters), *others = parse_extension(agreed)
    if name != "permessage-deflate" or others:
        raise ProtocolError(f"the extension {others[0][0] if others else name}")
    return dict(parameters)
