import msgspec
import pytest

from understudy import ConfigError
from understudy.build import build
from understudy.model import Latency


def problems(written):
    with pytest.raises(ConfigError) as caught:
        build({"endpoints": [{"path": "/a", "latency_ms": written}]})
    return [
        (problem.path.removeprefix("endpoints[0].latency_ms"), problem) for problem in caught.value.problems
    ]


@pytest.mark.parametrize(
    ("written", "path", "says"),
    [
        ({"uniform": [200, 50]}, ".uniform", r"write \[50, 200\]"),
        ({"uniform": [1, 2], "exponential": 5}, "", "has uniform and exponential"),
        ({"exponential": 5, "min_ms": 2, "max_ms": 1}, "", "`min_ms` is above `max_ms`"),
        ({"lognormal": {"median": 1, "sigma": 1, "p99": 5}}, ".lognormal", "leave one out"),
        ({"percentiles": {}}, ".percentiles", "at least one"),
        ({"percentiles": {"101": 5}}, '.percentiles["101"]', "'101' is not a percentile"),
        ({"percentiles": {"p50": 5}}, ".percentiles.p50", "'p50' is not a percentile"),
        ({"percentiles": {"50": 5, "50.0": 5}}, ".percentiles", r"percentile 50(\.0)? stands twice"),
        ({"percentiles": {"9": 20, "50": 10}}, ".percentiles", "percentile 50 is below percentile 9"),
    ],
)
def test_rules(written, path, says):
    ((found, problem),) = problems(written)
    assert found == path
    with pytest.raises(ValueError, match=says):
        raise ValueError(problem.message)
    with pytest.raises(msgspec.ValidationError, match=says):
        msgspec.convert(written, Latency)


def test_one_mistake_hides_no_other():
    found = problems({"uniform": [5, 1], "min_ms": -1, "maximum": 7})
    assert [path for path, _ in found] == [".uniform", ".min_ms", ".maximum"]
    assert found[2][1].suggestion == '"max_ms"'


def test_which_distribution():
    assert Latency(exponential=5, max_ms=9).kind == "exponential"
    assert Latency(max_ms=9).kind is None


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"median": 80, "sigma": 0.4}, "it belongs into `lognormal`"),
        ({"gaussian": {"mean": 1, "stddev": 1}}, None),
        ({"normal": {"mean": 1, "sd": 1}}, None),
    ],
)
def test_what_other_tools_write(written, says):
    _, problem = problems(written)[0]
    assert (says in problem.message) if says else problem.suggestion
