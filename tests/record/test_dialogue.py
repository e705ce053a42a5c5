"""When the other side of a recorded WebSocket speaks, and what it finds different."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.record.dialogue import MAX_DIFFERENCES, Dialogue
from understudy.record.exchange import (
    Failed,
    RecordedExchange,
    RecordedReply,
    RecordedRequest,
    SocketMessage,
)


def client(at_ms, data, kind="text"):
    return SocketMessage(at_ms, "client", kind, data)


def server(at_ms, data, kind="text"):
    return SocketMessage(at_ms, "server", kind, data)


def exchange(*messages, **more):
    return RecordedExchange(
        request=RecordedRequest(method="GET", origin="http://a", target="/"),
        reply=RecordedReply(status=101, framing="none"),
        messages=messages,
        **{"wait_ms": 10.0, "total_ms": 1000.0, **more},
    )


CHAT = exchange(
    server(110, b"welcome"),
    client(200, b"hello"),
    server(250, b"hello you"),
    client(300, b"bye"),
    server(400, b"bye you"),
    server(450, b"\x03\xe8", "close"),
    client(460, b"\x03\xe8", "close"),
)


def kinds(recorded):
    return [(cue.kind, cue.data, cue.after) for cue in Dialogue(recorded, 1.0, 0.0).cues]


def test_each_message_of_the_server_waits_for_those_of_the_client_before_it():
    assert kinds(CHAT) == [
        ("text", b"welcome", 0),
        ("text", b"hello you", 1),
        ("text", b"bye you", 2),
        ("close", b"\x03\xe8", 2),
    ]


def test_times_are_as_recorded():
    one = Dialogue(CHAT, 1.0, 5.0)
    assert one.due() == pytest.approx(5.1)  # the handshake took 10 ms
    one.done(5.1)
    assert one.due() is None, "the client has to speak first"
    one.heard("text", b"hello", 7.0)
    assert one.due() == pytest.approx(7.05), "as long after the client's message"
    one.done(7.05)
    one.heard("text", b"bye", 7.051)
    assert one.due() == pytest.approx(7.2), "a client that is early gets no reply that is early"
    one.done(7.2)
    assert one.due() == pytest.approx(7.25)
    one.done(7.25)
    assert (one.cue, one.due(), one.differences) == (None, None, "")
    assert one.progress == "3 of 3 messages were sent, 2 of 2 came"


@pytest.mark.parametrize(("speed", "waited"), [(10, 0.01), (0.5, 0.2), (0, -inf)])
def test_speed_divides_times(speed, waited):
    assert Dialogue(CHAT, speed, 0.0).due() == pytest.approx(waited)


def test_without_waiting_the_client_still_has_to_speak_first():
    one = Dialogue(CHAT, 0, 0.0)
    one.done(0.0)
    assert one.due() is None
    one.heard("text", b"hello", 0.0)
    assert one.due() == -inf


@pytest.mark.parametrize(
    ("messages", "more", "end"),
    [
        ([client(20, b"\x03\xe8", "close")], {}, ("await close", b"", 0)),
        ([client(20, b"a"), client(30, b"", "close"), server(40, b"late")], {}, ("await close", b"", 1)),
        ([server(20, b"", "close"), server(30, b"late")], {}, ("close", b"", 0)),
        ([client(20, b"a")], {}, ("close", b"\x03\xe8", 1)),
        ([], {"failed": Failed("reset", "", 30.0)}, ("reset", b"", 0)),
        ([], {"failed": Failed("closed", "", 30.0)}, ("hang up", b"", 0)),
    ],
)
def test_ends(messages, more, end):
    assert kinds(exchange(*messages, **more))[-1] == end


def test_pings_of_the_server_are_said_and_what_the_protocol_answers_is_not():
    recorded = exchange(
        client(15, b"x", "ping"), server(16, b"x", "pong"), server(20, b"y", "ping"), client(21, b"y", "pong")
    )
    assert kinds(recorded)[:-1] == [("ping", b"y", 0)]


@pytest.mark.parametrize(
    ("recorded", "came", "told"),
    [
        (client(1, b"hello"), ("text", b"hello"), ""),
        (client(1, b'{"a": 1, "b": [2]}'), ("text", b'{"b":[2],"a":1}'), ""),
        (client(1, b'{"a": 1}'), ("text", b'{"a": true}'), 'recorded as {"a": 1}, but {"a": true} came'),
        (client(1, b"hello"), ("text", b"hullo"),
         "message 1 of the client was recorded as hello, but hullo came"),
        (client(1, b"hello"), ("binary", b"hello"), "recorded as hello, but 5 bytes 68656c6c6f came"),
        (client(1, b"\0" * 90, "binary"), ("binary", b""), f"as 90 bytes {'00' * 20}…, but 0 bytes came"),
        (client(1, b"x" * 90), ("text", b"y"), "recorded as " + "x" * 80 + "…, but y came"),
        (client(1, b"[" * 5000), ("text", b"[" * 5001), "but [[["),
        (client(1, b"[" * 5000 + b"]" * 5000), ("text", b" " + b"[" * 5000 + b"]" * 5000), "but  [[["),
    ],
)  # fmt: skip
def test_what_differs_is_told(recorded, came, told):
    one = Dialogue(exchange(recorded), 0, 0.0)
    one.heard(*came, 0.0)
    assert told in one.differences
    assert bool(one.differences) is bool(told)
    assert one.due() == -inf, "the play goes on"


def test_what_was_not_recorded_is_told_and_bounded():
    one = Dialogue(exchange(client(1, b"a")), 0, 0.0)
    one.heard("text", b"a", 0.0)
    for number in range(10):
        one.heard("text", b"%d" % number, 0.0)
    assert one.differences.startswith("message 2 of the client was not recorded: 0; message 3 of")
    assert one.differences.endswith(f"; and {10 - MAX_DIFFERENCES} more")
    assert one.progress == "0 of 0 messages were sent, 11 of 1 came"


@pytest.mark.parametrize(
    "message",
    [
        server(1, b"\xff"),
        server(1, b"\x03", "close"),
        server(1, b"\x00\x01", "close"),
        server(1, b"\x03\xe8\xff", "close"),
        server(1, b"\x03\xe8" + b"x" * 124, "close"),
        server(1, b"x" * 126, "ping"),
    ],
)
def test_what_no_server_can_send_is_refused(message):
    with pytest.raises(ValueError, match=r"a recorded (text|close|ping) of the server is"):
        Dialogue(exchange(message), 0, 0.0)


MESSAGES = st.lists(
    st.builds(
        SocketMessage,
        st.floats(0, 1000),
        st.sampled_from(["client", "server"]),
        st.sampled_from(["text", "binary", "ping", "pong"]),
        st.binary(max_size=3).map(lambda data: data.hex().encode()),
    ),
    max_size=30,
)


@given(MESSAGES, st.sampled_from([0, 0.5, 1, 100]))
def test_a_client_that_does_as_recorded_hears_all_in_order(messages, speed):
    one = Dialogue(exchange(*messages), speed, 0.0)
    now, said = 0.0, []
    waiting = list(one.expected)
    while one.cue is not None:
        due = one.due()
        if due is None:
            message = waiting.pop(0)
            one.heard(message.kind, message.data, now)
            continue
        assert speed or due == -inf
        now = max(now, due)
        said.append((one.cue.kind, one.cue.data))
        one.done(now)
    assert one.differences == ""
    recorded = [(m.kind, m.data) for m in messages if m.sender == "server" and m.kind != "pong"]
    assert said == [*recorded, ("close", b"\x03\xe8")]
