"""What a user writes about outages that endpoints share, and about faults that are switched on and off."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType, field

from understudy.model.base import Model
from understudy.model.endpoint import FAULTS_META, Failure, FaultWritten
from understudy.model.latency import Latency
from understudy.model.occasion import Occasion, Ttl
from understudy.model.parts import TOKEN, Milliseconds, Percentage, Status
from understudy.model.schedule import SomeSeconds

SomeName = Annotated[str, Meta(min_length=1)]
Names = SomeName | list[SomeName]
Name = Annotated[str, Meta(min_length=1, max_length=100)]


class Outage(Occasion, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that endpoints depend on and that is down at times, for all of them together."""

    faults: Annotated[
        list[FaultWritten],
        Meta(
            description="What happens to requests meanwhile. Default: an error with status 503.",
            examples=[["reset"], [{"kind": "error", "status": 502}]],
        ),
    ] = []


class Profile(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named set of faults for some endpoints or all, which is switched on and off as a whole."""

    description: Annotated[str, Meta(description="What it stands for.")] = ""
    endpoints: Annotated[
        Names,
        Meta(
            description=(
                "Which endpoints it is for: names, or paths as endpoints have them, in which `*` stands for"
                " any text. Default: all."
            ),
            examples=["GET /orders", ["/orders/**", "/carts/**"]],
        ),
    ] = []
    groups: Annotated[
        Names,
        Meta(description="Which groups of endpoints it is for, beside `endpoints`.", examples=["payments"]),
    ] = []
    latency_ms: Annotated[
        Milliseconds | Latency | UnsetType,
        Meta(description="Time that replies are later, on top of their own latency.", examples=[300]),
    ] = UNSET
    failure_rate: Annotated[
        Percentage | UnsetType, Meta(description="Share of requests that fail.", examples=[0.1])
    ] = UNSET
    failure: Annotated[
        Status | Failure | UnsetType, Meta(description="What those get; as in an endpoint.", examples=[503])
    ] = UNSET
    faults: Annotated[list[FaultWritten], FAULTS_META] = []

    def __post_init__(self) -> None:
        if self.failure is not UNSET and self.failure_rate is UNSET:
            raise ValueError("`failure` says what a failed request gets: `failure_rate` says how many do")

    @property
    def does_something(self) -> bool:
        """Whether anything goes wrong while it is on."""
        return bool(self.faults) or self.latency_ms is not UNSET or self.failure_rate is not UNSET


class LiveRule(Profile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Faults that are switched on while the server runs: a profile of the config, or faults of its own."""

    name: Annotated[
        Name | UnsetType,
        Meta(description="What it is called, to be switched off. Default: its profile's, or a number."),
    ] = UNSET
    profile: Annotated[
        str | UnsetType, Meta(description="A profile of the config.", examples=["slow-database"])
    ] = UNSET
    ttl: Annotated[
        Ttl | UnsetType,
        Meta(
            description=(
                "How long it is on, in seconds or as `90s` or `5m`. Default: until it is switched off."
            ),
            examples=["30s"],
        ),
    ] = UNSET
    space: Annotated[
        str, Meta(max_length=200, description="Only requests of this space. Default: all requests.")
    ] = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.profile is not UNSET and self.does_something:
            raise ValueError("a rule has a `profile` or faults of its own: switch on two rules")


class Stage(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stretch of time with certain profiles, or none."""

    name: Annotated[
        Name | UnsetType, Meta(description="What the log calls it. Default: its number, from 1.")
    ] = UNSET
    for_s: Annotated[SomeSeconds, Meta(description="How long it lasts.", examples=[30])]
    profile: Annotated[
        Names, Meta(description="Profiles that are on meanwhile. Default: none.", examples=["slow-database"])
    ] = []


class RequestHeaders(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What clients may ask for themselves, by request headers, and how far they may go."""

    kinds: Annotated[
        list[str],
        Meta(
            description="Kinds of faults that may be asked for. Default: error and latency.",
            examples=[["error", "latency", "reset"]],
        ),
    ] = field(default_factory=lambda: ["error", "latency"])
    max_probability: Annotated[Percentage, Meta(description="The highest probability.")] = 1.0
    max_latency_ms: Annotated[Milliseconds, Meta(description="The longest latency; more is cut to it.")] = (
        10_000.0
    )
    envoy: Annotated[
        bool, Meta(description="Whether Envoy's `x-envoy-fault-*` headers are understood too.")
    ] = False


class Chaos(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Faults that are switched on and off while the server runs."""

    profiles: Annotated[
        dict[str, Profile],
        Meta(
            description="Profiles by name.",
            examples=[{"slow-database": {"groups": "orders", "latency_ms": 800}}],
        ),
    ] = {}
    active: Annotated[
        Names, Meta(description="Profiles that are on from the start.", examples=["slow-database"])
    ] = []
    stages: Annotated[
        list[Stage],
        Meta(
            description="A scenario: stretches of time one after the other, from the start of the server.",
            examples=[[{"for_s": 60}, {"for_s": 30, "profile": "slow-database"}]],
        ),
    ] = []
    loop: Annotated[bool, Meta(description="Whether the stages begin again after the last.")] = False
    reveal: Annotated[
        bool | str,
        Meta(
            description=(
                "Whether replies say which fault was injected, in `X-Understudy-Fault` or in the header"
                " named here."
            ),
            examples=[True, "X-Injected"],
        ),
    ] = False
    request_headers: Annotated[
        bool | RequestHeaders,
        Meta(description="Whether clients may ask for faults by headers such as `X-Understudy-Fault`."),
    ] = False
    max_active: Annotated[
        Annotated[int, Meta(ge=1)] | UnsetType,
        Meta(description="Most requests that profiles and live faults hit at the same time.", examples=[50]),
    ] = UNSET

    def __post_init__(self) -> None:
        if isinstance(self.reveal, str) and not TOKEN.fullmatch(self.reveal):
            raise ValueError(f"{self.reveal!r} cannot be a header name")
        if self.loop and not self.stages:
            raise ValueError("`loop` is about `stages`, and there are none")


def names(written: Any) -> list[str]:
    """A name or a list of them, as a list."""
    return [written] if isinstance(written, str) else list(written)
