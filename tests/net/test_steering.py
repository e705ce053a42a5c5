"""Switching faults on and off, on a clock that a test moves: no sockets, no sleeping."""

import msgspec
import pytest

from tests.simulate.kit import Bench
from understudy import ConfigError
from understudy.build import build
from understudy.load.source import Source
from understudy.model.chaos import LiveRule
from understudy.net.memo import Memo
from understudy.net.steering import MAX_LIVE, Given, Steering, TooManyRules

ENDPOINTS = [{"path": "/a", "response": "fine", "group": "g"}, {"path": "/b", "response": "fine"}]


class Server(Bench):
    """As much of a server as is steered."""

    def __init__(self, endpoints=ENDPOINTS, **chaos):
        super().__init__({"endpoints": endpoints, "chaos": chaos})
        self.memo = Memo()
        self.complaints = []
        self.complain = self.complaints.append
        self.steering = Steering(self)
        self.steering.use(None, self.program)

    def reload(self, endpoints=ENDPOINTS, **chaos):
        old, self.program = self.program, build({"endpoints": endpoints, "chaos": chaos})
        self.program.templates.scope.counters = self.world.store
        self.steering.use(old, self.program)

    def put(self, name="r", dropped=(), **written):
        self.steering.put([self.given(name, **written)], dropped)

    @staticmethod
    def given(name, **written):
        return Given(msgspec.convert(written, LiveRule), name, written, Source(data=written))

    @property
    def is_calm(self):
        assert (self.world.chaos is None) is self.memo.enabled, "the memo is in use if nothing is on"
        assert self.world.chaos is self.steering.chaos
        return self.world.chaos is None

    def statuses(self, target="/a", count=1):
        return [self.status(target) for _ in range(count)]


DOWN = {"faults": [{"kind": "error", "status": 503}]}


@pytest.mark.parametrize(
    ("chaos", "is_calm"),
    [
        ({}, True),
        ({"profiles": {"p": DOWN}}, True),
        ({"reveal": True}, True),
        ({"profiles": {"p": DOWN}, "active": "p"}, False),
        ({"profiles": {"p": DOWN}, "stages": [{"for_s": 5}]}, False),
        ({"request_headers": True}, False),
    ],
)
def test_there_is_chaos_only_where_something_could_strike(chaos, is_calm):
    assert Server(**chaos).is_calm is is_calm


def test_on_and_off():
    server = Server()
    server.put(**DOWN)
    assert server.status("/a") == 503
    assert not server.is_calm
    server.steering.drop([("", "r")])
    assert server.status("/a") == 200
    assert server.is_calm


def test_it_reverts_by_itself():
    server = Server()
    server.put(**DOWN, ttl="30s")
    server.now += 29
    server.steering.expire(server.now)
    assert server.status("/a") == 503
    server.now += 1
    assert server.status("/a") == 200, "before anybody has cleaned up"
    assert not server.is_calm
    server.steering.expire(server.now)
    assert server.is_calm
    assert not server.steering.live


def test_what_ends_later_stays():
    server = Server()
    server.put("short", **DOWN, ttl=10)
    server.put("long", **DOWN, ttl=20, endpoints="/b")
    server.now += 10
    server.steering.expire(server.now)
    assert (server.status("/a"), server.status("/b")) == (200, 503)
    server.now += 10
    server.steering.expire(server.now)
    assert server.is_calm


def test_when_the_stages_are_over_all_is_calm():
    server = Server(profiles={"p": DOWN}, stages=[{"for_s": 5, "profile": "p"}])
    assert server.status("/a") == 503
    server.now += 5
    server.steering.expire(server.now)
    assert server.is_calm
    server.reload(profiles={"p": DOWN}, stages=[{"for_s": 9, "profile": "p"}])
    assert server.status("/a") == 503, "they count from the start of the server"


def test_rules_are_replaced_in_one_step():
    server = Server()
    server.put("one", **DOWN)
    server.put("two", dropped=[("", "one")], faults=["reset"])
    assert list(server.steering.live) == [("", "two")]
    assert server.plan("/a").faults == ("reset",)


def test_a_rule_of_the_same_name_begins_anew():
    server = Server()
    first = {"faults": [{"kind": "error", "status": 503, "when": {"first": 1}}]}
    server.put(**first)
    assert server.statuses(count=2) == [503, 200]
    server.now += 1
    server.put(**first)
    assert server.statuses(count=2) == [503, 200]


