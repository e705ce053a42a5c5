"""The other side of a recorded WebSocket: on a connection whose clock is moved by hand."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Close, Frame, Opcode
from websockets.uri import parse_uri

from tests.net.kit import Rig
from tests.record.test_dialogue import CHAT, client, exchange, server
from understudy.journal import CLIENT_CLOSED_DURING_REPLY, CUT, RESET, SENT
from understudy.record.exchange import Failed, RecordedReply
from understudy.steps import ReplaySocket

NORMAL = b"\x03\xe8"
HANDSHAKE = (
    b"GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Peer:
    """A client without sockets, on a connection of a rig."""

    def __init__(self, monkeypatch, recorded, speed=0.0, limits=None, **options):
        config = {"limits": limits or {}, "endpoints": [{"path": "/chat"}]}
        self.rig = Rig(monkeypatch, config=config)
        self.plans = []

        def decide(_, request, __):
            self.plans.append(
                self.rig.plan(ReplaySocket(recorded, request, speed), reply=None, endpoint="chat")
            )
            return self.plans[-1]

        monkeypatch.setattr("understudy.net.http1.decide", decide)
        self.protocol = ClientProtocol(parse_uri("ws://a/chat"), max_size=None, **options)
        self.read = 0
        self.came = []

    def open(self):
        self.protocol.send_request(self.protocol.connect())
        self.flush()
        self.hear()
        assert self.protocol.handshake_exc is None
        return self

    def flush(self):
        for data in self.protocol.data_to_send():
            if data:
                self.rig.feed(data)

    def hear(self):
        """Take in what the server has sent, and answer pings and closes."""
        while len(sent := self.rig.transport.sent) > self.read:
            data, self.read = sent[self.read :], len(sent)
            self.protocol.receive_data(data)
            frames = [event for event in self.protocol.events_received() if isinstance(event, Frame)]
            self.came += [(frame.opcode.name, bytes(frame.data)) for frame in frames]
            self.flush()

    def say(self, text):
        if isinstance(text, str):
            self.protocol.send_text(text.encode())
        else:
            self.protocol.send_binary(text)
        self.flush()
        self.hear()

    def advance(self, seconds):
        self.rig.loop.advance(seconds)
        self.hear()

    def take(self):
        came, self.came = self.came, []
        return came

    @property
    def outcomes(self):
        return self.rig.outcomes

    @property
    def error(self):
        return self.plans[0].error


@pytest.fixture
def peer(monkeypatch):
    return lambda *arguments, **options: Peer(monkeypatch, *arguments, **options)


# --- the play -----------------------------------------------------------------------------------------------


def test_without_waiting_each_message_comes_behind_what_it_hangs_on(peer):
    one = peer(CHAT).open()
    assert one.take() == [("TEXT", b"welcome")]
    one.say("hello")
    assert one.take() == [("TEXT", b"hello you")]
    one.say("bye")
    assert one.take() == [("TEXT", b"bye you"), ("CLOSE", NORMAL)]
    assert one.outcomes == [SENT]
    assert one.rig.transport.ended == "closed"
    assert (one.error, one.rig.released) == (None, 1)
    (entry,) = one.rig.entries
    assert one.rig.server.journal.as_json(entry)["status"] == 101
    assert one.rig.loop.timers == []


@pytest.mark.parametrize(("speed", "scale"), [(1.0, 1.0), (10, 0.1), (0.5, 2.0)])
def test_messages_come_at_their_time(peer, speed, scale):
    one = peer(CHAT, speed).open()
    one.advance(0.099 * scale)
    assert one.take() == []
    one.advance(0.002 * scale)
    assert one.take() == [("TEXT", b"welcome")]
    one.advance(10)
    one.say("hello")
    one.advance(0.049 * scale)
    assert one.take() == []
    one.advance(0.002 * scale)
    assert one.take() == [("TEXT", b"hello you")]
    one.say("bye")
    one.advance(0.15 * scale)
    assert one.take() == [("TEXT", b"bye you")]
    one.advance(0.05 * scale)
    assert one.take() == [("CLOSE", NORMAL)]


def test_what_differs_is_told_and_the_play_goes_on(peer):
    one = peer(CHAT).open()
    one.say("hullo")
    one.say(b"bye")
    assert one.take()[-1] == ("CLOSE", NORMAL)
    assert one.error == (
        "message 1 of the client was recorded as hello, but hullo came;"
        " message 2 of the client was recorded as bye, but 3 bytes 627965 came"
        " (3 of 3 messages were sent, 2 of 2 came)"
    )


def test_fragments_are_one_message_and_pings_are_answered(peer):
    one = peer(CHAT).open()
    one.protocol.send_text(b"he", fin=False)
    one.protocol.send_ping(b"there?")
    one.protocol.send_continuation(b"ll", fin=False)
    one.protocol.send_continuation(b"o", fin=True)
    one.flush()
    one.hear()
    assert one.take() == [("TEXT", b"welcome"), ("PONG", b"there?"), ("TEXT", b"hello you")]
    one.say("bye")
    assert one.error is None


def test_byte_by_byte_is_the_same(peer):
    one = peer(CHAT)
    one.protocol.send_request(one.protocol.connect())
    feed = one.rig.feed
    one.rig.feed = lambda data: [feed(data[at : at + 1]) for at in range(len(data))]
    one.flush()
    one.hear()
    one.say("hello")
    one.say("bye")
    assert [data for _, data in one.take()] == [b"welcome", b"hello you", b"bye you", NORMAL]


def test_binary_pings_and_large_messages_are_said(peer):
    big = bytes(1_000_000)
    one = peer(exchange(server(1, big, "binary"), server(2, b"you?", "ping"), client(3, b"a"))).open()
    assert one.take() == [("BINARY", big), ("PING", b"you?")]
    one.say("a")
    assert one.take() == [("CLOSE", NORMAL)]


# --- ends ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "close"), [(b"\x0f\xa1enough", Close(4001, "enough")), (b"", Close(1005, ""))]
)
def test_the_server_closes_as_recorded(peer, data, close):
    one = peer(exchange(server(20, data, "close"))).open()
    assert one.take() == [("CLOSE", data)]
    assert one.protocol.close_rcvd == close
    assert one.outcomes == [SENT]


def test_the_client_closes_as_recorded(peer):
    one = peer(exchange(server(15, b"hi"), client(20, NORMAL, "close"))).open()
    one.advance(30)
    assert one.take() == [("TEXT", b"hi")]
    one.protocol.send_close(3000, "done")
    one.flush()
    one.hear()
    assert one.take() == [("CLOSE", b"\x0b\xb8done")]
    assert (one.outcomes, one.rig.transport.ended) == ([SENT], "closed")


def test_a_client_that_does_not_close_is_closed(peer):
    one = peer(exchange(client(20, NORMAL, "close")), limits={"idle_timeout_s": 30}).open()
    one.advance(20)
    one.protocol.send_ping(b"")
    one.flush()
    one.advance(20)
    assert one.take() == [("PONG", b"")], "who pings is there"
    one.advance(11)
    assert one.take() == [("CLOSE", NORMAL)]
    assert one.error is None


def test_a_message_that_does_not_come_is_waited_for_no_longer_than_the_idle_timeout(peer):
    one = peer(CHAT, limits={"idle_timeout_s": 30}).open()
    one.advance(31)
    assert one.protocol.close_rcvd == Close(1001, "nothing came that the recording waits for")
    assert one.outcomes == [SENT]
    assert one.error == (
        "message 1 of the client was waited for 30 s in vain (1 of 3 messages were sent, 0 of 2 came)"
    )


def test_a_close_that_is_not_answered_is_waited_for_a_while(peer):
    one = peer(exchange(server(20, NORMAL, "close")))
    one.rig.feed(HANDSHAKE)
    assert (one.outcomes, one.rig.transport.ended) == ([], "")
    one.rig.loop.advance(11)
    assert (one.outcomes, one.rig.transport.ended) == ([SENT], "closed")


@pytest.mark.parametrize(("kind", "outcome", "end"), [("reset", RESET, "aborted"), ("closed", CUT, "closed")])
def test_a_recorded_failure_ends_it(peer, kind, outcome, end):
    one = peer(exchange(server(20, b"hi"), failed=Failed(kind, "", 50.0)), 1.0).open()
    one.advance(0.035)
    assert one.take() == [("TEXT", b"hi")]
    assert one.outcomes == []
    one.advance(0.01)
    assert (one.outcomes, one.rig.transport.ended, one.take()) == ([outcome], end, [])


def test_a_client_that_goes_is_noted(peer):
    one = peer(CHAT, 1.0).open()
    one.say("other")
    assert one.rig.connection.eof_received() is False
    one.rig.lose()
    assert one.outcomes == [CLIENT_CLOSED_DURING_REPLY]
    assert one.error.endswith("but other came (0 of 3 messages were sent, 1 of 2 came)")
    assert (one.rig.loop.timers, one.rig.released) == ([], 1)


def test_a_client_may_close_before_the_end(peer):
    one = peer(CHAT).open()
    one.protocol.send_close(1000)
    one.flush()
    assert (one.outcomes, one.error) == ([SENT], None)


def test_a_stop_of_the_server_closes(peer):
    one = peer(CHAT, 1.0).open()
    one.rig.stop()
    one.hear()
    assert one.protocol.close_rcvd == Close(1001, "the server stops")
    assert (one.outcomes, one.rig.transport.ended) == ([SENT], "closed")


# --- what clients must not do -------------------------------------------------------------------------------


def test_a_message_that_is_too_large_is_refused(peer):
    one = peer(CHAT, limits={"max_body_bytes": 100}).open()
    one.protocol.send_text(b"x" * 60, fin=False)
    one.protocol.send_continuation(b"x" * 60, fin=True)
    one.flush()
    one.hear()
    assert one.protocol.close_rcvd.code == 1009
    assert "the client broke the protocol: frame with 60 bytes" in one.error
    assert one.rig.transport.half_closed, "what still comes is thrown away, so that the close arrives"
    one.rig.feed(bytes(1000))
    one.rig.lose()
    assert one.outcomes == [SENT]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x81\x01a", 1002),  # no mask
        (b"\x83\x80\0\0\0\0", 1002),
        (b"\xc1\x80\0\0\0\0", 1002),
        (b"\x80\x80\0\0\0\0", 1002),
        (b"\x81\x81\0\0\0\0\xff", 1007),
        (b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 1009),
    ],
)
def test_what_breaks_the_protocol_closes_with_its_code(peer, data, code):
    one = peer(CHAT).open()
    one.rig.feed(data)
    one.hear()
    assert one.protocol.close_rcvd.code == code
    assert one.error
    assert one.rig.loop.timers == []


FRAMES = st.builds(  # masked with zeros; bits, kinds and lengths as they fall
    lambda first, data: bytes([first, 0x80 | len(data)]) + bytes(4) + data,
    st.one_of(st.sampled_from([0x81, 0x01, 0x80, 0x00, 0x82, 0x88, 0x89, 0x8A]), st.integers(0, 255)),
    st.one_of(st.binary(max_size=20), st.sampled_from([b"", b"hello", b"bye", NORMAL])),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(st.lists(st.one_of(FRAMES, st.binary(min_size=1, max_size=200)), max_size=8))
def test_nothing_that_comes_is_a_crash(peer, pieces):
    one = peer(CHAT)
    one.rig.feed(HANDSHAKE)
    for piece in pieces:
        one.rig.feed(piece)
    one.rig.lose()
    assert one.outcomes in ([SENT], [CLIENT_CLOSED_DURING_REPLY])
    assert one.rig.complaints == []
    assert one.rig.released == 1


def test_a_client_that_does_not_read_is_sent_no_more(peer):
    one = peer(exchange(*[server(20, b"x" * 100) for _ in range(5)]))
    write = one.rig.transport.write

    def full(data):
        write(data)
        if one.rig.transport.sent.count(b"xx" * 50) == 2:
            one.rig.connection.pause_writing()

    one.rig.transport.write = full
    one.rig.feed(HANDSHAKE)
    assert one.rig.transport.sent.count(b"xx" * 50) == 2
    one.rig.connection.resume_writing()
    assert one.rig.transport.sent.count(b"xx" * 50) == 5


def test_pings_of_a_client_that_does_not_read_fill_no_memory(peer):
    one = peer(CHAT).open()
    one.rig.connection.pause_writing()
    write = one.rig.transport.write

    def full(data):
        write(data)
        one.rig.transport.buffered += len(data)

    one.rig.transport.write = full
    ping = Frame(Opcode.PING, b"x" * 125).serialize(mask=True)
    for _ in range(600):
        one.rig.feed(ping)
    assert one.rig.transport.reading is False
    one.rig.connection.resume_writing()
    assert one.rig.transport.reading is True


# --- the handshake ------------------------------------------------------------------------------------------


def test_the_handshake_is_the_recorded_one_for_this_client(peer):
    recorded = exchange(server(20, b"hi"))
    reply = RecordedReply(
        status=101,
        reason="Web Socket Protocol Handshake",
        headers=(
            (b"Server", b"real"),
            (b"Sec-WebSocket-Accept", b"of another key"),
            (b"Sec-WebSocket-Extensions", b"permessage-deflate"),
            (b"sec-websocket-protocol", b"v2"),
            (b"Set-Cookie", b"a=1"),
            (b"Date", b"Mon, 01 Jan 2024 00:00:00 GMT"),
            (b"Set-Cookie", b"b=2"),
        ),
        framing="none",
    )
    object.__setattr__(recorded, "reply", reply)
    one = peer(recorded, subprotocols=["v1", "v2"]).open()
    assert one.protocol.subprotocol == "v2"
    head = one.rig.transport.sent.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert head[:3] == [
        b"HTTP/1.1 101 Web Socket Protocol Handshake",
        b"Upgrade: websocket",
        b"Connection: Upgrade",
    ]
    assert head[3].startswith(b"Sec-WebSocket-Accept: ")
    assert head[4:] == [
        b"Sec-WebSocket-Protocol: v2",
        b"Server: real",
        b"Set-Cookie: a=1",
        b"Date: Mon, 01 Jan 2024 00:00:00 GMT",
        b"Set-Cookie: b=2",
    ]
    assert one.take() == [("TEXT", b"hi"), ("CLOSE", NORMAL)]


@pytest.mark.parametrize("offered", [None, ["v1"]])
def test_a_subprotocol_that_is_not_offered_is_not_chosen(peer, offered):
    recorded = exchange(server(20, b"hi"))
    headers = ((b"Sec-WebSocket-Protocol", b"v2"),)
    object.__setattr__(recorded, "reply", RecordedReply(status=101, headers=headers, framing="none"))
    one = peer(recorded, subprotocols=offered).open()
    assert one.protocol.subprotocol is None


@pytest.mark.parametrize(
    ("change", "status", "header"),
    [
        ((b"Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n", b""), 426, b"Upgrade: websocket"),
        ((b"Upgrade: WebSocket", b"Upgrade: h2c"), 426, b"Upgrade: websocket"),
        ((b"Version: 13", b"Version: 8"), 426, b"Sec-WebSocket-Version: 13"),
        ((b"dGhlIHNhbXBsZSBub25jZQ==", b"short"), 400, b""),
        ((b"Sec-WebSocket-Key", b"X-Key"), 400, b""),
        ((b"GET", b"PUT"), 405, b"Allow: GET"),
        ((b"HTTP/1.1", b"HTTP/1.0"), 505, b""),
    ],
)
def test_what_opens_no_websocket_is_refused(peer, change, status, header):
    one = peer(CHAT)
    one.rig.feed(HANDSHAKE.replace(*change))
    assert one.rig.transport.sent.startswith(b"HTTP/1.1 %d " % status)
    assert header in one.rig.transport.sent
    assert b'{"error":"this is a recorded WebSocket' in one.rig.transport.sent
    assert one.outcomes == [SENT]
    if b"HTTP/1.0" not in change:
        one.rig.feed(HANDSHAKE)
        assert b"HTTP/1.1 101" in one.rig.transport.sent, "the connection is kept"


def test_a_recording_that_cannot_be_replayed_says_so(peer):
    one = peer(exchange(server(20, b"\xff")))
    one.rig.feed(HANDSHAKE)
    assert one.rig.transport.sent.startswith(b"HTTP/1.1 500 ")
    assert "cannot be replayed: a recorded text of the server is none" in one.error


def test_no_socket_is_begun_while_the_server_stops(peer):
    one = peer(CHAT)
    one.rig.server.stopping = True
    one.rig.feed(HANDSHAKE)
    assert one.rig.transport.sent.startswith(b"HTTP/1.1 503 ")
