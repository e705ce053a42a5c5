import msgspec
import pytest

from tests.faults.kit import kit_of
from tests.simulate.kit import Bench
from understudy import ConfigError
from understudy.faults.rule import compile_rule
from understudy.model.chaos import Profile


def rule(**written):
    kit = kit_of()
    compiled = compile_rule(msgspec.convert(written, Profile), "profile p", kit, ("chaos", "profiles", "p"))
    return compiled, [problem.path for problem in kit.problems]


def test_short_forms_are_faults_too():
    compiled, problems = rule(latency_ms={"uniform": [1, 2]}, failure_rate=0.5, failure=503, faults=["reset"])
    assert not problems
    assert [armed.kind for armed in compiled.faults] == ["latency", "error", "reset"]
    assert {armed.source for armed in compiled.faults} == {"profile p"}


def test_latencies_are_those_of_endpoints():
    chaos = {"profiles": {"p": {"latency_ms": {"lognormal": {"median": 100, "sigma": 0.5}}}}}
    program = Bench({"endpoints": [{"path": "/a"}], "chaos": chaos}).program
    (armed,) = program.profiles.rules["p"].faults
    assert (armed.kind, armed.comes_after) == ("latency", True)


def test_a_fault_more_does_not_change_the_lots_of_others():
    (short, _), (long, _) = rule(failure_rate=0.5), rule(failure_rate=0.5, latency_ms=3, faults=["reset"])
    assert short.faults[0].label in {armed.label for armed in long.faults}
    assert len({armed.label for armed in long.faults}) == 3


@pytest.mark.parametrize(
    ("written", "place", "why"),
    [
        ({"faults": ["rest"]}, "chaos.profiles.p.faults[0]", "there is no fault"),
        (
            {"faults": [{"kind": "stall", "phase": "before"}]},
            "chaos.profiles.p.faults[0].phase",
            "spoils a reply",
        ),
        ({"failure": 503}, "chaos.profiles.p.failure", "`failure_rate` says how many do"),
        ({"failure_rate": 2}, "chaos.profiles.p.failure_rate", "too large"),
    ],
)
def test_mistakes_have_their_place(written, place, why):
    with pytest.raises(ConfigError) as caught:
        Bench({"endpoints": [{"path": "/a"}], "chaos": {"profiles": {"p": written}}})
    (problem,) = caught.value.problems
    assert problem.path == place
    assert why in problem.message
