"""Each answer of a config has a sample that the program itself has given."""

import json
import re

import pytest
from hypothesis import example, given, settings

from tests.match.test_conditions import MATCH, PATTERN
from understudy.build import build
from understudy.errors import ConfigError
from understudy.load import load
from understudy.match import compile_match
from understudy.model import Match
from understudy.model.convert import convert
from understudy.request import Request
from understudy.samples import take_samples


def taken(*endpoints, **config):
    return take_samples(load({"endpoints": list(endpoints), **config}, environ={}))


def sample(endpoint, **config):
    """The only sample of an endpoint, of which there is one without a warning."""
    samples, warnings = taken(endpoint, **config)
    assert warnings == ()
    (one,) = samples
    return one


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/a", "/a"),
        ("/users/{id}", "/users/1"),
        ("/users/{name}", "/users/name"),
        ("/{a:int}/{b:float}/{c:uuid}", "/1/1.5/123e4567-e89b-42d3-a456-426614174000"),
        ("/{a:slug}/{b:date}", "/a-slug/2026-01-31"),
        ("/files/{rest:path}", "/files/some/path"),
        ("/v*/ping", "/vany/ping"),
        ("/static/**", "/static/any"),
        ("**", "/any"),
        ("/a b/é", "/a%20b/%C3%A9"),
        ({"regex": "/v[12]/(?P<name>[a-z]{3})"}, "~/v[12]/[a-z]{3}"),
        ({"regex": "^/x$"}, "/x"),
    ],
)
def test_paths(path, target):
    found = sample({"path": path, "response": {"path": "{{ params | length }}"}}).target
    assert re.fullmatch(target[1:], found) if target.startswith("~") else found == target


@pytest.mark.parametrize(
    "match",
    [
        {"params": {"id": {"gt": 100}}},
        {"query": {"page": 2, "debug": {"absent": True}}},
        {"query": {"a": {"includes": ["x", "y"]}, "b": {"exactly": ["p", "q"]}}},
        {"headers": {"X-Tenant": {"starts_with": "ac", "ends_with": "me", "contains": "-"}}},
        {"headers": {"X-Id": {"matches": r"[A-Z]{3}-\d+"}}},
        {"headers": {"X-At": {"after": "2026-01-31", "before": "2026-02-02T00:00:00Z"}}},
        {"query": {"n": {"gt": 3, "lt": 4}}},
        {"query": {"n": {"all": [{"gte": 3}, {"lte": 3}]}}},
        {"query": {"n": {"any": ["a", "b"], "not": "a"}}},
        {"query": {"n": {"one_of": ["de", "fr"], "not": "de"}}},
        {"cookies": {"session": {"present": True}}},
        {"form": {"grant_type": "password", "user": {"present": True}}},
        {"body": "whole"},
        {"body": {"text": {"contains": "Ada", "not": {"contains": "Grace"}}}},
        {"body": {"json": {"customer": {"name": "#string"}, "at": "#regex [0-9]{4}", "x": "#notpresent"}}},
        {"body": {"json": [1, "#number", {"a": "#uuid"}], "exact": True}},
        {"body": {"json_path": {"$.items[*].sku": "A-1", "$.total": {"gt": 100}, "$.b": True}}},
        {"body": {"json_path": {"$.items[?@.kind=='gift'].sku": "A-1"}}},
        {"body": {"json_path": {"$..deep": {"present": True}, "$['a b'][1]": 2}}},
        {"body": {"json": {"a": 1}, "json_path": {"$.b.c": {"one_of": [2, 3]}}}},
        {"body": {"json_schema": {"type": "object", "required": ["id"], "properties": {"id": {"const": 7}}}}},
        {"body": {"xml": "<order><id>7</id></order>"}},
        {"body": {"xpath": {"/order/@id": 7, "/order/item/text()": {"contains": "x"}}}},
        {"body": {"xpath": {"//s:a/s:b": "1"}, "namespaces": {"s": "urn:s"}}},
        {"body": {"base64": "AAEC"}},
        {"url": {"matches": r"/a/[0-9]+\?page=[0-9]+"}},
        {"host": "api.example.test"},
        {"client": ["10.0.0.0/8"]},
        {"accept": ["text/csv", "text/plain"]},
        {"jwt": {"sub": "ada", "realm.roles": "admin"}},
        {"multipart": [{"name": "avatar", "content_type": "image/png"}, {"filename": {"ends_with": ".txt"}}]},
        {"multipart": {"name": "meta", "body": {"json": {"public": True}}}},
        {"graphql": {"operation": "GetUser", "type": "mutation", "variables": {"id": 7, "input.kind": "x"}}},
        {"state": {"cart.total": {"gt": 100}, "logged_in": True}},
        {"all": [{"query": {"a": "1"}}, {"any": [{"query": {"b": "2"}}, {"query": {"c": "3"}}]}]},
        {"any": [{"headers": {"X-A": "1"}}, {"headers": {"X-B": "1"}}], "not": {"headers": {"X-A": "1"}}},
        {"not": {"body": ""}},
    ],
    ids=str,
)
def test_conditions(match):
    config = {"path": "/a/{id}", "method": "POST", "match": match, "response": "yes"}
    assert sample(config).reply_body == b'"yes"'


