"""A recorded request as it can be sent again: with real secrets in the place of what redaction has left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from understudy.record.drift.fill import filled, filled_text
from understudy.record.drift.talk import Turn, is_websocket, turns_of
from understudy.record.exchange import RecordedExchange, RecordedRequest
from understudy.record.looks import is_redacted
from understudy.steps import Header

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "QUERY"})
"""Methods that change nothing (RFC 9110 section 9.2.1); TRACE gives headers away."""


class Given(NamedTuple):
    """What a user gives for requests: headers by lower-case name, and secrets by the name in their
    placeholder: `token` for `REDACTED-token`."""

    headers: Mapping[str, Header]
    secrets: Mapping[str, str]


class Prepared(NamedTuple):
    """A request that can be sent; None, and `why`, if it cannot. `left_out` are headers without their
    secret. `turns` are what the client of a WebSocket does; None if none is asked for."""

    request: RecordedRequest | None
    left_out: tuple[str, ...] = ()
    why: str = ""
    turns: tuple[Turn, ...] | None = None


class ToSend(NamedTuple):
    """A request as it is sent, and what the client does once it has got the WebSocket that it asks for."""

    request: RecordedRequest
    turns: tuple[Turn, ...] | None = None


NOTHING = Given({}, {})


def prepare_exchange(exchange: RecordedExchange, given: Given = NOTHING) -> Prepared:
    """The request with what was given in it, and what the client of a WebSocket says.

    A conversation of which a secret is missing would be another one, so that it cannot be had.
    """
    found = prepare(exchange.request, given)
    if found.request is None or not is_websocket(exchange):
        return found
    turns = turns_of(exchange, given.secrets)
    if turns is None:
        return Prepared(None, why="its messages were redacted")
    # a key is no secret, and another one does as well (RFC 6455 section 4.1)
    left_out = tuple(name for name in found.left_out if name.lower() != "sec-websocket-key")
    return found._replace(turns=turns, left_out=left_out)


def prepare(request: RecordedRequest, given: Given = NOTHING) -> Prepared:
    """The request with what was given in it.

    A header that is still redacted is left out. A path, a query or a body that is still redacted would be
    another request, so that it cannot be sent; so would a body that was not recorded to its end. Bodies in
    files are not looked into.
    """
    if not request.is_whole:
        return Prepared(None, why="not all of its body was recorded")
    target = filled_text(request.target, given.secrets)
    if is_redacted(target):
        return Prepared(None, why="its path or query was redacted")
    body = request.body
    if isinstance(body, bytes):
        whole = filled(body, given.secrets)
        if whole is None:
            return Prepared(None, why="its body was redacted")
        body = whole
    headers: list[Header] = []
    left_out: list[str] = []
    for name, value in request.headers:
        lower = name.decode("latin-1").lower()
        if lower in given.headers:
            continue
        text = filled_text(value.decode("utf-8", "surrogateescape"), given.secrets)
        if is_redacted(text):
            left_out.append(name.decode("latin-1"))
        else:
            headers.append((name, text.encode("utf-8", "surrogateescape")))
    headers += given.headers.values()
    made = replace(request, target=target, headers=tuple(headers), body=body)
    return Prepared(made, tuple(left_out))
