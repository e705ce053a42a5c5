"""Heads of recorded replies: what is sent of their headers, and how their bodies are framed."""

from __future__ import annotations

from typing import Literal

from understudy.record.exchange import RecordedReply
from understudy.steps import BODILESS, ExactReply, Header

Framing = Literal["length", "chunked", "close", "none"]

ON_ONE_CONNECTION = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade")
)
"""Headers that a recording has only by somebody's hand: two of them would frame the body twice."""

CHUNKED = b"Transfer-Encoding: chunked\r\n"


def status_line(reply: RecordedReply) -> bytes | None:
    """The status line with the recorded reason; None for the usual one, as HTTP/2 has no reasons."""
    if not reply.reason and not reply.version.startswith("1"):
        return None
    return b"HTTP/1.1 %d %b\r\n" % (reply.status, reply.reason.encode("latin-1", "replace"))


def headers_of(reply: RecordedReply, length: int | None) -> tuple[Header, ...]:
    """The headers as they were recorded. `length` is what Content-Length has to say, where that is what
    frames the body: a body that was edited or rendered has another one than was recorded. None: as it is.
    """
    headers = [header for header in reply.headers if header[0].lower() not in ON_ONE_CONNECTION]
    if length is None:
        return tuple(headers)
    value = b"%d" % length
    known = False
    for number, (name, written) in enumerate(headers):
        if name.lower() == b"content-length":
            if written.lstrip(b"0") != value.lstrip(b"0"):
                headers[number] = (name, value)
            known = True
    if not known:
        headers.append((b"Content-Length", value))
    return tuple(headers)


def led_here(headers: tuple[Header, ...], there: bytes, here: bytes = b"") -> tuple[Header, ...]:
    """Headers of a reply whose locations begin with `here` instead of `there`; cookies lose their Domain."""
    there = there.lower()
    found = []
    for name, value in headers:
        kind = name.lower()
        if kind in (b"location", b"content-location") and value.lower().startswith(there):
            rest = value[len(there) :]
            if rest[:1] in (b"", b"/", b"?", b"#"):
                value = here + rest or b"/"
                if value.startswith(b"//"):  # else it would name another server (RFC 3986 section 4.2)
                    value = b"/." + value
        elif kind == b"set-cookie":
            parts = [part for part in value.split(b";") if not part.strip().lower().startswith(b"domain=")]
            value = b";".join(parts)
        found.append((name, value))
    return tuple(found)


def without_length(headers: tuple[Header, ...]) -> tuple[Header, ...]:
    """The headers of a body that is framed by other means (RFC 9112 section 6.2)."""
    return tuple(header for header in headers if header[0].lower() != b"content-length")


def framing_of(reply: RecordedReply, *, is_head: bool, asked_version: str) -> Framing:
    """How the end of the body is told to a client that speaks this version of HTTP.

    There are no chunks before HTTP/1.1.
    """
    if is_head or reply.status in BODILESS or reply.status < 200:
        return "none"
    framing = "length" if reply.framing == "none" else reply.framing
    if framing == "chunked" and asked_version in {"1.0", "0.9"}:
        return "close"
    return framing


def exact(
    reply: RecordedReply,
    headers: tuple[Header, ...],
    body: bytes,
    *,
    is_chunked: bool = False,
) -> ExactReply:
    """The reply, with these headers and this body."""
    return ExactReply(
        reply.status,
        headers,
        body,
        status_line=status_line(reply),
        trailers=reply.trailers if is_chunked else None,
    )