@settings(max_examples=60, deadline=None)
@example({"params": {"id": "1"}})
@given(MATCH)
def test_what_is_taken_as_a_sample_meets_the_conditions(written):
    samples, warnings = taken({"path": "/{id:int}/{rest:path}", "method": "POST", "match": written})
    assert len(samples) + len(warnings) == 1
    conditions = compile_match(convert(written, Match), PATTERN)
    if samples and not conditions.by_state and not conditions.by_client:
        (one,) = samples
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in one.headers]
        if all(name != b"Host" for name, _ in headers):
            headers.append((b"Host", b"localhost"))
        asked = Request(one.method, one.target.encode(), headers, one.body)
        asked.path = one.target.partition("?")[0]  # parameters are looked up there
        asked.params = PATTERN.match(asked.path)
        assert conditions.matches(asked)


def test_what_cannot_be_met_is_told_with_its_place():
    samples, warnings = taken({"path": "/a", "match": {"query": {"a": {"gt": 3, "lt": 2}}}})
    assert samples == ()
    (problem,) = warnings
    assert problem.path == "endpoints[0]"
    assert problem.message == "no sample was found: the query parameter a"


def test_an_endpoint_in_the_shadow_of_another_has_none():
    samples, warnings = taken({"path": "/a", "name": "first"}, {"path": "/a", "name": "second"})
    assert [one.name for one in samples] == ["first"]
    assert [problem.message for problem in warnings] == ["no sample was found: first answers instead"]


def test_all_answers_of_a_sequence():
    samples, _ = taken({"path": "/a", "responses": [{"status": 503}, {"status": 503}, {"response": 1}]})
    assert [(one.label, one.status) for one in samples] == [("", 503), ("503", 503), ("200", 200)]


def test_all_answers_by_lot():
    choices = [{"weight": 0.001, "body": "rare"}, {"weight": 1, "body": "usual"}]
    samples, _ = taken({"path": "/a", "responses": choices})
    assert [one.reply_body for one in samples] == [b"rare", b"usual"]


def test_all_answers_by_condition():
    choices = [
        {"match": {"query": {"a": "1"}}, "status": 404},
        {"match": {"headers": {"Prefer": {"contains": "example=Big"}}}, "body": "big"},
        {"body": "usual"},
    ]
    samples, _ = taken({"path": "/a", "responses": choices})
    assert [(one.label, one.target, one.reply_body) for one in samples] == [
        ("", "/a", b"usual"),
        ("404", "/a?a=1", b"{}"),
        ("Big", "/a", b"big"),
    ]


def test_all_answers_by_type():
    choices = [{"response": 1}, {"body": "1"}]
    samples, _ = taken({"path": "/a", "responses": {"mode": "negotiated", "choices": choices}})
    assert [one.headers for one in samples] == [
        (("Accept", "application/json"),),
        (("Accept", "text/plain"),),
    ]


def test_each_method_has_a_sample_of_the_usual_answer():
    samples, _ = taken({"path": "/a", "method": ["PUT", "PATCH"]}, {"path": "/b", "method": "ANY"})
    assert [one.method for one in samples] == ["PUT", "PATCH", "GET"]


