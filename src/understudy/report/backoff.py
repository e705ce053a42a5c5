"""The statistics of waits: from the gaps between attempts to the kind of back-off, its base and its jitter.

Gaps of all operations of a client are pooled by the number of the retry. Their means by number are compared
with what each kind of back-off would give, by weighted least squares on logarithms. Each mean has two sources
of error: jitter, whose size is estimated from how much gaps with the same number differ, and scheduling
noise, a few milliseconds whatever the gap. Which kind fits best is said only if the others fit clearly worse.
With jitter that takes several operations; without, three gaps of one.

Known shapes that must come out: urllib3 (nothing before the first retry, then base·2ⁿ), tenacity and backoff
(full jitter: uniform from 0 to base·2ⁿ), AWS SDKs (full and decorrelated jitter), got (1000·2ⁿ plus up to
100 ms), axios-retry (100·2ⁿ ± 20 %), and all of them with a longest wait that they do not exceed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from math import exp, inf, log, sqrt
from statistics import fmean, median
from typing import Any, NamedTuple

from understudy.report.attempt import milliseconds

NONE = "none"
CONSTANT = "constant"
LINEAR = "linear"
EXPONENTIAL = "exponential"
UNKNOWN = "unknown"
KINDS = (NONE, CONSTANT, LINEAR, EXPONENTIAL)
GROWING = frozenset({LINEAR, EXPONENTIAL})

AT_ONCE_S = 0.015
"""A retry this soon was not waited for: a client needs so long to send anything on a busy machine."""
NOISE_S = 0.0035
"""How far a gap is off because of the machine, typically."""
NOISE_SHARE = 0.001
CLEARLY = 4.0
"""By how much the best kind must fit better (in units of χ²) before the others are out: e² times likelier."""
STEADY = 0.03
"""Long waits that are off by no more than this share, in the middle, have no jitter."""
TELLING_JITTER = 0.08
"""With more jitter than this, the few gaps of one operation can look like anything."""
FEWEST_OF_ONE = 5
MUCH_JITTER = 0.3
MAX_RETRIES = 40
"""Gaps after more retries than this are not fitted: nobody's back-off still grows there."""


class Gap(NamedTuple):
    """The wait before the `retry`-th retry (from 1) of one operation."""

    retry: int
    gap_s: float


class Backoff(NamedTuple):
    """How a client waits between attempts.

    `kind` is none, constant, linear, exponential or unknown; `also` are kinds that fit about as well.
    `jitter` is whether waits are partly random, None if that cannot be told; `jitter_share` is how far they
    go up and down from their mean: 1.0 for full jitter, 0.2 for ± 20 %. `base_s` is the mean of the first
    wait, `factor` what the next is multiplied by, `step_s` what is added to it, `cap_s` the longest wait if
    they stopped growing. `first_at_once`: the first retry was not waited for. `means_s` are the mean waits by
    number of retry. `reason` says in words what was seen, or what was missing.
    """

    kind: str
    reason: str
    seen: int = 0
    jitter: bool | None = None
    jitter_share: float | None = None
    base_s: float | None = None
    factor: float | None = None
    step_s: float | None = None
    cap_s: float | None = None
    first_at_once: bool = False
    means_s: tuple[float, ...] = ()
    also: tuple[str, ...] = ()
    ambiguous: bool = False

    @property
    def confident(self) -> bool:
        """Whether no other kind fits about as well, and the gaps are certain to be the operations' own."""
        return self.kind != UNKNOWN and not self.also and not self.ambiguous

    def as_json(self) -> dict[str, Any]:
        """For the report; lengths of time in milliseconds."""
        return {
            "kind": self.kind,
            "reason": self.reason,
            "gaps": self.seen,
            "jitter": self.jitter,
            "jitter_share": None if self.jitter_share is None else round(self.jitter_share, 2),
            "base_ms": _in_ms(self.base_s),
            "factor": None if self.factor is None else round(self.factor, 2),
            "step_ms": _in_ms(self.step_s),
            "cap_ms": _in_ms(self.cap_s),
            "first_at_once": self.first_at_once,
            "mean_gaps_ms": [_in_ms(mean) for mean in self.means_s],
            "could_also_be": list(self.also),
            "confident": self.confident,
        }


class Fit(NamedTuple):
    """One kind of back-off, as near to the means as it comes: its misfit, and what it says of each retry."""

    kind: str
    parameters: int
    prior: float
    log_means: tuple[float, ...]
    base_s: float
    factor: float | None = None
    step_s: float | None = None
    cap_s: float | None = None


