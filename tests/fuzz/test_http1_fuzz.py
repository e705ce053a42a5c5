"""Whatever bytes arrive: every reply is whole HTTP, nothing hangs, and nobody sees a traceback."""

import contextlib
import re
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit import get

TOKENS = st.sampled_from(
    [
        b"GET ", b"POST ", b"HEAD ", b"OPTIONS ", b"CONNECT ", b"PRI ", b"/ok", b"/echo", b"/__logs", b"*",
        b"?q=%zz",
        b"http://a/ok", b" HTTP/1.1", b" HTTP/1.0", b" HTTP/2.0", b"\r\n", b"\n", b"\r", b"\r\n\r\n",
        b"Host: a\r\n", b"Content-Length: 5\r\n", b"Content-Length: 99999999999999999999\r\n",
        b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n", b"Connection: close\r\n",
        b"Connection: Upgrade\r\nUpgrade: websocket\r\n", b"Expect: 100-continue\r\n", b"5\r\nhello\r\n",
        b"0\r\n\r\n",
        b"hello", b"\0", b"\xff\xfe", b": ", b"X" * 300, b"Cookie: a=b; c\r\n", b"Range: bytes=0-\r\n",
    ]
)  # fmt: skip
REQUESTS = st.lists(TOKENS | st.binary(max_size=20), max_size=25).map(b"".join)
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


def replies(server, chunks):
    """All that the server says to these bytes before it closes, once we have said all."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as wire:
        with contextlib.suppress(ConnectionError):
            for chunk in chunks:
                wire.sendall(chunk)
            wire.shutdown(socket.SHUT_WR)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while data := wire.recv(65536):
                received += data
        return received


@pytest.mark.parametrize(
    "prefix", [b"", b"GET /ok HTTP/1.1\r\nHost: a\r\n", b"POST /echo HTTP/1.1\r\nHost: a\r\n"]
)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(raw=REQUESTS, cut=st.integers(0, 400))
def test_any_bytes(echo, prefix, raw, cut):
    sent = prefix + raw
    received = replies(echo, [sent[:cut], sent[cut:]])
    assert received == b"" or STATUS.match(received)
    assert b"Traceback" not in received
    assert all(200 <= int(status) <= 599 or status == b"100" for status in STATUS.findall(received)[:1])
    assert echo.complaints == []


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    target=st.text(alphabet=st.characters(codec="ascii", exclude_characters=" \r\n\t\0#"), max_size=40),
    body=st.binary(max_size=60),
    content_type=st.sampled_from(
        ["application/json", "application/x-www-form-urlencoded", "text/plain", "x/é", ""]
    ),
)
def test_any_target_and_body_gets_one_reply_and_a_readable_log(echo, target, body, content_type):
    head = f"Content-Type: {content_type}\r\n" if content_type else ""
    raw = f"POST /any/{target} HTTP/1.1\r\nHost: a\r\n{head}Content-Length: {len(body)}\r\n\r\n"
    received = replies(echo, [raw.encode("utf-8") + body])
    assert STATUS.match(received), received
    assert get(echo, "/__logs?limit=1").json()["count"] == 1
    echo.clear_logs()
