"""What a user writes about how much work can be done at once."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from understudy.model.base import Model
from understudy.model.latency import Latency
from understudy.model.parts import Headers, Milliseconds, Status, check_headers

Workers = Annotated[int, Meta(ge=1, le=100_000)]


class Overflow(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reply to a request that is shed."""

    status: Annotated[Status, Meta(description="Status of the reply.")] = 503
    body: Annotated[
        Any,
        Meta(
            description=(
                'Body: text is sent as text, anything else as JSON. Default: `{"error": "Over capacity"}`.'
            )
        ),
    ] = UNSET
    headers: Annotated[Headers, Meta(description="Headers of the reply.", examples=[{"Retry-After": 2}])] = {}

    def __post_init__(self) -> None:
        check_headers(self.headers)


class Capacity(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many requests are worked on at once, how many may wait, and what becomes of the rest."""

    concurrency: Annotated[
        Workers, Meta(description="How many requests are worked on at once.", examples=[10])
    ]
    queue: Annotated[
        int,
        Meta(ge=0, le=1_000_000, description="How many further ones may wait; the rest is shed."),
    ] = 0
    service_ms: Annotated[
        Milliseconds | Latency | UnsetType,
        Meta(
            description=(
                "How long a request is worked on: a number, or a distribution. `latency_ms` comes on top."
                " Default: as long as `latency_ms` says."
            ),
            examples=[80, {"exponential": 80}],
        ),
    ] = UNSET
    overflow: Annotated[
        Status | Literal["reset", "hang"] | Overflow,
        Meta(
            description=(
                "What a request gets that is shed: a status, an object, `reset` (the connection is reset), or"
                " `hang` (no answer)."
            ),
            examples=[429, "reset", {"status": 503, "headers": {"Retry-After": 2}}],
        ),
    ] = 503
