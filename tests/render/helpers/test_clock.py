from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.render import RenderError
from understudy.render.helpers.clock import formatted, iso_utc, moved, parse_offset, parse_zone

DAY = 86400


@pytest.mark.parametrize(
    ("text", "months", "seconds"),
    [
        ("+3 days", 0, 3 * DAY),
        ("-2h", 0, -7200),
        ("1 month", 1, 0),
        ("-1 year 2 months", -14, 0),
        ("1d 2h -30m", 0, DAY + 7200 - 1800),
        ("1.5 hours", 0, 5400),
        ("250ms", 0, 0.25),
        ("10 S", 0, 10),
        ("2 weeks", 0, 14 * DAY),
        ("-1 day 2 hours", 0, -DAY - 7200),
        ("", 0, 0),
    ],
)
def test_offsets(text, months, seconds):
    assert parse_offset(text) == (months, seconds)


@pytest.mark.parametrize("text", ["3", "days", "+3 dayz", "3 days ago", "1.5 months", "--1d", "soon"])
def test_what_is_no_offset(text):
    with pytest.raises(ValueError, match=r"offset|part of a month"):
        parse_offset(text)


def test_zones():
    assert parse_zone("utc") is UTC
    assert parse_zone("Europe/Berlin").key == "Europe/Berlin"
    for name in ("Mars/Base", "../etc/passwd", ""):
        with pytest.raises(ValueError, match="no time zone"):
            parse_zone(name)


@pytest.mark.parametrize(
    ("start", "offset", "end"),
    [
        ("2026-01-31", "1 month", "2026-02-28"),
        ("2024-02-29", "1 year", "2025-02-28"),
        ("2026-01-15", "-1 month", "2025-12-15"),
        ("2026-12-31", "2 months", "2027-02-28"),
        ("2026-03-31", "-3 months", "2025-12-31"),
        ("2026-03-01", "-1 day", "2026-02-28"),
    ],
)
def test_months_end_on_a_real_day(start, offset, end):
    seconds = datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp()
    assert moved(seconds, offset, None).date().isoformat() == end


@pytest.mark.parametrize("offset", ["9999 years", "-3000 years", 1e18])
def test_the_calendar_ends(offset):
    with pytest.raises(ValueError, match="out of the calendar"):
        moved(0.0, offset, None)


@given(st.floats(min_value=-60_000_000_000, max_value=250_000_000_000))
def test_the_fast_iso_form_is_the_plain_one(seconds):
    assert iso_utc(seconds) == formatted(moved(seconds, None, None), "iso")


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        ("{{ now }}", "2025-11-23T08:36:55.698988+00:00"),
        ("{{timestamp}}", "2025-11-23T08:36:55.698988+00:00"),
        ("{{ date }}", "2025-11-23"),
        ("{{ now('+3 days') }}", "2025-11-26T08:36:55.698988+00:00"),
        ("{{ now(60) }}", "2025-11-23T08:37:55.698988+00:00"),
        ("{{ now(tz='Europe/Berlin') }}", "2025-11-23T09:36:55.698988+01:00"),
        ("{{ now(format='unix') }}", 1763887015),
        ("{{ now(format='unix_ms') }}", 1763887015698),
        ("{{ now(format='http') }}", "Sun, 23 Nov 2025 08:36:55 GMT"),
        ("{{ now(format='rfc1123', tz='Asia/Tokyo') }}", "Sun, 23 Nov 2025 08:36:55 GMT"),
        ("{{ now(format='time') }}", "08:36:55"),
        ("{{ now(format='date') }}", "2025-11-23"),
        ("{{ now(format='%d/%m/%y %H:%M') }}", "23/11/25 08:36"),
        ("{{ date('-1 week') }}", "2025-11-16"),
        ("{{ date('1 month', format='%B') }}", "December"),
        ("{{ timestamp('1 day', 'unix') }}", 1763973415),
    ],
)
def test_in_templates(stage, leaf, expected):
    assert stage.json([leaf]) == [expected]


def test_an_offset_from_the_request_is_checked_then(stage, request_to):
    with pytest.raises(RenderError, match=r"now\(query\.o\): 'x' is not an offset"):
        stage.raw("{{ now(query.o) }}", request_to("/?o=x"))
