"""Which schemes an endpoint of a config is protected by, for writers of other formats."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from understudy.model import Access, ApiKey, Config, Endpoint, Scheme


def schemes_of(endpoint: Endpoint, config: Config) -> list[tuple[str | None, Scheme]]:
    """The schemes of which one is enough, by name; None is the name of one that is described in place."""
    written = endpoint.auth
    known = config.auth.schemes
    if written is UNSET or written is False:
        return []
    if isinstance(written, Access) and written.use is UNSET and written.kind is not None:
        return [(None, written)]
    names: Any = written.use if isinstance(written, Access) else written
    if names is True or names is UNSET:  # the only one there is
        names = list(known)[:1]
    several = [names] if isinstance(names, str) else names
    return [(name, known[name]) for name in several if name in known]


def place_of(written: str | list[str] | ApiKey) -> tuple[str, str]:
    """Where an API key is sent, `header`, `query` or `cookie`, and under which name."""
    if isinstance(written, ApiKey):
        for where in ("header", "query", "cookie"):
            name = getattr(written, where)
            if name is not UNSET:
                return where, name
    return "header", "X-API-Key"
