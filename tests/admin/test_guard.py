"""Who may use the control endpoints: no page of another site, nobody from elsewhere without the token."""

import pytest

from tests.kit import ask, get
from understudy.admin.guard import is_local_name


def control(server, host, *headers):
    lines = "".join(f"{header}\r\n" for header in headers)
    return ask(server, f"GET /__health HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n").status


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("LOCALHOST:8000", True),
        ("127.0.0.1:8000", True),
        ("127.8.9.1", True),
        ("[::1]:8000", True),
        ("app.localhost", True),
        ("evil.test", False),
        ("127.0.0.1.evil.test", False),
        ("localhost.evil.test", False),
        ("127.0.0.1x", False),
        ("", False),
    ],
)
def test_local_names(host, local):
    assert is_local_name(host) is local


def test_dns_rebinding_is_refused(echo):
    assert control(echo, "localhost") == 200
    assert control(echo, "evil.test") == 403


def test_pages_of_other_sites_are_refused(echo):
    assert control(echo, "localhost:8000", "Origin: http://localhost:8000") == 200
    assert control(echo, "localhost:8000", "Origin: http://evil.test") == 403
    assert control(echo, "localhost:8000", "Origin: http://localhost:3000") == 403
    assert control(echo, "localhost:8000", "Origin: null") == 403
    assert control(echo, "localhost:8000", "Origin: http://[") == 403


def test_a_token_is_asked_for_where_there_is_one(serve):
    server = serve({})
    server._server.token = "s3cret"
    assert get(server, "/__health").status == 401
    assert get(server, "/__health", headers="Authorization: Bearer wrong\r\n").status == 401
    assert get(server, "/__health", headers="Authorization: Bearer s3cret\r\n").status == 200
    assert get(server, "/__health", headers="X-Understudy-Token: s3cret\r\n").status == 200
    assert get(server, "/__health?token=s3cret").status == 200
    assert control(server, "mock.example.test", "X-Understudy-Token: s3cret") == 200


def test_ordinary_endpoints_are_for_everybody(endpoints):
    server = endpoints({"path": "/a"})
    assert ask(server, "GET /a HTTP/1.1\r\nHost: evil.test\r\nOrigin: http://x\r\n\r\n").status == 200
