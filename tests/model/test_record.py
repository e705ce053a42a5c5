from typing import get_args

import msgspec
import pytest

from understudy.model import Record, mode_of
from understudy.model.convert import convert
from understudy.model.record import MODE_ALIASES, MODES, Mode, ModeWritten


def test_modes_are_written_once():
    assert get_args(Mode) == MODES
    assert get_args(ModeWritten) == (*MODES, *MODE_ALIASES)


def test_names_of_other_tools():
    assert [mode_of(name) for name in ("none", "new_episodes", "simulate", "proxyAlways")] == [
        "replay",
        "once",
        "replay",
        "record",
    ]
    assert [mode_of(mode) for mode in MODES] == list(MODES)
    with pytest.raises(KeyError):
        mode_of("nosuch")


@pytest.mark.parametrize(
    ("written", "folder"),
    [(True, "recordings"), ("kept", "kept"), ({"folder": "x"}, "x"), ({}, "recordings")],
)
def test_short_and_long_forms(written, folder):
    made = Record.of(convert(written, bool | str | Record))
    assert (made.folder, made.then, made.latency, made.redact) == (folder, "repeat", "none", True)


def test_the_usual_mode():
    assert Record().mode_with(has_proxy=True) == "once"
    assert Record().mode_with(has_proxy=False) == "replay"
    assert Record(mode="all").mode_with(has_proxy=False) == "record"


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "recrod"},
        {"folder": ""},
        {"speed": 0},
        {"speed": -1},
        {"latency": "slow"},
        {"then": "stop"},
        {"shift_dates": "some"},
        {"max_body_bytes": -1},
        {"match": {"bodies": True}},
        {"redact": {"header": []}},
    ],
)
def test_mistakes(wrong):
    with pytest.raises(msgspec.ValidationError):
        convert(wrong, Record)
