"""A recorded request as it can be sent again: with real secrets in the place of what redaction has left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from understudy.record.exchange import RecordedRequest
from understudy.record.looks import PLACEHOLDERS, is_redacted
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
    secret."""

    request: RecordedRequest | None
    left_out: tuple[str, ...] = ()
    why: str = ""


NOTHING = Given({}, {})


def prepare(request: RecordedRequest, given: Given = NOTHING) -> Prepared:
    """The request with what was given in it.

    A header that is still redacted is left out. A path, a query or a body that is still redacted would be
    another request, so that it cannot be sent; so would a body that was not recorded to its end. Bodies in
    files are not looked into.
    """
    if not request.is_whole:
        return Prepared(None, why="not all of its body was recorded")
    target = _filled(request.target, given.secrets)
    if is_redacted(target):
        return Prepared(None, why="its path or query was redacted")
    body = request.body
    if isinstance(body, bytes) and _has_placeholder(body):
        body = _filled(body.decode("utf-8", "surrogateescape"), given.secrets).encode(
            "utf-8", "surrogateescape"
        )
        if _has_placeholder(body):
            return Prepared(None, why="its body was redacted")
    headers: list[Header] = []
    left_out: list[str] = []
    for name, value in request.headers:
        lower = name.decode("latin-1").lower()
        if lower in given.headers:
            continue
        text = _filled(value.decode("utf-8", "surrogateescape"), given.secrets)
        if is_redacted(text):
            left_out.append(name.decode("latin-1"))
        else:
            headers.append((name, text.encode("utf-8", "surrogateescape")))
    headers += given.headers.values()
    made = replace(request, target=target, headers=tuple(headers), body=body)
    return Prepared(made, tuple(left_out))


def _has_placeholder(body: bytes) -> bool:
    return any(one.encode() in body for one in PLACEHOLDERS)


def _filled(text: str, secrets: Mapping[str, str]) -> str:
    for name in sorted(secrets, key=len, reverse=True):  # `token` stands at the beginning of `token_id`
        text = text.replace(f"REDACTED-{name}", secrets[name])
    return text
