"""decide() as data: no sockets, no sleeping."""

import pytest

from understudy.build import build
from understudy.engine import World, decide, decide_early, decide_late
from understudy.request import Request
from understudy.steps import HangUp, ReadSlowly, Release, Wait


def decisions(config, seed=1, requests=("/a",)):
    program, world = build(config), World(seed, lambda: 1_000_000.0)
    return [
        decide(program, Request(*(target if isinstance(target, tuple) else ("GET", target.encode()))), world)
        for target in requests
    ]


def test_a_static_reply_is_made_once():
    first, second = decisions({"endpoints": [{"path": "/a", "response": {"x": 1}}]}, requests=["/a", "/a"])
    assert first is second
    assert first.steps == (first.reply,)
    assert first.reply.body == b'{"x":1}'


def test_latency_is_a_step():
    (plan,) = decisions({"endpoints": [{"path": "/a", "latency_ms": 250}]})
    assert plan.steps[0] == Wait(0.25)
    assert plan.latency_s == 0.25


def test_uniform_latency_stays_between_its_bounds():
    config = {"endpoints": [{"path": "/a", "latency_ms": {"uniform": [50, 200]}}]}
    waits = [plan.latency_s for plan in decisions(config, requests=["/a"] * 2000)]
    assert 0.05 <= min(waits) < 0.052
    assert 0.198 < max(waits) <= 0.2
    assert abs(sum(waits) / len(waits) - 0.125) < 0.003


def test_failure_rate():
    config = {"endpoints": [{"path": "/a", "failure_rate": 0.3, "latency_ms": 5}]}
    plans = decisions(config, requests=["/a"] * 3000)
    failed = [plan for plan in plans if plan.faults]
    assert 0.27 < len(failed) / len(plans) < 0.33
    assert failed[0].reply.status == 500
    assert failed[0].reply.body == b'{"error":"Simulated failure"}'
    assert failed[0].steps[0] == Wait(0.005), "latency applies to failures too"


@pytest.mark.parametrize("rate", [0.02, 0.5, 0.9])
def test_the_failure_rate_is_what_was_asked_for(rate):
    count = 100_000
    config = {"endpoints": [{"path": "/a", "failure_rate": rate}]}
    failed = sum(bool(plan.faults) for plan in decisions(config, requests=["/a"] * count))
    # three standard deviations of a binomial distribution: for the two higher rates less than 1 %
    assert abs(failed - count * rate) < 3 * (count * rate * (1 - rate)) ** 0.5


DATED = {"headers": {"date": "Mon, 06 Oct 2025 00:00:00 GMT"}}


@pytest.mark.parametrize(
    ("failure", "status", "body", "content_type"),
    [
        (503, 503, b'{"error":"Simulated failure"}', b"application/json"),
        ({"status": 502, "body": "oops"}, 502, b"oops", b"text/plain; charset=utf-8"),
        ({"body": {"a": 1}, "headers": {"Retry-After": 2}}, 500, b'{"a":1}', b"application/json"),
    ],
)
def test_what_a_failure_looks_like(failure, status, body, content_type):
    (plan,) = decisions({"endpoints": [{"path": "/a", "failure_rate": 1, "failure": failure}]})
    assert (plan.reply.status, plan.reply.body) == (status, body)
    assert dict(plan.reply.headers)[b"Content-Type"] == content_type


def test_a_failure_with_a_date_has_no_other():
    (plan,) = decisions({"endpoints": [{"path": "/a", "failure_rate": 1, "failure": DATED}]})
    assert (plan.reply.dated, dict(plan.reply.headers)[b"date"]) == (True, b"Mon, 06 Oct 2025 00:00:00 GMT")


def test_the_same_seed_takes_the_same_decisions_whatever_comes_between():
    config = {
        "endpoints": [
            {"path": "/a", "failure_rate": 0.5, "response": "{{ uuid() }}"},
            {"path": "/b", "failure_rate": 0.5, "latency_ms": {"uniform": [0, 9]}},
        ]
    }

    def outcome(order, seed):
        plans = decisions(config, seed, order)
        return {
            name: [(plan.faults, plan.latency_s, plan.reply.body) for plan in plans if plan.endpoint == name]
            for name in ("GET /a", "GET /b")
        }

    assert outcome(["/a", "/b"] * 50, 1) == outcome(["/a"] * 50 + ["/b"] * 50, 1)
    assert outcome(["/a", "/b"] * 50, 1) != outcome(["/a", "/b"] * 50, 2)


