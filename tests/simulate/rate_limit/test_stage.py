import json
from email.utils import parsedate_to_datetime

import http_sf
import pytest

from tests.simulate.kit import Bench
from tests.state.conftest import drive
from understudy import ConfigError
from understudy.build import build
from understudy.state import MemoryStore, open_store
from understudy.state.view import SCENARIOS
from understudy.steps import Release


def bench(rate_limit, store=None, config=None, **more):
    endpoint = {"path": "/a", "rate_limit": rate_limit, **more}
    return Bench({"endpoints": [endpoint], **(config or {})}, store=store)


def headers_of(reply):
    return {name.decode().lower(): value.decode() for name, value in reply.headers}


def finish(plan):
    """What the net does when the reply was sent."""
    for step in plan.steps:
        if isinstance(step, Release):
            step.action()


def statuses(served, number, target="/a", **more):
    return [served.status(target, **more) for _ in range(number)]


def problems(config):
    with pytest.raises(ConfigError) as caught:
        build(config)
    return str(caught.value)


def test_so_many_and_then_none():
    served = bench("2/m")
    assert statuses(served, 4) == [200, 200, 429, 429]
    served.now += 59.9
    assert served.status("/a") == 429
    served.now += 0.1
    assert statuses(served, 3) == [200, 200, 429]


def test_a_refusal():
    served = bench("2/m", latency_ms=50)
    served.status("/a")
    served.now += 10.5
    served.status("/a")
    plan = served.plan("/a")
    assert json.loads(plan.reply.body) == {
        "error": "Too many requests",
        "message": "the limit is 2 requests in 60 s; try again in 50 s",
        "limit": "default",
    }
    assert headers_of(plan.reply) == {
        "content-type": "application/json",
        "retry-after": "50",
        "ratelimit-policy": '"default";q=2;w=60',
        "ratelimit": '"default";r=0;t=50',
    }
    assert (plan.error, plan.faults, plan.latency_s) == (None, (), 0.05)
    (injected,) = plan.injected
    assert (injected.kind, injected.source) == ("rate_limit", "endpoint")
    assert injected.detail == "default: 2 requests in 60 s; again in 49.500 s"
    assert served.world.injected == {("GET /a", "rate_limit", "endpoint"): 1}


def test_who_waits_as_told_gets_through():
    served = bench({"limit": "7/10s", "algorithm": "gcra"})
    for _ in range(20):
        reply = served.reply("/a")
        if reply.status == 429:
            served.now += int(headers_of(reply)["retry-after"])
            assert served.status("/a") == 200
        served.now += 0.3


def test_every_reply_says_how_much_is_left():
    served = bench("3/m")
    left = []
    for _ in range(4):
        found = headers_of(served.reply("/a"))
        ((name, state),) = http_sf.parse(found["ratelimit"].encode(), tltype="list")
        assert http_sf.parse(found["ratelimit-policy"].encode(), tltype="list") == [
            ("default", {"q": 3, "w": 60})
        ]
        left.append((name, state["r"], state["t"]))
        served.now += 1
    assert left == [("default", 2, 60), ("default", 1, 59), ("default", 0, 58), ("default", 0, 57)]


def test_whatever_answers():
    config = {
        "auth": {"schemes": {"main": {"api_key": "k"}}},
        "endpoints": [
            {"path": "/auth", "auth": "main"},
            {"path": "/valid", "validate": {"query": {"required": ["q"]}}},
            {"path": "/fails", "failure_rate": 1},
            {"path": "/template", "response": "{{ 1 // 0 }}"},
            {"path": "/cached", "cache": {"store_s": 60}, "response": 1},
            {"path": "/empty", "status": 204},
            {"path": "/plain", "method": "ANY", "response": 1},
        ],
        "defaults": {"rate_limit": "9/s"},
    }
    served = Bench(config)
    for path, status in (
        ("/auth", 401),
        ("/valid", 400),
        ("/fails", 500),
        ("/template", 500),
        ("/cached", 200),
        ("/empty", 204),
        ("/plain", 200),
    ):
        reply = served.reply(path)
        assert reply.status == status
        assert headers_of(reply)["ratelimit"] == '"default";r=8;t=1'
    again = served.reply("/cached")
    assert headers_of(again)["ratelimit"] == '"default";r=7;t=1', "a kept reply counts as well"
    tag = headers_of(again)["etag"]
    unchanged = served.reply("/cached", headers=[("If-None-Match", tag)])
    assert (unchanged.status, headers_of(unchanged)["ratelimit"]) == (304, '"default";r=6;t=1')
    assert headers_of(served.reply("/plain", "HEAD"))["ratelimit"] == '"default";r=7;t=1'


