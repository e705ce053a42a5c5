"""The head of a request as it is sent on: what belongs to the client's connection is left out, nothing
added."""

from __future__ import annotations

from understudy.net.upstream.base import HOP_BY_HOP, Outgoing
from understudy.record.replies.heads import led_here
from understudy.record.target import Target
from understudy.request import Request, origin_form
from understudy.steps import Header

OURS = b"x-understudy-"
"""Headers that speak to this server."""


def outgoing_of(request: Request, target: Target, length: int | None) -> Outgoing:
    """The head for a target; `length` is that of the body, None if it is not known."""
    host = target.host_header
    named: set[bytes] | None = None
    kept: list[Header] = []
    upgrade: list[Header] = []
    has_length = was_chunked = False
    left_out = target.removed
    for header in request.raw_headers:
        name = header[0].lower()
        if name not in _SPECIAL:
            if name not in left_out and not name.startswith(OURS):
                kept.append(header)
            continue
        if name in HOP_BY_HOP:
            if name == b"connection":
                named = (named or set()) | {part.strip().lower() for part in header[1].split(b",")}
            elif name == b"upgrade":
                if b"h2c" not in header[1].lower():  # nobody would look into it (RFC 9113 appendix B)
                    upgrade.append(header)
            elif name == b"transfer-encoding":
                was_chunked = True
            elif name == b"trailer" or (name == b"te" and header[1] == b"trailers"):
                kept.append(header)
            elif name == b"te" and b"trailers" in header[1]:
                kept.append((b"TE", b"trailers"))
            continue
        if name == b"host":
            if target.keep_host:
                host = header[1]
            continue
        if name == b"content-length":
            has_length = True
            kept.append(header)
    if named is not None and not named <= _USUAL:
        # These are not of the client's connection, whatever it says: without its length, a body would be
        # read as the next request.
        named -= {b"te", b"content-length"}
        kept = [header for header in kept if header[0].lower() not in named]
    if target.headers:
        names = {name.lower() for name, _ in target.headers}
        kept = [header for header in kept if header[0].lower() not in names]
        host = next((value for name, value in target.headers if name.lower() == b"host"), host)
        kept += [header for header in target.headers if header[0].lower() != b"host"]
    if not has_length and (length or (was_chunked and length == 0)):
        kept.append((b"Content-Length", b"%d" % length))
    # an upgrade is no matter of HTTP/1.0 (RFC 9110 section 7.8), nor of half a request
    may = request.version == "1.1" and length is not None
    wants = may and named is not None and b"upgrade" in named and bool(upgrade)
    return Outgoing(
        request.method,
        path_of(request, target),
        ((b"Host", host), *kept),
        length,
        ((b"Connection", b"Upgrade"), *upgrade) if wants else (),
    )


def path_of(request: Request, target: Target) -> bytes:
    """Path and query for the target, in origin form."""
    path = origin_form(request.raw_target)
    strip = target.strip
    if strip and path.startswith(strip) and path[len(strip) : len(strip) + 1] in _ENDS:
        path = path[len(strip) :]
        if path[:1] != b"/":
            path = b"/" + path
    return target.prefix + path if target.prefix else bytes(path)


_SPECIAL = HOP_BY_HOP | {b"host", b"content-length", b"expect"}
_ENDS = (b"", b"/", b"?")
_USUAL = frozenset((b"close", b"keep-alive", b"upgrade", b"te", b""))


def with_locations(headers: tuple[Header, ...], target: Target) -> tuple[Header, ...]:
    """Headers of a reply that lead to the target lead to this server instead; cookies lose their Domain."""
    return led_here(headers, target.origin.encode() + target.prefix, target.strip)
