"""Cutting what a request asks for with `Range` from the recording of the whole (RFC 9110 section 14)."""

from __future__ import annotations

from dataclasses import replace

from understudy.record.exchange import BodyInFile, RecordedExchange, RecordedReply
from understudy.record.replies.heads import exact, headers_of, without_length
from understudy.request import Request
from understudy.steps import SendFile, Step
from understudy.views.ranges import asked_part

OF_A_PART = b"content-range"
VALIDATORS = frozenset((b"etag", b"last-modified"))


def asks_for_part(exchange: RecordedExchange, request: Request) -> bool:
    """Whether a request names a part of what was recorded without one being named, and with its body."""
    if request.header("range") is None or exchange.request.method == "HEAD":
        return False
    return not any(name.lower() == b"range" for name, _ in exchange.request.headers)


def part_step(reply: RecordedReply, request: Request) -> Step | None:
    """The 206, or the 416, that a server which knows ranges answers; None: the whole is the answer.

    A server that said that it knows none (`Accept-Ranges: none`) knows none.
    """
    if reply.status != 200 or any(_says_none(name, value) for name, value in reply.headers):
        return None
    body = reply.body
    size = body.size if isinstance(body, BodyInFile) else len(body)
    known = {value.decode("latin-1") for name, value in reply.headers if name.lower() in VALIDATORS}
    part = asked_part(request.method, request.header("range"), request.header("if-range"), known, size)
    if part is None:
        return None
    start, stop = part
    if start >= stop:
        refused = _with(reply, 416, b"bytes */%d" % size)
        return exact(refused, headers_of(refused, 0), b"")
    cut = _with(reply, 206, b"bytes %d-%d/%d" % (start, stop - 1, size))
    length = stop - start
    if isinstance(body, bytes):
        return exact(cut, headers_of(cut, length), body[start:stop])
    made = exact(cut, headers_of(cut, length), b"")
    made.length = length
    return SendFile(made, body.path, start, length)


def _with(reply: RecordedReply, status: int, content_range: bytes) -> RecordedReply:
    headers = tuple(header for header in without_length(reply.headers) if header[0].lower() != OF_A_PART)
    return replace(
        reply, status=status, reason="", headers=(*headers, (b"Content-Range", content_range)), trailers=()
    )


def _says_none(name: bytes, value: bytes) -> bool:
    return name.lower() == b"accept-ranges" and value.strip().lower() == b"none"
