"""Chunked replies whose chunks break the rules (RFC 9112 section 7.1)."""

from __future__ import annotations

from msgspec.structs import replace

from understudy.faults.event_stream import CHUNKED
from understudy.faults.pieces import (
    Steps,
    body_size,
    is_unknown,
    opened,
    reply_of,
    size_of,
    split_end,
    with_head,
)
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import MalformedChunk
from understudy.simulate.kit import Kit, Place
from understudy.steps import BODILESS, HangUp, Step, Write

GARBAGE_BYTES = 64
MISSING_BYTES = 16
"""By how many bytes a chunk is shorter than it says."""


def compile_malformed_chunk(fault: MalformedChunk, kit: Kit, place: Place) -> Strike:
    """A head that says chunked, one chunk that is wrong, and the connection is closed.

    What may have no body is closed after the head.
    """

    def strike(steps: Steps, moment: Moment) -> Steps:
        if is_unknown(steps):
            return steps
        main, _ = split_end(opened(steps, moment.request))
        main = with_head(main, lambda head: replace(head, framing=CHUNKED))
        if _is_bodiless(main, moment):
            return (*main, HangUp())
        first = next((position for position, step in enumerate(main) if size_of(step)), len(main))
        head, body = main[:first], main[first:]
        if fault.how == "garbage":
            drawn = moment.lots.raw("bytes", GARBAGE_BYTES)
            # no digit comes first, so that it is no size even by chance
            return (*head, Write(bytes([drawn[0] | 0x80]) + drawn[1:]), HangUp())
        return (*head, *_chunk(fault.how, body), HangUp())

    return strike


def _chunk(how: str, body: Steps) -> Steps:
    size = body_size(body)
    if how == "size":
        return Write(b"what a size\r\n"), *body, Write(b"\r\n0\r\n\r\n")
    if how == "short":
        return Write(b"%x\r\n" % (size + MISSING_BYTES)), *body
    chunk: tuple[Step, ...] = (Write(b"%x\r\n" % size), *body, Write(b"\r\n"))
    return chunk if size else ()  # a chunk of no bytes is the last one


def _is_bodiless(steps: Steps, moment: Moment) -> bool:
    replies = map(reply_of, steps)
    return moment.request.method == "HEAD" or any(reply and reply.status in BODILESS for reply in replies)
