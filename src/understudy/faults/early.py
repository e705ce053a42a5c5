"""Faults that strike when the head of a request has come, before its body is read.

They see no reply, as there is none yet. Requests without a body are not asked for.
"""

from __future__ import annotations

from msgspec import UNSET

from understudy.faults.pieces import Steps
from understudy.faults.strike import Moment, Strike
from understudy.model.endpoint import FAILURE_BODY
from understudy.model.faults import EarlyReply, SlowRead, Unread
from understudy.simulate.content import constant_reply
from understudy.simulate.kit import Kit, Place
from understudy.steps import Close, HangUp, ReadSlowly, Wait


def compile_early_reply(fault: EarlyReply, kit: Kit, place: Place) -> Strike:
    """A refusal instead of reading the body, and the connection closes (RFC 9110 section 15.5.14)."""
    # what is done with the connection, the net says
    headers = {name: value for name, value in fault.headers.items() if name.lower() != "connection"}
    reply = constant_reply(fault.status, UNSET, headers, kit, place, FAILURE_BODY)
    return _always((reply, Close()))


def compile_unread(fault: Unread, kit: Kit, place: Place) -> Strike:
    """Nothing more is read or sent, and after a time the connection is closed."""
    seconds = kit.config.limits.body_timeout_s if fault.for_ms is UNSET else fault.for_ms / 1000
    return _always((Wait(seconds), HangUp()))


def compile_slow_read(fault: SlowRead, kit: Kit, place: Place) -> Strike:
    """The body is read at a rate, and then the request is answered as usual."""
    return _always((ReadSlowly(fault.bytes_per_s),))


def _always(steps: Steps) -> Strike:
    def strike(ignored: Steps, moment: Moment) -> Steps:
        return steps

    return strike


__all__ = ["compile_early_reply", "compile_slow_read", "compile_unread"]
