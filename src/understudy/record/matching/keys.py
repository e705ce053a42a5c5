"""What is compared of two requests, as one hashable key: they are alike exactly if their keys are equal."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from understudy.model.record import RecordMatch
from understudy.record.exchange import BodyInFile, RecordedRequest
from understudy.record.matching.ignored import compile_ignored
from understudy.record.matching.meaning import DIGEST_BYTES, MAX_READ_BYTES, Meaning, file_digest, meaning
from understudy.request import MAX_FIELDS, Request, Rewritten, canonical_path, origin_form, origin_of

Key = tuple[Hashable, ...]
"""Method, server, path, query, headers and body, each None where it does not count."""
METHOD, HOST, PATH, QUERY, HEADERS, BODY = range(6)
UNSENT = "unsent"
"""The body in the key of a recorded request that was answered before all of it was sent: no request that
comes has it, see `as_unsent`."""

Part = Callable[[Request], Hashable]

DEFAULT_PORTS = ("80", "443")


class Keys:
    """Makes keys under the rules of a `RecordMatch`."""

    def __init__(self, match: RecordMatch) -> None:
        """Raises ConditionError if `ignore_body` has what is no JSONPath."""
        self.match = match
        self.ignored = compile_ignored(match.ignore_body)
        self.headers = counted_headers(match)
        self._parts: tuple[Part, ...] = (
            (lambda request: request.method) if match.method else _nothing,
            host_of if match.host else _nothing,
            (lambda request: request.path) if match.path else _nothing,
            _query_part(match),
            _headers_part(match),
        )

    def of(self, request: Request) -> Key:
        """The key of a request as a client sent it: rewriting does not count."""
        request = as_sent(request)
        return (*[part(request) for part in self._parts], self._body(request))

    def of_recorded(self, recorded: RecordedRequest) -> Key:
        """The key of a recorded request. Raises OSError if its body's file cannot be read."""
        request = as_request(recorded)
        body = recorded.body
        if self.match.body and not recorded.is_whole:
            return (*[part(request) for part in self._parts], UNSENT)
        if isinstance(body, BodyInFile) and self.match.body and body.size > MAX_READ_BYTES:
            return (*[part(request) for part in self._parts], file_digest(body))
        return (*[part(request) for part in self._parts], self._body(request))

    def _body(self, request: Request) -> Hashable:
        if not self.match.body:
            return None
        if not request.body:
            return b""
        if self.match.body == "raw":
            return Meaning("bytes", request.body).digest()
        return meaning(request, self.ignored).digest()


assert DIGEST_BYTES, "no digest equals the key of an empty body"


def as_get(key: Key) -> Key | None:
    """The key of the same request with GET, if it was HEAD; else None."""
    return ("GET", *key[1:]) if key[METHOD] == "HEAD" else None


def as_unsent(key: Key) -> Key:
    """The key of a recorded request that is the same but for its body, which was not sent to the end."""
    return (*key[:BODY], UNSENT)


def as_whole(key: Key, names: tuple[str, ...]) -> Key | None:
    """The key of the same request without `Range`, if it had one; else None. `names` are the headers that
    count."""
    part = key[HEADERS]
    if names == (RANGE,):
        return None if part is None else (*key[:HEADERS], None, *key[HEADERS + 1 :])
    assert isinstance(part, tuple)
    at = names.index(RANGE)
    if part[at] is None:
        return None
    return (*key[:HEADERS], (*part[:at], None, *part[at + 1 :]), *key[HEADERS + 1 :])


def as_sent(request: Request) -> Request:
    """The request as it was before the config's `rewrites`, with its path."""
    target = request.raw_target
    if isinstance(target, Rewritten):
        target = target.sent
    elif request.path:
        return request
    twin = Request(request.method, target, request.raw_headers, request.body, request.client, request.version)
    twin.path = canonical_path(_path(target))
    return twin


def as_request(recorded: RecordedRequest) -> Request:
    """A recorded request as one that came in. A body that is too large to be compared by its meaning is left
    out. Raises OSError if its body's file cannot be read."""
    body = recorded.body
    if isinstance(body, BodyInFile):
        body = body.path.read_bytes() if body.size <= MAX_READ_BYTES else b""
    target = recorded.target.encode("utf-8", "surrogateescape")
    origin = recorded.origin.encode("utf-8", "surrogateescape")
    if any(sign in origin.partition(b"://")[2] for sign in (b"/", b"?")):  # no origin, but by somebody's hand
        origin = b""
    request = Request(recorded.method, origin + target, recorded.headers, body)
    request.path = canonical_path(_path(target))
    return request


def as_recorded(request: Request) -> RecordedRequest:
    """A request that came in as it would be recorded."""
    request = as_sent(request)
    origin = "" if request.raw_target[:1] == b"/" else origin_of(request.raw_target)
    if not origin and request.header("host"):
        origin = f"http://{request.header('host')}"
    return RecordedRequest(
        method=request.method,
        origin=origin,
        target=origin_form(request.raw_target).decode("utf-8", "surrogateescape"),
        headers=tuple(request.raw_headers),
        body=request.body,
    )


def host_of(request: Request) -> str:
    """The server that was asked: `api.example.com`, or `localhost:8000`.

    From the target if that is a whole address, else from `Host`. The usual ports are left out, and http and
    https of a name count as one, since `Host` tells neither.
    """
    target = request.raw_target
    origin = "" if target[:1] == b"/" else origin_of(target)
    host = origin.partition("://")[2] if origin else request.header("host") or ""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port in (*DEFAULT_PORTS, "") else host.lower()


def query_of(request: Request) -> dict[str, list[str]]:
    """The query's parameters; a flood of them is one without a name, undecoded."""
    text = request.query_string
    return {"": [text]} if text.count("&") >= MAX_FIELDS else request.query


def _path(target: bytes) -> bytes:
    """The path of a target in origin or absolute form (RFC 9112 section 3.2)."""
    return origin_form(target).partition(b"?")[0]


def _nothing(request: Request) -> Hashable:
    return None


def counted_query(match: RecordMatch) -> Callable[[str], bool] | None:
    """Which parameters count; None if none does."""
    if match.query is False:
        return None
    ignored = frozenset(match.ignore_query)
    if match.query is True:
        return lambda name: name not in ignored
    chosen = frozenset(match.query) - ignored
    return lambda name: name in chosen


def _query_part(match: RecordMatch) -> Part:
    counts = counted_query(match)
    if counts is None:
        return _nothing

    def query(request: Request) -> Hashable:
        if b"?" not in request.raw_target:
            return ()
        fields = query_of(request)
        return tuple(sorted([(name, tuple(values)) for name, values in fields.items() if counts(name)]))

    return query


RANGE = "range"
"""The header that always counts: of another part, no recorded one is the answer (RFC 9110 section 14.2), but
the whole may be."""
_RAW_RANGE = RANGE.encode()


def counted_headers(match: RecordMatch) -> tuple[str, ...]:
    """The names of the headers that count, in lower case."""
    return tuple(sorted({RANGE, *(name.lower() for name in match.headers)}))


def _headers_part(match: RecordMatch) -> Part:
    names = counted_headers(match)
    if names == (RANGE,):
        return _range_of
    return lambda request: tuple([request.header(name) for name in names])


def _range_of(request: Request) -> Hashable:
    """The same for the usual case, in which it is not there."""
    for name, _ in request.raw_headers:
        if len(name) == 5 and name.lower() == _RAW_RANGE:
            return (request.header(RANGE),)
    return None
