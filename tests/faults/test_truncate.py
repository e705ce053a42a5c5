import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.kit import APP, EMPTY, REPLY, moment, sent, struck
from understudy.steps import (
    Body,
    Close,
    FileBody,
    HangUp,
    Head,
    Paced,
    Reply,
    Reset,
    RunApp,
    SendFile,
    Wait,
    Write,
)


@pytest.mark.parametrize(
    ("keys", "size"),
    [
        ({}, 8),
        ({"fraction": 0.25}, 4),
        ({"fraction": 0}, 0),
        ({"fraction": 1}, 15),
        ({"after_bytes": 3}, 3),
        ({"after_bytes": 0}, 0),
        ({"after_bytes": 16}, 15),
        ({"after_bytes": 1000}, 15),
    ],
)
def test_a_part_of_the_body_comes(keys, size):
    body = (Body(REPLY.body[:size]),) if size else ()

    assert struck({"kind": "truncate", **keys}) == (Head(REPLY), *body, HangUp())


def test_what_has_no_body_ends_after_its_head():
    assert struck("truncate", (EMPTY,)) == (Head(EMPTY), HangUp())
    assert struck("truncate", (REPLY,), moment("HEAD")) == (Head(REPLY), HangUp())
    nothing = Reply(304, (), b"")
    assert struck("truncate", (SendFile(nothing, "f", 0, 9),)) == (Head(nothing), HangUp())


def test_a_file():
    assert struck("truncate", (SendFile(REPLY, "f", 2, 100),)) == (
        Head(REPLY),
        FileBody("f", 2, 50),
        HangUp(),
    )


def test_after_other_faults():
    paced = (Head(REPLY), Body(b"ab"), Wait(1), Paced(Body(b"cdef"), 2, 0.1), Wait(9), HangUp())

    assert struck({"kind": "truncate", "after_bytes": 4}, paced) == (
        Head(REPLY),
        Body(b"ab"),
        Wait(1),
        Paced(Body(b"cd"), 2, 0.1),
        HangUp(),
    )
    assert struck({"kind": "truncate", "after_bytes": 2}, paced) == (
        Head(REPLY),
        Body(b"ab"),
        Wait(1),
        HangUp(),
    )
    assert struck("truncate", (Wait(1), REPLY))[:2] == (Wait(1), Head(REPLY))
    assert struck("truncate", (Write(b"abcd"), HangUp())) == (Write(b"ab"), HangUp())
    assert struck("truncate", (REPLY, Close())) == struck("truncate")
    assert struck("truncate", (Reset(),)) == (HangUp(),)


def test_an_applications_reply_is_left():
    steps = (Wait(1), RunApp(APP, "", None))

    assert struck("truncate", steps) == steps
    assert struck({"kind": "limit_data", "bytes": 1}, steps) == steps


@given(st.binary(max_size=300), st.integers(0, 400), st.integers(1, 50))
def test_what_comes_is_a_prefix_and_something_is_missing(body, after, chunk):
    reply = Reply(200, (), body)
    for steps in [(reply,), (Head(reply), Paced(Body(body), chunk, 0.1))] if body else [(reply,)]:
        came = b"".join(sent(struck({"kind": "truncate", "after_bytes": after}, steps)))
        assert body.startswith(came)
        assert len(came) == min(after, max(0, len(body) - 1))


HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n"
    b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"
)


def test_so_much_data_with_the_head():
    def limit(size, *steps, **keys):
        return struck({"kind": "limit_data", "bytes": size}, steps or (REPLY,), **keys)

    assert limit(10) == (Write(HEAD[:10]), HangUp())
    assert limit(0) == (HangUp(),)
    assert limit(len(HEAD)) == (Write(HEAD), HangUp())
    assert limit(len(HEAD) + 3) == (Write(HEAD), Body(REPLY.body[:3]), HangUp())
    assert limit(len(HEAD) + 16) == (REPLY,)
    assert limit(len(HEAD), REPLY, at=moment("HEAD")) == (REPLY,)
    assert limit(len(HEAD) + 9, SendFile(REPLY, "f", 5, 10)) == (Write(HEAD), FileBody("f", 5, 9), HangUp())
    assert limit(5, Paced(Head(REPLY), 2, 0.1), Body(b"x")) == (Paced(Write(HEAD[:5]), 2, 0.1), HangUp())


def test_a_head_that_another_fault_has_changed_counts_as_it_is():
    dated = Reply(200, ((b"Date", b"x"),), b"abc", dated=True)
    head = Head(dated, b"Transfer-Encoding: chunked\r\n", b"NOPE\r\n", b"X: y\r\n")
    raw = b"NOPE\r\nDate: x\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n"

    steps = struck({"kind": "limit_data", "bytes": len(raw) + 1}, (head, Body(b"abc")))
    assert steps == (Write(raw), Body(b"a"), HangUp())
