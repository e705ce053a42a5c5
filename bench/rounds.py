"""Interleaved rounds: every server is up, and one after another is driven, again and again."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import load, servers
from bench.contenders import Contender, UnsupportedError
from bench.quiet import Quiet
from bench.servers import Server, StartError
from bench.shapes import Shape
from bench.stats import middle

Row = dict[str, Any]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Lane:
    """One server with what it serves and how wrk asks it."""

    contender: Contender
    shape: Shape
    variant: str = ""
    script: str | None = None
    arguments: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.contender.name}, {self.variant}" if self.variant else self.contender.name


@dataclass
class Track:
    """A lane while it is measured."""

    lane: Lane
    server: Server | None = None
    reason: str = ""
    loads: list[load.Load | None] = field(default_factory=list)
    memory_mb: float = 0.0

    def row(self) -> Row:
        """What is kept of it in the results."""
        row: Row = {"server": self.lane.contender.name, "group": self.lane.contender.group}
        row |= {"variant": self.lane.variant, "version": self.lane.contender.version}
        if self.reason:
            return row | {"unavailable": self.reason}
        good = [one for one in self.loads if one]
        return row | {
            "rates": [one.rate if one else None for one in self.loads],
            "rate": middle([one.rate for one in good]),
            "p50_ms": middle([one.p50_ms for one in good]),
            "p99_ms": middle([one.p99_ms for one in good]),
            "errors": sum(one.errors for one in good),
            "memory_mb": round(self.memory_mb, 1),
        }


def measure(
    lanes: Iterable[Lane], folder: Path, rounds: int, seconds: int, quick: bool, quiet: Quiet, say: Say
) -> list[Row]:
    """Start all lanes, drive them in interleaved rounds, stop them all."""
    tracks = [Track(lane) for lane in lanes]
    try:
        for number, track in enumerate(tracks):
            bring_up(track, folder / str(number), quick, say)
        drive_rounds(tracks, rounds, seconds, quiet, say)
    finally:
        for track in tracks:
            if track.server:
                track.server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return [track.row() for track in tracks]


def drive_rounds(tracks: list[Track], rounds: int, seconds: int, quiet: Quiet, say: Say) -> None:
    """Drive those that are up one after another, again and again, and weigh them at the end."""
    up = {track.server.process.pid for track in tracks if track.server}
    for number in range(rounds):
        for track in tracks:
            if track.server and not track.reason:
                if not quiet.settle(up):
                    say("the servers did not become idle; going on")
                _drive_once(track, seconds, f"round {number + 1}/{rounds}", say)
    for track in tracks:
        if track.server:
            track.memory_mb = servers.group_memory_mb(track.server.process.pid)


def bring_up(track: Track, folder: Path, quick: bool, say: Say) -> None:
    """Start a lane's server and warm it up, or note why it is not there."""
    lane = track.lane
    try:
        began = time.monotonic()
        track.server = servers.start(lane.contender, lane.shape, folder, lane.contender.core)
        say(f"{lane.title} is up after {time.monotonic() - began:.1f} s and answers rightly; warming up")
        warm_up(track, warm_up_s(lane.contender, quick))
    except (StartError, UnsupportedError, OSError, load.LoadError) as error:
        track.reason = str(error)
        say(f"{lane.title} is not available: {error}")


def warm_up_s(contender: Contender, quick: bool) -> int:
    return min(2, contender.warm_up_s) if quick else contender.warm_up_s


def warm_up(track: Track, longest_s: int) -> None:
    """Drive until a slice is no longer faster than the one before, as with a JVM that still compiles."""
    before, left = 0.0, longest_s
    while left > 0:
        slice_s = min(3, left)
        rate, left = _drive(track, slice_s).rate, left - slice_s
        if rate < before * 1.05:
            return
        before = rate


def _drive_once(track: Track, seconds: int, place: str, say: Say) -> None:
    try:
        measured = _drive(track, seconds)
    except load.LoadError as error:
        track.loads.append(None)
        say(f"{place}, {track.lane.title}: {error}")
        return
    track.loads.append(measured)
    trouble = f", {measured.errors} errors" if measured.errors else ""
    say(f"{place}, {track.lane.title}: {measured.rate:,.0f} req/s{trouble}")


def _drive(track: Track, seconds: int) -> load.Load:
    assert track.server
    lane = track.lane
    target = "" if lane.script else lane.shape.probe("guest").target
    return load.drive(track.server.url + target, seconds, lane.script, lane.arguments)
