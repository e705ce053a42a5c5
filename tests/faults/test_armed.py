from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulate.kit import Bench
from understudy import ConfigError
from understudy.simulate.exchange import LostRace
from understudy.state import MemoryStore
from understudy.steps import Close, HangUp, Head, Release, Reply, Reset, SendCallbacks, Wait


def bench(*faults, seed=1, store=None, **more):
    return Bench(
        {"endpoints": [{"path": "/a", "faults": list(faults), "response": "fine", **more}]}, seed, store
    )


def statuses(bench, count, **more):
    return [None if (reply := bench.plan("/a", **more).reply) is None else reply.status for _ in range(count)]


def error(**when):
    return {"kind": "error", "status": 503, "when": when}


def test_the_first_ones_fail():
    assert statuses(bench(error(first=2)), 4) == [503, 503, 200, 200]


def test_each_client_has_its_own_count():
    one = bench(error(first=1, per="header:X-User"))
    assert statuses(one, 2, headers=[("X-User", "ada")]) == [503, 200]
    assert statuses(one, 2, headers=[("X-User", "bob")]) == [503, 200]
    assert statuses(one, 2) == [503, 200]


def test_each_space_has_its_own_count():
    one = bench(error(first=1))
    assert statuses(one, 2) == [503, 200]
    assert statuses(one, 2, headers=[("X-Understudy-Space", "s")]) == [503, 200]


def test_requests_that_do_not_fit_are_not_counted():
    one = bench(error(first=1, match={"query": {"x": 1}}))
    assert statuses(one, 2) == [200, 200]
    assert one.status("/a?x=1") == 503
    assert one.status("/a?x=1") == 200


@pytest.mark.parametrize("faults", [{"faults": [error(first=3)]}, {"outage": "db"}])
def test_a_request_that_is_matched_anew_is_counted_once(faults):
    outage = {"when": {"first": 3}, "faults": [{"kind": "error", "status": 503}]}
    one = Bench({"outages": {"db": outage}, "endpoints": [{"path": "/a", **faults}]})
    (endpoint,) = one.program.endpoints
    endpoint.menaces = (*endpoint.menaces, LosesRaces())
    assert statuses(one, 5) == [503, 503, 503, 200, 200]


class LosesRaces:
    """Stands for a stage that loses two of three races, after the faults were asked."""

    is_early = False
    asked = 0

    async def ask(self, exchange):
        self.asked += 1
        if self.asked % 3:
            raise LostRace
        return ()


def test_times_count_from_the_start_of_the_server():
    one = bench(error(window={"after_s": 10, "for_s": 5}))
    seen = []
    for _ in range(4):
        seen.append(one.status("/a"))
        one.now += 5
    assert seen == [200, 200, 503, 200]


def test_after_its_ttl_all_is_well():
    one = bench({"kind": "error", "ttl": "1m"})
    assert one.status("/a") == 500
    one.now += 60
    assert one.status("/a") == 200


def test_only_so_many_at_the_same_time():
    one = bench({"kind": "error", "max_active": 2})
    plans = [one.plan("/a") for _ in range(3)]
    assert [plan.reply.status for plan in plans] == [500, 500, 200]
    (release,) = [step for step in plans[0].steps if isinstance(step, Release)]
    release.action()
    assert statuses(one, 2) == [500, 200]


def test_what_was_decided_is_told():
    one = bench({"kind": "error", "probability": 0.5, "when": {"first": 50}})
    number, plan = next((number, plan) for number in range(1, 30) if (plan := one.plan("/a")).faults)
    (injected,) = plan.injected
    assert plan.faults == ("error",)
    assert injected.source == "endpoint"
    assert injected.number == number
    assert injected.drawn < injected.probability == 0.5
    assert one.world.injected == {("GET /a", "error", "endpoint"): 1}


def test_rates_are_as_asked_over_many_requests():
    one = bench({"kind": "error", "probability": 0.1})
    count = 30_000
    failed = sum(status == 500 for status in statuses(one, count))
    # three standard errors of a share of 0.1
    assert abs(failed / count - 0.1) < 3 * (0.1 * 0.9 / count) ** 0.5


