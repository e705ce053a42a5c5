import asyncio
from contextlib import asynccontextmanager

import pytest
import uvloop
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, DataReceived, PingAckReceived, RemoteSettingsChanged
from h2.settings import SettingCodes
from hpack import Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PushPromiseFrame,
    SettingsFrame,
    WindowUpdateFrame,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.net.upstream.contract import BIG, LineContract, ask, read_all, request
from tests.net.upstream.h2_pair import Pair
from tests.net.upstream.h2_server import served
from understudy.net.upstream.base import Outgoing
from understudy.net.upstream.http2.call import MAX_HELD_BYTES, MAX_INTERIM_REPLIES
from understudy.net.upstream.http2.connection import (
    CONNECTION_WINDOW,
    MAX_HEADER_LIST_BYTES,
    MAX_HEADER_TABLE_BYTES,
    STREAM_WINDOW,
)
from understudy.net.upstream.http2.line import CALLS_AT_FIRST, MAX_CALLS, MAX_OWED_BYTES


class TestContract(LineContract):
    @asynccontextmanager
    async def connect(self, script):
        async with served(script) as (line, _):
            yield line


class TestContractWithUvloop(TestContract):
    loop_factory = staticmethod(uvloop.new_event_loop)


def run(script, client, **options):
    """Let a client use a line to a server, which it gets, too."""

    async def main():
        async with asyncio.timeout(45), served(script, **options) as (line, server):
            await client(line, server)

    asyncio.run(main())


def broken(recorder):
    """How it broke."""
    assert recorder.error is not None, recorder.told
    return recorder.error.kind, recorder.error.message, recorder.is_unused


# --- requests ---------------------------------------------------------------------------------------------


def test_the_head_of_a_request():
    pair = Pair()
    headers = (
        (b"Host", b"example.com:81"),
        (b"Accept", b" text/html "),
        (b"Cookie", b"a=1; b=2"),
        (b"Connection", b"close"),
        (b"Transfer-Encoding", b"chunked"),
        (b"TE", b"gzip"),
        (b"TE", b"trailers"),
        (b"Trailer", b"X-Sum"),
        (b"X-Twice", b"1"),
        (b"X-Twice", b"2"),
    )

    pair.ask(Outgoing("PATCH", b"/a?b", headers, None))

    (seen,) = pair.requests
    assert list(seen.headers) == [
        (b":method", b"PATCH"),
        (b":scheme", b"https"),
        (b":authority", b"example.com:81"),
        (b":path", b"/a?b"),
        (b"accept", b"text/html"),
        (b"te", b"trailers"),
        (b"trailer", b"X-Sum"),
        (b"x-twice", b"1"),
        (b"x-twice", b"2"),
        (b"cookie", b"a=1; b=2"),  # at the end, as h2 moves it there when it receives a request
    ]
    assert seen.stream_ended is None


def test_the_scheme_is_that_of_the_server():
    async def script(exchange):
        assert exchange.scheme == b"http"
        await exchange.reply(200, ends=True)

    async def client(line, _):
        await ask(line).whole()

    run(script, client)


def test_a_request_without_body_is_one_frame():
    pair = Pair()
    pair.ask()
    assert pair.requests[0].stream_ended is not None


def test_what_it_says_of_itself():
    pair = Pair()
    (settings,) = (event for event in pair.events if isinstance(event, RemoteSettingsChanged))
    changed = {code: change.new_value for code, change in settings.changed_settings.items()}
    assert changed[SettingCodes.ENABLE_PUSH] == 0
    assert changed[SettingCodes.INITIAL_WINDOW_SIZE] == STREAM_WINDOW
    assert changed[SettingCodes.MAX_HEADER_LIST_SIZE] == MAX_HEADER_LIST_BYTES
    assert pair.server.outbound_flow_control_window == CONNECTION_WINDOW


def test_many_writes_are_one():
    pair = Pair()
    before = len(pair.transport.writes)
    got = ask(pair.line, request("POST", length=None))
    for _ in range(5):
        got.call.send_body(b"x")
    got.call.end_body()
    pair.settle_line()
    assert len(pair.transport.writes) == before + 1