@pytest.mark.parametrize("fault", [{"kind": "error", "status": 503}, "content_length", "truncate", "dribble"])
def test_what_faults_make_of_a_reply_has_the_headers(fault):
    plan = bench("9/s", faults=[fault], response={"a": 1}).plan("/a")
    assert plan.faults
    assert headers_of(plan.reply)["ratelimit"] == '"default";r=8;t=1'


def test_a_refused_request_is_hit_by_no_fault():
    served = bench("1/m", faults=["reset"])
    assert served.plan("/a").faults == ("reset",)
    refused = served.plan("/a")
    assert (refused.reply.status, refused.faults) == (429, ())
    assert [one.kind for one in refused.injected] == ["rate_limit"]


def test_a_header_that_the_reply_has_itself_is_left_alone():
    served = bench("9/s", headers={"RateLimit": '"mine";r=1'})
    assert [value for name, value in served.reply("/a").headers if name == b"RateLimit"] == [b'"mine";r=1']


def test_a_large_file_has_the_headers(tmp_path):
    (tmp_path / "big.bin").write_bytes(b"x" * 2_000_000)
    (tmp_path / "understudy.json").write_text(
        json.dumps({"endpoints": [{"path": "/a", "file": "big.bin", "rate_limit": "9/s"}]})
    )
    assert "ratelimit" in headers_of(Bench(tmp_path / "understudy.json").reply("/a"))


def test_it_comes_before_all_else():
    config = {
        "auth": {"schemes": {"main": {"api_key": "k"}}},
        "endpoints": [
            {
                "path": "/a",
                "auth": "main",
                "rate_limit": "1/m",
                "failure_rate": 1,
                "state": {"add": {"n": 1}},
            },
            {"path": "/n", "response": "{{ state.n }}"},
        ],
        "state": {"variables": {"n": 0}},
    }
    served = Bench(config)
    assert statuses(served, 2) == [401, 429]
    refused = served.plan("/a", headers=[("X-API-Key", "k")])
    assert (refused.reply.status, refused.faults) == (429, ())
    assert served.text("/n") == "0"


def test_a_refusal_is_readable_across_origins():
    served = bench("1/m", config={"cors": True})
    served.status("/a")
    assert (b"Access-Control-Allow-Origin", b"*") in served.reply("/a").headers
    preflight = [("Origin", "http://localhost:3000"), ("Access-Control-Request-Method", "GET")]
    assert statuses(bench("1/m", config={"cors": True}), 3, method="OPTIONS", headers=preflight) == [204] * 3


def test_nothing_is_limited_that_says_false():
    config = {"defaults": {"rate_limit": "1/m"}, "endpoints": [{"path": "/a", "rate_limit": False}]}
    served = Bench(config)
    assert statuses(served, 3) == [200] * 3
    assert served.plan("/a").constant


def test_a_limit_in_defaults_is_each_endpoints_own():
    served = Bench({"defaults": {"rate_limit": "1/m"}, "endpoints": [{"path": "/a"}, {"path": "/b"}]})
    assert [served.status(path) for path in ("/a", "/b", "/a", "/b")] == [200, 200, 429, 429]


# Shared limits


SHARED = {
    "rate_limits": {"api": "3/m", "each": {"limit": "1/m", "per": "endpoint"}},
    "endpoints": [
        {"path": "/a", "rate_limit": "api"},
        {"path": "/b", "rate_limit": {"limit": "api", "cost": 2}},
        {"path": "/c", "rate_limit": "each"},
        {"path": "/d", "rate_limit": "each"},
    ],
}


def test_endpoints_share_a_limit():
    served = Bench(SHARED)
    assert [served.status(path) for path in ("/b", "/a", "/a", "/b")] == [200, 200, 429, 429]
    plan = served.plan("/a")
    assert headers_of(plan.reply)["ratelimit"] == '"api";r=0;t=60'
    assert plan.injected[0].source == "rate_limits api"


