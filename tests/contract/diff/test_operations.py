"""Two documents: each check of paths, operations and their parts, what is no change, and two properties."""

import pytest

from tests.contract.kit import changes, checks, document, operation, spec
from understudy.contract.diff.checks import CHECKS, SCHEMA_CHECKS
from understudy.contract.diff.operations import compare

OK = {"responses": {"200": {"description": ""}}}
STRING = {"type": "string"}
JSON = {"application/json": {"schema": STRING}}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
BEARER = {"type": "http", "scheme": "bearer"}


def get(path="/x", **keys):
    return document({path: {"get": {**OK, **keys}}})


def query(name="q", **keys):
    return {"name": name, "in": "query", "schema": STRING, **keys}


def responses(**found):
    return get(responses={status.strip("_"): one for status, one in found.items()})


def header(**keys):
    return responses(_200={"description": "", "headers": {"X-A": {"schema": STRING, **keys}}})


def secured(*alternatives, **schemes):
    schemes = schemes or {"key": KEY, "token": BEARER}
    return document({"/x": {"get": OK}}, components={"securitySchemes": schemes}, security=list(alternatives))


def body(*types, required=False):
    return get(requestBody={"content": {one: {"schema": STRING} for one in types}, "required": required})


def callback(**keys):
    return get(callbacks={"paid": {"{$request.query.url}": {"post": OK}}} if keys.get("has") else {})


PLAIN_200 = {"description": ""}
CASES = {
    "path-removed": (
        document({"/a": {"get": OK}, "/b": {"get": OK, "put": OK}}),
        document({"/a": {"get": OK}}),
    ),
    "path-added": (get("/a"), document({"/a": {"get": OK}, "/b": {"get": OK}})),
    "operation-removed": (document({"/a": {"get": OK, "put": OK}}), document({"/a": {"get": OK}})),
    "operation-added": (document({"/a": {"get": OK}}), document({"/a": {"get": OK, "put": OK}})),
    "deprecated-operation-removed": (
        document({"/a": {"get": {**OK, "deprecated": True}}, "/b": {"get": OK}}),
        document({"/b": {"get": OK}}),
    ),
    "operation-deprecated": (get(), get(deprecated=True)),
    "operation-reactivated": (get(deprecated=True), get()),
    "operation-id-changed": (get(operationId="a"), get(operationId="b")),
    "server-prefix-changed": (
        document({"/x": {"get": OK}}, servers=[{"url": "/v1"}]),
        document({"/x": {"get": OK}}, servers=[{"url": "https://a.example/v2/"}]),
    ),
    "parameter-removed": (get(parameters=[query()]), get()),
    "parameter-added": (get(), get(parameters=[query()])),
    "required-parameter-added": (get(), get(parameters=[query(required=True)])),
    "parameter-became-required": (get(parameters=[query()]), get(parameters=[query(required=True)])),
    "parameter-became-optional": (get(parameters=[query(required=True)]), get(parameters=[query()])),
    "parameter-moved": (get(parameters=[query()]), get(parameters=[{**query(), "in": "header"}])),
    "parameter-serialization-changed": (
        get(parameters=[query(schema={"type": "array"})]),
        get(parameters=[query(schema={"type": "array"}, explode=False)]),
    ),
    "parameter-deprecated": (get(parameters=[query()]), get(parameters=[query(deprecated=True)])),
    "required-request-body-added": (get(), body("application/json", required=True)),
    "request-body-added": (get(), body("application/json")),
    "request-body-removed": (body("application/json"), get()),
    "request-body-became-required": (body("text/plain"), body("text/plain", required=True)),
    "request-body-became-optional": (body("text/plain", required=True), body("text/plain")),
    "request-media-type-removed": (body("text/plain", "application/json"), body("text/plain")),
    "request-media-type-added": (body("text/plain"), body("text/plain", "application/json")),
    "response-success-removed": (responses(_200=PLAIN_200, _201=PLAIN_200), responses(_200=PLAIN_200)),
    "response-success-added": (responses(_200=PLAIN_200), responses(_200=PLAIN_200, _202=PLAIN_200)),
    "response-status-removed": (responses(_200=PLAIN_200, _404=PLAIN_200), responses(_200=PLAIN_200)),
    "response-status-added": (responses(_200=PLAIN_200), responses(_200=PLAIN_200, _404=PLAIN_200)),
    "response-media-type-removed": (
        responses(_200={"description": "", "content": {**JSON, "text/csv": {}}}),
        responses(_200={"description": "", "content": JSON}),
    ),
    "response-media-type-added": (
        responses(_200={"description": "", "content": JSON}),
        responses(_200={"description": "", "content": {**JSON, "text/csv": {}}}),
    ),
    "response-header-removed": (header(), responses(_200=PLAIN_200)),
    "required-response-header-removed": (header(required=True), responses(_200=PLAIN_200)),
    "response-header-added": (responses(_200=PLAIN_200), header(required=True)),
    "response-header-became-optional": (header(required=True), header()),
    "response-header-became-required": (header(), header(required=True)),
    "security-added": (secured(), secured({"key": []})),
    "security-removed": (secured({"key": []}), secured()),
    "security-alternative-removed": (secured({"key": []}, {"token": []}), secured({"token": []})),
    "security-alternative-added": (secured({"key": []}), secured({"key": []}, {"token": []})),
    "security-scheme-changed": (secured(key=KEY), secured(key={**KEY, "in": "query"})),
    "callback-removed": (callback(has=True), callback()),
    "callback-added": (callback(), callback(has=True)),
}


