"""Files that hold what the store has: written whole or not at all, and as seldom as possible.

Writes that arrive while one is under way share the next one, so that a thousand changes cost a few writes.
What somebody else has put into a file is never written over: it has to be read first.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Set as AbstractSet
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import msgspec

from understudy.errors import UnderstudyError
from understudy.simulate.exchange import Take

_BOM = b"\xef\xbb\xbf"


class _File(msgspec.Struct):
    """What is known of one file.

    `digests`: of the content that was written last, and of that which is just being put there. `writes`: how
    many there were.
    """

    running: asyncio.Task[None] | None = None
    following: asyncio.Task[None] | None = None
    digests: set[str] = set()
    writes: int = 0


class _Mark(NamedTuple):
    """What stands for the data of a table: its fingerprint, and the writes of its file before it was read."""

    text: str
    fingerprint: str
    writes: int


class FileWriter:
    """Writes files for requests that wait for it. It belongs to the event loop."""

    def __init__(self) -> None:
        self._files: dict[Path, _File] = {}
        self._marks: dict[str, _Mark] = {}
        self._generation = 0

    async def write(self, path: Path, read: str, take: Take) -> None:
        """Return when the file has what `take` gives now or later. Raises UnderstudyError.

        `read` is the digest of the text that was read from it. Other content, unless it was written here, is
        left alone.
        """
        file = self._files.setdefault(path, _File())
        if file.following is None:
            file.following = asyncio.get_running_loop().create_task(
                self._next(path, file, read, take), name=f"write {path.name}"
            )
        # a client that hangs up does not take the others' write with it
        await asyncio.shield(file.following)

    async def _next(self, path: Path, file: _File, read: str, take: Take) -> None:
        if file.running is not None:
            await asyncio.wait([file.running])
        file.running, file.following = file.following, None  # who comes from now on needs another write
        try:
            make = await take()
            loop = asyncio.get_running_loop()
            content = await loop.run_in_executor(None, make)
            digest = _digest(content)
            known = {*file.digests, read}
            file.digests.add(digest)
            if await loop.run_in_executor(None, _replace, path, content, known):
                file.writes += 1
                file.digests = {digest}
                return
        except OSError as error:
            raise UnderstudyError(f"{path.name} cannot be written: {error.strerror or error}") from None
        finally:
            file.running = None
        file.digests.clear()
        raise UnderstudyError(
            f"{path.name} is not written: somebody has changed it since it was read."
            " Try again when it has been reloaded"
        )

    def mark(self, path: Path, table: str, fingerprint: str) -> str:
        """What stands for the data of a table that was read from a file.

        It is the same as before if the file has what was written here: then the store has it, or newer.
        """
        file = self._files.setdefault(path, _File())
        known = self._marks.get(table)
        if known is not None:
            is_same = (fingerprint, file.writes) == known[1:]
            if is_same or self.is_own(path):
                return known.text
        self._generation += 1
        mark = f"{fingerprint}:{self._generation}"
        self._marks[table] = _Mark(mark, fingerprint, file.writes)
        if file.running is None:
            file.digests.clear()  # from here on, what was written before is an edit like any other
        return mark

    def is_own(self, path: Path) -> bool:
        """Whether a file holds what was written here last."""
        for known, file in self._files.items():
            if file.digests and path in {known, known.resolve()}:
                with contextlib.suppress(OSError):
                    return _digest(path.read_bytes()) in file.digests
        return False


def _digest(content: bytes) -> str:
    """As `Source.digest`, that of the text."""
    return blake2b(content.removeprefix(_BOM), digest_size=16).hexdigest()


def _replace(path: Path, content: bytes, known: AbstractSet[str]) -> bool:
    """Put content in the place of a file: a reader sees the old or the new, and so does a power failure.

    False, and nothing is done, if the file has something else than the contents with the `known` digests.
    """
    import tempfile

    path = path.resolve()
    with contextlib.suppress(FileNotFoundError):
        if _digest(path.read_bytes()) not in known:
            return False
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
    return True
