"""Recorded exchanges as steps."""

import json
from dataclasses import replace
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.load import load
from understudy.model.record import Record
from understudy.record.exchange import (
    BodyInFile,
    Chunk,
    Failed,
    RecordedExchange,
    RecordedReply,
    RecordedRequest,
    SocketMessage,
)
from understudy.record.failures import failure_reply
from understudy.record.replies import Replies, compile_rendered
from understudy.record.replies.latency import MOST_SIGMA, fit
from understudy.record.replies.pieces import timed_pieces
from understudy.render.draws import Draws
from understudy.request import Request
from understudy.simulate.kit import Kit
from understudy.steps import (
    Body,
    Close,
    ExactReply,
    FileBody,
    HangUp,
    Head,
    ReplaySocket,
    Reset,
    SendFile,
    Wait,
    Write,
)
from understudy.views.codings import decoded, encoded

HEADERS = (
    (b"content-TYPE", b"text/plain"),
    (b"X-Twice", b"1"),
    (b"Content-Length", b"5"),
    (b"x-twice", b"2"),
    (b"Date", b"Sun, 06 Nov 1994 08:49:37 GMT"),
)
NO_LENGTH = tuple(header for header in HEADERS if header[0] != b"Content-Length")
DAY = 86_400
DRAWS = Draws(1, "record", 0)


def exchange(reply=None, method="GET", failed=None, **more):
    request = RecordedRequest(method=method, origin="https://api.example.com", target="/users/1?a=b")
    return RecordedExchange(request=request, reply=reply, failed=failed, **more)


def hello(**more):
    wanted = {"status": 200, "reason": "Fine", "headers": HEADERS, "body": b"hello"} | more
    return RecordedReply(**wanted)


def steps_of(recorded, method="GET", version="1.1", now=0.0, **settings):
    request = Request(method, b"/users/1?a=b", version=version)
    return Replies(Record(**settings)).steps(recorded, request, DRAWS, now)


def wire(steps):
    """What steps send to a client that takes bodies, but for what belongs to the connection."""
    sent = b""
    for step in steps:
        match step:
            case ExactReply():
                sent += step.whole(b"")
            case Head(reply, framing):
                sent += reply.start + (reply.framing if framing is None else framing) + b"\r\n"
            case Body(data) | Write(data):
                sent += data
            case FileBody(path, offset, length) | SendFile(ExactReply(), path, offset, length):
                if isinstance(step, SendFile):
                    sent += step.reply.whole(b"")
                sent += path.read_bytes()[offset : offset + length]
    return sent


LINES = b"".join(b"%b: %b\r\n" % header for header in HEADERS)
WHOLE = b"HTTP/1.1 200 Fine\r\n" + LINES + b"\r\nhello"

# --- redirects ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "location", "wanted"),
    [
        (False, "https://api.example.com/new", "https://api.example.com/new"),
        (True, "https://API.example.com/new?a=1", "/new?a=1"),
        (True, "https://api.example.com", "/"),
        (True, "https://api.example.com.evil.example/new", "https://api.example.com.evil.example/new"),
        (True, "http://api.example.com/new", "http://api.example.com/new"),
        (True, "new", "new"),
        ("https://api.example.com/v1/", "https://api.example.com/v1/new", "/new"),
        ("https://api.example.com/v1", "https://api.example.com/v2/new", "https://api.example.com/v2/new"),
    ],
)
def test_redirects_may_lead_here(written, location, wanted):
    headers = ((b"Location", location.encode()), (b"Set-Cookie", b"a=1; Domain=example.com; Path=/"))
    recorded = replace(exchange(hello(status=302, headers=headers)))
    recorded = replace(recorded, request=replace(recorded.request, origin="https://api.example.com"))
    cookie = "a=1; Path=/" if written else "a=1; Domain=example.com; Path=/"
    (reply,) = steps_of(recorded, rewrite_location=written)
    for made in (reply, Replies(Record(rewrite_location=written)).constant(recorded)):
        assert f"Location: {wanted}\r\nSet-Cookie: {cookie}\r\n".encode() in made.whole(b"")


# --- whole replies ------------------------------------------------------------------------------------------


