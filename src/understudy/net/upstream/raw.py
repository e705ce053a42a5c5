"""After a 101: both sides speak another protocol, such as WebSocket (RFC 9110 section 7.8).

Bytes go both ways as they come, and who is too slow for them holds up the other side.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from understudy.net.sockets.taken import Taken
from understudy.net.upstream.base import Call
from understudy.record.exchange import Failed
from understudy.record.failures import failure_steps

if TYPE_CHECKING:
    from understudy.net.perform import Performer
    from understudy.net.upstream.witness import Witness
    from understudy.steps import Step


class Raw:
    """What goes on between a client's connection and a call, once they have left HTTP.

    `call` is told of by `from_server`, `writable`, `ended` and `broke`.
    """

    __slots__ = ("_call", "_connection", "_holds_client", "_witness")

    def __init__(self, connection: Performer, call: Call, witness: Witness | None) -> None:
        self._connection = connection
        self._call: Call | None = call
        self._witness = witness
        self._holds_client = False

    def begin(self) -> None:
        """Take the client's connection over, with what has come on it already."""
        self._connection.take_over(
            Taken(self._from_client, self._client_ended, self._client_lost, self._client_writable, self._stop)
        )

    # --- from the server -----------------------------------------------------------------------------------

    def from_server(self, data: bytes) -> None:
        """Bytes have come."""
        if self._witness is not None:
            self._witness.server_said(data)
        self._connection.transport.write(data)
        if self._connection.is_paused and self._call is not None:
            self._call.pause()

    def writable(self) -> None:
        """The server reads again."""
        if self._holds_client:
            self._holds_client = False
            self._connection.transport.resume_reading()

    def ended(self) -> None:
        """The server has closed its connection."""
        self._end(())

    def broke(self, failed: Failed) -> None:
        """Its connection has failed."""
        self._connection.failed(failed.message)
        self._end(failure_steps(failed, has_begun=True), failed)

    def cancel(self) -> None:
        """The client's connection is gone."""
        self._hang_up()
        if self._witness is not None:
            self._witness.let_go()

    # --- from the client -----------------------------------------------------------------------------------

    def _from_client(self, data: bytes) -> None:
        if self._witness is not None:
            self._witness.client_said(data)
        call = self._call
        if call is not None:
            call.send_body(data)
            if call.is_full and not self._holds_client:
                self._holds_client = True
                self._connection.transport.pause_reading()

    def _client_ended(self) -> bool:
        if self._call is not None:
            self._call.end_body()
        return True

    def _client_lost(self, error: Exception | None) -> None:
        """The client has gone: what was heard is kept all the same."""
        if self._hang_up() and self._witness is not None:
            self._witness.ended(lambda: None)

    def _client_writable(self) -> None:
        if self._call is not None:
            self._call.resume()

    def _stop(self) -> None:
        """This server stops."""
        if self._hang_up():
            self._end(())

    # --- ends ----------------------------------------------------------------------------------------------

    def _hang_up(self) -> bool:
        """Let the server go, if it is still there."""
        call, self._call = self._call, None
        if call is not None:
            call.cancel()
        return call is not None

    def _end(self, steps: tuple[Step, ...], failed: Failed | None = None) -> None:
        """It is over: first for who watches, then for the client."""
        self._call = None
        then = partial(self._hand_back, steps)
        if self._witness is None:
            then()
        else:
            self._witness.ended(then, (), failed)

    def _hand_back(self, steps: tuple[Step, ...]) -> None:
        self.writable()
        self._connection.forwarded()
        self._connection.hand_back(*steps)


__all__ = ["Raw"]
