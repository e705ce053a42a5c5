from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert

from understudy.faults.schedule import Instant, compile_schedule, next_change_s, next_is_bad
from understudy.model.schedule import Burst, Cron, When
from understudy.render.draws import Draws


def factor(written, *, number=1, elapsed_s=0.0, now_s=0.0, is_bad=False):
    return compile_schedule(convert(written, When))(Instant(number, elapsed_s, now_s, is_bad))


def hit(written, count=12):
    return [number for number in range(1, count + 1) if factor(written, number=number)]


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ({"first": 3}, [1, 2, 3]),
        ({"every": 4}, [4, 8, 12]),
        ({"every": 1, "first": 2}, [1, 2]),
        ({"from_n": 11}, [11, 12]),
        ({"to_n": 2}, [1, 2]),
        ({"from_n": 4, "to_n": 6}, [4, 5, 6]),
        ({"from_n": 4, "every": 3}, [6, 9, 12]),
    ],
)
def test_by_number(written, numbers):
    assert hit(written) == numbers


@pytest.mark.parametrize(
    ("window", "times"),
    [
        ({"after_s": 3}, [3, 4, 5, 6, 7, 8, 9]),
        ({"after_s": 3, "for_s": 2}, [3, 4]),
        ({"for_s": 1, "every_s": 4}, [0, 4, 8]),
        ({"after_s": 1, "for_s": 2, "every_s": 4}, [1, 2, 5, 6, 9]),
        ([{"for_s": 1}, {"after_s": 8}], [0, 8, 9]),
    ],
)
def test_windows(window, times):
    assert [second for second in range(10) if factor({"window": window}, elapsed_s=second)] == times


@pytest.mark.parametrize(
    ("elapsed_s", "share"),
    [(0, 0.2), (10, 0.2), (15, 0.4), (20, 0.6), (30, 0.6), (1e9, 0.6)],
)
def test_a_ramp_goes_from_one_probability_to_another(elapsed_s, share):
    written = {"ramp": {"start": 0.2, "end": 0.6, "after_s": 10, "over_s": 10}}
    assert factor(written, elapsed_s=elapsed_s) == pytest.approx(share)


@pytest.mark.parametrize(("elapsed_s", "share"), [(5, 0.5), (10, 1.0), (15, 0.75), (30, 0.0), (99, 0.0)])
def test_a_brown_out_passes(elapsed_s, share):
    assert factor({"ramp": {"over_s": 10, "back_s": 20}}, elapsed_s=elapsed_s) == pytest.approx(share)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("cron", "for_s", "now", "is_on"),
    [
        ("*/10 * * * *", 30, "2026-03-01T12:10:00", True),
        ("*/10 * * * *", 30, "2026-03-01T12:10:29.9", True),
        ("*/10 * * * *", 30, "2026-03-01T12:10:30", False),
        ("*/10 * * * *", 30, "2026-03-01T12:09:59", False),
        ("0 3 * * *", 7200, "2026-03-01T04:59:00", True),
        ("0 3 * * *", 7200, "2026-03-01T05:00:00", False),
        ("50 23 * * *", 1200, "2026-03-01T00:05:00", True),  # over midnight
        ("0 0 * * 1-5", 86_400, "2026-03-02T12:00:00", True),  # a Monday
        ("0 0 * * 1-5", 86_400, "2026-03-01T12:00:00", False),  # a Sunday
        ("0 0 * * 7", 60, "2026-03-01T00:00:59", True),
        ("0 0 1 * 1", 60, "2026-03-01T00:00:00", True),  # either day is enough
        ("0 0 15 * 0", 60, "2026-03-01T00:00:00", True),
        ("0 0 */2 * 1", 60, "2026-03-01T00:00:00", False),  # * with a step restricts nothing: a Sunday
        ("0 0 */2 * 0", 60, "2026-03-01T00:00:00", True),
        ("0 0 15 3 *", 60, "2026-03-01T00:00:00", False),
    ],
)
def test_times_of_the_day(cron, for_s, now, is_on):
    assert factor({"cron": {"at": cron, "for_s": for_s}}, now_s=at(now)) == float(is_on)


