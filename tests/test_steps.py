from understudy.steps import STATUS_LINES, ExactReply, Judgement, Plan, Reply, Wait


def test_a_reply_keeps_its_parts_beside_its_bytes():
    reply = Reply(201, ((b"A", b"1"), (b"A", b"2")), b"xyz")
    assert reply.head() == b"HTTP/1.1 201 Created\r\nA: 1\r\nA: 2\r\nContent-Length: 3\r\n"
    assert (reply.status, reply.body, reply.length) == (201, b"xyz", 3)


def test_statuses_without_a_body():
    for status in (204, 304):
        reply = Reply(status, (), b"xyz")
        assert reply.body == b""
        assert b"Content-Length" not in reply.head()


def test_odd_statuses_have_a_reason():
    assert STATUS_LINES[299] == b"HTTP/1.1 299 Unknown\r\n"
    assert STATUS_LINES[418] == b"HTTP/1.1 418 I'm a Teapot\r\n"


def test_more_headers():
    reply = Reply(200, ((b"A", b"1"),), b"x", dated=True).with_headers(((b"B", b"2"),))
    assert reply.headers == ((b"A", b"1"), (b"B", b"2"))
    assert reply.dated


def test_a_plan_that_is_only_a_reply():
    reply = Reply(200, (), b"")
    assert Plan((reply,), reply).only_reply is reply
    assert Plan((Wait(1), reply), reply).only_reply is None


def test_an_exact_reply_has_nothing_but_its_own_headers():
    headers = ((b"B", b"1"), (b"content-length", b"2"), (b"a", b"2"), (b"B", b"3"))
    reply = ExactReply(200, headers, b"ok", status_line=b"HTTP/1.1 200 Fine\r\n")
    assert reply.whole(b"Date: x\r\n") == (
        b"HTTP/1.1 200 Fine\r\nB: 1\r\ncontent-length: 2\r\na: 2\r\nB: 3\r\n\r\nok"
    )
    dated = ExactReply(200, headers, b"ok", dated=False)
    assert b"B: 3\r\nDate: x\r\n\r\nok" in dated.whole(b"Date: x\r\n")


def test_an_exact_reply_in_chunks():
    reply = ExactReply(200, ((b"A", b"1"),), b"hello", trailers=((b"X-Sum", b"5"),))
    assert reply.whole(b"") == (
        b"HTTP/1.1 200 OK\r\nA: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n"
    )
    assert ExactReply(200, (), b"", trailers=()).sent == b"0\r\n\r\n"
    assert ExactReply(204, (), b"", trailers=()).framing == b""
    ordinary = reply.with_body(reply.body)
    assert type(ordinary) is Reply
    assert ordinary.head() == b"HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 5\r\n"


def test_a_plan_tells_of_all_that_went_wrong():
    plan = Plan((), None, source="upstream")
    plan.failed("first")
    plan.failed("first")
    plan.judged(Judgement(({"location": "response"},), note="second"))
    assert (plan.error, plan.source, len(plan.violations)) == ("first; second", "upstream", 1)
    plan.judged(Judgement(source="mocked"))
    assert (plan.error, plan.source, len(plan.violations)) == ("first; second", "mocked", 1)