def test_what_costs_more_is_refused_sooner():
    served = Bench(SHARED)
    assert statuses(served, 2) == [200, 200]
    assert served.status("/b") == 429
    assert served.status("/a") == 200


def test_a_shared_limit_of_which_each_endpoint_has_its_own():
    served = Bench(SHARED)
    assert [served.status(path) for path in ("/c", "/d", "/c", "/d")] == [200, 200, 429, 429]


def test_spaces_have_their_own():
    served = bench("1/m")
    mine = [("X-Understudy-Space", "one")]
    assert [served.status("/a"), served.status("/a", headers=mine)] == [200, 200]
    assert [served.status("/a"), served.status("/a", headers=mine)] == [429, 429]


# Several limits


def test_all_limits_must_allow():
    served = bench(["2/s", "3/m"])
    assert statuses(served, 3) == [200, 200, 429]
    served.now += 1
    assert statuses(served, 2) == [200, 429]
    reply = served.reply("/a")
    found = headers_of(reply)
    assert found["ratelimit-policy"] == '"default";q=2;w=1, "default-2";q=3;w=60'
    assert found["ratelimit"] == '"default";r=1;t=1, "default-2";r=0;t=59'
    assert found["retry-after"] == "59"
    assert json.loads(reply.body)["limit"] == "default-2"


def test_a_refused_request_takes_from_none():
    served = bench(["4/m", {"limit": "1/s", "algorithm": "token_bucket"}])
    assert statuses(served, 4) == [200, 429, 429, 429]
    served.now += 1
    found = headers_of(served.reply("/a"))
    assert found["ratelimit"].startswith('"default";r=2;')


def test_the_longest_wait_counts():
    served = bench(["1/s", "1/m", {"limit": 1, "window_s": 9}])
    served.status("/a")
    plan = served.plan("/a")
    assert headers_of(plan.reply)["retry-after"] == "60"
    assert json.loads(plan.reply.body)["limit"] == "default-2"
    assert [one.detail.partition(":")[0] for one in plan.injected] == ["default", "default-2", "default-3"]


class Elsewhere(MemoryStore):
    """A store in which another process is quicker: `first` runs before the n-th change."""

    def __init__(self, n, first):
        super().__init__()
        self.n = n
        self.first = first

    async def change(self, space, table, key, how):
        self.n -= 1
        if self.n == 0:
            await self.first(self)
        return await super().change(space, table, key, how)


def test_what_another_process_took_meanwhile_is_seen_and_the_rest_given_back():
    config = {
        "rate_limits": {"one": "5/m", "two": "1/m"},
        "endpoints": [
            {"path": "/a", "rate_limit": ["one", {"limit": 3, "algorithm": "concurrency"}, "two"]},
            {"path": "/one", "rate_limit": "one"},
            {"path": "/two", "rate_limit": "two"},
        ],
    }

    async def first(store):
        assert served.status("/two") == 200  # the last of it

    store = Elsewhere(2, first)
    served = Bench(config, store=store)
    plan = served.plan("/a")
    assert plan.reply.status == 429
    assert headers_of(plan.reply)["ratelimit"] == '"one";r=5;t=60, "default";r=3, "two";r=0;t=60'
    assert served.world.held == {}
    assert headers_of(served.reply("/one"))["ratelimit"] == '"one";r=4;t=60'


def test_a_request_that_is_matched_anew_counts_once():
    config = {
        "rate_limits": {"api": "9/m"},
        "endpoints": [
            {
                "path": "/a",
                "rate_limit": ["api", {"limit": 2, "algorithm": "concurrency"}],
                "state": {"required": state, "next": following},
                "response": state,
            }
            for state, following in (("started", "second"), ("second", "third"))
        ],
    }

    async def first(store):
        await store.put("", SCENARIOS, "default", "second")

    served = Bench(config, store=Elsewhere(2, first))  # the first change counts, the second moves on
    plan = served.plan("/a")
    assert plan.reply.body == b'"second"'
    assert headers_of(plan.reply)["ratelimit"] == '"api";r=8;t=60, "default";r=1'
    finish(plan)
    assert served.world.held == {}


# Concurrency


