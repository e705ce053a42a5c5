"""Names in `match` that no recorded request has: a typo there is seen nowhere else.

A header that nobody has sent counts, so that it tells nobody apart, and keeps those away who send it: always
told. What does not count may be named as a precaution: told only if another name is nearly the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl

from understudy.model.record import RecordMatch
from understudy.record.exchange import BodyInFile, RecordedExchange, RecordedRequest
from understudy.record.redact.json_text import names_in
from understudy.request import MAX_FIELDS

MAX_LOOKED_AT = 20_000
"""Requests that are looked at. With more, nothing is said: the others may have it."""
MAX_BODY_BYTES = 65_536
"""Bodies that are looked into. With a larger one, nothing is said of what is in bodies."""
MAX_NAMES = 5_000
"""Names that are known. With more, nothing is said."""
ALIKE = 0.75
"""How alike another name has to be, from 0 to 1."""


class Unheard(NamedTuple):
    """A name that no recorded request has: its place in `match`, and what is said."""

    keys: tuple[str | int, ...]
    message: str


def unheard(match: RecordMatch, exchanges: Sequence[RecordedExchange]) -> Iterator[Unheard]:
    """The names that are told of. None if nothing was recorded yet."""
    if not exchanges or len(exchanges) > MAX_LOOKED_AT:
        return
    requests = [one.request for one in exchanges]
    if match.headers and (known := _all(requests, _headers)) is not None:
        for number, name in enumerate(match.headers):
            if name.lower() not in known and name.lower() != "range":
                message = f"no recorded request has the header {name}"
                yield Unheard(("headers", number), message + _meant(name.lower(), known))
    for key, names, what, kind in (
        ("ignore_query", match.ignore_query, _query, "query parameter"),
        ("ignore_body", match.ignore_body, _fields, "field"),
    ):
        plain = [(number, name) for number, name in enumerate(names) if not name.startswith("$")]
        if not plain or (known := _all(requests, what)) is None:
            continue
        for number, name in plain:
            if name not in known and (meant := _meant(name, known)):
                yield Unheard((key, number), f"no recorded request has the {kind} {name}{meant}")


def _meant(name: str, known: set[str]) -> str:
    from understudy.load.hints import nearest

    near = nearest(name, known, ALIKE)
    return f": is {near} meant?" if near else ""


def _all(
    requests: Sequence[RecordedRequest], of: Callable[[RecordedRequest], set[str] | None]
) -> set[str] | None:
    """All names; None if they cannot be known."""
    known: set[str] = set()
    for request in requests:
        names = of(request)
        if names is None:
            return None
        known |= names
        if len(known) > MAX_NAMES:
            return None
    return known


def _headers(request: RecordedRequest) -> set[str]:
    return {name.decode("latin-1").lower() for name, _ in request.headers}


def _query(request: RecordedRequest) -> set[str] | None:
    return _pairs(request.target.partition("?")[2])


def _fields(request: RecordedRequest) -> set[str] | None:
    """Names in JSON and in forms; other bodies have none."""
    body = request.body
    if isinstance(body, BodyInFile) or len(body) > MAX_BODY_BYTES:
        return None
    headers = {name.lower(): value.lower() for name, value in request.headers}
    if b"content-encoding" in headers or b"multipart/" in headers.get(b"content-type", b""):
        return None
    text = body.decode("utf-8", "replace")
    return names_in(text) if text.lstrip()[:1] in {"{", "["} else _pairs(text)


def _pairs(text: str) -> set[str] | None:
    try:
        return {name for name, _ in parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)}
    except ValueError:
        return None
