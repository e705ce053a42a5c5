from random import Random

import pytest

from tests.simulate.kit import Bench
from tests.simulate.test_station import erlang_b, erlang_c
from understudy import ConfigError
from understudy.build import build
from understudy.state import MemoryStore
from understudy.state.view import SCENARIOS
from understudy.steps import HangUp, Reset, Wait


def bench(capacity, seed=1, **endpoint):
    return Bench({"endpoints": [{"path": "/a", "capacity": capacity, **endpoint}]}, seed)


def waits(asked, count, target="/a", **more):
    """The latency of requests that come at the same time, in ms; None for what is shed."""
    plans = [asked.plan(target, **more) for _ in range(count)]
    return [round(plan.latency_s * 1000) if plan.reply.status == 200 else None for plan in plans]


def test_requests_are_worked_on_wait_or_are_shed():
    asked = bench({"concurrency": 2, "queue": 3}, latency_ms=100)
    assert waits(asked, 7) == [100, 100, 200, 200, 300, None, None]
    asked.now += 0.15
    # the first two are done, the next two are worked on, and one waits
    assert waits(asked, 3) == [150, 250, None]
    asked.now += 60
    assert waits(asked, 1) == [100]


def test_a_number_is_how_many_and_nobody_waits():
    assert waits(bench(2, latency_ms=100), 3) == [100, 100, None]


def test_with_service_ms_the_latency_is_the_way_there_and_back():
    asked = bench({"concurrency": 1, "queue": 1, "service_ms": 100}, latency_ms=30)
    assert waits(asked, 3) == [130, 230, None]
    shed = asked.plan("/a")
    assert (shed.latency_s, shed.steps[0]) == (0.03, Wait(0.03))


def test_without_service_ms_what_is_shed_is_answered_at_once():
    asked = bench(1, latency_ms=100)
    waits(asked, 1)
    shed = asked.plan("/a")
    assert shed.steps == (shed.reply,)
    assert (shed.reply.status, shed.reply.body) == (503, b'{"error":"Over capacity"}')


@pytest.mark.parametrize(
    ("overflow", "status", "body", "header"),
    [
        (429, 429, b'{"error":"Over capacity"}', (b"Content-Type", b"application/json")),
        ({"headers": {"Retry-After": 2}}, 503, b'{"error":"Over capacity"}', (b"Retry-After", b"2")),
        ({"body": "busy"}, 503, b"busy", (b"Content-Type", b"text/plain; charset=utf-8")),
        ({"status": 529, "body": {"a": 1}}, 529, b'{"a":1}', (b"Content-Type", b"application/json")),
    ],
)
def test_replies_to_what_is_shed(overflow, status, body, header):
    asked = bench({"concurrency": 1, "overflow": overflow}, latency_ms=100)
    waits(asked, 1)
    reply = asked.reply("/a")
    assert (reply.status, reply.body) == (status, body)
    assert header in reply.headers


@pytest.mark.parametrize(("overflow", "steps"), [("reset", (Reset(),)), ("hang", (Wait(86_400), HangUp()))])
def test_what_is_shed_without_a_reply(overflow, steps):
    asked = bench({"concurrency": 1, "overflow": overflow}, latency_ms=100, failure_rate=1)
    asked.plan("/a")
    shed = asked.plan("/a")
    assert (shed.steps, shed.reply, shed.latency_s) == (steps, None, 0)
    assert shed.faults == ("capacity",)


def test_the_log_says_who_waited_and_who_was_shed():
    asked = Bench(
        {
            "capacities": {"database": {"concurrency": 1, "queue": 2}},
            "endpoints": [
                {"path": "/a", "capacity": "database", "latency_ms": 120},
                {"path": "/b", "capacity": 1, "latency_ms": 120},
            ],
        }
    )
    plans = [asked.plan("/a") for _ in range(4)]
    assert plans[0].injected == plans[0].faults == ()
    told = [injected for plan in plans for injected in plan.injected]
    assert [one.detail for one in told] == [
        "queued 120 ms, 0 ahead",
        "queued 240 ms, 1 ahead",
        "shed: 3 of 3",
    ]
    assert {(one.kind, one.source) for one in told} == {("capacity", "capacity database")}
    assert plans[3].faults == ("capacity",)
    asked.plan("/b")
    assert asked.plan("/b").injected[0][:2] == ("capacity", "endpoint")
    assert asked.world.injected["GET /a", "capacity", "capacity database"] == 3


