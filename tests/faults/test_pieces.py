from hypothesis import given
from hypothesis import strategies as st

from tests.faults.kit import APP, EMPTY, NOW_S, REPLY, moment, sent
from understudy.faults.pieces import (
    body_of,
    body_size,
    cut,
    cut_off,
    head_bytes,
    header_of,
    is_unknown,
    opened,
    paced,
    split_end,
    with_body,
    with_head,
    with_header,
    with_reply,
)
from understudy.steps import (
    Abandon,
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
    ServeStatic,
    Wait,
    Write,
)

FILE = SendFile(Reply(200, (), b"", length=9), "f", 1, 9)
APPLICATION = RunApp(APP, "", None)
STATIC = ServeStatic("folder", "a", "index.html", (), lambda: REPLY)


def test_open():
    request = moment().request

    assert opened((REPLY,), request) == (Head(REPLY), Body(REPLY.body))
    assert opened((FILE, Close()), request) == (Head(FILE.reply), FileBody("f", 1, 9), Close())
    assert opened((EMPTY,), request) == (Head(EMPTY),)
    for other in [
        (APPLICATION,),
        (STATIC,),
        (Wait(1), Write(b"x"), HangUp()),
        (Head(REPLY), Paced(Body(b"x"), 1, 1)),
    ]:
        assert opened(other, request) == other


def test_a_reply_to_head_has_no_body():
    request = moment("HEAD").request

    assert opened((REPLY, FILE), request) == (Head(REPLY), Head(FILE.reply))
    pieces = (Head(REPLY), Body(b"x"), Paced(FileBody("f", 0, 1), 1, 1), Paced(Body(b"x"), 1, 1), Write(b"y"))
    assert opened(pieces, request) == (Head(REPLY), Write(b"y"))


def test_what_is_not_known():
    assert is_unknown((Wait(1), APPLICATION))
    assert is_unknown((STATIC,))
    assert not is_unknown((REPLY, FILE, Write(b"x")))


def test_the_end():
    for end in [(Close(),), (HangUp(),), (Reset(),), (Abandon(1),), (Close(), Wait(1), HangUp())]:
        assert split_end((REPLY, *end)) == ((REPLY,), end)
    assert split_end((Wait(1), REPLY)) == ((Wait(1), REPLY), ())


pieces = st.one_of(
    st.binary(min_size=1, max_size=20).map(Body),
    st.binary(min_size=1, max_size=20).map(Write),
    st.builds(FileBody, st.just("f"), st.integers(0, 50), st.integers(1, 20)),
)
bodies = st.lists(
    st.one_of(pieces, st.builds(Paced, pieces, st.integers(1, 5), st.just(0.1)), st.just(Wait(1)))
)


@given(bodies, st.integers(0, 200))
def test_cut_anywhere(body, at):
    file = bytes(range(100))
    steps = (Head(REPLY), *body)
    whole = b"".join(sent(steps, file))

    before, rest = cut(steps, at)

    assert (b"".join(sent(before, file)), b"".join(sent(rest, file))) == (whole[:at], whole[at:])
    assert body_size(steps) == len(whole)
    waits = [step for step in (*before, *rest) if isinstance(step, Wait)]
    assert len(waits) == sum(isinstance(step, Wait) for step in body)


def test_what_is_cut_off_ends_in_another_way():
    steps = (Head(REPLY), Body(b"abc"), Close(), Wait(1), HangUp())

    assert cut_off(steps, 2, Reset()) == (Head(REPLY), Body(b"ab"), Reset())
    assert cut_off(steps[:2], 9, Reset()) == (Head(REPLY), Body(b"abc"), Reset())


def test_the_body_where_it_is_known():
    assert body_of((REPLY,)) == REPLY.body
    assert body_of((Head(REPLY), Body(b"a"), Wait(1), Paced(Body(b"b"), 1, 1), HangUp())) == b"ab"
    for other in [(FILE,), (Head(REPLY), FileBody("f", 0, 1)), (APPLICATION,), (STATIC,), (Write(b"x"),)]:
        assert body_of(other) is None


