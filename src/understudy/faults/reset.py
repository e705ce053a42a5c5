"""The connection is reset: before any byte, or in the middle of the body."""

from __future__ import annotations

from msgspec import UNSET

from understudy.faults.pieces import Steps, cut_off, opened
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import Reset as ResetFault
from understudy.model.faults import ResetPeer
from understudy.simulate.kit import Kit, Place
from understudy.steps import Reset, Wait


def compile_reset(fault: ResetFault, kit: Kit, place: Place) -> Strike:
    """The head and the first bytes of the body, if it says how many, and a TCP RST.

    All of a shorter body is sent.
    """
    timeout_s = fault.timeout / 1000 if isinstance(fault, ResetPeer) else 0.0
    wait: Steps = (Wait(timeout_s),) if timeout_s else ()
    if fault.after_bytes is UNSET:
        return lambda ignored, moment: (*wait, Reset())
    after_bytes = fault.after_bytes

    def strike(steps: Steps, moment: Moment) -> Steps:
        return cut_off(opened(steps, moment.request), after_bytes, *wait, Reset())

    return strike
