import pytest

from understudy.faults.chance import Chance
from understudy.faults.schedule import Instant
from understudy.faults.strike import Lots
from understudy.model.faults import Reset
from understudy.model.schedule import Burst, When, Window
from understudy.render.draws import Draws


def chance(**occasion):
    return Chance(Reset(**occasion))


def judged(one, n=0, number=0, elapsed_s=0.0, is_bad=False):
    return one.judge(Lots(Draws(1, "GET /", n), "f"), Instant(number, elapsed_s, 1000.0 + elapsed_s, is_bad))


def test_what_is_certain_draws_no_lot():
    assert judged(chance()) == (True, 1.0, None, None)
    assert judged(chance(probability=0.0)) == (False, 0.0, None, None)


def test_a_probability_is_a_share_and_the_lot_is_told():
    asked = [judged(chance(probability=0.3), n) for n in range(2000)]
    assert 0.27 < sum(one.strikes for one in asked) / 2000 < 0.33
    assert all(one.strikes is (one.drawn < 0.3) for one in asked)


def test_a_schedule_multiplies_and_the_number_is_told():
    one = chance(probability=0.5, when=When(first=2))
    assert one.counts
    assert judged(one, number=2)[1:] == (0.5, judged(one, number=2).drawn, 2)
    assert judged(one, number=3) == (False, 0.0, None, 3)


def test_after_its_time_it_is_over():
    one = chance(ttl="2s")
    assert [judged(one, elapsed_s=s).strikes for s in (0, 1.9, 2, 3)] == [True, True, False, False]
    assert [one.is_over(s) for s in (1.9, 2)] == [False, True]


def test_bursts_are_drawn_by_number():
    one = chance(when=When(burst=Burst(good=2, bad=2)))
    assert one.has_bursts
    states = [one.is_bad(n, True, 1, "k") for n in range(200)]
    assert states == [one.is_bad(n, True, 1, "k") for n in range(200)]
    assert 60 < sum(states) < 140
    assert not chance().is_bad(0, True, 1, "k")


@pytest.mark.parametrize(
    ("occasion", "elapsed_s", "change_s"),
    [
        ({}, 0, None),
        ({"ttl": 5}, 2, 3),
        ({"ttl": 5}, 6, None),
        ({"when": When(window=Window(after_s=10, for_s=1))}, 4, 6),
        ({"when": When(window=Window(after_s=10, for_s=1)), "ttl": 8}, 4, 4),
    ],
)
def test_when_it_may_change(occasion, elapsed_s, change_s):
    assert chance(**occasion).next_change_s(elapsed_s, 1000.0 + elapsed_s) == change_s
