from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from understudy.report.hints import read_hint

NOW = 1_700_000_000.25


def hint(status=429, **headers):
    pairs = [(name.replace("_", "-").encode(), str(value).encode()) for name, value in headers.items()]
    return read_hint(status, pairs, NOW)


@pytest.mark.parametrize(("value", "wait_s"), [("0", 0), ("120", 120), (" 3 ", 3), ("9" * 30, 366 * 86_400)])
def test_retry_after_in_seconds(value, wait_s):
    assert hint(503, Retry_After=value) == (wait_s, "Retry-After", 0.0)


def test_retry_after_as_a_date():
    date = format_datetime(datetime.fromtimestamp(1_700_000_010, UTC), usegmt=True)
    assert hint(503, Retry_After=date) == (9.75, "Retry-After", 1.0)
    past = format_datetime(datetime.fromtimestamp(1_600_000_000, UTC), usegmt=True)
    assert hint(503, retry_after=past).wait_s == 0


@pytest.mark.parametrize("value", ["soon", "-1", "1.5", "", "²", "Mon, 99 Foo 2020 00:00:00 GMT"])
def test_what_cannot_be_read_asks_for_nothing(value):
    pairs = [(b"Retry-After", value.encode())]
    assert read_hint(503, pairs, NOW) is None


@pytest.mark.parametrize(
    ("headers", "wait_s", "name"),
    [
        ({"RateLimit": '"default";r=0;t=30'}, 30, "RateLimit"),
        ({"RateLimit": '"a";r=5;t=30, "b";r=0;t=7'}, 7, "RateLimit"),
        ({"RateLimit_Reset": "12", "RateLimit_Remaining": "0"}, 12, "RateLimit-Reset"),
        ({"X_RateLimit_Reset": "1700000004"}, 3.75, "X-RateLimit-Reset"),
        ({"X_RateLimit_Reset": "1700000004000"}, 3.75, "X-RateLimit-Reset"),
        ({"X_RateLimit_Reset_After": "0.5"}, 0.5, "X-RateLimit-Reset-After"),
    ],
)
def test_limits(headers, wait_s, name):
    found = hint(429, **headers)
    assert (found.wait_s, found.header) == (wait_s, name)


def test_limits_count_only_where_they_refuse():
    assert hint(500, X_RateLimit_Reset="9") is None
    assert hint(429, X_RateLimit_Reset="9", X_RateLimit_Remaining="3") is None
    assert hint(403, X_RateLimit_Reset="9") is None
    assert hint(403, X_RateLimit_Reset="9", X_RateLimit_Remaining="0").wait_s == 9
    assert hint(429, RateLimit='"a";r=1;t=4') is None
    assert hint(429, RateLimit_Reset="later") is None


def test_retry_after_goes_first():
    assert hint(429, Retry_After="2", RateLimit_Reset="9").header == "Retry-After"
