import asyncio
import contextlib
import gzip
import socket
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.net.upstream.conftest import upstream
from tests.net.upstream.test_http2_real import certified, node_over_tls
from understudy.model.proxy import Tls
from understudy.net.asking import CannotAsk, ask_all
from understudy.record.drift.prepare import ToSend, prepare_exchange
from understudy.record.exchange import (
    BodyInFile,
    RecordedExchange,
    RecordedReply,
    RecordedRequest,
    SocketMessage,
)

__all__ = ["certified", "upstream"]  # fixtures

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: \xff\r\nConnection: x-b, close\r\nX-B: 1\r\n\r\nok"


class Peer:
    """A server that sends the same bytes to each request, and then does what `end` says."""

    def __init__(self, answer, end="close"):
        self.answer, self.end, self.heads, self.writers = answer, end, [], []

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader, writer):
        self.writers.append(writer)
        head = await reader.readuntil(b"\r\n\r\n")
        if b"content-length: " in head.lower():
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            head += await reader.readexactly(length)
        self.heads.append(head)
        writer.write(self.answer)
        await writer.drain()
        if self.end == "hold":
            await reader.read()
        if self.end == "reset":
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.close()

    async def __aexit__(self, *_):
        self.server.close()
        for writer in self.writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


def request(**more):
    return RecordedRequest(
        **{"method": "GET", "origin": "https://api.example.com", "target": "/a?b=%20", **more}
    )


async def answers(requests, target, tmp_path, **more):
    names = iter(range(1000))
    spool = lambda: tmp_path / str(next(names))  # noqa: E731
    requests = [one if isinstance(one, ToSend) else ToSend(one) for one in requests]
    return [one async for one in ask_all(requests, target, spool=spool, **{"timeout_s": 10.0, **more})]


def asked(answer, tmp_path, *requests, end="close", **more):
    """The exchanges, and what the server got."""

    async def run():
        peer = Peer(answer, end)
        async with peer as target:
            return await answers(requests or [request()], target, tmp_path, **more), peer.heads

    return asyncio.run(run())


def test_an_answer_as_it_came(tmp_path):
    (one,), (head,) = asked(
        OK, tmp_path, request(headers=((b"X-Mine", b"1"), (b"Host", b"api.example.com"), (b"X-Mine", b"2")))
    )

    assert head.startswith(b"GET /a?b=%20 HTTP/1.1\r\n")
    assert head.count(b"Host: ") == 1
    assert b"api.example.com" not in head
    assert [line for line in head.split(b"\r\n") if line.startswith(b"X-")] == [b"X-Mine: 1", b"X-Mine: 2"]
    assert b"User-Agent" not in head
    assert one.failed is None
    assert one.reply.headers == ((b"Content-Length", b"2"), (b"X-A", b"\xff"))
    assert (one.reply.status, one.reply.reason, one.reply.body, one.reply.framing) == (
        200,
        "OK",
        b"ok",
        "length",
    )
    assert one.request.origin.startswith("http://127.0.0.1:")
    assert one.recorded_at > 1.7e9
    assert one.total_ms >= one.wait_ms > 0


def test_a_body_is_sent(tmp_path):
    file = tmp_path / "body"
    file.write_bytes(b"from a file")
    headers = ((b"Content-Length", b"999"), (b"Transfer-Encoding", b"chunked"), (b"Content-Type", b"text/x"))
    bodies = [b"abc", BodyInFile(file, 11)]

    _, heads = asked(
        OK, tmp_path, *[request(method="POST", headers=headers, body=body) for body in bodies], end="close"
    )

    assert [head.split(b"\r\n\r\n")[1] for head in heads] == [b"abc", b"from a file"]
    assert all(head.lower().count(b"content-type: text/x") == 1 for head in heads)


@pytest.mark.parametrize(
    ("answer", "framing", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "chunked", b"ok"),
        (b"HTTP/1.1 200 OK\r\n\r\nok", "close", b"ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "none", b""),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"ok", mtime=0),
            "close",
            gzip.compress(b"ok", mtime=0),
        ),
    ],
)
def test_framing(tmp_path, answer, framing, body):
    (one,), _ = asked(answer, tmp_path)

    assert (one.failed, one.reply.framing, one.reply.body) == (None, framing, body)


def test_trailers_and_interim_replies(tmp_path):
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    head = b"HTTP/1.1 200 Fine\r\nTrailer: Digest\r\nTransfer-Encoding: chunked\r\n\r\n"
    (one,), _ = asked(interim + head + b"2\r\nok\r\n0\r\nDigest: x\r\n\r\n", tmp_path)

    assert (one.failed, one.reply.reason, one.reply.body) == (None, "Fine", b"ok")
    assert (one.reply.headers, one.reply.trailers) == (((b"Trailer", b"Digest"),), ((b"Digest", b"x"),))


def test_the_server_chooses_http2_and_websockets_have_http1(certified, tmp_path):
    message = SocketMessage(0.0, "client", "text", b"hello")
    end = SocketMessage(0.0, "server", "text", b"hello")
    key = request(headers=((b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),))
    talk = prepare_exchange(
        RecordedExchange(request=key, reply=RecordedReply(status=101), messages=(message, end))
    )
    with node_over_tls(certified) as target:
        found = asyncio.run(
            answers(
                [request(), ToSend(talk.request, talk.turns), request()],
                target,
                tmp_path,
                tls=Tls(ca_file=str(certified / "cert.pem")),
            )
        )

    assert [one.failed for one in found] == [None] * 3
    assert [one.reply.version for one in found] == ["2", "1.1", "2"]
    assert [one.reply.body for one in found] == [b"2.0", b"", b"2.0"]
    assert [(one.sender, one.data) for one in found[1].messages[:2]] == [
        ("client", b"hello"),
        ("server", b"hello"),
    ]