def test_endpoints_share_what_has_a_name():
    asked = Bench(
        {
            "capacities": {"database": {"concurrency": 1, "queue": 1, "service_ms": 100}, "spare": 5},
            "defaults": {"capacity": "database"},
            "endpoints": [{"path": "/a"}, {"path": "/b", "latency_ms": 5}, {"path": "/c", "capacity": False}],
        }
    )
    assert [waits(asked, 1, f"/{name}")[0] for name in "abacc"] == [100, 205, None, 0, 0]


def test_each_endpoint_has_its_own_of_what_stands_in_defaults():
    endpoints = [{"path": "/a"}, {"path": "/b"}]
    asked = Bench({"defaults": {"capacity": 1, "latency_ms": 9}, "endpoints": endpoints})
    assert [waits(asked, 1, target)[0] for target in ("/a", "/b", "/a", "/b")] == [9, 9, None, None]


def test_each_space_has_its_own():
    asked = bench(1, latency_ms=9)
    spaces = [{}, {"headers": [("X-Understudy-Space", "s")]}]
    assert [waits(asked, 1, **space)[0] for space in (*spaces, *spaces)] == [9, 9, None, None]


def test_what_is_refused_before_takes_no_place():
    asked = bench(1, latency_ms=9, auth={"bearer": "t"})
    assert [asked.status("/a", headers=[("Authorization", f"Bearer {who}")]) for who in "xtxt"] == [
        401,
        200,
        401,
        503,
    ]


def test_what_is_shed_changes_nothing_and_does_not_fail_as_well():
    asked = bench(1, latency_ms=9, failure_rate=1, times=2)
    assert [asked.status("/a") for _ in range(2)] == [500, 503]
    asked = bench(1, latency_ms=9, response="{{ counter() }}")
    assert [asked.status("/a") for _ in range(5)] == [200, 503, 503, 503, 503]
    asked.now += 1
    assert asked.json("/a") == 2


def test_what_fails_is_worked_on_too():
    asked = bench({"concurrency": 1, "queue": 1}, latency_ms=100, failure_rate=1)
    found = [(plan.reply.status, round(plan.latency_s, 6)) for plan in (asked.plan("/a") for _ in range(3))]
    assert found == [(500, 0.1), (500, 0.2), (503, 0)]


def test_a_response_with_its_own_latency_is_worked_on_for_as_long():
    responses = [{"latency_ms": 300}, {"latency_ms": 100}, {}]
    asked = bench({"concurrency": 1, "queue": 9}, latency_ms=50, responses=responses)
    assert waits(asked, 4) == [300, 400, 450, 500]


def test_a_response_with_its_own_latency_keeps_the_wait_and_the_work():
    asked = bench({"concurrency": 1, "queue": 9, "service_ms": 100}, responses=[{"latency_ms": 30}])
    assert waits(asked, 3) == [130, 230, 330]


def test_work_is_drawn_apart_from_the_latency():
    asked = bench({"concurrency": 9, "service_ms": {"exponential": 50}}, latency_ms={"exponential": 50})
    other = bench({"concurrency": 9}, latency_ms={"exponential": 50})
    both, alone = waits(asked, 5), waits(other, 5)
    assert all(one > two for one, two in zip(both, alone, strict=True))
    assert len({one - two for one, two in zip(both, alone, strict=True)}) > 1


def test_work_that_takes_no_time():
    assert waits(bench({"concurrency": 1, "service_ms": 0}, latency_ms=7), 3) == [7, 7, 7]


def test_all_methods_and_paths_of_a_resource_share_their_endpoint_s():
    config = {"database": {"users": [{"id": 1}]}}
    config["endpoints"] = [{"path": "/users", "resource": "users", "capacity": 1, "latency_ms": 9}]
    asked = Bench(config)
    assert [asked.status("/users"), asked.status("/users/1")] == [200, 503]


@pytest.mark.parametrize(
    ("config", "path", "says"),
    [
        ({"capacity": True}, "endpoints[0].capacity", "`true` does not say how many"),
        ({"capacity": "x"}, "endpoints[0].capacity", "has none yet"),
        (
            {"capacity": {"concurrency": 1, "service_ms": {"min_ms": 1}}},
            "endpoints[0].capacity.service_ms",
            "a latency has one of",
        ),
        (
            {"capacity": {"concurrency": 1, "overflow": {"headers": {"X": "{{ uuid }}"}}}},
            "endpoints[0].capacity.overflow.headers.X",
            "no templates",
        ),
    ],
)
def test_mistakes(config, path, says):
    with pytest.raises(ConfigError, match=says) as caught:
        build({"endpoints": [{"path": "/a", "latency_ms": 1, **config}]})
    assert [problem.path for problem in caught.value.problems] == [path]


