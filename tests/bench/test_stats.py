import pytest

from bench import stats


def test_the_middle_passes_over_rounds_that_failed():
    assert stats.middle([3.0, None, 1.0, 2.0]) == 2.0
    assert stats.middle([None, None]) is None
    assert stats.middle([]) is None


def test_a_ratio_compares_within_each_round():
    # the second round was slow for both
    assert stats.round_ratio([50, 10, 60], [100, 20, 120]) == 0.5


def test_a_ratio_leaves_out_rounds_that_one_side_missed():
    assert stats.round_ratio([None, 30, 20], [10, None, 10]) == 2.0
    assert stats.round_ratio([None], [10]) is None
    assert stats.round_ratio([10], [0]) is None


@pytest.mark.parametrize(
    ("percent", "expected"), [(50, 50), (99, 99), (100, 100), (1, 1), (0, 1), (0.5, 1), (99.5, 100)]
)
def test_percentiles_are_nearest_ranks(percent: float, expected: float):
    assert stats.percentile(list(range(100, 0, -1)), percent) == expected


def test_a_percentile_of_one_value_is_that_value():
    assert stats.percentile([7.0], 99) == 7.0