# --- many at once -----------------------------------------------------------------------------------------


def test_a_hundred_calls_at_once():
    everybody = []

    async def script(exchange):
        body = await read_all(exchange)
        everybody[0].append(exchange)
        if len(everybody[0]) == 100:
            everybody[1].set()
        await everybody[1].wait()
        await exchange.reply(200)
        await exchange.write(exchange.target.encode() * 5000 + body)
        await exchange.end()

    async def client(line, _):
        everybody[:] = [], asyncio.Event()
        asked = []
        for number in range(100):
            got = ask(line, request("POST", b"/%03d" % number, length=None))
            got.call.send_body(b"%d" % number)
            got.call.end_body()
            asked.append(got)
        for number, got in enumerate(asked):
            assert (await got.whole()).body == b"/%03d" % number * 5000 + b"%d" % number

    run(script, client)


def test_as_many_as_the_server_allows():
    pair = Pair(settings={SettingCodes.MAX_CONCURRENT_STREAMS: 2})
    first = pair.ask()
    assert pair.line.is_free
    pair.ask()
    assert not pair.line.is_free

    late = pair.ask()
    assert broken(late) == ("closed", "the connection takes no more requests", True)

    pair.line.give_back()  # of one who took it for nothing
    assert pair.freed == []
    pair.reply(1, ends=True)
    assert first.is_over
    assert pair.line.is_free
    assert pair.freed == [pair.line]
    assert not pair.line.is_idle
    pair.loop.advance(3)
    pair.reply(3, ends=True)
    assert pair.line.is_idle
    assert pair.line.since == pair.loop.time()
    assert pair.freed == [pair.line]
    assert pair.gone == []


def test_before_the_settings_come_and_without_a_number():
    pair = Pair(answers=False, settings={SettingCodes.INITIAL_WINDOW_SIZE: 65_535})
    for _ in range(CALLS_AT_FIRST):
        assert pair.line.is_free
        ask(pair.line)
    assert not pair.line.is_free

    pair.server.initiate_connection()
    pair.settle()
    for _ in range(MAX_CALLS - CALLS_AT_FIRST):
        assert pair.line.is_free
        ask(pair.line)
    assert not pair.line.is_free


# --- windows ----------------------------------------------------------------------------------------------


def fill(pair, stream_id, size):
    """Let the server send a body. How much it could."""
    sent = 0
    while sent < size and (room := pair.server.local_flow_control_window(stream_id)):
        piece = min(room, size - sent, pair.server.max_outbound_frame_size)
        pair.server.send_data(stream_id, b"x" * piece)
        pair.settle()
        sent += piece
    return sent


def test_a_paused_call_holds_its_window_and_no_more():
    pair = Pair()
    got = pair.ask()
    pair.reply(1)
    got.call.pause()

    assert fill(pair, 1, 5_000_000) == STREAM_WINDOW
    assert got.body == b""

    got.call.resume()
    assert got.body == b""  # not before `resume` has returned
    pair.settle()
    assert len(got.body) == STREAM_WINDOW
    assert got.told.count("body") == 1
    assert pair.server.local_flow_control_window(1) == STREAM_WINDOW


def test_paused_calls_are_in_nobodys_way():
    pair = Pair()
    paused = [pair.ask() for _ in range(20)]
    for number, got in enumerate(paused):
        got.call.pause()
        pair.reply(2 * number + 1)
        assert fill(pair, 2 * number + 1, 2 * STREAM_WINDOW) == STREAM_WINDOW
    assert 20 * STREAM_WINDOW > CONNECTION_WINDOW

    other = pair.ask()
    pair.reply(41)
    assert fill(pair, 41, len(BIG)) == len(BIG)
    assert len(other.body) == len(BIG)
    assert not any(got.told for got in paused)