def test_with_a_mistake_nothing_changes():
    server = Server(profiles={"slow": {"latency_ms": 1}})
    server.put("one", **DOWN)
    with pytest.raises(ConfigError) as caught:
        server.steering.put(
            [server.given("two", profile="slwo"), server.given("three", faults=["rest"], groups="h")],
            [("", "one")],
        )
    assert [(problem.path, problem.suggestion) for problem in caught.value.problems] == [
        ("profile", '"slow"'),
        ("faults[0]", '"reset"'),
        ("groups", None),
    ]
    assert list(server.steering.live) == [("", "one")]
    assert server.status("/a") == 503


def test_there_is_a_bound():
    server = Server()
    server.steering.put([server.given(str(number), **DOWN) for number in range(MAX_LIVE)])
    server.put("0", faults=["reset"])
    with pytest.raises(TooManyRules):
        server.put("more", **DOWN)
    server.put("more", dropped=[("", "1")], **DOWN)


def test_profiles_of_the_config_are_switched_off_and_on_again():
    server = Server(profiles={"p": DOWN, "q": {"latency_ms": 5}}, active=["p", "q"])
    server.steering.drop([], off=frozenset({"p"}))
    assert server.plan("/a").faults == ("latency",)
    server.put("p", profile="p")
    assert server.plan("/a").faults == ("error", "latency")
    server.steering.drop([("", "p")])
    assert server.plan("/a").faults == ("error", "latency"), "it was switched on, and so it is no more off"
    server.steering.drop([], off=frozenset({"p", "q"}))
    assert server.is_calm
    server.steering.drop([], off=frozenset())
    assert server.status("/a") == 503


def test_a_profile_that_is_off_is_off_in_stages_too():
    server = Server(profiles={"p": DOWN}, stages=[{"for_s": 5, "profile": "p"}], loop=True)
    server.steering.drop([], off=frozenset({"p"}))
    assert server.status("/a") == 200


def test_live_rules_outlive_a_reload_and_go_on_counting():
    server = Server()
    server.put(faults=[{"kind": "error", "status": 503, "when": {"first": 3}}], ttl=60)
    assert server.statuses(count=2) == [503, 503]
    server.now += 30
    server.reload([*ENDPOINTS, {"path": "/c"}])
    assert server.statuses(count=2) == [503, 200]
    server.now += 30
    server.steering.expire(server.now)
    assert server.is_calm


def test_a_rule_whose_profile_is_gone_is_dropped_and_it_is_said():
    server = Server(profiles={"p": DOWN})
    server.put("p", profile="p")
    server.put("mine", latency_ms=5, endpoints="/b")
    server.reload([ENDPOINTS[0]], profiles={"q": DOWN})
    assert list(server.steering.live) == [("", "mine")]
    assert server.complaints == ["the live fault 'p' is off: there is no profile 'p'"]
    server.reload(profiles={"p": DOWN})
    assert server.plan("/b").faults == ("latency",), "its endpoint has come back"
    assert server.status("/a") == 200


def test_requests_that_are_hit_during_a_reload_are_counted_until_they_are_over():
    server = Server(profiles={"p": DOWN}, active="p", max_active=1)
    plan = server.plan("/a")
    server.reload(profiles={"p": DOWN}, active="p", max_active=1)
    assert server.status("/a") == 200
    assert server.steering.hits_now == 1
    for release in plan.steps[1:]:
        release.action()
    assert server.steering.hits_now == 0
    assert server.status("/a") == 503


def test_counts_of_rules_that_are_gone_are_kept_under_one_name():
    server = Server()
    for number in range(3):
        server.put(f"r{number}", dropped=list(server.steering.live), **DOWN)
        server.status("/a")
    assert server.world.injected == {("GET /a", "error", "live"): 2, ("GET /a", "error", "live r2"): 1}


@pytest.mark.parametrize("ttl", [1e-12, "0.000001ms", 1e300, "999999999d"])
def test_times_to_live_of_any_length(ttl):
    one = Server()
    one.put(**DOWN, ttl=ttl)
    assert one.status("/a") == 503
    one.now += 1
    assert one.status("/a") == (503 if one.steering.live["", "r"].ends_at_s > one.now else 200)
