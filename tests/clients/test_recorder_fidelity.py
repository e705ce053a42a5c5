"""What the real server says, what passes the recorder, and what comes of the recording are the same."""

import gzip
import random
import zlib
from dataclasses import replace
from typing import NamedTuple

import brotli
import pytest
import zstandard

from tests.clients.recorder import Recorder, hear, raw
from tests.net.upstream.kit import RawUpstream, reply

TEXT = b'{"name": "Zo\xc3\xab", "list": [1, 2.50, 1e3], "none": null}' * 20
BINARY = random.Random(1).randbytes(1024 * 1024)
CHUNKS = b"5\r\nhello\r\n7;a=1\r\n, world\r\n0\r\n"


class Case(NamedTuple):
    """What is sent by the real server. `closes`: its end is that of the connection."""

    sent: bytes
    method: str = "GET"
    closes: bool = False
    redact: bool = True


def coded(coding, body):
    return Case(reply(f"Content-Encoding: {coding}", "Content-Type: application/json", body=body))


def status(line, *headers, body=b"odd"):
    return Case(reply(*headers, status=line, body=body))


CASES = {
    "plain": Case(reply("Content-Type: text/plain; charset=utf-8", body=b"hello\n")),
    "json": Case(reply("Content-Type: application/json", body=b'{ "b":1,\n  "a" : [1.0, 2e1, "\\u00e9"]}\n')),
    "json with repeated keys": Case(reply("Content-Type: application/json", body=b'{"a": 1, "a": 2}')),
    "json that is none": Case(reply("Content-Type: application/json", body=b'{"a": 1,')),
    "json in lines": Case(reply("Content-Type: application/x-ndjson", body=b'{"a":1}\n{"a":2}\n')),
    "text in utf-16": Case(reply("Content-Type: text/plain; charset=utf-16", body="é\n".encode("utf-16"))),
    "text in latin-1": Case(reply("Content-Type: text/html; charset=latin-1", body=b"<p>caf\xe9</p>\r\n")),
    "no type": Case(reply(body=b"\x00\x01\xff")),
    "gzip": coded("gzip", gzip.compress(TEXT, 1, mtime=1)),
    "x-gzip": coded("x-gzip", gzip.compress(TEXT)),
    "gzip in two members": coded("gzip", gzip.compress(TEXT) + gzip.compress(b"more")),
    "gzip that is none": coded("gzip", b"not gzip"),
    "br": coded("br", brotli.compress(TEXT)),
    "zstd": coded("zstd", zstandard.compress(TEXT)),
    "deflate": coded("deflate", zlib.compress(TEXT)),
    "raw deflate": coded("deflate", zlib.compress(TEXT)[2:-4]),
    "identity": coded("identity", TEXT),
    "two codings": coded("gzip, br", brotli.compress(gzip.compress(TEXT))),
    "an unknown coding": coded("x-mine", TEXT),
    "an empty body with a coding": coded("gzip", b""),
    "chunked": Case(reply("Transfer-Encoding: chunked", body=CHUNKS + b"\r\n")),
    "chunked, in other words": Case(
        reply("Transfer-Encoding: chunked", body=CHUNKS + b"\r\n", status="299 Well")
    ),
    "chunked and empty": Case(reply("Transfer-Encoding: chunked", body=b"0\r\n\r\n")),
    "trailers": Case(
        reply("Transfer-Encoding: chunked", "Trailer: X-Sum", body=CHUNKS + b"X-Sum: 12\r\nx-sum: 13\r\n\r\n")
    ),
    "gzip in chunks": Case(
        reply(
            "Transfer-Encoding: chunked",
            "Content-Encoding: gzip",
            body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(gzip.compress(TEXT)), gzip.compress(TEXT)),
        )
    ),
    "204": Case(b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"),
    "304": Case(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 10\r\n\r\n'),
    "205": Case(b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"),
    "head": Case(b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 10\r\n\r\n", "HEAD"),
    "head, chunked": Case(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HEAD"),
    "head without a length": Case(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\n", "HEAD"),
    "empty": Case(reply("Content-Type: text/plain")),
    "empty, to the close": Case(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\n", closes=True),
    "to the close": Case(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nhello", closes=True),
    "to the close, as said": Case(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello", closes=True),
    "http/1.0": Case(b"HTTP/1.0 200 Okay\r\nContent-Length: 5\r\n\r\nhello"),
    "http/1.0, to the close": Case(b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhello", closes=True),
    "cookies and links": Case(
        reply(
            "Set-Cookie: a=1; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
            "Link: </1>; rel=prev",
            "SET-COOKIE: b=2; HttpOnly",
            "link: </3>; rel=next, </9>; rel=last",
            "set-cookie: a=3",
            "X-A: 1",
        ),
        redact=False,
    ),
    "bytes of latin-1": Case(reply("X-Name: caf\xe9 \xff\x80", "Content-Disposition: a; filename=\xfc.txt")),
    "bytes of utf-8": Case(reply("X-Name: Zo\xc3\xab")),
    "1 MB": Case(reply("Content-Type: application/octet-stream", body=BINARY)),
    "1 MB in a coding": coded("gzip", gzip.compress(BINARY, 1)),
    "1 MB to the close": Case(b"HTTP/1.1 200 OK\r\n\r\n" + BINARY, closes=True),
    "200 in other words": status("200 Fine, thanks: very"),
    "200 without words": status("200 "),
    "words in latin-1": status("200 tr\xe8s bien"),
    "299": status("299 Nearly"),
    "418": status("418 I'm a teapot"),
    "401": status("401 Unauthorized", 'WWW-Authenticate: Basic realm="a b"', "WWW-Authenticate: Bearer"),
    "599": status("599 Network Connect Timeout"),
    "999": status("999 Request denied"),
    "long values": Case(reply("X-Long: " + "lorem ipsum, " * 2000, "X-Short: 1")),
    "many headers": Case(reply(*(f"X-{number}: {number}" for number in range(90)))),
    "empty values": Case(reply("X-Empty:", "X-Blank:  \t ", "X-Some:\ta  b ")),
    "two types": Case(reply("Content-Type: text/plain", "Content-Type: application/json", body=b'{"a": 1}')),
    "odd names": Case(reply("X_under.score!#$%&'*+-^`|~: 1", "x-ODD-capitals: 2")),
    "a length with zeros": Case(reply("Content-Length: 005", body=b"hello")),
    "the same length twice": Case(reply("Content-Length: 5", "X-A: 1", body=b"hello")),
    "dates": Case(reply("Date: Wed, 21 Oct 2015 07:28:00 GMT", "Age: 1", "Last-Modified: yesterday")),
    "no date": Case(reply("Server: x")),
    "post": Case(reply(body=b"posted", status="201 Created"), "POST"),
    "brew": Case(reply(body=b"brewed"), "PROPFIND"),
}


@pytest.mark.parametrize("name", CASES)
def test_direct_proxied_and_replayed(serve, tmp_path, name):
    case = CASES[name]
    body = b'{"n": 1}' if case.method == "POST" else b""
    request = raw(case.method, "/x?y=1", body=body)
    old = raw(case.method, "/x?y=1", body=body, version="1.0")
    chunked = b"chunked" in case.sent
    recorder = Recorder(serve, tmp_path)
    answer = case.sent
    if case.closes:

        def answer(connection, _):
            connection.sendall(case.sent)
            return False

    with RawUpstream(answer) as upstream:
        direct = hear(upstream.port, request)
        server = recorder.record(upstream.url, redact=case.redact)
        assert hear(server.port, request) == direct
        assert to_http10(hear(server.port, old), chunked=chunked) == to_http10(direct, chunked=chunked)
        assert upstream.asked[1].head == upstream.asked[0].head.replace(
            b"there.test", b"127.0.0.1:%d" % upstream.port
        )
        assert upstream.asked[1].body == body
        assert not server.complaints
        server.stop()
    first, _ = recorder.exchanges
    assert first.secrets == {}
    for redact in (case.redact, False):
        server = recorder.replay(redact=redact)
        assert hear(server.port, request) == direct
        assert to_http10(hear(server.port, old), chunked=chunked) == to_http10(direct, chunked=chunked)
        server.stop()


def to_http10(heard, *, chunked):
    """The same for a client of HTTP/1.0, which knows no chunks: it may be told the length instead."""
    lengths = ("content-length",) if chunked else ()
    headers = [header for header in heard.headers if header[0].lower() not in lengths]
    return replace(heard, headers=headers, trailers=[])