class Mean(NamedTuple):
    """The gaps before one retry: its place (from 0), their mean, and how far that may be off."""

    place: int
    mean_s: float
    log_error: float


def classify(gaps: Sequence[Gap]) -> Backoff:
    """The back-off that gaps of one client show."""
    pooled = _pooled(gaps)
    count = sum(map(len, pooled.values()))
    if not count:
        return Backoff(UNKNOWN, "no retry was seen")
    means_s = tuple(_mean(pooled[number]) for number in sorted(pooled))
    first_at_once = len(pooled) > 1 and 1 in pooled and median(pooled[1]) <= AT_ONCE_S
    seen = Backoff(UNKNOWN, "", count, means_s=means_s, first_at_once=first_at_once)
    if len(pooled) == 1:
        number = next(iter(pooled))
        which = "one retry" if count == 1 else f"{count} retries, all of them the first of an operation,"
        if number != 1 and count > 1:
            which = f"{count} retries"
        return seen._replace(
            reason=f"{which} after {milliseconds(means_s[0])}: too few to tell how waits grow",
            base_s=means_s[0],
            jitter=_jitter_within(list(pooled.values())),
        )
    everything = [gap for values in pooled.values() for gap in values]
    later = sorted(gap for number, values in pooled.items() if number > 1 for gap in values)
    most = later[int(0.75 * (len(later) - 1))]
    if median(everything) <= AT_ONCE_S and median(later) <= AT_ONCE_S and most <= 2 * AT_ONCE_S:
        return seen._replace(
            kind=NONE,
            reason=f"{count} retries, each after about {milliseconds(median(everything))}",
            jitter=False,
            base_s=median(everything),
            first_at_once=False,
        )
    if first_at_once:
        del pooled[1]
        if len(pooled) == 1:
            [values] = pooled.values()
            return seen._replace(
                reason=f"the first retry came at once, the second after {milliseconds(_mean(values))}: "
                "too few to tell how waits grow",
                base_s=_mean(values),
                jitter=_jitter_within([values]),
            )
    return _fitted(seen, pooled)


def _fitted(seen: Backoff, pooled: dict[int, list[float]]) -> Backoff:
    first = min(pooled)
    groups = {number - first: values for number, values in sorted(pooled.items())}
    spread, freedom = _spread(list(groups.values()))
    alone = freedom == 0
    means = _means(groups, spread or 0.0)
    fits = _fits(means)
    if alone:
        spread = 0.0 if _is_doubling(means) else _spread_of_residuals(means, fits)
        if spread > TELLING_JITTER and len(means) < FEWEST_OF_ONE:
            listed = ", ".join(milliseconds(mean.mean_s) for mean in means)
            return seen._replace(
                reason=f"waits of {listed} fit no pattern: with jitter, more operations must fail to tell",
                base_s=means[0].mean_s,
                jitter=True if len(means) > 2 else None,
            )
        freedom = max(1, len(means) - 2)
    assert spread is not None
    means = _means(groups, spread)
    scores = {fit: _score(fit, means, spread) for fit in _fits(means)}
    best = min(scores, key=lambda fit: scores[fit])
    margin = CLEARLY * (1 + (3 / freedom if spread > TELLING_JITTER else 0))
    if best.kind == LINEAR and spread > TELLING_JITTER:  # hardly ever met: exponential if that may be
        exponential = [fit for fit in scores if fit.kind == EXPONENTIAL]
        best = min([best, *exponential], key=lambda fit: scores[fit] - margin * (fit.kind == EXPONENTIAL))
    rivals = {fit.kind for fit, score in scores.items() if score - scores[best] < margin} - {best.kind}
    if _is_doubling(means) and best.kind == EXPONENTIAL:
        rivals.add(LINEAR)
    jitter = _jitter_within(list(groups.values())) if not alone else _jitter_of_one(means, best)
    found = seen._replace(
        kind=best.kind,
        also=tuple(sorted(rivals)),
        jitter=jitter,
        jitter_share=min(1.0, sqrt(3) * spread) if jitter and not alone else None,
        base_s=best.base_s,
        factor=best.factor,
        step_s=best.step_s,
        cap_s=best.cap_s,
    )
    kinds = rivals | {best.kind}
    if CONSTANT in kinds and len(kinds) > 1:
        listed = ", ".join(milliseconds(mean.mean_s) for mean in means)
        return found._replace(
            kind=UNKNOWN,
            also=tuple(sorted(kinds)),
            reason=f"mean waits of {listed}: constant or growing, too few to tell apart",
        )
    return found._replace(reason=_reason(found))


