"""Stored results as a run would leave them, for the tests of what is made of them."""

import copy
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = str(Path(__file__).resolve().parents[2])
if ROOT not in sys.path:  # the benchmark lives beside the package
    sys.path.insert(0, ROOT)

Row = dict[str, Any]


def rate_row(server: str, group: str, rates: list[float | None], variant: str = "") -> Row:
    measured = sorted(rate for rate in rates if rate)
    return {
        "server": server,
        "group": group,
        "variant": variant,
        "version": "1.0",
        "rates": rates,
        "rate": measured[len(measured) // 2],
        "p50_ms": 0.2,
        "p99_ms": 1.5,
        "errors": 0,
        "memory_mb": 30.0,
    }


def section(rows: list[Row], date: str = "2025-03-01T10:00:00+00:00", **more: Any) -> dict[str, Any]:
    facts = {"CPU": "Some CPU", "Cores": "2", "Memory": "8 GB", "Kernel": "Linux 6", "Python": "3.12.0"}
    versions = {"Understudy": ["0.1.0", ""], "WireMock": ["3.13.2", "journal on"]}
    base = {
        "rows": rows,
        "date": date,
        "options": ", 3 rounds of 2 s",
        "machine": facts,
        "versions": versions,
    }
    return base | more


STATIC = section(
    [
        rate_row("nginx", "yardstick", [200_000, 100_000, 210_000]),
        rate_row("Understudy", "understudy", [180_000, 95_000, 190_000]),
        rate_row("Understudy, memo off", "understudy", [110_000, 40_000, 80_000]),
        rate_row("WireMock", "peer", [10_000, None, 12_000]),
        {"server": "Mockoon", "group": "peer", "unavailable": "needs node"},
    ]
)
ENDPOINTS = section(
    [
        rate_row("nginx", "yardstick", [200_000], "1"),
        rate_row("Understudy", "understudy", [180_000], "1"),
        rate_row("Understudy", "understudy", [181_000], "1000"),
        rate_row("Understudy", "understudy", [171_000], "10000"),
        rate_row("Prism", "peer", [3_000], "1"),
        rate_row("Prism", "peer", [100], "1000"),
        {"server": "Prism", "group": "peer", "variant": "10000", "unavailable": "did not open its port"},
    ],
    sizes=[1, 1000, 10000],
)
START = section(
    [
        {"server": "Understudy", "group": "understudy", "ms": 190.0, "starts_ms": [180.0, 190.0, 240.0]},
        {"server": "apimock-rs, files", "group": "peer", "ms": 5.0, "starts_ms": [5.0]},
        {"server": "nginx", "group": "yardstick", "ms": 8.0, "starts_ms": [8.0]},
        {"server": "WireMock", "group": "peer", "ms": 1700.0, "starts_ms": [1700.0]},
    ]
)
SERIES = [(0, 40.0), (250_000, 60.0), (500_000, 62.0), (750_000, 62.0), (1_000_000, 62.5)]
MEMORY = section(
    [{"server": "Understudy", "group": "understudy", "requests": "same", "series": SERIES, "peak_mb": 63.0}],
    total=1_000_000,
)
WAITING = section(
    [
        {
            "server": "Understudy",
            "group": "understudy",
            "connections": 10_000,
            "right": 10_000,
            "send_s": 0.12,
            "first_s": 1.01,
            "all_s": 1.31,
            "peak_mb": 190.0,
        }
    ],
    connections=10_000,
    latency_ms=1000,
)
EXACT = section(
    [
        {
            "server": "Understudy",
            "group": "understudy",
            "what": "100 ms asked for",
            "wrong": 0,
            "requests": 36_000,
            "median_ms": 0.4,
            "p99_ms": 3.2,
            "worst_ms": 8.0,
            "earliest_ms": -0.5,
        }
    ],
    in_flight=1000,
    latency_ms=100,
    period_ms=120,
)
FEATURES = section(
    [
        rate_row("nginx", "yardstick", [200_000, 190_000]),
        rate_row(
            "Understudy", "understudy", [50_000, 45_000], "partial JSON match, 1,000 endpoints of one path"
        ),
        rate_row("Understudy", "understudy", [80_000, 66_500], "state and counter, in memory"),
        rate_row("Understudy", "understudy", [20_000, 18_000], "state and counter, SQLite"),
        {"server": "Understudy", "group": "understudy", "variant": "RS256 token", "unavailable": "no key"},
    ]
)
LISTS = section(
    [
        {"server": "Understudy", "group": "understudy", "first_ms": 40.0, "later_ms": 0.5},
        {"server": "json-server", "group": "peer", "first_ms": 300.0, "later_ms": 250.0},
    ],
    records=100_000,
)
FAULTS = section(
    [
        {
            "server": "Understudy",
            "group": "understudy",
            "what": "bandwidth: bytes/s",
            "asked": 200_000,
            "measured": 198_000.0,
        },
        rate_row("Understudy", "understudy", [100_000, 110_000], "no faults"),
        rate_row("Understudy", "understudy", [99_500, 110_000], "faults of another endpoint"),
        rate_row("Understudy", "understudy", [50_000, 55_000], "no faults, memo off"),
        rate_row("Understudy", "understudy", [45_000, 49_500], "a profile on another endpoint, memo off"),
    ]
)
OPENAPI = section(
    [
        rate_row("Understudy", "understudy", [120_000, 100_000], "example, the same request"),
        rate_row("Prism", "peer", [4_000, 2_000], "example, the same request"),
        rate_row("Understudy", "understudy", [9_000], "made data, an id of its own in each request"),
        rate_row("Understudy", "understudy", [8_000], "new data each time, an id of its own in each request"),
        rate_row("Prism", "peer", [800], "made data, an id of its own in each request"),
        {
            "server": "Understudy",
            "group": "understudy",
            "variant": "JSON, first start",
            "starts_s": [0.8, 0.9],
            "seconds": 0.85,
            "memory_mb": 130.0,
        },
        {
            "server": "Understudy",
            "group": "understudy",
            "variant": "JSON, second start",
            "starts_s": [0.6],
            "seconds": 0.6,
            "memory_mb": 130.0,
        },
        {
            "server": "Prism",
            "group": "peer",
            "variant": "JSON, first start",
            "starts_s": [17.0],
            "seconds": 17.0,
            "memory_mb": 900.0,
        },
        {"server": "Understudy", "group": "understudy", "variant": "YAML, first start", "unavailable": "x"},
    ]
)
RESULTS = {
    "sections": {
        "static": STATIC,
        "endpoints": ENDPOINTS,
        "features": FEATURES,
        "lists": LISTS,
        "start": START,
        "memory": MEMORY,
        "waiting": WAITING,
        "exact": EXACT,
        "faults": FAULTS,
        "openapi": OPENAPI,
    }
}


@pytest.fixture
def results() -> dict[str, Any]:
    """Results of all kinds of sections."""
    return copy.deepcopy(RESULTS)


@pytest.fixture
def sections(results: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = results["sections"]
    return found
