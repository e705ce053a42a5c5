"""Headers of requests and replies as they stand in HTTP/2."""

from __future__ import annotations

from typing import Any

from understudy.net.upstream.base import HOP_BY_HOP, Outgoing
from understudy.steps import Header

NOT_KEPT = HOP_BY_HOP - {b"trailer"}
"""Headers that are no matter of HTTP/2 (RFC 9113 section 8.2.2)."""


def head_of(outgoing: Outgoing, scheme: bytes) -> list[Header]:
    """The headers of a request. What HTTP/1 says by `Host` is a pseudo header (RFC 9113 section 8.3.1)."""
    pseudo = [
        (b":method", outgoing.method.encode()),
        (b":scheme", scheme),
        (b":path", outgoing.target),
    ]
    lines = lines_of(outgoing.headers)
    hosts = [value for name, value in lines if name == b"host"]
    if hosts:
        pseudo.insert(2, (b":authority", hosts[0]))
    return pseudo + [line for line in lines if line[0] != b"host"]


def lines_of(headers: tuple[Header, ...]) -> list[Header]:
    """Headers as HTTP/2 wants them: in lower case, none of a connection's but `te: trailers` (section 8.2.2).

    Whitespace around values is taken off by h2.
    """
    lowered = [(name.lower(), value) for name, value in headers]
    return [
        (name, value)
        for name, value in lowered
        if name not in NOT_KEPT or (name == b"te" and value.strip().lower() == b"trailers")
    ]


def plain(headers: Any) -> tuple[Header, ...]:
    """Headers without the marks of the compression."""
    return tuple((name, value) for name, value in headers or ())


def status_of(headers: tuple[Header, ...]) -> int | None:
    """The status in the first header, None if it is none."""
    text = headers[0][1]
    return int(text) if len(text) == 3 and text.isdigit() and text[0] != 0x30 else None
