"""Connections that are closed too late, only half, or at a bad time."""

from __future__ import annotations

from msgspec import UNSET

from understudy.faults.pieces import Steps, split_end
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import SlowClose, StaleConnection
from understudy.simulate.kit import Kit, Place
from understudy.steps import Abandon, Close, HangUp, Reset, Wait

DEFAULT_S = 5.0


def compile_slow_close(fault: SlowClose, kit: Kit, place: Place) -> Strike:
    """The reply says that the connection closes, and a time later it does; half of it at once, if asked.

    A reply that is cut off by a fault before gets the same end. A connection that is reset stays so.
    """
    written = fault.delay if fault.for_ms is UNSET else fault.for_ms
    wait = Wait(DEFAULT_S if written is UNSET else written / 1000)
    late: Steps = (HangUp(half=True), wait, HangUp()) if fault.half_open else (wait, HangUp())

    def strike(steps: Steps, moment: Moment) -> Steps:
        main, end = split_end(steps)
        if any(isinstance(step, Reset) for step in end):
            return steps
        if any(isinstance(step, HangUp) for step in end):
            return (*main, *(step for step in end if not isinstance(step, HangUp)), *late)
        return (*main, Close(), *late)

    return strike


def compile_stale_connection(fault: StaleConnection, kit: Kit, place: Place) -> Strike:
    """The reply as it is, and then the connection is closed without a word.

    A connection that closes anyway does so as it would.
    """
    abandon = Abandon(fault.after_ms / 1000)

    def strike(steps: Steps, moment: Moment) -> Steps:
        return (*steps, abandon) if not split_end(steps)[1] else steps

    return strike
