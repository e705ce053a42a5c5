import pytest

from tests.faults.kit import APP, EMPTY, REPLY, moment, struck
from understudy.model.faults import BadStatusLine
from understudy.steps import Body, FileBody, Head, Paced, Reply, RunApp, SendFile

KINDS = ["oversized_header", "duplicate_header", "invalid_header", "bad_status_line"]


def lines(written, steps=(REPLY,), at=None):
    head = struck(written, steps, at)[0]
    assert head.reply is steps[0] or head.reply is steps[0].reply
    return head.lines


def test_very_large():
    assert lines({"kind": "oversized_header", "bytes": 10}) == b"X-Oversized-1: xxxxxxxxxx\r\n"
    assert len(lines("oversized_header")) == 100_000 + len("X-Oversized-1: \r\n")


def test_very_many():
    many = lines({"kind": "oversized_header", "bytes": 5, "count": 3})

    assert many == b"X-Oversized-1: xx\r\nX-Oversized-2: xx\r\nX-Oversized-3: xx\r\n"


@pytest.mark.parametrize(
    ("keys", "written"),
    [
        ({}, b"Content-Length: 17\r\n"),
        ({"value": "3"}, b"Content-Length: 3\r\n"),
        ({"name": "content-type"}, b"content-type: x-application/json\r\n"),
        ({"name": "Content-Type", "value": "text/html\n"}, b"Content-Type: text/html\r\n"),
        ({"name": "Date"}, b"Date: x-Sun, 06 Nov 1994 08:49:37 GMT\r\n"),
        ({"name": "ETag"}, b"ETag: 1\r\nETag: x-1\r\n"),
        ({"name": "ETag", "value": ""}, b"ETag: 1\r\nETag: \r\n"),
    ],
)
def test_twice(keys, written):
    assert lines({"kind": "duplicate_header", **keys}) == written


def test_two_lengths_where_there_was_none():
    twice = b"Content-Length: 0\r\nContent-Length: 1\r\n"

    assert lines("duplicate_header", (Reply(204, (), b""),)) == twice
    assert lines("duplicate_header", (Head(EMPTY, b""),)) == twice


@pytest.mark.parametrize(
    ("how", "line"),
    [
        ("no_colon", b"X-Broken without a colon\r\n"),
        ("space", b"X-Broken : a space before the colon\r\n"),
        ("control", b"X-Broken: NUL \x00 in the value\r\n"),
        ("empty_name", b": no name\r\n"),
        ("non_ascii", b"X-Br\xc3\xb6k\xc3\xa8n: not ASCII\r\n"),
    ],
)
def test_no_header(how, line):
    assert lines({"kind": "invalid_header", "how": how}) == line


def test_another_first_line():
    assert struck("bad_status_line") == (Head(REPLY, status_line=b"HTTP/1.1 OK\r\n"), Body(REPLY.body))
    assert struck({"kind": "bad_status_line", "line": ""})[0].status_line == b"\r\n"
    assert struck(BadStatusLine(line="é\n"))[0].status_line == b"\xc3\xa9\r\n"


def test_several_in_one_head():
    steps = struck("bad_status_line", struck({"kind": "duplicate_header", "name": "A"}))
    steps = struck({"kind": "invalid_header", "how": "empty_name"}, steps)

    assert steps[0] == Head(REPLY, None, b"HTTP/1.1 OK\r\n", b"A: 1\r\nA: x-1\r\n: no name\r\n")


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_sends_the_reply(kind):
    head, body = struck(kind, (SendFile(REPLY, "f", 0, 9),))
    assert (type(head), body) == (Head, FileBody("f", 0, 9))
    assert struck(kind, at=moment("HEAD")) == (head,)
    (paced,) = struck(kind, (Paced(Head(REPLY), 1, 1),))
    assert paced == Paced(head, 1, 1)
    app = (RunApp(APP, "", None),)
    assert struck(kind, app) == app


@pytest.mark.parametrize(
    "written",
    [
        {"kind": "bad_status_line", "line": "a\r\nb"},
        {"kind": "duplicate_header", "name": "a b"},
        {"kind": "duplicate_header", "value": "a\nb: c"},
        {"kind": "oversized_header", "bytes": 0},
    ],
)
def test_what_is_no_line(written):
    with pytest.raises(ValueError, match=r"\$\."):
        struck(written)
