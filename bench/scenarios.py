"""The scenarios, one TABLE: what each starts, how long it takes, what it hands to the report."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import contenders, faults, features, load, machine, openapi, precision, proxying, servers, shapes
from bench.contenders import ROOT, Contender, UnsupportedError
from bench.quiet import Quiet
from bench.rounds import Lane, Row, Say, measure, warm_up_s
from bench.servers import Server, StartError
from bench.shapes import Shape
from bench.stats import middle

SIZES = (1, 1_000, 10_000)
WAITING_MS = 1_000
EXPECTED_MS, PERIOD_MS = 100, 120


@dataclass
class Run:
    """The options of one run and whom it measures."""

    rounds: int
    seconds: int
    quick: bool
    folder: Path
    peers: list[Contender] = field(default_factory=list)
    absent: list[Row] = field(default_factory=list)
    """rows of peers that cannot be installed"""
    quiet: Quiet = field(default_factory=Quiet)

    def ours(self) -> list[Contender]:
        return [contenders.understudy(), contenders.understudy(memo=False)]

    def everyone(self) -> list[Contender]:
        return [contenders.nginx(), *self.ours(), *self.peers]

    def measured(self, lanes: list[Lane], say: Say) -> list[Row]:
        folder = self.folder / "rounds"
        rows = measure(lanes, folder, self.rounds, self.seconds, self.quick, self.quiet, say)
        return rows + [dict(row) for row in self.absent]


# --- rates -------------------------------------------------------------------------------------------------


def static(run: Run, say: Say) -> dict[str, Any]:
    return {"rows": run.measured([Lane(one, shapes.STATIC) for one in run.everyone()], say)}


def templated(run: Run, say: Say) -> dict[str, Any]:
    who = [contenders.nginx(), contenders.understudy(), *run.peers]
    path = shapes.TEMPLATED.asked.path
    lanes = [Lane(one, shapes.TEMPLATED, script="query.lua", arguments=(path,)) for one in who]
    return {"rows": run.measured(lanes, say)}


def post(run: Run, say: Say) -> dict[str, Any]:
    who = [contenders.nginx(), contenders.understudy(), *run.peers]
    path = shapes.POST.asked.path
    return {
        "rows": run.measured(
            [Lane(one, shapes.POST, script="post.lua", arguments=(path,)) for one in who], say
        )
    }


def endpoints(run: Run, say: Say) -> dict[str, Any]:
    lanes = [Lane(contenders.nginx(), shapes.many(1), "1")]
    lanes += [Lane(one, shapes.many(size), str(size)) for one in [*run.ours(), *run.peers] for size in SIZES]
    plain = contenders.understudy(memo=False)
    for size in SIZES:
        shape = shapes.many_parameterised(size)
        prefix = shape.asked.path.removesuffix("{id}")
        lanes.append(Lane(plain, shape, f"{size} parameterised", "ids.lua", (prefix,)))
    return {"rows": run.measured(lanes, say), "sizes": list(SIZES)}


def rich(run: Run, say: Say) -> dict[str, Any]:
    """What matching bodies, state and tokens cost beside a static reply of nginx."""
    return {"rows": features.features(run.rounds, run.seconds, run.folder / "features", run.quiet, say)}


def lists(run: Run, say: Say) -> dict[str, Any]:
    """A filtered and sorted list of many records."""
    return {"rows": features.listing(run.folder / "lists", run.quick, say), "records": features.RECORDS}


# --- start -------------------------------------------------------------------------------------------------


def start(run: Run, say: Say) -> dict[str, Any]:
    """From spawning the process to the first 200; one start before is not counted."""
    count = 2 if run.quick else 7
    who = [one for one in run.everyone() if one.name != "Understudy, memo off"]
    taken: dict[str, list[float | None]] = {one.name: [] for one in who}
    reasons: dict[str, str] = {}
    for number in range(count + 1):
        for one in who:
            if one.name in reasons:
                continue
            try:
                took = _first_answer_ms(
                    one, shapes.STATIC, run.folder / f"start-{number}-{one.name.split(',')[0]}"
                )
            except (StartError, UnsupportedError, OSError) as error:
                reasons[one.name] = str(error)
                say(f"{one.name} is not available: {error}")
                continue
            if number:
                taken[one.name].append(took)
                say(f"start {number}/{count}, {one.name}: {took:.0f} ms")
    rows: list[Row] = []
    for one in who:
        row: Row = {"server": one.name, "group": one.group, "version": one.version}
        if one.name in reasons:
            row["unavailable"] = reasons[one.name]
        else:
            row |= {"starts_ms": taken[one.name], "ms": middle(taken[one.name])}
        rows.append(row)
    return {"rows": rows + [dict(row) for row in run.absent]}


def _first_answer_ms(contender: Contender, shape: Shape, folder: Path) -> float:
    server = servers.spawn(contender, shape, folder, core=None)
    try:
        return (_poll_until_200(server, shape, server.spawned + 60) - server.spawned) * 1000
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _poll_until_200(server: Server, shape: Shape, deadline: float) -> float:
    message = f"GET {shape.asked.path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    while time.perf_counter() < deadline:
        try:
            with socket.create_connection((servers.HOST, server.port), timeout=5) as connection:
                connection.sendall(message)
                if connection.recv(4096).startswith(b"HTTP/1.1 200"):
                    return time.perf_counter()
        except OSError:
            if server.process.poll() is not None:
                raise StartError(f"ended: {server.last_words()}") from None
        time.sleep(0.001)
    raise StartError("no 200 within 60 s")


# --- memory ------------------------------------------------------------------------------------------------


def memory(run: Run, say: Say) -> dict[str, Any]:
    """Resident memory of Understudy while it answers a million requests."""
    total = 100_000 if run.quick else 1_000_000
    kinds = [
        (contenders.understudy(), "same"),
        (contenders.understudy(), "distinct"),
        (contenders.understudy(memo=False), "distinct"),
    ]
    rows: list[Row] = []
    for one, requests in kinds:
        row: Row = {"server": one.name, "group": one.group, "version": one.version, "requests": requests}
        try:
            rows.append(row | _memory_series(one, requests, total, run.folder / "memory", say))
        except (StartError, load.LoadError) as error:
            say(f"{one.name} is not available: {error}")
            rows.append(row | {"unavailable": str(error)})
    return {"rows": rows, "total": total}


def _memory_series(contender: Contender, requests: str, total: int, folder: Path, say: Say) -> Row:
    server = servers.start(contender, shapes.STATIC, folder, contender.core)
    pid, step = server.process.pid, total // 10
    series = [(0, servers.memory_kb(pid) / 1024)]
    line = load.command(server.url, 120, "count.lua", (shapes.STATIC.asked.path, str(step), requests))
    wrk = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    limit = threading.Timer(150, wrk.kill)
    limit.start()
    try:
        assert wrk.stdout
        for text in wrk.stdout:
            if not text.startswith("answered "):
                continue
            series.append((int(text.split()[1]), servers.memory_kb(pid) / 1024))
            say(f"{contender.name}, {requests} requests: {series[-1][0]:,} answered, {series[-1][1]:.1f} MB")
            if series[-1][0] >= total:
                break
        peak = servers.memory_kb(pid, "VmHWM") / 1024
    finally:
        limit.cancel()
        wrk.kill()
        wrk.wait()
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if series[-1][0] < total:
        say(f"only {series[-1][0]:,} of {total:,} requests were answered in time")
    return {
        "series": [(count, round(megabytes, 1)) for count, megabytes in series],
        "peak_mb": round(peak, 1),
    }


# --- latency -----------------------------------------------------------------------------------------------


def waiting(run: Run, say: Say) -> dict[str, Any]:
    """Many requests that all wait one second in the server at once."""
    count = min(1_000 if run.quick else 10_000, machine.raise_open_files() - 200)
    rows: list[Row] = []
    for number in range(1 if run.quick else 3):
        one = contenders.understudy()
        row: Row = {"server": one.name, "group": one.group, "version": one.version}
        try:
            row |= _with_client(run, one, WAITING_MS, "bench.waiting", [str(count)])
        except (StartError, load.LoadError) as error:
            row["unavailable"] = str(error)
        rows.append(row)
        say(f"try {number + 1}: {row.get('unavailable') or row}")
    return {"rows": rows, "connections": count, "latency_ms": WAITING_MS}


def exact(run: Run, say: Say) -> dict[str, Any]:
    """How exactly 100 ms are kept with 1,000 requests in flight."""
    count, cycles = (300, 3) if run.quick else (1_000, 30)
    connections = count * PERIOD_MS // EXPECTED_MS
    rows: list[Row] = []
    for latency_ms, title in ((EXPECTED_MS, "100 ms asked for"), (0, "no latency: the floor")):
        one = contenders.understudy()
        row: Row = {"server": one.name, "group": one.group, "version": one.version, "what": title}
        try:
            asked = [str(connections), str(cycles), str(PERIOD_MS)]
            found = _with_client(run, one, latency_ms, "bench.precision", asked)
            trips = found.pop("trips_ms")
            if not trips:
                raise load.LoadError("the client saw no answers")
            row |= {"wrong": found["wrong"], "requests": len(trips), **precision.summarise(trips, latency_ms)}
        except (StartError, load.LoadError) as error:
            row["unavailable"] = str(error)
        rows.append(row)
        say(f"{title}: {row.get('unavailable') or row}")
    return {"rows": rows, "in_flight": count, "latency_ms": EXPECTED_MS, "period_ms": PERIOD_MS}


def _with_client(run: Run, contender: Contender, latency_ms: int, client: str, arguments: list[str]) -> Row:
    """Start Understudy with one endpoint of that latency and run a client against it on the other core."""
    shape = shapes.slow(latency_ms)
    server = servers.start(contender, shape, run.folder / "latency", contender.core)
    line = [sys.executable, "-m", client, str(server.port), shape.asked.path, *arguments]
    try:
        ran = subprocess.run(
            machine.pinned(line, machine.load_core()), cwd=ROOT, capture_output=True, text=True, timeout=120
        )
        if ran.returncode != 0:
            raise load.LoadError(f"{client} failed: {ran.stderr.strip().splitlines()[-1:]}")
        found: Row = json.loads(ran.stdout)
        return found | {"peak_mb": round(servers.memory_kb(server.process.pid, "VmHWM") / 1024, 1)}
    except subprocess.TimeoutExpired:
        raise load.LoadError(f"{client} did not end") from None
    finally:
        server.stop()
        shutil.rmtree(run.folder / "latency", ignore_errors=True)


# --- faults ------------------------------------------------------------------------------------------------


def broken(run: Run, say: Say) -> dict[str, Any]:
    """Whether faults take the time that they should, and what they cost endpoints that have none."""
    rows = faults.accuracy(run.folder / "accuracy", run.quick, say)
    return {"rows": rows + faults.cost(run.rounds, run.seconds, run.folder / "cost", run.quiet, say)}


# --- documents ---------------------------------------------------------------------------------------------


def documents(run: Run, say: Say) -> dict[str, Any]:
    """OpenAPI documents: what a small one answers, and the start with a large one."""
    prism = next((one for one in run.peers if one.name == openapi.PRISM), None)
    folder = run.folder / "openapi"
    rows = openapi.small(run.rounds, run.seconds, folder / "small", run.quick, run.quiet, prism, say)
    rows += openapi.large(folder / "large", run.quick, prism, say)
    return {"rows": rows + [dict(row) for row in run.absent if row["server"] == openapi.PRISM]}


# --- other servers -----------------------------------------------------------------------------------------


def passed_on(run: Run, say: Say) -> dict[str, Any]:
    """Requests that are sent on, recorded and replayed, and a large body on its way."""
    folder = run.folder / "proxying"
    rows = proxying.rates(run.rounds, run.seconds, folder / "rates", run.quick, run.quiet, say)
    return {"rows": rows + proxying.large(folder / "large", run.quick, say)}


# --- the table ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scenario:
    """A scenario and about how many seconds it takes."""

    name: str
    measure: Callable[[Run, Say], dict[str, Any]]
    cost_s: Callable[[Run], float]
    in_rounds: bool = False


def _rounds_cost(lanes: int) -> Callable[[Run], float]:
    """For `lanes` servers beside the peers."""

    def cost(run: Run) -> float:
        warm_up = sum(min(20, warm_up_s(one, run.quick)) for one in run.peers)
        servers_up = lanes + len(run.peers)
        return servers_up * (run.rounds * (run.seconds + 0.6) + 2) + warm_up

    return cost


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("static", static, _rounds_cost(3), in_rounds=True),
    Scenario("templated", templated, _rounds_cost(2), in_rounds=True),
    Scenario("post", post, _rounds_cost(2), in_rounds=True),
    Scenario("endpoints", endpoints, lambda run: 3 * _rounds_cost(4)(run), in_rounds=True),
    Scenario(
        "features",
        rich,
        lambda run: (len(features.FEATURES) + 1) * (run.rounds * (run.seconds + 0.6) + 2),
        in_rounds=True,
    ),
    Scenario("lists", lists, lambda run: 20 if run.quick else 40),
    Scenario("start", start, lambda run: (3 if run.quick else 8) * (1 + 1.2 * len(run.peers))),
    Scenario("memory", memory, lambda run: 10 if run.quick else 60),
    Scenario("waiting", waiting, lambda run: 4 if run.quick else 16),
    Scenario("exact", exact, lambda run: 6 if run.quick else 14),
    Scenario(
        "faults",
        broken,
        lambda run: 30 + len(faults.LANES) * (run.rounds * (run.seconds + 0.6) + 2),
        in_rounds=True,
    ),
    Scenario(
        "openapi",
        documents,
        lambda run: (90 if run.quick else 240) + len(openapi.WAYS) * (run.rounds * (run.seconds + 0.6) + 4),
        in_rounds=True,
    ),
    Scenario(
        "proxying",
        passed_on,
        lambda run: 75 + len(proxying.WAYS) * (run.rounds * (run.seconds + 0.6) + 3),
        in_rounds=True,
    ),
)
NAMES = tuple(scenario.name for scenario in SCENARIOS)
