"""Names of hosts as they stand in requests to a proxy, and lists of them with wildcards."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from ipaddress import IPv6Address, ip_address

from understudy.errors import RequestError

MAX_HOST = 253
"""Longest host name (RFC 1035 section 2.3.4, without the last dot)."""
_LABELS = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*")
_DEFAULT_PORTS = {"http": 80, "https": 443}


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


def parse_authority(raw: bytes, default_port: int | None = None) -> tuple[str, int]:
    """Host and port of `host:port` (RFC 9110 section 9.3.6); with a default, of `host` too.

    Raises RequestError (400).
    """
    text = raw.decode("utf-8", "replace")
    name, colon, digits = text.rpartition(":")
    if default_port is not None and (not colon or "]" in digits):
        name, digits = text, str(default_port)
    host = host_of(name)
    is_port = digits.isascii() and digits.isdigit() and len(digits) <= 5 and 0 < int(digits) < 65_536
    # CONNECT always has a port: httpx sends an address of IPv6 without its brackets
    is_vague = default_port is not None and ":" in name and not name.startswith("[")
    if host is None or not is_port or is_vague:
        raise RequestError(400, f"a proxy is asked for HOST:PORT, not for {text[:300]!r}")
    return host, int(digits)


def origin_of(scheme: str, host: str, port: int) -> bytes:
    """Such as `https://host:8443`; the port is left out if it is the scheme's own."""
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}{'' if _DEFAULT_PORTS[scheme] == port else f':{port}'}".encode()


def is_this_machine(host: str) -> bool:
    """Whether a host (as `host_of` gives it) is this machine by its name alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


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


__all__ = ["host_list", "host_of", "is_this_machine", "origin_of", "parse_authority"]
