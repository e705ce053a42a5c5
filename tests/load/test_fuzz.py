"""Whatever a file holds, `load` either loads it or raises ConfigError, and soon."""

import json
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from understudy.errors import ConfigError
from understudy.load import load
from understudy.load.syntax import FORMATS
from understudy.model import Config, Endpoint

FUZZ = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ENVIRON = {"PORT": "8000", "WORD": "secret"}

MODEL_KEYS = sorted(
    {*Config.__struct_encode_fields__, *Endpoint.__struct_encode_fields__, "uniform", "regex"}
)
texts = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["/x", "/{a}", "/{a:int}/**", "GET", "${PORT}", "${WORD}", "${", "../x", "*.yaml", "a\0b"]
    ),
)
keys = st.one_of(st.sampled_from(MODEL_KEYS), st.text(max_size=6))
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(0, 600), st.floats(), st.floats(0, 1), texts
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)
configs = st.dictionaries(keys, trees, max_size=4) | st.fixed_dictionaries(
    {"endpoints": st.lists(st.fixed_dictionaries({"path": trees}, optional={"response": trees}), max_size=3)},
    optional=dict.fromkeys(("port", "cors", "include", "database", "static", "defaults", "log"), trees),
)


def survive(source, **options):
    problems = []
    try:
        load(source, environ=ENVIRON, **options)
    except ConfigError as error:
        problems = error.problems or [None]
    for problem in problems:
        assert problem.message
        str(problem).encode()


@FUZZ
@given(configs)
def test_any_mapping(tmp_path, config):
    survive(config, folder=tmp_path)


@FUZZ
@given(configs, st.sampled_from(["json", "yaml"]))
def test_any_structure_in_a_file(tmp_path, config, suffix):
    path = tmp_path / f"config.{suffix}"
    path.write_text(json.dumps(config))
    survive(path)


@FUZZ
@given(st.binary(max_size=200), st.sampled_from([*FORMATS, "conf"]))
def test_any_bytes(tmp_path, data, suffix):
    path = tmp_path / f"config.{suffix}"
    path.write_bytes(data)
    survive(path)


@FUZZ
@given(
    st.text(alphabet="{}[]\"':,-=#&*!|>%@`\\ \t\n.0a~<?\ufeff", max_size=40),
    st.sampled_from([*FORMATS, "conf"]),
)
def test_any_punctuation(tmp_path, text, suffix):
    path = tmp_path / f"config.{suffix}"
    path.write_text(text, encoding="utf-8")
    survive(path)


@FUZZ
@given(st.data())
def test_a_good_file_with_one_mistake(tmp_path, data):
    good = json.dumps(
        {
            "port": 80,
            "endpoints": [{"path": "/a/{b}", "headers": {"A": ["b", 1]}, "latency_ms": {"uniform": [1, 2]}}],
        }
    )
    place = data.draw(st.integers(0, len(good) - 1))
    typed = data.draw(st.sampled_from(string.printable))
    path = tmp_path / data.draw(st.sampled_from(["config.json", "config.yaml"]))
    path.write_text(good[:place] + typed + good[place + data.draw(st.integers(0, 2)) :])
    survive(path)


@pytest.mark.parametrize("suffix", [*FORMATS, "conf"])
@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":', "- ", "a: {", "x = [", "? "])
@pytest.mark.parametrize("depth", [190, 300, 3000, 50_000])
def test_deep_nesting(tmp_path, suffix, opening, depth):
    path = tmp_path / f"config.{suffix}"
    closing = "".join({"[": "]", "{": "}"}.get(character, "") for character in reversed(opening))
    path.write_text(opening * depth + "1" + closing * depth)
    with pytest.raises(ConfigError):
        load(path)
