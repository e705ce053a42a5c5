"""The other side of a recorded WebSocket (RFC 6455), for a real client.

`record.dialogue` says what the server says and when; this says it. Frames are read and made by the
`websockets` library's core, without extensions. Pings are answered, closes too; what a client must not send
closes the connection with the code for it, and what is larger than `limits.max_body_bytes` with 1009.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHeader
from websockets.frames import Close, CloseCode, Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.protocol import SEND_EOF, State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from understudy.net.perform import Performer
from understudy.net.sockets.taken import Taken
from understudy.record.dialogue import Cue, Dialogue
from understudy.record.exchange import RecordedReply
from understudy.request import Request
from understudy.steps import JSON_TYPE, ExactReply, HangUp, Header, ReplaySocket, Reply, Reset, Step

CLOSE_TIMEOUT_S = 10.0
"""How long a client may take to answer a close, as in the `websockets` library."""
MAX_PONG_BYTES = 65_536
"""As much is answered to pings of a client that does not read; then it is not read any more."""

OWN = frozenset(
    (
        b"connection",
        b"upgrade",
        b"content-length",
        b"transfer-encoding",
        b"sec-websocket-accept",
        b"sec-websocket-extensions",
        b"sec-websocket-protocol",
    )
)
"""Headers of a recorded handshake that are those of this connection instead."""


def replay(connection: Performer, step: ReplaySocket) -> None:
    """Answer a handshake and play what was recorded, or say why not."""
    server = connection.server
    if server.stopping:
        connection.answer_instead(_refusal(503, "the server stops"))
        return
    recorded: RecordedReply = step.exchange.reply
    try:
        dialogue = Dialogue(step.exchange, step.speed, server.loop.time())
    except ValueError as error:
        name = step.exchange.id or step.exchange.request.target
        text = f"the recording {name} cannot be replayed: {error}"
        connection.answer_instead(_refusal(500, text), text)
        return
    reply = _shake_hands(step.request, recorded, connection.can_be_taken)
    if reply.status != 101:
        connection.answer_instead(reply)
        return
    connection.answering(reply)
    connection.transport.write(reply.whole(b""))
    Replayer(connection, dialogue).start()


class Replayer:
    """Plays one dialogue on one connection."""

    def __init__(self, connection: Performer, dialogue: Dialogue) -> None:
        self._connection = connection
        self._protocol = ServerProtocol(state=State.OPEN, max_size=connection.server.limits.max_body_bytes)
        self._dialogue = dialogue
        self._errors: list[str] = []
        self._timer: asyncio.TimerHandle | None = None
        self._is_over = False
        self._kind: Literal["text", "binary"] = "text"  # of the message that is coming
        self._data = bytearray()
        self._pongs = 0  # bytes that were sent while the client does not read
        self._is_held = False  # nothing is read for now

    def start(self) -> None:
        """Speak instead of HTTP, from now on."""
        taken = Taken(self._came, self._ended, self._lost, self._writable, self._stopping)
        self._connection.take_over(taken)
        self._advance()

    # --- what the server says ------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Say what is due; then wait for time, for the client, or for room."""
        dialogue, server = self._dialogue, self._connection.server
        while self._protocol.state is State.OPEN and not self._is_over and not self._connection.is_paused:
            cue, due = dialogue.cue, dialogue.due()
            if cue is None or due is None or cue.kind == "await close":
                self._wait_until(server.loop.time() + server.limits.idle_timeout_s, self._idle)
                return
            now = server.loop.time()
            if due > now:
                self._wait_until(due, self._advance)
                return
            self._stop_waiting()
            dialogue.done(now)
            self._say(cue)

    def _say(self, cue: Cue) -> None:
        protocol = self._protocol
        match cue.kind:
            case "text":
                protocol.send_text(cue.data)
            case "binary":
                protocol.send_binary(cue.data)
            case "ping":
                protocol.send_ping(cue.data)
            case "close":
                close = Close.parse(cue.data)
                self._close(None if close.code == CloseCode.NO_STATUS_RCVD else close.code, close.reason)
            case "reset":
                self._over(Reset())
            case "hang up":
                self._over(HangUp())
            case "await close":
                raise AssertionError("it is the client that closes")
        self._flush()

    def _close(self, code: int | None, reason: str = "") -> None:
        """Send a close, and give the client time to answer it."""
        self._protocol.send_close(code, reason)
        self._wait_until(self._connection.server.loop.time() + CLOSE_TIMEOUT_S, self._over)

    def _idle(self) -> None:
        """Nothing has come, and the recording does not go on by itself."""
        cue = self._dialogue.cue
        if cue is None or cue.kind == "await close":
            self._close(CloseCode.NORMAL_CLOSURE)
        else:
            limit = self._connection.server.limits.idle_timeout_s
            self._errors.append(f"message {cue.after} of the client was waited for {limit:g} s in vain")
            self._close(CloseCode.GOING_AWAY, "nothing came that the recording waits for")
        self._flush()

    def _flush(self) -> None:
        """Send what the protocol has to say; it ends when it says so."""
        sent = self._protocol.data_to_send()
        data = b"".join(sent)
        if data and not self._is_over:
            self._connection.transport.write(data)
        if SEND_EOF in sent:
            error = self._protocol.parser_exc
            if error is not None and not isinstance(error, EOFError):
                self._errors.append(f"the client broke the protocol: {error}")
            self._over(linger=error is not None)

    def _wait_until(self, due: float, then: Callable[[], None]) -> None:
        self._stop_waiting()

        def wake() -> None:
            self._timer = None
            then()

        self._timer = self._connection.server.loop.call_at(due, wake)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _over(self, *steps: Step, linger: bool = False) -> None:
        if self._is_over:
            return
        self._finish()
        if self._is_held:
            self._connection.transport.resume_reading()
        self._connection.hand_back(*steps, linger=linger)

    def _finish(self) -> None:
        """Nothing more is said or heard: note what was different."""
        self._is_over = True
        self._stop_waiting()
        differences = self._dialogue.differences
        if differences:
            self._errors.insert(0, differences)
        if self._errors:
            self._connection.failed(f"{'; '.join(self._errors)} ({self._dialogue.progress})")

    # --- what comes ----------------------------------------------------------------------------------------

    def _came(self, data: bytes) -> None:
        protocol, connection = self._protocol, self._connection
        if self._is_over:
            return
        protocol.receive_data(data)
        for event in protocol.events_received():
            assert isinstance(event, Frame), "the handshake is over"
            self._take(event)
        before = connection.transport.get_write_buffer_size()
        self._flush()
        if not self._is_over:
            self._hold_if_unread(before)
            self._advance()

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.TEXT or frame.opcode is Opcode.BINARY:
            self._kind = "text" if frame.opcode is Opcode.TEXT else "binary"
        elif frame.opcode is not Opcode.CONT:
            return
        self._data += frame.data
        if not frame.fin:
            return
        data, self._data = bytes(self._data), bytearray()
        if self._kind == "text":
            try:
                data.decode()
            except UnicodeDecodeError as error:
                if self._protocol.state is State.OPEN:
                    self._errors.append(f"the client sent a text that is no UTF-8: {error}")
                    self._protocol.fail(CloseCode.INVALID_DATA, "this text is no UTF-8")
                return
        self._dialogue.heard(self._kind, data, self._connection.server.loop.time())

    def _hold_if_unread(self, before: int) -> None:
        """A client that pings without reading must not fill the memory with pongs."""
        if not self._connection.is_paused:
            return
        self._pongs += max(0, self._connection.transport.get_write_buffer_size() - before)
        if self._pongs > MAX_PONG_BYTES and not self._is_held:
            self._is_held = True
            self._connection.transport.pause_reading()

    def _writable(self) -> None:
        self._pongs = 0
        if self._is_held:
            self._is_held = False
            self._connection.transport.resume_reading()
        self._advance()

    def _ended(self) -> bool:
        """The client sends no more; without a close, it has gone."""
        return False

    def _lost(self, error: Exception | None) -> None:
        if not self._is_over:
            self._finish()

    def _stopping(self) -> None:
        if self._protocol.state is State.OPEN:
            self._close(CloseCode.GOING_AWAY, "the server stops")
            self._flush()