def test_one_of_several_times_is_enough():
    crons = [{"at": "0 1 * * *", "for_s": 60}, {"at": "0 2 * * *", "for_s": 60}]
    schedule = compile_schedule(convert({"cron": crons}, When))
    on = [hour for hour in range(4) if schedule(Instant(0, 0, at(f"2026-03-01T0{hour}:00:30")))]
    assert on == [1, 2]


def test_rates_within_bursts():
    written = {"burst": {"good": 10, "bad": 2, "good_rate": 0.1, "bad_rate": 0.9}}
    assert factor(written) == 0.1
    assert factor(written, is_bad=True) == 0.9


def test_all_that_is_written_must_hold():
    written = {"first": 5, "window": {"after_s": 10}, "ramp": {"end": 0.5, "over_s": 10}}
    assert factor(written, number=5, elapsed_s=10) == pytest.approx(0.5)
    assert factor(written, number=6, elapsed_s=10) == 0
    assert factor(written, number=5, elapsed_s=9) == 0


def test_nothing_written_is_always():
    assert factor({}) == 1


@pytest.mark.parametrize(("good", "bad"), [(50, 5), (8, 2), (1, 1), (100, 20), (3, 30)])
def test_bursts_are_as_long_as_the_model_says(good, bad):
    """Over 100,000 requests: the share of bad ones and the mean lengths, within 1 % of theory.

    The number of runs bounds the precision: three standard errors are allowed beside the 1 %.
    """
    burst = Burst(good=good, bad=bad)
    count, is_bad, runs, total_bad = 100_000, False, 0, 0
    for number in range(count):
        was, is_bad = is_bad, next_is_bad(burst, is_bad, Draws(4, "e", number).unit("burst"))
        runs += is_bad and not was
        total_bad += is_bad
    share = bad / (good + bad)
    # variance of the share of a two-state chain with correlation r from one request to the next
    r = 1 - 1 / good - 1 / bad
    error = (share * (1 - share) / count * (1 + r) / (1 - r)) ** 0.5 if r < 1 else 0
    assert abs(total_bad / count - share) < max(0.01 * share, 3 * error)
    assert total_bad / runs == pytest.approx(bad, rel=0.01 + 3 / runs**0.5)
    assert (count - total_bad) / runs == pytest.approx(good, rel=0.01 + 3 / runs**0.5)


@given(st.floats(0, 0.999999))
def test_a_time_of_length_one_always_ends(drawn):
    assert next_is_bad(Burst(good=1, bad=1), False, drawn)
    assert not next_is_bad(Burst(good=1, bad=1), True, drawn)


@pytest.mark.parametrize(
    ("written", "elapsed_s", "change_s"),
    [
        ({}, 5, None),
        ({"first": 3}, 5, None),
        ({"window": {"after_s": 10}}, 4, 6),
        ({"window": {"after_s": 10}}, 14, None),
        ({"window": {"after_s": 10, "for_s": 5}}, 4, 6),
        ({"window": {"after_s": 10, "for_s": 5}}, 10, 5),
        ({"window": {"after_s": 10, "for_s": 5}}, 15, None),
        ({"window": {"after_s": 10, "for_s": 5, "every_s": 20}}, 16, 14),
        ({"window": {"after_s": 10, "for_s": 5, "every_s": 20}}, 31, 4),
        ({"window": [{"after_s": 10, "for_s": 5}, {"after_s": 6, "for_s": 1}]}, 4, 2),
    ],
)
def test_when_a_window_begins_or_ends(written, elapsed_s, change_s):
    assert next_change_s(convert(written, When), elapsed_s, 1_000_000.0) == change_s


@pytest.mark.parametrize("seconds", [0, 10, 29.5, 30, 59])
def test_no_change_of_a_time_of_the_day_is_missed(seconds):
    """Whatever it is then, it is the same until just before the change that is told."""
    when = When(cron=[Cron(at="*/3 * * * *", for_s=90), Cron(at="1-59/2 * * * *", for_s=30)])
    share = compile_schedule(when)
    for minute in range(20):
        now = 1_000_020.0 + 60 * minute + seconds
        change = next_change_s(when, 0.0, now)
        assert 0 < change <= 60
        before = [share(Instant(0, 0.0, now + change * part)) for part in (0, 0.3, 0.7, 0.999)]
        assert len(set(before)) == 1
