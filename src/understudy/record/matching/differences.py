"""Where a request differs from a recorded one, part by part, under the rules by which they are compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from understudy.match.kinds.json_tree import MISSING
from understudy.match.kinds.xml_tree import difference as xml_difference
from understudy.match.shown import short
from understudy.record.exchange import BodyInFile, RecordedRequest
from understudy.record.matching.keys import (
    Keys,
    as_request,
    counted_headers,
    counted_query,
    host_of,
    query_of,
)
from understudy.record.matching.meaning import MAX_READ_BYTES, Meaning, meaning
from understudy.request import Request

MAX_DIFFERENCES = 8
"""Differences of one body that are told."""


class Difference(NamedTuple):
    """One part that differs; MISSING where it is not there. `ignore` is what `ignore_body` would name."""

    field: str
    recorded: Any
    asked: Any
    ignore: str = ""


def differences(keys: Keys, recorded: RecordedRequest, asked: Request) -> list[Difference]:
    """Each part in which they differ, of those that count. Empty if the keys are equal."""
    return list(_all(keys, recorded, asked))


def _all(keys: Keys, written: RecordedRequest, asked: Request) -> Iterator[Difference]:
    match = keys.match
    try:
        recorded = as_request(written)
    except OSError as error:
        yield Difference("body", f"its file cannot be read: {error.strerror}", _text(asked))
        return
    if match.method and recorded.method != asked.method:
        yield Difference("method", recorded.method, asked.method)
    if match.host and host_of(recorded) != host_of(asked):
        yield Difference("host", host_of(recorded), host_of(asked))
    if match.path and recorded.path != asked.path:
        yield Difference("path", recorded.path, asked.path)
    counts = counted_query(match)
    if counts is not None:
        yield from _queries(counts, recorded, asked)
    for name in counted_headers(match):
        ours, theirs = recorded.header(name), asked.header(name)
        if ours != theirs:
            yield Difference(f"headers.{name}", _or_missing(ours), _or_missing(theirs))
    if match.body and written.is_whole:
        yield from islice(_bodies(keys, written, recorded, asked), MAX_DIFFERENCES)


def _or_missing(value: str | None) -> Any:
    return MISSING if value is None else value


def _queries(counts: Callable[[str], bool], recorded: Request, asked: Request) -> Iterator[Difference]:
    ours, theirs = query_of(recorded), query_of(asked)
    for name in sorted({*ours, *theirs}):
        if counts(name) and ours.get(name) != theirs.get(name):
            yield Difference(f"query.{name}", _one(ours.get(name)), _one(theirs.get(name)))


def _one(values: list[str] | None) -> Any:
    """The values of a field: the only one as it is."""
    if values is None:
        return MISSING
    return values[0] if len(values) == 1 else values


def _bodies(keys: Keys, written: RecordedRequest, recorded: Request, asked: Request) -> Iterator[Difference]:
    body = written.body
    if isinstance(body, BodyInFile) and body.size > MAX_READ_BYTES:
        if keys.of_recorded(written)[-1] != keys.of(asked)[-1]:
            yield Difference("body", f"{body.size} bytes", f"{len(asked.body)} bytes")
        return
    if not recorded.body or not asked.body:
        if recorded.body or asked.body:
            yield Difference("body", _text(recorded), _text(asked))
        return
    if keys.match.body == "raw":
        ours, theirs = Meaning("bytes", recorded.body), Meaning("bytes", asked.body)
    else:
        ours, theirs = meaning(recorded, keys.ignored), meaning(asked, keys.ignored)
    if ours.digest() == theirs.digest():
        return
    if ours.kind != theirs.kind or ours.kind not in DIFFERENCES:
        yield Difference("body", _text(recorded), _text(asked))
        return
    told = False
    for difference in DIFFERENCES[ours.kind](ours.value, theirs.value):
        told = True
        yield difference
    if not told:
        yield Difference("body", _text(recorded), _text(asked))


def _text(request: Request) -> Any:
    """A whole body, or how long it is, if it is no text."""
    if not request.body:
        return MISSING
    text = short(request.text[:1000])
    return text if _UNREADABLE.search(text) is None else f"{len(request.body)} bytes"


_UNREADABLE = re.compile("[\ufffd\x00-\x08\x0e-\x1f]")


def _json(ours: Any, theirs: Any) -> Iterator[Difference]:
    """Places (JSONPath) where two values differ. Goes no deeper than the reading of bodies allows."""
    stack: list[tuple[str, str, Any, Any]] = [("$", "", ours, theirs)]
    while stack:
        path, name, one, other = stack.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            inner = [
                (f"{path}.{key}", key, one.get(key, MISSING), other.get(key, MISSING))
                for key in [*one, *(key for key in other if key not in one)]
            ]
            stack += reversed(inner)
        elif isinstance(one, list) and isinstance(other, list):
            count = max(len(one), len(other))
            inner = [(f"{path}[{n}]", name, _item(one, n), _item(other, n)) for n in range(count)]
            stack += reversed(inner)
        elif not _is_equal(one, other):
            yield Difference(f"body.{path}", one, other, name)


def _item(values: list[Any], number: int) -> Any:
    return values[number] if number < len(values) else MISSING


def _is_equal(one: Any, other: Any) -> bool:
    """Equal as JSON: `true` is no number."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _form(ours: Any, theirs: Any) -> Iterator[Difference]:
    for name in sorted({*ours, *theirs}):
        if ours.get(name) != theirs.get(name):
            yield Difference(f"body.{name}", _one(ours.get(name)), _one(theirs.get(name)), name)


def _multipart(ours: Any, theirs: Any) -> Iterator[Difference]:
    for number in range(max(len(ours), len(theirs))):
        one, other = _item(ours, number), _item(theirs, number)
        if one is MISSING or other is MISSING:
            part = other if one is MISSING else one
            yield Difference(_part(part, number), _whole(one), _whole(other), part.name or "")
            continue
        field = _part(one, number)
        for what in ("name", "filename", "content_type"):
            if getattr(one, what) != getattr(other, what):
                yield Difference(f"{field}.{what}", getattr(one, what), getattr(other, what), one.name or "")
        if one.body.digest() != other.body.digest():
            yield Difference(field, _whole(one), _whole(other), one.name or "")


def _part(part: Any, number: int) -> str:
    return f"body.part {part.name if part.name is not None else number + 1}"


def _whole(part: Any) -> Any:
    if part is MISSING:
        return MISSING
    kind, value = part.body
    if kind == "bytes":
        return short(value[:1000].decode("utf-8", "replace"))
    return value if kind == "json" else f"a body of the kind {kind}"


def _xml(ours: Any, theirs: Any) -> Iterator[Difference]:
    found = xml_difference(ours, theirs)
    if found is not None:
        yield Difference(f"body.{found.path}", found.expected, found.found)


DIFFERENCES: dict[str, Callable[[Any, Any], Iterator[Difference]]] = {
    "json": _json,
    "form": _form,
    "multipart": _multipart,
    "xml": _xml,
}
"""The TABLE of how bodies of a kind are compared for an explanation."""