# --- the handshake ------------------------------------------------------------------------------------------


def _shake_hands(request: Request, recorded: RecordedReply, can_be_taken: bool) -> Reply:
    """The recorded reply for this client's key; or a refusal (RFC 6455 section 4.2.2)."""
    protocol = ServerProtocol(select_subprotocol=_selecting(recorded.headers))
    headers = Headers(
        [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers]
    )
    shake = Handshake(
        request.raw_target.decode("latin-1"),
        headers,
        method=request.method,
        protocol=f"HTTP/{request.version}",
    )
    response = protocol.accept(shake)
    problem = protocol.handshake_exc
    if problem is not None:
        status = int(response.status_code)
        if isinstance(problem, InvalidHeader) and problem.name == "Sec-WebSocket-Version":
            status = 426
        return _refusal(status, f"this is a recorded WebSocket, and the request opens none: {problem}")
    if not can_be_taken:
        return _refusal(426, "this is a recorded WebSocket, and the request opens none")
    own = [(b"Upgrade", b"websocket"), (b"Connection", b"Upgrade")]
    for name in ("Sec-WebSocket-Accept", "Sec-WebSocket-Protocol"):
        if name in response.headers:
            own.append((name.encode(), response.headers[name].encode("latin-1")))
    others = [header for header in recorded.headers if header[0].lower() not in OWN]
    reason = recorded.reason or "Switching Protocols"
    line = b"HTTP/1.1 101 %b\r\n" % reason.encode("latin-1", "replace")
    return ExactReply(101, (*own, *others), b"", status_line=line)


def _selecting(
    headers: Sequence[Header],
) -> Callable[[ServerProtocol, Sequence[Subprotocol]], Subprotocol | None]:
    """Selects the subprotocol that was recorded, if the client offers it."""
    names = [
        value.decode("latin-1").strip()
        for name, value in headers
        if name.lower() == b"sec-websocket-protocol"
    ]

    def select(_: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return next((one for one in offered if one in names), None)

    return select


def _refusal(status: int, error: str) -> Reply:
    extra: tuple[Header, ...] = ()
    if status == 426:
        extra = (
            (b"Upgrade", b"websocket"),
            (b"Connection", b"Upgrade"),
            (b"Sec-WebSocket-Version", b"13"),
        )
    elif status == 405:
        extra = ((b"Allow", b"GET"),)
    return Reply(status, (JSON_TYPE, *extra), msgspec.json.encode({"error": error}))
