"""Whose: what tells clients apart that each have something of their own (`per: header:X-User`)."""

from __future__ import annotations

from collections.abc import Callable

from understudy.match.kinds.dotted import values_at
from understudy.request import Request

MAX_OWNER_CHARACTERS = 200
"""A longer name is cut: it comes from the client, and is kept."""


def compile_per(per: str) -> Callable[[Request], str]:
    """What finds whose a request is; "" for a client that does not say. `model.state.PER` has the forms."""
    read = compile_source(per)
    return lambda request: read(request)[:MAX_OWNER_CHARACTERS]


def compile_source(per: str) -> Callable[[Request], str]:
    """The same with the whole name, however long it is."""
    source, _, name = per.partition(":")
    return _SOURCES[source](name)


def _header(name: str) -> Callable[[Request], str]:
    return lambda request: request.header(name) or ""


def _cookie(name: str) -> Callable[[Request], str]:
    return lambda request: request.cookies.get(name, "")


def _query(name: str) -> Callable[[Request], str]:
    return lambda request: (request.query.get(name) or [""])[0]


def _jwt(name: str) -> Callable[[Request], str]:
    return lambda request: " ".join(values_at(request.claims_unverified, name))


def _client(name: str) -> Callable[[Request], str]:
    return lambda request: request.client


_SOURCES: dict[str, Callable[[str], Callable[[Request], str]]] = {
    "client": _client,
    "header": _header,
    "cookie": _cookie,
    "query": _query,
    "jwt": _jwt,
}
