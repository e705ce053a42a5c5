import msgspec
import pytest

from understudy.faults.stages import Stages
from understudy.model.chaos import Stage

WRITTEN = [
    {"for_s": 10},
    {"for_s": 5, "profile": "slow", "name": "night"},
    {"for_s": 5, "profile": ["slow", "down", "slow"]},
]
START_S = 1_000_000.25


def stages(loop):
    return Stages(msgspec.convert(WRITTEN, list[Stage]), loop)


@pytest.mark.parametrize(
    ("elapsed_s", "number", "label", "profiles", "since_s"),
    [
        (0, 1, "1", (), 0),
        (9.999, 1, "1", (), 0),
        (10, 2, "night", ("slow",), 10),
        (14, 2, "night", ("slow",), 10),
        (15, 3, "3", ("slow", "down"), 15),
        (19.5, 3, "3", ("slow", "down"), 15),
    ],
)
@pytest.mark.parametrize("round_", [0, 1, 1000])
def test_the_stage_at_a_time(elapsed_s, number, label, profiles, since_s, round_):
    begun_s = START_S + round_ * 20
    current = stages(loop=True).at(begun_s + elapsed_s, START_S)
    assert current[:3] == (number, label, profiles)
    assert current.since_s == begun_s + since_s
    assert current.since_s <= begun_s + elapsed_s < current.ends_at_s


def test_after_the_last_there_is_none_unless_they_begin_again():
    assert stages(loop=False).at(START_S + 20, START_S) is None
    assert stages(loop=False).at(START_S + 19.99, START_S).number == 3
    assert stages(loop=True).at(START_S + 20, START_S).number == 1
    assert stages(loop=False).over_at_s(START_S) == START_S + 20
    assert stages(loop=True).over_at_s(START_S) is None


def test_a_clock_that_was_set_back_is_in_the_first():
    assert stages(loop=False).at(START_S - 60, START_S).number == 1
