"""A whole config beside a document: really rendered answers, and which operations there are."""

import pytest

from tests.contract.kit import document, spec
from understudy.build import build
from understudy.contract.against import answers_of, compare_with
from understudy.contract.findings import CONTRACT

PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
}


def json_of(schema, **more):
    return {"description": "", "content": {"application/json": {"schema": schema}}, **more}


PETS = {
    "/pets": {
        "get": {
            "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
            "responses": {"200": json_of({"type": "array", "items": PET})},
        },
        "post": {"responses": {"201": json_of(PET)}},
    },
    "/pets/{id}": {"get": {"responses": {"200": json_of(PET), "404": {"description": ""}}}},
}
POST = {"path": "/pets", "method": "POST", "status": 201, "response": {"id": 1, "name": "Rex"}}
LIST = {"path": "/pets", "response": [{"id": 1, "name": "Rex"}]}
ONE = {"path": "/pets/{pet:int}", "response": {"id": "{{ params.pet }}", "name": "Rex"}}


def findings(endpoints, paths=None, config=None, **more):
    program = build({"endpoints": endpoints, **(config or {})})
    samples, problems = answers_of(program.loaded, {})
    return compare_with(program.loaded, samples, problems, spec(document(paths or PETS, **more)))


def told(*arguments, **more):
    return [(one.check, one.operation or one.endpoint) for one in findings(*arguments, **more)]


def test_all_as_documented():
    assert told([LIST, POST, ONE]) == []


def test_with_the_path_of_the_server_and_without():
    prefixed = [{**one, "path": "/v1" + one["path"]} for one in (LIST, POST, ONE)]

    assert told(prefixed, servers=[{"url": "https://a.example/v1"}]) == []
    assert told([LIST, POST, ONE], servers=[{"url": "https://a.example/v1"}]) == []


def test_templates_are_rendered():
    named = {**ONE, "path": "/pets/{pet}"}  # so that it is a text

    assert told([LIST, POST, named]) == [("invalid-body", "GET /pets/{id}")]


def test_each_answer_is_compared():
    responses = [
        {"response": {"id": 1, "name": "Rex"}},
        {"status": 404, "body": ""},
        {"status": 410, "body": ""},
    ]

    found = findings([LIST, POST, {"path": "/pets/{id}", "responses": responses}])

    assert [(one.check, one.label) for one in found] == [("undocumented-status", "410")]


def test_conditional_answers_are_compared():
    endpoints = [
        LIST,
        POST,
        ONE,
        {**LIST, "match": {"query": {"limit": 1}}, "response": [{"id": 1}]},
        {**ONE, "match": {"headers": {"X-None": "1"}}, "status": 404, "response": {}},
    ]

    assert told(endpoints) == [("invalid-body", "GET /pets"), ("unexpected-body", "GET /pets/{id}")]


def test_what_the_document_does_not_have():
    endpoints = [LIST, POST, ONE, {"path": "/dogs"}, {**LIST, "method": "PUT"}]

    found = findings(endpoints)

    assert [(one.check, one.detail) for one in found] == [
        ("undocumented-path", "GET /dogs"),
        ("undocumented-method", "PUT /pets; documented: GET, POST"),
    ]


def test_what_the_config_does_not_have():
    (found,) = findings([LIST, POST])

    assert (found.check, found.operation, found.config) == ("missing-operation", "GET /pets/{id}", None)
    assert found.document.file == "api.json"


def test_literal_paths_are_examples():
    assert told([LIST, POST, {"path": "/pets/7", "response": {"id": 7, "name": "Rex"}}]) == []
    assert told([LIST, POST, {"path": "/pets/7", "response": {"id": "7", "name": "Rex"}}]) == [
        ("invalid-body", "GET /pets/{id}")
    ]


