"""Replies that are late, as a whole or piece by piece."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET

from understudy.faults.pieces import Steps, is_unknown, opened, paced, size_of, split
from understudy.faults.strike import Lots, Moment, Strike
from understudy.model.faults import Latency
from understudy.render.draws import Draws
from understudy.simulate.kit import Kit, Place
from understudy.simulate.latency import compile_latency
from understudy.steps import Body, FileBody, Step, Wait, Write

MAX_DRAWN = 1000
"""Pieces of one body that draw a latency of their own; those after them share the last one."""

Draw = Callable[[Draws], float]
"""Draws a latency in seconds."""


def compile_latency_fault(fault: Latency, kit: Kit, place: Place) -> Strike:
    """A pause before the first byte, between head and body, or before each piece of the body.

    What has no body has nothing to wait for in the middle.
    """
    draw = _draw(fault, kit, place)
    if fault.at == "start":
        return lambda steps, moment: (Wait(draw(moment.lots)), *steps)
    chunk_bytes = fault.chunk_bytes

    def strike(steps: Steps, moment: Moment) -> Steps:
        if is_unknown(steps):
            return steps
        pieces = opened(steps, moment.request)
        if fault.at == "chunk":
            return _between_chunks(pieces, chunk_bytes, draw, moment.lots)
        first = next((position for position, step in enumerate(pieces) if size_of(step)), None)
        if first is None:
            return steps
        return (*pieces[:first], Wait(draw(moment.lots)), *pieces[first:])

    return strike


def _draw(fault: Latency, kit: Kit, place: Place) -> Draw:
    if fault.latency is not UNSET:
        low_s = (fault.latency - fault.jitter) / 1000
        span_s = 2 * fault.jitter / 1000
        return lambda draws: max(0.0, low_s + (span_s * draws.unit("latency") if span_s else 0.0))
    return compile_latency(fault.ms, kit, (*place, "ms")) or (lambda draws: 0.0)


def _between_chunks(pieces: Steps, chunk_bytes: int, draw: Draw, lots: Lots) -> Steps:
    result: list[Step] = []
    number = 0
    for piece in pieces:
        left: Step | None = piece
        while left is not None and size_of(left) and number < MAX_DRAWN:
            first, left = _chunk(left, chunk_bytes)
            result += (Wait(draw(Lots(lots, f"chunk {number}"))), first)
            number += 1
        if left is None:
            continue
        if size_of(left):
            gap_s = draw(Lots(lots, f"chunk {number}"))
            result += (Wait(gap_s), paced(left, chunk_bytes, gap_s))
        else:
            result.append(left)
    return tuple(result)


def _chunk(step: Step, size: int) -> tuple[Step, Step | None]:
    """The first chunk of a piece, and what is left of it. One with a pace of its own stays whole."""
    if isinstance(step, Body | FileBody | Write) and size_of(step) > size:
        return split(step, size)
    return step, None
