"""Responses ↔ steps, as data; what functions may return is tested over the wire in test_handler.py."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy import Response
from understudy.simulate.python.response import as_response, callbacks_in, response_of, steps_of
from understudy.steps import Close, Reply, RunApp, SendCallbacks, SendFile, Wait

VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=10)
NAMES = st.from_regex(r"X-[A-Za-z]{1,5}", fullmatch=True)


@given(
    st.integers(200, 599),
    st.lists(st.tuples(NAMES.map(str.encode), VALUES.map(str.encode)), max_size=5),
    st.binary(max_size=20),
)
def test_what_middleware_leaves_alone_stays_as_it_is(status, headers, body):
    reply = Reply(status, tuple(headers), body)
    (again,) = steps_of(response_of((reply,)))
    assert (again.status, again.headers, again.body) == (reply.status, reply.headers, reply.body)


def test_what_is_around_the_answer_stays():
    calls = SendCallbacks(())
    steps = (Wait(1), Reply(200, (), b"x"), Close(), calls)
    response = response_of(steps)
    response.body = "y"
    before, reply, *after = steps_of(response)
    assert (before, reply.body, after) == (Wait(1), b"y", [Close(), calls])
    assert callbacks_in(steps) == (calls,)


def test_headers_that_frame_the_message_are_the_servers():
    response = Response(
        "x", headers={"Content-Length": "99", "Transfer-Encoding": "chunked", "Connection": "close"}
    )
    reply, close = steps_of(response)
    assert (dict(reply.headers), close) == ({b"Content-Type": b"text/plain; charset=utf-8"}, Close())
    assert steps_of(Response(headers={"Date": "x"}))[0].dated


def test_base_headers_are_replaced_in_any_case():
    (reply,) = steps_of(Response(None, headers={"x-a": "own"}), ((b"X-A", b"base"), (b"X-B", b"b")))
    assert reply.headers == ((b"X-B", b"b"), (b"x-a", b"own"))


def test_files_and_applications_keep_their_bodies():
    file = SendFile(Reply(200, ((b"A", b"1"),), b"", length=9), Path("f"), 0, 9)
    response = response_of((file,))
    response.headers["B"] = "2"
    (changed,) = steps_of(response)
    assert (changed.path, changed.reply.length, changed.reply.headers) == (
        Path("f"),
        9,
        ((b"A", b"1"), (b"B", b"2")),
    )
    app = response_of((RunApp("app", "/x", None),))
    app.headers["B"] = "2"
    assert steps_of(app) == (RunApp("app", "/x", None, ((b"B", b"2"),)),)
    app.body = b"instead"
    assert steps_of(app)[0].body == b"instead"


def test_steps_without_an_answer_pass():
    assert steps_of(response_of((Close(),))) == (Close(),)


def test_a_response_can_be_read():
    assert Response({"a": 1}).json() == {"a": 1}
    assert repr(Response("ab", 201)) == "<Response 201, 2 bytes>"
    with pytest.raises(ValueError, match="not JSON"):
        Response("{").json()
    nested = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(ValueError, match="nested too deeply"):
        Response(nested)


def test_a_response_in_a_tuple():
    with pytest.raises(TypeError, match="a tuple with a Response"):
        as_response((Response(), 200))
