"""An error status instead of the reply."""

from __future__ import annotations

from itertools import accumulate
from math import ceil

from msgspec import UNSET

from understudy.faults.pieces import Steps
from understudy.faults.strike import Moment, Strike
from understudy.model.endpoint import FAILURE_BODY
from understudy.model.faults import Error
from understudy.simulate.content import constant_reply
from understudy.simulate.kit import Kit, Place
from understudy.steps import Close, Reply
from understudy.views.dates import http_date


def compile_error(fault: Error, kit: Kit, place: Place) -> Strike:
    """A reply with an error status; of several statuses one is drawn by weight."""
    mix = {str(fault.status): 1.0} if fault.mix is UNSET else fault.mix
    replies = {int(status): _reply(fault, int(status), kit, place) for status in mix}
    tail: Steps = (Close(),) if _closes(fault) else ()
    statuses, bounds = [*replies], [*accumulate(mix.values())]

    def strike(ignored: Steps, moment: Moment) -> Steps:
        drawn = moment.lots.unit("status") * bounds[-1] if len(bounds) > 1 else 0.0
        status = next(status for status, bound in zip(statuses, bounds, strict=True) if drawn < bound)
        reply = replies[status]
        if fault.retry_after_s is not UNSET:
            when = _retry_after(fault.retry_after_s, fault.retry_after_as, moment.now_s)
            reply = reply.with_headers(((b"Retry-After", when),))
        return (reply, *tail)

    return strike


def _reply(fault: Error, status: int, kit: Kit, place: Place) -> Reply:
    headers = fault.headers
    if _closes(fault):  # the net says it, since it must say it for other reasons too
        headers = {name: value for name, value in headers.items() if name.lower() != "connection"}
    return constant_reply(status, fault.body, headers, kit, place, FAILURE_BODY)


def _closes(fault: Error) -> bool:
    return any(
        name.lower() == "connection" and isinstance(value, str) and value.strip().lower() == "close"
        for name, value in fault.headers.items()
    )


def _retry_after(seconds: float, written_as: str, now_s: float) -> bytes:
    """In whole seconds, never too early (RFC 9110 section 10.2.3)."""
    if written_as == "date":
        return http_date(ceil(now_s + seconds)).encode()
    return b"%d" % ceil(seconds)