def test_everything_waits_in_its_order_while_paused():
    pair = Pair()
    got = pair.ask()
    got.call.pause()
    pair.reply(1, 103)
    pair.reply(1)
    pair.server.send_data(1, b"abc")
    pair.server.send_data(1, b"def")
    pair.server.send_headers(1, [(b"x-sum", b"6")], True)
    pair.settle()
    assert got.told == []
    assert pair.line.is_free

    got.on_head = got.call.pause
    got.call.resume()
    pair.settle()
    assert got.told == [("informed", 103, ()), "head"]
    got.call.resume()
    pair.settle()
    assert (bytes(got.body), got.trailers) == (b"abcdef", ((b"x-sum", b"6"),))


def test_interim_replies_are_held_within_bounds():
    pair = Pair()
    got = pair.ask()
    got.call.pause()
    sent = 0
    while pair.line.is_free and not got.call._is_closed:
        pair.reply(1, 103, [(b"link", b"x" * 60_000)])
        sent += 1
    assert MAX_HELD_BYTES < 60_000 * sent < MAX_HELD_BYTES + 180_000
    assert got.told == []
    got.call.resume()
    pair.settle_line()
    assert got.told == [("informed", 103, ((b"link", b"x" * 60_000),))] * (sent - 1) + ["broke"]
    assert "too many interim replies" in broken(got)[1]


def test_what_breaks_while_paused_comes_after_what_was_held():
    pair = Pair()
    got = pair.ask()
    pair.reply(1)
    got.call.pause()
    pair.server.send_data(1, b"abc")
    pair.settle()
    pair.lose(ConnectionResetError())
    assert got.told == ["head"]

    got.call.resume()
    pair.settle_line()
    assert got.told == ["head", "body", "broke"]
    assert broken(got) == ("reset", "the server reset the connection", False)


def test_padding_is_acknowledged():
    pair = Pair()
    got = pair.ask()
    pair.reply(1)
    for _ in range(20_000):
        pair.server.send_data(1, b"x", pad_length=255)
        pair.settle()
    assert len(got.body) == 20_000
    assert not got.is_over


def test_a_server_that_takes_little_at_a_time():
    pair = Pair(settings={SettingCodes.INITIAL_WINDOW_SIZE: 10})
    got = pair.ask(request("POST", length=None))
    got.call.send_body(b"0123456789abcdefghij")
    got.call.end_body(((b"x-sum", b"1"),))
    pair.settle()
    assert got.call.is_full

    def received():
        return b"".join(event.data for event in pair.events if isinstance(event, DataReceived))

    assert received() == b"0123456789"
    pair.server.increment_flow_control_window(5, 1)
    pair.settle()
    assert received() == b"0123456789abcde"
    pair.server.increment_flow_control_window(100, 1)
    pair.settle()
    assert received() == b"0123456789abcdefghij"
    assert not got.call.is_full
    assert got.told == []  # the body was complete: nobody asks for more


def test_a_window_that_shrinks_and_grows():
    pair = Pair(settings={SettingCodes.INITIAL_WINDOW_SIZE: 100})
    got = pair.ask(request("POST", length=None))
    got.call.send_body(b"x" * 60)
    pair.settle()
    pair.server.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 20})
    pair.settle()
    got.call.send_body(b"y" * 50)
    pair.settle()
    assert got.call.is_full
    pair.server.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 1000})
    pair.settle()
    assert got.told == ["writable"]
    assert sum(len(event.data) for event in pair.events if isinstance(event, DataReceived)) == 110


def test_bodies_take_turns():
    pair = Pair(settings={SettingCodes.INITIAL_WINDOW_SIZE: 1_000_000})
    calls = [pair.ask(request("POST", length=None)) for _ in range(4)]
    for got in calls:
        got.call.send_body(b"x" * 100_000)
    pair.settle()
    assert all(got.call.is_full for got in calls)  # the window of the connection is 65535 bytes
    before = len(pair.events)
    pair.server.increment_flow_control_window(4 * 16_384)
    pair.settle()
    ids = [event.stream_id for event in pair.events[before:] if isinstance(event, DataReceived)]
    assert sorted(ids) == [1, 3, 5, 7]


