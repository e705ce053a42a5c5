"""The quantile functions against what mathematics says of them."""

from math import exp, isclose, log
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.simulate import distributions
from understudy.simulate.distributions import LEAST_SHARE, MOST_SHARE, shares_within

milliseconds = st.floats(0, 1e7)
tables = st.dictionaries(st.integers(0, 100), milliseconds, min_size=1).map(
    lambda table: dict(zip(sorted(table), sorted(table.values()), strict=True))
)
quantiles = st.one_of(
    st.tuples(milliseconds, milliseconds).map(lambda pair: distributions.uniform(*sorted(pair))),
    st.builds(distributions.normal, milliseconds, milliseconds),
    st.builds(distributions.lognormal, milliseconds, st.floats(0, 10)),
    st.builds(distributions.exponential, milliseconds),
    st.builds(distributions.percentiles, tables),
    st.builds(distributions.recorded, st.dictionaries(milliseconds, st.integers(1, 99), min_size=1)),
)
shares = st.floats(LEAST_SHARE, MOST_SHARE)


def test_known_quantiles():
    assert distributions.uniform(50, 200)(0.5) == 125
    assert distributions.normal(100, 20)(0.5) == 100
    assert isclose(distributions.normal(100, 20)(NormalDist().cdf(1)), 120)
    assert isclose(distributions.lognormal(80, 0.4)(NormalDist().cdf(2)), 80 * exp(0.8))
    assert isclose(distributions.exponential(100)(0.5), 100 * log(2))


def test_a_lognormal_by_its_99th_percentile():
    drawn = distributions.lognormal(80, distributions.sigma_of(80, 900))
    assert (drawn(0.5), round(drawn(0.99), 6)) == (80, 900)


@pytest.mark.parametrize(
    ("table", "share", "value"),
    [
        ({50: 20, 90: 100, 99: 900}, 0.5, 20),
        ({50: 20, 90: 100, 99: 900}, 0.9, 100),
        ({50: 20, 90: 100, 99: 900}, 0.7, 20 * 5**0.5),  # half-way: by the same factor twice
        ({50: 20, 90: 100, 99: 900}, 0.25, 10),  # from 0, evenly
        ({50: 20, 90: 100, 99: 900}, 0.999, 900),  # nothing is above the last
        ({0: 10, 100: 1000}, 0.5, 100),
        ({0: 0, 50: 0, 100: 8}, 0.75, 4),
        ({100: 8}, 0.25, 2),
    ],
)
def test_through_percentiles(table, share, value):
    assert isclose(distributions.percentiles(table)(share), value)


def test_of_what_was_recorded_each_as_often_as_it_stands_there():
    drawn = distributions.recorded({30: 1, 10: 2, 99: 0, 20: 1})
    assert [drawn(share) for share in (0.01, 0.49, 0.51, 0.74, 0.76, MOST_SHARE)] == [10, 10, 20, 20, 30, 30]


@given(quantile=quantiles, one=shares, other=shares)
def test_a_quantile_never_falls(quantile, one, other):
    low, high = sorted((one, other))
    assert quantile(low) <= quantile(high) or isclose(quantile(low), quantile(high))


@given(quantile=quantiles, bounds=st.tuples(milliseconds, milliseconds), part=st.floats(0, 1))
def test_what_is_drawn_within_bounds_is_within(quantile, bounds, part):
    least, most = sorted(bounds)
    first, last = shares_within(quantile, least, most)
    if last - first < 1e-9:
        # hardly anything is drawn there: what is, comes from just these shares
        within = [share for share in (LEAST_SHARE, 0.3, 0.5, 0.9) if least < quantile(share) < most]
        assert not [share for share in within if not first - 1e-8 < share < last + 1e-8]
        return
    value = quantile(min(max(first + (last - first) * part, LEAST_SHARE), MOST_SHARE))
    assert least <= value <= most or isclose(value, least) or isclose(value, most)


def test_bounds_keep_the_shape():
    first, last = shares_within(distributions.exponential(100), 50, 200)
    assert isclose(first, 1 - exp(-0.5))
    assert isclose(last, 1 - exp(-2))
    assert shares_within(distributions.exponential(100), None, None) == (0, 1)
    assert shares_within(distributions.uniform(50, 60), 40, 70) == (0, 1)