def test_nothing_stands_in_the_way():
    endpoint = {
        "path": "/a",
        "latency_ms": 60_000,
        "failure_rate": 1,
        "faults": ["reset"],
        "outage": "db",
        "rate_limit": {"limit": 1, "window_s": 60},
        "capacity": "db",
        "ttl": "1ms",
        "times": 1,
        "callbacks": "http://localhost:1/hook",
        "response": "{{ now() }}",
    }
    outages = {"db": {"when": {"window": {"after_s": 0}}}}
    one = sample(endpoint, outages=outages, capacities={"db": 1}, cors=True)
    assert (one.status, json.loads(one.reply_body)[:10]) == (200, "2026-01-01")
    assert one.reply_headers == (("Content-Type", "application/json"),)


def test_a_state_that_is_needed_is_brought_about():
    state = {"scenario": "order", "required": ["paid", "sent"], "next": "done"}
    assert sample({"path": "/a", "state": state}).status == 200


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ({"api_key": "k"}, ("X-API-Key", "k")),
        ({"api_key": {"cookie": "key", "keys": {"k": {}}}}, ("Cookie", "key=k")),
        ({"basic": {"users": {"ada": {"password": "secret"}}}}, ("Authorization", "Basic YWRhOnNlY3JldA==")),
        ({"basic": {"users": "any"}}, ("Authorization", "Basic dXNlcjpwYXNzd29yZA==")),
        ({"bearer": ["t-1"]}, ("Authorization", "Bearer t-1")),
        ({"bearer": {"tokens": "any"}}, ("Authorization", "Bearer token")),
    ],
    ids=str,
)
def test_credentials(auth, header):
    assert header in sample({"path": "/a", "auth": auth}).headers


def test_the_credential_that_may_is_found():
    auth = {
        "bearer": {"tokens": {"poor": {"scope": "read"}, "rich": {"scope": "write"}}},
        "scopes": ["write"],
    }
    assert ("Authorization", "Bearer rich") in sample({"path": "/a", "auth": auth}).headers
    key = {"api_key": {"query": "key", "keys": ["k"]}}
    assert sample({"path": "/a", "auth": key}).target == "/a?key=k"


def test_signed_tokens():
    schemes = {"main": {"jwt": {"secret": "s" * 32, "claims": {"tenant": "acme"}}}}
    endpoint = {"path": "/a", "auth": {"use": "main", "scopes": ["write"]}, "response": "{{ claims.tenant }}"}
    one = sample(endpoint, auth={"schemes": schemes})
    assert one.reply_body == b'"acme"'
    assert one == sample(endpoint, auth={"schemes": schemes})


def test_where_only_a_server_can_let_in_nothing_is_asked_for():
    one = sample({"path": "/a", "auth": "main"}, auth={"schemes": {"main": {"jwt": "own"}}})
    assert (one.status, one.headers) == (200, ())


def test_validated_requests():
    validate = {
        "query": {"properties": {"page": {"type": "integer", "minimum": 3}}, "required": ["page"]},
        "headers": {"required": ["X-Tenant"]},
        "params": {"properties": {"id": {"type": "integer", "minimum": 100}}},
        "body": {
            "type": "object",
            "properties": {"kind": {"$ref": "#/$defs/kind"}},
            "required": ["kind"],
            "$defs": {"kind": {"enum": ["gift"]}},
        },
    }
    one = sample({"path": "/a/{id:int}", "method": "POST", "validate": validate})
    assert (one.status, json.loads(one.body)) == (200, {"kind": "gift"})


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/vnd.x+json", "text/csv"])
def test_validated_types(kind):
    validate = {"content_type": kind, "required_body": True}
    if kind != "text/csv":
        validate["body"] = {"required": ["a"], "properties": {"a": {"type": "string", "minLength": 1}}}
    one = sample({"path": "/a", "method": "POST", "validate": validate})
    assert ("Content-Type", kind) in one.headers
    assert one.status == 200