def test_a_reply_is_sent_as_it_was_recorded():
    (reply,) = steps_of(exchange(hello()))
    assert reply.whole(b"Date: now\r\n") == WHOLE
    replies, recorded = Replies(Record()), exchange(hello())
    constant = replies.constant(recorded)
    assert constant.whole(b"Date: now\r\n") == WHOLE
    assert constant.is_shared
    assert replies.constant(recorded) is constant
    assert replies.constant(replace(recorded, reply=hello(body=b"HELLO"))).body == b"HELLO"


def test_what_was_kept_is_dropped():
    replies, recorded = Replies(Record()), exchange(hello(), id="1")
    first = replies.constant(recorded)
    replies.forget("2")
    assert replies.constant(recorded) is first
    replies.forget("1")
    second = replies.constant(recorded)
    assert second is not first
    replies.learn([])
    assert replies.constant(recorded) is not second


@pytest.mark.parametrize(
    ("reason", "version", "status", "line"),
    [
        ("Fine", "1.1", 200, b"HTTP/1.1 200 Fine\r\n"),
        ("", "1.1", 200, b"HTTP/1.1 200 \r\n"),
        ("", "2", 200, b"HTTP/1.1 200 OK\r\n"),
        ("Request denied", "1.0", 999, b"HTTP/1.1 999 Request denied\r\n"),
    ],
)
def test_reasons(reason, version, status, line):
    reply = Replies(Record()).constant(exchange(hello(reason=reason, version=version, status=status)))
    assert reply.start.startswith(line)


def test_the_length_is_that_of_the_body():
    edited = Replies(Record()).constant(exchange(hello(body=b"hello, world")))
    assert (b"Content-Length", b"12") in edited.headers
    imported = Replies(Record()).constant(exchange(hello(headers=NO_LENGTH)))
    assert imported.headers == (*NO_LENGTH, (b"Content-Length", b"5"))


def test_headers_of_a_connection_are_not_sent():
    by_hand = ((b"Connection", b"close"), (b"transfer-encoding", b"chunked"), (b"Keep-Alive", b"1"))
    assert wire(steps_of(exchange(hello(headers=by_hand + HEADERS)))) == WHOLE


def test_chunks_and_trailers():
    reply = hello(headers=NO_LENGTH, framing="chunked", trailers=((b"X-Sum", b"9"),))
    constant = Replies(Record()).constant(exchange(reply))
    assert constant.whole(b"").endswith(
        b"GMT\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n"
    )
    assert steps_of(exchange(reply))[0].whole(b"") == constant.whole(b"")
    old, close = steps_of(exchange(reply), version="1.0")
    assert old.whole(b"").endswith(b"GMT\r\n\r\nhello")
    assert close == Close()


def test_the_end_of_the_connection_ends_the_body():
    recorded = exchange(hello(headers=NO_LENGTH, framing="close"))
    assert Replies(Record()).constant(recorded) is None
    reply, close = steps_of(recorded)
    assert reply.whole(b"").endswith(b"GMT\r\n\r\nhello")
    assert close == Close()


@pytest.mark.parametrize("status", [204, 304])
def test_replies_without_a_body(status):
    recorded = exchange(hello(status=status, body=b"", framing="none"))
    (reply,) = steps_of(recorded)
    assert reply.headers == HEADERS
    assert reply.whole(b"") == b"HTTP/1.1 %d Fine\r\n%b\r\n" % (status, LINES)
    assert Replies(Record()).constant(recorded).whole(b"") == reply.whole(b"")


def test_head():
    of_get = steps_of(exchange(hello()), "HEAD")
    assert wire(of_get) == WHOLE.removesuffix(b"hello")
    head = exchange(hello(body=b"", framing="none"), "HEAD")
    assert wire(steps_of(head, "HEAD")) == WHOLE.removesuffix(b"hello")
    assert Replies(Record()).constant(head) is None
    (for_get,) = steps_of(head, "GET")  # where `match.method` is off, a client must not wait for a body
    assert (b"Content-Length", b"0") in for_get.headers
    chunked = exchange(hello(headers=NO_LENGTH, framing="chunked"))
    assert steps_of(chunked, "HEAD")[0].headers == NO_LENGTH


