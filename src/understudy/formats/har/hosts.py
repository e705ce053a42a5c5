"""Several servers of one recording in one config, and what they allowed pages of others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any


def ranks(asked: Iterable[tuple[str, bool]]) -> dict[str, int]:
    """The hosts by how much of an API they have: 0 has the most calls, or of as many the most requests.

    `asked` has for each request its host, and whether it looks like a call of an API.
    """
    requests = list(asked)
    calls = Counter(host for host, is_call in requests if is_call)
    all_ = Counter(host for host, _ in requests)
    ordered = sorted(all_, key=lambda host: (-calls[host], -all_[host]))
    return {host: rank for rank, host in enumerate(ordered)}


def is_host(host: str, wanted: str) -> bool:
    """Whether a host is the one that is wanted, which may have `*` in it and needs no port."""
    wanted = wanted.lower()
    return fnmatchcase(host, wanted) or fnmatchcase(host.rpartition(":")[0], wanted)


def at_host(endpoint: dict[str, Any], host: str) -> dict[str, Any]:
    """The endpoint for those alone who ask this host."""
    has_port = host.rpartition(":")[2].isdigit()
    named: dict[str, Any] = {"headers": {"Host": host}} if has_port else {"host": host}
    written = endpoint.get("match", {})
    match = {**named, **written}
    if has_port and "headers" in written:
        match["headers"] = {**named["headers"], **written["headers"]}
    front = ("path", "method")
    return {
        **{key: value for key, value in endpoint.items() if key in front},
        "match": match,
        **{key: value for key, value in endpoint.items() if key not in front and key != "match"},
    }


def cors_of(replies: Iterable[Iterable[tuple[str, str]]]) -> Any:
    """The `cors` of a config, if any reply, here its headers, allowed a page of another origin to read it;
    else None."""
    allowed: dict[str, set[str]] = defaultdict(set)
    for headers in replies:
        for name, value in headers:
            if name.lower().startswith("access-control-"):
                allowed[name.lower()] |= {part.strip() for part in value.split(",")}
    if "access-control-allow-origin" not in allowed:
        return None
    cors: dict[str, Any] = {}
    exposed = sorted(name for name in allowed["access-control-expose-headers"] if name.isascii() and name)
    if exposed and "*" not in exposed:
        cors["expose"] = exposed
    if "true" in allowed["access-control-allow-credentials"]:
        cors["credentials"] = True
    return cors or True
