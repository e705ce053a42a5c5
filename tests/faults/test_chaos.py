"""What is on, as data: requests in, plans out, on a clock that a test moves."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulate.kit import Bench
from understudy.errors import ConfigError
from understudy.faults.chaos import (
    Chaos,
    On,
    check_live,
    compile_live,
    kit_for,
    own_target,
)
from understudy.faults.load import Load
from understudy.load.source import Source
from understudy.model.chaos import LiveRule
from understudy.steps import Release, Reset, Wait

ENDPOINTS = [
    {"path": "/orders", "group": "orders", "response": "fine"},
    {"path": "/carts", "group": ["carts", "shop"], "response": "fine"},
    {"path": "/me", "times": 5, "response": "fine"},
    {"path": "/sum", "response": "{{ 1 + 1 }}"},
]

LATE = {"latency_ms": 5}


class Steered(Bench):
    """A bench on which profiles are on: those that the config has, and those that a test switches."""

    def __init__(self, seed=1, endpoints=ENDPOINTS, **chaos):
        super().__init__({"endpoints": endpoints, "chaos": chaos}, seed)
        self.profiles = self.program.profiles
        self.load = Load(self.profiles.max_active)
        self.switch(*(self.on(name) for name in self.profiles.active))

    def on(self, profile, since_s=None, **more):
        return On(self.profiles.rules[profile], self.now if since_s is None else since_s, **more)

    def live(self, name, **written):
        rule = msgspec.convert(written, LiveRule)
        kit = kit_for(self.program.loaded, Source(data=written))
        compiled = compile_live(rule, name, self.profiles, kit, ())
        check_live(rule, self.program.endpoints, kit, ())
        assert not kit.problems
        return On(compiled, self.now, space=rule.space, fits=own_target(rule))

    def switch(self, *on):
        stages = self.profiles.stages
        staged = [
            self.on(name, 0.0, stage=number)
            for number, names in enumerate(stages.profiles if stages else (), 1)
            for name in names
        ]
        self.world.chaos = Chaos(
            [*on, *staged],
            stages,
            self.profiles.headers,
            self.load,
            started_s=self.world.started_s,
            space_header=self.program.space_header,
        )

    def faults(self, target, count=1, **more):
        return [self.done(self.plan(target, **more)).faults for _ in range(count)]

    def statuses(self, target, count, **more):
        return [self.done(self.plan(target, **more)).reply.status for _ in range(count)]

    def done(self, plan):
        """A plan whose request is over."""
        for step in plan.steps:
            if isinstance(step, Release):
                step.action()
        return plan


def test_a_profile_is_for_its_endpoints():
    one = Steered(
        active=["slow", "down"],
        profiles={
            "slow": {"groups": "orders", "latency_ms": 800},
            "down": {"endpoints": "/ca*", "failure_rate": 1},
        },
    )
    plan = one.plan("/orders")
    assert plan.steps[0] == Wait(0.8)
    assert plan.latency_s == 0.8
    assert [(injected.kind, injected.source) for injected in plan.injected] == [("latency", "profile slow")]
    assert one.status("/carts") == 500
    assert one.plan("/sum").injected == ()
    assert one.world.injected == {
        ("GET /orders", "latency", "profile slow"): 1,
        ("GET /carts", "error", "profile down"): 1,
    }


@pytest.mark.parametrize("path", ["/orders", "/me", "/sum"])
def test_whatever_an_endpoint_is_a_profile_hits_it(path):
    one = Steered(active="off", profiles={"off": {"faults": ["reset"]}})
    assert Reset() in one.plan(path).steps


def test_nothing_on_leaves_requests_alone():
    one = Steered(profiles={"off": {"faults": ["reset"]}})
    first, second = one.plan("/orders"), one.plan("/orders")
    assert first is second, "the plan of a constant endpoint, made once"


def test_latency_and_failures_come_together():
    one = Steered(
        active="p", profiles={"p": {"latency_ms": 50, "failure_rate": 1, "failure": {"status": 503}}}
    )
    plan = one.plan("/orders")
    assert (plan.latency_s, plan.reply.status) == (0.05, 503)
    assert plan.faults == ("latency", "error")


def test_a_profile_strikes_once_by_whatever_it_is_on():
    one = Steered(profiles={"p": {"latency_ms": 50}}, stages=[{"for_s": 9, "profile": "p"}], active="p")
    one.switch(one.on("p"), one.on("p"))
    assert one.plan("/orders").latency_s == 0.05


def test_counts_and_times_are_from_when_it_was_switched_on():
    error = {"kind": "error", "status": 503, "when": {"first": 2}}
    late = {"kind": "latency", "ms": 10, "when": {"window": {"after_s": 5, "for_s": 5}}}
    one = Steered(profiles={"p": {"faults": [error, late]}})
    one.now += 1000
    one.switch(one.on("p"))
    assert one.statuses("/orders", 3) == [503, 503, 200]
    one.now += 5
    assert one.plan("/orders").latency_s == 0.01
    one.switch(one.on("p"))  # again: all begins anew
    assert one.statuses("/orders", 3) == [503, 503, 200]
    assert one.plan("/orders").latency_s == 0


def test_bursts_begin_anew_too():
    profiles = {"p": {"faults": [{"kind": "error", "when": {"burst": {"good": 3, "bad": 2}}}]}}
    one = Steered(profiles=profiles)
    runs = []
    for _ in range(2):
        one.now += 1
        one.switch(one.on("p"))
        runs.append(one.statuses("/orders", 60))
    assert runs[0] == runs[1]
    assert 5 < runs[0].count(500) < 55


def test_counts_are_over_all_its_endpoints():
    one = Steered(active="p", profiles={"p": {"faults": [{"kind": "error", "when": {"every": 2}}]}})
    assert [one.status(path) for path in ("/orders", "/carts", "/orders", "/carts")] == [200, 500, 200, 500]


def test_a_time_to_live_is_looked_at_with_each_request():
    one = Steered(profiles={"p": {"failure_rate": 1}})
    one.switch(one.on("p", ends_at_s=one.now + 30))
    assert one.status("/orders") == 500
    one.now += 29.9
    assert one.status("/orders") == 500
    one.now += 0.1
    assert one.status("/orders") == 200


def test_stages_follow_the_clock():
    one = Steered(
        profiles={"slow": {"latency_ms": 10}, "down": {"failure_rate": 1}},
        stages=[
            {"for_s": 10},
            {"for_s": 5, "profile": "slow", "name": "dusk"},
            {"for_s": 5, "profile": ["slow", "down"]},
        ],
        loop=True,
    )
    seen = []
    for _ in range(10):
        plan = one.plan("/orders")
        seen.append((plan.faults, {injected.stage for injected in plan.injected}))
        one.now += 4
    calm, dusk, night = ((), set()), (("latency",), {"dusk"}), (("latency", "error"), {"3"})
    assert seen == [calm, calm, calm, dusk, night] * 2


def test_counts_begin_anew_with_each_stage_and_each_round():
    one = Steered(
        profiles={"p": {"faults": [{"kind": "error", "when": {"first": 1}}]}},
        stages=[{"for_s": 5}, {"for_s": 5, "profile": "p"}],
        loop=True,
    )
    for _ in range(3):
        assert one.statuses("/orders", 2) == [200, 200]
        one.now += 5
        assert one.statuses("/orders", 2) == [500, 200]
        one.now += 5


def test_stages_that_are_over_leave_nothing():
    one = Steered(profiles={"p": {"failure_rate": 1}}, stages=[{"for_s": 5, "profile": "p"}])
    assert one.status("/orders") == 500
    one.now += 5
    assert one.status("/orders") == 200
    assert one.world.chaos.stage(one.now) is None


def test_no_more_requests_than_max_active_are_hit():
    one = Steered(
        active=["a", "b"], max_active=2, profiles={"a": {"latency_ms": 5}, "b": {"failure_rate": 1}}
    )
    plans = [one.plan("/orders") for _ in range(4)]
    assert [plan.faults for plan in plans] == [("latency", "error")] * 2 + [()] * 2
    assert one.load.count == 2
    one.done(plans[0])
    assert one.load.count == 1
    assert one.plan("/orders").faults == ("latency", "error")
    for rule in one.profiles.rules.values():
        assert rule.load.count == 2


def test_a_live_rule_has_faults_of_its_own_or_a_profile_for_other_endpoints():
    one = Steered(profiles={"p": {"groups": "orders", "failure_rate": 1}})
    one.switch(one.live("mine", faults=[{"kind": "error", "status": 502}], endpoints="/sum"))
    assert (one.status("/sum"), one.status("/orders")) == (502, 200)
    assert one.plan("/sum").injected[0].source == "live mine"
    one.switch(one.live("p", profile="p", groups=["shop"]))
    assert (one.status("/carts"), one.status("/orders")) == (500, 200)
    assert one.plan("/carts").injected[0].source == "profile p"
    one.switch(one.live("p", profile="p"))
    assert (one.status("/carts"), one.status("/orders")) == (200, 500)


def test_a_rule_of_a_space_is_for_its_requests():
    one = Steered(request_headers=True)
    first = {"kind": "error", "when": {"first": 1}}
    one.switch(one.live("r", faults=[first], space="s"), one.live("r", faults=[first]))
    in_space = {"headers": [("X-Understudy-Space", "s")]}
    assert one.statuses("/orders", 3, **in_space) == [500, 200, 200]
    assert one.statuses("/orders", 3) == [500, 200, 200]


def test_the_same_seed_takes_the_same_decisions_whatever_comes_between():
    profiles = {
        "p": {
            "failure_rate": 0.4,
            "faults": [{"kind": "latency", "ms": {"uniform": [1, 9]}, "probability": 0.5}],
        }
    }

    def run(order, seed=7):
        one = Steered(seed, active="p", profiles=profiles)
        plans = [one.done(one.plan(path)) for path in order]
        return {
            path: [(plan.faults, plan.latency_s) for plan in plans if plan.endpoint == f"GET {path}"]
            for path in ("/orders", "/carts")
        }

    assert run(["/orders", "/carts"] * 60) == run(["/orders"] * 60 + ["/carts"] * 60)
    assert run(["/orders"] * 60) != run(["/orders"] * 60, seed=8)
    first = run(["/orders", "/carts"] * 60)
    assert first["/orders"] != first["/carts"]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.floats(0.1, 30), st.sampled_from(["", "a", "b"])), min_size=1, max_size=5),
    st.booleans(),
    st.lists(st.floats(0, 200), min_size=1, max_size=10),
)
def test_stages_are_as_a_plain_walk_through_time_says(written, loop, moments):
    profiles = {
        "a": {"faults": [{"kind": "error", "status": 501}]},
        "b": {"faults": [{"kind": "error", "status": 502}]},
    }
    stages = [{"for_s": for_s, "profile": name or []} for for_s, name in written]
    one = Steered(profiles=profiles, stages=stages, loop=loop)
    start_s = one.now
    total_s = sum(for_s for for_s, _ in written)
    for moment_s in sorted(moments):
        left_s = moment_s % total_s if loop else moment_s
        expected, edge = 200, False
        for for_s, name in written:
            edge = edge or abs(left_s - for_s) < 1e-6 or left_s < 1e-6
            if left_s < for_s:
                expected = {"": 200, "a": 501, "b": 502}[name]
                break
            left_s -= for_s
        one.now = start_s + moment_s
        if not edge:
            assert one.status("/orders") == expected


@pytest.mark.parametrize(
    ("chaos", "path", "message"),
    [
        (
            {"profiles": {"p": {"endpoints": ["/orders", "/ordes"], **LATE}}},
            "chaos.profiles.p.endpoints[1]",
            "did you mean '/orders'?",
        ),
        ({"profiles": {"p": {"groups": "shops", **LATE}}}, "chaos.profiles.p.groups", "did you mean 'shop'?"),
        (
            {"profiles": {"p": {"endpoints": "/nowhere/*", **LATE}}},
            "chaos.profiles.p.endpoints",
            "no endpoint has",
        ),
    ],
)
def test_what_fits_no_endpoint_is_a_warning(chaos, path, message):
    (warning,) = Steered(**chaos).program.warnings
    assert warning.path == path
    assert message in warning.message


def test_a_profile_without_faults_is_a_warning():
    (warning,) = Steered(profiles={"calm": {"groups": "shop"}}).program.warnings
    assert warning.path == "chaos.profiles.calm"
    assert warning.message.startswith("nothing goes wrong")


def test_profiles_that_there_are_not_are_told_with_their_places():
    with pytest.raises(ConfigError) as caught:
        Steered(
            profiles={"slow": {"latency_ms": 5, "faults": ["rset"]}, "down": {"failure_rate": 1}},
            active="dwn",
            stages=[{"for_s": 1, "profile": "slow"}, {"for_s": 1, "profile": ["down", "slwo"]}],
        )
    told = [(problem.path, problem.accepted, problem.suggestion) for problem in caught.value.problems]
    assert told == [
        ("chaos.profiles.slow.faults[0]", None, '"reset"'),
        ("chaos.active", "slow, down", '"down"'),
        ("chaos.stages[1].profile[1]", "slow, down", '"slow"'),
    ]


def test_a_live_rule_with_mistakes_has_them_all_with_their_places():
    one = Steered(profiles={"slow": {"latency_ms": 1}})
    written = {"profile": "slo", "endpoints": ["/orders", "/cart"], "groups": "shp"}
    kit = kit_for(one.program.loaded, Source(data=written))
    rule = msgspec.convert(written, LiveRule)
    assert compile_live(rule, "r", one.profiles, kit, ()) is None
    check_live(rule, one.program.endpoints, kit, ())
    assert [(problem.path, problem.suggestion) for problem in kit.problems] == [
        ("profile", '"slow"'),
        ("endpoints[1]", '"/carts"'),
        ("groups", '"shop"'),
    ]
