"""Dates that move with the time."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.record.shift import (
    is_date_name,
    shift_body,
    shift_day,
    shift_headers,
    shift_http_date,
    shift_iso,
    shift_of,
    shift_unix,
)

DAY = 86_400


@pytest.mark.parametrize(
    ("text", "by_s", "wanted"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 60, "Sun, 06 Nov 1994 08:50:37 GMT"),
        ("Sun, 06 Nov 1994 08:49:37 GMT", DAY, "Mon, 07 Nov 1994 08:49:37 GMT"),
        ("Sunday, 06-Nov-94 08:49:37 GMT", DAY, "Monday, 07-Nov-94 08:49:37 GMT"),
        ("Sun, 06-Nov-1994 08:49:37 GMT", DAY, "Mon, 07-Nov-1994 08:49:37 GMT"),
        ("Sun Nov  6 08:49:37 1994", 4 * DAY, "Thu Nov 10 08:49:37 1994"),
        ("Sun, 06 Nov 1994 08:49:37 +0200", DAY, "Mon, 07 Nov 1994 08:49:37 +0200"),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 1, "Sat, 01 Jan 2000 00:00:00 GMT"),
        ("Friday, 31-Dec-99 23:59:59 GMT", 1, "Saturday, 01-Jan-00 00:00:00 GMT"),
        ("Mon, 06 Nov 1994 08:49:37 GMT", DAY, None),  # it was a Sunday
        ("Sun, 31 Feb 1994 08:49:37 GMT", DAY, None),
        ("Sun, 06 Nov 1994 08:49:60 GMT", DAY, None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 1, None),
        ("0", DAY, None),
        ("120", DAY, None),
    ],
)
def test_dates_of_headers(text, by_s, wanted):
    assert shift_http_date(text, by_s) == (text if wanted is None else wanted)


@pytest.mark.parametrize(
    ("text", "by_s", "wanted"),
    [
        ("2024-02-28T23:59:59Z", 1, "2024-02-29T00:00:00Z"),
        ("2024-02-28T23:59:59.123456789Z", 1, "2024-02-29T00:00:00.123456789Z"),
        ("2024-02-28t23:59:59.5+02:00", 1, "2024-02-29t00:00:00.5+02:00"),
        ("2024-02-28 23:59:59 +0200", 1, "2024-02-29 00:00:00 +0200"),
        ("2024-02-28T23:59", 100, "2024-02-29T00:01"),
        ("2024-02-28T23:59:60Z", 1, None),
        ("2024-02-30T00:00:00Z", 1, None),
        ("9999-12-31T23:59:59Z", 1, None),
        ("2024-02-28", DAY, None),
    ],
)
def test_dates_of_bodies(text, by_s, wanted):
    assert shift_iso(text, by_s) == (text if wanted is None else wanted)


def test_days_move_by_whole_days():
    assert shift_day("2024-02-28", DAY) == "2024-02-29"
    assert shift_day("2024-02-28", DAY // 3) == "2024-02-28"
    assert shift_day("2024-02-30", DAY) == "2024-02-30"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1700000000", "1700000060"),
        ("1700000000.25", "1700000060.25"),
        ("1700000000123", "1700000060123"),
        ("17000000", None),
        ("9999999999", None),
        ("3999999999", "4000000059"),
        ("1700000000123.5", None),
        ("٣700000000", None),
    ],
)
def test_seconds_since_1970(text, wanted):
    assert shift_unix(text, 60) == (text if wanted is None else wanted)


def test_headers_with_dates():
    headers = (
        (b"date", b"Sun, 06 Nov 1994 08:49:37 GMT"),
        (b"X-Date", b"Sun, 06 Nov 1994 08:49:37 GMT"),
        (b"Retry-After", b"120"),
        (b"Retry-After", b"Sun, 06 Nov 1994 08:49:37 GMT"),
        (b"Deprecation", b"@1700000000"),
        (b"Deprecation", b"true"),
        (b"Warning", b'110 - "stale" "Sun, 06 Nov 1994 08:49:37 GMT"'),
        (b"Set-Cookie", b"a=Sun, 06 Nov 1994 08:49:37 GMT; EXPIRES=Sun, 06-Nov-1994 08:49:37 GMT; Secure"),
        (b"X-RateLimit-Reset", b"1700000000"),
        (b"Expires", b"-1"),
        (b"Last-Modified", b"\xff"),
    )
    assert shift_headers(headers, DAY) == (
        (b"date", b"Mon, 07 Nov 1994 08:49:37 GMT"),
        (b"X-Date", b"Sun, 06 Nov 1994 08:49:37 GMT"),
        (b"Retry-After", b"120"),
        (b"Retry-After", b"Mon, 07 Nov 1994 08:49:37 GMT"),
        (b"Deprecation", b"@1700086400"),
        (b"Deprecation", b"true"),
        (b"Warning", b'110 - "stale" "Mon, 07 Nov 1994 08:49:37 GMT"'),
        (b"Set-Cookie", b"a=Sun, 06 Nov 1994 08:49:37 GMT; EXPIRES=Mon, 07-Nov-1994 08:49:37 GMT; Secure"),
        (b"X-RateLimit-Reset", b"1700086400"),
        (b"Expires", b"-1"),
        (b"Last-Modified", b"\xff"),
    )


@pytest.mark.parametrize(
    "name",
    [
        "exp",
        "iat",
        "nbf",
        "expires_at",
        "expiresAt",
        "createdAt",
        "created-at",
        "validUntil",
        "last_login_time",
        "updated_on",
    ],
)
def test_names_of_dates(name):
    assert is_date_name(name)


@pytest.mark.parametrize(
    "name", ["expires_in", "id", "count", "birth_date", "birthDate", "dob", "format", "cat", "what", "price"]
)
def test_names_of_other_things(name):
    assert not is_date_name(name)


def test_dates_in_json_move_where_they_stand():
    body = (
        b'{ "at" : "2024-02-28T23:59:59Z", "exp":1700000000, "id": 1700000000,\n'
        b' "n": 1.50, "created_on": "2024-02-28", "day": "2024-02-28", "birth_date": "2024-02-28",'
        b' "\\"exp": 1700000000, "list": ["2024-02-28T23:59:59Z", 1700000000, "1700000000"],'
        b' "text": "on 2024-02-28T23:59:59Z", "expires_at": "1700000000", "exp": 1700000000e3,'
        b' "rfc": "Sun, 06 Nov 1994 08:49:37 GMT", "2024-02-28T23:59:59Z": null}'
    )
    wanted = (
        b'{ "at" : "2024-02-29T23:59:59Z", "exp":1700086400, "id": 1700000000,\n'
        b' "n": 1.50, "created_on": "2024-02-29", "day": "2024-02-28", "birth_date": "2024-02-28",'
        b' "\\"exp": 1700000000, "list": ["2024-02-29T23:59:59Z", 1700000000, "1700000000"],'
        b' "text": "on 2024-02-28T23:59:59Z", "expires_at": "1700086400", "exp": 1700000000e3,'
        b' "rfc": "Mon, 07 Nov 1994 08:49:37 GMT", "2024-02-28T23:59:59Z": null}'
    )
    assert shift_body(body, "application/hal+json", DAY) == wanted


def test_dates_in_text():
    body = "data: é 2024-02-28T23:59:59Z, 12024-02-28T23:59:59Z <t>2024-02-28T23:59:59.5+01:00</t>.".encode()
    wanted = "data: é 2024-02-29T23:59:59Z, 12024-02-28T23:59:59Z <t>2024-02-29T23:59:59.5+01:00</t>."
    for kind in ("text/event-stream", "application/soap+xml", "application/x-ndjson"):
        assert shift_body(body, kind, DAY) == wanted.encode()
    assert shift_body(body, "application/octet-stream", DAY) == body
    assert shift_body(b"\xff 2024-02-28T23:59:59Z", "text/plain", DAY) == b"\xff 2024-02-28T23:59:59Z"
    assert shift_body(b'{"exp": 1700000000', "application/json", DAY) == b'{"exp": 1700000000'


def test_by_how_much():
    assert shift_of(1000.9, 400.1) == 600
    assert shift_of(1000.0, 0.0) == 0


moments = st.datetimes(datetime(1971, 1, 1), datetime(2068, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
shifts = st.integers(-300 * DAY, 300 * DAY)
FORMATS = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a, %d-%b-%Y %H:%M:%S GMT", "%c"]


@given(at=moments, a=shifts, b=shifts, written=st.sampled_from(FORMATS))
def test_shifts_of_header_dates_add_up(at, a, b, written):
    text = at.strftime(written)
    assert shift_http_date(text, 0) == text
    assert shift_http_date(shift_http_date(text, a), b) == shift_http_date(text, a + b)


@given(
    at=moments,
    a=shifts,
    b=shifts,
    written=st.sampled_from(["%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S+05:30"]),
)
def test_shifts_of_bodies_add_up(at, a, b, written):
    text = json.dumps({"a": [at.strftime(written)], "exp": 1_700_000_000, "x": 1}).encode()
    assert shift_body(text, "application/json", 0) == text
    once = shift_body(text, "application/json", a)
    assert shift_body(once, "application/json", b) == shift_body(text, "application/json", a + b)


@given(
    value=st.recursive(
        st.text(max_size=5) | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(['a"', "exp", "at\\"]), inner),
    ),
    indent=st.sampled_from([None, 1]),
)
def test_json_stays_json_of_the_same_shape(value, indent):
    def shape(value):
        if isinstance(value, dict):
            return {key: shape(item) for key, item in value.items()}
        return [shape(item) for item in value] if isinstance(value, list) else type(value)

    moved = shift_body(json.dumps(value, indent=indent).encode(), "application/json", DAY)
    assert shape(json.loads(moved)) == shape(value)


@given(text=st.text(max_size=60), kind=st.sampled_from(["application/json", "text/plain"]))
def test_any_text_is_taken(text, kind):
    shift_body(text.encode("utf-8", "surrogatepass"), kind, DAY)
    shift_http_date(text, DAY)
    shift_headers(((b"Set-Cookie", text.encode("latin-1", "replace")),), DAY)