def test_a_template_that_fails_names_endpoint_field_and_expression():
    (plan,) = decisions({"endpoints": [{"path": "/a", "name": "sum", "response": {"x": ["{{ 1 / 0 }}"]}}]})
    body = plan.reply.body.decode()
    assert plan.reply.status == 500
    for part in ('"endpoint":"sum"', '"field":"response.x[0]"', "1 / 0"):
        assert part in body
    assert "response.x[0]" in plan.error


def test_typed_parameters_reach_templates():
    config = {"endpoints": [{"path": "/users/{id:int}", "response": {"next": "{{ params.id + 1 }}"}}]}
    (plan, slash) = decisions(config, requests=["/users/41", "/users/41/"])
    assert plan.reply.body == slash.reply.body == b'{"next":42}'


def test_headers_are_templates_and_cannot_be_split():
    config = {
        "endpoints": [{"path": "/a", "headers": {"X-Q": "{{ query.q }}", "Set-Cookie": ["a=1", "b=2"]}}]
    }
    (plan,) = decisions(config, requests=["/a?q=x%0d%0aEvil:%20yes"])
    assert (b"X-Q", b"x  Evil: yes") in plan.reply.headers
    assert [value for name, value in plan.reply.headers if name == b"Set-Cookie"] == [b"a=1", b"b=2"]


def test_defaults_and_their_headers():
    config = {
        "defaults": {"headers": {"X-A": "1", "X-B": "1"}, "latency_ms": 10},
        "endpoints": [{"path": "/a", "headers": {"x-b": "2"}}, {"path": "/b", "latency_ms": 0}],
    }
    first, second = decisions(config, requests=["/a", "/b"])
    assert first.latency_s == 0.01
    assert second.latency_s == 0
    assert [value for name, value in first.reply.headers if name.lower() == b"x-b"] == [b"2"]
    assert (b"X-A", b"1") in first.reply.headers


def test_a_path_below_the_control_endpoints_is_warned_of():
    (warning,) = build({"endpoints": [{"path": "/__mine"}]}).warnings
    assert "never answers" in str(warning)


CONDITIONAL = {
    "endpoints": [
        {"path": "/s", "name": "rest", "response": "rest"},
        {"path": "/s", "name": "gold", "match": {"headers": {"X-Tier": "gold"}}, "response": "gold"},
        {"path": "/s", "name": "page", "match": {"query": {"page": {"gt": 1}}}, "response": "page"},
        {"path": "/only", "name": "only", "match": {"query": {"a": 1}}, "response": "only"},
    ]
}


def conditional(target, headers=()):
    program, world = build(CONDITIONAL), World(1, lambda: 0.0)
    return decide(program, Request("GET", target, list(headers)), world)


@pytest.mark.parametrize(
    ("target", "headers", "endpoint"),
    [
        (b"/s", [], "rest"),
        (b"/s?page=2", [], "page"),
        (b"/s?page=1", [], "rest"),
        (b"/s?page=2", [(b"X-Tier", b"gold")], "gold"),
        (b"/only?a=1", [], "only"),
    ],
)
def test_endpoints_with_conditions_are_asked_first_in_their_order(target, headers, endpoint):
    assert conditional(target, headers).endpoint == endpoint


def test_unmet_conditions_are_explained_and_are_no_wrong_method():
    plan = conditional(b"/only?a=2")
    assert plan.reply.status == 404
    assert b'{"field":"query.a","expected":1,"found":"2"}' in plan.reply.body
    other = conditional(b"/only")
    assert b'"found":null' in other.reply.body, "a miss is explained for each request anew"


def test_a_plan_that_depends_on_the_client_is_not_constant():
    program = build({"endpoints": [{"path": "/a", "match": {"client": "127.0.0.1"}}, {"path": "/b"}]})
    world = World(1, lambda: 0.0)
    for target in (b"/a", b"/b", b"/c"):
        assert not decide(program, Request("GET", target, [], b"", "127.0.0.1"), world).constant


