import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulate.kit import Bench
from understudy import ConfigError
from understudy.engine import decide
from understudy.faults.asked import MAX_KNOWN
from understudy.faults.chaos import Chaos
from understudy.faults.rule import Load
from understudy.request import Request
from understudy.steps import HangUp, Paced, Release, Reset


class Asked(Bench):
    """A bench whose clients may ask for faults."""

    def __init__(self, seed=1, **allowed):
        config = {"endpoints": [{"path": "/a", "response": {"a": "b" * 5000}}]}
        super().__init__({**config, "chaos": {"request_headers": allowed or True}}, seed)
        self.faults = self.program.profiles.headers
        self.world.chaos = Chaos(
            [], None, self.faults, Load(), started_s=self.now, space_header=b"x-understudy-space"
        )

    def ask(self, *values, **headers):
        pairs = [("X-Understudy-Fault", value) for value in values]
        pairs += [(f"x-envoy-fault-{name.replace('_', '-')}", value) for name, value in headers.items()]
        return self.plan("/a", headers=pairs)


def test_an_error_and_a_latency():
    plan = Asked().ask("error; status=503, latency; ms=200")
    assert (plan.reply.status, plan.latency_s, plan.error) == (503, 0.2, None)
    assert [(one.kind, one.source, one.probability) for one in plan.injected] == [
        ("error", "request header", 1),
        ("latency", "request header", 1),
    ]


def test_several_lines_are_one_list():
    assert Asked().ask("error;status=502", "latency;ms=5").faults == ("error", "latency")


def test_who_asks_for_nothing_gets_the_plain_reply():
    one = Asked()
    assert one.ask() is one.ask()


def test_other_kinds_once_they_are_allowed():
    one = Asked(kinds=["reset", "EMPTY_RESPONSE", "truncate"])
    assert Reset() in one.ask("reset").steps
    assert HangUp() in one.ask("EMPTY_RESPONSE").steps
    assert one.ask("truncate; after_bytes=10").faults == ("truncate",)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("reset", "reset may not be asked for; there are error, latency"),
        ("eror", 'there is no fault "eror" (did you mean "error"?)'),
        ("error; status=99", "status: the number is too small"),
        ("error; stauts=503", 'stauts: unknown key "stauts" (did you mean "status"?)'),
        ("error; status=503; ttl=5", "it has no ttl"),
        ("latency", "a latency has `ms`"),
        ("error status=503", "cannot be read: a comma is missing before 'status=503'"),
        ("5", "kind: expected text"),
        ('"a', "cannot be read"),
    ],
)
def test_what_is_not_done_is_said_in_the_log(value, why):
    plan = Asked().ask(value)
    assert plan.reply.status == 200
    assert plan.faults == plan.injected == ()
    assert plan.error.startswith("X-Understudy-Fault")
    assert why in plan.error


def test_what_can_be_done_is_done_beside_what_cannot():
    plan = Asked().ask("reset, error; status=502")
    assert plan.reply.status == 502
    assert "reset may not" in plan.error


def test_caps_can_only_be_lowered():
    one = Asked(max_probability=0.3, max_latency_ms=50, kinds=["error", "latency"])
    plans = [one.ask("error; probability=1") for _ in range(2000)]
    assert 0.27 < sum(bool(plan.faults) for plan in plans) / 2000 < 0.33
    few = [one.ask("error; probability=0.05") for _ in range(2000)]
    assert 0.035 < sum(bool(plan.faults) for plan in few) / 2000 < 0.065
    late = {one.ask("latency; ms=60000").latency_s for _ in range(50)}
    assert late == {0, 0.05}
    jittered = {one.ask("latency; latency=40; jitter=60000").latency_s for _ in range(200)}
    assert 0.045 < max(jittered) <= 0.05


def test_a_lot_is_drawn_once_for_each_fault():
    """Envoy once drew twice for one fault, so that p became 2p - p² (envoy#9597)."""
    one = Asked(envoy=True)
    plans = [one.ask(abort_request="503", abort_request_percentage="40") for _ in range(4000)]
    assert 0.38 < sum(bool(plan.faults) for plan in plans) / 4000 < 0.42
    assert all(one.probability == 0.4 for plan in plans for one in plan.injected)


def test_envoy():
    one = Asked(envoy=True, kinds=["error", "latency", "bandwidth"])
    plan = one.ask(abort_request="418", delay_request="250", delay_request_percentage="100")
    assert (plan.reply.status, plan.latency_s) == (418, 0.25)
    slow = one.ask(throughput_response="2")
    (paced,) = [step for step in slow.steps if isinstance(step, Paced)][-1:]
    assert paced.chunk_bytes / paced.gap_s == pytest.approx(2048, rel=0.05)


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"abort_request": "503x"}, "abort-request and its percentage are whole numbers"),
        ({"abort_request": "503", "abort_request_percentage": "-1"}, "whole numbers"),
        ({"abort_request": "600"}, "abort-request: status: the number is too large"),
        ({"abort_request_percentage": "50"}, "how often, and no header says what"),
        ({"abort_grpc_request": "14"}, "gRPC is not spoken here"),
        ({"abort_requests": "503"}, "there is no such header"),
        ({"throughput_response": "2"}, "bandwidth may not be asked for"),
    ],
)
def test_what_envoy_would_not_do_either(headers, why):
    plan = Asked(envoy=True).ask(**headers)
    assert plan.faults == ()
    assert why in plan.error


def test_envoys_headers_mean_nothing_unless_they_are_allowed():
    plan = Asked().ask(abort_request="503")
    assert (plan.reply.status, plan.error) == (200, None)


def test_the_same_seed_takes_the_same_decisions():
    def run(seed):
        one = Asked(seed)
        return [one.ask("error; probability=0.5").faults for _ in range(50)]

    assert run(1) == run(1) != run(2)


def test_what_is_kept_compiled_is_bounded():
    one = Asked()
    for number in range(MAX_KNOWN + 10):
        assert one.ask(f"latency; ms={number + 1}").latency_s == pytest.approx((number + 1) / 1000)
    assert len(one.faults._known) <= MAX_KNOWN


def test_their_load_is_released():
    one = Asked(kinds=["error"])
    plan = one.ask("error; max_active=1")
    assert one.ask("error; max_active=1").faults == ()
    for step in plan.steps:
        if isinstance(step, Release):
            step.action()
    assert one.ask("error; max_active=1").faults == ("error",)


def test_a_kind_that_is_none():
    with pytest.raises(ConfigError) as caught:
        Asked(kinds=["error", "latncy"])
    (problem,) = caught.value.problems
    assert (problem.path, problem.suggestion) == ("chaos.request_headers.kinds[1]", '"latency"')


WORDS = [
    "error",
    "latency",
    "reset",
    ";",
    ",",
    "=",
    "status",
    "ms",
    "503",
    "0.5",
    "-1",
    '"',
    "?1",
    "when",
    " ",
    "\xff",
]


@given(st.lists(st.sampled_from(WORDS), max_size=12).map("".join) | st.text(st.characters(max_codepoint=255)))
def test_whatever_a_client_writes_it_gets_a_reply(value):
    one = Asked(envoy=True)
    for headers in ([("X-Understudy-Fault", value)], [("x-envoy-fault-abort-request", value)]):
        raw = [(name, text.encode("latin-1")) for name, text in headers]
        plan = decide(
            one.program, Request("GET", b"/a", [(name.encode(), text) for name, text in raw]), one.world
        )
        assert plan.steps
        assert plan.faults or plan.latency_s or plan.error is not None or not value.strip()
