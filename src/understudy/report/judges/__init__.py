"""The judges: each looks at one client, or at all of them together, and gives findings.

What they may find is the TABLE in `report.checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from understudy.report.clients import Client
from understudy.report.finding import Finding
from understudy.report.judges import attempts, breakers, herd, repeats, retry_after, timeouts, traffic, waits

JUDGES: tuple[Callable[[Client], Iterator[Finding]], ...] = (
    attempts.judge,
    waits.judge,
    retry_after.judge,
    repeats.judge,
    timeouts.judge,
    breakers.judge,
    traffic.judge,
)
TOGETHER: tuple[Callable[[Sequence[Client]], Iterator[Finding]], ...] = (herd.judge_together,)


def judge_all(clients: Sequence[Client]) -> list[Finding]:
    """What all judges find."""
    findings = [found for client in clients for judge in JUDGES for found in judge(client)]
    return findings + [found for judge in TOGETHER for found in judge(clients)]
