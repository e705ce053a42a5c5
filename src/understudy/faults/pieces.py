"""Replies in pieces: what the faults that spoil a reply have in common.

A fault is given a whole reply (Reply, SendFile) or what a fault before it made of one, and both are the
same to it once they are `opened`: a Head, then the body in pieces (Body, FileBody, Write; Paced or not), with
Waits between them, then how the connection ends. An application's reply (RunApp) is made
first, and then they see it; alone, as that of a static folder, such a step is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from msgspec.structs import replace

from understudy.request import Request
from understudy.steps import (
    BODILESS,
    STATUS_LINES,
    Abandon,
    Awaited,
    Body,
    Close,
    ExactReply,
    FileBody,
    Forward,
    HangUp,
    Head,
    Header,
    Paced,
    ReplaySocket,
    Reply,
    Reset,
    RunApp,
    SendFile,
    ServeStatic,
    Step,
    Write,
)
from understudy.views.dates import http_date

Steps = tuple[Step, ...]
Piece = Body | FileBody | Write
"""Part of a body."""
ENDS = (Close, HangUp, Reset, Abandon)
"""Steps that say what becomes of the connection."""


def is_unknown(steps: Steps) -> bool:
    """Whether the reply is made by something else, while it is sent, or is no reply but a conversation."""
    return any(isinstance(step, Awaited | ServeStatic | ReplaySocket) for step in steps)


def opened(steps: Steps, request: Request) -> Steps:
    """The same, with each reply as head and body. A reply without a body, as to HEAD, has no piece of it."""
    bodiless = request.method == "HEAD"
    pieces: list[Step] = []
    for step in steps:
        match step:
            case Reply():
                if isinstance(step, ExactReply):
                    step = step.with_body(step.body)  # one whose length is told anew
                pieces.append(Head(step))
                if step.body and not bodiless:
                    pieces.append(Body(step.body))
            case SendFile(reply, path, offset, length):
                pieces.append(Head(reply))
                if length and not bodiless and reply.status not in BODILESS:
                    pieces.append(FileBody(path, offset, length))
            case Body() | FileBody() | Paced(step=Body() | FileBody()) if bodiless:
                pass
            case _:
                pieces.append(step)
    return tuple(pieces)


def size_of(step: Step) -> int:
    """Bytes of the body that a step sends."""
    match step.step if isinstance(step, Paced) else step:
        case Body(data) | Write(data):
            return len(data)
        case FileBody(length=length):
            return length
    return 0


def body_size(steps: Steps) -> int:
    """Bytes of the body that opened steps send."""
    return sum(map(size_of, steps))


def split_end(steps: Steps) -> tuple[Steps, Steps]:
    """The steps, and from the first on that says what becomes of the connection."""
    for position, step in enumerate(steps):
        if isinstance(step, ENDS):
            return steps[:position], steps[position:]
    return steps, ()


def cut(steps: Steps, after_bytes: int) -> tuple[Steps, Steps]:
    """Opened steps up to so many bytes of the body, and those from there on."""
    left = after_bytes
    for position, step in enumerate(steps):
        size = size_of(step)
        if size <= left:
            left -= size
            continue
        before, behind = steps[:position], steps[position + 1 :]
        if not left:
            return before, steps[position:]
        if isinstance(step, Paced):
            first, rest = split(cast("Piece", step.step), left)
            return (*before, replace(step, step=first)), (replace(step, step=rest), *behind)
        first, rest = split(cast("Piece", step), left)
        return (*before, first), (rest, *behind)
    return steps, ()


def cut_off(steps: Steps, after_bytes: int, *last: Step) -> Steps:
    """Opened steps up to so many bytes of the body, then `last` instead of how the connection would end."""
    return (*cut(split_end(steps)[0], after_bytes)[0], *last)


def split(piece: Piece, at: int) -> tuple[Piece, Piece]:
    """A piece of the body in two, the first of so many bytes."""
    match piece:
        case FileBody(path, offset, length):
            return FileBody(path, offset, at), FileBody(path, offset + at, length - at)
        case Body(data):
            return Body(data[:at]), Body(data[at:])
        case Write(data):
            return Write(data[:at]), Write(data[at:])


def body_of(steps: Steps) -> bytes | None:
    """The body, as far as the steps send it; None where it is not known: files, applications, raw bytes."""
    data = []
    for step in steps:
        match step.step if isinstance(step, Paced) else step:
            case Reply(body=body) | Body(body):
                data.append(body)
            case SendFile() | FileBody() | Write() | RunApp() | Forward() | ServeStatic():
                return None
    return b"".join(data)


def with_body(steps: Steps, data: bytes) -> Steps:
    """The same with another body, and its length in the head. What is sent in pieces remains so."""
    replies = [reply for step in steps if (reply := reply_of(step)) is not None]
    if not replies:
        return steps
    reply = replies[0].with_body(data)
    left = reply.body  # none, if the status allows none
    last = max((position for position, step in enumerate(steps) if size_of(step)), default=-1)
    result: list[Step] = []
    for position, step in enumerate(steps):
        size = size_of(step)
        if size:
            taken, left = (left, b"") if position == last else (left[:size], left[size:])
            if taken:
                piece = Body(taken)
                result.append(replace(step, step=piece) if isinstance(step, Paced) else piece)
        elif isinstance(step, Reply | SendFile):
            result.append(reply)
        else:
            result.append(_with_reply(step, lambda _: reply))
            if last < 0 and left and reply_of(step) is not None:
                result.append(Body(left))
    return tuple(result)


def reply_of(step: Step) -> Reply | None:
    """The reply whose head a step sends."""
    match step.step if isinstance(step, Paced) else step:
        case Reply() as reply:
            return reply
        case Head(reply) | SendFile(reply):
            return reply
    return None


def with_reply(steps: Steps, change: Callable[[Reply], Reply]) -> Steps:
    """The same, with the reply that is sent changed in its head."""
    return tuple(_with_reply(step, change) for step in steps)


def _with_reply(step: Step, change: Callable[[Reply], Reply]) -> Step:
    match step:
        case Reply():
            return change(step)
        case Head(reply) | SendFile(reply):
            return replace(step, reply=change(reply))
        case Paced(Head() as head, chunk_bytes, gap_s):
            return Paced(replace(head, reply=change(head.reply)), chunk_bytes, gap_s)
    return step


def with_head(steps: Steps, change: Callable[[Head], Head]) -> Steps:
    """Opened steps with another head."""
    result: list[Step] = []
    for step in steps:
        match step:
            case Head():
                result.append(change(step))
            case Paced(Head() as head, chunk_bytes, gap_s):
                result.append(Paced(change(head), chunk_bytes, gap_s))
            case _:
                result.append(step)
    return tuple(result)


def with_header(reply: Reply, name: bytes, value: bytes) -> Reply:
    """The same reply with one header of that name, whatever it had."""
    kept: tuple[Header, ...] = tuple(one for one in reply.headers if one[0].lower() != name.lower())
    return with_headers(reply, (*kept, (name, value)))


def with_headers(reply: Reply, headers: tuple[Header, ...]) -> Reply:
    """The same reply with other headers."""
    return Reply(reply.status, headers, reply.body, length=reply.length, dated=reply.dated)


def header_of(reply: Reply, name: bytes) -> bytes | None:
    """The first value of a header."""
    return next((value for known, value in reply.headers if known.lower() == name.lower()), None)


def head_bytes(head: Head, now_s: float) -> bytes:
    """A head as it is on the wire of a connection that stays open, with its empty line."""
    reply = head.reply
    start = reply.start
    if head.status_line is not None:
        start = head.status_line + start[len(STATUS_LINES[reply.status]) :]
    framing = reply.head()[len(reply.start) :] if head.framing is None else head.framing
    date = b"" if reply.dated else b"Date: %b\r\n" % http_date(now_s).encode()
    return b"".join((start, head.lines, framing, date, b"\r\n"))


def paced(step: Step, chunk_bytes: int, gap_s: float) -> Step:
    """A step, sent in chunks if it sends anything. If it has a pace already, the slower of both holds."""
    match step:
        case Paced(inner, chunk, gap):
            small = min(chunk, chunk_bytes)
            return Paced(inner, small, small * max(gap / chunk, gap_s / chunk_bytes))
        case Head() | Body() | FileBody() | Write():
            return Paced(step, chunk_bytes, gap_s)
    return step


def is_sent(step: Step) -> bool:
    """Whether a step is one that can be sent in chunks."""
    return isinstance(step, Head | Body | FileBody | Write | Paced)
