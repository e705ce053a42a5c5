"""How long replies take, and how their bodies come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from understudy.model.parts import MAX_MS
from understudy.record.general.sample import Sample

FEW, MANY = 2, 10
"""Samples from which on a latency has two bounds, and percentiles."""
_SLOW_MS = 50.0
"""Time from the first piece of a body to the last from which on it is a stream."""


def latency_of(samples: Sequence[Sample]) -> Any:
    """A `latency_ms` as it was recorded; None if it is not known."""
    waits = sorted(round(min(one.exchange.wait_ms, MAX_MS), 1) for one in samples if one.exchange.wait_ms > 0)
    if not waits:
        return None
    if len(waits) < FEW or waits[0] == waits[-1]:
        return waits[0]
    if len(waits) < MANY:
        return {"uniform": [waits[0], waits[-1]]}
    at = {"0": 0.0, "50": 0.5, "75": 0.75, "90": 0.9, "99": 0.99, "100": 1.0}
    return {"percentiles": {name: waits[round(share * (len(waits) - 1))] for name, share in at.items()}}


def stream_of(samples: Sequence[Sample]) -> dict[str, Any] | None:
    """The fault that sends a body over time, as the first reply did that came so; None if none did."""
    for sample in samples:
        reply = sample.exchange.reply
        if reply is None or len(reply.chunks) < 2 or not sample.body:
            continue
        times = [chunk.at_ms for chunk in reply.chunks]
        over = round(min(times[-1] - times[0], MAX_MS), 1)
        if over < _SLOW_MS:
            continue
        if sample.kind.partition(";")[0].strip().lower() == "text/event-stream":
            events = max(2, len([one for one in sample.body.split(b"\n\n") if one.strip()]))
            return {"kind": "event_stream", "gap_ms": round(over / (events - 1), 1)}
        return {"kind": "dribble", "chunks": min(len(times), 1_000_000), "over_ms": over}
    return None
