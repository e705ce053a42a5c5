"""Driving one server with wrk and reading what it says."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.machine import load_core, pinned

LUA = Path(__file__).parent / "lua"
UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class LoadError(Exception):
    """wrk failed, or said something unreadable."""


@dataclass(frozen=True)
class Load:
    """What one run of wrk measured."""

    requests: int
    rate: float
    p50_ms: float
    p99_ms: float
    errors: int


def parse(text: str) -> Load:
    """Read the report of `wrk --latency`."""
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    requests = re.search(r"(\d+) requests in", text)
    if not rate or not requests:
        raise LoadError(f"unreadable wrk report: {text.strip()[-160:]!r}")
    return Load(int(requests[1]), float(rate[1]), _latency(text, 50), _latency(text, 99), _errors(text))


def _latency(text: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)\s*$", text, re.MULTILINE)
    return float(found[1]) * UNITS_MS[found[2]] if found else 0.0


def _errors(text: str) -> int:
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    return (int(refused[1]) if refused else 0) + (sum(map(int, broken.groups())) if broken else 0)


def command(url: str, seconds: int, script: str | None = None, arguments: tuple[str, ...] = ()) -> list[str]:
    """The wrk command line, pinned away from the server where there are two cores."""
    lua = ["-s", str(LUA / script)] if script else []
    tail = ["--", *arguments] if arguments else []
    wrk = ["wrk", "-t1", "-c32", f"-d{seconds}s", "--timeout", "10s", "--latency", *lua, url, *tail]
    return pinned(wrk, load_core())


def drive(url: str, seconds: int, script: str | None = None, arguments: tuple[str, ...] = ()) -> Load:
    line = command(url, seconds, script, arguments)
    try:
        ran = subprocess.run(line, capture_output=True, text=True, timeout=seconds + 30)
    except subprocess.TimeoutExpired:
        raise LoadError("wrk did not end") from None
    if ran.returncode != 0:
        raise LoadError(f"wrk failed: {(ran.stderr or ran.stdout).strip()[-160:]}")
    return parse(ran.stdout)
