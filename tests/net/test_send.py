import socket

import pytest

from understudy.formats.asked import Answer, Asked, Part, mark
from understudy.net.send import NotSent, send


def test_the_real_answer(endpoints):
    server = endpoints(
        {
            "path": "/a b",
            "method": "POST",
            "status": 201,
            "headers": {"X-A": ["1", "2"]},
            "body": "{{ request.headers['x-b'] }} {{ query.c }} {{ request.body }}",
        },
        {"path": "/moved", "status": 302, "headers": {"Location": "/a"}},
    )
    headers = (("X-B", "b"), ("Accept-Encoding", "gzip"), ("Content-Type", "text/plain"))

    answer = send(Asked(1, "POST", f"{server.url}/a b?c=é", headers, "body"))

    assert (answer.status, answer.body) == (201, "b é body".encode())
    assert [value for name, value in answer.headers if name == "X-A"] == ["1", "2"]
    assert send(Asked(1, "GET", f"{server.url}/moved")).status == 302
    assert send(Asked(1, "GET", f"{server.url.removeprefix('http://')}/moved")).status == 302


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Asked(1, "GET", "http://a/" + mark("b")), "variables"),
        (Asked(1, "GET", "http://a/", (("A", mark("b")),)), "variables"),
        (Asked(1, "POST", "http://a/", (), "", (Part("a", "b"),)), "multipart"),
        (Asked(1, "GET", "ftp://a/"), "none on the web"),
        (Asked(1, "GET", "http://a:b/"), "none on the web|[Pp]ort"),
        (Asked(1, "GET", "http://127.0.0.1:1/", (("A\n", "b"),)), "header|Invalid"),
    ],
)
def test_what_is_not_sent(asked, message):
    with pytest.raises(NotSent, match=message):
        send(asked)


def test_bounds(endpoints):
    server = endpoints({"path": "/big", "body": "x" * 2000})

    with pytest.raises(NotSent, match="larger than 0 MB"):
        send(Asked(1, "GET", f"{server.url}/big"), max_bytes=1000)
    late = pytest.raises(NotSent, match=r"no answer within 0\.2 seconds")
    with socket.create_server(("127.0.0.1", 0)) as silent, late:
        send(Asked(1, "GET", f"http://127.0.0.1:{silent.getsockname()[1]}/"), timeout_s=0.2)
    assert Answer().body is None
