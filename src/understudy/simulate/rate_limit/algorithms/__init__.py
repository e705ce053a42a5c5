"""How requests are counted over time: one file per algorithm, and the TABLE of them.

Concurrency is not one of them: it counts what is going on, not what was (`rate_limit.holding`).
"""

from __future__ import annotations

from collections.abc import Callable

from understudy.model import RateLimit
from understudy.simulate.rate_limit.algorithms.base import Count, Rule, Verdict
from understudy.simulate.rate_limit.algorithms.fixed_window import FixedWindow
from understudy.simulate.rate_limit.algorithms.gcra import Gcra
from understudy.simulate.rate_limit.algorithms.sliding_window import SlidingWindow
from understudy.simulate.rate_limit.algorithms.token_bucket import TokenBucket

COUNTS: dict[str, Callable[[Rule], Count]] = {
    "fixed_window": FixedWindow,
    "sliding_window": SlidingWindow,
    "token_bucket": TokenBucket,
    "gcra": Gcra,
}


def compile_count(written: RateLimit) -> Count:
    """What counts the requests of a limit that has a window."""
    return COUNTS[written.algorithm](rule_of(written))


def rule_of(written: RateLimit) -> Rule:
    """The numbers of a limit."""
    return Rule(written.quota, round(written.length_s * 1e6), written.capacity, written.aligned)


__all__ = ["COUNTS", "Count", "Rule", "Verdict", "compile_count", "rule_of"]