def test_another_body():
    (reply,) = with_body((REPLY,), b"new")
    assert (reply.body, reply.length, reply.headers) == (b"new", 3, REPLY.headers)
    (reply,) = with_body((FILE,), b"new")
    assert (reply.body, reply.length) == (b"new", 3)
    (reply,) = with_body((Reply(304, (), b""),), b"new")
    assert (reply.body, reply.length) == (b"", 0)
    assert with_body((Write(b"x"), HangUp()), b"new") == (Write(b"x"), HangUp())


def test_another_body_in_the_pieces_of_the_old():
    steps = (Head(REPLY, b"X: y\r\n"), Body(b"ab"), Wait(1), Paced(Body(b"cd"), 1, 1), HangUp())

    def bodies(data):
        head, *rest = with_body(steps, data)
        assert (head.framing, head.reply.body) == (b"X: y\r\n", data)
        return rest

    assert bodies(b"12345") == [Body(b"12"), Wait(1), Paced(Body(b"345"), 1, 1), HangUp()]
    assert bodies(b"12") == [Body(b"12"), Wait(1), HangUp()]
    assert bodies(b"1") == [Body(b"1"), Wait(1), HangUp()]
    assert bodies(b"") == [Wait(1), HangUp()]
    head, *rest = with_body((Paced(Head(EMPTY), 1, 1), HangUp()), b"new")
    assert (head.step.reply.length, rest) == (3, [Body(b"new"), HangUp()])
    head, *rest = with_body((Head(Reply(204, (), b"")),), b"new")
    assert (head.reply.length, rest) == (0, [])


def test_another_head():
    def change(reply):
        return with_header(reply, b"X", b"1")

    for steps in [(REPLY,), (FILE,), (Head(REPLY, b"f"),), (Paced(Head(REPLY), 1, 1),)]:
        (step,) = with_reply(steps, change)
        bare = step.step if isinstance(step, Paced) else step
        reply = bare if isinstance(bare, Reply) else bare.reply
        assert reply.headers[-1] == (b"X", b"1")
        assert type(step) is type(steps[0])
    assert with_reply((Body(b"x"), APPLICATION), change) == (Body(b"x"), APPLICATION)
    other = Head(EMPTY)
    assert with_head((Head(REPLY), Paced(Head(REPLY), 1, 1), Body(b"x")), lambda _: other) == (
        other,
        Paced(other, 1, 1),
        Body(b"x"),
    )


def test_a_header_in_place_of_others():
    reply = Reply(200, ((b"A", b"1"), (b"b", b"2"), (b"a", b"3")), b"", length=7, dated=True)

    changed = with_header(reply, b"A", b"4")

    assert (changed.headers, changed.length, changed.dated) == (((b"b", b"2"), (b"A", b"4")), 7, True)
    assert header_of(reply, b"B") == b"2"
    assert header_of(reply, b"C") is None


def test_the_bytes_of_a_head():
    date = b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"

    assert head_bytes(Head(EMPTY), NOW_S) == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + date
    assert head_bytes(Head(Reply(204, (), b"")), NOW_S) == b"HTTP/1.1 204 No Content\r\n" + date
    own = Head(EMPTY, b"F: 1\r\n", b"LINE\r\n", b"L: 2\r\n")
    assert head_bytes(own, NOW_S) == b"LINE\r\nL: 2\r\nF: 1\r\n" + date


def test_pace_upon_pace():
    assert paced(Body(b"x"), 5, 1.0) == Paced(Body(b"x"), 5, 1.0)
    assert paced(Paced(Body(b"x"), 10, 1.0), 5, 1.0) == Paced(Body(b"x"), 5, 1.0)
    assert paced(Paced(Body(b"x"), 5, 2.0), 10, 1.0) == Paced(Body(b"x"), 5, 2.0)
    assert paced(Paced(Body(b"x"), 10, 0.0), 5, 0.0) == Paced(Body(b"x"), 5, 0.0)
    assert paced(Wait(1), 5, 1.0) == Wait(1)
