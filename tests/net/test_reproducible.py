"""Two runs with one seed take the same decisions, over 32 connections at once and in another order."""

import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from random import Random

import pytest

CONNECTIONS, ROUNDS = 32, 6
USERS = 5

CONFIG = {
    "outages": {
        "database": {"probability": 0.4, "faults": [{"kind": "error", "mix": {"503": 2, "500": 1}}]},
        "pool": {"when": {"burst": {"good": 6, "bad": 3}}},
    },
    "chaos": {
        "profiles": {
            "shaky": {
                "groups": "shaky",
                "failure_rate": 0.2,
                "latency_ms": {"uniform": [0, 1]},
                "faults": [{"kind": "truncate", "after_bytes": 3, "probability": 0.3}],
            }
        },
        "active": "shaky",
    },
    "endpoints": [
        {"path": "/rate", "failure_rate": 0.3, "response": "{{ random_int }}"},
        {"path": "/late", "latency_ms": {"lognormal": {"median": 0.5, "p99": 2}}, "response": 1},
        {"path": "/jitter", "faults": [{"kind": "latency", "ms": {"exponential": 0.5}, "probability": 0.5}]},
        {"path": "/mix", "faults": [{"kind": "error", "probability": 0.5, "mix": {"503": 1, "502": 3}}]},
        {
            "path": "/several",
            "faults": [
                {"kind": "error", "probability": 0.2},
                {"kind": "reset", "probability": 0.2},
                {"kind": "corrupt", "probability": 0.4},
            ],
            "response": {"text": "x" * 40},
        },
        {"path": "/burst", "faults": [{"kind": "error", "when": {"burst": {"good": 5, "bad": 3}}}]},
        {"path": "/every", "faults": [{"kind": "empty_reply", "when": {"every": 3}, "probability": 0.5}]},
        {"path": "/orders", "outage": "database"},
        {"path": "/carts", "outage": "database"},
        {"path": "/pool/a", "outage": "pool"},
        {"path": "/pool/b", "outage": "pool"},
        {
            "path": "/user",
            "faults": [{"kind": "error", "when": {"burst": {"good": 3, "bad": 2}, "per": "header:X-User"}}],
        },
        {"path": "/shaky", "group": "shaky", "response": {"text": "x" * 40}},
    ],
}
PATHS = [endpoint["path"] for endpoint in CONFIG["endpoints"]]
SHARED = ("/pool/a", "/pool/b", "/user")
"""Which of their requests are hit depends on the order in which they come, over endpoints or over users."""


def ask(port, number, order, start):
    """What one client asks, each path equally often."""
    paths = PATHS * ROUNDS
    Random(f"{order} {number}").shuffle(paths)
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    start.wait()
    for path in paths:
        try:
            connection.request("GET", path, headers={"X-User": str(number % USERS)})
            connection.getresponse().read()
        except (HTTPException, ConnectionError):
            connection.close()
    connection.close()


def run(serve, order, **more):
    server = serve({**CONFIG, **more}, seed=7)
    start = threading.Barrier(CONNECTIONS)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda number: ask(server.port, number, order, start), range(CONNECTIONS)))
    return server.logs()


def decisions(logs):
    """(endpoint, number of the request) → all that was decided by lot."""
    found = {}
    for entry in logs:
        if entry["path"] not in SHARED:
            injected = [tuple(sorted(one.items(), key=str)) for one in entry["injected"]]
            body = None if entry["response"] is None else entry["response"]["body"]
            key = entry["path"], entry["decision"]["n"]
            assert key not in found
            found[key] = (entry["status"], entry["latency_ms"], tuple(entry["faults"]), tuple(injected), body)
    return found


def shared(logs):
    """(who counts) → the numbers of those that were hit, and how many there were."""
    hits, counts = defaultdict(set), defaultdict(int)
    for entry in logs:
        if entry["path"] in SHARED:
            who = "pool" if entry["path"] != "/user" else entry["headers"]["x-user"]
            counts[who] += 1
            hits[who].update(injected["number"] for injected in entry["injected"])
    return hits, counts


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_the_same_seed_is_the_same_run(serve, tmp_path, monkeypatch, store):
    monkeypatch.chdir(tmp_path)
    runs = []
    for order in range(2):
        more = {"state": {"store": f"{order}.db"}} if store == "sqlite" else {}
        runs.append(run(serve, order, **more))
    first, second = runs

    assert len(first) == len(second) == CONNECTIONS * ROUNDS * len(PATHS)
    assert decisions(first) == decisions(second)
    assert shared(first) == shared(second)
    assert sum(bool(entry["injected"]) for entry in first) > len(first) / 10, "much was decided"
