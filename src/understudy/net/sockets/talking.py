"""The client's side of a recorded WebSocket (RFC 6455), said to the real server.

`record.drift.talk` says what the client does; this does it, on a call whose connection has left HTTP. What
both say is heard by a tap, as when it was recorded. Messages are sent whole, and not compressed, which is
allowed whatever was agreed to (RFC 7692 section 6). Pings are answered, a close too.

A server that says less than was recorded is waited for as long as it took then, and PATIENCE_S longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from websockets.frames import Frame, Opcode

from understudy.net.upstream.base import Call
from understudy.record.drift.talk import DATA, GOODBYE, Turn
from understudy.record.exchange import SocketMessage
from understudy.record.websocket import SocketTap

PATIENCE_S = 2.0
"""How much later than in the recording a message of the server may come before the client goes on."""
CLOSE_S = 1.0
"""How long is waited for the answer to a close, and then for the end of the connection."""

_OPCODES = {"text": Opcode.TEXT, "binary": Opcode.BINARY, "close": Opcode.CLOSE}


class Talking:
    """A conversation. `now_ms` gives the milliseconds since the handshake was sent."""

    def __init__(self, turns: Sequence[Turn], tap: SocketTap, now_ms: Callable[[], float]) -> None:
        self._turns = turns
        self._tap = tap
        self._now_ms = now_ms
        self._stirred = asyncio.Event()
        self._heard = 0  # messages of both sides that were looked at
        self._came = 0  # texts and bytes of the server
        self._pings: list[bytes] = []
        self._farewell: bytes | None = None
        """What the server has said with its close."""
        self._is_gone = False

    # --- what comes ----------------------------------------------------------------------------------------

    def from_server(self, data: bytes) -> None:
        """Bytes have come."""
        self._tap.from_server(data, self._now_ms())
        self._look()

    def stir(self) -> None:
        """The server takes more."""
        self._stirred.set()

    def gone(self) -> None:
        """The connection is over."""
        self._is_gone = True
        self._stirred.set()

    def _look(self) -> None:
        for message in self._tap.since(self._heard):
            self._heard += 1
            if message.sender == "server":
                self._take(message)
        self._stirred.set()

    def _take(self, message: SocketMessage) -> None:
        if message.kind in DATA:
            self._came += 1
        elif message.kind == "ping" and not self._pings:  # of many, one answer will do (section 5.5.3)
            self._pings.append(message.data)
        elif message.kind == "close":
            self._farewell = message.data

    # --- what is said --------------------------------------------------------------------------------------

    @property
    def has_ended(self) -> bool:
        """Whether the server has taken its leave, or what it says is not understood."""
        return self._is_gone or self._farewell is not None or bool(self._tap.note)

    async def run(self, call: Call) -> None:
        """Say all, and hang up. May be cancelled."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for turn in self._turns:
            if not await self._until(call, turn, began + turn.at_ms / 1000 + PATIENCE_S):
                break
            if turn.kind != "end":
                self._say(call, _OPCODES[turn.kind], turn.data)
                await self._wait(call, lambda: self.has_ended or not call.is_full)
        if not self._is_gone:
            await self._part(call, loop.time() + CLOSE_S)

    async def _until(self, call: Call, turn: Turn, due: float) -> bool:
        """Wait for the client's turn; False if there is none any more."""

        def is_due() -> bool:
            return self.has_ended or (turn.kind != "end" and self._came >= turn.after)

        try:
            async with asyncio.timeout_at(due):
                await self._wait(call, is_due)
        except TimeoutError:
            pass  # the server says less than it did: the report tells
        return not self.has_ended

    async def _wait(self, call: Call, told: Callable[[], bool]) -> None:
        """Wait until it is so, and answer pings meanwhile."""
        while True:
            if self._pings and not (call.is_full or self.has_ended):
                self._say(call, Opcode.PONG, self._pings.pop())
            if told():
                return
            self._stirred.clear()
            await self._stirred.wait()

    async def _part(self, call: Call, due: float) -> None:
        """Answer a close, or say one; the server closes the connection (section 7.1.1)."""
        has_closed = any(one.sender == "client" and one.kind == "close" for one in self._tap.since(0))
        if not has_closed:
            self._say(call, Opcode.CLOSE, GOODBYE if self._farewell is None else self._farewell)
        try:
            async with asyncio.timeout_at(due):
                await self._wait(call, lambda: self._is_gone or bool(self._tap.note))
        except TimeoutError:
            pass

    def _say(self, call: Call, opcode: Opcode, data: bytes) -> None:
        frame = Frame(opcode, data).serialize(mask=True)
        self._tap.from_client(frame, self._now_ms())
        call.send_body(frame)
        self._look()


__all__ = ["Talking"]
