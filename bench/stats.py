"""Medians and ratios. Ratios compare two servers within one round, so that a noisy minute touches both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

Rates = Sequence[float | None]


def middle(values: Rates) -> float | None:
    """The median of the rounds that were measured."""
    measured = [value for value in values if value is not None]
    return median(measured) if measured else None


def round_ratio(ours: Rates, theirs: Rates) -> float | None:
    """The median over rounds of ours / theirs, each pair taken from the same round."""
    pairs = zip(ours, theirs, strict=False)
    return middle([mine / other for mine, other in pairs if mine is not None and other])


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: the smallest value that `percent` % of all values do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]
