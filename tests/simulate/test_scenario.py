import asyncio
import concurrent.futures

import pytest
import requests

from tests.simulate.kit import Bench
from understudy import ConfigError, MockServer
from understudy.build import build
from understudy.engine import Suspended, World, decide
from understudy.request import Request
from understudy.state import MemoryStore

ORDER = {
    "endpoints": [
        {
            "path": "/order",
            "method": "POST",
            "state": {"required": "started", "next": "ordered"},
            "status": 201,
        },
        {"path": "/pay", "method": "POST", "state": {"required": "ordered", "next": "paid"}},
        {"path": "/pay", "method": "POST", "status": 409, "body": "{{ scenarios.default }}"},
    ]
}


def test_a_scenario_moves_on():
    bench = Bench(ORDER)
    assert [bench.status(path, "POST") for path in ("/pay", "/order", "/pay", "/pay")] == [409, 201, 200, 409]
    assert bench.text("/pay", "POST") == "paid"


def test_a_miss_says_which_state_is_missing():
    bench = Bench({"endpoints": [{"path": "/a", "state": {"scenario": "s", "required": ["b", "c"]}}]})
    differs = bench.json("/a")["nearest"][0]["differs"]
    assert differs == [{"field": "scenario.s", "expected": ["b", "c"], "found": "started"}]


def test_back_to_the_beginning():
    config = {
        "state": {"scenarios": {"door": "closed"}},
        "endpoints": [
            {"path": "/open", "state": {"scenario": "door", "required": "closed", "next": "open"}},
            {"path": "/close", "state": {"scenario": "door", "required": "open", "next": "closed"}},
        ],
    }
    bench = Bench(config)
    assert [bench.status(path) for path in ("/close", "/open", "/open", "/close", "/open")] == [
        404,
        200,
        404,
        200,
        200,
    ]


def test_each_owner_and_each_space_has_its_own():
    bench = Bench({**ORDER, "state": {"per": "header:X-User"}})
    ada, bob = [("X-User", "ada")], [("X-User", "bob")]
    assert bench.status("/order", "POST", headers=ada) == 201
    assert bench.status("/pay", "POST", headers=bob) == 409
    assert bench.status("/pay", "POST", headers=[*ada, ("X-Understudy-Space", "s")]) == 409
    assert bench.status("/pay", "POST", headers=ada) == 200


def test_a_failure_does_not_move_it():
    bench = Bench({"endpoints": [{"path": "/a", "failure_rate": 1, "state": {"next": "b"}}]})
    assert bench.status("/a") == 500
    assert asyncio.run(bench.world.store.rows("", "scenarios")).items == {}


def test_a_misspelled_state_is_an_error():
    config = {
        "state": {"scenarios": {"door": {"initial": "closed", "states": ["closed", "open"]}}},
        "endpoints": [{"path": "/a", "state": {"scenario": "door", "required": "clsed", "next": "ajar"}}],
    }
    with pytest.raises(ConfigError) as caught:
        build(config)
    assert [problem.path for problem in caught.value.problems] == [
        "endpoints[0].state.required",
        "endpoints[0].state.next",
    ]
    assert "it has closed, open" in str(caught.value)


def test_of_a_hundred_requests_at_once_one_wins():
    config = {"endpoints": [{"path": "/a", "state": {"required": "started", "next": "taken"}}]}
    with MockServer(config) as server, concurrent.futures.ThreadPoolExecutor(20) as pool:
        statuses = list(
            pool.map(lambda _: requests.get(f"{server.url}/a", timeout=10).status_code, range(100))
        )
    assert sorted(statuses) == [200] + [404] * 99


class SlowStore(MemoryStore):
    """A store that suspends at each step, as one on another machine does."""

    async def see(self, space, tables):
        await asyncio.sleep(0)
        return await super().see(space, tables)

    async def change(self, space, table, key, how):
        await asyncio.sleep(0)
        return await super().change(space, table, key, how)

    async def get(self, space, table, key, default=None):
        await asyncio.sleep(0)
        return await super().get(space, table, key, default)


def test_one_wins_although_all_saw_the_same_state():
    """All match before the first has moved: those that lose are matched anew."""
    program = build(ORDER)
    world = World(1, lambda: 0.0, SlowStore())

    async def ask(path):
        plan = decide(program, Request("POST", path, ()), world)
        assert isinstance(plan, Suspended)
        return (await plan).reply.status

    async def race():
        ordered = await asyncio.gather(*(ask(b"/order") for _ in range(50)))
        paid = await asyncio.gather(*(ask(b"/pay") for _ in range(50)))
        return ordered, paid

    ordered, paid = asyncio.run(race())
    assert sorted(ordered) == [201] + [404] * 49
    assert sorted(paid) == [200] + [409] * 49


def test_a_misspelled_state_is_an_error_or_a_warning():
    endpoints = [
        {"path": "/open", "state": {"scenario": "door", "next": "open"}},
        {"path": "/in", "state": {"scenario": "door", "required": "opne"}},
    ]
    [warning] = build({"endpoints": endpoints}).warnings
    assert "leads to the state 'opne'; did you mean 'open'?" in str(warning)
    described = {"scenarios": {"door": {"initial": "closed", "states": ["closed", "open"]}}}
    with pytest.raises(ConfigError, match="did you mean open"):
        build({"state": described, "endpoints": endpoints})
    endpoints[1]["state"]["required"] = "broken"  # which a test may set
    assert build({"endpoints": endpoints}).warnings == ()