def test_a_certificate_that_is_not_trusted(certified, tmp_path):
    with node_over_tls(certified) as target:
        (one,) = asyncio.run(answers([request()], target, tmp_path))
        (other,) = asyncio.run(answers([request()], target, tmp_path, tls=Tls(verify=False)))

    assert one.failed.kind == "tls"
    assert "certificate" in one.failed.message
    assert other.reply.status == 200


def test_a_connection_that_the_server_has_closed_is_no_failure(upstream, tmp_path):
    def once(connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        return False

    server = upstream(once)
    found = asyncio.run(answers([request()] * 5, server.url, tmp_path))

    assert [one.failed for one in found] == [None] * 5


def test_a_body_that_is_too_large_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr("understudy.net.asking.MAX_BODY_BYTES", 10)
    (one,), _ = asked(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nxxxxxxxxxxx", tmp_path)

    assert (one.failed.kind, one.failed.message) == ("protocol", "the body is larger than 10 bytes")


def test_a_file_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("understudy.net.upstream.seen.MAX_IN_MEMORY_BYTES", 1)
    with pytest.raises(FileNotFoundError):
        asked(OK, tmp_path / "gone")


def test_what_would_break_a_request_is_not_sent(tmp_path):
    (_,), (head,) = asked(OK, tmp_path, request(target="/a b\r\nX: 1"))
    assert head.startswith(b"GET /a%20b%0D%0AX:%201 HTTP/1.1\r\n")

    with pytest.raises(CannotAsk, match="header X-A would have a line break"):
        asked(OK, tmp_path, request(headers=((b"X-A", b"1\r\nX-B: 2"),)))


@settings(max_examples=30)
@given(
    st.binary(max_size=200),
    st.sampled_from([b"", OK, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]),
)
def test_whatever_comes_is_one_answer(tmp_path_factory, noise, before):
    (one,), _ = asked(before + noise, tmp_path_factory.getbasetemp())

    assert one.reply is not None or one.failed is not None


def test_another_protocol_is_not_asked_for(tmp_path):
    headers = ((b"Connection", b"Upgrade"), (b"Upgrade", b"other"), (b"X-A", b"1"))
    (_,), (head,) = asked(OK, tmp_path, request(headers=headers))

    assert b"pgrade" not in head
    assert b"X-A: 1" in head


def test_a_redirect_is_an_answer(tmp_path):
    (one,), heads = asked(b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n", tmp_path)

    assert (one.reply.status, len(heads)) == (302, 1)


def test_a_large_body_goes_to_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr("understudy.net.upstream.seen.MAX_IN_MEMORY_BYTES", 10)
    body = b"x" * 100_000
    (one,), _ = asked(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + body, tmp_path)

    assert one.reply.body == BodyInFile(tmp_path / "0", 100_000)
    assert (tmp_path / "0").read_bytes() == body


PART = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok"


@pytest.mark.parametrize(
    ("answer", "end", "kind", "body"),
    [
        (b"", "close", "closed", None),
        (b"", "reset", "reset", None),
        (PART, "close", "closed", b"ok"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", "close", "closed", b"ok"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "close", "protocol", None),
    ],
)
def test_failures(tmp_path, answer, end, kind, body):
    (one,), _ = asked(answer, tmp_path, end=end)

    assert one.failed.kind == kind
    assert one.failed.message
    assert (None if one.reply is None else one.reply.body) == body


def test_a_server_that_says_nothing(tmp_path):
    (one,), _ = asked(b"", tmp_path, end="hold", timeout_s=0.05)

    assert (one.failed.kind, one.failed.message) == ("timeout", "no whole answer within 0.05 s")


def test_no_server(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        (one,) = asyncio.run(answers([request()], f"http://127.0.0.1:{port}", tmp_path))
        assert one.failed.kind == "refused"

    (one,) = asyncio.run(answers([request()], "http://nowhere.invalid", tmp_path))
    assert one.failed.kind == "dns"


def test_no_tls(echo, tmp_path):
    (one,) = asyncio.run(answers([request()], f"https://127.0.0.1:{echo.port}", tmp_path))

    assert one.failed.kind == "tls"


def test_answers_come_in_the_order_of_the_requests(echo, tmp_path):
    targets = ["/soon", "/ok", "/soon", "/ok"] * 20
    requests = [request(target=target) for target in targets]

    found = asyncio.run(answers(requests, f"http://127.0.0.1:{echo.port}", tmp_path, concurrency=8))

    assert [one.request.target for one in found] == targets
    assert {one.reply.status for one in found} == {200}


def test_a_prefix_and_a_rate(echo, tmp_path):
    target = f"http://127.0.0.1:{echo.port}/any/"
    found = asyncio.run(answers([request(target="/x")] * 3, target, tmp_path, rate=1000.0))

    assert [one.request.target for one in found] == ["/any/x"] * 3


def test_files_of_certificates_that_are_none(echo, tmp_path):
    with pytest.raises(CannotAsk, match=r"gone\.pem cannot be used: No such file"):
        asyncio.run(
            answers(
                [request()],
                f"http://127.0.0.1:{echo.port}",
                tmp_path,
                tls=Tls(ca_file=str(tmp_path / "gone.pem")),
            )
        )