def test_a_transport_that_is_full():
    pair = Pair(settings={SettingCodes.INITIAL_WINDOW_SIZE: 10_000_000})
    pair.server.increment_flow_control_window(10_000_000)
    got = pair.ask(request("POST", length=None))
    pair.line.pause_writing()
    got.call.send_body(b"abc")
    pair.settle()
    assert got.call.is_full
    pair.line.resume_writing()
    pair.settle()
    assert got.told == ["writable"]


# --- how it ends ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "is_unused", "name"),
    [
        (ErrorCodes.REFUSED_STREAM, True, "REFUSED_STREAM"),
        (ErrorCodes.INTERNAL_ERROR, False, "INTERNAL_ERROR"),
        (ErrorCodes.NO_ERROR, False, "NO_ERROR"),
        (12345, False, "error 12345"),
    ],
)
def test_a_stream_is_reset(code, is_unused, name):
    pair = Pair()
    got, other = pair.ask(), pair.ask()
    pair.server.reset_stream(1, code)
    pair.settle()
    assert broken(got) == ("reset", f"the server reset the stream: {name}", is_unused)
    assert pair.line.is_free
    pair.reply(3, ends=True)
    assert other.trailers == ()


@pytest.mark.parametrize("says_goodbye", [False, True])
def test_a_server_wants_http1(says_goodbye):
    pair = Pair()
    got = pair.ask()
    if says_goodbye:
        pair.server.close_connection(ErrorCodes.HTTP_1_1_REQUIRED, last_stream_id=0)
    else:
        pair.server.reset_stream(1, ErrorCodes.HTTP_1_1_REQUIRED)
    pair.settle()
    assert broken(got)[2], "it may be sent again"
    assert pair.line.wants_http1
    assert not pair.line.is_free


def test_framing_means_nothing_in_interim_replies():
    pair = Pair()
    got = pair.ask()
    pair.server.send_headers(1, [(":status", "103"), ("content-length", "5"), ("link", "x")])
    pair.settle()
    assert got.told == [("informed", 103, ((b"link", b"x"),))]


def test_a_reset_without_an_error_in_the_place_of_the_end():
    pair = Pair()
    whole, short, counted = pair.ask(), pair.ask(), pair.ask()
    pair.reply(1)
    pair.reply(3, headers=[(b"content-length", b"5")])
    pair.reply(5, headers=[(b"content-length", b"3")])
    for stream_id in (1, 3, 5):
        pair.server.send_data(stream_id, b"abc")
        pair.server.reset_stream(stream_id, ErrorCodes.NO_ERROR)
    pair.settle()
    assert whole.told == counted.told == ["head", "body", "ended"]
    assert broken(short) == ("reset", "the server reset the stream: NO_ERROR", False)


def test_a_window_update_and_a_reset_that_come_together():
    pair = Pair(settings={SettingCodes.INITIAL_WINDOW_SIZE: 1})
    got = pair.ask(request("POST", length=None))
    got.call.send_body(b"abc")
    pair.settle()
    pair.server.increment_flow_control_window(100, 1)
    pair.server.reset_stream(1, ErrorCodes.CANCEL)
    pair.settle()
    assert broken(got)[0] == "reset"


def test_an_early_reply_resets_the_rest_of_the_request():
    pair = Pair()
    got = pair.ask(request("POST", length=None))
    pair.reply(1, 413, ends=True)
    assert got.trailers == ()
    assert pair.resets == [(1, ErrorCodes.CANCEL)]
    assert pair.line.is_free
    pair.ask()
    pair.reply(3, ends=True)


def test_cancel_resets_the_stream_only():
    pair = Pair()
    got = pair.ask()
    pair.reply(1)
    got.is_cancelled = True
    got.call.cancel()
    # what was on its way
    pair.server.send_data(1, b"x" * 1000)
    pair.settle()
    assert pair.resets == [(1, ErrorCodes.CANCEL)]
    other = pair.ask()
    pair.reply(3, ends=True)
    assert other.trailers == ()


