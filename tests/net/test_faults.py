"""Each kind of fault on a raw socket: the exact bytes, how the connection ends, and what the log says.

Of times, only the order is asserted, and on the server's own clock that nothing came too soon.
"""

import gzip

import pytest

from tests.kit import Wire, wait_for
from understudy import MockServer
from understudy.faults import FAULTS
from understudy.journal import CLIENT_CLOSED, CLIENT_CLOSED_DURING_REPLY, CUT, RESET, SENT

DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
BODY = b"0123456789abcdef"
EVENTS = "data: one\n\ndata: two\n\ndata: 3\n\n"
OPEN, CLOSED, WAS_RESET, HANGS = "open", "closed", "reset", "hangs"
CLOSE = "Connection: close\r\n"
SLACK_MS = 3
"""Event loops count in milliseconds, and each of a few pauses may be that much too short."""


def head(status="200 OK", kind="text/plain", length="Content-Length: 16\r\n", lines="", tail="", line=None):
    first = f"HTTP/1.1 {status}" if line is None else line
    return f"{first}\r\nDate: {DATE}\r\nContent-Type: {kind}\r\n{lines}{length}{tail}\r\n".encode()


WHOLE = head() + BODY
# kind → its keys, the bytes that come (or what checks them), how the connection ends, the outcome in the
# log, and the shortest time in milliseconds
WIRE = {
    "latency": ({"ms": 30}, WHOLE, OPEN, SENT, 30),
    "dribble": ({"chunks": 4, "over_ms": 30}, WHOLE, OPEN, SENT, 30),
    "bandwidth": ({"bytes_per_s": 4000}, WHOLE, OPEN, SENT, 4),
    "stall": ({"after_bytes": 5, "for_ms": 30}, WHOLE, OPEN, SENT, 30),
    "hang": ({}, b"", HANGS, CLIENT_CLOSED, 0),
    "slow_read": ({"bytes_per_s": 500}, WHOLE, OPEN, SENT, 20),
    "unread": ({"for_ms": 30}, b"", CLOSED, CUT, 30),
    "error": (
        {"status": 503, "headers": {"Date": DATE}, "retry_after_s": 2},
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
        b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: 2\r\nContent-Length: 29\r\n\r\n"
        b'{"error":"Simulated failure"}',
        OPEN,
        SENT,
        0,
    ),
    "redirect_loop": ({}, lambda raw: b"302 Found\r\nLocation: /a?b=1\r\n" in raw, OPEN, SENT, 0),
    "content_type": ({}, head(kind="text/html") + BODY, OPEN, SENT, 0),
    "charset": ({}, head(kind="text/plain; charset=utf-16") + BODY, OPEN, SENT, 0),
    "empty_body": ({}, head(length="Content-Length: 0\r\n"), OPEN, SENT, 0),
    "invalid_json": (
        {"how": "utf8"},
        head(length="Content-Length: 17\r\n") + b"\xff" + BODY,
        OPEN,
        SENT,
        0,
    ),
    "graphql_errors": (
        {"message": "m", "code": "c"},
        head(kind="application/json", length="Content-Length: 66\r\n")
        + b'{"data":null,"errors":[{"message":"m","extensions":{"code":"c"}}]}',
        OPEN,
        SENT,
        0,
    ),
    "event_stream": (
        {"gap_ms": 5, "cut_after": 2},
        head(kind="text/event-stream", length="Transfer-Encoding: chunked\r\n")
        + b"b\r\ndata: one\n\n\r\nb\r\ndata: two\n\n\r\n5\r\ndata:\r\n",
        CLOSED,
        CUT,
        10,
    ),
    "truncate": ({"after_bytes": 7}, head() + BODY[:7], CLOSED, CUT, 0),
    "content_length": ({"missing": True}, head(length="", tail=CLOSE) + BODY, CLOSED, SENT, 0),
    "malformed_chunk": (
        {"how": "short"},
        head(length="Transfer-Encoding: chunked\r\n") + b"20\r\n" + BODY,
        CLOSED,
        CUT,
        0,
    ),
    "garbage": ({"bytes": 100}, lambda raw: len(raw) == 100, CLOSED, CUT, 0),
    "corrupt": (
        {"bytes": 2},
        lambda raw: (
            raw.startswith(head())
            and sum(one != other for one, other in zip(raw[-16:], BODY, strict=True)) == 2
        ),
        OPEN,
        SENT,
        0,
    ),
    "bad_gzip": (
        {"how": "checksum"},
        lambda raw: b"Content-Encoding: gzip\r\n" in raw and _is_bad_gzip(raw),
        OPEN,
        SENT,
        0,
    ),
    "oversized_header": (
        {"bytes": 50, "count": 2},
        head(lines=f"X-Oversized-1: {'x' * 25}\r\nX-Oversized-2: {'x' * 25}\r\n") + BODY,
        OPEN,
        SENT,
        0,
    ),
    "duplicate_header": ({}, head(lines="Content-Length: 17\r\n") + BODY, OPEN, SENT, 0),
    "invalid_header": ({}, head(lines="X-Broken without a colon\r\n") + BODY, OPEN, SENT, 0),
    "bad_status_line": ({}, head(line="HTTP/1.1 OK") + BODY, OPEN, SENT, 0),
    "empty_reply": ({}, b"", CLOSED, CUT, 0),
    "reset": ({"after_bytes": 9}, head() + BODY[:9], WAS_RESET, RESET, 0),
    "slow_close": ({"for_ms": 20}, head(tail=CLOSE) + BODY, CLOSED, SENT, 20),
    "stale_connection": ({}, WHOLE, CLOSED, SENT, 0),
    "fragment": ({"chunk_bytes": 40, "gap_ms": 2}, WHOLE, OPEN, SENT, 6),
    "early_reply": (
        {"status": 403, "headers": {"Date": DATE}},
        b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        b'Content-Length: 29\r\nConnection: close\r\n\r\n{"error":"Simulated failure"}',
        CLOSED,
        SENT,
        0,
    ),
    "timeout": ({"timeout": 20}, b"", CLOSED, CUT, 20),
    "limit_data": ({"bytes": 20}, WHOLE[:20], CLOSED, CUT, 0),
    "reset_peer": ({"timeout": 20}, b"", WAS_RESET, RESET, 20),
    "slicer": ({"average_size": 30, "size_variation": 5, "delay": 1000}, WHOLE, OPEN, SENT, 3),
    "EMPTY_RESPONSE": ({}, b"", CLOSED, CUT, 0),
    "MALFORMED_RESPONSE_CHUNK": (
        {},
        lambda raw: raw.startswith(head(length="Transfer-Encoding: chunked\r\n")) and raw[-64] >= 0x80,
        CLOSED,
        CUT,
        0,
    ),
    "RANDOM_DATA_THEN_CLOSE": ({}, lambda raw: len(raw) == 64, CLOSED, CUT, 0),
    "CONNECTION_RESET_BY_PEER": ({}, b"", WAS_RESET, RESET, 0),
}
EARLY = [kind for kind, row in FAULTS.items() if row.early]


