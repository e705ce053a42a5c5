import msgspec
import pytest

from understudy.model import Scenario, State, StateChange, duration_s


def test_scenarios_in_short_and_long_form():
    state = State(scenarios={"a": "open", "b": Scenario(initial="x", states=["x", "y"])})
    assert (state.scenario("a").initial, state.scenario("b").states, state.scenario("c").initial) == (
        "open",
        ["x", "y"],
        "started",
    )


def test_the_initial_state_is_one_of_the_states():
    with pytest.raises(msgspec.ValidationError, match="is not one of its states"):
        msgspec.convert({"initial": "z", "states": ["x"]}, Scenario)


def test_a_scenario_has_a_name_by_default():
    assert StateChange(next="b").scenario == "default"


@pytest.mark.parametrize(
    ("written", "seconds"),
    [(5, 5.0), ("5", 5.0), ("500ms", 0.5), ("1.5s", 1.5), ("2m", 120.0), ("1h", 3600.0), ("1d", 86400.0)],
)
def test_durations(written, seconds):
    assert duration_s(written) == seconds