def test_cancelled_replies_do_not_use_up_the_window():
    pair = Pair()
    for number in range(30):
        got = pair.ask()
        stream_id = 2 * number + 1
        pair.reply(stream_id)
        got.call.pause()
        fill(pair, stream_id, STREAM_WINDOW - 1)
        got.call.cancel()
        pair.server.send_data(stream_id, b"x")
        pair.settle()
    assert pair.server.outbound_flow_control_window >= CONNECTION_WINDOW // 4


def test_goaway_lets_run_what_it_names():
    pair = Pair()
    first, second, third = pair.ask(), pair.ask(), pair.ask()
    pair.feed(GoAwayFrame(0, last_stream_id=2**31 - 1).serialize())
    assert pair.gone == [pair.line]
    assert not pair.line.is_free
    assert first.told == second.told == third.told == []

    pair.feed(GoAwayFrame(0, last_stream_id=3, additional_data=b"bye").serialize())
    assert broken(third) == ("closed", "the server said GOAWAY NO_ERROR 'bye'", True)
    pair.reply(1)
    pair.server.send_data(1, b"abc", True)
    pair.reply(3, ends=True)

    assert (bytes(first.body), first.trailers, second.trailers) == (b"abc", (), ())
    assert pair.transport.ended == "closed"
    assert any(isinstance(event, ConnectionTerminated) for event in pair.events)
    pair.lose()
    assert pair.gone == [pair.line]


def test_goaway_drops_nothing_that_was_to_be_sent():
    pair = Pair()
    got = pair.ask(request("POST", length=None))
    got.call.send_body(b"abc")
    got.call.end_body()
    frames = PingFrame(0, b"12345678").serialize() + GoAwayFrame(0, last_stream_id=1).serialize()
    pair.feed(frames)
    pair.server.ping(b"87654321")
    pair.settle()
    assert [event.data for event in pair.events if isinstance(event, DataReceived) and event.data] == [b"abc"]
    acks = [event.ping_data for event in pair.events if isinstance(event, PingAckReceived)]
    assert acks == [b"12345678", b"87654321"]
    pair.reply(1, ends=True)
    assert got.trailers == ()


def test_goaway_while_idle_closes():
    pair = Pair()
    pair.feed(GoAwayFrame(0, last_stream_id=0).serialize())
    assert (pair.gone, pair.transport.ended) == ([pair.line], "closed")


def test_goaway_and_then_the_end():
    pair = Pair()
    got = pair.ask()
    pair.feed(GoAwayFrame(0, last_stream_id=1, error_code=ErrorCodes.ENHANCE_YOUR_CALM).serialize())
    pair.lose()
    message = "the server closed the connection after GOAWAY ENHANCE_YOUR_CALM"
    assert broken(got) == ("closed", message, False)


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (None, "closed", "the server closed the connection"),
        (ConnectionResetError(), "reset", "the server reset the connection"),
        (TimeoutError("no route"), "timeout", "the connection timed out: no route"),
        (OSError("odd"), "closed", "the server closed the connection: odd"),
    ],
)
def test_the_connection_is_lost(error, kind, message):
    pair = Pair()
    got = pair.ask()
    late = ask(pair.line)
    pair.lose(error)
    assert broken(got) == (kind, message, False)
    assert broken(late) == (kind, message, True)  # it was not even written
    assert pair.gone == [pair.line]
    assert not pair.line.is_free


def test_closing_an_idle_line():
    pair = Pair()
    pair.line.close()
    pair.line.close()
    assert pair.transport.ended == "closed"
    assert pair.gone == []
    pair.lose()
    assert pair.gone == [pair.line]


def test_closing_a_line_that_nobody_reads_from():
    pair = Pair()
    pair.transport.buffered = 100
    pair.line.close()
    assert pair.transport.ended == "aborted"


# --- time -------------------------------------------------------------------------------------------------


