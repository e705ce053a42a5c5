"""Thundering herds: retries of several operations, or clients, that come in step.

Independent retries are spread over the time that clients wait. A window of a tenth of that should then hold
about a twentieth of the retries around it. How many it does hold is compared with what chance would give (a
Poisson distribution), and it is a herd if chance would give that once in ten thousand windows.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from math import exp
from statistics import median
from typing import NamedTuple

from understudy.report.attempt import Attempt, milliseconds
from understudy.report.checks import WARNING, finding
from understudy.report.clients import Client
from understudy.report.finding import Finding
from understudy.report.operations import Operation

FEWEST = 5
"""Fewer retries together may be chance, or no harm."""
SHORTEST_WAIT_S = 0.02
"""Who waits less does not back off, which is another finding, and is in step with nobody but itself."""
WINDOW_SHARE = 0.1
LONGEST_WINDOW_S = 0.05
CHANCE = 1e-4


class Bunch(NamedTuple):
    """Retries within one window, by their places in the list; how many chance would give."""

    start: int
    end: int
    expected: float


class _Retry(NamedTuple):
    at: float
    attempt: Attempt
    operation: Operation
    client: str


def judge_together(clients: Sequence[Client]) -> Iterator[Finding]:
    """`thundering-herd`, over all clients."""
    retries = sorted(
        (
            _Retry(after.at, after, operation, client.label)
            for client in clients
            for operation, _, before, after in client.retries
            if after.at - before.ends_at >= SHORTEST_WAIT_S
        ),
        key=lambda one: (one.at, one.attempt.id),
    )
    waits = [
        wait_s
        for client in clients
        for _, _, before, after in client.retries
        if (wait_s := after.at - before.ends_at) >= SHORTEST_WAIT_S
    ]
    if len(retries) < FEWEST:
        return
    wait_s = median(waits)
    window_s = min(LONGEST_WINDOW_S, wait_s * WINDOW_SHARE)
    bunches = find_bunches([one.at for one in retries], wait_s, window_s)
    herds = []
    for bunch in bunches:
        members = retries[bunch.start : bunch.end]
        if len({id(one.operation) for one in members}) >= FEWEST:
            herds.append((bunch, members))
    if not herds:
        return
    bunch, members = max(herds, key=lambda herd: len(herd[1]))
    labels = sorted({one.client for one in members})
    who = (
        f"{len(labels)} clients"
        if len(labels) > 1
        else f"{len({id(one.operation) for one in members})} operations"
    )
    more = f" This happened {len(herds)} times." if len(herds) > 1 else ""
    span_s = members[-1].at - members[0].at
    yield finding(
        "thundering-herd",
        WARNING,
        labels[0] if len(labels) == 1 else f"{len(labels)} clients",
        f"sent {len(members)} retries of {who} within {milliseconds(span_s)}, after waits of about"
        f" {milliseconds(wait_s)}: spread out, about {max(1, round(bunch.expected))} would have come.{more}",
        evidence=[one.attempt.id for one in members],
        facts={
            "retries": len(members),
            "within_ms": round(span_s * 1000, 1),
            "expected_by_chance": round(bunch.expected, 2),
            "clients": labels[:20],
            "herds": len(herds),
        },
    )


def find_bunches(instants: Sequence[float], wait_s: float, window_s: float) -> list[Bunch]:
    """Windows, none inside of another, that hold far more of the sorted instants than chance would give."""
    bunches = []
    start = 0
    while start < len(instants):
        end = bisect_right(instants, instants[start] + window_s, start)
        count = end - start
        if count >= FEWEST:
            low = bisect_left(instants, instants[start] - wait_s)
            high = bisect_right(instants, instants[start] + window_s + wait_s)
            expected = (high - low) * window_s / (2 * wait_s + window_s)
            if tail(count, expected) < CHANCE:
                bunches.append(Bunch(start, end, expected))
                start = end
                continue
        start += 1
    return bunches


def tail(count: int, expected: float) -> float:
    """How likely a Poisson distribution gives at least `count`."""
    term = exp(-expected)
    below = 0.0
    for number in range(count):
        below += term
        term *= expected / (number + 1)
    return max(0.0, 1 - below)
