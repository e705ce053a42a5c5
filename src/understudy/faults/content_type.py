"""Replies whose head says that the body is something else."""

from __future__ import annotations

from collections.abc import Callable

from understudy.faults.pieces import Steps, header_of, with_header, with_reply
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import Charset, ContentType
from understudy.simulate.kit import Kit, Place
from understudy.steps import BODILESS, Reply

_NAME = b"Content-Type"


def compile_content_type(fault: ContentType, kit: Kit, place: Place) -> Strike:
    """The reply with another `Content-Type`."""
    return _changed(lambda reply: fault.type.strip().encode())


def compile_charset(fault: Charset, kit: Kit, place: Place) -> Strike:
    """The reply with another `charset` in its `Content-Type`."""
    charset = fault.charset.strip().encode()

    def changed(reply: Reply) -> bytes:
        media_type = (header_of(reply, _NAME) or b"text/plain").partition(b";")[0].strip()
        return media_type + b"; charset=" + charset

    return _changed(changed)


def _changed(value: Callable[[Reply], bytes]) -> Strike:
    def change(reply: Reply) -> Reply:
        return reply if reply.status in BODILESS else with_header(reply, _NAME, value(reply))

    def strike(steps: Steps, moment: Moment) -> Steps:
        return with_reply(steps, change)

    return strike