@pytest.mark.parametrize("name", CASES)
def test_what_has_changed(name):
    old, new = CASES[name]

    assert checks(old, new) == [name]
    assert checks(old, old) == checks(new, new) == []


def test_every_check_has_a_case():
    of_schemas = {f"{way}-{name}" for way in ("request", "response") for name in SCHEMA_CHECKS}

    assert set(CHECKS) - of_schemas == {*CASES, "comparison-ended"}


def path_parameter(name):
    return get(
        f"/x/{{{name}}}", parameters=[{"name": name, "in": "path", "required": True, "schema": STRING}]
    )


SAME = {
    "the name of a path's parameter": (path_parameter("id"), path_parameter("user_id")),
    "a slash at the end": (get("/x"), get("/x/")),
    "a prefix that has become a part of the path": (
        document({"/x": {"get": OK}}, servers=[{"url": "/v1"}]),
        document({"/v1/x": {"get": OK}}),
    ),
    "another host": (
        document({"/x": {"get": OK}}, servers=[{"url": "https://a.example/v1"}]),
        document({"/x": {"get": OK}}, servers=[{"url": "https://b.example/v1"}]),
    ),
    "parameters of media types": (body("application/json"), body("application/json; charset=utf-8")),
    "headers that are no parameters": (
        get(),
        get(parameters=[{**query("Accept", required=True), "in": "header"}]),
    ),
    "the name of a scheme": (secured({"key": []}, key=KEY), secured({"other": []}, other=KEY)),
    "schemes that nobody needs": (secured(key=KEY), secured(token=BEARER)),
    "security of each operation": (
        secured({"key": []}),
        {**secured(), "paths": {"/x": {"get": {**OK, "security": [{"key": []}]}}}},
    ),
    "a style that makes no difference": (get(parameters=[query()]), get(parameters=[query(explode=False)])),
    "where parameters stand": (
        document({"/x": {"parameters": [query()], "get": OK}}),
        get(parameters=[query()]),
    ),
    "an operation without an id": (get(), get(operationId="a")),
}


@pytest.mark.parametrize("name", SAME)
def test_what_is_no_change(name):
    old, new = SAME[name]

    assert checks(old, new) == []


def test_what_a_range_or_the_default_covers_is_compared_with_it():
    def api(status, kind):
        content = {"application/json": {"schema": {"type": kind}}}
        return responses(_200=PLAIN_200, **{status: {"description": "", "content": content}})

    for wide in ("4XX", "default"):
        assert checks(api("_404", "string"), api(wide, "string")) == []
        assert checks(api(wide, "string"), api("_404", "integer")) == ["response-type-changed"]


def test_a_range_of_media_types_covers_what_is_in_it():
    def api(name, kind):
        return get(requestBody={"content": {name: {"schema": {"type": kind}}}})

    assert checks(api("text/plain", "string"), api("text/*", "string")) == ["request-media-type-added"]
    assert checks(api("*/*", "string"), api("text/csv", "integer")) == [
        "request-media-type-removed",
        "request-type-changed",
    ]


