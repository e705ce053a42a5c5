"""Imposters of mountebank's become the configs they should, and these answer as mountebank does.

The replies in the cases are those of mountebank 2.9.1 itself.
"""

import json
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.formats.foreign import LINE, cases, check_answers, check_config, imported
from understudy.build import build
from understudy.cli import run
from understudy.errors import ConfigError
from understudy.formats.imported import Options
from understudy.formats.mountebank.bodies import json_path
from understudy.formats.mountebank.texts import How, pattern
from understudy.formats.read import open_source, read, recognise, text_source
from understudy.formats.spot import Spot
from understudy.formats.write import escaped

CASES = cases("mountebank")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, tmp_path, serve):
    result = imported(path, tmp_path, "imposters.json")
    check_config(path, result, tmp_path)
    check_answers(path, replace(result, config=escaped(result.config)), serve)


def source(tmp_path, data):
    file = tmp_path / "imposters.json"
    file.write_text(json.dumps(data, indent=1))
    return open_source(file)


def imposter(*predicates, port=4545, **more):
    stubs = [{"predicates": one, "responses": [{"is": {"body": "x"}}]} for one in predicates]
    return {"protocol": "http", "port": port, "stubs": stubs, **more}


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        ({"imposters": [imposter()]}, True),
        ({"imposters": [{"protocol": "tcp"}]}, True),
        (imposter(), True),
        ({"protocol": "http", "port": 1}, True),
        ({"imposters": [{"name": "a"}]}, False),
        ({"imposters": {}}, False),
        ({"protocol": 1, "stubs": []}, False),
        ({"stubs": []}, False),
    ],
)
def test_it_is_recognised(data, is_one, tmp_path):
    assert (recognise(source(tmp_path, data)) == "mountebank") is is_one


@pytest.mark.parametrize(
    "data",
    [
        imposter(port="x"),
        imposter(port=70_000),
        {"imposters": [1]},
        imposter(stubs=1),
        imposter(defaultResponse=[]),
        imposter(defaultResponse={"statusCode": 1}),
    ],
)
def test_what_is_no_imposter(data, tmp_path):
    with pytest.raises(ConfigError) as raised:
        read(source(tmp_path, data), "mountebank")
    assert raised.value.problems[0].line


def test_one_of_several(tmp_path):
    one = imposter([{"equals": {"path": "/1"}}], name="first")
    two = imposter([{"equals": {"path": "/2"}}], port=4546)
    several = source(tmp_path, {"imposters": [one, two]})
    every = read(several)
    assert [problem.message.partition(":")[0] for problem in every.warnings] == [
        'imposter "first" on port 4545, imposter on port 4546 answer on one port'
    ]
    for wanted, port, path in (("first", 4545, "/1"), ("4546", 4546, "/2")):
        alone = read(several, options=Options(imposter=wanted))
        assert (alone.config["port"], alone.warnings) == (port, ())
        assert [endpoint["path"] for endpoint in alone.config["endpoints"]] == [path, "/**"]
    with pytest.raises(ConfigError, match=r'no imposter .* there are imposter "first" on port 4545'):
        read(several, options=Options(imposter="9"))


def test_the_command_takes_one(tmp_path, capsys):
    source(tmp_path, {"imposters": [imposter(), imposter(port=4546)]})
    command = ["import", str(tmp_path / "imposters.json"), "--imposter", "4546", "-o", "-"]
    assert run(command) == 0
    out, err = capsys.readouterr()
    assert "port: 4546" in out
    assert err == ""


def test_a_stub_that_takes_all_hides_those_behind_it(tmp_path):
    result = read(source(tmp_path, imposter([], [{"equals": {"path": "/1"}}])))
    (problem,) = result.warnings
    assert problem.message == "it takes every request: the stubs behind it never answer"


