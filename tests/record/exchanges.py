"""Exchanges for tests: one that is made by hand, and any that may be recorded."""

import gzip
import json
import zlib

import brotli
import zstandard
from hypothesis import strategies as st

from understudy.record.exchange import (
    FAILURE_KINDS,
    BodyInFile,
    Chunk,
    Failed,
    RecordedExchange,
    RecordedReply,
    RecordedRequest,
    SocketMessage,
)


def exchange(target="/users/42", body=b'{"id":42}', *, headers=(), method="GET", status=200, **more):
    kept = ((b"Content-Type", b"application/json"), (b"Content-Length", b"%d" % len(body)), *headers)
    return RecordedExchange(
        request=RecordedRequest(method=method, origin="https://api.example.com", target=target),
        reply=RecordedReply(status=status, reason="OK", headers=kept, body=body),
        **{"recorded_at": 1_767_225_600.125, "wait_ms": 41.5, "total_ms": 43.25, **more},
    )


def plain(one):
    """An exchange with its bodies in memory, and without what writing gives it."""
    from dataclasses import replace

    def loaded(body):
        return body.path.read_bytes() if isinstance(body, BodyInFile) else body

    reply = one.reply and replace(one.reply, body=loaded(one.reply.body))
    return replace(one, id="", request=replace(one.request, body=loaded(one.request.body)), reply=reply)


tokens = st.text("abcXYZ019-_!~", min_size=1, max_size=8)
values = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=20).map(str.encode),
    st.binary(max_size=12).map(lambda raw: raw.translate(None, b"\r\n\0")),
)
own = frozenset((b"content-length", b"content-encoding"))
header_lists = st.lists(st.tuples(tokens.map(str.encode), values), max_size=5).map(
    lambda found: tuple(one for one in found if one[0].lower() not in own)
)
times = st.floats(0, 1e9, allow_nan=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def json_bodies(draw):
    value, ascii_ = draw(json_values), draw(st.booleans())
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,", ":")]))
    indent = draw(st.sampled_from([None, None, 0, 1, 2, 4, 9, "\t"]))
    separators = separators if indent is None else (",", ": ")
    text = json.dumps(value, ensure_ascii=ascii_, indent=indent, separators=separators)
    return (text + draw(st.sampled_from(["", "\n", "\n\n", "\r\n"]))).encode("utf-8", "surrogatepass")


odd_bodies = st.sampled_from(
    [
        b'{"a": 1.50, "a": 1E5}',
        b'{"a":1.50,"a":1E5,"b":1e999}',
        b'{"lone": "\\ud800"}',
        b'"\xff"',
        b"[" * 300 + b"]" * 300,
        b"[]",
        b"{",
        b"null",
        b"\xef\xbb\xbf{}",
        b"data: 1\n\n",
        b"a" * 1001,
        b"\x00",
    ]
)
bodies = st.one_of(
    st.just(b""),
    json_bodies(),
    odd_bodies,
    st.binary(max_size=40),
    st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace")),
)
CODERS = {
    "gzip": lambda raw: gzip.compress(raw, mtime=0),
    "x-gzip": lambda raw: gzip.compress(raw, 1, mtime=7),
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor(level=1).compress,
}


@st.composite
def messages(draw):
    """Headers and body, with their codings, which may be wrong."""
    headers, body = list(draw(header_lists)), draw(bodies)
    kind = draw(
        st.sampled_from([None, b"application/json", b"text/html; charset=utf-8", b"image/png", b"a/b+json"])
    )
    if kind:
        headers.append((b"Content-Type", kind))
    codings = draw(st.lists(st.sampled_from(list(CODERS)), max_size=2))
    if codings:
        if draw(st.booleans()):
            for name in codings:
                body = CODERS[name](body)
        body = body[: draw(st.sampled_from([None, None, None, -1, 3]))]
        headers.append((b"content-ENCODING", ", ".join(codings).encode()))
    elif draw(st.integers(0, 9)) == 0:
        headers.append((b"Content-Encoding", b"aws-chunked"))
    return headers, body


@st.composite
def replies(draw):
    headers, body = draw(messages())
    framing = draw(st.sampled_from(["length", "chunked", "close", "none"]))
    if framing == "length":
        headers.insert(0, (b"Content-Length", b"%d" % len(body)))
    chunks, left = [], len(body)
    while left and draw(st.booleans()):
        size = draw(st.integers(1, left))
        chunks.append(Chunk(draw(times), size))
        left -= size
    if chunks and left:
        chunks.append(Chunk(draw(times), left))
    return RecordedReply(
        status=draw(st.integers(100, 599)),
        reason=draw(st.sampled_from(["", "OK", "Ganz gut ä"])),
        version=draw(st.sampled_from(["1.0", "1.1", "2"])),
        headers=tuple(headers),
        body=body,
        framing=framing,
        trailers=draw(header_lists) if framing == "chunked" else (),
        chunks=tuple(chunks),
    )


socket_messages = st.builds(
    SocketMessage,
    times,
    st.sampled_from(["client", "server"]),
    st.sampled_from(["text", "binary", "ping", "pong", "close"]),
    st.binary(max_size=12) | st.text(max_size=8).map(lambda text: text.encode("utf-8", "replace")),
)
failures = st.builds(
    Failed, st.sampled_from(FAILURE_KINDS), st.text(st.characters(codec="utf-8"), max_size=20), times
)


@st.composite
def exchanges(draw):
    headers, body = draw(messages())
    reply, failed = draw(st.none() | replies()), draw(st.none() | failures)
    if reply is None and failed is None:
        failed = Failed("refused", "nobody there")
    path = draw(
        st.sampled_from(["/", "/users/42", "/con", "/" + "x" * 200, "/%00/../..%2f", "/A", "/a", "/ü~2"])
    )
    return RecordedExchange(
        request=RecordedRequest(
            method=draw(st.sampled_from(["GET", "POST", "con", "M-SEARCH", "~"])),
            origin=draw(
                st.sampled_from(["https://api.example.com", "http://[::1]:9000", "http://con", "http://..:1"])
            ),
            target=path + draw(st.sampled_from(["", "?a=1&b=%20", "?q=ä"])),
            headers=tuple(headers),
            body=body,
            is_whole=draw(st.booleans()),
        ),
        reply=reply,
        failed=failed,
        recorded_at=draw(st.floats(0, 2e11, allow_nan=False)),
        wait_ms=draw(times),
        total_ms=draw(times),
        messages=tuple(draw(st.lists(socket_messages, max_size=3))),
        secrets=draw(st.dictionaries(tokens, st.integers(1, 9), max_size=2)),
        note=draw(st.text(st.characters(codec="utf-8"), max_size=10)),
    )
