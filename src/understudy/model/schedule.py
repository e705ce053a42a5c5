"""What a user writes about when something happens: by count, by burst, by time."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from understudy.model.base import Model
from understudy.model.match import Match
from understudy.model.parts import Percentage
from understudy.model.state import Per, check_per

MAX_SECONDS = 2**31
DAY_S = 86_400

Count = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(ge=0, le=MAX_SECONDS)]
SomeSeconds = Annotated[float, Meta(gt=0, le=MAX_SECONDS)]


class Burst(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Faults that come in bursts: good and bad times alternate by chance.

    The two-state model of Gilbert (1960) and Elliott (1963), counted in requests. The lengths are
    geometrically distributed, so that in the long run `bad / (good + bad)` of the requests are in bad times.
    """

    good: Annotated[float, Meta(ge=1, description="Mean length of a good time, in requests.", examples=[50])]
    bad: Annotated[float, Meta(ge=1, description="Mean length of a bad time, in requests.", examples=[5])]
    good_rate: Annotated[Percentage, Meta(description="Share of requests hit in good times.")] = 0.0
    bad_rate: Annotated[Percentage, Meta(description="Share of requests hit in bad times.")] = 1.0


class Window(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time during which it happens, counted from the server's start, or from when it was switched on."""

    after_s: Annotated[Seconds, Meta(description="How long after the start it begins.", examples=[30])] = 0.0
    for_s: Annotated[
        SomeSeconds | UnsetType, Meta(description="How long it lasts. Default: for ever.", examples=[10])
    ] = UNSET
    every_s: Annotated[
        SomeSeconds | UnsetType,
        Meta(description="It comes again this long after it began. Default: once.", examples=[60]),
    ] = UNSET

    def __post_init__(self) -> None:
        if self.every_s is not UNSET and (self.for_s is UNSET or self.for_s >= self.every_s):
            raise ValueError("a window that comes again needs a `for_s` that is shorter than its `every_s`")


class Cron(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Times of the day, in UTC, at which it begins, and how long it lasts."""

    at: Annotated[
        str,
        Meta(
            description=(
                "Minute, hour, day of the month, month, day of the week (0 or 7 is Sunday), as in crontab(5):"
                " `*`, numbers, ranges `1-5`, lists `0,30` and steps `*/10`."
            ),
            examples=["*/10 * * * *", "0 9 * * 1-5"],
        ),
    ]
    for_s: Annotated[
        Annotated[float, Meta(gt=0, le=DAY_S)],
        Meta(description="How long it lasts each time: at most a day.", examples=[30]),
    ]


class Ramp(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A probability that grows or shrinks with time: a service that degrades or recovers."""

    start: Annotated[Percentage, Meta(description="Probability at the beginning.")] = 0.0
    end: Annotated[Percentage, Meta(description="Probability at the end, and from then on.")] = 1.0
    after_s: Annotated[Seconds, Meta(description="How long after the start it begins to change.")] = 0.0
    over_s: Annotated[SomeSeconds, Meta(description="How long the change takes.", examples=[60])]
    back_s: Annotated[
        SomeSeconds | UnsetType,
        Meta(description="How long it then takes back to `start`: a brown-out that passes.", examples=[60]),
    ] = UNSET


class When(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which requests a fault is for. All that is written must hold; counts begin with 1."""

    first: Annotated[
        Count | UnsetType, Meta(description="Only the first so many requests.", examples=[2])
    ] = UNSET
    every: Annotated[
        Count | UnsetType,
        Meta(
            description="Only each so manieth request: 3 is the 3rd, the 6th, the 9th and so on.",
            examples=[3],
        ),
    ] = UNSET
    from_n: Annotated[
        Count | UnsetType, Meta(description="Only from this request on, such as 4 for the 4th.", examples=[4])
    ] = UNSET
    to_n: Annotated[
        Count | UnsetType, Meta(description="Only up to this request, which is the last.", examples=[6])
    ] = UNSET
    per: Annotated[
        Per | UnsetType,
        Meta(
            description=(
                "What tells clients apart that each have a count and bursts of their own: `client`,"
                " `header:NAME`, `cookie:NAME`, `query:NAME` or `jwt:CLAIM`. Default: one for all."
            ),
            examples=["client", "header:X-User"],
        ),
    ] = UNSET
    burst: Annotated[
        Burst | UnsetType, Meta(description="Only in bursts.", examples=[{"good": 50, "bad": 5}])
    ] = UNSET
    window: Annotated[
        Window | list[Window] | UnsetType,
        Meta(description="Only in this time, or in one of these.", examples=[{"after_s": 30, "for_s": 10}]),
    ] = UNSET
    cron: Annotated[
        Cron | list[Cron] | UnsetType,
        Meta(
            description="Only after these times of the day (UTC).",
            examples=[{"at": "*/10 * * * *", "for_s": 30}],
        ),
    ] = UNSET
    ramp: Annotated[
        Ramp | UnsetType,
        Meta(
            description="A probability that changes with time; `probability` is multiplied by it.",
            examples=[{"end": 0.5, "over_s": 60}],
        ),
    ] = UNSET
    match: Annotated[
        Match | UnsetType,
        Meta(
            description="Only requests that fit these conditions; others are not counted.",
            examples=[{"headers": {"X-Canary": "1"}}],
        ),
    ] = UNSET

    def __post_init__(self) -> None:
        check_per(self.per)
        if self.from_n is not UNSET and self.to_n is not UNSET and self.from_n > self.to_n:
            raise ValueError(f"`from_n` comes before `to_n`: write from_n: {self.to_n}, to_n: {self.from_n}")
        if self.cron is not UNSET:
            for cron in self.cron if isinstance(self.cron, list) else [self.cron]:
                check_cron(cron.at)

    @property
    def counts(self) -> bool:
        """Whether it depends on how many requests came before."""
        written = (self.first, self.every, self.from_n, self.to_n, self.burst)
        return any(one is not UNSET for one in written)


_CRON_FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day", 1, 31),
    ("month", 1, 12),
    ("day of the week", 0, 7),
)


def check_cron(text: str) -> tuple[frozenset[int], ...]:
    """The minutes, hours, days, months and days of the week (0 is Sunday) that a cron text names.

    Raises ValueError.
    """
    fields = text.split()
    if len(fields) != len(_CRON_FIELDS):
        raise ValueError(f"{text!r} has {len(fields)} fields; minute hour day month weekday are five")
    sets = [_cron_field(field, *described) for field, described in zip(fields, _CRON_FIELDS, strict=True)]
    sets[4] = frozenset(day % 7 for day in sets[4])
    return tuple(sets)


def _cron_field(field: str, name: str, low: int, high: int) -> frozenset[int]:
    values: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        try:
            begin, end = (low, high) if span == "*" else (int(first), int(last if dash else first))
            if slash and not dash and span != "*":
                end = high
            stride = int(step) if slash else 1
        except ValueError:
            raise ValueError(f"{part!r} cannot be read as a {name}: write *, 5, 1-5 or */10") from None
        if not (low <= begin <= end <= high and stride >= 1):
            raise ValueError(f"{part!r} is not a {name} from {low} to {high}")
        values.update(range(begin, end + 1, stride))
    return frozenset(values)
