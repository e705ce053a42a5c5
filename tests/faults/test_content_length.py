import pytest

from tests.faults.kit import APP, EMPTY, REPLY, moment, struck
from understudy.model.faults import ContentLength
from understudy.steps import Body, Close, FileBody, HangUp, Head, Reply, RunApp, SendFile, Wait


def framing(steps=(REPLY,), at=None, **keys):
    return struck({"kind": "content_length", **keys}, steps, at)[0].framing


def test_too_much_and_too_little():
    assert struck("content_length") == (Head(REPLY, b"Content-Length: 15\r\n"), Body(REPLY.body))
    assert framing(add_bytes=5) == b"Content-Length: 21\r\n"
    assert framing(add_bytes=-16) == b"Content-Length: 0\r\n"
    assert framing(add_bytes=-17) == b"Content-Length: 33\r\n"
    assert framing((EMPTY,)) == b"Content-Length: 1\r\n"
    assert framing((EMPTY,), moment("HEAD")) == b"Content-Length: 1\r\n"
    file = SendFile(Reply(200, (), b"", length=9), "f", 0, 9)
    assert struck("content_length", (file, Close())) == (
        Head(file.reply, b"Content-Length: 8\r\n"),
        FileBody("f", 0, 9),
        Close(),
    )


def test_none_at_all():
    written = {"kind": "content_length", "missing": True}

    assert struck(written) == (Head(REPLY, b""), Body(REPLY.body), Close())
    assert struck(written, (REPLY, Close())) == struck(written)
    assert struck(written, (Head(REPLY), Wait(1), HangUp())) == (Head(REPLY, b""), Wait(1), HangUp())


@pytest.mark.parametrize("written", ["content_length", {"kind": "content_length", "missing": True}], ids=str)
def test_what_has_no_length(written):
    for steps in [
        (Reply(204, (), b""),),
        (RunApp(APP, "", None),),
        (Head(REPLY, b"Transfer-Encoding: chunked\r\n"), HangUp()),
        (Head(REPLY, b"Transfer-Encoding: chunked\r\n"),),
    ]:
        assert struck(written, steps) == steps


def test_what_contradicts_itself():
    with pytest.raises(ValueError, match="exclude each other"):
        ContentLength(missing=True, add_bytes=1)
    with pytest.raises(ValueError, match="the length is right"):
        ContentLength(add_bytes=0)
