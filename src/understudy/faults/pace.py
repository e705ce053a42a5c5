"""Replies that arrive piece by piece: in a given time, at a given rate, or in small writes."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.faults.pieces import Steps, body_size, cut, is_sent, is_unknown, opened, paced, size_of
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import Bandwidth, Dribble, Fragment, Slicer
from understudy.simulate.kit import Kit, Place
from understudy.steps import Body, Step, Wait, Write

GAP_S = 0.02
"""Time between two chunks of a limited rate: short enough to be even, long enough to cost little."""
MAX_SLICES = 10_000
"""Pieces of one reply whose sizes are drawn; what comes after them has the mean size."""


def compile_dribble(fault: Dribble, kit: Kit, place: Place) -> Strike:
    """The body in pieces of the same size (as near as may be), the first at once, with pauses between them.

    A body of fewer bytes than pieces has one piece for each byte.
    """

    def strike(steps: Steps, moment: Moment) -> Steps:
        if is_unknown(steps):
            return steps
        pieces = opened(steps, moment.request)
        size = body_size(pieces)
        count = min(fault.chunks, size)
        if count < 2:
            return steps
        small, larger = divmod(size, count)  # the first `larger` pieces have one byte more
        gap_s = fault.over_ms / 1000 / (count - 1)
        first, rest = cut(pieces, larger * (small + 1))
        slow = [*_spaced(first, small + 1, gap_s), *_spaced(rest, small, gap_s)]
        return _with_gaps(slow, gap_s, body_only=True)

    return strike


def compile_bandwidth(fault: Bandwidth, kit: Kit, place: Place) -> Strike:
    """Each part of the body takes as long as its bytes do at the rate. The head has its own pace before."""
    rate = fault.limit_bytes_per_s
    chunk_bytes = max(1, int(rate * GAP_S))
    gap_s = chunk_bytes / rate

    def strike(steps: Steps, moment: Moment) -> Steps:
        if is_unknown(steps):
            return steps
        result: list[Step] = []
        for step in opened(steps, moment.request):
            size = size_of(step)
            if size:  # a chunk arrives when its last byte would, so the first is not sent at once
                full_chunks = (size - 1) // chunk_bytes
                result.append(Wait(size / rate - full_chunks * gap_s))
            result.append(paced(step, chunk_bytes, gap_s))
        return tuple(result)

    return strike


def compile_fragment(fault: Fragment, kit: Kit, place: Place) -> Strike:
    """Head and body in pieces of a size, with a pause between any two."""
    return _fragments(fault.chunk_bytes, fault.gap_ms / 1000)


def compile_slicer(fault: Slicer, kit: Kit, place: Place) -> Strike:
    """As `fragment`, but for the sizes of the body's pieces, which are drawn.

    The pieces of the head and of a large file all have the mean size.
    """
    gap_s = fault.delay / 1_000_000
    mean = fault.average_size
    if not fault.size_variation:
        return _fragments(mean, gap_s)
    low, span = mean - fault.size_variation, 2 * fault.size_variation + 1

    def strike(steps: Steps, moment: Moment) -> Steps:
        if is_unknown(steps):
            return steps
        pieces = opened(steps, moment.request)
        count = min(MAX_SLICES, body_size(pieces) // low + len(pieces))
        lots = moment.lots.raw("sizes", 4 * count)
        sizes = [
            low + int.from_bytes(lots[at : at + 4], "big") * span // 2**32 for at in range(0, len(lots), 4)
        ]
        sliced: list[Step] = []
        for step in pieces:
            if isinstance(step, Body | Write):
                sliced += _slices(step, sizes, mean, gap_s)
            else:
                sliced.append(paced(step, mean, gap_s))
        return _with_gaps(sliced, gap_s)

    return strike


def _slices(step: Body | Write, sizes: list[int], mean: int, gap_s: float) -> Iterator[Step]:
    """A step cut into pieces, whose sizes are taken from a list as long as there are any."""
    kind, data, at = type(step), step.data, 0
    while at < len(data) and sizes:
        size = sizes.pop()
        yield kind(data[at : at + size])
        at += size
    if at < len(data):
        yield paced(kind(data[at:]), mean, gap_s)


def _fragments(chunk_bytes: int, gap_s: float) -> Strike:
    def strike(steps: Steps, moment: Moment) -> Steps:
        if is_unknown(steps):
            return steps
        return _with_gaps([paced(step, chunk_bytes, gap_s) for step in opened(steps, moment.request)], gap_s)

    return strike


def _spaced(steps: Steps, chunk_bytes: int, gap_s: float) -> Steps:
    """Opened steps with the body in chunks."""
    return tuple(paced(step, chunk_bytes, gap_s) if size_of(step) else step for step in steps)


def _with_gaps(steps: list[Step], gap_s: float, *, body_only: bool = False) -> Steps:
    """A pause also between the last chunk of a piece and the first of the next."""
    result: list[Step] = []
    sent = False
    for step in steps:
        counts = bool(size_of(step)) if body_only else is_sent(step)
        if counts and sent and gap_s:
            result.append(Wait(gap_s))
        sent = sent or counts
        result.append(step)
    return tuple(result)


__all__ = ["compile_bandwidth", "compile_dribble", "compile_fragment", "compile_slicer"]
