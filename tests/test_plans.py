"""What becomes of steps, as data."""

from collections import Counter
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from tests.simulate.kit import Bench
from understudy.build import build
from understudy.dress import reply_in, with_new_headers
from understudy.plans import add_headers, finished, spoilt
from understudy.request import Request
from understudy.simulate.exchange import Exchange
from understudy.steps import (
    Body,
    HangUp,
    Head,
    Injected,
    Paced,
    Plan,
    Reply,
    Reset,
    RunApp,
    SendCallbacks,
    SendFile,
    ServeStatic,
    Wait,
)

REPLY = Reply(200, ((b"A", b"1"),), b"x")
CALLBACKS = SendCallbacks(("one",))
MORE = ((b"B", b"2"),)
HAS_MORE = (*REPLY.headers, *MORE)
APP = RunApp(None, "", None)


# --- finishing


def done(steps, **more):
    program = build({"endpoints": [{"path": "/a"}]})
    return finished(program, Request("GET", b"/a"), Plan((), None, **more), steps)


def test_latency_comes_before_the_steps():
    plan = done((REPLY,), latency_s=0.5)
    assert (plan.steps, plan.reply) == ((Wait(0.5), REPLY), REPLY)
    assert done((REPLY,)).steps == (REPLY,)


def test_a_wait_before_a_reply_is_latency_too():
    plan = done((Wait(1), REPLY), latency_s=0.5)
    assert (plan.steps, plan.latency_s) == ((Wait(1.5), REPLY), 1.5)


def test_a_wait_before_the_end_is_none():
    plan = done((Wait(1), HangUp()), latency_s=0.5)
    assert (plan.steps, plan.latency_s, plan.reply) == ((Wait(0.5), Wait(1), HangUp()), 0.5, None)


def test_the_plan_knows_its_callbacks():
    assert done((REPLY, CALLBACKS)).callbacks == ("one",)


@pytest.mark.parametrize(("reveal", "name"), [(True, b"X-Understudy-Fault"), ("X-Why", b"X-Why")])
def test_replies_reveal_what_was_injected_as_a_structured_field(reveal, name):
    bench = Bench(
        {
            "chaos": {"reveal": reveal},
            "outages": {'größe "1"': {}},
            "endpoints": [
                {"path": "/a", "failure_rate": 1},
                {"path": "/b", "faults": [{"kind": "latency", "ms": 5}, {"kind": "error", "status": 502}]},
                {"path": "/c", "outage": 'größe "1"'},
                {"path": "/d"},
            ],
        }
    )
    told = [dict(bench.reply(path).headers).get(name) for path in ("/a", "/b", "/c", "/d", "/a")]
    assert told == [
        b'failure;source="failure_rate";n=0',
        b'latency;source="endpoint";n=0, error;source="endpoint";n=0',
        b'error;source=%"outage gr%c3%b6%c3%9fe %221%22";n=0',
        None,
        b'failure;source="failure_rate";n=1',
    ]


@pytest.mark.parametrize(
    ("steps", "reply"),
    [
        ((Wait(1), REPLY), REPLY),
        ((Head(REPLY), Body(b"x")), REPLY),
        ((Paced(Head(REPLY), 1, 1.0), Body(b"x")), REPLY),
        ((SendFile(REPLY, None, 0, 1),), REPLY),
        ((APP,), None),
        ((HangUp(),), None),
    ],
)
def test_the_reply_that_steps_send(steps, reply):
    assert reply_in(steps) is reply


# --- headers


def test_every_step_that_sends_a_reply_gets_the_headers():
    static = ServeStatic(None, "", "", (), lambda: REPLY)
    steps = (
        REPLY,
        SendFile(REPLY, None, 0, 1),
        Head(REPLY),
        Paced(Head(REPLY), 1, 1.0),
        static,
        APP,
        HangUp(),
    )
    plan = Plan(steps, REPLY)
    add_headers(plan, MORE)
    whole, file, head, paced, static, app, end = plan.steps
    assert plan.reply is whole
    assert [reply_in((step,)).headers for step in (whole, file, head, paced)] == [HAS_MORE] * 4
    assert (static.headers, static.missing().headers, app.headers, end) == (MORE, HAS_MORE, MORE, HangUp())