def test_nothing_comes():
    pair = Pair(timeout_s=10)
    pair.loop.advance(5)
    got = pair.ask()
    pair.loop.advance(9)
    assert not got.is_over
    pair.loop.advance(2)
    pair.settle()
    assert broken(got) == ("timeout", "nothing came for 10 s", False)
    assert pair.resets == [(1, ErrorCodes.CANCEL)]


def test_a_connection_without_a_sign_of_life_takes_no_more():
    pair = Pair(timeout_s=10)
    pair.loop.advance(1)
    pair.ask()
    pair.loop.advance(11)
    assert pair.gone == [pair.line]
    assert not pair.line.is_free


def test_a_connection_that_lives_takes_more_after_a_timeout():
    pair = Pair(timeout_s=10)
    pair.loop.advance(1)
    slow = pair.ask()
    pair.loop.advance(5)
    other = pair.ask()
    pair.reply(3, ends=True)
    pair.loop.advance(6)
    assert broken(slow)[0] == "timeout"
    assert other.trailers == ()
    assert pair.line.is_free
    assert pair.loop.timers == []


def test_each_piece_gives_time():
    pair = Pair(timeout_s=10)
    got = pair.ask()
    pair.loop.advance(8)
    pair.reply(1, 103)
    pair.loop.advance(8)
    pair.reply(1)
    for _ in range(5):
        pair.loop.advance(8)
        pair.server.send_data(1, b"x")
        pair.settle()
    assert not got.is_over
    pair.loop.advance(5)
    pair.server.send_data(1, b"")  # is nothing
    pair.settle()
    pair.loop.advance(6)
    assert broken(got)[0] == "timeout"


def test_a_client_that_is_slow_is_not_the_servers_fault():
    pair = Pair(timeout_s=10)
    got = pair.ask(request("POST", length=None))
    for _ in range(10):
        pair.loop.advance(25)
        got.call.send_body(b"x")
        pair.settle()
    got.call.end_body()
    pair.settle()
    pair.loop.advance(9)
    pair.reply(1)
    got.call.pause()
    pair.loop.advance(100)
    got.call.resume()
    pair.settle()
    pair.loop.advance(9)
    assert not got.is_over
    pair.loop.advance(2)
    assert broken(got)[0] == "timeout"


def test_a_server_that_takes_no_more_of_the_body():
    pair = Pair(timeout_s=10, settings={SettingCodes.INITIAL_WINDOW_SIZE: 1})
    got = pair.ask(request("POST", length=None))
    got.call.send_body(b"abc")
    pair.loop.advance(11)
    assert broken(got)[0] == "timeout"


# --- servers that make mistakes, or mean harm -------------------------------------------------------------


def headers_frame(stream_id, headers, *flags):
    return HeadersFrame(stream_id, Encoder().encode(headers), flags=["END_HEADERS", *flags]).serialize()


