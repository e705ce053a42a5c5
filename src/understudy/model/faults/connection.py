"""Faults of the connection: reset, closed, kept open, cut into small writes."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from understudy.model.faults.base import Bytes, Fault, SomeBytes
from understudy.model.parts import Headers, Milliseconds, Status, check_headers


class EmptyReply(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="empty_reply"):
    """The request is read, and the connection is closed without a byte."""


class WireMockEmptyReply(
    EmptyReply, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="EMPTY_RESPONSE"
):
    """WireMock's name of `empty_reply`."""


class Reset(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="reset"):
    """The connection is reset (TCP RST): before any byte, or in the middle of the reply."""

    after_bytes: Annotated[
        Bytes | UnsetType,
        Meta(
            description="Bytes of the body that are sent before. Default: nothing is, not even the head.",
            examples=[100],
        ),
    ] = UNSET


class WireMockReset(
    Reset, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="CONNECTION_RESET_BY_PEER"
):
    """WireMock's name of `reset`."""


class ResetPeer(Reset, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="reset_peer"):
    """Toxiproxy's name of `reset`, with the time until it happens."""

    timeout: Annotated[Milliseconds, Meta(description="Milliseconds before the reset.", examples=[100])] = 0.0


class SlowClose(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="slow_close"):
    """The reply says `Connection: close`, but the connection is closed late, or only half."""

    for_ms: Annotated[
        Milliseconds | UnsetType,
        Meta(description="How long it stays open. Default: 5 seconds.", examples=[2000]),
    ] = UNSET
    half_open: Annotated[
        bool, Meta(description="Whether our side is closed at once, and theirs is waited for so long.")
    ] = False
    delay: Annotated[
        Milliseconds | UnsetType, Meta(description="Toxiproxy's name for `for_ms`.", examples=[2000])
    ] = UNSET

    def __post_init__(self) -> None:
        if self.for_ms is not UNSET and self.delay is not UNSET:
            raise ValueError("`for_ms` and Toxiproxy's `delay` are the same: leave one out")


class StaleConnection(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="stale_connection"):
    """The reply leaves the connection open for more, but it is then closed without a word.

    A client that keeps it in its pool finds it dead, or loses the next request on it.
    """

    after_ms: Annotated[
        Milliseconds,
        Meta(
            description="How long after the reply it is closed, even if a request has come.", examples=[100]
        ),
    ] = 0.0


class Fragment(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="fragment"):
    """The reply, its head too, arrives in small pieces: parsers must not take a piece for the whole."""

    chunk_bytes: Annotated[SomeBytes, Meta(description="Size of a piece.", examples=[1])] = 1
    gap_ms: Annotated[Milliseconds, Meta(description="Pause between two pieces.", examples=[5])] = 1.0


class Slicer(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="slicer"):
    """Toxiproxy's name of `fragment`, with pieces of varying size."""

    average_size: Annotated[SomeBytes, Meta(description="Mean size of a piece in bytes.", examples=[16])]
    size_variation: Annotated[
        Bytes, Meta(description="By how many bytes pieces are larger or smaller; less than the mean.")
    ] = 0
    delay: Annotated[
        Annotated[float, Meta(ge=0, le=86_400_000_000)],
        Meta(description="Microseconds between two pieces.", examples=[5000]),
    ] = 0.0

    def __post_init__(self) -> None:
        if self.size_variation >= self.average_size:
            raise ValueError("`size_variation` is less than `average_size`")


class EarlyReply(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="early_reply"):
    """A refusal is sent when the head has come, before the body was read; then the connection closes."""

    status: Annotated[Status, Meta(description="Status of the reply.")] = 413
    headers: Annotated[Headers, Meta(description="Headers of the reply.")] = {}

    def __post_init__(self) -> None:
        check_headers(self.headers)
