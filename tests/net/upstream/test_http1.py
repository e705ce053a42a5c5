"""HTTP/1.1 of hostile servers: whatever comes, each call has one end, and no reply is taken for another's.

The transport is one in memory, so that each byte comes when the test says so.
"""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.net.upstream.contract import Recorder, request
from understudy.net.upstream.http1 import MAX_HEAD_BYTES, MAX_INTERIM_REPLIES, Http1Line

OK = b"HTTP/1.1 200 OK\r\n"
PLAIN = OK + b"Content-Length: 2\r\n\r\nok"
REPLIES = (
    PLAIN,
    OK + b"Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + PLAIN,
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
    OK + b"Connection: close, X-A\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nraw",
)


class Transport(asyncio.Transport):
    """Keeps what is written, and says what was done to it."""

    def __init__(self):
        super().__init__()
        self.written = bytearray()
        self.is_gone = self.is_paused = False

    def write(self, data):
        self.written += data

    def close(self):
        self.is_gone = True

    abort = close

    def is_closing(self):
        return self.is_gone

    def set_write_buffer_limits(self, high=None, low=None):
        pass

    def pause_reading(self):
        self.is_paused = True

    def resume_reading(self):
        self.is_paused = False


class Link:
    """A line, with a clock that is moved by hand."""

    def __init__(self):
        self.now = 0.0
        self.freed, self.gone = [], []
        self.line = Http1Line(lambda: self.now, self.freed.append, self.gone.append)
        self.transport = Transport()
        self.line.connection_made(self.transport)

    def ask(self, outgoing=None):
        got = Recorder()
        got.call = self.line.call(outgoing or request(), got)
        return got

    def comes(self, *pieces):
        for piece in pieces:
            if not self.transport.is_gone:
                self.line.data_received(piece)

    def ends(self, error=None):
        self.transport.is_gone = True
        self.line.connection_lost(error)

    def is_at_rest(self):
        """Whether nothing is held any more, and the pool knows."""
        line = self.line
        assert line._call is None
        assert line._listener is None
        return self.gone == [line] if self.transport.is_gone else self.freed == [line]


def run(test):
    async def main():
        test()

    asyncio.run(main())


def asked(*pieces, outgoing=None, ends=False):
    """A line and what was told of a reply."""
    link = Link()
    got = link.ask(outgoing)
    link.comes(*pieces)
    if ends:
        link.ends()
    return link, got


def refused(*pieces, outgoing=None):
    link, got = asked(*pieces, outgoing=outgoing)
    assert got.error is not None, got.told
    assert got.error.kind == "protocol"
    assert link.transport.is_gone
    assert link.is_at_rest()
    return got.error.message


# --- any bytes ----------------------------------------------------------------------------------------------


