"""Faults that strike when the head of a request has come, before its body is read.

They see no reply, as there is none yet. Requests without a body are not asked for.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from understudy.faults.error import DEFAULT_BODY
from understudy.faults.pieces import Steps
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import EarlyReply, SlowRead, Unread
from understudy.simulate.content import constant_headers
from understudy.simulate.kit import Kit, Place
from understudy.steps import Close, HangUp, ReadSlowly, Reply, Wait


def compile_early_reply(fault: EarlyReply, kit: Kit, place: Place) -> Strike:
    """A refusal instead of reading the body, and the connection closes (RFC 9110 section 15.5.14)."""
    headers = constant_headers(fault.headers, b"application/json", kit, place, fault.status)
    headers = tuple(header for header in headers if header[0].lower() != b"connection")  # the net says it
    dated = any(name.lower() == b"date" for name, _ in headers)
    reply = Reply(fault.status, headers, msgspec.json.encode(DEFAULT_BODY), dated=dated)
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
