import pytest

from tests.faults.kit import APP, EMPTY, REPLY, moment, struck
from understudy.steps import Body, FileBody, HangUp, Head, Reply, RunApp, SendFile, Write

HEAD = Head(REPLY, b"Transfer-Encoding: chunked\r\n")
HOWS = ["garbage", "size", "short", "no_end"]


def chunked(steps=(REPLY,), at=None, **keys):
    return struck({"kind": "malformed_chunk", **keys}, steps, at)


@pytest.mark.parametrize("kind", ["malformed_chunk", "MALFORMED_RESPONSE_CHUNK"])
def test_garbage_where_a_chunk_begins(kind):
    head, write, last = struck(kind)

    assert (head, len(write.data), last) == (HEAD, 64, HangUp())
    assert write.data[0] >= 0x80
    assert struck(kind) == (head, write, last)
    assert struck(kind, at=moment(n=1)) != (head, write, last)


def test_chunks_that_break_the_rules():
    body = Body(REPLY.body)

    assert chunked(how="size") == (HEAD, Write(b"what a size\r\n"), body, Write(b"\r\n0\r\n\r\n"), HangUp())
    assert chunked(how="short") == (HEAD, Write(b"20\r\n"), body, HangUp())
    assert chunked(how="no_end") == (HEAD, Write(b"10\r\n"), body, Write(b"\r\n"), HangUp())


def test_a_file_and_a_body_in_pieces():
    assert chunked((SendFile(REPLY, "f", 3, 9),), how="no_end")[1:] == (
        Write(b"9\r\n"),
        FileBody("f", 3, 9),
        Write(b"\r\n"),
        HangUp(),
    )
    assert chunked((Head(REPLY), Body(b"a"), Body(b"b"), HangUp()), how="no_end")[1:] == (
        Write(b"2\r\n"),
        Body(b"a"),
        Body(b"b"),
        Write(b"\r\n"),
        HangUp(),
    )


@pytest.mark.parametrize("how", HOWS)
def test_what_may_have_no_body(how):
    nothing = Reply(304, (), b"")
    framing = b"Transfer-Encoding: chunked\r\n"

    assert chunked((nothing,), how=how) == (Head(nothing, framing), HangUp())
    assert chunked((REPLY,), moment("HEAD"), how=how) == (HEAD, HangUp())
    app = (RunApp(APP, "", None),)
    assert chunked(app, how=how) == app


def test_an_empty_body():
    head = Head(EMPTY, b"Transfer-Encoding: chunked\r\n")

    assert chunked((EMPTY,), how="short") == (head, Write(b"10\r\n"), HangUp())
    assert chunked((EMPTY,), how="no_end") == (head, HangUp())