@pytest.mark.parametrize(
    ("predicate", "message"),
    [
        (1, "stands where an object"),
        ({}, "no operator"),
        ({"equals": {"data": "x"}}, "cannot be looked at"),
        ({"equals": {"path": "/a"}, "more": 1}, "no meaning that is known"),
        ({"equals": {"query": "a=b"}}, "by their names"),
        ({"equals": {"query": {"a": {"b": 1}}}}, "in bodies alone"),
        ({"exists": {"path": False}}, "no request is without a path"),
        ({"exists": {"method": False}}, "no request meets"),
        ({"equals": {"method": "post"}, "caseSensitive": True}, "no request meets"),
        ({"contains": {"ip": "127"}}, "compared as a whole"),
        ({"equals": {"path": "/a"}, "jsonpath": {"selector": "$.a"}}, "a body alone"),
        ({"equals": {"body": "a"}, "jsonpath": {"selector": "$.["}}, "not a JSONPath"),
        ({"equals": {"body": "a"}, "xpath": {"selector": "//["}}, "XPath"),
        ({"equals": {"body": {"a": 1}}, "xpath": {"selector": "//a"}}, "as text alone"),
        ({"matches": {"body": "("}}, "cannot be read"),
        ({"equals": {"body": "a"}, "except": "("}, "cannot be read"),
        ({"equals": {"body": "a" * 3000}, "except": "b"}, "too long"),
        ({"contains": {"body": ["a"]}}, "`equals` or `deepEquals`"),
        ({"contains": {"body": {"a": [{"b": 1}]}}}, "objects in lists"),
        ({"deepEquals": {"query": {"a": "b"}}, "except": "x"}, "several values"),
        ({"or": []}, "no alternative"),
        ({"or": [{"equals": {"method": "GET", "path": f"/{n}"}} for n in range(40)]}, "32 alternatives"),
        ({"not": {"matches": {"path": "a.b"}}}, "no counterpart beside others"),
    ],
)
def test_predicates_that_cannot_be_said(predicate, message, tmp_path):
    result = read(source(tmp_path, imposter([predicate])))
    assert [endpoint["path"] for endpoint in result.config["endpoints"]] == ["/**"]
    assert any(message in problem.message for problem in result.warnings), result.warnings
    assert all(problem.line for problem in result.warnings)


@pytest.mark.parametrize(
    ("regex", "whole"),
    [
        ("^/a$", "/a"),
        ("a", "(?s:.*)a(?s:.*)"),
        ("^a|b$", "(?s:.*)(?:^a|b$)(?s:.*)"),
        ("^(a|b)$", "(a|b)"),
        ("^[|)]$", "[|)]"),
        (r"^a\$", r"a\$(?s:.*)"),
        (r"^\/(?<x>\u0041)$", "/(?P<x>A)"),
    ],
)
def test_expressions_that_may_be_found_anywhere(regex, whole, tmp_path):
    assert pattern(regex, How("matches"), Spot(source(tmp_path, {}))) == whole


@pytest.mark.parametrize(
    ("selector", "path"),
    [("$.a", "$.a"), ("a.b", "$.a.b"), ("..a", "$..a"), ("$[(@.length-1)]", "$[-1]")],
)
def test_selectors(selector, path):
    assert json_path(selector) == path


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just([]) | st.just({})
REAL = [json.loads(path.read_text(encoding="utf-8").partition(LINE)[0]) for path in CASES]


@given(st.data())
def test_whatever_is_written(data):
    """A mutated file is read, or refused with a line; what comes of it can be served."""
    tree = deepcopy(data.draw(st.sampled_from(REAL)))
    for _ in range(data.draw(st.integers(1, 3))):
        node, places = tree, []
        while isinstance(node, dict | list) and node:
            keys = list(node) if isinstance(node, dict) else range(len(node))
            key = data.draw(st.sampled_from(keys))
            places.append((node, key))
            node = node[key]
        at, key = data.draw(st.sampled_from(places)) if places else (None, None)
        if at is not None:
            at[key] = data.draw(VALUES)
    written = text_source(json.dumps(tree, indent=1), "imposters.json", ".json")
    try:
        config = escaped(read(written, "mountebank").config)
    except ConfigError:
        return
    build(config)
