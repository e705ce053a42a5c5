"""What a user writes about how many requests are let through."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from understudy.model.base import Model
from understudy.model.content import Content
from understudy.model.parts import TOKEN, Percentage, Status

MAX_LIMIT = 1_000_000_000
MAX_WINDOW_S = 31_622_400
"""366 days."""
MIN_WINDOW_S = 0.001
DEFAULT_WINDOW_S = 60.0

Algorithm = Literal["fixed_window", "sliding_window", "token_bucket", "gcra", "concurrency"]
ALGORITHMS: tuple[str, ...] = ("fixed_window", "sliding_window", "token_bucket", "gcra", "concurrency")
BUCKETS = ("token_bucket", "gcra")
"""The algorithms that let some requests through at once, and then one after the other."""

LIMIT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}")
"""It stands in headers and in the log, and does not look like a rate."""
LIMIT_PER = re.compile(r"client|bearer|path|endpoint|(header|cookie|query|jwt):.+")
RATE = re.compile(r"([0-9]{1,10})\s*(?:/|per)\s*([0-9]{1,8}(?:\.[0-9]{1,6})?)?\s*([a-z]+)")
_UNITS_S = {
    "ms": 0.001,
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86_400.0),
}

Count = Annotated[int, Meta(ge=1, le=MAX_LIMIT)]
LimitText = Annotated[str, Meta(pattern="[A-Za-z]")]
"""A rate or a name; either has a letter."""


def parse_rate(text: str) -> tuple[int, float]:
    """The limit and the seconds of a text such as `10/s`, `100/15m` or `5 per minute`. Raises ValueError."""
    found = RATE.fullmatch(text.strip().lower())
    if found is None or found[3] not in _UNITS_S:
        raise ValueError(f"{text!r} cannot be read as a rate: write one such as 10/s, 100/minute or 5/30s")
    limit, window_s = int(found[1]), float(found[2] or 1) * _UNITS_S[found[3]]
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"{text!r} is not possible: the limit is from 1 to {MAX_LIMIT:,}")
    if not MIN_WINDOW_S <= window_s <= MAX_WINDOW_S:
        raise ValueError(f"{text!r} is not possible: the window is from 1 ms to 366 days")
    return limit, window_s


def is_rate(text: str) -> bool:
    """Whether a text is meant as a rate, and not as a name."""
    return text.strip()[:1].isdigit()


class LimitHeaderNames(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other names for the headers that tell of a limit."""

    limit: Annotated[
        str | UnsetType,
        Meta(description="Instead of `RateLimit-Limit`.", examples=["X-Quota-Limit"]),
    ] = UNSET
    remaining: Annotated[str | UnsetType, Meta(description="Instead of `RateLimit-Remaining`.")] = UNSET
    reset: Annotated[str | UnsetType, Meta(description="Instead of `RateLimit-Reset`.")] = UNSET
    retry_after: Annotated[str | UnsetType, Meta(description="Instead of `Retry-After`.")] = UNSET

    def __post_init__(self) -> None:
        for name in (self.limit, self.remaining, self.reset, self.retry_after):
            if name is not UNSET and not TOKEN.fullmatch(name):
                raise ValueError(f"{name!r} cannot be a header name")


Style = Literal["draft", "draft-7", "draft-6", "x-ratelimit", "none"]


