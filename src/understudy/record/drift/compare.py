"""Two exchanges beside each other: what was recorded, and what the real server says now.

How long it took is no drift. What comes of a difference is not told, too: where the status is of another
class, or the media type another one, nothing is said about what is in the body.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import file_digest, sha256
from typing import Any, NamedTuple

from understudy.formats.har.bodies import TEXTUAL, charset_of, is_json
from understudy.record.drift.checks import Drift, drift
from understudy.record.drift.headers import (
    compare_cookies,
    compare_headers,
    compare_trailers,
    compare_types,
    media_type,
    value_of,
)
from understudy.record.drift.ignore import ignoring
from understudy.record.drift.messages import compare_messages
from understudy.record.drift.shape import compare_shapes, shape_of
from understudy.record.drift.values import Same, compare_values, same_text
from understudy.record.exchange import BodyInFile, Payload, RecordedExchange, RecordedReply
from understudy.record.looks import is_redacted
from understudy.views.codings import CodingError, codings_in, decoded

MAX_READ_BYTES = 32 * 1024 * 1024
"""Larger bodies are compared by size and digest alone."""
LINES = frozenset(
    {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"}
)
"""Media types of JSON texts line by line; they are compared as an array."""

_PERHAPS_JSON = frozenset({"", "text/json", "text/plain"})
"""Media types of which a body is taken for JSON if it is JSON on both sides."""


class Compared(NamedTuple):
    """What was found, and the JSON bodies, in a list, if both sides have one that may be compared; else [].

    `drifts` are without those of the bodies' shapes, which `shapes` has. `digests` are those of the bodies.
    """

    drifts: list[Drift]
    shapes: list[Drift]
    recorded: list[Any]
    now: list[Any]
    digests: tuple[bytes, bytes] = (b"", b"")


def compare(
    recorded: RecordedExchange, now: RecordedExchange, ignore: Sequence[str] = ()
) -> tuple[Drift, ...]:
    """What differs, the place before the kind in the order of a reply.

    `ignore` has names of headers (`*` at the end is a wildcard), JSONPath in bodies, and kinds of drift.
    """
    found = look_at(recorded, now)
    is_ignored = ignoring(ignore)
    return tuple(one for one in (*found.drifts, *found.shapes) if not is_ignored(one))


def look_at(recorded: RecordedExchange, now: RecordedExchange) -> Compared:
    """The same in parts, with nothing ignored."""
    old, new = recorded.reply, now.reply
    failures = list(_failures(recorded, now))
    if failures or old is None or new is None or recorded.failed is not None:
        return Compared(failures, [], [], [])
    if old.status != new.status:
        kind = "status" if old.status // 100 == new.status // 100 else "status-class"
        status = [drift(kind, "status", old.status, new.status)]
        if kind == "status-class":
            return Compared(status, [], [], [])
    else:
        status = []

    def same(one: str, other: str) -> bool:
        # links to oneself have the address of the server that was asked
        return same_text(_local(one, recorded.request.origin), _local(other, now.request.origin))

    types = list(compare_types(old.headers, new.headers))
    head = [
        *status,
        *types,
        *compare_headers(old.headers, new.headers, same),
        *compare_cookies(old.headers, new.headers),
        *_transfer(old, new),
        *compare_trailers(old.trailers, new.trailers, same),
    ]
    if old.status == 101:
        return Compared([*head, *compare_messages(recorded, now, same)], [], [], [])
    if any(one.kind == "content-type" for one in types):
        return Compared(head, [], [], [])
    try:
        bodies = _bodies(old, new, same, was_redacted=bool(recorded.secrets))
    except OSError as error:
        lost = f"a file with a body cannot be read: {error.strerror}"
        bodies = Compared([drift("not-compared", "body", message=lost)], [], [], [])
    return bodies._replace(drifts=[*head, *bodies.drifts])


def _failures(recorded: RecordedExchange, now: RecordedExchange) -> Iterator[Drift]:
    was, is_ = recorded.failed, now.failed
    if was is None and is_ is not None:
        status = "" if recorded.reply is None else recorded.reply.status
        yield drift("failure", "reply", status, f"{is_.kind}: {is_.message}")
    elif was is not None and is_ is None:
        yield drift("failure-gone", "reply", was.kind, "" if now.reply is None else now.reply.status)
    elif was is not None and is_ is not None and was.kind != is_.kind:
        yield drift("failure-other", "reply", was.kind, f"{is_.kind}: {is_.message}")


def _transfer(old: RecordedReply, new: RecordedReply) -> Iterator[Drift]:
    one, other = (value_of(reply.headers, "content-encoding").lower() or "none" for reply in (old, new))
    if one != other:
        yield drift("encoding", "header Content-Encoding", one, other)
    # HTTP/2 has a way of its own, and what is said after a 101 is no body
    if old.framing != new.framing and old.version == new.version and old.status != 101:
        yield drift("framing", "body", old.framing, new.framing)


def _bodies(old: RecordedReply, new: RecordedReply, same: Same, *, was_redacted: bool) -> Compared:
    size, size_now = size_of(old.body), size_of(new.body)
    if size and not size_now:
        return Compared([drift("body-removed", "body", f"{size} bytes", "none")], [], [], [])
    if not size:
        added = [drift("body-added", "body", "none", f"{size_now} bytes")] if size_now else []
        return Compared(added, [], [], [])
    if max(size, size_now) > MAX_READ_BYTES:
        return Compared(list(_digests("binary", old.body, new.body)), [], [], [])
    before = _readable(old)
    after = _readable(new)
    if isinstance(before, CodingError):  # so it was then; what can be said is whether it is the same
        return Compared(list(_digests("binary", old.body, new.body)), [], [], [])
    if isinstance(after, CodingError):
        return Compared([drift("body-unreadable", "body", now=after)], [], [], [])
    media = media_type(old.headers)[0]
    if is_json(media) or media in LINES or media in _PERHAPS_JSON:
        one = json_of(before, media)
        other = one if before == after else json_of(after, media)
        if one and other:
            found = Compared([], [], one, one) if one is other else _json(one, other, same, was_redacted)
            return found._replace(digests=(sha256(before).digest(), sha256(after).digest()))
        if one and media not in _PERHAPS_JSON:
            return Compared([drift("body-unreadable", "body", "JSON", "no JSON")], [], [], [])
    return Compared(list(_texts(before, after, media, value_of(old.headers, "content-type"))), [], [], [])


def _json(one: list[Any], other: list[Any], same: Same, was_redacted: bool) -> Compared:
    shapes = compare_shapes(shape_of(one[0]), shape_of(other[0]))
    told = {drift.where for drift in shapes if drift.kind in _TELLS_VALUES}
    values = compare_values(one[0], other[0], same, zero_is_any=was_redacted)
    values = [drift for drift in values if drift.where not in told]
    return Compared(values, shapes, one, other)


_TELLS_VALUES = frozenset({"enum-value-new", "format-changed", "number-widened"})
"""Kinds that say already that a value is another one."""


def json_of(body: bytes, media: str) -> list[Any]:
    """The JSON value of a body in a list; [] if it is no JSON, or nested too deeply to be read."""
    try:
        if media in LINES:
            return [[json.loads(line) for line in body.splitlines() if line.strip()]]
        return [json.loads(body)]
    except (ValueError, RecursionError):
        return []


def _texts(before: bytes, after: bytes, media: str, kind: str) -> Iterator[Drift]:
    if before == after:
        return
    is_text = any(part in media for part in TEXTUAL)
    if is_text:
        one, other = (body.decode(charset_of(kind), "replace") for body in (before, after))
        if (is_redacted(one) or is_redacted(other)) and _fits_around(one, other):
            return
    yield from _digests("text" if is_text else "binary", before, after)


def _fits_around(recorded: str, now: str) -> bool:
    """Whether two texts have the same lines but for those in which something was redacted."""
    one, other = recorded.splitlines(), now.splitlines()
    return len(one) == len(other) and all(same_text(a, b) for a, b in zip(one, other, strict=True))


def _digests(kind: str, old: Payload, new: Payload) -> Iterator[Drift]:
    one, other = digest_of(old), digest_of(new)
    if one != other:
        yield drift(kind, "body", _sized(old, one), _sized(new, other))


def _sized(body: Payload, digest: str) -> str:
    return f"{size_of(body)} bytes, sha256 {digest[:12]}"


def size_of(body: Payload) -> int:
    """Bytes of a body."""
    return body.size if isinstance(body, BodyInFile) else len(body)


def digest_of(body: Payload) -> str:
    """SHA-256 of a body."""
    if isinstance(body, BodyInFile):
        with body.path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    return sha256(body).hexdigest()


def _readable(reply: RecordedReply) -> bytes | CodingError:
    body = reply.body.path.read_bytes() if isinstance(reply.body, BodyInFile) else reply.body
    try:
        return decoded(body, codings_in(reply.headers), MAX_READ_BYTES)
    except CodingError as error:
        return error


def _local(text: str, origin: str) -> str:
    return text.replace(origin, "") or "/" if origin and origin in text else text
