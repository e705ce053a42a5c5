"""Steps with other headers."""

from pathlib import Path

import pytest

from understudy.dress import reply_in, with_headers, with_own_headers
from understudy.steps import Body, ExactReply, Forward, Head, Paced, Reply, SendFile

OWN = ((b"X-By", b"us"), (b"etag", b"2"))
HEADERS = ((b"ETag", b"1"), (b"A", b"x"))
REPLIES = [Reply(200, HEADERS, b"abc"), ExactReply(200, (*HEADERS, (b"Content-Length", b"3")), b"abc")]


@pytest.mark.parametrize("reply", REPLIES, ids=["ordinary", "exact"])
def test_own_headers_take_the_place_of_others(reply):
    file = SendFile(reply, Path("x"), 0, 3)
    for step in (reply, file, Head(reply), Paced(Head(reply), 1, 0.1)):
        made = reply_in((with_own_headers(step, OWN),))
        assert type(made) is type(reply)
        assert made.headers == (*(one for one in reply.headers if one[0] != b"ETag"), *OWN)
        assert made.head().count(b"\r\n") == reply.head().count(b"\r\n") + 1
        assert (made.status, made.body, made.length) == (200, b"abc", 3)


def test_what_is_sent_on_gets_them_when_the_reply_is_there():
    step = Forward("upstream", "request", HEADERS)
    assert with_own_headers(step, OWN).headers == HEADERS + OWN
    assert with_headers(Body(b"x"), OWN) == Body(b"x")
