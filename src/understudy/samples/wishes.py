"""A `match` as drafts of requests that may meet it. Whether one does, the program says."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from itertools import islice
from typing import Any

from msgspec import UNSET

from understudy.match.kinds.text import as_text
from understudy.model import Condition, GraphqlConditions, Match, PartConditions
from understudy.samples.bodies import add_body
from understudy.samples.draft import MISSING, Draft, Part, Unmet
from understudy.samples.values import Scalar, values_for

MAX_DRAFTS = 12
"""Drafts that are made for one `match` with alternatives."""


def drafts_for(match: Match, draft: Draft) -> Iterator[Draft]:
    """Drafts with all that a `match` asks for, at most MAX_DRAFTS. Raises Unmet if there are none.

    What must not be is left to chance: most requests do not have it.
    """
    made = list(islice(_drafts(match, draft), MAX_DRAFTS))
    return iter(made)


def _drafts(match: Match, draft: Draft) -> Iterator[Draft]:
    draft = draft.copy()
    _add_plain(match, draft)
    rest: list[list[Match]] = [[one] for one in match.all]
    if match.any:
        rest.append(match.any)
    yield from _each(rest, draft)


def _each(rest: list[list[Match]], draft: Draft) -> Iterator[Draft]:
    """A draft for each way to take one of each list."""
    if not rest:
        yield draft
        return
    refused: Unmet | None = None
    found = False
    for one in rest[0]:
        try:
            for made in _drafts(one, draft):
                found = True
                yield from _each(rest[1:], made)
        except Unmet as unmet:
            refused = unmet
    if refused is not None and not found:
        raise refused


def _add_plain(match: Match, draft: Draft) -> None:
    """What is asked of single parts of the request. Raises Unmet."""
    for name, values in _wanted(match.params, "the parameter"):
        if values:
            draft.params[name] = as_text(values[0])
    for conditions, what, pairs in (
        (match.query, "the query parameter", draft.query),
        (match.headers, "the header", draft.headers),
        (match.form, "the field", draft.form),
    ):
        for name, values in _wanted(conditions, what):
            known = {key.lower() if pairs is draft.headers else key for key, _ in pairs}
            if (name.lower() if pairs is draft.headers else name) not in known:
                pairs += [(name, as_text(value)) for value in values]
    for name, values in _wanted(match.cookies, "the cookie"):
        if values:
            draft.cookies[name] = as_text(values[0])
    for name, values in _wanted(match.state, "the variable"):
        if values:
            _put(draft.variables, name, values[0])
    if match.jwt:
        claims: dict[str, Any] = {}
        for name, values in _wanted(match.jwt, "the claim"):
            if values:
                _put(claims, name, values[0])
        draft.headers.append(("Authorization", f"Bearer {_unsigned(claims)}"))
    for key, add in _RARE.items():
        written = getattr(match, key)
        if written is not UNSET:
            add(written, draft)
    if match.body is not UNSET:
        add_body(match.body, draft)


def _wanted(conditions: dict[str, Condition], what: str) -> Iterator[tuple[str, list[Scalar]]]:
    for name, condition in conditions.items():
        yield name, _values(condition, f"{what} {name}")


def _values(condition: Condition, what: str) -> list[Scalar]:
    values = values_for(condition)
    if values is None:
        raise Unmet(what)
    return values


def _first(condition: Condition, what: str, default: str) -> str:
    values = _values(condition, what)
    return as_text(values[0]) if values else default


def _put(data: dict[str, Any], dotted: str, value: Any) -> None:
    *names, last = dotted.split(".")
    for name in names:
        inner = data.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        data = inner
    data[last] = value


def _unsigned(claims: dict[str, Any]) -> str:
    parts = [urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in ({"alg": "none"}, claims)]
    return b".".join([*parts, b""]).decode()


# ---- parts that few conditions are about


def _url(condition: Any, draft: Draft) -> None:
    target = _first(condition, "path and query", "/")
    if not target.startswith("/"):
        raise Unmet("path and query")
    draft.target = target


def _host(condition: Any, draft: Draft) -> None:
    draft.headers.append(("Host", _first(condition, "the host", "localhost")))


def _client(written: Any, draft: Draft) -> None:
    network = ip_network([written][0] if isinstance(written, str) else written[0], strict=False)
    draft.client = str(next(iter(network.hosts()), network.network_address))


def _accept(written: Any, draft: Draft) -> None:
    first = written if isinstance(written, str) else written[0]
    draft.headers.append(("Accept", first.replace("*/*", "text/plain").replace("/*", "/plain")))


def _multipart(written: Any, draft: Draft) -> None:
    for one in written if isinstance(written, list) else [written]:
        draft.parts.append(_part(one, len(draft.parts)))


def _part(one: PartConditions, number: int) -> Part:
    inner = Draft()
    if one.body is not UNSET:
        add_body(one.body, inner)
    if one.text is not UNSET:
        inner.raw = _first(one.text, "the text of the part", "").encode("utf-8", "replace")
    headers = [
        (name, as_text(values[0])) for name, values in _wanted(one.headers, "the part's header") if values
    ]
    return Part(
        name=f"part{number}" if one.name is UNSET else _first(one.name, "the part's name", f"part{number}"),
        filename=None if one.filename is UNSET else _first(one.filename, "the part's file name", "file"),
        content_type=(
            None if one.content_type is UNSET else _first(one.content_type, "the part's type", "text/plain")
        ),
        headers=headers,
        body=inner.body()[1],
    )


def _graphql(written: GraphqlConditions, draft: Draft) -> None:
    name = "" if written.operation is UNSET else _first(written.operation, "the operation", "")
    kind = "query" if written.type is UNSET else written.type
    query = f"{kind} {name} {{ __typename }}".replace("  ", " ")
    call: dict[str, Any] = {"query": query if written.query is UNSET else written.query}
    if name:
        call["operationName"] = name
    variables: dict[str, Any] = {}
    for variable, values in _wanted(written.variables, "the variable"):
        if values:
            _put(variables, variable, values[0])
    if variables:
        call["variables"] = variables
    if draft.json is MISSING:
        draft.json = call


_RARE: dict[str, Callable[[Any, Draft], None]] = {
    "url": _url,
    "host": _host,
    "client": _client,
    "accept": _accept,
    "multipart": _multipart,
    "graphql": _graphql,
}
