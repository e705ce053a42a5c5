"""Quiet before each turn.

A server that was driven beyond what it can do still works off its queue for seconds after wrk has gone, and
the server that is driven next would pay for it. So each turn waits until all servers under test are idle.
What other programs on the machine use meanwhile cannot be waited for; it is kept and shown with the results.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
SAMPLE_S = 0.3
IDLE_CORES = 0.1
PATIENCE_S = 30.0


def group_ticks(pgids: Collection[int]) -> int:
    """Processor time used so far by all processes of these groups."""
    total = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                pgid, ticks = parse_process((folder / "stat").read_text())
                total += ticks if pgid in pgids else 0
    return total


def parse_process(stat: str) -> tuple[int, int]:
    """Process group and processor time from /proc/PID/stat; the name in it may hold spaces and brackets."""
    after_name = stat.rpartition(")")[2].split()
    return int(after_name[2]), int(after_name[11]) + int(after_name[12])


def parse_machine(stat: str) -> int:
    """Processor time used by everything, from /proc/stat: all but idle and waiting for a disk."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, stat.split("\n", 1)[0].split()[1:9])
    return user + nice + system + irq + softirq + steal


@dataclass
class Quiet:
    """Waits for idle servers, and remembers how many cores other programs used."""

    foreign_cores: list[float] = field(default_factory=list)

    def settle(self, pgids: Collection[int] = ()) -> bool:
        """Wait until the groups are idle; False if they never are."""
        give_up = time.monotonic() + PATIENCE_S
        while True:
            ours, others = _sample(pgids)
            if ours <= IDLE_CORES:
                self.foreign_cores.append(others)
                return True
            if time.monotonic() > give_up:
                return False


def _sample(pgids: Collection[int]) -> tuple[float, float]:
    """Cores used by the groups, and by all other programs, over a moment."""
    ours, everything = group_ticks(pgids), parse_machine(Path("/proc/stat").read_text())
    began = time.monotonic()
    time.sleep(SAMPLE_S)
    everything = parse_machine(Path("/proc/stat").read_text()) - everything
    ticks = (time.monotonic() - began) * TICKS_PER_S
    ours = group_ticks(pgids) - ours
    return ours / ticks, max(0.0, everything - ours) / ticks
