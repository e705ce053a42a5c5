"""Environments of Mockoon's become the configs they should, and these answer as Mockoon does."""

import json

import pytest

from tests.formats.foreign import cases, check_answers, check_config, imported
from understudy.errors import ConfigError
from understudy.formats.mockoon.paths import config_path
from understudy.formats.mockoon.rules import json_path
from understudy.formats.read import open_source, read, recognise

CASES = cases("mockoon")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, tmp_path, serve):
    result = imported(path, tmp_path, "mock.json")
    check_config(path, result, tmp_path)
    check_answers(path, result, serve)


@pytest.mark.parametrize(
    ("prefix", "endpoint", "path"),
    [
        ("", "users", "/users"),
        ("api/v1", "users/:id", "/api/v1/users/{id}"),
        ("", "*", "/**"),
        ("", "a/*", "/a/**"),
        ("", "", "/"),
        ("", "a/:1st", "/a/{_1st}"),
        ("", "a/*/b", {"regex": "/a/.*/b"}),
        ("", "a/:x?", {"regex": "/a(?:/(?P<x>[^/]+))?"}),
        ("", "a/:x(\\d+)", {"regex": "/a/(?P<x>\\d+)"}),
        ("", ":a-:b", {"regex": "/(?P<a>[^/]+)\\-(?P<b>[^/]+)"}),
        ("", "(a|b)", {"regex": "/(a|b)"}),
        ("", "a.b{c}", {"regex": "/a\\.b\\{c\\}"}),
    ],
)
def test_paths(prefix, endpoint, path):
    assert config_path(prefix, endpoint) == path


@pytest.mark.parametrize(
    ("modifier", "path"),
    [
        ("a.b.0", "$.a.b[0]"),
        ("x-y", "$['x-y']"),
        ("a\\.b", "$['a.b']"),
        ("$.a[*]", "$.a[*]"),
        ("it's", "$['it\\'s']"),
    ],
)
def test_object_paths(modifier, path):
    assert json_path(modifier) == path


def environment(tmp_path, **changes):
    file = tmp_path / "mock.json"
    file.write_text(json.dumps({"lastMigration": 33, "routes": [], **changes}, indent=1))
    return open_source(file)


def test_it_is_recognised(tmp_path):
    assert recognise(environment(tmp_path)) == "mockoon"


def test_an_empty_one(tmp_path):
    assert read(environment(tmp_path)).config == {"port": 3000, "cors": True, "endpoints": []}


@pytest.mark.parametrize(
    "changes",
    [{"routes": {}, "endpointPrefix": ""}, {"port": "x"}, {"data": 1}, {"headers": [1]}, {"latency": "x"}],
)
def test_what_is_no_environment(changes, tmp_path):
    with pytest.raises(ConfigError, match="stands where"):
        read(environment(tmp_path, **changes), "mockoon")


@pytest.mark.parametrize(
    ("route", "message"),
    [
        (1, "stands where an object"),
        ({"type": "ws"}, "type 'ws'"),
        ({"endpoint": "a"}, "it has no response"),
        ({"endpoint": ":a/:a", "responses": [{}]}, "two parameters"),
        ({"endpoint": "a", "method": "a b", "responses": [{}]}, "not a method"),
        (
            {"endpoint": "a", "responseMode": "FALLBACK", "responses": [{}]},
            "none of its responses has a rule",
        ),
        ({"endpoint": "a", "responses": [{"bodyType": "DATABUCKET"}]}, "no data bucket"),
        ({"endpoint": "a", "responses": [{"bodyType": "FILE", "filePath": "{{a}}"}]}, "has no templates"),
        ({"endpoint": "a", "responses": [{"bodyType": "FILE", "filePath": "none"}]}, "cannot be read"),
    ],
)
def test_routes_that_are_left_out(route, message, tmp_path):
    result = read(environment(tmp_path, routes=[route]))
    assert result.config["endpoints"] == []
    assert any(message in problem.message for problem in result.warnings)
    assert all(problem.line for problem in result.warnings)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"target": "templating", "value": "1"}, "cannot be looked at"),
        ({"target": "query", "operator": "nope"}, "no operator"),
        ({"target": "query", "value": "1"}, "does not say which one"),
        ({"target": "query", "modifier": "a", "operator": "regex", "value": "(?=a)"}, "bounded time"),
        ({"target": "params", "modifier": "b", "value": "1"}, "no parameter 'b'"),
        ({"target": "body", "operator": "null"}, "does not say which value"),
        ({"target": "query", "modifier": "a", "operator": "empty_array"}, "only a body"),
        ({"target": "query", "modifier": "a", "operator": "valid_json_schema", "value": "x"}, "JSON Schema"),
        ({"target": "path", "operator": "null"}, "compared as text"),
    ],
)
def test_rules_that_cannot_be_said(rule, message, tmp_path):
    route = {"endpoint": "a", "responses": [{"body": "a", "rules": [rule]}, {"body": "b", "default": True}]}
    result = read(environment(tmp_path, routes=[route]))
    assert result.config["endpoints"] == [{"path": "/a", "body": "b"}]
    assert any(message in problem.message for problem in result.warnings)


def test_callbacks_of_several_responses_follow_their_rules(tmp_path):
    rules = [{"target": "query", "modifier": "a", "operator": "equals", "value": "1"}]
    route = {
        "endpoint": "a",
        "responses": [
            {"body": "a", "rules": rules, "callbacks": [{"uuid": "c"}]},
            {"body": "b", "default": True, "callbacks": [{"uuid": "c"}]},
        ],
    }
    callbacks = [{"uuid": "c", "uri": "/x", "method": "put"}, {"uuid": "d", "uri": "/y", "bodyType": "FILE"}]
    result = read(environment(tmp_path, routes=[route], callbacks=callbacks))
    (endpoint,) = result.config["endpoints"]
    assert endpoint["callbacks"] == {"url": "/x", "method": "PUT", "when": {"match": {"query": {"a": "1"}}}}
    assert [problem.message for problem in result.warnings] == [
        "this callback is left out: its body is not written in it",
        "this callback is left out: the response that it belongs to has no rules",
    ]


def test_texts_in_braces_without_templates(tmp_path):
    """Where nothing is a template for Mockoon, nothing may be one for us."""
    result = read(environment(tmp_path, routes=[{"endpoint": "a", "responses": [{"body": "{% if %}"}]}]))
    assert result.config["endpoints"] == [{"path": "/a", "body": "{% raw %}{% if %}{% endraw %}"}]


def test_a_bucket_that_cannot_be_made_is_kept(tmp_path):
    result = read(
        environment(tmp_path, data=[{"name": "a", "value": "{{nope 1}}"}, {"name": "a", "value": "x"}])
    )
    assert result.config["database"] == {"a": "{{nope 1}}", "a 2": "x"}
