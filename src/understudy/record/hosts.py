"""Names of hosts in their one spelling, and lists of them with wildcards."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from ipaddress import ip_address

MAX_HOST = 253
"""Longest host name (RFC 1035 section 2.3.4, without the last dot)."""
_LABELS = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*")


def host_of(written: str) -> str | None:
    """The one spelling of a host: lower case, IDNA, no dot at the end; addresses without brackets.

    None if it is neither a name nor an address.
    """
    if written.startswith("[") and written.endswith("]"):
        return _address(written[1:-1], 6)
    host = written.removesuffix(".").lower()
    if not host.isascii():
        host = _idna(host)
    if not 0 < len(host) <= MAX_HOST:
        return None
    return host if _LABELS.fullmatch(host) else _address(host, 6)


def _address(written: str, version: int) -> str | None:
    try:
        address = ip_address(written)
    except ValueError:
        return None
    if address.version != version or "%" in written:  # a scope means nothing on another machine
        return None
    return str(address)


def _idna(host: str) -> str:
    if len(host) > MAX_HOST:  # the codec takes quadratic time
        return ""
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def host_list(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether a host (as `host_of` gives it) is one of these; `*` stands for any text."""
    plain = {host_of(pattern) or pattern.lower() for pattern in patterns if "*" not in pattern}
    wild = [_pieces(pattern) for pattern in patterns if "*" in pattern]
    if ["", ""] in wild:
        return lambda host: True
    return lambda host: host in plain or any(_fits(host, pieces) for pieces in wild)


def _pieces(pattern: str) -> list[str]:
    """What stands between the wildcards."""
    labels = [label if label.isascii() else _idna(label) or label for label in pattern.lower().split(".")]
    return re.sub(r"\*+", "*", ".".join(labels).strip("[]")).split("*")


def _fits(host: str, pieces: list[str]) -> bool:
    """The first place for each piece is as good as any, so that this takes no more than linear time."""
    first, *middle, last = pieces
    if len(host) < len(first) + len(last) or not (host.startswith(first) and host.endswith(last)):
        return False
    position, end = len(first), len(host) - len(last)
    for piece in middle:
        found = host.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True