def test_wildcards():
    rex = {"id": 1, "name": "Rex"}
    found = findings([{"path": "/pets/**", "method": "ANY", "status": 200, "response": rex}])

    assert [(one.check, one.operation) for one in found] == [
        ("several-operations", ""),
        ("invalid-body", "GET /pets"),
        ("undocumented-status", "POST /pets"),
    ]
    assert found[0].detail == "GET /pets, POST /pets, GET /pets/{id}"
    assert told([LIST, POST, {"path": "/pets/*", "response": rex}]) == []
    assert told([LIST, POST, ONE, {"path": "/dogs/*"}]) == [("undocumented-path", "GET /dogs/*")]
    assert told([LIST, POST, ONE, {"path": {"regex": "/p[a-z]+"}}]) == []


def test_how_misses_are_answered_stands_for_nothing():
    miss = {"path": "/**", "method": "ANY", "status": 404, "response": {"error": "no"}}

    assert told([LIST, POST, ONE, miss]) == []
    assert told([LIST, POST, miss]) == [("missing-operation", "GET /pets/{id}")]


def test_any_method():
    paths = {"/a": {"put": {"responses": {"200": {"description": ""}}}}}

    assert told([{"path": "/a", "method": "ANY", "body": ""}], paths) == []
    assert told([{"path": "/a", "method": "ANY", "status": 201, "body": ""}], paths) == [
        ("undocumented-status", "PUT /a")
    ]


def test_parameters_that_nobody_documented():
    (found,) = findings([{**LIST, "match": {"query": {"color": "red", "limit": 1}}}, POST, ONE])

    assert (found.check, found.detail) == ("unknown-parameter", "query parameter color")


def test_case_of_parameters_counts_unless_the_endpoint_says_otherwise():
    loose = {"ignore_case": True, "query": {"LIMIT": 1}}

    assert told([{**LIST, "match": loose}, POST, ONE]) == []
    assert told([{**LIST, "match": {**loose, "ignore_case": False}}, POST, ONE]) == [
        ("unknown-parameter", "GET /pets")
    ]
    assert told([{**LIST, "match": {"ignore_case": True, "query": {"COLOR": "red"}}}, POST, ONE]) == [
        ("unknown-parameter", "GET /pets")
    ]


def test_keys_in_the_query_are_documented_as_schemes():
    key = {"key": {"type": "apiKey", "in": "query", "name": "color"}}
    endpoints = [{**LIST, "match": {"query": {"color": "red"}}}, POST, ONE]

    assert told(endpoints, components={"securitySchemes": key}) == []


def test_a_resource_answers_more_than_is_documented():
    found = findings(
        [{"path": "/pets", "resource": "pets"}], config={"database": {"pets": [{"id": 1, "name": "Rex"}]}}
    )

    assert [one.check for one in found] == ["beyond-document"]
    assert "DELETE /pets/{id}" in found[0].detail


def test_the_records_of_a_resource_are_compared():
    found = findings(
        [{"path": "/pets", "resource": "pets"}], config={"database": {"pets": [{"id": 1, "nome": "Rex"}]}}
    )

    assert ("invalid-body", "/0", "GET /pets") in {(one.check, one.pointer, one.operation) for one in found}


def test_what_cannot_be_asked_is_told():
    never = {"query": {"limit": {"gt": 5, "lt": 3}}}
    found = findings([LIST, POST, ONE, {**LIST, "match": never}])

    assert [one.check for one in found] == ["not-compared"]


def test_what_validate_refuses_is_asked_without():
    schema = {"allOf": [{"type": "string"}, {"type": "integer"}]}  # nothing is
    endpoints = [LIST, {**POST, "response": {"id": 1}, "validate": {"body": schema}}, ONE]

    assert told(endpoints) == [("invalid-body", "POST /pets")]


def test_every_check_is_found_somewhere():
    here = {"undocumented-path", "undocumented-method", "undocumented-status", "unexpected-body"}
    here |= {"invalid-body", "unknown-parameter", "beyond-document", "missing-operation"}
    here |= {"several-operations", "not-compared"}
    of_answers = {"undocumented-media-type", "missing-body", "missing-header", "invalid-header"}

    assert set(CONTRACT) == here | of_answers


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_the_config_is_kept(order):
    endpoints = [{"path": "/a"}, {"path": "/b/*"}, {"path": "/c"}][::order]

    found = findings([LIST, POST, ONE, *endpoints])

    assert [one.detail for one in found] == ["GET /a", "GET /b/*", "GET /c"][::order]
