"""The memo of raw requests: bytes in, reply out, nothing parsed.

Clients repeat themselves to the byte. Where a whole request without a body arrives in one read, and its
plan depends on nothing but those bytes (`Plan.constant`), the exchange is remembered under the bytes. It is
valid until the next program or the next second, whichever comes first: the reply's bytes hold a `Date`.

Its plain twin is a connection without it (`--no-memo`): tests hold one against the other over a corpus, and
`make bench` shows what it gains.
"""

from __future__ import annotations

from understudy.request import Request
from understudy.steps import Plan, Reply

MAX_ENTRIES = 4096
MAX_REQUEST_BYTES = 4096

Remembered = tuple[Request, Plan, bytes]


class Memo:
    """Whole exchanges by the bytes of the request. `get` is the dict's own: a look-up costs no call."""

    __slots__ = ("_entries", "_wanted", "enabled", "get")

    def __init__(self, *, enabled: bool = True) -> None:
        self._entries: dict[bytes, Remembered] = {}
        self.get = self._entries.get
        self.enabled = self._wanted = enabled

    def remember(self, raw: bytes, request: Request, plan: Plan, reply: Reply) -> None:
        """Keep an exchange. The caller has made sure that `raw` is one whole request without a body."""
        if not self.enabled or len(raw) > MAX_REQUEST_BYTES:
            return
        if len(self._entries) >= MAX_ENTRIES:
            self._entries.clear()
        self._entries[raw] = (request, plan, reply.wire)

    def pause(self, paused: bool) -> None:
        """Remember nothing as long as the same request may be answered in another way each time."""
        self.enabled = self._wanted and not paused
        self.clear()

    def clear(self) -> None:
        """Forget all: a new program, or a new second."""
        self._entries.clear()
