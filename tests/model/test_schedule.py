import pytest
from msgspec import ValidationError, convert

from understudy.model.schedule import When, check_cron


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"from_n": 5, "to_n": 3}, "from_n: 3, to_n: 5"),
        ({"per": "nobody"}, "not one of client"),
        ({"cron": {"at": "* * *", "for_s": 1}}, "five"),
        ({"cron": {"at": "0 0 * * 1", "for_s": 172_800}}, "<= 86400"),
        ({"cron": {"at": "61 * * * *", "for_s": 1}}, "not a minute from 0 to 59"),
        ({"cron": {"at": "a * * * *", "for_s": 1}}, "cannot be read as a minute"),
        ({"cron": {"at": "*/0 * * * *", "for_s": 1}}, "not a minute"),
        ({"window": {"every_s": 5}}, "shorter than its `every_s`"),
        ({"window": {"every_s": 5, "for_s": 5}}, "shorter than its `every_s`"),
        ({"burst": {"good": 0.5, "bad": 1}}, ">= 1"),
    ],
)
def test_what_makes_no_sense_is_refused(written, why):
    with pytest.raises(ValidationError, match=why.replace("(", r"\(").replace("*", r"\*")):
        convert(written, When)


@pytest.mark.parametrize(
    ("text", "place", "values"),
    [
        ("*/15 * * * *", 0, {0, 15, 30, 45}),
        ("1-3,10 * * * *", 0, {1, 2, 3, 10}),
        ("5/20 * * * *", 0, {5, 25, 45}),
        ("0 9-17/4 * * *", 1, {9, 13, 17}),
        ("0 0 1 1 7", 4, {0}),
        ("0 0 1 1 1-5", 4, {1, 2, 3, 4, 5}),
    ],
)
def test_cron_fields(text, place, values):
    assert check_cron(text)[place] == values


def test_counting_is_what_counts():
    assert not convert({"window": {"for_s": 3}}, When).counts
    assert not convert({"per": "client"}, When).counts
    for written in ({"first": 1}, {"every": 2}, {"to_n": 3}, {"burst": {"good": 2, "bad": 2}}):
        assert convert(written, When).counts