def _reason(found: Backoff) -> str:
    text = "the first retry at once, then " if found.first_at_once else ""
    base = milliseconds(found.base_s or 0)
    if found.kind == CONSTANT:
        text += f"{base} each time"
    elif found.kind == LINEAR:
        text += f"{base}, and {milliseconds(found.step_s or 0)} more each time"
    else:
        text += f"{base}, {found.factor:.3g} times as long each time"
    if found.cap_s is not None:
        text += f", up to {milliseconds(found.cap_s)}"
    if found.jitter:
        share = f" (± {found.jitter_share:.0%})" if found.jitter_share is not None else ""
        text += f", with jitter{share}"
    elif found.jitter is False:
        text += ", without jitter"
    if found.also:
        text += f"; {' or '.join(found.also)} growth would look alike"
    return text


# --- the gaps ----------------------------------------------------------------------------------------------


def _pooled(gaps: Sequence[Gap]) -> dict[int, list[float]]:
    pooled: defaultdict[int, list[float]] = defaultdict(list)
    for gap in gaps:
        if gap.retry <= MAX_RETRIES:
            pooled[gap.retry].append(max(0.0, gap.gap_s))
    return {number: pooled[number] for number in sorted(pooled)}


def _mean(values: Sequence[float]) -> float:
    return fmean(_undisturbed(values))


def _undisturbed(values: Sequence[float]) -> list[float]:
    """Gaps without those in which the machine stalled: far above all others, or off where most are alike."""
    middle = median(values)
    alike = [value for value in values if abs(value - middle) <= 2 * _noise(middle)]
    if 3 <= len(values) <= 1.5 * len(alike):
        return alike
    return [value for value in values if value <= 4 * middle + 0.03]


def _noise(value_s: float) -> float:
    return NOISE_S + NOISE_SHARE * value_s


def _spread(groups: list[list[float]]) -> tuple[float | None, int]:
    """The relative standard deviation within groups, noise taken off, and its degrees of freedom."""
    squares, freedom = 0.0, 0
    for values in groups:
        if len(values) < 2:
            continue
        mean = max(_mean(values), 1e-6)
        kept = _undisturbed(values)
        squares += sum((value - mean) ** 2 for value in kept) / mean**2
        squares -= (len(kept) - 1) * (_noise(mean) / mean) ** 2 * 0.5  # noise is one-sided, and mostly less
        freedom += len(kept) - 1
    return (sqrt(max(0.0, squares / freedom)), freedom) if freedom else (None, 0)


def _means(groups: dict[int, list[float]], spread: float) -> list[Mean]:
    means = []
    for place, values in groups.items():
        mean = max(_mean(values), 1e-4)
        error = sqrt((spread**2 + (_noise(mean) / mean) ** 2) / len(values))
        means.append(Mean(place, mean, max(error, 1e-3)))
    return means


def _jitter_within(groups: list[list[float]]) -> bool | None:
    """Whether gaps with the same number differ by more than the machine's noise; None if too few to say."""
    ratios, tellings = [], []
    for values in groups:
        if len(values) < 2:
            continue
        middle = median(values)
        off = sorted(abs(value - middle) / _noise(middle) for value in values)
        ratios += off[1:] if len(values) % 2 else off  # the median itself is not off
        tellings += [_noise(middle) / max(middle, 1e-6)] * (len(values) - 1)
    if not ratios or len(tellings) < 2:
        return None
    if median(ratios) > 1:
        return True
    # Jitter grows with the wait, and noise does not: it is told apart best where waits are longest.
    longest = max((values for values in groups if len(values) > 1), key=median)
    middle = median(longest)
    steady = median(abs(value - middle) for value in longest) <= STEADY * middle
    return False if (median(ratios) < 0.7 or steady) and median(tellings) <= 0.1 else None


def _jitter_of_one(means: list[Mean], fit: Fit) -> bool | None:
    """The same for one operation, by how far its gaps are off the curve that fits best."""
    if len(means) - fit.parameters < 1:
        return None
    off = [
        abs(mean.mean_s - exp(expected)) / _noise(mean.mean_s)
        for mean, expected in zip(means, fit.log_means, strict=True)
    ]
    if median(off) > 2:
        return True
    telling = median(_noise(mean.mean_s) / mean.mean_s for mean in means)
    return False if median(off) < 1 and telling <= 0.15 else None


