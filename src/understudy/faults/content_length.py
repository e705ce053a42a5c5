"""Replies whose Content-Length is wrong, or that have none."""

from __future__ import annotations

from msgspec import UNSET
from msgspec.structs import replace

from understudy.faults.pieces import Steps, is_unknown, opened, reply_of, with_head
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import ContentLength
from understudy.simulate.kit import Kit, Place
from understudy.steps import BODILESS, Close, HangUp, Head, Reset


def compile_content_length(fault: ContentLength, kit: Kit, place: Place) -> Strike:
    """The reply with another Content-Length over a connection that stays open, or with none until it closes.

    Where the length would be below 0, so much is added instead. What has no length (a 204, a stream) is
    left as it is.
    """
    add = -1 if fault.add_bytes is UNSET else fault.add_bytes

    def wrong(head: Head) -> Head:
        if fault.missing:
            return replace(head, framing=b"")
        length = head.reply.length + add
        if length < 0:
            length = head.reply.length - add
        return replace(head, framing=b"Content-Length: %d\r\n" % length)

    def strike(steps: Steps, moment: Moment) -> Steps:
        replies = filter(None, map(reply_of, steps))
        if is_unknown(steps) or any(reply.status in BODILESS for reply in replies):
            return steps
        pieces = opened(steps, moment.request)
        changed = with_head(pieces, lambda head: head if head.framing is not None else wrong(head))
        ends = any(isinstance(step, Close | HangUp | Reset) for step in changed)
        return changed if ends or not fault.missing or changed == pieces else (*changed, Close())

    return strike
