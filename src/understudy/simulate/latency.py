"""How long a reply waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET, UnsetType

from understudy.model import Latency, Lognormal, Normal
from understudy.model.latency import DISTRIBUTIONS, MAX_SIGMA
from understudy.model.parts import MAX_MS
from understudy.render.draws import Draws
from understudy.simulate import distributions
from understudy.simulate.distributions import LEAST_SHARE, MOST_SHARE, Quantile, shares_within
from understudy.simulate.kit import Kit, Place

LEAST_SPAN = 1e-9
"""A smaller share of all draws within the bounds is taken for a mistake."""


def compile_latency(
    written: float | Latency | UnsetType, kit: Kit, place: Place, purpose: str = "latency"
) -> Callable[[Draws], float] | None:
    """What draws the latency of one reply, in seconds; None for none, and after a problem.

    `place` is that of the latency itself. `purpose` tells its draws apart from others of the same request.
    """
    if written is UNSET or written == 0:
        return None
    if not isinstance(written, Latency):
        fixed = written / 1000
        return lambda draws: fixed
    kind = written.kind
    if kind is None:
        kit.problem(place, f"a latency has one of {', '.join(DISTRIBUTIONS)}")
        return None
    quantile = QUANTILES[kind](getattr(written, kind), kit, (*place, kind))
    if quantile is None:
        return None
    first, last = shares_within(
        quantile,
        None if written.min_ms is UNSET else written.min_ms,
        None if written.max_ms is UNSET else written.max_ms,
    )
    span = last - first
    if span < LEAST_SPAN:
        kit.problem(place, "hardly anything that is drawn would be within `min_ms` and `max_ms`")
        return None

    def draw(draws: Draws) -> float:
        share = first + span * draws.unit(purpose)
        milliseconds = quantile(min(max(share, LEAST_SHARE), MOST_SHARE))
        return min(max(milliseconds, 0.0), MAX_MS) / 1000

    return draw


def _uniform(written: tuple[float, float], kit: Kit, place: Place) -> Quantile:
    return distributions.uniform(*written)


def _normal(written: Normal, kit: Kit, place: Place) -> Quantile:
    return distributions.normal(written.mean, written.stddev)


def _lognormal(written: Lognormal, kit: Kit, place: Place) -> Quantile | None:
    if written.sigma is not UNSET:
        return distributions.lognormal(written.median, written.sigma)
    if written.p99 is UNSET:
        kit.problem(place, "how long the tail is, `sigma` or `p99` says: write one of them")
        return None
    if not 0 < written.median <= written.p99:
        kit.problem((*place, "p99"), "`p99` is at least the `median`, and both are above 0")
        return None
    sigma = distributions.sigma_of(written.median, written.p99)
    if sigma > MAX_SIGMA:
        kit.problem((*place, "p99"), f"`p99` is too far above the `median`: `sigma` would be {sigma:.3g}")
        return None
    return distributions.lognormal(written.median, sigma)


def _exponential(written: float, kit: Kit, place: Place) -> Quantile:
    return distributions.exponential(written)


def _percentiles(written: dict[str, float], kit: Kit, place: Place) -> Quantile:
    return distributions.percentiles({float(name): value for name, value in written.items()})


class _Recordings(dict[str, Quantile | None]):
    """The files that were read for one compilation: many endpoints may have one from `defaults`."""


def _recorded(written: str, kit: Kit, place: Place) -> Quantile | None:
    from understudy.simulate.recorded import NotRecorded, read_recorded

    known = kit.shared.setdefault(_Recordings, _Recordings())
    assert isinstance(known, _Recordings)
    if written not in known:
        known[written] = None
        data = kit.read(written, place)
        try:
            known[written] = None if data is None else distributions.recorded(read_recorded(data))
        except NotRecorded as error:
            kit.problem(place, f"the times cannot be read: {error}", found=written)
    return known[written]


QUANTILES: dict[str, Callable[[Any, Kit, Place], Quantile | None]] = {
    "uniform": _uniform,
    "normal": _normal,
    "lognormal": _lognormal,
    "exponential": _exponential,
    "percentiles": _percentiles,
    "recorded": _recorded,
}
"""What compiles each distribution of `model.latency.Latency`, by its key; None after a problem."""
