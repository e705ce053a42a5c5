"""How long lists of a large collection take: `python bench/resources.py [records]`.

The engine is asked directly: parsing of HTTP and the network are not in these numbers.
"""

from __future__ import annotations

import json
import platform
import sys
from time import perf_counter

from understudy.build import build
from understudy.engine import Suspended, World, decide
from understudy.request import Request

QUERIES = (
    "/users?_limit=20",
    "/users?city=city7&_sort=name&_limit=20",
    "/users?age_gte=40&_sort=age,name&_order=desc,asc&_page=3&_limit=20",
    "/users?name:contains=9&_sort=-age&_page=2&_per_page=20",
    "/users?name_like=er9&_limit=20",
    "/users?q=user99&_limit=20",
    "/users/500",
)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    records = [
        {"id": n, "name": f"user{n * 7919 % count}", "age": n * 31 % 90, "city": f"city{n % 50}"}
        for n in range(1, count + 1)
    ]
    begun = perf_counter()
    program = build({"database": {"users": records}, "endpoints": [{"path": "/users", "resource": "users"}]})
    print(f"Python {platform.python_version()}, {count:,} records, build {_ms(begun)} ms")
    world = World(1, lambda: 0.0)
    begun = perf_counter()
    _ask(program, world, "/users/1")
    print(f"first request, which fills the store: {_ms(begun)} ms")
    for query in QUERIES:
        begun = perf_counter()
        _ask(program, world, query)
        first = _ms(begun)
        begun = perf_counter()
        for _ in range(1000):
            _ask(program, world, query)
        print(f"{query:<75} first {first:>7} ms, again {(perf_counter() - begun):.4f} ms")
    begun = perf_counter()
    for number in range(1000):
        _ask(program, world, "/users", "POST", {"name": f"new{number}"})
    print(f"POST: {(perf_counter() - begun):.4f} ms")


def _ask(program, world, target, method="GET", body=None):
    headers = [] if body is None else [(b"content-type", b"application/json")]
    data = b"" if body is None else json.dumps(body).encode()
    plan = decide(program, Request(method, target.encode(), headers, data), world)
    assert not isinstance(plan, Suspended)
    assert plan.reply.status < 300, plan.reply.body
    return plan


def _ms(begun: float) -> str:
    return f"{(perf_counter() - begun) * 1000:.1f}"


if __name__ == "__main__":
    main()
