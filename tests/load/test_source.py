import pytest

from understudy.load.fault import Fault
from understudy.load.source import Source, path_text, read_source
from understudy.load.values import Environment


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ((), ""),
        (("endpoints", 3, "latency_ms", "uniform", 0), "endpoints[3].latency_ms.uniform[0]"),
        (("headers", "X-Y"), 'headers["X-Y"]'),
        ((0, "path"), "[0].path"),
        (("$schema",), "$schema"),
        (('a"\n\\b',), r'["a\"\n\\b"]'),
        (("",), '[""]'),
    ],
)
def test_path_text(keys, text):
    assert path_text(keys) == text


def test_lines_are_looked_up_in_the_file(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("a: 1\nb:\n  - ${NAME}\n")
    source, faults = read_source(file, Environment({"NAME": "x"}), 0)

    assert faults == []
    assert source.data == {"a": 1, "b": ["x"]}
    assert source.line(("b", 0)) == 3
    assert source.line(("b", 7)) == 2


def test_a_file_that_has_gone_since_has_no_lines(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("a: 1\n")
    source, _ = read_source(file, None, 0)
    file.unlink()

    assert source.line(("a",)) is None


def test_problems_do_not_show_values_of_the_environment(tmp_path):
    file = tmp_path / "a.json"
    file.write_text('{"port": "${WORD}"}')
    source, _ = read_source(file, Environment({"WORD": "hunter22"}), 0)

    problem = source.problem(Fault("no hunter22", ("port",), 'text "hunter22"', None, '"hunter22"'))
    other = source.problem(Fault("no", ("port",), "hunter22 + 1"), is_value=False)

    assert "hunter22" not in str(problem)
    assert problem.found == 'the value of "${WORD}"'
    assert other.found == "${WORD} + 1"


def test_data_without_a_file_has_paths_only():
    problem = Source(data={}).problem(Fault("wrong", ("a", 0)))

    assert (problem.file, problem.line, problem.path) == (None, None, "a[0]")
