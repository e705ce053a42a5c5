"""Names of hosts as they stand in requests to a proxy."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from understudy.errors import RequestError
from understudy.record.hosts import host_list, host_of

_DEFAULT_PORTS = {"http": 80, "https": 443}


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


__all__ = ["host_list", "host_of", "is_this_machine", "origin_of", "parse_authority"]
