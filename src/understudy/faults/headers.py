"""Heads that are too large, contradict themselves, or break the rules of HTTP."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET
from msgspec.structs import replace

from understudy.faults.pieces import Steps, header_of, opened, with_head
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import BadStatusLine, DuplicateHeader, InvalidHeader, OversizedHeader
from understudy.simulate.kit import Kit, Place
from understudy.steps import BODILESS, Head
from understudy.views.dates import http_date

INVALID_LINES = {
    "no_colon": b"X-Broken without a colon\r\n",
    "space": b"X-Broken : a space before the colon\r\n",
    "control": b"X-Broken: NUL \x00 in the value\r\n",
    "empty_name": b": no name\r\n",
    "non_ascii": "X-Brökèn: not ASCII\r\n".encode(),
}


def compile_oversized_header(fault: OversizedHeader, kit: Kit, place: Place) -> Strike:
    """The reply with more headers: `X-Oversized-1`, …, which share the bytes."""
    value = b"x" * -(-fault.bytes // fault.count)
    lines = b"".join(b"X-Oversized-%d: %b\r\n" % (number, value) for number in range(1, fault.count + 1))
    return _with_lines(lambda head, moment: lines)


def compile_duplicate_header(fault: DuplicateHeader, kit: Kit, place: Place) -> Strike:
    """The reply with a second header of a name; with both, if it has none of its own."""
    name = fault.name.strip().encode()
    value = None if fault.value is UNSET else fault.value.strip().encode("utf-8", "replace")

    def lines(head: Head, moment: Moment) -> bytes:
        first, is_there = _first(name.lower(), head, moment)
        second = value
        if second is None:
            second = b"%d" % (head.reply.length + 1) if name.lower() == b"content-length" else b"x-" + first
        written = [second] if is_there else [first, second]
        return b"".join(b"%b: %b\r\n" % (name, one) for one in written)

    return _with_lines(lines)


def _first(name: bytes, head: Head, moment: Moment) -> tuple[bytes, bool]:
    """The value of the reply's own header, and whether it has it."""
    reply = head.reply
    if name == b"content-length":
        return b"%d" % reply.length, head.framing is None and reply.status not in BODILESS
    own = header_of(reply, name)
    if own is not None:
        return own, True
    if name == b"date":  # which the net adds
        return http_date(moment.now_s).encode(), True
    return b"1", False


def compile_invalid_header(fault: InvalidHeader, kit: Kit, place: Place) -> Strike:
    """The reply with one more line in its head, which is no header."""
    line = INVALID_LINES[fault.how]
    return _with_lines(lambda head, moment: line)


def compile_bad_status_line(fault: BadStatusLine, kit: Kit, place: Place) -> Strike:
    """The reply with another first line."""
    line = fault.line.rstrip("\n").encode("utf-8", "replace") + b"\r\n"

    def strike(steps: Steps, moment: Moment) -> Steps:
        return with_head(opened(steps, moment.request), lambda head: replace(head, status_line=line))

    return strike


def _with_lines(lines: Callable[[Head, Moment], bytes]) -> Strike:
    def strike(steps: Steps, moment: Moment) -> Steps:
        def more(head: Head) -> Head:
            return replace(head, lines=head.lines + lines(head, moment))

        return with_head(opened(steps, moment.request), more)

    return strike