def test_so_many_at_the_same_time():
    served = bench({"limit": 2, "algorithm": "concurrency"}, latency_ms=100)
    first, second, third = (served.plan("/a") for _ in range(3))
    assert [plan.reply.status for plan in (first, second, third)] == [200, 200, 429]
    assert headers_of(second.reply)["ratelimit-policy"] == '"default";q=2;qu="concurrent-requests"'
    assert headers_of(third.reply)["ratelimit"] == '"default";r=0'
    assert headers_of(third.reply)["retry-after"] == "1"
    assert json.loads(third.reply.body)["message"].startswith("the limit is 2 requests at a time;")
    finish(third)
    assert served.status("/a") == 429
    finish(first)
    assert statuses(served, 2) == [200, 429]


def test_a_failure_ends_as_well():
    served = bench({"limit": 1, "algorithm": "concurrency", "per": "client"}, failure_rate=1)
    for _ in range(3):
        plan = served.plan("/a")
        assert plan.reply.status == 500
        finish(plan)
    assert served.world.held == {}


# What is counted by


@pytest.mark.parametrize(
    ("per", "mine", "other"),
    [
        ("client", {"client": "192.0.2.1"}, {"client": "192.0.2.2"}),
        ("header:X-Key", {"headers": [("X-Key", "1")]}, {"headers": [("X-Key", "2")]}),
        ("cookie:sid", {"headers": [("Cookie", "sid=1")]}, {"headers": [("Cookie", "sid=2")]}),
        ("query:key", {"target": "/a?key=1"}, {"target": "/a?key=2"}),
        ("bearer", {"headers": [("Authorization", "Bearer 1")]}, {"headers": [("Authorization", "Basic 1")]}),
        ("path", {"target": "/a/"}, {"target": "/a/x"}),
        (["client", "path"], {"client": "192.0.2.1"}, {"client": "192.0.2.1", "target": "/a/x"}),
    ],
)
def test_per(per, mine, other):
    served = Bench({"endpoints": [{"path": "/a/**", "rate_limit": {"limit": "1/m", "per": per}}]})

    def ask(target="/a", **more):
        return served.status(target, **more)

    assert [ask(**mine), ask(**other), ask(**mine), ask(**other)] == [200, 200, 429, 429]


# What is written for the reply


def test_a_reply_of_ones_own():
    served = bench(
        {
            "limit": "1/m",
            "response": {
                "status": 503,
                "headers": {"X-Limit": "{{ rate_limit.name }}"},
                "response": {
                    "error": "slow down, {{ query.who }}",
                    "limit": "{{ rate_limit.limit }}",
                    "window": "{{ rate_limit.window_s }}",
                    "again": "{{ rate_limit.retry_after_s }}",
                },
            },
        }
    )
    assert served.status("/a") == 200
    reply = served.reply("/a?who=Ada")
    assert reply.status == 503
    assert json.loads(reply.body) == {"error": "slow down, Ada", "limit": 1, "window": 60.0, "again": 60}
    found = headers_of(reply)
    assert (found["x-limit"], found["retry-after"]) == ("default", "60")


def test_its_own_retry_after_is_left_alone():
    served = bench({"limit": "1/m", "response": {"headers": {"Retry-After": "7"}, "body": "no"}})
    served.status("/a")
    assert [value for name, value in served.reply("/a").headers if name == b"Retry-After"] == [b"7"]


def test_a_template_that_fails_is_told():
    served = bench({"limit": "1/m", "response": {"body": "{{ 1 // 0 }}"}})
    served.status("/a")
    assert served.json("/a")["error"] == "Template failed"


def test_a_shared_reply_may_look_at_the_state():
    config = {
        "rate_limits": {"api": {"limit": "1/m", "response": {"body": "{{ state.n }}"}}},
        "state": {"variables": {"n": 5}},
        "endpoints": [
            {"path": path, "rate_limit": "api", "state": {"add": {"n": 1}}} for path in ("/a", "/b")
        ],
    }
    served = Bench(config)
    served.status("/a")
    assert [served.text("/a"), served.text("/b")] == ["6", "6"]


def test_retry_after_as_a_date():
    served = bench({"limit": "1/m", "headers": {"retry_after": "date"}})
    served.now += 0.25
    served.status("/a")
    found = headers_of(served.reply("/a"))
    assert parsedate_to_datetime(found["retry-after"]).timestamp() == 1_000_061


