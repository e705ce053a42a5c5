from understudy.steps import STATUS_LINES, Plan, Reply, Wait


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
