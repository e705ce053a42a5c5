"""Random bytes instead of HTTP."""

from __future__ import annotations

from understudy.faults.pieces import Steps
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import Garbage
from understudy.simulate.kit import Kit, Place
from understudy.steps import HangUp, Write


def compile_garbage(fault: Garbage, kit: Kit, place: Place) -> Strike:
    """Random bytes where the status line belongs, and the connection is closed."""

    def strike(ignored: Steps, moment: Moment) -> Steps:
        return Write(moment.lots.raw("bytes", fault.bytes)), HangUp()

    return strike
