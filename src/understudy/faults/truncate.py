"""Replies that end too early: the connection is closed in the middle."""

from __future__ import annotations

from msgspec import UNSET

from understudy.faults.pieces import (
    Steps,
    body_size,
    cut_off,
    head_bytes,
    is_unknown,
    opened,
)
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import LimitData, Truncate
from understudy.simulate.kit import Kit, Place
from understudy.steps import HangUp, Head, Paced, Step, Write


def compile_truncate(fault: Truncate, kit: Kit, place: Place) -> Strike:
    """The head, a part of the body, and the connection is closed.

    At least one byte is missing; where there is no body, the connection is closed after the head.
    """
    fraction = 0.5 if fault.fraction is UNSET else fault.fraction

    def strike(steps: Steps, moment: Moment) -> Steps:
        if is_unknown(steps):
            return steps
        pieces = opened(steps, moment.request)
        size = body_size(pieces)
        after = int(size * fraction) if fault.after_bytes is UNSET else fault.after_bytes
        return cut_off(pieces, max(0, min(after, size - 1)), HangUp())

    return strike


def compile_limit_data(fault: LimitData, kit: Kit, place: Place) -> Strike:
    """The first bytes of the reply, its head among them, and the connection is closed.

    A reply that is not longer is left as it is.
    """

    def strike(steps: Steps, moment: Moment) -> Steps:
        if is_unknown(steps):
            return steps
        raw = tuple(_raw(step, moment.now_s) for step in opened(steps, moment.request))
        return cut_off(raw, fault.bytes, HangUp()) if body_size(raw) > fault.bytes else steps

    return strike


def _raw(step: Step, now_s: float) -> Step:
    """A head as its bytes, so that they count."""
    match step:
        case Head():
            return Write(head_bytes(step, now_s))
        case Paced(Head() as head, chunk_bytes, gap_s):
            return Paced(Write(head_bytes(head, now_s)), chunk_bytes, gap_s)
    return step