OK = (b":status", b"200")


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([headers_frame(1, [(b":status", b"abc")])], "the reply is no HTTP/2: an impossible status"),
        ([headers_frame(1, [(b":status", b"099")])], "the reply is no HTTP/2: an impossible status"),
        ([headers_frame(1, [(b":status", b"2000")])], "the reply is no HTTP/2: an impossible status"),
        ([headers_frame(1, [(b":status", b"101")])], "the reply is no HTTP/2: an impossible status"),
        (
            [headers_frame(1, [(b":status", b"103")])] * (MAX_INTERIM_REPLIES + 1),
            "the reply is no HTTP/2: too many interim replies",
        ),
        (
            [headers_frame(1, [OK, (b"content-length", b"9")], "END_STREAM")],
            "the reply is no HTTP/2: the body has 0 bytes, and not 9",
        ),
        (
            [headers_frame(1, [(b":status", b"204")]), DataFrame(1, b"abc").serialize()],
            "the reply is no HTTP/2: a body where there can be none",
        ),
    ],
)
def test_a_reply_that_is_wrong_breaks_its_call_only(frames, message):
    pair = Pair()
    got, other = pair.ask(), pair.ask()
    for frame in frames:
        pair.feed(frame)
    assert broken(got) == ("protocol", message, False)
    assert pair.line.is_free
    assert not other.is_over
    pair.settle()
    is_complete = len(frames) == 1 and frames[0][4] & 1  # END_STREAM: there is nothing left to reset
    assert pair.resets == ([] if is_complete else [(1, ErrorCodes.PROTOCOL_ERROR)])


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "the server speaks HTTP/1"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "a frame is too large"),
        (headers_frame(1, [(b"x", b"y")]), "mandatory b':status'"),
        (headers_frame(1, [OK, (b"X", b"y")]), "uppercase"),
        (headers_frame(1, [OK, (b"x", b"a\r\nb")]), "Illegal character"),
        (headers_frame(1, [OK, (b"connection", b"close")]), "Connection-specific"),
        (headers_frame(1, [OK, (b"content-length", b"1x")]), "content-length"),
        (headers_frame(1, [OK, (b"content-length", b"1"), (b"content-length", b"2")]), "content-length"),
        (headers_frame(1, [OK, (b"content-length", b"1")]) + DataFrame(1, b"abc").serialize(), "1 bytes"),
        (headers_frame(1, [OK, *[(b"x", b"y" * 4000)] * 100]), "Oversized header block"),
        (headers_frame(2, [OK]), ""),
        (headers_frame(7, [OK]), ""),
        (DataFrame(1, b"abc").serialize(), "before headers"),
        (headers_frame(1, [OK]) + headers_frame(1, [(b"x", b"y")]), "Trailers must have END_STREAM"),
        (PushPromiseFrame(1, 2, b"", flags=["END_HEADERS"]).serialize(), "pushed stream"),
        (WindowUpdateFrame(0, 2**31 - 1).serialize(), "window"),
        (SettingsFrame(0, {SettingCodes.INITIAL_WINDOW_SIZE: 2**31}).serialize(), ""),
        (b"\x00\x00\x04\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00", ""),
        (
            HeadersFrame(1, b"").serialize() + ContinuationFrame(1, b"").serialize() * 100,
            "Too many continuation",
        ),
        (HeadersFrame(1, b"").serialize() + PingFrame(0).serialize(), "during header block"),
    ],
)
def test_what_is_no_http2_breaks_all_calls(frames, message):
    pair = Pair(answers=not frames.startswith((b"HTTP", b"SSH")))
    got, other = ask(pair.line), ask(pair.line)
    pair.settle_line()
    pair.feed(frames)

    for each in (got, other):
        kind, text, is_unused = broken(each)
        assert kind == "protocol"
        assert text.startswith("what came is no HTTP/2: ")
        assert message in text
        assert not is_unused
    assert pair.gone == [pair.line]
    assert pair.transport.ended
    pair.feed(b"more")
    pair.lose()


def test_what_came_before_a_mistake_counts():
    pair = Pair()
    got = pair.ask()
    pair.feed(headers_frame(1, [OK]) + DataFrame(1, b"abc", flags=["END_STREAM"]).serialize() + b"\xff" * 9)
    assert (bytes(got.body), got.trailers) == (b"abc", ())
    assert pair.gone == [pair.line]


def test_more_data_than_the_window():
    pair = Pair()
    got = pair.ask()
    pair.reply(1)
    got.call.pause()
    fill(pair, 1, STREAM_WINDOW)
    pair.feed(DataFrame(1, b"x").serialize())
    got.call.resume()
    pair.settle_line()
    assert len(got.body) == STREAM_WINDOW
    assert broken(got)[0] == "protocol"


