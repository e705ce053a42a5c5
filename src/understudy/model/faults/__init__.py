"""What a user writes about faults. `AnyFault` is all of them, told apart by `kind`."""

from understudy.model.faults.base import FOREVER_S, Fault
from understudy.model.faults.connection import (
    EarlyReply,
    EmptyReply,
    Fragment,
    Reset,
    ResetPeer,
    Slicer,
    SlowClose,
    StaleConnection,
    WireMockEmptyReply,
    WireMockReset,
)
from understudy.model.faults.http import (
    Charset,
    ContentType,
    EmptyBody,
    Error,
    EventStream,
    GraphqlErrors,
    InvalidJson,
    RedirectLoop,
)
from understudy.model.faults.integrity import (
    BadGzip,
    BadStatusLine,
    ContentLength,
    Corrupt,
    DuplicateHeader,
    Garbage,
    InvalidHeader,
    LimitData,
    MalformedChunk,
    OversizedHeader,
    Truncate,
    WireMockGarbage,
    WireMockMalformedChunk,
)
from understudy.model.faults.timing import (
    Bandwidth,
    Dribble,
    Hang,
    Latency,
    SlowRead,
    Stall,
    Timeout,
    Unread,
)

AnyFault = (
    Latency
    | Dribble
    | Bandwidth
    | Stall
    | Hang
    | SlowRead
    | Unread
    | Error
    | RedirectLoop
    | ContentType
    | Charset
    | EmptyBody
    | InvalidJson
    | GraphqlErrors
    | EventStream
    | Truncate
    | ContentLength
    | MalformedChunk
    | Garbage
    | Corrupt
    | BadGzip
    | OversizedHeader
    | DuplicateHeader
    | InvalidHeader
    | BadStatusLine
    | EmptyReply
    | Reset
    | SlowClose
    | StaleConnection
    | Fragment
    | EarlyReply
    | Timeout
    | LimitData
    | ResetPeer
    | Slicer
    | WireMockEmptyReply
    | WireMockMalformedChunk
    | WireMockGarbage
    | WireMockReset
)
"""By family: time, HTTP, integrity, connection, and the names that other tools have for them."""

KINDS: dict[str, type[Fault]] = {str(model.__struct_config__.tag): model for model in AnyFault.__args__}
"""The models by kind."""


def fault_of(written: str | Fault) -> Fault:
    """A fault in its long form. Raises ValueError for a kind that does not exist, or that needs more keys."""
    if isinstance(written, Fault):
        return written
    model = KINDS.get(written)
    if model is None:
        raise ValueError(f"there is no fault {written!r}; there are {', '.join(KINDS)}")
    try:
        return model()
    except (TypeError, ValueError) as error:
        raise ValueError(f"{written!r} needs more than its name: {error}") from None


__all__ = [
    "FOREVER_S",
    "KINDS",
    "AnyFault",
    "BadGzip",
    "BadStatusLine",
    "Bandwidth",
    "Charset",
    "ContentLength",
    "ContentType",
    "Corrupt",
    "Dribble",
    "DuplicateHeader",
    "EarlyReply",
    "EmptyBody",
    "EmptyReply",
    "Error",
    "EventStream",
    "Fault",
    "Fragment",
    "Garbage",
    "GraphqlErrors",
    "Hang",
    "InvalidHeader",
    "InvalidJson",
    "Latency",
    "LimitData",
    "MalformedChunk",
    "OversizedHeader",
    "RedirectLoop",
    "Reset",
    "ResetPeer",
    "Slicer",
    "SlowClose",
    "SlowRead",
    "StaleConnection",
    "Stall",
    "Timeout",
    "Truncate",
    "Unread",
    "WireMockEmptyReply",
    "WireMockGarbage",
    "WireMockMalformedChunk",
    "WireMockReset",
    "fault_of",
]
