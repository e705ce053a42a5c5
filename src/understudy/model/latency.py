"""What a user writes about a time that is drawn anew for each request."""

import re
from itertools import pairwise
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from understudy.model.base import Model, only_one
from understudy.model.parts import Milliseconds

MAX_SIGMA = 10
DISTRIBUTIONS = ("uniform", "normal", "lognormal", "exponential", "percentiles", "recorded")
_PERCENTILE = re.compile(r"100(\.0{1,9})?|[0-9]{1,2}(\.[0-9]{1,9})?")


class Normal(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A bell curve around a mean. What falls below 0 counts as 0."""

    mean: Annotated[Milliseconds, Meta(description="Its middle, in milliseconds.", examples=[100])]
    stddev: Annotated[
        Milliseconds,
        Meta(
            description="Standard deviation: two of three draws are at most this far from the mean.",
            examples=[20],
        ),
    ]


class Lognormal(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mostly near the median, with a long tail: a `median` and one of `sigma` and `p99`."""

    median: Annotated[
        Milliseconds, Meta(description="Half of all draws are below, in milliseconds.", examples=[80])
    ]
    sigma: Annotated[
        Annotated[float, Meta(ge=0, le=MAX_SIGMA)] | UnsetType,
        Meta(
            description="Standard deviation of the logarithm: the larger, the longer the tail.",
            examples=[0.4],
        ),
    ] = UNSET
    p99: Annotated[
        Milliseconds | UnsetType,
        Meta(description="One draw in a hundred is above, in milliseconds.", examples=[900]),
    ] = UNSET

    def __post_init__(self) -> None:
        if self.sigma is not UNSET and self.p99 is not UNSET:
            raise ValueError("a lognormal has a `median` and one of `sigma` and `p99`: leave one out")


class Latency(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time that is drawn anew for each request: one distribution, and bounds if it needs any."""

    uniform: Annotated[
        tuple[Milliseconds, Milliseconds] | UnsetType,
        Meta(
            description="Lower and upper bound: every value between them is equally likely.",
            examples=[[50, 200]],
        ),
    ] = UNSET
    normal: Annotated[
        Normal | UnsetType, Meta(description="A bell curve.", examples=[{"mean": 100, "stddev": 20}])
    ] = UNSET
    lognormal: Annotated[
        Lognormal | UnsetType,
        Meta(description="A long tail, as of most real services.", examples=[{"median": 80, "sigma": 0.4}]),
    ] = UNSET
    exponential: Annotated[
        Milliseconds | UnsetType,
        Meta(
            description="The mean: short times are the most likely, and a tail that thins out evenly.",
            examples=[100],
        ),
    ] = UNSET
    percentiles: Annotated[
        dict[str, Milliseconds] | UnsetType,
        Meta(
            description=(
                "Percentile → milliseconds, as from a dashboard. Without `0` they begin at 0 ms; nothing is"
                " above the last one."
            ),
            examples=[{"50": 20, "90": 100, "99": 900}],
        ),
    ] = UNSET
    recorded: Annotated[
        str | UnsetType,
        Meta(
            description=(
                "A file of measured times, of which one is drawn: a number on each line, or a JSON list of"
                " numbers or of `[milliseconds, count]`."
            ),
            examples=["latencies.txt"],
        ),
    ] = UNSET
    min_ms: Annotated[
        Milliseconds | UnsetType,
        Meta(description="What is below is drawn again.", examples=[5]),
    ] = UNSET
    max_ms: Annotated[
        Milliseconds | UnsetType,
        Meta(description="What is above is drawn again.", examples=[5000]),
    ] = UNSET

    @property
    def kind(self) -> str | None:
        """Which of the distributions was written; None if none was."""
        return next((kind for kind in DISTRIBUTIONS if getattr(self, kind) is not UNSET), None)

    def __post_init__(self) -> None:
        only_one(self, DISTRIBUTIONS, "a latency")
        if self.uniform is not UNSET and self.uniform[0] > self.uniform[1]:
            low, high = self.uniform
            raise ValueError(f"the lower bound comes first: write [{high:g}, {low:g}]")
        if self.percentiles is not UNSET:
            _check_percentiles(self.percentiles)
        if self.min_ms is not UNSET and self.max_ms is not UNSET and self.min_ms > self.max_ms:
            raise ValueError("`min_ms` is above `max_ms`")


def _check_percentiles(table: dict[str, float]) -> None:
    if not table:
        raise ValueError("percentiles need at least one, as in {50: 20, 99: 900}")
    for name in table:
        if not _PERCENTILE.fullmatch(name):
            raise ValueError(f"{name!r} is not a percentile: write a number from 0 to 100, such as 99.9")
    points = sorted((float(name), name) for name in table)
    for (before, earlier), (at, name) in pairwise(points):
        if before == at:
            raise ValueError(f"the percentile {name} stands twice")
        if table[earlier] > table[name]:
            raise ValueError(f"percentile {name} is below percentile {earlier}: they grow, or stay the same")