def _is_bad_gzip(raw):
    try:
        gzip.decompress(raw.partition(b"\r\n\r\n")[2])
    except gzip.BadGzipFile as error:
        return "CRC" in str(error)
    return False


def config(kind, **more):
    kind_of_body = "text/event-stream" if kind == "event_stream" else "text/plain"
    endpoint = {
        "path": "/a",
        "method": "ANY",
        "headers": {"Date": DATE, "Content-Type": kind_of_body},
        "body": EVENTS if kind == "event_stream" else BODY.decode(),
        "faults": [{"kind": kind, **WIRE[kind][0], **more}],
    }
    return {"endpoints": [endpoint, {"path": "/ok", "body": "ok"}]}


def request(kind, method="GET"):
    if kind in EARLY:
        return b"POST /a?b=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789"
    return f"{method} /a?b=1 HTTP/1.1\r\nHost: a\r\n\r\n".encode()


def read(wire, until=None):
    """What comes, and how it ends: CLOSED, WAS_RESET, or OPEN when as much has come as `until` says."""
    raw = b""
    try:
        while until is None or not until(raw):
            data = wire.socket.recv(65536)
            if not data:
                return raw, CLOSED
            raw += data
    except ConnectionResetError:
        return raw, WAS_RESET
    return raw, OPEN


def is_whole(raw):
    """Whether a reply with a length has come to its end; the last Content-Length counts."""
    top, mark, body = raw.partition(b"\r\n\r\n")
    lengths = [line for line in top.split(b"\r\n") if line.startswith(b"Content-Length: ")]
    return bool(mark) and (not lengths or len(body) >= int(lengths[-1].partition(b": ")[2]))


