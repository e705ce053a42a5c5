"""When recorded replies come: at once, after the time that was recorded, or after one that is drawn.

`fitted` draws from a log-normal distribution, as times of answers have a long tail to one side. It is
fitted to the logarithms of the waits of all exchanges with the same method and path template: their median,
and as standard deviation 1.4826 times their median distance from it, which a few outliers do not move
(Rousseeuw and Croux, 1993). Few samples say little about the spread, so their variance is averaged with a
usual one (`USUAL_SIGMA`), which counts as much as `USUAL_COUNT` samples. The outermost
thousandth of the distribution is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from math import exp, log, sqrt
from statistics import median

from understudy.model.record import Record
from understudy.record.exchange import RecordedExchange
from understudy.record.looks import template_of
from understudy.render.draws import Draws
from understudy.simulate.distributions import Quantile, lognormal

USUAL_SIGMA = 0.25
USUAL_COUNT = 4
MOST_SIGMA = 1.5
"""Of a distribution whose 99.9th percentile is a hundred times its median."""
LEAST_MS = 0.05
"""Waits are taken to be this long at least, as 0 has no logarithm."""
SHARES = (0.0005, 0.9995)


def fit(waits_ms: Iterable[float]) -> Quantile:
    """The distribution of waits (ms), of which there is at least one."""
    logs = sorted(log(max(wait, LEAST_MS)) for wait in waits_ms)
    middle = median(logs)
    spread = 1.4826 * median(abs(one - middle) for one in logs)
    count = len(logs) - 1  # one sample says nothing about the spread
    variance = (count * spread**2 + USUAL_COUNT * USUAL_SIGMA**2) / (count + USUAL_COUNT)
    return lognormal(exp(middle), min(sqrt(variance), MOST_SIGMA))


class Fitted:
    """Distributions of waits by template, each fitted when it is first asked for."""

    def __init__(self, exchanges: Iterable[RecordedExchange]) -> None:
        self._waits: dict[tuple[str, str], list[float]] = defaultdict(list)
        for exchange in exchanges:
            if exchange.reply is not None:
                self._waits[_kind(exchange)].append(exchange.wait_ms)
        self._quantiles: dict[tuple[str, str], Quantile] = {}

    def wait_ms(self, exchange: RecordedExchange, draws: Draws | None) -> float:
        """A wait for an exchange: the recorded one, if there are none of its kind."""
        kind = _kind(exchange)
        quantile = self._quantiles.get(kind)
        if quantile is None:
            waits = self._waits.get(kind) or [exchange.wait_ms]
            quantile = self._quantiles[kind] = fit(waits)
        assert draws is not None, "what is fitted is drawn"
        first, last = SHARES
        return quantile(first + (last - first) * draws.unit("record.latency"))


def _kind(exchange: RecordedExchange) -> tuple[str, str]:
    """Method and path template: exchanges of one kind take about the same time."""
    return exchange.request.method, template_of(exchange.request.target)


WaitOf = Callable[[RecordedExchange, Draws | None], float]
"""The wait (s) until a reply begins, or a failure shows."""


def recorded_wait_ms(exchange: RecordedExchange) -> float:
    """Until the reply began; without one, until the failure was noticed."""
    if exchange.reply is None and exchange.failed is not None:
        return max(exchange.failed.at_ms, 0.0)
    return max(exchange.wait_ms, 0.0)


def compile_wait(settings: Record, fitted: Fitted) -> WaitOf:
    """The wait by `latency` and `speed`."""
    speed = settings.speed
    if settings.latency == "none":
        return lambda exchange, draws: 0.0
    if settings.latency == "recorded":
        return lambda exchange, draws: recorded_wait_ms(exchange) / 1000 / speed

    def drawn(exchange: RecordedExchange, draws: Draws | None) -> float:
        # a failure comes when it came: a limit of time is not drawn
        if exchange.reply is None:
            return recorded_wait_ms(exchange) / 1000 / speed
        return fitted.wait_ms(exchange, draws) / 1000 / speed

    return drawn
