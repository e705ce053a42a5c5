"""Files that hold what the store has: written whole or not at all, and as seldom as possible.

Writes that arrive while one is under way share the next one, so that a thousand changes cost a few writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from understudy.errors import UnderstudyError
from understudy.simulate.exchange import Take

MAX_MARKS = 100
"""Fingerprints remembered per table, of what was written last."""


@dataclass
class _File:
    """What is known of one file. `digests`: of the content that is there, or is just being put there."""

    running: asyncio.Task[None] | None = None
    following: asyncio.Task[None] | None = None
    digests: set[bytes] = field(default_factory=set)


class FileWriter:
    """Writes files for requests that wait for it. It belongs to the event loop."""

    def __init__(self) -> None:
        self._files: dict[Path, _File] = {}
        self._written: dict[str, deque[str]] = {}
        self._marks: dict[str, tuple[str, str]] = {}
        self._generation = 0

    async def write(self, path: Path, take: Take) -> None:
        """Return when the file has what `take` gives now or later. Raises UnderstudyError."""
        file = self._files.setdefault(path, _File())
        if file.following is None:
            file.following = asyncio.get_running_loop().create_task(
                self._next(path, file, take), name=f"write {path.name}"
            )
        # a client that hangs up does not take the others' write with it
        await asyncio.shield(file.following)

    async def _next(self, path: Path, file: _File, take: Take) -> None:
        if file.running is not None:
            await asyncio.wait([file.running])
        file.running, file.following = file.following, None  # who comes from now on needs another write
        try:
            make, fingerprints = await take()
            loop = asyncio.get_running_loop()
            content = await loop.run_in_executor(None, make)
            digest = _digest(content)
            file.digests.add(digest)
            for table, fingerprint in fingerprints.items():
                self._written.setdefault(table, deque(maxlen=MAX_MARKS)).append(fingerprint)
            await loop.run_in_executor(None, _replace, path, content)
            file.digests = {digest}
        except OSError as error:
            raise UnderstudyError(f"{path.name} cannot be written: {error.strerror or error}") from None
        finally:
            file.running = None

    def mark(self, table: str, fingerprint: str) -> str:
        """What stands for data that was read: the same as before if it was written here."""
        written = self._written.setdefault(table, deque(maxlen=MAX_MARKS))
        known, mark = self._marks.get(table, ("", ""))
        if mark and (fingerprint in written or (fingerprint == known and not written)):
            return mark
        self._generation += 1
        mark = f"{fingerprint}:{self._generation}"
        self._marks[table] = (fingerprint, mark)
        written.clear()
        return mark

    def is_own(self, path: Path) -> bool:
        """Whether a file holds what was written here last."""
        for known, file in self._files.items():
            if path in {known, known.resolve()}:
                with contextlib.suppress(OSError):
                    return _digest(path.read_bytes()) in file.digests
        return False


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=16).digest()


def _replace(path: Path, content: bytes) -> None:
    """Put content in the place of a file: a reader sees the old or the new, and so does a power failure."""
    import tempfile

    path = path.resolve()
    mode = path.stat().st_mode if path.exists() else 0o644
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode & 0o7777)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.parent, os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
