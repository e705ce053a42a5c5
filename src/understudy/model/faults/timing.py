"""Faults of time: late, slow, stuck."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from understudy.model.faults.base import Bytes, Fault, SomeBytes
from understudy.model.latency import Latency as Drawn
from understudy.model.parts import Milliseconds

Rate = Annotated[float, Meta(gt=0, le=1e12)]


class Latency(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="latency"):
    """The reply is late: before its first byte, between head and body, or between pieces of the body."""

    ms: Annotated[
        Milliseconds | Drawn | UnsetType,
        Meta(
            description="How long, in milliseconds; as `latency_ms`.", examples=[300, {"uniform": [50, 200]}]
        ),
    ] = UNSET
    at: Annotated[
        Literal["start", "body", "chunk"],
        Meta(
            description=(
                "`start`: before the first byte. `body`: between head and body. `chunk`: before each"
                " `chunk_bytes` of the body."
            )
        ),
    ] = "start"
    chunk_bytes: Annotated[SomeBytes, Meta(description="Size of a piece, for `at: chunk`.")] = 1024
    latency: Annotated[
        Milliseconds | UnsetType, Meta(description="Toxiproxy's name for `ms`.", examples=[300])
    ] = UNSET
    jitter: Annotated[
        Milliseconds, Meta(description="Toxiproxy's: `latency` varies by so much in both directions.")
    ] = 0.0

    def __post_init__(self) -> None:
        if (self.ms is UNSET) == (self.latency is UNSET):
            raise ValueError("a latency has `ms`, or Toxiproxy's `latency`")
        if self.jitter and self.latency is UNSET:
            raise ValueError("`jitter` belongs to Toxiproxy's `latency`: write ms: {uniform: [low, high]}")


class Dribble(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="dribble"):
    """The body arrives in pieces, with pauses between them."""

    chunks: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)],
        Meta(description="Into how many pieces of the same size the body is cut.", examples=[5]),
    ] = 5
    over_ms: Annotated[
        Milliseconds, Meta(description="From the first piece to the last.", examples=[1000])
    ] = 1000.0


class Bandwidth(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="bandwidth"):
    """The reply arrives no faster than a rate allows."""

    bytes_per_s: Annotated[Rate | UnsetType, Meta(description="Bytes per second.", examples=[10_000])] = UNSET
    rate: Annotated[
        Rate | UnsetType, Meta(description="Toxiproxy's: kilobytes (1000 bytes) per second.", examples=[10])
    ] = UNSET

    def __post_init__(self) -> None:
        if (self.bytes_per_s is UNSET) == (self.rate is UNSET):
            raise ValueError("a bandwidth has `bytes_per_s`, or Toxiproxy's `rate`")

    @property
    def limit_bytes_per_s(self) -> float:
        """The rate, whichever way it is written."""
        return 1000 * self.rate if isinstance(self.rate, float | int) else float(self.bytes_per_s)  # type: ignore[arg-type]


class Stall(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="stall"):
    """The body stops on its way, and goes on later or never."""

    after_bytes: Annotated[Bytes, Meta(description="Bytes of the body that are sent before.")] = 0
    for_ms: Annotated[
        Milliseconds | UnsetType,
        Meta(description="How long it stops. Default: until the client gives up.", examples=[5000]),
    ] = UNSET


class Hang(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="hang"):
    """The request is read and never answered."""

    for_ms: Annotated[
        Milliseconds | UnsetType,
        Meta(
            description="When the connection is closed without a reply. Default: when the client gives up.",
            examples=[30_000],
        ),
    ] = UNSET


class Timeout(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="timeout"):
    """Toxiproxy's name of `hang`: no data arrives, and the connection is closed after a time."""

    timeout: Annotated[
        Milliseconds,
        Meta(description="Milliseconds until the connection is closed; 0: never.", examples=[1000]),
    ] = 0.0


class SlowRead(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="slow_read"):
    """The body of the request is read slowly, so that the client's upload is held back."""

    bytes_per_s: Annotated[Rate, Meta(description="Bytes per second that are read.", examples=[50_000])]


class Unread(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="unread"):
    """The head of the request is read, its body never, and nothing is answered."""

    for_ms: Annotated[
        Milliseconds | UnsetType,
        Meta(
            description="When the connection is closed. Default: after `limits.body_timeout_s`.",
            examples=[5000],
        ),
    ] = UNSET