def test_what_fails_says_what_was_drawn():
    config = {
        "endpoints": [{"path": "/a", "failure_rate": 0.5}, {"path": "/b", "failure_rate": 1, "times": 9}]
    }
    program, world = build(config), World(1, lambda: 0.0)
    plans = [decide(program, Request("GET", b"/a"), world) for _ in range(20)]
    failed = [plan for plan in plans if plan.faults]
    assert 0 < len(failed) < 20
    assert {injected.source for plan in failed for injected in plan.injected} == {"failure_rate"}
    assert all(plan.injected[0].drawn < 0.5 for plan in failed)
    assert decide(program, Request("GET", b"/b"), world).injected[0].probability == 1
    assert world.injected == {
        ("GET /a", "failure", "failure_rate"): len(failed),
        ("GET /b", "failure", "failure_rate"): 1,
    }


# --- before the body is there -------------------------------------------------------------------------------


def early(config, *requests, seed=1, world=None):
    program, world = build(config), world or World(seed, lambda: 1_000_000.0)
    return [decide_early(program, request, world) for request in requests]


def endpoint(*faults, **more):
    return {"path": "/a", "method": "POST", "faults": list(faults), **more}


POST = Request("POST", b"/a")
SLOW = {"kind": "slow_read", "bytes_per_s": 9}


def test_early_faults_strike_before_the_body_is_there():
    config = {
        "endpoints": [endpoint("early_reply"), endpoint("unread", path="/b"), endpoint(SLOW, path="/c")]
    }
    refused, unread, slow, missing, other = early(
        config,
        POST,
        Request("POST", b"http://h/b?x"),
        Request("POST", b"/c"),
        Request("POST", b"/d"),
        Request("PUT", b"/a"),
    )
    assert (refused.reply.status, refused.endpoint, refused.faults) == (413, "POST /a", ("early_reply",))
    assert [type(step) for step in unread.steps] == [Wait, HangUp]
    assert slow.steps == (ReadSlowly(9),)
    assert missing.steps == other.steps == ()


def test_and_not_again_when_it_is():
    program, world = build({"endpoints": [endpoint("early_reply", body="fine")]}), World(1, lambda: 1.0)
    plan = decide(program, POST, world)
    assert (plan.reply.status, plan.injected) == (200, ())


def test_what_was_struck_is_told_with_what_follows():
    program = build({"endpoints": [endpoint(SLOW, {"kind": "error", "status": 503})]})
    world = World(1, lambda: 1.0)
    first = decide_early(program, POST, world)
    plan = decide_late(first, program, POST, world)
    assert [one.kind for one in plan.injected] == ["slow_read", "error"]
    assert (plan.faults, plan.reply.status, plan.constant) == (("slow_read", "error"), 503, False)
    assert world.injected == {("POST /a", "slow_read", "endpoint"): 1, ("POST /a", "error", "endpoint"): 1}


def test_replies_reveal_early_faults_too():
    config = {"chaos": {"reveal": True}, "endpoints": [endpoint("early_reply"), endpoint(SLOW, path="/b")]}
    program, world = build(config), World(1, lambda: 1.0)
    slow = Request("POST", b"/b")
    refused = decide_early(program, POST, world)
    answered = decide_late(decide_early(program, slow, world), program, slow, world)
    told = [dict(plan.reply.headers)[b"X-Understudy-Fault"] for plan in (refused, answered)]
    assert told == [b'early_reply;source="endpoint";n=0', b'slow_read;source="endpoint";n=0']


def test_conditions_choose_as_far_as_they_can():
    config = {
        "endpoints": [
            endpoint("early_reply", match={"query": {"x": 1}}),
            endpoint("unread", match={"headers": {"X": "1"}}),
            endpoint(SLOW),
        ]
    }
    found = early(config, Request("POST", b"/a?x=1"), Request("POST", b"/a", [(b"X", b"1")]), POST)
    assert [plan.faults for plan in found] == [("early_reply",), ("unread",), ("slow_read",)]