# State


def test_a_reset_forgets():
    store = MemoryStore()
    served = bench("1/m", store=store)
    assert statuses(served, 2) == [200, 429]
    drive(store.clear(""))
    assert served.status("/a") == 200


def test_a_changed_limit_counts_anew():
    store = MemoryStore()
    assert statuses(bench("1/m", store=store), 2) == [200, 429]
    assert statuses(bench("1/m", store=store), 1) == [429]
    assert statuses(bench("2/m", store=store), 3) == [200, 200, 429]
    assert statuses(bench({"limit": "2/m", "algorithm": "gcra"}, store=store), 2) == [200, 429]


@pytest.mark.parametrize("algorithm", ["fixed_window", "sliding_window", "token_bucket", "gcra"])
def test_processes_on_one_file_share_the_count(tmp_path, algorithm):
    async def pause(seconds):
        raise AssertionError("nobody else holds the lock")

    limits = [{"limit": "6/m", "algorithm": algorithm, "per": "client"}, "100/m"]
    if algorithm == "gcra":
        limits[0]["burst"] = 6
    stores = [open_store("sqlite", path=tmp_path / "state.db", pause=pause) for _ in range(2)]
    first, second = (bench(limits, store=store) for store in stores)
    found = [served.status("/a") for _ in range(4) for served in (first, second)]
    assert found == [200] * 6 + [429] * 2
    for served in (first, second):
        served.now += 60
    assert [second.status("/a"), first.status("/a")] == [200, 200]
    for store in stores:
        drive(store.close())


# Mistakes


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"endpoints": [{"path": "/a", "rate_limit": "api"}]}, "there is no limit 'api': `rate_limits`, at"),
        (
            {
                "rate_limits": {"search": "1/s"},
                "endpoints": [{"path": "/a", "rate_limit": ["1/s", "serach"]}],
            },
            "endpoints[0].rate_limit[1]\n  there is no limit 'serach' under `rate_limits`, only search",
        ),
        (
            {
                "rate_limits": {"api": "3/s"},
                "endpoints": [{"path": "/a", "rate_limit": {"limit": "api", "per": "client"}}],
            },
            "endpoints[0].rate_limit.per\n  `limit: api` names a limit, so only `cost` may stand beside it",
        ),
        (
            {
                "rate_limits": {"api": "3/s"},
                "endpoints": [{"path": "/a", "rate_limit": {"limit": "api", "cost": 4}}],
            },
            "endpoints[0].rate_limit.cost\n  a request that counts for 4 is never let through: api lets",
        ),
        (
            {
                "rate_limits": {"api": "3/s"},
                "endpoints": [{"path": "/a", "rate_limit": ["api", {"limit": "api", "cost": 2}]}],
            },
            "endpoints[0].rate_limit[1]\n  the limit api stands twice",
        ),
        (
            {"endpoints": [{"path": "/a", "rate_limit": {"limit": 5, "burst": 3}}]},
            "endpoints[0].rate_limit.burst\n  this is for token_bucket and gcra, not for fixed_window",
        ),
        (
            {"rate_limits": {"api": {"limit": 5, "cost": 6}}, "endpoints": [{"path": "/a"}]},
            "rate_limits.api.cost",
        ),
        (
            {
                "rate_limits": {"api": {"limit": 5, "response": {"body": "{{ oops( }}"}}},
                "endpoints": [{"path": "/a", "rate_limit": "api"}, {"path": "/b", "rate_limit": "api"}],
            },
            "1 problem in the config:\nconfig  rate_limits.api.response.body",
        ),
    ],
)
def test_mistakes(config, told):
    assert told in problems(config)


def test_a_file_for_a_refusal_is_small(tmp_path):
    (tmp_path / "big.bin").write_bytes(b"x" * 2_000_000)
    (tmp_path / "understudy.json").write_text(
        json.dumps(
            {"endpoints": [{"path": "/a", "rate_limit": {"limit": 1, "response": {"file": "big.bin"}}}]}
        )
    )
    assert "a file that is sent for a refused request is at most 1 MB" in problems(
        tmp_path / "understudy.json"
    )
