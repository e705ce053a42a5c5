"""Streams of server-sent events that are interrupted (HTML standard, section 9.2)."""

from __future__ import annotations

import re

from msgspec import UNSET

from understudy.faults.pieces import Steps, body_of, opened, reply_of, size_of, split_end, with_head
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import EventStream
from understudy.simulate.kit import Kit, Place
from understudy.steps import BODILESS, Body, Close, HangUp, Head, Step, Wait, Write

_EVENT = re.compile(rb".*?(?:\r\n\r\n|\n\n|\r\r|\Z)", re.DOTALL)
_JUNK = b"\xff\xfe\nno field\n"
"""Bytes that are no UTF-8, and a line without a colon."""
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def compile_event_stream(fault: EventStream, kit: Kit, place: Place) -> Strike:
    """The body event by event, without its length: in chunks, or to a client of HTTP/1.0 until the end.

    A malformed event has junk in its middle. Events end with an empty line. What has no body, and a body that
    is not known, of a large file, is left as it is.
    """

    def strike(steps: Steps, moment: Moment) -> Steps:
        body = body_of(steps)
        pieces = opened(steps, moment.request)
        is_bodiless = any((reply := reply_of(step)) and reply.status in BODILESS for step in pieces)
        if not body or is_bodiless or moment.request.method == "HEAD":
            return steps
        return _streamed(fault, pieces, body, in_chunks=moment.request.version == "1.1")

    return strike


def _streamed(fault: EventStream, pieces: Steps, body: bytes, *, in_chunks: bool) -> Steps:
    main, end = split_end(pieces)
    places = [position for position, step in enumerate(main) if size_of(step)]
    before, behind = main[: places[0]], main[places[-1] + 1 :]
    framing = CHUNKED if in_chunks else b""
    events = _events(body)
    stream: list[Step] = []
    for number, event in enumerate(events):
        is_cut = fault.cut_after is not UNSET and number == fault.cut_after
        if number and fault.gap_ms:
            stream.append(Wait(fault.gap_ms / 1000))
        if fault.malformed is not UNSET and number + 1 == fault.malformed:
            half = len(event) // 2
            event = event[:half] + _JUNK + event[half:]
        stream.append(_sent(event[: (len(event) + 1) // 2] if is_cut else event, in_chunks=in_chunks))
        if is_cut:
            break
    head = with_head(before, lambda head: Head(head.reply, framing, head.status_line, head.lines))
    if fault.cut_after is not UNSET and fault.cut_after <= len(events):
        return (*head, *stream, HangUp())
    if any(isinstance(step, HangUp) for step in end):
        return (*head, *stream, *behind, *end)
    if in_chunks:
        return (*head, *stream, *behind, Write(b"0\r\n\r\n"), *end)
    return (*head, *stream, *behind, *(end if Close() in end else (Close(), *end)))


def _sent(event: bytes, *, in_chunks: bool) -> Step:
    return Write(b"%x\r\n%b\r\n" % (len(event), event)) if in_chunks else Body(event)


def _events(body: bytes) -> list[bytes]:
    """A body's events, each with the empty line that ends it."""
    return [event for event in _EVENT.findall(body) if event]
