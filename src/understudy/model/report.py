"""What a user writes about the report on the client: what it goes by, and what is expected of the client."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from understudy.model.base import Model
from understudy.model.state import Per, check_per

Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]


class ReportSettings(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the report on the client goes by."""

    client: Annotated[
        Per | UnsetType,
        Meta(
            description=(
                "What tells clients apart: `header:NAME`, `cookie:NAME`, `query:NAME`, `jwt:CLAIM` or"
                " `client` (its address). Default: address and `User-Agent` together."
            ),
            examples=["header:X-Client"],
        ),
    ] = UNSET
    operation_gap_s: Annotated[
        Seconds,
        Meta(
            description=(
                "After so long a pause, and no longer `Retry-After`, the same request is a new operation"
                " and no retry."
            )
        ),
    ] = 60
    max_attempts: Annotated[
        Count, Meta(description="More attempts at one operation are an endless loop.")
    ] = 10
    max_amplification: Annotated[
        float, Meta(ge=1, description="More requests per operation are a retry storm.")
    ] = 4
    breaker_after: Annotated[
        Count, Meta(description="After so many failures on end a circuit breaker should have opened.")
    ] = 10
    slow_s: Annotated[
        Seconds, Meta(description="Who waits longer than this for a reply has no time-out worth the name.")
    ] = 30
    idempotent: Annotated[
        list[str],
        Meta(
            description="Paths where POST and PATCH may be sent twice without harm.",
            examples=[["/graphql", "/search/**"]],
        ),
    ] = []
    max_operations: Annotated[
        int, Meta(ge=0, le=10_000, description="Operations that are listed and drawn; the rest is counted.")
    ] = 100

    def __post_init__(self) -> None:
        check_per(self.client)
        for path in self.idempotent:
            if not path.startswith("/"):
                raise ValueError(f'a path starts with "/": write "/{path}"')


class Expect(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the client is expected to do. The report has an error for each thing that it does not."""

    retries: Annotated[
        bool | UnsetType,
        Meta(description="Whether it tries again after a failure that may pass.", examples=[True]),
    ] = UNSET
    succeeds: Annotated[
        bool | UnsetType,
        Meta(description="Whether every operation succeeds in the end.", examples=[True]),
    ] = UNSET
    max_attempts: Annotated[
        Count | UnsetType, Meta(description="The most attempts at one operation.", examples=[4])
    ] = UNSET
    max_amplification: Annotated[
        Annotated[float, Meta(ge=1)] | UnsetType,
        Meta(description="The most requests per operation, on average.", examples=[1.5]),
    ] = UNSET
    backoff: Annotated[
        Literal["none", "constant", "linear", "exponential"] | UnsetType,
        Meta(description="How the waits between attempts grow.", examples=["exponential"]),
    ] = UNSET
    jitter: Annotated[
        bool | UnsetType, Meta(description="Whether these waits are partly random.", examples=[True])
    ] = UNSET
    honors_retry_after: Annotated[
        bool | UnsetType,
        Meta(description="Whether it waits as long as `Retry-After` asks for.", examples=[True]),
    ] = UNSET
    idempotency_keys: Annotated[
        bool | UnsetType,
        Meta(
            description="Whether POST and PATCH are sent again with an `Idempotency-Key` only.",
            examples=[True],
        ),
    ] = UNSET
    timeout_s: Annotated[
        tuple[Annotated[float, Meta(ge=0)], Annotated[float, Meta(ge=0)]] | UnsetType,
        Meta(description="Bounds for how long it waits for a reply, in seconds.", examples=[[0.5, 2]]),
    ] = UNSET
    breaker: Annotated[
        bool | UnsetType,
        Meta(description="Whether a circuit breaker opens after failures on end.", examples=[True]),
    ] = UNSET
    max_in_flight: Annotated[
        Count | UnsetType, Meta(description="The most requests at the same time.", examples=[10])
    ] = UNSET

    def __post_init__(self) -> None:
        if self.timeout_s is not UNSET and self.timeout_s[0] > self.timeout_s[1]:
            low, high = self.timeout_s
            raise ValueError(f"the lower bound comes first: write [{high:g}, {low:g}]")
