from understudy.journal import Journal
from understudy.model import Log
from understudy.request import Request
from understudy.steps import Plan, Reply

REPLY = Reply(200, ((b"Content-Type", b"text/plain"),), b"hello")


def add(journal, path="/a", *, method="GET", plan=None, at=1000.0, size=100, body=b"", target=None):
    request = Request(method, (target or path).encode(), [(b"X", b"1"), (b"X", b"2")], body)
    request.path = path
    journal.add(at, request, plan or Plan((REPLY,), REPLY, "GET /a"), 1, "127.0.0.1", 0.0015, size=size)


def test_the_original_s_keys_come_first():
    journal = Journal()
    add(journal, target="/a?q=1&r=2&r=3")
    (entry,) = journal.select()
    content = journal.as_json(entry)
    assert list(content)[:5] == ["timestamp", "method", "path", "status", "latency_ms"]
    assert content["timestamp"] == "1970-01-01T00:16:40+00:00"
    assert content["query"] == {"q": "1", "r": ["2", "3"]}
    assert content["headers"] == {"x": ["1", "2"]}
    assert content["duration_ms"] == 1.5
    assert content["response"] == {
        "status": 200,
        "headers": {"Content-Type": "text/plain"},
        "size": 5,
        "body": "hello",
    }


def test_bounded_by_entries():
    journal = Journal(Log(max_entries=3))
    for number in range(5):
        add(journal, f"/{number}")
    assert [entry.request.path for entry in journal.select()] == ["/2", "/3", "/4"]
    assert [entry.number for entry in journal.select()] == [3, 4, 5]
    assert journal.total == 5


def test_bounded_by_bytes():
    journal = Journal(Log(max_bytes=250))
    for _ in range(10):
        add(journal, size=100)
    assert len(journal.select()) == 2
    assert journal.bytes == 200


def test_new_bounds_hold_at_once():
    journal = Journal()
    for _ in range(10):
        add(journal)
    journal.configure(Log(max_entries=4))
    assert len(journal.select()) == 4


def test_filters():
    journal = Journal()
    missed = Reply(404, (), b"")
    add(journal, "/a", at=1)
    add(journal, "/b", method="POST", at=2)
    add(journal, "/c", at=3, plan=Plan((missed,), missed))
    paths = lambda **filters: [entry.request.path for entry in journal.select(**filters)]  # noqa: E731
    assert paths(method="POST") == ["/b"]
    assert paths(path="/a") == ["/a"]
    assert paths(statuses=(404,)) == ["/c"]
    assert paths(matched=False) == ["/c"]
    assert paths(endpoint="GET /a") == ["/a", "/b"]
    assert paths(since=2) == ["/b", "/c"]
    assert paths(limit=1) == ["/c"]
    assert paths(limit=0) == []


def test_bodies():
    journal = Journal(Log(max_body_bytes=4))
    body = lambda raw: (add(journal, body=raw), journal.as_json(journal.select()[-1])["body"])[1]  # noqa: E731
    assert body(b"") is None
    assert body(b"abc") == "abc"
    assert body(b"abcdefgh") == "abcd"
    assert body("abcé".encode()) == "abc", "a character that is cut in two is left out"
    assert body(b"\xff\xfe") == {"base64": "//4="}


def test_listeners_hear_new_entries_until_they_stop():
    journal = Journal()
    heard = []
    stop = journal.listen(heard.append)
    add(journal)
    stop()
    add(journal)
    assert [entry.number for entry in heard] == [1]


def test_clear():
    journal = Journal()
    add(journal)
    assert journal.clear() == 1
    assert journal.select() == []
    assert journal.bytes == 0
