"""Times by patterns, and read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from understudy.render.handlebars.dates import pattern_text, read_time

TIME = datetime(2021, 3, 4, 15, 6, 7, 89_000, timezone(timedelta(hours=-3, minutes=-30)))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2021-03-04T15:06:07.089-03:30"),
        ("yy/M/d h:m:s a", "21/3/4 3:6:7 PM"),
        ("EEE, d MMM yyyy HH:mm:ss Z", "Thu, 4 Mar 2021 15:06:07 -0330"),
        ("EEEE MMMM do", "Thursday March 4th"),
        ("'o''clock' k K", "o'clock 15 3"),
        ("D Q X x", "63 1 -0330 -0330"),
        ("t", "1614883_007".replace("_", "")),
    ],
)
def test_patterns(pattern, text):
    if pattern == "t":
        text = str(int(TIME.timestamp()))
    assert pattern_text(TIME, pattern) == text


def test_utc_has_a_letter():
    assert pattern_text(datetime(2021, 1, 1, tzinfo=UTC), "XXX xxx X z") == "Z +00:00 Z UTC"


def test_unknown_letters_are_refused():
    with pytest.raises(ValueError, match="'JJ' is not understood"):
        pattern_text(TIME, "JJ")


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("2021-03-04", None, datetime(2021, 3, 4, tzinfo=UTC)),
        ("2021-03-04T05:06:07.5Z", None, datetime(2021, 3, 4, 5, 6, 7, 500_000, UTC)),
        ("2021-03-04T05:06+02:00", None, datetime(2021, 3, 4, 3, 6, tzinfo=UTC)),
        ("04/03/2021", "dd/MM/yyyy", datetime(2021, 3, 4, tzinfo=UTC)),
        ("3:06 pm", "h:mm a", datetime(1970, 1, 1, 15, 6, tzinfo=UTC)),
        ("1614883000", "unix", datetime.fromtimestamp(1_614_883_000, UTC)),
        ("1614883000000", "epoch", datetime.fromtimestamp(1_614_883_000, UTC)),
    ],
)
def test_reading(text, pattern, expected):
    assert read_time(text, pattern) == expected


@pytest.mark.parametrize(
    ("text", "pattern"), [("soon", None), ("2021-13-01", None), ("x", "yyyy"), ("x", "MMM"), ("1", "yy yy")]
)
def test_what_is_no_time(text, pattern):
    with pytest.raises(ValueError):
        read_time(text, pattern)