def test_a_schema_in_a_file(tmp_path):
    (tmp_path / "order.json").write_text('{"required": ["id"], "properties": {"id": {"$ref": "id.yaml#/x"}}}')
    (tmp_path / "id.yaml").write_text("x: {const: 7}")
    (tmp_path / "config.yaml").write_text("endpoints: [{path: /, method: POST, validate: order.json}]")
    (one,), warnings = take_samples(load(tmp_path / "config.yaml", environ={}))
    assert (one.status, json.loads(one.body), warnings) == (200, {"id": 7}, ())


def test_what_templates_look_at_is_sent():
    assert sample({"path": "/a", "response": "{{ query.name }}"}).reply_body == b'"name"'
    posted = sample({"path": "/a", "method": "POST", "response": "{{ body.item }}"})
    assert (posted.body, posted.reply_body) == (b'{"item": "item"}', b'"item"')
    picky = {"path": "/a", "response": "{{ query.n | int }}"}
    assert sample(picky).status == 200


def test_resources():
    database = {"users": [{"id": 7, "name": "Ada"}], "posts": [{"id": 1, "userId": 7}], "me": {"name": "I"}}
    samples, warnings = taken(
        {"path": "/users", "resource": "users"},
        {"path": "/posts", "resource": {"collection": "posts", "read_only": True}},
        {"path": "/me", "resource": "me"},
        {"path": "/new", "resource": {"collection": "new", "schema": {"type": "object", "required": ["x"]}}},
        database=database,
    )
    assert warnings == ()
    found = {(one.method, one.path): one for one in samples}
    assert found["GET", "/users/{id}"].target == "/users/7"
    assert json.loads(found["GET", "/users/{id}"].reply_body) == {"id": 7, "name": "Ada"}
    assert json.loads(found["POST", "/users"].body) == {"name": "Ada"}
    assert found["POST", "/users"].status == 201
    assert found["DELETE", "/users/{id}"].status == 200
    assert found["GET", "/users/{id}/posts"].target == "/users/7/posts"
    assert ("POST", "/posts") not in found
    assert found["PUT", "/me"].status == 200
    assert "x" in json.loads(found["POST", "/new"].body)


def test_python_runs(tmp_path):
    (tmp_path / "handlers.py").write_text(
        "async def a(request): return {'n': await request.state.get('n', 1)}"
    )
    (tmp_path / "config.yaml").write_text("endpoints: [{path: /, handler: handlers:a}]")
    (one,), warnings = take_samples(load(tmp_path / "config.yaml", environ={}))
    assert (json.loads(one.reply_body), warnings) == ({"n": 1}, ())


def test_files_are_bodies(tmp_path, monkeypatch):
    monkeypatch.setattr("understudy.simulate.content.MAX_FILE_IN_MEMORY_BYTES", 1)
    (tmp_path / "a.txt").write_text("content")
    (tmp_path / "config.yaml").write_text("endpoints: [{path: /, file: a.txt}]")
    (one,), _ = take_samples(load(tmp_path / "config.yaml", environ={}))
    assert one.reply_body == b"content"


def test_a_template_that_fails_is_told():
    samples, (problem,) = taken({"path": "/a", "response": "{{ 1 // 0 }}"})
    assert samples == ()
    assert "no sample was found" in problem.message


def test_bounds(monkeypatch):
    monkeypatch.setattr("understudy.samples.MAX_SAMPLES", 2)
    samples, (problem,) = taken(*({"path": f"/{number}"} for number in range(4)))
    assert len(samples) == 2
    assert problem.message == "the first 2 samples are taken, and no more"


def test_a_config_that_does_not_compile_is_an_error():
    loaded = load({"endpoints": [{"path": "/a", "auth": "none-such"}]}, environ={})
    with pytest.raises(ConfigError):
        take_samples(loaded)


def test_the_same_config_has_the_same_samples():
    endpoint = {"path": "/a", "response": "{{ uuid() }}", "match": {"headers": {"X": {"matches": "[a-z]+"}}}}
    assert sample(endpoint) == sample(endpoint)


def test_the_program_that_is_served_is_left_alone():
    program = build({"endpoints": [{"path": "/a", "latency_ms": 5}]})
    take_samples(program.loaded)
    assert program.loaded.config.endpoints[0].latency_ms == 5
