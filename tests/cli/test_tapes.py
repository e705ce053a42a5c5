"""Recordings in a few words."""

import pytest

from tests.record.kit import exchange
from understudy.cli.tapes import age_text, of_exchanges


def test_no_recordings():
    assert of_exchanges([], "recordings", 0) == "no recorded exchanges in recordings yet"


def test_one_server():
    found = of_exchanges([exchange(recorded_at=1000.0)], "tapes/a", 1000 + 3 * 86_400)
    assert found == "1 recorded exchange of api.example.com in tapes/a, 3 days old"


def test_several_servers_and_ages():
    all_ = [
        exchange(origin=f"https://{name}.example", recorded_at=1000.0 + number * 3600)
        for number, name in enumerate("abcde")
    ]
    assert of_exchanges(all_, "r", 1000.0 + 5 * 3600) == (
        "5 recorded exchanges of a.example, b.example, c.example and 2 more servers in r,"
        " 1 hour to 5 hours old"
    )


def test_what_is_shown_is_safe_for_a_terminal():
    assert "\x1b" not in of_exchanges([exchange(origin="http://a\x1b[2J")], "\x1b", 0)


def test_no_time_was_recorded():
    assert of_exchanges([exchange()], "r", 9e9).endswith(" in r")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 minute"),
        (7200, "2 hours"),
        (9e9, "104166 days"),
    ],
)
def test_ages(seconds, text):
    assert age_text(seconds) == text