def test_where_the_body_says_who_answers_nothing_strikes():
    config = {"endpoints": [endpoint("early_reply"), {**endpoint(match={"body": "x"}), "priority": 1}]}
    assert early(config, POST)[0].steps == ()
    (warning,) = build(config).warnings
    assert (warning.path, "conditions look at the body" in warning.message) == ("endpoints[0].faults", True)


def test_conditions_on_the_state():
    config = {
        "state": {"variables": {"open": False}},
        "endpoints": [endpoint("early_reply", match={"state": {"open": False}})],
    }
    assert early(config, POST)[0].faults == ("early_reply",)
    config["state"]["variables"]["open"] = True
    assert early(config, POST)[0].steps == ()


def test_early_lots_have_numbers_of_their_own():
    config = {"endpoints": [endpoint({"kind": "early_reply", "probability": 0.5})]}
    first = early(config, *[POST] * 200)
    assert [plan.n for plan in first] == list(range(200))
    struck = [bool(plan.steps) for plan in first]
    assert 70 < sum(struck) < 130
    assert struck == [bool(plan.steps) for plan in early(config, *[POST] * 200)]
    program, world = build(config), World(1, lambda: 1.0)
    mixed = []
    for _ in range(200):
        decide(program, POST, world)
        mixed.append(bool(decide_early(program, POST, world).steps))
    assert mixed == struck


def test_early_schedules_count_requests_with_a_body():
    config = {"endpoints": [endpoint({"kind": "early_reply", "when": {"first": 2}})]}
    assert [bool(plan.steps) for plan in early(config, *[POST] * 4)] == [True, True, False, False]


def test_an_outage_may_have_early_faults_and_others():
    outage = {"when": {"every": 2}, "faults": ["early_reply", {"kind": "error", "status": 502}]}
    config = {"outages": {"db": outage}, "endpoints": [endpoint(outage="db")]}
    program, world = build(config), World(1, lambda: 1.0)
    assert [decide_early(program, POST, world).faults for _ in range(4)] == [(), ("early_reply",)] * 2
    assert [decide(program, POST, world).reply.status for _ in range(4)] == [200, 502] * 2


def test_early_replies_are_for_browsers_too():
    config = {"cors": {"origins": ["http://a"]}, "endpoints": [endpoint("early_reply")]}
    origin = [(b"Origin", b"http://a")]
    (plan,) = early(config, Request("POST", b"/a", origin))
    assert dict(plan.reply.headers)[b"Access-Control-Allow-Origin"] == b"http://a"
    preflight = [*origin, (b"Access-Control-Request-Method", b"POST")]
    assert early(config, Request("OPTIONS", b"/a", preflight))[0].steps == ()


def test_what_is_held_is_released():
    config = {"endpoints": [endpoint({"kind": "early_reply", "max_active": 1})]}
    program, world = build(config), World(1, lambda: 1.0)
    first, second = (decide_early(program, POST, world) for _ in range(2))
    assert (bool(first.steps), bool(second.steps)) == (True, False)
    first.steps[-1].action()
    assert decide_early(program, POST, world).steps


def test_what_a_spared_request_holds_is_released():
    outage = {"max_active": 1, "faults": [{"kind": "early_reply", "max_active": 2}]}
    config = {"outages": {"db": outage}, "endpoints": [endpoint(outage="db")]}
    program, world = build(config), World(1, lambda: 1.0)
    first, *spared = (decide_early(program, POST, world) for _ in range(5))
    assert [bool(plan.steps) for plan in (first, *spared)] == [True, False, False, False, False]
    for step in first.steps:
        if isinstance(step, Release):
            step.action()
    assert decide_early(program, POST, world).steps


@pytest.mark.parametrize("kind", ["early_reply", "error"])
def test_a_bug_in_a_fault_holds_nothing(kind):
    config = {"endpoints": [endpoint({"kind": kind, "max_active": 1})]}
    program, world = build(config), World(1, lambda: 1.0)
    (one,) = program.endpoints
    (armed,) = one.early or one.menaces
    strike = armed._strike
    asked = decide_early if one.early else decide

    armed._strike = lambda steps, moment: 1 / 0
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            asked(program, POST, world)

    armed._strike = strike
    assert asked(program, POST, world).faults == (kind,)
