"""Configs become OpenAPI documents that are valid, and whose answers are."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.formats.test_openapi import GOOD, LINE, set_up
from understudy.build import load_written
from understudy.formats import FORMATS
from understudy.formats.exported import Outgoing
from understudy.formats.read import open_source, read, text_source
from understudy.formats.serve import inlined
from understudy.formats.write import escaped
from understudy.samples import take_samples

ROOT = Path(__file__).parents[3]
REAL = sorted((ROOT / "tests" / "corpus" / "openapi_real").glob("*.json"))


def exported(config, suffix=".json"):
    loaded = load_written(config)
    samples, _ = take_samples(loaded)
    return FORMATS["openapi"].write(Outgoing(loaded, samples, "title", "http://localhost:8000", suffix))


def checked(made):
    """The document, which is valid, and whose examples are valid under its schemas."""
    document = text_source(made.files[""].decode(), "api").data
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    for schema, value in _examples(document):
        whole = {"$ref": "#/schema", "schema": schema, "components": document.get("components", {})}
        assert jsonschema_rs.validator_for(whole, validate_formats=True).is_valid(value), (schema, value)
    return document


def _examples(node):
    if isinstance(node, dict):
        if "schema" in node and "example" in node:
            yield node["schema"], node["example"]
        if "schema" in node and isinstance(node.get("examples"), dict):
            yield from ((node["schema"], one["value"]) for one in node["examples"].values())
        for key, value in node.items():
            if key not in {"example", "examples"}:
                yield from _examples(value)
    elif isinstance(node, list):
        for value in node:
            yield from _examples(value)


def document(*endpoints, **config):
    """The document for endpoints, and the messages of the warnings."""
    made = exported({"endpoints": list(endpoints), **config})
    return checked(made), [one.message for one in made.warnings]


def operation(endpoint, **config):
    """The only operation of an endpoint, of which all is carried over."""
    found, warnings = document(endpoint, **config)
    assert warnings == []
    ((_, item),) = found["paths"].items()
    ((_, one),) = item.items()
    return one


def back(made):
    return read(text_source(made.files[""].decode(), "api"), "openapi")


# ---- there and back


@pytest.mark.parametrize("case", GOOD, ids=lambda path: path.stem)
def test_there_and_back(case, tmp_path):
    first = read(open_source(set_up(case.read_text().partition(LINE)[0], tmp_path)))
    made = exported(escaped(inlined(first.config, first.files)))
    checked(made)
    second = back(made)
    third = back(exported(escaped(second.config)))
    assert second.config == third.config


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_documents_there_and_back(path):
    made = exported(path)
    checked(made)
    second = back(made)
    assert back(exported(second.config)).config == second.config


@pytest.mark.parametrize(
    "name", ["config.json", "examples/shop/understudy.yaml", "examples/blog.db.json", "examples/flaky.json"]
)
def test_examples(name):
    for suffix in (".json", ".yaml"):
        checked(exported(ROOT / name, suffix))


# ---- what becomes of what


def parameters(endpoint, **config):
    return operation(endpoint, **config)["parameters"]


@pytest.mark.parametrize(
    ("path", "template", "found"),
    [
        ("/a", "/a", {}),
        ("/{id:int}/{x}", "/{id}/{x}", {"id": {"type": "integer"}, "x": {"type": "string"}}),
        ("/{a:uuid}", "/{a}", {"a": {"type": "string", "format": "uuid"}}),
        ("/v*/*", "/v{any}/{any2}", {"any": {"type": "string"}, "any2": {"type": "string"}}),
        ("/a%2Ab", "/a*b", {}),
        ({"regex": r"^/a\.b$"}, "/a.b", {}),
    ],
    ids=str,
)
def test_paths(path, template, found):
    (text, item), *_ = document({"path": path})[0]["paths"].items()
    assert text == template
    assert {one["name"]: one["schema"] for one in item["get"].get("parameters", [])} == found


def test_what_no_path_says_is_told():
    found, warnings = document({"path": "/a/**"}, {"path": {"regex": "/v[12]/x"}})
    assert len(found["paths"]) == 2
    assert next(iter(found["paths"])) == "/a/{rest}"
    assert warnings == [
        "parameters take no slashes there: this one does",
        "a regular expression is no path there: it stands with one that fits",
    ]


def test_parameters_that_conditions_ask_for():
    match = {
        "params": {"id": {"gt": 100}},
        "query": {"page": 2, "sort": {"one_of": ["a", "b"]}, "debug": {"absent": True}, "q": {"not": "x"}},
        "headers": {"X-Id": {"matches": "[a-z]+"}, "Accept": "text/plain"},
        "cookies": {"c": {"present": True}},
    }
    assert parameters({"path": "/{id:int}", "match": match}) == [
        {
            "name": "id", "in": "path", "required": True,
            "schema": {"type": "number", "exclusiveMinimum": 100}, "example": 101.0,
        },
        {"name": "page", "in": "query", "required": True, "schema": {"type": "integer", "enum": [2]}},
        {"name": "sort", "in": "query", "required": True, "schema": {"type": "string", "enum": ["a", "b"]}},
        {"name": "q", "in": "query", "schema": {"type": "string"}, "example": "1"},
        {
            "name": "X-Id", "in": "header", "required": True,
            "schema": {"type": "string", "pattern": "^(?:[a-z]+)$"},
            "example": next(
                one["example"]
                for one in parameters({"path": "/{id:int}", "match": match})
                if one["name"] == "X-Id"
            ),
        },
        {"name": "c", "in": "cookie", "required": True, "schema": {"type": "string"}},
    ]  # fmt: skip


def test_parameters_that_are_validated():
    validate = {
        "params": {"properties": {"id": {"minimum": 7}}},
        "query": {"required": ["page", "q"], "properties": {"page": {"$ref": "#/$defs/page"}},
                  "$defs": {"page": {"type": "integer"}}},
        "headers": {"properties": {"X-Tenant": {"type": "string", "maxLength": 5}}},
    }  # fmt: skip
    found = {one["name"]: one for one in parameters({"path": "/{id:int}", "validate": validate})}
    assert found["id"]["schema"] == {"type": "integer", "minimum": 7}
    assert found["page"]["schema"] == {"$ref": "#/components/schemas/page"}
    assert found["page"]["required"]
    assert found["q"]["schema"] == {"type": "string"}
    assert "required" not in found["X-Tenant"]


def test_parameters_that_templates_look_at():
    assert parameters({"path": "/a", "response": "{{ query.name }}"}) == [
        {"name": "name", "in": "query", "schema": {"type": "string"}, "example": "name"}
    ]


def test_bodies_that_are_validated():
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    types = ["application/json", "application/x-www-form-urlencoded"]
    endpoint = {"path": "/a", "method": "POST", "validate": {"body": schema, "content_type": types}}
    body = operation(endpoint)["requestBody"]
    assert body["required"] is True
    assert list(body["content"]) == types
    assert body["content"][types[0]]["schema"] == schema
    assert isinstance(body["content"][types[0]]["example"]["n"], int)


def test_bodies_that_conditions_ask_for():
    match = {"body": {"json": {"kind": "gift", "n": "#number"}}}
    body = operation({"path": "/a", "method": "POST", "match": match})["requestBody"]
    assert body == {
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"kind": {"type": "string"}, "n": {"type": "integer"}},
                    "required": ["kind", "n"],
                },
                "example": {"kind": "gift", "n": 1},
            }
        },
        "required": True,
    }
    form = operation({"path": "/a", "method": "POST", "match": {"form": {"a": "1"}}})["requestBody"]
    assert form["content"]["application/x-www-form-urlencoded"]["example"] == {"a": "1"}


def test_answers():
    choices = [
        {"match": {"query": {"a": "1"}}, "status": 404, "response": {"error": "x"}},
        {"match": {"headers": {"Prefer": {"contains": "example=big"}}}, "response": {"n": 2}},
        {"response": {"n": 1}, "headers": {"X-Rate": "5"}},
    ]
    responses = operation({"path": "/a", "responses": choices})["responses"]
    assert responses["404"]["content"]["application/json"]["example"] == {"error": "x"}
    usual = responses["200"]
    assert usual["headers"] == {"X-Rate": {"schema": {"type": "string"}, "example": "5"}}
    assert usual["content"]["application/json"] == {
        "schema": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
        "examples": {"usual": {"value": {"n": 1}}, "big": {"value": {"n": 2}}},
    }


def test_answers_that_are_no_json():
    found, _ = document(
        {"path": "/text", "body": "hello"},
        {"path": "/bytes", "base64": "/wA="},
        {"path": "/none", "status": 204},
        {"path": "/old", "headers": {"Deprecation": "true"}},
    )
    paths = found["paths"]
    assert paths["/text"]["get"]["responses"]["200"]["content"] == {
        "text/plain": {"schema": {"type": "string"}, "example": "hello"}
    }
    assert paths["/bytes"]["get"]["responses"]["200"]["content"] == {"application/octet-stream": {}}
    assert paths["/none"]["get"]["responses"] == {"204": {"description": "No Content"}}
    assert paths["/old"]["get"]["deprecated"] is True


def test_endpoints_of_one_path_and_method_are_one_operation():
    found, warnings = document(
        {"path": "/a/{id}", "name": "gift", "match": {"query": {"kind": "gift"}}, "response": 1},
        {"path": "/a/{key}", "name": "plain", "match": {"query": {"kind": "plain"}}, "status": 404},
        {"path": "/a/{key}", "method": ["PUT", "PATCH"], "name": "change", "group": ["x", "y"]},
    )
    assert warnings == []
    (item,) = found["paths"].values()
    assert [(method, one["operationId"]) for method, one in item.items()] == [
        ("get", "gift"), ("put", "change"), ("patch", "change-patch"),
    ]  # fmt: skip
    assert item["get"]["parameters"][1]["schema"] == {"type": "string", "enum": ["gift", "plain"]}
    assert list(item["get"]["responses"]) == ["200", "404"]
    assert item["put"]["tags"] == ["x", "y"]
    assert found["tags"] == [{"name": "x"}, {"name": "y"}]


def test_any_method_and_methods_that_are_none():
    found, warnings = document({"path": "/a", "method": "ANY"}, {"path": "/b", "method": ["GET", "PURGE"]})
    assert list(found["paths"]["/a"]) == ["get", "post", "put", "patch", "delete"]
    assert warnings == ["PURGE is no method there: it is left out"]


def test_security():
    schemes = {
        "key": {"api_key": {"query": "k", "keys": ["1"]}},
        "jwt": {"jwt": {"secret": "s" * 32}},
        "ids": {"session": {"users": {"ada": "x"}}},
    }
    found, warnings = document(
        {"path": "/a", "auth": ["key", "jwt"]},
        {"path": "/b", "auth": {"use": "jwt", "scopes": ["write"]}},
        {"path": "/c", "auth": {"basic": {"users": "any"}}},
        {"path": "/d", "auth": ["key", "jwt"]},
        {"path": "/e", "auth": ["key", "jwt"]},
        {"path": "/f", "auth": "ids"},
        {"path": "/g"},
        {"path": "/h", "auth": ["key", "jwt"]},
        {"path": "/i", "auth": ["key", "jwt"]},
        auth={"schemes": schemes},
    )
    assert warnings == []
    assert found["security"] == [{"key": []}, {"jwt": []}]
    of = {path: item["get"].get("security") for path, item in found["paths"].items()}
    assert (of["/a"], of["/b"], of["/c"], of["/g"]) == (None, [{"jwt": ["write"]}], [{"basic": []}], [])
    assert found["components"]["securitySchemes"] == {
        "key": {"type": "apiKey", "in": "query", "name": "k"},
        "jwt": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "basic": {"type": "http", "scheme": "basic"},
        "ids": {"type": "apiKey", "in": "cookie", "name": "sid"},
    }
    assert "parameters" not in found["paths"]["/a"]["get"], "keys are no parameters"


def test_oauth():
    auth = {"schemes": {"o": {"oauth": True}}, "provider": {"clients": {"shop": "s"}}}
    found, warnings = document({"path": "/a", "auth": {"use": "o", "scopes": ["read"]}}, auth=auth)
    assert found["security"] == [{"o": ["read"]}]
    url = found["components"]["securitySchemes"]["o"]["openIdConnectUrl"]
    assert url == "http://localhost:8000/oauth/.well-known/openid-configuration"
    assert warnings == ["the provider's own endpoints are not described"]


def test_resources_have_a_schema():
    database = {"users": [{"id": 7, "name": "Ada"}, {"id": 8, "name": "Bob", "age": 3}], "posts": []}
    schema = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}
    found, warnings = document(
        {"path": "/users", "resource": "users"},
        {"path": "/posts", "resource": {"collection": "posts", "schema": schema}},
        database=database,
    )
    assert warnings == []
    assert list(found["paths"])[:3] == ["/users", "/users/{id}", "/users/{id}/posts"]
    user = found["components"]["schemas"]["User"]
    assert user["properties"]["id"] == {"type": "integer", "readOnly": True}
    assert user["required"] == ["name"]
    assert found["components"]["schemas"]["Post"] == schema
    listed = found["paths"]["/users"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert listed == {"type": "array", "items": {"$ref": "#/components/schemas/User"}}
    changed = found["paths"]["/users/{id}"]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    assert changed == {"$ref": "#/components/schemas/UserChange"}
    assert "required" not in found["components"]["schemas"]["UserChange"]


def test_callbacks():
    callbacks = [
        {"url": "{{ body.urls[0] }}?id={{ query.id }}", "response": {"event": "paid"}},
        {"url": "/hook/{{ params.id }}", "method": "PUT", "body": "text"},
        {"url": "http://a.test/{{ uuid() }}"},
    ]
    found, warnings = document({"path": "/{id}", "method": "POST", "callbacks": callbacks})
    assert warnings == ["this callback is left out: {{ uuid() }} is no runtime expression"]
    made = found["paths"]["/{id}"]["post"]["callbacks"]
    assert list(made["callback1"]) == ["{$request.body#/urls/0}?id={$request.query.id}"]
    assert list(made["callback2"]["http://localhost:8000/hook/{$request.path.id}"]) == ["put"]


def test_what_has_no_sample_has_a_response():
    shadowed = {"path": "/a", "status": 201, "match": {"query": {"x": {"gt": 2, "lt": 1}}}}
    found, _ = document(shadowed)
    assert found["paths"]["/a"]["get"]["responses"] == {"201": {"description": "Created"}}


def test_yaml_and_json_say_the_same():
    config = {"endpoints": [{"path": "/a", "response": {"on": "yes", "n": 1.5}}]}
    read_back = [
        text_source(exported(config, one).files[""].decode(), "x").data for one in (".yaml", ".json")
    ]
    assert read_back[0] == read_back[1]
    assert json.loads(exported(config, ".json").files[""])["openapi"] == "3.1.0"