def run(kind, server):
    """One request to a server: the bytes that came, and how it ended."""
    with Wire(server) as wire:
        wire.send(request(kind))
        if WIRE[kind][2] == HANGS:
            wait_for(lambda: any(one.state == "busy" for one in server._server.connections))
            wire.socket.setblocking(False)
            with pytest.raises(BlockingIOError):
                wire.socket.recv(1)
            return b"", HANGS
        if WIRE[kind][2] != OPEN:
            return read(wire)
        raw, end = read(wire, is_whole)
        wire.send(b"GET /ok HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().body == b"ok", "the connection goes on"
        return raw, end


def test_every_kind_is_here():
    assert list(WIRE) == list(FAULTS)


@pytest.mark.parametrize("kind", WIRE)
def test_what_goes_over_the_wire(kind):
    _, expected, end, outcome, least_ms = WIRE[kind]
    with MockServer(config(kind), seed=5) as server:
        raw, ended = run(kind, server)
        assert ended == end
        assert expected(raw) if callable(expected) else raw == expected

        (entry,) = wait_for(lambda: server.logs(path="/a"))
        assert entry["outcome"] == outcome
        assert [one["kind"] for one in entry["injected"]] == [kind]
        assert entry["faults"] == [kind]
        assert entry["duration_ms"] > least_ms - SLACK_MS
        wait_for(lambda: not server._server.connections)
        assert server.complaints == []
    with MockServer(config(kind), seed=5) as server:
        assert run(kind, server) == (raw, ended), "the same seed, the same bytes"


BODILESS = {  # kinds whose reply to HEAD ends the connection, and how
    **dict.fromkeys(
        [
            "truncate",
            "malformed_chunk",
            "garbage",
            "empty_reply",
            "slow_close",
            "stale_connection",
            "timeout",
        ],
        CLOSED,
    ),
    **dict.fromkeys(["EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK", "RANDOM_DATA_THEN_CLOSE"], CLOSED),
    **dict.fromkeys(["limit_data", "content_length"], CLOSED),
    **dict.fromkeys(["reset", "reset_peer", "CONNECTION_RESET_BY_PEER"], WAS_RESET),
}


@pytest.mark.parametrize("kind", [kind for kind in WIRE if kind not in EARLY and kind != "hang"])
def test_a_head_never_has_a_body(kind):
    """Whatever is wrong with the reply, but for bytes that are no HTTP at all."""
    with MockServer(config(kind), seed=5) as server, Wire(server) as wire:
        wire.send(request(kind, "HEAD"))
        raw, end = read(wire, lambda raw: kind not in BODILESS and b"\r\n\r\n" in raw)
        assert end == BODILESS.get(kind, OPEN)
        if kind not in {"garbage", "RANDOM_DATA_THEN_CLOSE"}:
            assert raw.partition(b"\r\n\r\n")[2] == b""
        if end == OPEN:
            wire.send(b"GET /ok HTTP/1.1\r\nHost: a\r\n\r\n")
            assert wire.answer().body == b"ok"
        assert len(wait_for(lambda: server.logs(path="/a"))) == 1


@pytest.mark.parametrize("kind", [kind for kind in WIRE if kind not in EARLY and kind != "hang"])
def test_a_client_of_http_1_0(kind):
    with MockServer(config(kind), seed=5) as server, Wire(server) as wire:
        wire.send(b"GET /a?b=1 HTTP/1.0\r\n\r\n")
        raw, end = read(wire)
        assert end == (WAS_RESET if WIRE[kind][2] == WAS_RESET else CLOSED)
        top = raw.partition(b"\r\n\r\n")[0]
        if kind in {"malformed_chunk", "MALFORMED_RESPONSE_CHUNK"}:
            return  # that is what it is about
        assert b"chunked" not in top
        if b"\r\n\r\n" in raw and kind not in {"truncate", "limit_data", "reset"}:
            assert top.endswith(b"Connection: close") or kind == "event_stream"


@pytest.mark.parametrize("kind", [kind for kind in WIRE if kind not in {"hang", "stale_connection"}])
def test_requests_that_were_sent_ahead(kind):
    """They are answered in order where the connection goes on, and not at all where it does not."""
    with MockServer(config(kind), seed=5) as server, Wire(server) as wire:
        wire.send(request(kind) + b"GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        raw, end = read(wire)
        goes_on = WIRE[kind][2] == OPEN
        assert raw.endswith(b"\r\n\r\nok") is goes_on
        assert b"400 Bad Request" not in raw
        # what is closed while more is there to be read is reset (RFC 1122 section 4.2.2.13)
        assert end == (CLOSED if goes_on else end)
        entries = wait_for(lambda: (found := server.logs()) and len(found) >= 1 + goes_on and found)
        assert [entry["path"] for entry in entries] == ["/a", "/ok"][: 1 + goes_on]


@pytest.mark.parametrize("kind", WIRE)
def test_the_server_stops_meanwhile(kind):
    with MockServer(config(kind), seed=5) as server, Wire(server) as wire:
        wire.send(request(kind))
        inner = server._server
        wait_for(lambda: inner._numbers)  # it has come
        server.stop()
        read(wire)
        assert not inner.connections
        assert len(inner.journal.select()) <= 1


@pytest.mark.parametrize("kind", [kind for kind, row in WIRE.items() if row[4]])
def test_a_client_that_goes_in_the_middle(kind):
    with MockServer(config(kind), seed=5) as server:
        with Wire(server) as wire:
            wire.send(request(kind))
        (entry,) = wait_for(lambda: server.logs(path="/a"))
        assert entry["outcome"] in {CLIENT_CLOSED, CLIENT_CLOSED_DURING_REPLY, SENT, WIRE[kind][3]}
        wait_for(lambda: not server._server.connections)
        assert server.complaints == []
