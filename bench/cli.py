"""The command: options in, servers started and measured, page and picture out."""

from __future__ import annotations

import argparse
import datetime
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench import machine, peers, plot, report, servers, stats, store
from bench.contenders import PEER, ROOT
from bench.quiet import Quiet
from bench.scenarios import NAMES, SCENARIOS, Run, Scenario

CACHE = ROOT / "bench" / ".cache"


class Progress:
    """One line per step, with what is left of the run."""

    def __init__(self, costs: dict[str, float]) -> None:
        self.costs = costs
        self.name = ""
        self.began = 0.0

    def enter(self, name: str) -> None:
        self.name, self.began = name, time.monotonic()

    def leave(self) -> None:
        self.costs.pop(self.name, None)

    def left_s(self) -> float:
        here = self.costs.get(self.name, 0.0) - (time.monotonic() - self.began)
        return max(0.0, here) + sum(cost for name, cost in self.costs.items() if name != self.name)

    def say(self, text: str) -> None:
        minutes, seconds = divmod(round(self.left_s()), 60)
        print(f"[{self.name}] {text}  (about {minutes}:{seconds:02} left)", flush=True)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run.py", description="Measure Understudy beside its peers.")
    parser.add_argument("--rounds", type=_count, help="interleaved rounds per scenario (5; 1 with --quick)")
    parser.add_argument(
        "--seconds", type=_count, help="seconds wrk drives a server per round (3; 1 with --quick)"
    )
    parser.add_argument("--quick", action="store_true", help="a short trial, written to bench/.cache/quick")
    parser.add_argument("--only", type=_names, default=list(NAMES), help=f"some of {','.join(NAMES)}")
    parser.add_argument("--no-peers", action="store_true", help="only Understudy and nginx")
    parser.add_argument(
        "--render", action="store_true", help="write page and picture from the stored results"
    )
    parser.add_argument("--out", type=Path, help="where benchmarks.md and benchmarks.svg go (docs)")
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.seconds = options.seconds or (1 if options.quick else 3)
    return options


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in NAMES]
    if unknown or not names:
        raise argparse.ArgumentTypeError(
            f"no scenario {', '.join(unknown) or text!r}; there are {', '.join(NAMES)}"
        )
    return names


def obstacle() -> str | None:
    """Why nothing can be measured here, with the command that helps."""
    if sys.platform != "linux":
        return "the benchmark reads /proc and pins cores, so it needs Linux"
    missing = [
        package for package, tool in (("nginx-light", "nginx"), ("wrk", "wrk")) if not shutil.which(tool)
    ]
    if missing:
        return f"{' and '.join(missing)} missing; install with: apt-get install -y {' '.join(missing)}"
    return None


def gather_peers(run: Run) -> None:
    """Install what can be installed; the rest become rows that say why not."""
    for peer in peers.PEERS:
        print(f"[peers] {peer.name} ({peer.package})", flush=True)
        try:
            run.peers.append(peers.install(peer))
        except (peers.MissingError, OSError, ValueError) as error:
            print(f"[peers] {peer.name} is not available: {error}", flush=True)
            run.absent.append({"server": peer.name, "group": PEER, "unavailable": str(error)})


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    home = CACHE / "quick" if options.quick else CACHE
    raw, out = home / "results.json", options.out or (home if options.quick else ROOT / "docs")
    if options.render:
        return publish(store.read(raw), out, home)
    blocked = obstacle()
    if blocked:
        print(f"bench: {blocked}", file=sys.stderr)
        return 1
    machine.raise_open_files()
    signal.signal(signal.SIGTERM, _interrupt)
    folder = Path(tempfile.mkdtemp(prefix="understudy-bench-"))
    try:
        run = Run(options.rounds, options.seconds, options.quick, folder)
        if not options.no_peers:
            gather_peers(run)
        measure_all(run, [one for one in SCENARIOS if one.name in options.only], raw)
    except KeyboardInterrupt:
        print("\nstopped; the scenarios that finished are kept, `--render` shows them", file=sys.stderr)
        return 130
    finally:
        servers.stop_all()
        shutil.rmtree(folder, ignore_errors=True)
    return publish(store.read(raw), out, home)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def measure_all(run: Run, chosen: Iterable[Scenario], raw: Path) -> None:
    """Run the scenarios and keep each as soon as it is done."""
    chosen = list(chosen)
    progress = Progress({one.name: one.cost_s(run) for one in chosen})
    known = {one.name: [one.version, one.note] for one in [*run.everyone()] if "memo off" not in one.name}
    known["wrk"] = [machine.tool_version(["wrk", "-v"], r"wrk (?:debian/)?([\d.]+)"), ""]
    for scenario in chosen:
        progress.enter(scenario.name)
        run.quiet = Quiet()
        run.quiet.settle()
        section: dict[str, Any] = scenario.measure(run, progress.say)
        progress.leave()
        section |= {"quick": run.quick, "foreign_cores": stats.middle(run.quiet.foreign_cores)}
        section["date"] = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        section["options"] = _said(run) if scenario.in_rounds else ""
        section |= {"machine": machine.facts(), "versions": known}
        store.keep(raw, scenario.name, section)


def _said(run: Run) -> str:
    return f", {run.rounds} round{'s'[: run.rounds != 1]} of {run.seconds} s"


def publish(results: dict[str, Any], out: Path, home: Path) -> int:
    """Write the page and the picture, but never over sections that only the page still has."""
    lost = store.lost(results, out / "benchmarks.md")
    if lost:
        out = home / "partial"
        print(f"no stored results for {', '.join(lost)}: leaving the page as it is, see {out} instead")
    out.mkdir(parents=True, exist_ok=True)
    (out / "benchmarks.md").write_text(report.render(results))
    plot.draw(results, out / "benchmarks.svg")
    print(report.summary(results["sections"]))
    print(f"written: {out / 'benchmarks.md'}, {out / 'benchmarks.svg'}; raw: {home / 'results.json'}")
    return 0
