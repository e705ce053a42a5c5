"""The keys that a server makes for itself, and the randomness of what it issues.

They outlive a reload, so that tokens go on being good; they are made when they are first needed.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Awaitable, Callable
from functools import partial

from understudy.simulate.auth.jose import JoseKey, generate_key, kind_of
from understudy.simulate.exchange import in_task

Offload = Callable[[Callable[[], JoseKey]], Awaitable[JoseKey]]
"""Does work beside the event loop."""


class Keyring:
    """One key of each kind that was asked for."""

    def __init__(self) -> None:
        self._keys: dict[str, JoseKey] = {}
        self._one_at_a_time = threading.Lock()
        self.offload: Offload | None = None
        """Set by a server, which must not stand still while a key is made."""

    def peek(self, algorithm: str) -> JoseKey | None:
        """The key for an algorithm if there is one yet."""
        return self._keys.get(kind_of(algorithm))

    async def key(self, algorithm: str) -> JoseKey:
        """The private key for an algorithm."""
        found = self.peek(algorithm)
        if found is not None:
            return found
        if self.offload is None:
            return self.make(algorithm)
        await in_task()
        return await self.offload(partial(self.make, algorithm))

    def make(self, algorithm: str) -> JoseKey:
        """The same, without awaiting; from any thread."""
        with self._one_at_a_time:
            kind = kind_of(algorithm)
            if kind not in self._keys:
                self._keys[kind] = generate_key(algorithm)
            return self._keys[kind]

    def token(self, size: int = 32) -> str:
        """An unguessable text from `size` random bytes, fit for URLs."""
        return secrets.token_urlsafe(size)
