import pytest

from tests.faults.kit import APP, REPLY, moment, struck
from understudy.steps import Body, Head, Reply, RunApp, SendFile


def type_of(written, reply):
    (changed,) = struck(written, (reply,))
    assert changed.body == reply.body
    return [value for name, value in changed.headers if name.lower() == b"content-type"]


def test_another_type():
    assert type_of("content_type", REPLY) == [b"text/html"]
    assert type_of({"kind": "content_type", "type": "image/png\n"}, REPLY) == [b"image/png"]
    assert type_of("content_type", Reply(200, (), b"x")) == [b"text/html"]
    assert type_of("content_type", Reply(200, ((b"content-type", b"a/b"),) * 2, b"x")) == [b"text/html"]


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        (((b"Content-Type", b"application/json"),), b"application/json; charset=utf-16"),
        (((b"Content-Type", b"text/html; charset=utf-8"),), b"text/html; charset=utf-16"),
        ((), b"text/plain; charset=utf-16"),
    ],
)
def test_another_charset(headers, value):
    assert type_of("charset", Reply(200, headers, b"x")) == [value]


@pytest.mark.parametrize("kind", ["content_type", "charset"])
def test_whatever_sends_the_reply(kind):
    (head, body) = struck(kind, (Head(REPLY), Body(b"x")))
    assert head.reply.headers != REPLY.headers
    assert body == Body(b"x")
    (file,) = struck(kind, (SendFile(REPLY, "f", 0, 9),))
    assert file.reply.headers == head.reply.headers
    (reply,) = struck(kind, at=moment("HEAD"))
    assert reply.headers == head.reply.headers
    for other in [Reply(204, (), b""), RunApp(APP, "", None)]:
        assert struck(kind, (other,)) == (other,)


@pytest.mark.parametrize("type_", ["", " ", "a\nb", "a\0b", "é"])
def test_what_cannot_stand_in_a_header(type_):
    with pytest.raises(ValueError, match="type"):
        struck({"kind": "content_type", "type": type_})