@st.composite
def streams(draw):
    """Replies with something put in, taken out or cut off, in pieces."""
    data = b"".join(draw(st.lists(st.sampled_from(REPLIES), max_size=3)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        piece = draw(st.binary(max_size=6) | st.sampled_from([b"\r\n", b"\n", b"\0", b": ", *REPLIES]))
        data = data[:at] + piece + data[at + draw(st.integers(0, 5)) :]
    cuts = sorted({0, len(data), *draw(st.lists(st.integers(0, len(data)), max_size=8))})
    return [data[start:end] for start, end in pairwise(cuts)]


@settings(max_examples=400, deadline=None)
@given(streams(), st.sampled_from(["GET", "HEAD", "POST"]), st.booleans(), st.booleans())
@example([REPLIES[-1]], "GET", True, False)
def test_each_call_has_one_end(pieces, method, upgrades, is_cancelled):
    upgrade = ((b"Connection", b"Upgrade"), (b"Upgrade", b"x")) if upgrades else ()

    def test():
        link, got = asked(*pieces, outgoing=request(method)._replace(upgrade=upgrade))
        if is_cancelled and not got.is_over:
            got.is_cancelled = True
            got.call.cancel()
        elif not got.is_over:
            link.ends()
        if not got.is_cancelled:
            assert got.is_over
        assert link.is_at_rest()
        for name, value in got.head.headers if got.head else ():
            assert not {*b"\r\n\0"} & {*name, *value}

    run(test)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(REPLIES), st.lists(st.integers(0, 200), max_size=10))
def test_where_a_reply_is_cut_makes_no_difference(reply, cuts):
    def test():
        bounds = sorted({0, len(reply), *(cut for cut in cuts if cut < len(reply))})
        pieces = [reply[start:end] for start, end in pairwise(bounds)]
        upgrade = ((b"Connection", b"Upgrade"), (b"Upgrade", b"x"))
        whole, parts = (
            asked(*pieces, outgoing=request()._replace(upgrade=upgrade), ends=True)[1]
            for pieces in ([reply], pieces)
        )
        assert (whole.head, whole.body, whole.trailers) == (parts.head, parts.body, parts.trailers)

    run(test)


# --- two ways to read a reply -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        b"Content-Length: 2\r\nContent-Length: 2\r\n",
        b"Content-Length: 2\r\nContent-Length: 20\r\n",
        b"Content-Length: 2, 2\r\n",
        b"Content-Length: +2\r\n",
        b"Content-Length: \r\n",
        b"Content-Length: 99999999999999999999\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"X: a\r\n b\r\n",
        b"X: a\n",
        b"X: a\rY: b\r\n",
        b"X: a\0b\r\n",
        b"X\0: a\r\n",
        b"X Y: a\r\n",
        b": a\r\n",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_head_that_can_be_read_in_two_ways_is_refused(head, method):
    run(lambda: refused(OK + head + b"\r\nok", outgoing=request(method)))


@pytest.mark.parametrize("status", [b"000", b"099", b"99", b"1000", b"2x0", b"-20"])
def test_a_status_that_is_none(status):
    run(lambda: refused(b"HTTP/1.1 " + status + b" x\r\n\r\n"))


def test_a_reason_with_controls_is_left_out():
    def test():
        _, got = asked(b"HTTP/1.1 200 O\0K\x1b[2J\r\nContent-Length: 0\r\n\r\n")
        assert got.head.reason == b""
        _, got = asked(b"HTTP/1.1 200 Tr\xe8s bien\r\nContent-Length: 0\r\n\r\n")
        assert got.head.reason == b"Tr\xe8s bien"

    run(test)


def test_a_server_cannot_take_the_length_away():
    def test():
        _, got = asked(OK + b"Connection: Content-Length, X-A\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nok")
        assert got.head.headers == ((b"Content-Length", b"2"),)
        _, got = asked(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n")
        assert got.head.headers == ()
        assert got.is_over

    run(test)


def test_framing_means_nothing_in_interim_replies_and_trailers():
    odd = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"

    def test():
        _, got = asked(b"HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\nLink: x\r\n\r\n" + PLAIN)
        assert got.told[0] == ("informed", 103, ((b"Link", b"x"),))
        start = OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nConnection: close\r\nX: 1\r\n\r\n"
        assert asked(start)[1].trailers == ((b"X", b"1"),)
        refused(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + odd + b"\r\n")

    run(test)


# --- replies that nobody asked for --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "raw"),
    [
        ("GET", PLAIN + PLAIN),
        ("GET", PLAIN + b"HTTP/1.1 2"),
        ("GET", PLAIN + b"garbage"),
        ("HEAD", PLAIN),
        ("HEAD", OK + b"Content-Length: 200\r\n\r\n" + PLAIN),
        ("HEAD", OK + b"Content-Length: 0\r\n\r\n" + PLAIN),
        ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nabcde"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\n\r\n" + PLAIN),
        ("GET", REPLIES[1] + PLAIN),
    ],
)
def test_what_stands_behind_a_reply_is_no_other_reply(method, raw):
    def test():
        link = Link()
        got = link.ask(request(method))
        # Who is answered may send the next request at once.
        got.ended = lambda trailers, told=got.ended: (told(trailers), others.append(link.line.is_free))
        others = []
        link.comes(raw)
        assert (got.is_over, got.error, others) == (True, None, [False])
        assert link.transport.is_gone
        assert (link.freed, link.gone) == ([], [link.line])

    run(test)


