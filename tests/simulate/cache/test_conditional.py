import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.request import Request
from understudy.simulate.cache.conditional import (
    Validators,
    any_date,
    date_text,
    evaluate,
    is_conditional,
    told_date,
)

NOW = "Sun, 06 Nov 1994 08:49:37 GMT"
EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT"
LATER = "Sun, 06 Nov 1994 08:49:38 GMT"
AT = 784111777


def outcome(headers, method="GET", etag='"a"', modified=AT):
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return evaluate(Request(method, b"/", raw), Validators(etag, modified)).status


@pytest.mark.parametrize(
    ("headers", "get", "put"),
    [
        ({}, 200, 200),
        # 13.1.1
        ({"If-Match": '"a"'}, 200, 200),
        ({"If-Match": '"b", "a"'}, 200, 200),
        ({"If-Match": '"b"'}, 412, 412),
        ({"If-Match": "*"}, 200, 200),
        ({"If-Match": 'W/"a"'}, 412, 412),
        ({"If-Match": ""}, 412, 412),
        ({"If-Match": "a"}, 412, 412),
        # 13.1.2
        ({"If-None-Match": '"a"'}, 304, 412),
        ({"If-None-Match": 'W/"a"'}, 304, 412),
        ({"If-None-Match": '"b" , W/"a",,'}, 304, 412),
        ({"If-None-Match": '"b"'}, 200, 200),
        ({"If-None-Match": '"A"'}, 200, 200),
        ({"If-None-Match": '"a,b"'}, 200, 200),
        ({"If-None-Match": '"x, "a"'}, 200, 200),
        ({"If-None-Match": '"b" "a"'}, 200, 200),
        ({"If-None-Match": " * "}, 304, 412),
        ({"if-none-match": '"a"'}, 304, 412),
        # 13.1.3
        ({"If-Modified-Since": NOW}, 304, 200),
        ({"If-Modified-Since": LATER}, 304, 200),
        ({"If-Modified-Since": EARLIER}, 200, 200),
        ({"If-Modified-Since": "Sunday, 06-Nov-94 08:49:37 GMT"}, 304, 200),
        ({"If-Modified-Since": "Sun Nov  6 08:49:37 1994"}, 304, 200),
        ({"If-Modified-Since": "1994-11-06T08:49:37Z"}, 200, 200),
        ({"If-Modified-Since": "nonsense"}, 200, 200),
        ({"If-Modified-Since": "Sun, 99 Nov 1994 08:49:37 GMT"}, 200, 200),
        # 13.1.4
        ({"If-Unmodified-Since": NOW}, 200, 200),
        ({"If-Unmodified-Since": EARLIER}, 412, 412),
        ({"If-Unmodified-Since": "nonsense"}, 200, 200),
        # 13.2.2: If-Match before If-Unmodified-Since, If-None-Match before If-Modified-Since
        ({"If-Match": '"a"', "If-Unmodified-Since": EARLIER}, 200, 200),
        ({"If-Match": '"b"', "If-Unmodified-Since": NOW}, 412, 412),
        ({"If-None-Match": '"b"', "If-Modified-Since": NOW}, 200, 200),
        ({"If-None-Match": '"a"', "If-Modified-Since": EARLIER}, 304, 412),
        ({"If-Match": '"a"', "If-None-Match": '"a"'}, 304, 412),
        ({"If-Match": '"b"', "If-None-Match": '"a"'}, 412, 412),
        ({"If-Unmodified-Since": EARLIER, "If-None-Match": '"a"'}, 412, 412),
        # 13.1.5: only for ranges
        ({"If-Range": '"a"'}, 200, 200),
    ],
)
def test_conditions_of_rfc_9110(headers, get, put):
    assert outcome(headers) == outcome(headers, "HEAD") == get
    assert outcome(headers, "PUT") == outcome(headers, "DELETE") == put


@pytest.mark.parametrize(
    ("etag", "modified", "headers", "status"),
    [
        ('W/"a"', AT, {"If-None-Match": '"a"'}, 304),
        ('W/"a"', AT, {"If-Match": 'W/"a"'}, 412),
        (None, AT, {"If-None-Match": '"a"', "If-Modified-Since": NOW}, 200),
        (None, AT, {"If-None-Match": "*"}, 304),
        (None, AT, {"If-Match": '"a"'}, 412),
        (None, AT, {"If-Match": "*"}, 200),
        ('"a"', None, {"If-Modified-Since": NOW}, 200),
        ('"a"', None, {"If-Unmodified-Since": EARLIER}, 200),
        ('""', None, {"If-None-Match": '""'}, 304),
        ('"\xe9"', None, {"If-None-Match": '"\xe9"'}, 304),
    ],
)
def test_what_is_not_known_decides_nothing(etag, modified, headers, status):
    assert outcome(headers, etag=etag, modified=modified) == status


@given(st.integers(0, 4_102_444_799))
def test_dates_come_back(at):
    assert told_date(date_text(at).decode()) == any_date(str(at)) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (NOW, AT),
        ("1994-11-06T08:49:37Z", AT),
        ("1994-11-06T09:49:37+01:00", AT),
        ("1994-11-06 08:49:37", AT),
        ("1994-11-06", 784080000),
        ("784111777.9", AT),
        ("yesterday", None),
        ("", None),
        ("9" * 40, None),
    ],
)
def test_dates_of_a_config(text, at):
    assert any_date(text) == at


def test_most_requests_have_no_condition():
    assert not is_conditional(Request("GET", b"/", [(b"Host", b"x")]))
    assert is_conditional(Request("GET", b"/", [(b"IF-Match", b"x")]))