def test_bodies_in_files(tmp_path):
    file = tmp_path / "body"
    file.write_bytes(b"hello")
    body = BodyInFile(file, 5)
    (step,) = steps_of(exchange(hello(body=body)))
    assert isinstance(step, SendFile)
    assert wire([step]) == WHOLE
    assert step.reply.length == 5
    assert Replies(Record()).constant(exchange(hello(body=body))) is None
    chunked = steps_of(exchange(hello(body=body, headers=NO_LENGTH, framing="chunked")))
    assert wire(chunked).endswith(b"chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    close = steps_of(exchange(hello(body=body, headers=NO_LENGTH, framing="close")))
    assert close[1:] == (FileBody(file, 0, 5), HangUp())
    assert close[0].framing == b""
    assert wire(steps_of(exchange(hello(body=body)), "HEAD")) == WHOLE.removesuffix(b"hello")


def test_a_websocket_is_replayed_by_somebody_else():
    messages = (SocketMessage(1, "server", "text", b"hi"),)
    recorded = exchange(hello(status=101, body=b"", framing="none"), messages=messages)
    (step,) = steps_of(recorded, latency="recorded", speed=2)
    assert isinstance(step, ReplaySocket)
    assert (step.exchange, step.speed) == (recorded, 2)
    assert steps_of(recorded)[0].speed == 0
    assert Replies(Record()).constant(recorded) is None


# --- time ---------------------------------------------------------------------------------------------------

STREAM = hello(chunks=(Chunk(100, 2), Chunk(300, 2), Chunk(1300, 1)))


def test_no_latency_is_all_at_once():
    assert wire(steps_of(exchange(STREAM, wait_ms=100))) == WHOLE
    assert Replies(Record()).constant(exchange(STREAM, wait_ms=100)).whole(b"") == WHOLE


def test_recorded_latency():
    wait, reply = steps_of(exchange(hello(), wait_ms=250), latency="recorded")
    assert wait == Wait(0.25)
    assert reply.whole(b"") == WHOLE
    assert steps_of(exchange(hello(), wait_ms=250), latency="recorded", speed=10)[0] == Wait(0.025)
    assert Replies(Record(latency="recorded")).constant(exchange(hello())) is None
    assert len(steps_of(exchange(hello()), latency="recorded")) == 1


def test_streams_keep_their_times():
    steps = steps_of(exchange(STREAM, wait_ms=100), latency="recorded", speed=2)
    assert [type(step) for step in steps] == [Wait, Head, Body, Wait, Body, Wait, Body]
    assert [step.seconds for step in steps if isinstance(step, Wait)] == pytest.approx([0.05, 0.1, 0.5])
    assert [step.data for step in steps if isinstance(step, Body)] == [b"he", b"ll", b"o"]
    assert wire(steps) == WHOLE
    chunked = replace(STREAM, headers=NO_LENGTH, framing="chunked")
    steps = steps_of(exchange(chunked, wait_ms=100), latency="recorded")
    assert [step.data for step in steps if isinstance(step, Write)] == [
        b"2\r\nhe\r\n",
        b"2\r\nll\r\n",
        b"1\r\no\r\n",
        b"0\r\n\r\n",
    ]
    old = steps_of(exchange(chunked, wait_ms=100), version="1.0", latency="recorded")
    assert [step.data for step in old if isinstance(step, Body)] == [b"he", b"ll", b"o"]
    assert old[-1] == HangUp()
    assert [type(step) for step in steps_of(exchange(STREAM, wait_ms=100), "HEAD", latency="recorded")] == [
        Wait,
        ExactReply,
    ]


@given(
    size=st.integers(0, 50),
    chunks=st.lists(st.builds(Chunk, st.floats(0, 1e4), st.integers(-1, 20)), max_size=8),
    began_ms=st.floats(0, 1e4),
    speed=st.sampled_from([0.0, 0.5, 100.0]),
)
def test_pieces_are_the_whole_body_in_order(size, chunks, began_ms, speed):
    pieces = timed_pieces(size, chunks, began_ms, speed)
    assert [number for piece in pieces for number in range(piece.start, piece.stop)] == list(range(size))
    assert all(piece.wait_s >= 0 and piece.stop > piece.start for piece in pieces)


def test_fitted_latency_is_like_what_was_recorded():
    replies = Replies(Record(latency="fitted", speed=10))
    waits = [80, 90, 100, 110, 120, 9000]
    replies.learn(
        [exchange(hello(), wait_ms=wait) for wait in waits] + [exchange(failed=Failed("timeout", ""))]
    )
    drawn = []
    for n in range(400):
        steps = replies.steps(exchange(hello()), Request("GET", b"/"), Draws(1, "record", n), 0)
        assert steps == (steps[0], steps[1])
        drawn.append(steps[0].seconds * 10_000)
    assert median(drawn) == pytest.approx(105, rel=0.1)
    assert 40 < min(drawn) < 90
    assert 120 < max(drawn) < 300
    assert replies.steps(exchange(hello()), Request("GET", b"/"), Draws(1, "record", 3), 0)[0] == Wait(
        drawn[3] / 10_000
    )


@given(st.lists(st.floats(0, 1e7), min_size=1, max_size=9))
def test_any_waits_are_fitted(waits):
    quantile = fit(waits)
    assert quantile(0.5) == pytest.approx(max(median(waits), 0.05), rel=1e9)
    assert 0 < quantile(0.0005) <= quantile(0.9995) <= quantile(0.5) * 2.72 ** (MOST_SIGMA * 3.3)


def test_what_was_never_recorded_is_drawn_around_its_own_wait():
    (wait, _) = Replies(Record(latency="fitted")).steps(
        exchange(hello(), wait_ms=100), Request("GET", b"/"), DRAWS, 0
    )
    assert 0.04 < wait.seconds < 0.25


# --- failures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["dns", "refused", "unreachable", "tls", "timeout"])
def test_failures_before_a_connection_are_told(kind):
    failed = Failed(kind, "no such thing", 500)
    (reply,) = steps_of(exchange(failed=failed))
    assert (reply.status, reply.body) == (failure_reply(failed).status, failure_reply(failed).body)
    wait, reply = steps_of(exchange(failed=failed), latency="recorded", speed=2)
    assert (wait, reply.status) == (Wait(0.25), 504 if kind == "timeout" else 502)
    assert steps_of(exchange(failed=failed), latency="fitted")[0] == Wait(0.5)
    assert Replies(Record()).constant(exchange(failed=failed)) is None


@pytest.mark.parametrize(("kind", "end"), [("reset", Reset()), ("closed", HangUp()), ("protocol", HangUp())])
def test_connections_break_as_they_did(kind, end):
    assert steps_of(exchange(failed=Failed(kind, ""))) == (end,)
    assert steps_of(exchange(failed=Failed(kind, "", 40)), latency="recorded") == (Wait(0.04), end)
    partial = hello(body=b"hel")
    head, body, *rest = steps_of(exchange(partial, failed=Failed(kind, "", 40), wait_ms=10))
    assert (b"Content-Length", b"5") in head.reply.headers
    assert (body, rest) == (Body(b"hel"), [end])
    *_, wait, last = steps_of(exchange(partial, failed=Failed(kind, "", 40), wait_ms=10), latency="recorded")
    assert (wait, last) == (Wait(0.03), end)


def test_half_a_body_in_chunks_has_no_last_chunk():
    partial = hello(headers=NO_LENGTH, framing="chunked", body=b"hel")
    steps = steps_of(exchange(partial, failed=Failed("closed", "")))
    assert steps[1:] == (Write(b"3\r\nhel\r\n"), HangUp())
    assert steps[0].framing == b"Transfer-Encoding: chunked\r\n"


def test_a_reply_that_stopped_half_way_ends_the_connection():
    *_, last = steps_of(exchange(hello(body=b"hel"), failed=Failed("timeout", "", 40)))
    assert last == HangUp()
    *_, last = steps_of(exchange(hello(body=b""), failed=Failed("reset", "")), "HEAD")
    assert last == Reset()


def test_nothing_at_all_is_a_closed_connection():
    assert steps_of(exchange()) == (HangUp(),)


# --- dates --------------------------------------------------------------------------------------------------


def test_dates_are_moved():
    recorded = exchange(hello(), recorded_at=1000.5)
    (reply,) = steps_of(recorded, now=1000.6 + DAY, shift_dates=True)
    assert (b"Date", b"Mon, 07 Nov 1994 08:49:37 GMT") in reply.headers
    assert Replies(Record(shift_dates=True)).constant(recorded) is None
    assert steps_of(recorded, now=1000.0, shift_dates=True)[0].headers == HEADERS
    assert steps_of(exchange(hello()), now=1e9, shift_dates=True)[0].headers == HEADERS


@pytest.mark.parametrize("coding", ["", "gzip", "br"])
def test_dates_in_bodies_are_moved_and_lengths_put_right(coding):
    codings = [coding] if coding else []
    body = encoded(b'{"at": "2024-02-28T00:00:00Z", "exp": 1700000000}', codings)
    kind = (b"Content-Type", b"application/json; charset=utf-8")
    headers = (
        kind,
        (b"Content-Length", b"%d" % len(body)),
        *[(b"Content-Encoding", coding.encode())] * len(codings),
    )
    recorded = exchange(hello(headers=headers, body=body), recorded_at=1000.0)
    (reply,) = steps_of(recorded, now=1000.0 + DAY, shift_dates="all")
    moved = b'{"at": "2024-02-29T00:00:00Z", "exp": 1700086400}'
    assert decoded(reply.body, codings, 1000) == moved
    assert (b"Content-Length", b"%d" % len(reply.body)) in reply.headers
    (reply,) = steps_of(recorded, now=1000.0 + DAY, shift_dates=True)
    assert reply.body == body


def test_bodies_that_cannot_be_read_keep_their_dates():
    headers = ((b"Content-Type", b"application/json"), (b"Content-Encoding", b"gzip"))
    recorded = exchange(hello(headers=headers, body=b"no gzip"), recorded_at=1.0)
    assert steps_of(recorded, now=1.0 + DAY, shift_dates="all")[0].body == b"no gzip"


def test_what_was_moved_is_kept_for_a_second():
    replies, recorded = Replies(Record(shift_dates="all")), exchange(hello(), recorded_at=1.0, id="1")
    request = Request("GET", b"/")
    first, second, third = (replies.steps(recorded, request, DRAWS, now)[0] for now in (100.1, 100.9, 101.0))
    assert first.headers == second.headers != third.headers


# --- templates ----------------------------------------------------------------------------------------------


def kit():
    return Kit(load({}), {})


def rendered(recorded, request=None):
    tools = kit()
    render = compile_rendered(recorded, tools, ("record",))
    assert tools.problems == []
    if render is None:
        return None
    tools.templates.scope.begin(request or Request("GET", b"/users/1?a=b&q=%22x%22"), 1, "record", 0, 0.0)
    return render(recorded)


def test_json_and_headers_are_templates():
    body = encoded(b'{"q": "{{ query.q }}", "n": 1}', ["gzip"])
    headers = (
        (b"Content-Type", b"application/json"),
        (b"Content-Encoding", b"gzip"),
        (b"X-Q", b"is {{ query.a }}"),
    )
    made = rendered(exchange(hello(headers=headers, body=body)))
    assert json.loads(made.reply.body) == {"q": '"x"', "n": 1}
    assert made.reply.headers == (headers[0], (b"X-Q", b"is b"))
    (reply,) = steps_of(made)
    assert (b"Content-Length", b"%d" % len(made.reply.body)) in reply.headers


def test_text_is_one_template():
    assert rendered(exchange(hello(body=b"a={{ query.a }}"))).reply.body == b"a=b"


@pytest.mark.parametrize(
    "reply",
    [
        hello(),
        hello(body=b"\xff{{ query.a }}"),
        hello(body=b"{{ query.a }}", headers=((b"Content-Type", b"image/png"),)),
        hello(body=b"{{ query.a }}", headers=((b"Content-Type", b"application/json"),)),
    ],
)
def test_what_is_no_template_is_left_alone(reply):
    assert rendered(exchange(reply)) is None
    assert rendered(exchange()) is None


def test_a_mistake_in_a_template_is_a_problem():
    tools = kit()
    compile_rendered(exchange(hello(body=b"{{ nonsense( }}")), tools, ("record",))
    assert len(tools.problems) == 1


# --- parts (RFC 9110 section 14) ----------------------------------------------------------------------------


def part_of(recorded, asked, *more, method="GET", **settings):
    request = Request(method, b"/users/1?a=b", [(b"Range", asked), *more])
    made = Replies(Record(**settings))
    assert made.cuts(recorded, request)
    return made.steps(recorded, request, DRAWS, 0.0)


@pytest.mark.parametrize(
    ("asked", "status", "body", "told"),
    [
        (b"bytes=1-3", 206, b"ell", b"bytes 1-3/5"),
        (b"bytes=3-", 206, b"lo", b"bytes 3-4/5"),
        (b"bytes=-1", 206, b"o", b"bytes 4-4/5"),
        (b"bytes=5-", 416, b"", b"bytes */5"),
    ],
)
def test_a_part_is_cut_from_the_whole(asked, status, body, told):
    for framing in ("length", "chunked", "close"):
        recorded = exchange(hello(framing=framing, trailers=((b"X-End", b"1"),)))
        (reply,) = part_of(recorded, asked)
        assert (reply.status, reply.body) == (status, body)
        assert b"X-End" not in reply.whole(b"")
        headers = dict(reply.headers)
        assert headers[b"Content-Range"] == told
        assert headers[b"Content-Length"] == b"%d" % len(body)
        assert headers[b"X-Twice"] == b"1"


def test_a_part_of_a_file_is_sent_from_the_file(tmp_path):
    path = tmp_path / "body"
    path.write_bytes(b"0123456789")
    (step,) = part_of(exchange(hello(body=BodyInFile(path, 10))), b"bytes=4-6")
    assert isinstance(step, SendFile)
    assert (step.offset, step.length, step.reply.status, step.reply.length) == (4, 3, 206, 3)
    assert dict(step.reply.headers)[b"Content-Range"] == b"bytes 4-6/10"


def test_a_part_is_as_late_as_the_whole():
    wait, reply = part_of(exchange(hello(), wait_ms=250.0), b"bytes=0-0", latency="recorded")
    assert wait == Wait(0.25)
    assert reply.body == b"h"


@pytest.mark.parametrize(
    ("reply", "asked", "more"),
    [
        ({}, b"bytes=0-1,3-4", ()),
        ({}, b"pages=1-2", ()),
        ({"status": 302}, b"bytes=0-1", ()),
        ({"headers": (*HEADERS, (b"Accept-Ranges", b"none"))}, b"bytes=0-1", ()),
        ({"headers": (*HEADERS, (b"ETag", b'"2"'))}, b"bytes=0-1", ((b"If-Range", b'"1"'),)),
    ],
)
def test_where_no_part_can_be_meant_the_whole_comes(reply, asked, more):
    recorded = exchange(hello(**reply))
    (sent,) = part_of(recorded, asked, *more)
    assert (sent.status, sent.body) == (recorded.reply.status, b"hello")


def test_a_part_of_the_version_that_is_meant():
    recorded = exchange(hello(headers=(*HEADERS, (b"ETag", b'"2"'))))
    (sent,) = part_of(recorded, b"bytes=0-1", (b"If-Range", b'"2"'))
    assert (sent.status, sent.body) == (206, b"he")


def test_a_recorded_part_is_what_it_was():
    recorded = exchange(hello(status=206, headers=(*HEADERS, (b"Content-Range", b"bytes 0-4/90"))))
    recorded = replace(recorded, request=replace(recorded.request, headers=((b"range", b"bytes=0-4"),)))
    request = Request("GET", b"/users/1?a=b", [(b"Range", b"bytes=0-4")])
    assert not Replies(Record()).cuts(recorded, request)


def test_of_a_head_there_are_no_parts():
    recorded = exchange(hello(body=b""))
    recorded = replace(recorded, request=replace(recorded.request, method="HEAD"))
    assert not Replies(Record()).cuts(recorded, Request("GET", b"/users/1?a=b", [(b"Range", b"bytes=0-4")]))
