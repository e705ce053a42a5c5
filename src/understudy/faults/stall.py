"""The body stops on its way."""

from __future__ import annotations

from msgspec import UNSET

from understudy.faults.pieces import Steps, body_size, cut, cut_off, is_unknown, opened
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import FOREVER_S, Stall
from understudy.simulate.kit import Kit, Place
from understudy.steps import HangUp, Wait


def compile_stall(fault: Stall, kit: Kit, place: Place) -> Strike:
    """The head, a part of the body, a pause, and the rest, or after a pause without end no more.

    At least one byte comes after the pause; a reply without a body is complete before it, and then it is the
    connection that hangs.
    """

    def strike(steps: Steps, moment: Moment) -> Steps:
        if is_unknown(steps):
            return steps
        pieces = opened(steps, moment.request)
        after = max(0, min(fault.after_bytes, body_size(pieces) - 1))
        if fault.for_ms is UNSET:
            return cut_off(pieces, after, Wait(FOREVER_S), HangUp())
        before, rest = cut(pieces, after)
        return (*before, Wait(fault.for_ms / 1000), *rest)

    return strike
