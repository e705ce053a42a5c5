"""Requests that are read and get no answer: the connection hangs, or is closed."""

from __future__ import annotations

from msgspec import UNSET

from understudy.faults.pieces import Steps
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import FOREVER_S, EmptyReply, Hang, Timeout
from understudy.simulate.kit import Kit, Place
from understudy.steps import HangUp, Wait


def compile_hang(fault: Hang | Timeout, kit: Kit, place: Place) -> Strike:
    """Nothing is sent, and after a time the connection is closed. A client that gives up ends the wait."""
    if isinstance(fault, Timeout):
        seconds = fault.timeout / 1000 or FOREVER_S  # Toxiproxy's 0 is for ever
    else:
        seconds = FOREVER_S if fault.for_ms is UNSET else fault.for_ms / 1000
    return _always((Wait(seconds), HangUp()))


def compile_empty_reply(fault: EmptyReply, kit: Kit, place: Place) -> Strike:
    """The connection is closed at once, without a byte."""
    return _always((HangUp(),))


def _always(steps: Steps) -> Strike:
    def strike(ignored: Steps, moment: Moment) -> Steps:
        return steps

    return strike
