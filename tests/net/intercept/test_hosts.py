"""Names of hosts in requests to a proxy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.errors import RequestError
from understudy.net.intercept.hosts import host_of, is_this_machine, origin_of, parse_authority


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"a.test:443", ("a.test", 443)),
        (b"A.test.:1", ("a.test", 1)),
        (b"[::1]:65535", ("::1", 65535)),
        (b"::1:443", ("::1", 443)),
        ("bücher.example:443".encode(), ("xn--bcher-kva.example", 443)),
    ],
)
def test_parse_authority(raw, found):
    assert parse_authority(raw) == found


def test_parse_authority_with_a_default_port():
    assert parse_authority(b"a.test", 80) == ("a.test", 80)
    assert parse_authority(b"[::1]", 80) == ("::1", 80)
    assert parse_authority(b"[::1]:81", 80) == ("::1", 81)
    with pytest.raises(RequestError):
        parse_authority(b"::1", 80)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b":",
        b"a",
        b"a:",
        b":443",
        b"a:0",
        b"a:65536",
        b"a:+1",
        b"a:1_0",
        b"a:443:1",
        b"u@a:443",
        b"a:443/",
        b"\xff\xfe:443",
        "a:\u0661".encode(),
        b"a:" + b"0" * 5000 + b"1",
        b"[::1]",
        b"[::1]x:1",
        b"a b:1",
    ],
)
def test_what_is_no_authority_is_refused(raw):
    with pytest.raises(RequestError) as refused:
        parse_authority(raw)
    assert refused.value.status == 400
    assert len(refused.value.message) < 1000


@given(st.one_of(st.binary(max_size=300), st.from_regex(rb"\A[a-zA-Z0-9.:\[\]%_-]{0,20}:[0-9]{1,5}\Z")))
def test_an_authority_is_refused_or_stays_itself(raw):
    try:
        host, port = parse_authority(raw)
    except RequestError:
        return
    assert host_of(host) == host
    assert parse_authority(origin_of("http", host, port).removeprefix(b"http://"), 80) == (host, port)


def test_origin_of():
    assert origin_of("https", "a.test", 443) == b"https://a.test"
    assert origin_of("https", "a.test", 80) == b"https://a.test:80"
    assert origin_of("http", "::1", 80) == b"http://[::1]"
    assert origin_of("http", "::1", 8000) == b"http://[::1]:8000"


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost.test", False),
        ("10.0.0.1", False),
        ("0.0.0.0", False),
        ("", False),
    ],
)
def test_is_this_machine(host, own):
    assert is_this_machine(host) is own
