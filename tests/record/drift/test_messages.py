"""WebSockets beside each other."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.record.exchanges import socket_messages
from tests.record.kit import exchange
from understudy.record.drift import DriftReport, compare
from understudy.record.drift.messages import MAX_COMPARED, MAX_SORTS
from understudy.record.exchange import SocketMessage


def socket(*messages, note=""):
    """A WebSocket; a message is `>` and what the client says, or what the server says, as JSON or text."""
    made = []
    for at, one in enumerate(messages):
        text = one if isinstance(one, str) else json.dumps(one)
        sender = "client" if text.startswith(">") else "server"
        made.append(SocketMessage(float(at), sender, "text", text.removeprefix(">").encode()))
    return replace(exchange(status=101, kind=None), messages=tuple(made), note=note)


def found(one, other):
    return [(drift.kind, drift.where) for drift in compare(one, other)]


PRICE, OTHER = {"type": "price", "of": {"usd": 1}}, {"type": "price", "of": {"usd": "1"}}
HELLO = {"type": "hello", "name": "x"}


def test_json_is_compared_by_sort_and_each_difference_is_told_once():
    one = socket(HELLO, *[PRICE] * 5)
    assert found(one, socket(HELLO, *[OTHER] * 5)) == [("type-changed", "$.of.usd")]
    assert found(one, socket(HELLO, *[{"type": "price"}] * 5)) == [("field-removed", "$.of")]
    assert found(one, socket(HELLO, *[PRICE] * 4, {"type": "price", "of": {"usd": 2}})) == [
        ("values", "$.of.usd")
    ]
    assert compare(one, socket(HELLO, *[OTHER] * 5), ["$.of"]) == ()


def test_a_conversation_has_no_framing():
    now = socket(HELLO)
    assert found(socket(HELLO), replace(now, reply=replace(now.reply, framing="close"))) == []


def test_how_messages_mix_is_no_drift():
    beat = {"op": "beat"}
    assert found(socket(HELLO, beat, PRICE, PRICE, beat), socket(HELLO, beat, PRICE, beat, PRICE)) == []


def test_what_differs_each_time_is_no_drift():
    stamps = [{"type": "hello", "id": f"6f9619ff-8b86-4011-b42d-00cf4fc964f{n}"} for n in range(2)]
    assert found(socket(stamps[0]), socket(stamps[1])) == []
    assert found(socket("REDACTED-token"), socket("anything")) == []


@pytest.mark.parametrize(
    ("one", "other", "kinds"),
    [
        ([["price", 1], ["hello", {}]], [["hello", {}], ["price", 1]], ["message-order"]),
        ([["price", 1]], [["price", {"usd": 1}]], ["items-changed"]),
        (["plain"], ["other"], ["text"]),
        (["{broken"], [{"a": 1}], ["message-removed"]),
        (["[" * 100_000], ["[" * 100_000], []),
        ([], [], []),
        ([">ask", HELLO, PRICE], [">ask", HELLO], ["message-removed"]),
        # who goes before has not heard all
        ([">ask", HELLO, ">more", PRICE], [">ask", HELLO], ["messages-client"]),
    ],
)
def test_what_is_told(one, other, kinds):
    assert [kind for kind, _ in found(socket(*one), socket(*other))] == kinds


def test_a_recording_that_was_given_up_says_nothing_of_what_is_missing():
    short = socket(HELLO, note="recording ended after 1 message: its messages are too large in all")
    assert found(short, socket(HELLO, PRICE)) == [("not-compared", "messages")]
    assert found(socket(HELLO, PRICE), short) == [("not-compared", "messages")]


def test_bounds():
    many = socket(*[{"n": n} for n in range(MAX_COMPARED + 1)])
    assert found(many, many) == [("not-compared", "messages")]
    sorts = socket(*[{"type": f"t{n}x"} for n in range(MAX_SORTS + 50)])
    assert found(sorts, sorts) == []


def test_a_report_counts_it_by_endpoint():
    report = DriftReport()
    for _ in range(2):
        report.add(socket(HELLO, PRICE), socket(HELLO, OTHER))
    [(endpoint, [told])] = report.endpoints
    assert (endpoint.drifted, told.drift.kind, told.times) == (2, "type-changed", 2)


@given(st.lists(socket_messages, max_size=12), st.lists(socket_messages, max_size=12))
def test_whatever_is_said_can_be_compared(one, other):
    sockets = [replace(socket(), messages=tuple(messages)) for messages in (one, other)]
    for drift in compare(*sockets):
        assert drift.as_json()
    assert compare(sockets[0], sockets[0]) == ()
