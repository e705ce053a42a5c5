import pytest

from understudy.net.upstream.heads import outgoing_of, path_of, with_locations
from understudy.record.target import Target
from understudy.request import Request, origin_form, origin_of

TARGET = Target("https", "api.example.com", 443)
ORIGINS = [
    (b"/a?b", b"/a?b", ""),
    (b"https://API.example.com:8443/a?b", b"/a?b", "https://API.example.com:8443"),
    (b"HTTP://h?x=http://y/z", b"/?x=http://y/z", "http://h"),
    (b"http://h", b"/", "http://h"),
    (b"*", b"*", ""),
    (b"h:443", b"h:443", ""),
]


@pytest.mark.parametrize(("raw", "path", "origin"), ORIGINS)
def test_targets_in_absolute_form(raw, path, origin):
    assert origin_form(raw) == path
    assert origin_of(raw) == origin


def head(*headers, target=TARGET, raw=b"/x", length=0, method="GET"):
    return outgoing_of(Request(method, raw, list(headers)), target, length)


def test_what_belongs_to_the_connection_is_left_out():
    sent = head(
        (b"host", b"localhost:8000"),
        (b"Connection", b"close, X-One , te"),
        (b"X-One", b"1"),
        (b"Keep-Alive", b"1"),
        (b"Proxy-Authorization", b"secret"),
        (b"TE", b"trailers, deflate"),
        (b"Upgrade", b"h2c"),
        (b"X-Understudy-Fault", b"reset"),
        (b"Expect", b"100-continue"),
        (b"Accept", b"*/*"),
    )
    assert sent.headers == ((b"Host", b"api.example.com"), (b"TE", b"trailers"), (b"Accept", b"*/*"))
    assert sent.upgrade == ()


def test_an_offer_to_upgrade_goes_with_it():
    key = (b"Sec-WebSocket-Key", b"x")
    sent = head((b"Connection", b"keep-alive, Upgrade"), (b"Upgrade", b"websocket"), key)
    assert sent.upgrade == ((b"Connection", b"Upgrade"), (b"Upgrade", b"websocket"))
    assert sent.headers == ((b"Host", b"api.example.com"), key)


@pytest.mark.parametrize(
    ("version", "protocol", "length"),
    [
        ("1.0", b"websocket", 0),
        ("1.1", b"h2c", 0),
        ("1.1", b"h2c, websocket", 0),
        ("1.1", b"websocket", None),
    ],
)
def test_an_offer_that_nobody_can_look_into_does_not_go_with_it(version, protocol, length):
    headers = [(b"Connection", b"Upgrade, HTTP2-Settings"), (b"Upgrade", protocol), (b"HTTP2-Settings", b"")]
    sent = outgoing_of(Request("GET", b"/x", headers, version=version), TARGET, length)
    assert sent.upgrade == ()
    assert sent.headers == ((b"Host", b"api.example.com"),)


def test_the_length_is_told_if_the_client_has_not():
    assert head(length=5, method="POST").headers[-1] == (b"Content-Length", b"5")
    told = (b"content-length", b"5")
    assert head(told, length=5, method="POST").headers[-1] == told
    assert head((b"Content-Length", b"0"), method="POST").headers[-1] == (b"Content-Length", b"0")


def test_a_client_cannot_take_the_length_away():
    named = (b"Connection", b"Content-Length, Host, Transfer-Encoding, Authorization")
    told = ((b"Host", b"h"), (b"Content-Length", b"5"), (b"Authorization", b"x"))
    sent = head(named, *told, length=5, method="POST")
    assert sent.headers == ((b"Host", b"api.example.com"), (b"Content-Length", b"5"))


def test_an_empty_body_in_chunks_has_a_length():
    chunked = (b"Transfer-Encoding", b"chunked")
    assert head(chunked, length=0, method="POST").headers[-1] == (b"Content-Length", b"0")
    assert head(chunked, length=None, method="POST").headers == ((b"Host", b"api.example.com"),)
    assert head(length=0).headers == ((b"Host", b"api.example.com"),)


@pytest.mark.parametrize(
    ("host", "port", "scheme", "shown"),
    [
        ("h", 80, "http", "h"),
        ("h", 443, "http", "h:443"),
        ("::1", 443, "https", "[::1]"),
        ("::1", 8443, "https", "[::1]:8443"),
    ],
)
def test_the_host_header(host, port, scheme, shown):
    target = Target(scheme, host, port)
    assert head(target=target).headers == ((b"Host", shown.encode()),)
    assert target.origin == f"{scheme}://{shown}"


def test_paths_of_absolute_targets():
    assert path_of(Request("GET", b"http://h/a?b"), TARGET) == b"/a?b"


def test_locations():
    target = Target("http", "h", 80, prefix=b"/v1", strip=b"/api")
    headers = (
        (b"Location", b"http://h/v1/a"),
        (b"Location", b"http://h/v10"),
        (b"Content-Location", b"http://H/v1"),
        (b"Set-Cookie", b"a=1; domain=h; Secure"),
        (b"Link", b"<http://h/v1>"),
    )
    assert with_locations(headers, target) == (
        (b"Location", b"/api/a"),
        (b"Location", b"http://h/v10"),
        (b"Content-Location", b"/api"),
        (b"Set-Cookie", b"a=1; Secure"),
        (b"Link", b"<http://h/v1>"),
    )


def test_a_location_never_leads_to_another_server():
    headers = ((b"Location", b"http://h//evil.example/x"), (b"Location", b"http://h/a//b"))
    rewritten = with_locations(headers, Target("http", "h", 80))
    assert rewritten == ((b"Location", b"/.//evil.example/x"), (b"Location", b"/a//b"))
