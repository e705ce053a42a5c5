"""Recordings in a few words."""

from pathlib import Path

import pytest

from tests.record.kit import exchange
from understudy.cli.tapes import age_text, missed_text, of_exchanges
from understudy.model import Record
from understudy.record import tape as tapes
from understudy.record.tape import Tape
from understudy.request import Request


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


def test_one_server_more():
    all_ = [exchange(origin=f"https://{name}.example") for name in "abcd"]
    assert "c.example and 1 more server in r" in of_exchanges(all_, "r", 0)


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


def missing(*asked):
    tape = Tape(Record(), Path("recordings"), "replay", has_target=False)
    for method, target in asked:
        tape.misses(Request(method, target))
    return tape


def test_what_found_no_recording():
    assert missed_text([missing()]) == ""
    assert missed_text([missing(("GET", b"/a?password=hunter2"))]) == (
        "1 request found no recording, and got 404:\n  GET /a?password=REDACTED-password"
    )
    both = [missing(("GET", b"/a"), ("POST", b"/\x1b")), missing(("GET", b"/a"))]
    shown = missed_text(both).splitlines()
    assert shown[:2] == ["3 requests found no recording, and got 404:", "  GET /a  (2 times)"]
    assert "\x1b" not in shown[2]


def test_many_that_found_no_recording(monkeypatch):
    monkeypatch.setattr(tapes, "MAX_MISSED", 20)
    tape = missing(*(("GET", b"/%d" % number) for number in range(50)))
    assert len(tape.missed) == 21
    assert missed_text([tape]).splitlines()[10:] == ["  GET /9", "  and 40 more"]
