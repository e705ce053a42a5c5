"""Distributions as quantile functions: what share of all draws lies below which value.

A draw is the quantile of a number that is uniform between 0 and 1 (inverse transform sampling; Devroye,
Non-Uniform Random Variate Generation, section II.2). So each takes one lot, whatever the distribution, and
drawing again until a value is within bounds is the same as drawing from a part of the shares once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from itertools import accumulate
from math import exp, log, log1p

Quantile = Callable[[float], float]
"""A share above 0 and below 1 → the value that this share of all draws is not above; it never falls."""

LEAST_SHARE = 2.0**-54
MOST_SHARE = 1 - 2.0**-53
_HALVINGS = 80  # brings two shares together until no number is between them


def _standard() -> Quantile:
    """The normal distribution of mean 0 and standard deviation 1."""
    from statistics import NormalDist  # takes 10 ms to import, which few configs need

    return NormalDist().inv_cdf


def uniform(low: float, high: float) -> Quantile:
    """Every value from `low` to `high` is equally likely."""
    return lambda share: low + (high - low) * share


def normal(mean: float, stddev: float) -> Quantile:
    """A bell curve."""
    standard = _standard()
    return lambda share: mean + stddev * standard(share)


def lognormal(median: float, sigma: float) -> Quantile:
    """The logarithm is a bell curve with the standard deviation `sigma`."""
    standard = _standard()
    return lambda share: median * exp(sigma * standard(share))


def sigma_of(median: float, p99: float) -> float:
    """The `sigma` of a lognormal with this 99th percentile; both are above 0."""
    return (log(p99) - log(median)) / _standard()(0.99)


def exponential(mean: float) -> Quantile:
    """Waiting for what comes with equal chance at any moment."""
    return lambda share: -mean * log1p(-share)


def percentiles(table: Mapping[float, float]) -> Quantile:
    """Through points (percentile → value): between two of them the value grows by the same factor for each
    percent, or by the same amount where it begins at 0. It begins at 0, and stays at the last value.
    """
    points = sorted((percentile / 100, value) for percentile, value in table.items())
    if points[0][0] > 0:
        points.insert(0, (0.0, 0.0))
    if points[-1][0] < 1:
        points.append((1.0, points[-1][1]))
    shares = [share for share, _ in points]

    def quantile(share: float) -> float:
        number = bisect_right(shares, share)
        before, low = points[number - 1]
        after, high = points[number]
        part = (share - before) / (after - before)
        return low ** (1 - part) * high**part if 0 < low < high else low + (high - low) * part

    return quantile


def recorded(counts: Mapping[float, int]) -> Quantile:
    """One of the values, each as likely as its count says. Some count is above 0."""
    values = sorted(value for value, count in counts.items() if count)
    reached = list(accumulate(counts[value] for value in values))
    total, last = reached[-1], len(values) - 1
    return lambda share: values[min(bisect_right(reached, share * total), last)]


def shares_within(quantile: Quantile, least: float | None, most: float | None) -> tuple[float, float]:
    """The first and last share whose value is within the bounds; the first is above the last if none is."""
    first, last = 0.0, 1.0
    if least is not None and quantile(LEAST_SHARE) < least:
        first = _turn(lambda share: quantile(share) >= least)[1]
    if most is not None and quantile(MOST_SHARE) > most:
        last = _turn(lambda share: quantile(share) > most)[0]
    return first, last


def _turn(is_beyond: Callable[[float], bool]) -> tuple[float, float]:
    """Two neighbours among the shares, of which only the second is beyond."""
    before, after = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (before + after) / 2
        if not before < middle < after:
            break
        if is_beyond(middle):
            after = middle
        else:
            before = middle
    return before, after
