"""What is seen of a body as it passes: kept in memory as long as it is small, then in a file."""

from __future__ import annotations

from collections.abc import Callable
from io import BufferedWriter
from pathlib import Path

from understudy.net.upstream.base import Incoming
from understudy.record.exchange import BodyInFile, Chunk, Payload, RecordedReply
from understudy.steps import Header

MAX_IN_MEMORY_BYTES = 1024 * 1024
MAX_CHUNKS = 10_000
"""Pieces of a body whose times are kept."""
STREAM_MS = 20.0
"""A body whose pieces came over a longer time is a stream: their times are kept."""


class SeenBody:
    """A body, piece by piece. `spool` gives a new file; `most` bytes are kept, of more nothing is."""

    __slots__ = ("_file", "_path", "_pieces", "_spool", "chunks", "is_lost", "most", "size")

    def __init__(self, spool: Callable[[], Path], most: int) -> None:
        self._spool = spool
        self._pieces: list[bytes] = []
        self._path: Path | None = None
        self._file: BufferedWriter | None = None
        self.most = most
        self.size = 0
        self.is_lost = False
        """Whether it was too large to be kept."""
        self.chunks: list[Chunk] = []

    def add(self, data: bytes, at_ms: float = 0.0) -> None:
        """More of it. Raises OSError and UnderstudyError if the file cannot be written."""
        self.size += len(data)
        if self.is_lost:
            return
        if self.size > self.most:
            self.drop()
            self.is_lost = True
            return
        self._time(at_ms, len(data))
        if self._file is None:
            self._pieces.append(data)
            if self.size > MAX_IN_MEMORY_BYTES:
                self._path = self._spool()
                self._file = self._path.open("wb")
                self._file.writelines(self._pieces)
                self._pieces.clear()
        else:
            self._file.write(data)

    def _time(self, at_ms: float, size: int) -> None:
        chunks = self.chunks
        if chunks and (at_ms - chunks[-1].at_ms < 1.0 or len(chunks) >= MAX_CHUNKS):
            chunks[-1] = Chunk(chunks[-1].at_ms, chunks[-1].size + size)
        else:
            chunks.append(Chunk(at_ms, size))

    @property
    def stream(self) -> tuple[Chunk, ...]:
        """The times of its pieces, if it came over time."""
        chunks = self.chunks
        return tuple(chunks) if chunks and chunks[-1].at_ms - chunks[0].at_ms >= STREAM_MS else ()

    def payload(self) -> Payload:
        """All of it: the caller's from now on."""
        if self._file is None:
            return b"".join(self._pieces)
        self._file.close()
        path, self._file, self._path = self._path, None, None
        assert path is not None
        return BodyInFile(path, self.size)

    def drop(self) -> None:
        """Forget it."""
        self._pieces.clear()
        file, self._file = self._file, None
        path, self._path = self._path, None
        try:
            if file is not None:
                file.close()  # writes what it still holds, which fails where a disk is full
        finally:
            if path is not None:
                path.unlink(missing_ok=True)


def reply_seen(head: Incoming, body: SeenBody, trailers: tuple[Header, ...]) -> RecordedReply:
    """A reply as it is recorded. Raises OSError if what was kept cannot be written."""
    return RecordedReply(
        status=head.status,
        reason=head.reason.decode("latin-1"),
        version=head.version,
        headers=head.headers,
        body=body.payload(),
        framing=head.framing,
        trailers=trailers,
        chunks=body.stream,
    )