def test_a_reply_before_the_request():
    def test():
        link = Link()
        link.comes(PLAIN)
        assert link.transport.is_gone
        assert not link.line.is_free
        link, got = asked(PLAIN)
        assert (got.body, link.freed) == (b"ok", [link.line])
        link.comes(PLAIN)
        assert link.transport.is_gone
        assert link.gone == [link.line]

    run(test)


def test_the_next_request_gets_its_own_reply():
    def test():
        link = Link()
        for method, raw in [
            ("HEAD", OK + b"Content-Length: 2\r\n\r\n"),
            ("GET", PLAIN),
            ("GET", REPLIES[3]),
            ("POST", REPLIES[1]),
            ("GET", PLAIN),
        ]:
            assert link.line.is_free
            got = link.ask(request(method))
            link.comes(*(raw[at : at + 1] for at in range(len(raw))))
            assert got.is_over
            assert got.error is None
        assert link.gone == []

    run(test)


# --- without an end -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"HTTP/1.1 200 ", b"OK"),
        (OK, b"X: y\r\n"),
        (OK, b"Name"),
        (OK + b"X: ", b"value"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"extension"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"value"),
        (b"", b"\r\n"),
    ],
)
def test_a_head_without_end_is_not_held(start, piece):
    def test():
        link, got = asked(start)
        for _ in range(MAX_HEAD_BYTES // 1000 + 1):
            assert not got.is_over
            link.comes(piece * (1000 // len(piece) + 1))
            if got.is_over:
                break
        assert got.error.kind == "protocol"
        assert link.is_at_rest()

    run(test)


def test_interim_replies_without_end():
    interim = b"HTTP/1.1 102 Processing\r\n\r\n"

    def test():
        _, got = asked(interim * MAX_INTERIM_REPLIES + PLAIN)
        assert got.body == b"ok"
        assert "too many interim" in refused(interim * (MAX_INTERIM_REPLIES + 1))
        assert "too many interim" in refused(b"HTTP/1.1 100 Continue\r\n\r\n" * (MAX_INTERIM_REPLIES + 1))

    run(test)


def test_a_head_that_trickles_is_late():
    def test():
        link, got = asked(OK)
        for at in range(9):
            link.now = float(at)
            link.comes(b"X: y\r\n")
        assert link.line.is_late(9.0, 8.5)
        link.comes(b"Content-Length: 9\r\n\r\n")
        for at in range(10, 15):
            link.now = float(at)
            link.comes(b"a")
            assert not link.line.is_late(at + 1.0, 8.5)
        link.line.time_out("late")
        assert (got.error.kind, link.is_at_rest()) == ("timeout", True)

    run(test)


def test_time_is_counted_from_the_end_of_the_request():
    def test():
        link = Link()
        got = link.ask(request("POST", length=None))
        assert not link.line.is_late(100.0, 5.0)
        link.now = 100.0
        got.call.end_body()
        assert not link.line.is_late(104.0, 5.0)
        assert link.line.is_late(106.0, 5.0)

    run(test)


def test_a_server_that_does_not_read_the_request_is_late():
    def test():
        link = Link()
        link.ask(request("POST", length=None))
        link.now = 100.0
        link.line.pause_writing()
        assert not link.line.is_late(104.0, 5.0)
        assert link.line.is_late(106.0, 5.0)

    run(test)


def test_a_head_that_is_too_large_and_whole():
    head = OK + b"Content-Length: 0\r\nX-A: " + b"a" * (MAX_HEAD_BYTES + 10_000) + b"\r\n\r\n"
    run(lambda: refused(head[:MAX_HEAD_BYTES], head[MAX_HEAD_BYTES:]))


def test_a_large_body_behind_a_head_in_one_piece():
    size = MAX_HEAD_BYTES + 10_000

    def test():
        _, got = asked(OK + b"Content-Length: %d\r\n\r\n" % size + b"x" * size)
        assert got.is_over
        assert got.error is None

    run(test)