def test_the_same_seed_gives_the_same_faults_whatever_is_asked_between():
    faults = [
        {"kind": "error", "probability": 0.3},
        {"kind": "reset", "probability": 0.1},
        error(burst=BURST),
    ]
    config = {"endpoints": [{"path": f"/{name}", "faults": faults, "response": 1} for name in "ab"]}
    alone, mixed = Bench(config, 9), Bench(config, 9)
    expected = [(plan.n, plan.injected) for plan in (alone.plan("/a") for _ in range(200))]
    found = []
    for number in range(200):
        for _ in range(number % 3):
            mixed.plan("/b")
        plan = mixed.plan("/a")
        found.append((plan.n, plan.injected))
    assert found == expected
    other = Bench(config, 10)
    assert [(plan.n, plan.injected) for plan in (other.plan("/a") for _ in range(200))] != expected


BURST = {"good": 10, "bad": 3}


def test_bursts_come_in_runs_and_each_client_has_its_own():
    one = bench(error(burst=BURST, per="query:u"))
    seen = [one.status(f"/a?u={number % 2}") for number in range(600)]
    first, second = seen[::2], seen[1::2]
    assert first != second
    for each in (first, second):
        runs = sum(one == 503 and before == 200 for before, one in pairwise(each))
        assert runs < each.count(503) / 1.5, "they stand together"


def test_two_servers_on_one_store_count_together():
    store = MemoryStore()
    one, other = (bench(error(first=3), store=store) for _ in range(2))
    assert [server.status("/a") for server in (one, other, one, other)] == [503, 503, 503, 200]


# --- phases -------------------------------------------------------------------------------------------------


COUNTING = {"state": {"add": {"orders": 1}}, "body": "{{ state.orders }}"}


def counting(fault, **more):
    config = {
        "endpoints": [
            {"path": "/a", "method": "POST", "faults": [fault], **COUNTING, **more},
            {"path": "/count", "body": "{{ state.orders }}"},
        ],
        "state": {"variables": {"orders": 0}},
    }
    return Bench(config)


@pytest.mark.parametrize("kind", ["error", "hang", "reset", "garbage", "empty_reply"])
def test_before_changes_nothing_and_after_does(kind):
    for phase, count in (("before", "0"), ("after", "1")):
        one = counting({"kind": kind, "phase": phase})
        one.plan("/a", "POST")
        assert one.text("/count") == count
    assert counting({"kind": kind}).plan("/a", "POST").faults == (kind,)


def test_a_spoilt_reply_has_been_processed():
    one = counting({"kind": "truncate", "after_bytes": 0})
    plan = one.plan("/a", "POST")
    assert one.text("/count") == "1"
    assert isinstance(plan.steps[-1], HangUp)


def test_callbacks_go_out_though_the_reply_is_lost():
    for fault in ("reset", "hang", "error"):
        one = counting({"kind": fault, "phase": "after"}, callbacks="http://localhost:1/hook")
        plan = one.plan("/a", "POST")
        assert len(plan.callbacks) == 1
        assert any(isinstance(step, SendCallbacks) for step in plan.steps)
    one = counting({"kind": "truncate", "after_bytes": 0}, callbacks="http://localhost:1/hook")
    kinds = [type(step) for step in one.plan("/a", "POST").steps]
    assert kinds.index(SendCallbacks) < kinds.index(HangUp)


def test_no_callbacks_where_nothing_was_processed():
    one = counting("error", callbacks="http://localhost:1/hook")
    assert one.plan("/a", "POST").callbacks == ()


# --- several ------------------------------------------------------------------------------------------------


def test_faults_are_applied_in_their_order():
    one = bench("error", "reset", {"kind": "truncate", "after_bytes": 1}, {"kind": "latency", "ms": 50})
    plan = one.plan("/a")
    assert plan.reply.status == 500
    assert plan.latency_s == 0.05
    assert [type(step) for step in plan.steps][:2] == [Wait, Head]
    assert isinstance(plan.steps[-1], HangUp)
    assert plan.faults == ("error", "truncate", "latency"), "the reset came too late"
    assert one.world.injected.total() == 3


