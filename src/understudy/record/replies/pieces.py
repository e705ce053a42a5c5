"""Bodies as steps, in the pieces and at the times in which they came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from understudy.record.exchange import BodyInFile, Chunk, Payload
from understudy.record.replies.heads import Framing
from understudy.steps import Body, FileBody, Header, Step, Wait, Write

SHORTEST_WAIT_S = 0.0005
"""Shorter pauses within a body are added to the next one: no client can tell, and each costs a timer."""
MAX_PIECES = 100_000
"""Pieces of one body; the last one has the rest."""


class Timed(NamedTuple):
    """A piece of a body from `start` to `stop`, and how long to wait before it (s)."""

    wait_s: float
    start: int
    stop: int


def timed_pieces(size: int, chunks: Sequence[Chunk], began_ms: float, speed: float) -> list[Timed]:
    """The pieces of a body of `size` bytes that began at `began_ms`; `speed` 0 is one piece at once.

    Sizes were recorded of the body as it came. If it has another size now, the last piece has more or less.
    """
    if not speed or not chunks:
        return [Timed(0.0, 0, size)] if size else []
    pieces: list[Timed] = []
    position, sent_s = 0, 0.0
    for chunk in chunks[:MAX_PIECES]:
        if position >= size or chunk.size <= 0:
            continue
        due_s = max((chunk.at_ms - began_ms) / 1000 / speed, 0.0)
        wait_s = due_s - sent_s
        stop = min(position + chunk.size, size)
        if pieces and wait_s < SHORTEST_WAIT_S:
            pieces[-1] = pieces[-1]._replace(stop=stop)
        else:
            wait_s = wait_s if wait_s >= SHORTEST_WAIT_S else 0.0
            sent_s += wait_s
            pieces.append(Timed(wait_s, position, stop))
        position = stop
    if position < size:
        start = pieces.pop() if pieces else Timed(0.0, 0, 0)
        pieces.append(start._replace(stop=size))
    return pieces


def body_steps(body: Payload, pieces: Sequence[Timed], framing: Framing) -> Iterator[Step]:
    """The steps that send the pieces; in chunks (RFC 9112 section 7.1) where the framing says so."""
    is_chunked = framing == "chunked"
    for wait_s, start, stop in pieces:
        if wait_s:
            yield Wait(wait_s)
        if isinstance(body, BodyInFile):
            if is_chunked:
                yield Write(b"%x\r\n" % (stop - start))
            yield FileBody(body.path, start, stop - start)
            if is_chunked:
                yield Write(b"\r\n")
        elif is_chunked:
            yield Write(b"%x\r\n%b\r\n" % (stop - start, body[start:stop]))
        else:
            yield Body(body[start:stop])


def last_chunk(trailers: Sequence[Header]) -> Write:
    """What ends a body in chunks."""
    return Write(b"0\r\n" + b"".join([b"%b: %b\r\n" % header for header in trailers]) + b"\r\n")