# --- the kinds ---------------------------------------------------------------------------------------------


def _fits(means: list[Mean]) -> list[Fit]:
    return [fit for kind in FITS for fit in kind(means)]


def _score(fit: Fit, means: list[Mean], spread: float) -> float:
    """χ² of the misfit, and what it costs to have more parameters or to be rarely met."""
    misfit = sum(
        ((log(mean.mean_s) - expected) / mean.log_error) ** 2
        for mean, expected in zip(means, fit.log_means, strict=True)
    )
    rarely = 2 if spread > MUCH_JITTER else 1  # linear with jitter is hardly ever met
    return misfit + fit.parameters * log(len(means) + 1) + fit.prior * rarely


def _spread_of_residuals(means: list[Mean], fits: list[Fit]) -> float:
    """What jitter must be for the kind that fits one operation best."""
    best = inf
    for fit in fits:
        freedom = len(means) - fit.parameters
        if freedom < (1 if fit.cap_s is None else 2):
            continue
        squares = sum(
            max(0.0, (log(mean.mean_s) - expected) ** 2 - (_noise(mean.mean_s) / mean.mean_s) ** 2)
            for mean, expected in zip(means, fit.log_means, strict=True)
        )
        best = min(best, sqrt(squares / freedom))
    return 0.0 if best == inf else best


def _is_doubling(means: list[Mean]) -> bool:
    """Two waits, the second much longer: it grows, but any growth looks like this."""
    return len(means) == 2 and means[1].mean_s >= 1.7 * means[0].mean_s


def _line(points: Sequence[tuple[float, float, float]]) -> tuple[float, float]:
    """Intercept and slope of the line through (x, y) with weights."""
    total = sum(weight for _, _, weight in points)
    mean_x = sum(x * weight for x, _, weight in points) / total
    mean_y = sum(y * weight for _, y, weight in points) / total
    across = sum(weight * (x - mean_x) ** 2 for x, _, weight in points)
    slope = sum(weight * (x - mean_x) * (y - mean_y) for x, y, weight in points) / across if across else 0.0
    return mean_y - slope * mean_x, slope


def _level(means: list[Mean], shape: Sequence[float]) -> float:
    """The height at which a curve of a given shape, in logarithms, fits best."""
    weights = [mean.log_error**-2 for mean in means]
    off = (log(mean.mean_s) - part for mean, part in zip(means, shape, strict=True))
    return sum(weight * value for weight, value in zip(weights, off, strict=True)) / sum(weights)


def _constant(means: list[Mean]) -> list[Fit]:
    level = _level(means, [0.0] * len(means))
    return [Fit(CONSTANT, 1, 0.0, (level,) * len(means), exp(level))]


def _linear(means: list[Mean]) -> list[Fit]:
    """a·n, and a + b·n with several ratios of b to a. Rarely met, so it must fit better than exponential."""
    fits = []
    for ratio in (1.0, 0.25, 0.5, 0.75, 1.5, 2.0, 3.0):
        shape = [log(1 + ratio * mean.place) for mean in means]
        level = _level(means, shape)
        expected = tuple(level + part for part in shape)
        is_plain = ratio == 1.0
        fits.append(
            Fit(
                LINEAR,
                1 if is_plain else 2,
                3.0 if is_plain else 6.0,
                expected,
                exp(level),
                step_s=exp(level) * ratio,
            )
        )
    return fits


def _exponential(means: list[Mean]) -> list[Fit]:
    """b·fⁿ, and the same up to each possible cap."""
    fits = []
    last = means[-1].place
    caps = [float(last), *(mean.place for mean in means[1:-1])]
    for cap in caps:
        points = [(min(mean.place, cap), log(mean.mean_s), mean.log_error**-2) for mean in means]
        start, slope = _line(points)
        if slope < log(1.15):
            continue
        expected = tuple(start + slope * x for x, _, _ in points)
        is_capped = cap != last
        fits.append(
            Fit(
                EXPONENTIAL,
                3 if is_capped else 2,
                1.0 if is_capped else 0.0,
                expected,
                exp(start),
                factor=exp(slope),
                cap_s=exp(start + slope * cap) if is_capped else None,
            )
        )
    return fits


FITS: tuple[Callable[[list[Mean]], list[Fit]], ...] = (_constant, _linear, _exponential)


def _in_ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
