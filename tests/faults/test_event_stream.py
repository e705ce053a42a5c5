import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.kit import APP, EMPTY, REPLY, moment, struck
from understudy.steps import Body, Close, HangUp, Head, Paced, Reply, RunApp, SendFile, Wait, Write

EVENTS = [b"data: 1\n\n", b"event: x\ndata: 2\r\n\r\n", b"data: 3\r\r", b"data: 4\n\n"]
STREAM = Reply(200, ((b"Content-Type", b"text/event-stream"),), b"".join(EVENTS))
CHUNKED = Head(STREAM, b"Transfer-Encoding: chunked\r\n")
END = Write(b"0\r\n\r\n")


def chunk(event):
    return Write(b"%x\r\n%b\r\n" % (len(event), event))


def stream(steps=(STREAM,), at=None, **keys):
    return struck({"kind": "event_stream", **keys}, steps, at)


def test_event_by_event():
    assert stream() == (CHUNKED, *map(chunk, EVENTS), END)
    gap = Wait(0.5)
    one, two, three, four = map(chunk, EVENTS)
    assert stream(gap_ms=500) == (CHUNKED, one, gap, two, gap, three, gap, four, END)
    assert stream((STREAM, Close()))[-2:] == (END, Close())


def test_to_a_client_without_chunks():
    at = moment(version="1.0")

    assert stream(at=at) == (Head(STREAM, b""), *map(Body, EVENTS), Close())
    assert stream((STREAM, Close()), at) == (Head(STREAM, b""), *map(Body, EVENTS), Close())
    assert stream(at=at, cut_after=1)[2:] == (Body(EVENTS[1][:10]), HangUp())


def test_a_malformed_event():
    steps = stream(malformed=2)

    assert steps[2] == chunk(b"event: x\nd\xff\xfe\nno field\nata: 2\r\n\r\n")
    assert (steps[:2], steps[3:]) == (stream()[:2], stream()[3:])
    assert stream(malformed=5) == stream()


def test_cut_in_the_middle():
    assert stream(cut_after=1) == (CHUNKED, chunk(EVENTS[0]), chunk(EVENTS[1][:10]), HangUp())
    assert stream(cut_after=0) == (CHUNKED, chunk(EVENTS[0][:5]), HangUp())
    assert stream(cut_after=4) == (CHUNKED, *map(chunk, EVENTS), HangUp())
    assert stream(cut_after=5) == stream()


def test_an_event_that_has_no_end():
    assert stream((Reply(200, (), b"a\n\nb"),))[1:] == (chunk(b"a\n\n"), chunk(b"b"), END)


def test_after_other_faults():
    before = (Wait(1), Head(STREAM, lines=b"X: y\r\n"), Paced(Body(EVENTS[0]), 2, 1), Wait(9), HangUp())

    assert stream(before) == (
        Wait(1),
        Head(STREAM, b"Transfer-Encoding: chunked\r\n", lines=b"X: y\r\n"),
        chunk(EVENTS[0]),
        Wait(9),
        HangUp(),
    )


@pytest.mark.parametrize(
    "other", [EMPTY, Reply(204, (), b""), SendFile(REPLY, "f", 0, 9), RunApp(APP, "", None)]
)
def test_what_is_no_stream(other):
    assert stream((other,)) == (other,)


def test_head():
    assert stream(at=moment("HEAD")) == (STREAM,)


@given(st.lists(st.sampled_from([b"\n", b"\r", b"\r\n", b"data: x", b":"])).map(b"".join))
def test_all_of_it_comes(body):
    steps = stream((Reply(200, (), body),), moment(version="1.0"))

    came = b"".join(step.data for step in steps if isinstance(step, Body))
    assert came == body or not body
