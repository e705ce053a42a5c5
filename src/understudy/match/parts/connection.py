"""Conditions on who asks whom, and for what: the client's address, the host, the request target."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from understudy.match.check import Check, values_check
from understudy.match.kinds.error import ConditionError
from understudy.match.path import PathPattern
from understudy.model import Condition
from understudy.request import Request

MAX_CLIENTS = 4096
"""Client addresses whose networks are remembered."""


def host(written: Condition, pattern: PathPattern | None) -> list[Check[Request]]:
    """The Host header without its port."""
    return [values_check("host", written, lambda request: [request.host], "host")]


def url(written: Condition, pattern: PathPattern | None) -> list[Check[Request]]:
    """Path and query as they were sent, without the scheme and host that a request to a proxy has."""
    return [values_check("url", written, lambda request: [origin_form(request.target)], "url")]


def origin_form(target: str) -> str:
    """A request target without scheme and host (RFC 9112 section 3.2)."""
    if target.startswith("/"):
        return target
    _, found, rest = target.partition("://")
    return "/" + rest.partition("/")[2] if found else target


def client(written: str | list[str], pattern: PathPattern | None) -> list[Check[Request]]:
    """The client's address."""
    networks = []
    for number, text in enumerate([written] if isinstance(written, str) else written):
        try:
            networks.append(ip_network(text, strict=False))
        except ValueError:
            keys = ("client",) if isinstance(written, str) else ("client", number)
            raise ConditionError(
                f"{text!r} is not an address or a network such as 10.0.0.0/8", keys
            ) from None
    known: dict[str, bool] = {}

    def test(request: Request) -> bool:
        inside = known.get(request.client)
        if inside is None:
            try:
                address = ip_address(request.client)
            except ValueError:
                return False
            inside = any(address in network for network in networks)
            if len(known) < MAX_CLIENTS:
                known[request.client] = inside
        return inside

    return [Check("client", written, test, lambda request: request.client, by_client=True)]