def test_responses_may_be_less_general():
    def api(name):
        return responses(_200={"description": "", "content": {name: {"schema": STRING}}})

    assert checks(api("text/*"), api("text/plain")) == checks(api("text/plain"), api("*/*")) == []


def test_scopes():
    old, new = secured({"token": ["read"]}), secured({"token": ["read", "write"]})

    (added,) = changes(old, new)
    assert (added.check, added.level) == ("security-alternative-removed", "error")
    assert added.detail == "token (read); needed: token (read, write)"
    assert checks(new, old) == ["security-alternative-added"]


def test_an_operation_that_needs_nothing_is_no_change_when_more_schemes_would_do():
    assert checks(secured({}, {"key": []}), secured({})) == []


def test_versions_are_compared_with_each_other():
    swagger = {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "basePath": "/v1",
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "securityDefinitions": {"login": {"type": "basic"}},
        "paths": {
            "/pets/{id}": {
                "put": {
                    "security": [{"login": []}],
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "type": "integer"},
                        {"name": "tags", "in": "query", "type": "array", "items": STRING},
                        {
                            "name": "pet",
                            "in": "body",
                            "required": True,
                            "schema": {"$ref": "#/definitions/Pet"},
                        },
                    ],
                    "responses": {"200": {"description": "", "schema": {"$ref": "#/definitions/Pet"}}},
                }
            }
        },
        "definitions": {"Pet": {"properties": {"name": STRING}, "required": ["name"]}},
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Animal"}}}
    openapi = document(
        {
            "/pets/{petId}": {
                "put": {
                    "security": [{"basic": []}],
                    "parameters": [
                        {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}},
                        {
                            "name": "tags",
                            "in": "query",
                            "explode": False,
                            "schema": {"type": "array", "items": STRING},
                        },
                    ],
                    "requestBody": {"required": True, "content": content},
                    "responses": {"200": {"description": "", "content": content}},
                }
            }
        },
        servers=[{"url": "https://a.example/v1"}],
        components={
            "schemas": {"Animal": {"type": "object", "properties": {"name": STRING}, "required": ["name"]}},
            "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}},
        },
    )

    assert checks(swagger, openapi) == []
    assert checks(openapi, swagger) == []


def test_the_worst_comes_first():
    old = document({"/a": {"get": OK}, "/b": {"get": OK}})
    new = document({"/c": {"get": OK}, "/b": {"get": {**OK, "parameters": [query(required=True)]}}})

    assert [one.check for one in changes(old, new)] == [
        "path-removed",
        "required-parameter-added",
        "path-added",
    ]


def test_a_change_of_what_many_use_is_told_once():
    def api(required):
        reference = {"$ref": "#/components/parameters/q"}
        return document(
            {f"/{name}": {"get": {**OK, "parameters": [reference]}} for name in "abc"},
            components={"parameters": {"q": query(required=required)}},
        )

    (change,) = changes(api(False), api(True))

    assert change.operations == ("GET /a", "GET /b", "GET /c")


def test_bodies_and_headers_are_compared():
    def api(kind):
        content = {"application/json": {"schema": {"type": kind}}}
        return operation(
            parameters=[query(schema={"type": kind})],
            requestBody={"content": content},
            responses={
                "200": {"description": "", "content": content, "headers": {"X-A": {"schema": {"type": kind}}}}
            },
            callbacks={"c": {"/u": {"post": {"requestBody": {"content": content}, **OK}}}},
        )

    found = {(one.check, one.where) for one in changes(api("string"), api("boolean"))}

    assert found == {
        ("request-type-changed", "query parameter q"),
        ("request-type-changed", "request body application/json"),
        ("response-type-changed", "response 200 application/json"),
        ("response-type-changed", "response 200 header X-A"),
        ("response-type-changed", "callback c application/json"),
    }


def test_too_many_schemas(monkeypatch):
    monkeypatch.setattr("understudy.contract.diff.schemas.MAX_PAIRS", 3)
    api = spec(get(parameters=[query(str(number)) for number in range(5)]))

    assert [one.check for one in compare(api, api)] == ["comparison-ended"]
