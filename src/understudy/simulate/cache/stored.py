"""Replies that the server keeps for a while, bounded by number and by bytes; the least used go first."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from understudy.steps import Reply

MAX_REPLIES = 10_000
MAX_BYTES = 64 * 1024 * 1024
REPLY_BYTES = 500
"""What a stored reply costs beside its body, roughly."""

Key = tuple[str, ...]


class Stored(NamedTuple):
    """A reply, and when it was made and is to be forgotten, in unix seconds."""

    reply: Reply
    made: float
    until: float


class StoredReplies:
    """The replies of one program."""

    def __init__(self, max_replies: int = MAX_REPLIES, max_bytes: int = MAX_BYTES) -> None:
        self._replies: OrderedDict[Key, Stored] = OrderedDict()
        self._max_replies = max_replies
        self._max_bytes = max_bytes
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._replies)

    def get(self, key: Key, now: float) -> Stored | None:
        """The reply under a key, if its time is not over. A clock that was set back ends it too."""
        found = self._replies.get(key)
        if found is None:
            return None
        if not found.made <= now < found.until:
            self._remove(key)
            return None
        self._replies.move_to_end(key)
        return found

    def put(self, key: Key, stored: Stored) -> None:
        """Keep a reply, unless it alone is too large."""
        self._remove(key)
        size = _size(key, stored)
        if size > self._max_bytes:
            return
        self._replies[key] = stored
        self.bytes += size
        while self.bytes > self._max_bytes or len(self._replies) > self._max_replies:
            self._remove(next(iter(self._replies)))

    def forget(self, beginning: Key) -> None:
        """Drop the replies whose key begins so."""
        for key in [key for key in self._replies if key[: len(beginning)] == beginning]:
            self._remove(key)

    def _remove(self, key: Key) -> None:
        found = self._replies.pop(key, None)
        if found is not None:
            self.bytes -= _size(key, found)


def _size(key: Key, stored: Stored) -> int:
    return REPLY_BYTES + sum(map(len, key)) + len(stored.reply.body) + len(stored.reply.start)