def test_a_server_that_makes_us_send_but_does_not_read():
    pair = Pair()
    got = pair.ask()
    pair.line.pause_writing()
    ping = PingFrame(0, b"12345678").serialize()
    for _ in range(MAX_OWED_BYTES // len(ping)):
        pair.feed(ping)
    assert not got.is_over
    pair.feed(ping * 10)
    assert broken(got) == ("protocol", "the server does not read the answers to its frames", False)
    assert pair.transport.ended


def test_a_server_does_not_choose_how_much_is_remembered_of_requests():
    most = 2**32 - 1
    pair = Pair(settings={SettingCodes.HEADER_TABLE_SIZE: most})
    pair.server.decoder.max_allowed_table_size = most
    for number in range(30):
        pair.ask(request(headers=((b"X-Many", b"%d" % number * 5000),)))
    pair.settle()
    table = pair.line._http.encoder.header_table
    assert table.maxsize == MAX_HEADER_TABLE_BYTES
    assert table._current_size <= MAX_HEADER_TABLE_BYTES
    pair.reply(59, ends=True)  # the server has understood them all


def test_a_stream_window_that_overflows():
    pair = Pair()
    got = pair.ask()
    pair.feed(WindowUpdateFrame(1, 2**31 - 1).serialize())
    assert broken(got) == ("protocol", "the stream had to be reset: FLOW_CONTROL_ERROR", False)


# --- fuzz -------------------------------------------------------------------------------------------------


def good_frames():
    """A whole reply, with some of everything, in pieces that can be changed."""
    return [
        SettingsFrame(0, {SettingCodes.MAX_CONCURRENT_STREAMS: 50}).serialize(),
        headers_frame(1, [(b":status", b"103"), (b"link", b"</a>")]),
        headers_frame(1, [OK, (b"set-cookie", b"a=1"), (b"content-type", b"text/plain")]),
        DataFrame(1, b"hello" * 20).serialize(),
        WindowUpdateFrame(1, 1000).serialize(),
        PingFrame(0, b"12345678").serialize(),
        headers_frame(3, [OK, (b"content-length", b"3")]),
        DataFrame(3, b"abc", flags=["END_STREAM"]).serialize(),
        headers_frame(1, [(b"x-sum", b"1")], "END_STREAM"),
        GoAwayFrame(0, last_stream_id=3).serialize(),
    ]


@st.composite
def mutated(draw):
    frames = good_frames()
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(frames) - 1))
        what = draw(st.sampled_from(["byte", "drop", "twice", "swap", "cut", "insert"]))
        frame = frames[at]
        if what == "byte" and frame:
            place = draw(st.integers(0, len(frame) - 1))
            frames[at] = frame[:place] + bytes([draw(st.integers(0, 255))]) + frame[place + 1 :]
        elif what == "drop":
            frames[at] = b""
        elif what == "twice":
            frames.insert(at, frame)
        elif what == "swap":
            other = draw(st.integers(0, len(frames) - 1))
            frames[at], frames[other] = frames[other], frame
        elif what == "cut":
            frames[at] = frame[: draw(st.integers(0, len(frame)))]
        else:
            frames.insert(at, draw(st.binary(max_size=40)))
    return b"".join(frames)


@given(
    data=st.one_of(mutated(), st.binary(max_size=200)),
    pieces=st.integers(1, 50),
    is_paused=st.booleans(),
    cancels=st.booleans(),
)
def test_whatever_comes_each_call_ends(data, pieces, is_paused, cancels):
    pair = Pair(answers=False)
    first, second, third = (ask(pair.line, request("POST", length=None)) for _ in range(3))
    first.call.send_body(b"x" * 100_000)
    second.call.end_body()
    if is_paused:
        first.call.pause()
    if cancels:
        third.is_cancelled = True
        third.call.cancel()
    step = max(1, len(data) // pieces)
    for start in range(0, len(data), step):
        pair.feed(data[start : start + step])
    first.call.resume()
    pair.loop.run()
    first.call.end_body()
    third.call.end_body()
    pair.loop.run()
    # Nothing more comes: at last, time is up.
    pair.loop.advance(50)
    pair.loop.run()
    assert first.is_over
    assert second.is_over
    assert third.is_over != cancels
    assert pair.loop.timers == []
    pair.line.close()
    pair.lose()
    assert pair.gone == [pair.line]