def test_mistakes_in_what_is_shared():
    config = {"capacities": {"database": {"concurrency": 1, "service_ms": {}}, "spare": 5}}
    config["endpoints"] = [{"path": "/a", "capacity": "databse"}, {"path": "/b", "capacity": "database"}]
    with pytest.raises(ConfigError) as caught:
        build(config)
    assert [problem.path for problem in caught.value.problems] == [
        "capacities.database.service_ms",
        "endpoints[0].capacity",
    ]
    assert "only database, spare" in caught.value.problems[1].message
    assert caught.value.problems[1].suggestion == '"database"'


@pytest.mark.parametrize(
    ("config", "paths"),
    [
        ({"endpoints": [{"path": "/a", "capacity": 1}]}, ["endpoints[0].capacity"]),
        ({"endpoints": [{"path": "/a", "capacity": 1, "latency_ms": 0}]}, ["endpoints[0].capacity"]),
        ({"defaults": {"capacity": 1}, "endpoints": [{"path": "/a"}, {"path": "/b"}]}, ["defaults.capacity"]),
        ({"endpoints": [{"path": "/a", "capacity": 1, "latency_ms": 1}]}, []),
        ({"endpoints": [{"path": "/a", "capacity": 1, "responses": [{"latency_ms": 1}]}]}, []),
        ({"endpoints": [{"path": "/a", "capacity": {"concurrency": 1, "service_ms": 1}}]}, []),
    ],
)
def test_what_is_never_full_is_a_warning(config, paths):
    assert [warning.path for warning in build(config).warnings] == paths


@pytest.mark.parametrize("endpoint", [{"latency_ms": 100}, {"responses": [{"latency_ms": 100}]}])
def test_a_client_that_asks_again_at_once_finds_its_worker_free(endpoint):
    asked = bench(1, **endpoint)
    plan = asked.plan("/a")
    assert asked.status("/a") == 503
    asked.now += 0.0995  # timers count in milliseconds
    *_, over = plan.steps
    over.action()
    assert asked.status("/a") == 200


def test_a_client_that_hangs_up_does_not_take_its_work_back():
    asked = bench(1, latency_ms=100)
    plan = asked.plan("/a")
    asked.now += 0.05
    plan.steps[-1].action()
    assert asked.status("/a") == 503


class Elsewhere(MemoryStore):
    """A store in which another process moves the scenario on before the first change."""

    moved = False

    async def change(self, space, table, key, how):
        if not self.moved:
            self.moved = True
            await self.put("", SCENARIOS, "default", "second")
        return await super().change(space, table, key, how)


def test_a_request_that_is_matched_anew_keeps_its_turn():
    endpoints = [
        {"path": "/a", "capacity": "database", "latency_ms": latency_ms, "state": {"required": state}}
        for state, latency_ms in (("started", 100), ("second", 300))
    ]
    endpoints[0]["state"]["next"] = endpoints[1]["state"]["next"] = "second"
    config = {"capacities": {"database": {"concurrency": 1, "queue": 9}}, "endpoints": endpoints}
    asked = Bench(config, store=Elsewhere())
    assert waits(asked, 2) == [300, 600]
    assert asked.world.stations.as_json()[0]["waiting"] == 1


# --- under load ---------------------------------------------------------------------------------------------


def under_load(capacity, rate, count):
    """How long Poisson arrivals at `rate` per second wait, in seconds, with a mean service time of 0.1 s."""
    asked = bench({"service_ms": {"exponential": 100}, **capacity})
    lots, found = Random(3), []
    for _ in range(count):
        asked.now += lots.expovariate(rate)
        plan = asked.plan("/a")
        shed = plan.reply.status == 503
        found.append(None if shed else plan.latency_s)
    return found


def test_a_loaded_endpoint_waits_as_queueing_theory_says():
    found = under_load({"concurrency": 5, "queue": 100_000}, 35, 60_000)
    wait_s = erlang_c(5, 3.5) / (5 / 0.1 - 35)
    assert abs(sum(found) / len(found) / (0.1 + wait_s) - 1) < 0.05
    assert abs((sum(found) / len(found) - 0.1) / wait_s - 1) < 0.1


def test_a_loaded_endpoint_sheds_as_queueing_theory_says():
    found = under_load({"concurrency": 5}, 40, 30_000)
    assert abs(found.count(None) / len(found) / erlang_b(5, 4) - 1) < 0.1


def test_the_same_seed_has_the_same_queue():
    assert under_load({"concurrency": 2, "queue": 3}, 30, 500) == under_load(
        {"concurrency": 2, "queue": 3}, 30, 500
    )
