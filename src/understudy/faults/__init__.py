"""Faults: what can go wrong, one file for each kind (or a few close ones), and one TABLE of them.

A fault is written as a model (`model.faults`), and compiled here into a function from steps to steps
(`strike.Strike`). When it strikes is another matter, and the same for all: `schedule`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import UNSET

from understudy.model.faults import Fault, Latency, Reset

if TYPE_CHECKING:
    from understudy.faults.strike import Strike
    from understudy.simulate.kit import Kit, Place


def _always(fault: Fault) -> bool:
    return True


def _never(fault: Fault) -> bool:
    return False


def _once_begun(fault: Fault) -> bool:
    """A reset that lets some of the reply through."""
    return isinstance(fault, Reset) and fault.after_bytes is not UNSET


def _at_start(fault: Fault) -> bool:
    """A latency before the first byte."""
    return isinstance(fault, Latency) and fault.at == "start"


class FaultRow(NamedTuple):
    """A kind of fault: where its compiler is (`module:function`, imported on use) and what it is for.

    `rows` are those of the taxonomy in docs/faults/index.md that it serves. `spoils` says whether it needs
    the reply, as it spoils it; others stand in its place. A `blind` one does so without looking at it, as to
    any other. An `early` one acts when the head of the request has come, before its body is read.
    """

    home: str
    family: str
    rows: tuple[int, ...]
    spoils: Callable[[Fault], bool] = _never
    early: bool = False
    blind: Callable[[Fault], bool] = _never


FAULTS: dict[str, FaultRow] = {
    "latency": FaultRow(
        "latency:compile_latency_fault", "time", (1, 2, 3, 4, 5, 6, 7, 8), _always, blind=_at_start
    ),
    "dribble": FaultRow("pace:compile_dribble", "time", (10,), _always),
    "bandwidth": FaultRow("pace:compile_bandwidth", "time", (11,), _always),
    "stall": FaultRow("stall:compile_stall", "time", (8, 12), _always),
    "hang": FaultRow("hang:compile_hang", "time", (43,)),
    "slow_read": FaultRow("early:compile_slow_read", "time", (48,), early=True),
    "unread": FaultRow("early:compile_unread", "time", (48,), early=True),
    "error": FaultRow("error:compile_error", "http", (14, 15, 16, 17)),
    "redirect_loop": FaultRow("redirect_loop:compile_redirect_loop", "http", (20,)),
    "content_type": FaultRow("content_type:compile_content_type", "http", (20,), _always),
    "charset": FaultRow("content_type:compile_charset", "http", (36,), _always),
    "empty_body": FaultRow("body:compile_empty_body", "http", (20,), _always),
    "invalid_json": FaultRow("body:compile_invalid_json", "http", (20,), _always),
    "graphql_errors": FaultRow("graphql_errors:compile_graphql_errors", "http", (21,), _always),
    "event_stream": FaultRow("event_stream:compile_event_stream", "http", (13,), _always),
    "truncate": FaultRow("truncate:compile_truncate", "integrity", (31,), _always),
    "content_length": FaultRow("content_length:compile_content_length", "integrity", (32,), _always),
    "malformed_chunk": FaultRow("malformed_chunk:compile_malformed_chunk", "integrity", (33,), _always),
    "garbage": FaultRow("garbage:compile_garbage", "integrity", (34,)),
    "corrupt": FaultRow("body:compile_corrupt", "integrity", (35,), _always),
    "bad_gzip": FaultRow("bad_gzip:compile_bad_gzip", "integrity", (36,), _always),
    "oversized_header": FaultRow("headers:compile_oversized_header", "integrity", (37,), _always),
    "duplicate_header": FaultRow("headers:compile_duplicate_header", "integrity", (37,), _always),
    "invalid_header": FaultRow("headers:compile_invalid_header", "integrity", (37,), _always),
    "bad_status_line": FaultRow("headers:compile_bad_status_line", "integrity", (37,), _always),
    "empty_reply": FaultRow("hang:compile_empty_reply", "connection", (40,)),
    "reset": FaultRow("reset:compile_reset", "connection", (41, 42), _once_begun),
    "slow_close": FaultRow("close:compile_slow_close", "connection", (44,), _always, blind=_always),
    "stale_connection": FaultRow(
        "close:compile_stale_connection", "connection", (45,), _always, blind=_always
    ),
    "fragment": FaultRow("pace:compile_fragment", "connection", (46,), _always),
    "early_reply": FaultRow("early:compile_early_reply", "connection", (48,), early=True),
    # Toxiproxy's and WireMock's names: see ALIASES
    "timeout": FaultRow("hang:compile_hang", "time", (43,)),
    "limit_data": FaultRow("truncate:compile_limit_data", "integrity", (31,), _always),
    "reset_peer": FaultRow("reset:compile_reset", "connection", (41,), _once_begun),
    "slicer": FaultRow("pace:compile_slicer", "connection", (46,), _always),
    "EMPTY_RESPONSE": FaultRow("hang:compile_empty_reply", "connection", (40,)),
    "MALFORMED_RESPONSE_CHUNK": FaultRow(
        "malformed_chunk:compile_malformed_chunk", "integrity", (33,), _always
    ),
    "RANDOM_DATA_THEN_CLOSE": FaultRow("garbage:compile_garbage", "integrity", (34,)),
    "CONNECTION_RESET_BY_PEER": FaultRow("reset:compile_reset", "connection", (41,), _once_begun),
}
"""By kind; the families stand together, aliases last."""

ALIASES = {
    "timeout": "hang",
    "limit_data": "truncate",
    "reset_peer": "reset",
    "slicer": "fragment",
    "EMPTY_RESPONSE": "empty_reply",
    "MALFORMED_RESPONSE_CHUNK": "malformed_chunk",
    "RANDOM_DATA_THEN_CLOSE": "garbage",
    "CONNECTION_RESET_BY_PEER": "reset",
}
"""Kinds that are other tools' names, and ours that they stand for or come closest to."""


def kind_of(fault: Fault) -> str:
    """The kind that a fault is written as."""
    return str(type(fault).__struct_config__.tag)


def compile_fault(fault: Fault, kit: Kit, place: Place) -> Strike:
    """What a fault does when it strikes. A mistake is added to the kit's problems, at `place`."""
    strike: Strike = _imported(FAULTS[kind_of(fault)].home)(fault, kit, place)
    return strike


@cache
def _imported(home: str) -> Any:
    module, _, name = home.partition(":")
    return getattr(import_module(f"understudy.faults.{module}"), name)


__all__ = ["ALIASES", "FAULTS", "FaultRow", "compile_fault", "kind_of"]