def test_what_is_refused_is_not_counted():
    one = bench(error(first=1), auth={"api_key": "k"})
    assert one.status("/a") == 401
    assert one.status("/a", headers=[("X-API-Key", "k")]) == 503


def test_a_kept_reply_can_be_spoilt_and_a_failed_one_is_not_kept():
    one = bench(error(from_n=2, to_n=2), cache={"store_s": 60})
    assert statuses(one, 3) == [200, 503, 200]


def test_latency_of_the_endpoint_and_of_a_fault_add_up():
    assert bench({"kind": "latency", "ms": 30}, latency_ms=20).plan("/a").latency_s == pytest.approx(0.05)


def test_a_hang_is_no_latency():
    plan = bench("hang", latency_ms=20).plan("/a")
    assert plan.latency_s == 0.02
    assert plan.reply is None


def test_cross_origin_headers_are_on_broken_replies_too():
    config = {
        "cors": {"origins": ["http://a.test"]},
        "endpoints": [{"path": "/a", "faults": [{"kind": "truncate", "after_bytes": 1}], "response": "fine"}],
    }
    reply = Bench(config).plan("/a", headers=[("Origin", "http://a.test")]).reply
    assert (b"Access-Control-Allow-Origin", b"http://a.test") in reply.headers


def test_middleware_sees_an_injected_error_and_not_a_broken_wire(tmp_path):
    (tmp_path / "around.py").write_text(
        "async def mark(request, call_next):\n"
        "    reply = await call_next(request)\n"
        "    reply.headers['X-Seen'] = str(reply.status)\n"
        "    return reply\n"
    )
    for fault in ("error", "reset", "truncate"):
        config = tmp_path / "config.json"
        config.write_text(
            '{"middleware": "around:mark", "endpoints":'
            f' [{{"path": "/a", "faults": ["{fault}"], "response": "fine"}}]}}'
        )
        one = Bench(config)
        plan = drive(one)
        if fault == "reset":
            assert plan.steps == (Reset(),)
        else:
            seen = b"500" if fault == "error" else b"200"
            assert (b"X-Seen", seen) in plan.reply.headers


def drive(bench):
    """A plan whose middleware wants a task: driven to its end by hand, as nothing in it waits for long."""
    import asyncio

    from understudy.engine import Suspended, decide
    from understudy.request import Request

    async def run():
        decided = decide(bench.program, Request("GET", b"/a"), bench.world)
        return await decided if isinstance(decided, Suspended) else decided

    return asyncio.run(run())


# --- mistakes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"kind": "truncate", "phase": "before"}, "spoils a reply"),
        ({"kind": "unread", "phase": "after"}, "before the whole request"),
        ({"kind": "error", "when": {"match": {"state": {"a": 1}}}}, "not bound to the state"),
        ({"kind": "error", "when": {"match": {"body": {"json_path": {"$[": 1}}}}}, "faults[0].when.match"),
    ],
)
def test_mistakes_are_told_with_their_place(fault, why):
    with pytest.raises(ConfigError) as caught:
        bench(fault)
    assert why in str(caught.value)
    assert "endpoints[0].faults[0]" in str(caught.value)


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["error", "hang", "reset", "truncate", "garbage", "latency"]), max_size=4))
def test_every_mixture_is_a_plan(kinds):
    faults = [{"kind": kind, **({"ms": 1} if kind == "latency" else {})} for kind in kinds]
    plan = bench(*faults).plan("/a")
    assert plan.steps
    spoiling = {"truncate", "latency"}
    first = next((kind for kind in kinds if kind not in spoiling), None)
    struck = [kind for place, kind in enumerate(kinds) if kind in spoiling or place == kinds.index(first)]
    assert plan.faults == tuple(struck), "of those that stand in the place of the reply, the first"
    ends = [place for place, step in enumerate(plan.steps) if isinstance(step, Reset | HangUp)]
    assert all(place == len(plan.steps) - 1 for place in ends[:1]), "nothing follows the end"
    assert not plan.steps or isinstance(plan.steps[0], Reply | Wait | Head | Reset | HangUp | Close) or ends