class LimitHeaders(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The headers that tell a client how much of a limit is left."""

    style: Annotated[
        Style,
        Meta(
            description=(
                "`draft`: `RateLimit-Policy` and `RateLimit` of the IETF draft, as in drafts 8 and later."
                " `draft-7`: the same two, as they were then. `draft-6`: `RateLimit-Limit`,"
                " `RateLimit-Remaining`, `RateLimit-Reset` and `RateLimit-Policy`. `x-ratelimit`:"
                " `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset`. `none`: only"
                " `Retry-After`."
            )
        ),
    ] = "draft"
    reset: Annotated[
        Literal["seconds", "epoch"],
        Meta(description="What the reset header says: `seconds` from now, or the time in unix seconds."),
    ] = "seconds"
    show_from: Annotated[
        Percentage,
        Meta(
            description=(
                "Share of the limit that must be used before the headers are sent, as an early warning."
                " 0: they are always sent."
            ),
            examples=[0.8],
        ),
    ] = 0.0
    retry_after: Annotated[
        Literal["seconds", "date", "none"],
        Meta(description="What `Retry-After` of a refusal says: seconds, or a date; or there is none."),
    ] = "seconds"
    names: Annotated[
        LimitHeaderNames | UnsetType,
        Meta(
            description="Other names, for the styles with a header for each number.",
            examples=[{"limit": "X-Quota", "remaining": "X-Quota-Left", "reset": "X-Quota-Reset"}],
        ),
    ] = UNSET

    def mistakes(self) -> Iterator[str]:
        """What does not go together."""
        if self.style in {"draft-6", "x-ratelimit"}:
            return
        numbers = ("limit", "remaining", "reset")
        if self.names is not UNSET and any(getattr(self.names, key) is not UNSET for key in numbers):
            yield (
                f"the style `{self.style}` has no header for each number that could be called otherwise:"
                " `x-ratelimit` and `draft-6` have"
            )
        if self.reset == "epoch":
            yield f"the style `{self.style}` tells seconds: `reset: epoch` is for `x-ratelimit` and `draft-6`"


class LimitReply(Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reply to a request above a limit. Its templates see `rate_limit`."""

    status: Annotated[Status, Meta(description="Status of the reply.")] = 429


class RateLimit(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many requests are let through."""

    limit: Annotated[
        Count | LimitText,
        Meta(
            description=(
                "Requests that are let through in a window, or, with `concurrency`, at the same time. As a"
                " text: a rate, which says its window; in an endpoint also the name of a limit in"
                " `rate_limits`, beside which only `cost` may stand."
            ),
            examples=[100, "10/s", "api"],
        ),
    ]
    window_s: Annotated[
        Annotated[float, Meta(ge=MIN_WINDOW_S, le=MAX_WINDOW_S)] | UnsetType,
        Meta(description="Length of the window, in seconds. Default: 60.", examples=[60]),
    ] = UNSET
    algorithm: Annotated[
        Algorithm,
        Meta(
            description=(
                "`fixed_window`: so many, then none until the window is over. `sliding_window`: so many in"
                " any such time. `token_bucket`: `burst` at once, refilled at that rate. `gcra`: the same,"
                " spaced evenly unless there is a `burst`. `concurrency`: so many at the same time."
            )
        ),
    ] = "fixed_window"
    burst: Annotated[
        Count | UnsetType,
        Meta(
            description=(
                "Requests that may come at once. Default: `limit` for `token_bucket`, 1 for `gcra`; the other"
                " algorithms have none."
            ),
            examples=[20],
        ),
    ] = UNSET
    aligned: Annotated[
        bool,
        Meta(
            description=(
                "Whether a fixed window begins with the clock (UTC), as a minute at second 0, and not with"
                " the first request."
            )
        ),
    ] = False
    per: Annotated[
        str | Annotated[list[str], Meta(min_length=1)] | UnsetType,
        Meta(
            description=(
                "What has a count of its own: `client` (its address), `header:NAME`, `cookie:NAME`,"
                " `query:NAME`, `jwt:CLAIM`, `bearer` (the bearer token), `path`, `endpoint`, or several of"
                " these together. Default: one count for all."
            ),
            examples=["client", "header:X-Api-Key", ["client", "path"]],
        ),
    ] = UNSET
    cost: Annotated[Count, Meta(description="How many requests one request counts for.")] = 1
    headers: Annotated[
        Style | LimitHeaders,
        Meta(
            description="The headers that tell of the limit: a style, or an object.",
            examples=["x-ratelimit", {"style": "x-ratelimit", "reset": "epoch"}],
        ),
    ] = "draft"
    response: Annotated[
        LimitReply | UnsetType,
        Meta(
            description="The reply to a request above the limit. Default: 429 and a message.",
            examples=[{"status": 503, "response": {"error": "slow down", "limit": "{{ rate_limit.limit }}"}}],
        ),
    ] = UNSET

    @property
    def name(self) -> str | None:
        """The shared limit that is meant; None if this is one itself."""
        return self.limit if isinstance(self.limit, str) and not is_rate(self.limit) else None

    @property
    def quota(self) -> int:
        """Requests in a window. Not for one that names another."""
        return self.limit if isinstance(self.limit, int) else parse_rate(self.limit)[0]

    @property
    def length_s(self) -> float:
        """The length of the window. Not for one that names another."""
        if isinstance(self.limit, str):
            return parse_rate(self.limit)[1]
        return DEFAULT_WINDOW_S if self.window_s is UNSET else self.window_s

    @property
    def capacity(self) -> int:
        """The most that can be let through at once. Not for one that names another."""
        if self.burst is not UNSET:
            return self.burst
        return 1 if self.algorithm == "gcra" else self.quota

    @property
    def pers(self) -> tuple[str, ...]:
        """What has a count of its own, all of it."""
        if self.per is UNSET:
            return ()
        return (self.per,) if isinstance(self.per, str) else tuple(self.per)

    @property
    def shown(self) -> LimitHeaders:
        """The headers in their long form."""
        return self.headers if isinstance(self.headers, LimitHeaders) else LimitHeaders(style=self.headers)

    def mistakes(self) -> Iterator[tuple[str, str]]:
        """Keys that do not go together: the one to change, and why."""
        if self.name is not None:
            for key in self.__struct_fields__:
                if key not in {"limit", "cost"} and getattr(self, key) != getattr(_PLAIN, key):
                    yield (
                        key,
                        f"`limit: {self.name}` names a limit, so only `cost` may stand beside it: say this in"
                        f" `rate_limits.{self.name}`",
                    )
            return
        timeless = self.algorithm == "concurrency"
        if timeless and self.window_s is not UNSET:
            yield "window_s", "`concurrency` counts requests that are being answered: it has no window"
        elif timeless and isinstance(self.limit, str):
            yield "limit", "`concurrency` counts requests that are being answered: write a number, not a rate"
        elif isinstance(self.limit, str) and self.window_s is not UNSET:
            yield "window_s", f"the rate {self.limit} says already how long its window is"
        if self.burst is not UNSET and self.algorithm not in BUCKETS:
            yield "burst", f"this is for token_bucket and gcra, not for {self.algorithm}"
        elif self.cost > self.capacity:
            yield (
                "cost",
                f"a request that counts for {self.cost} is never let through: at most {self.capacity} can be"
                " let through at once",
            )
        if self.aligned and self.algorithm != "fixed_window":
            yield "aligned", f"this is for fixed_window, not for {self.algorithm}"
        for mistake in self.shown.mistakes():
            yield "headers", mistake

    def __post_init__(self) -> None:
        for per in self.pers:
            if not LIMIT_PER.fullmatch(per):
                raise ValueError(
                    f"{per!r} is not one of client, header:NAME, cookie:NAME, query:NAME, jwt:CLAIM, bearer,"
                    " path and endpoint"
                )
        if isinstance(self.limit, str) and is_rate(self.limit):
            parse_rate(self.limit)


_PLAIN = RateLimit(limit=1)


def each_limit(written: Any) -> tuple[RateLimit, ...]:
    """The limits of an endpoint in their long form; none for `false` and for what was not written."""
    if written is UNSET or written is False:
        return ()
    several = written if isinstance(written, list) else [written]
    return tuple(one if isinstance(one, RateLimit) else RateLimit(limit=one) for one in several)


def check_rate_limit(written: Any) -> None:
    """Refuse a `rate_limit` with a rate that cannot be read."""
    if written is True:
        raise ValueError("which limit? Write a rate such as 10/s, or the name of one in `rate_limits`")
    if written is UNSET or written is False:
        return
    for one in written if isinstance(written, list) else [written]:
        if isinstance(one, str) and is_rate(one):
            parse_rate(one)


def check_rate_limits(written: dict[str, str | RateLimit]) -> None:
    """Refuse shared limits with a name or a rate that cannot be one."""
    for name, limit in written.items():
        if not LIMIT_NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} cannot be the name of a limit: it begins with a letter, and has letters, digits,"
                " `.`, `_` and `-`"
            )
        if isinstance(limit, str):
            parse_rate(limit)
        elif limit.name is not None:
            parse_rate(limit.name)


__all__ = [
    "ALGORITHMS",
    "LimitHeaderNames",
    "LimitHeaders",
    "LimitReply",
    "LimitText",
    "RateLimit",
    "check_rate_limit",
    "check_rate_limits",
    "each_limit",
    "parse_rate",
]
