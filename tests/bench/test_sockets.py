import pytest

from bench import sockets

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"


@pytest.mark.parametrize("data", [WHOLE, WHOLE.replace(b"Content-Length", b"content-length"), CHUNKED])
def test_a_reply_is_whole_with_its_last_byte(data: bytes):
    reply = sockets.Reply()
    assert [reply.feed(data[place : place + 1]) for place in range(len(data))].index(True) == len(data) - 1
    assert reply.ok


def test_another_status_is_not_ok():
    reply = sockets.Reply()
    assert reply.feed(WHOLE.replace(b"200 OK", b"503 Service Unavailable"))
    assert not reply.ok


def test_the_request_is_plain_http():
    assert sockets.request(8000, "/a") == b"GET /a HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n"
