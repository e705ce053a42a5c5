from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Close

from tests.record.exchanges import socket_messages
from tests.record.kit import exchange
from understudy.record.drift.talk import GOODBYE, Turn, is_tunnel, is_websocket, speaks, turns_of
from understudy.record.exchange import Failed, SocketMessage

KEY = [("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]


def talk(*said, failed=None):
    """A WebSocket whose handshake took 5 ms, and in which something is said each 10 ms: `>a`, `<b`, `>!` for
    a close."""
    messages = []
    for number, one in enumerate(said, 1):
        kind, data = ("close", Close(1001, "").serialize()) if one[1:] == "!" else ("text", one[1:].encode())
        messages.append(SocketMessage(10.0 * number, "client" if one[0] == ">" else "server", kind, data))
    made = exchange(status=101, kind=None, request_headers=KEY, failed=failed)
    return replace(made, messages=tuple(messages), wait_ms=5.0)


def turns(one, **secrets):
    return [(turn.kind, turn.data, turn.after) for turn in turns_of(one, secrets)]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (talk(">a", "<b", ">c", ">!"), [("text", b"a", 0), ("text", b"c", 1), ("close", b"\x03\xe9", 1)]),
        (talk("<b", "<c", "<!", ">!"), [("end", b"", 2)]),
        (talk("<b"), [("close", GOODBYE, 1)]),
        (talk(), [("close", GOODBYE, 0)]),
        (talk(">a", failed=Failed("reset", "", 30.0)), [("text", b"a", 0), ("end", b"", 0)]),
    ],
)
def test_whose_turn_it_is(one, expected):
    assert turns(one) == expected


def test_times_count_from_the_handshake():
    assert turns_of(talk(">a", "<b", ">!"), {}) == (
        Turn("text", b"a", 0, 5.0),
        Turn("close", b"\x03\xe9", 1, 25.0),
    )


def test_secrets_are_put_in_or_asked_for():
    one = talk("<REDACTED-other", ">auth REDACTED-key")

    assert turns_of(one, {}) is None
    assert turns(one, key="k")[0] == ("text", b"auth k", 1)


@pytest.mark.parametrize("data", [b"\x00", b"\x03\xe8\xff", Close(1000, "x" * 200).serialize()])
def test_a_close_that_cannot_be_sent_is_a_goodbye(data):
    one = replace(talk(), messages=(SocketMessage(1.0, "client", "close", data),))

    assert turns(one) == [("close", GOODBYE, 0)]


def test_what_is_a_websocket_and_who_speaks():
    assert is_websocket(talk())
    assert is_websocket(exchange(status=401, request_headers=KEY))
    assert not is_websocket(exchange())
    assert is_tunnel(exchange(status=101, kind=None))
    assert is_tunnel(exchange(method="CONNECT"))
    assert not is_tunnel(talk())
    assert [speaks(talk(*said)) for said in ([">a"], ["<a"], [">!"])] == [True, False, False]


@given(st.lists(socket_messages))
def test_any_conversation_has_one_end(messages):
    found = turns_of(replace(talk(), messages=tuple(messages)), {})

    if found is not None:
        assert found[-1].kind in ("close", "end")
        assert all(turn.kind in ("text", "binary") for turn in found[:-1])
        assert [turn.after for turn in found] == sorted(turn.after for turn in found)
