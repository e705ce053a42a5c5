"""How long a reply waits."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET, UnsetType

from understudy.model import Uniform
from understudy.render.draws import Draws


def compile_latency(written: float | Uniform | UnsetType) -> Callable[[Draws], float] | None:
    """What draws the latency of one reply, in seconds; None for none."""
    if written is UNSET or written == 0:
        return None
    if isinstance(written, Uniform):
        low, high = written.uniform[0] / 1000, written.uniform[1] / 1000
        return lambda draws: low + (high - low) * draws.unit("latency")
    fixed = written / 1000
    return lambda draws: fixed