def test_what_is_made_of_an_applications_reply_has_them_once():
    plan = Plan((RunApp(None, "", None, (), lambda reply: (reply, HangUp())),), None)
    add_headers(plan, MORE)
    then = plan.steps[0].then
    assert then(Reply(200, HAS_MORE, b""))[0].headers == HAS_MORE
    assert then(REPLY)[0].headers == HAS_MORE


@pytest.mark.parametrize("step", [REPLY, Head(REPLY), SendFile(REPLY, None, 0, 1)])
def test_headers_that_a_reply_has_itself_are_left_alone(step):
    assert with_new_headers(step, ((b"a", b"2"),)) is step
    assert reply_in((with_new_headers(step, ((b"a", b"2"), *MORE)),)).headers == HAS_MORE


# --- faults


@dataclass
class Blow:
    steps: tuple
    is_blind: bool = False
    comes_after: bool = True

    def strike(self, steps):
        return self.steps if self.comes_after else 1 / 0

    def injected(self, stage):
        return Injected("kind", "source", stage=stage)


def spoil(steps, *blows):
    counts = Counter()
    world = SimpleNamespace(store=None, injected=counts)
    state = SimpleNamespace(space="", owner="")
    exchange = Exchange(None, "name", Plan((), None), world, state, None, None, 0.0)
    exchange.blows = blows
    return spoilt(exchange, steps, "storm"), exchange.plan, counts


def test_faults_strike_in_their_order_and_are_told():
    steps, plan, counts = spoil((REPLY,), Blow((Head(REPLY),)), Blow((Reset(),)), Blow((), comes_after=False))
    assert steps == (Reset(),)
    assert plan.faults == ("kind",) * 3
    assert plan.injected[0].stage == "storm"
    assert counts == {("name", "kind", "source"): 3}


@pytest.mark.parametrize(
    ("left", "steps"),
    [
        ((REPLY,), (REPLY, CALLBACKS)),
        ((Head(REPLY), Reset()), (Head(REPLY), CALLBACKS, Reset())),
        ((Wait(9), HangUp()), (CALLBACKS, Wait(9), HangUp())),
    ],
)
def test_callbacks_are_sent_although_the_reply_is_lost(left, steps):
    found, plan, _ = spoil((REPLY, CALLBACKS), Blow(left))
    assert (found, plan.callbacks) == (steps, ("one",))


def test_what_looks_at_an_applications_reply_waits_for_it():
    (app,), _, _ = spoil((APP,), Blow((APP,), is_blind=True), Blow((Head(REPLY), Reset())))
    assert app.then(REPLY) == (Head(REPLY), Reset())
    assert spoil((APP,), Blow((Reset(),), is_blind=True))[0] == (Reset(),)


def test_a_shared_reply_is_put_together_once_for_each_origin(monkeypatch):
    from understudy import plans
    from understudy.build import build
    from understudy.engine import World, decide
    from understudy.request import Request

    cors = {"origins": ["http://a.example", "http://b.example"], "credentials": True}
    program = build({"endpoints": [{"path": "/a", "response": 1}], "cors": cors})
    world = World(1, lambda: 0.0)

    def ask(*origin):
        headers = [(b"Origin", one) for one in origin]
        return decide(program, Request("GET", b"/a", headers), world).reply

    first = ask(b"http://a.example")
    assert (b"Access-Control-Allow-Origin", b"http://a.example") in first.headers
    assert ask(b"http://a.example") is first
    assert (b"Access-Control-Allow-Origin", b"http://b.example") in ask(b"http://b.example").headers
    assert ask().headers == ask(b"http://c.example").headers
    monkeypatch.setattr(plans, "MAX_PERMITTED", 1)
    assert ask(b"http://b.example").headers == ask(b"http://b.example").headers
    assert len(program.permitted) <= 3
