"""Bodies that are said to be compressed, and cannot be unpacked (RFC 1952)."""

from __future__ import annotations

import zlib

from understudy.faults.pieces import Steps, body_of, with_body, with_header, with_reply
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import BadGzip
from understudy.simulate.kit import Kit, Place
from understudy.steps import BODILESS, Reply

HEADER_BYTES, TRAILER_BYTES = 10, 8
"""Of a gzip file: the trailer is the CRC of the content, then its size."""
_LEVEL = 1  # nobody unpacks it, so it may as well be quick
_WBITS = 31  # says gzip; the time in its header is 0


def compile_bad_gzip(fault: BadGzip, kit: Kit, place: Place) -> Strike:
    """The reply with `Content-Encoding: gzip`, and a body that cannot be unpacked.

    An empty body is left as it is, and so is one that is not known: of a large file.
    """

    def strike(steps: Steps, moment: Moment) -> Steps:
        body = body_of(steps)
        if not body:
            return steps
        spoilt = body if fault.how == "plain" else _spoilt(fault.how, body)
        return with_body(with_reply(steps, _compressed), spoilt)

    return strike


def _compressed(reply: Reply) -> Reply:
    return reply if reply.status in BODILESS else with_header(reply, b"Content-Encoding", b"gzip")


def _spoilt(how: str, body: bytes) -> bytes:
    packed = bytearray(zlib.compress(body, _LEVEL, wbits=_WBITS))
    if how == "cut":
        return bytes(packed[: HEADER_BYTES + (len(packed) - HEADER_BYTES) // 2])
    if how == "checksum":
        packed[-TRAILER_BYTES] ^= 0xFF
    else:
        packed[(HEADER_BYTES + len(packed) - TRAILER_BYTES) // 2] ^= 0xFF
    return bytes(packed)
