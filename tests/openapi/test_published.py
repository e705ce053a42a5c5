"""The document as it is handed out: servers, and what stands in other files."""

import json

import pytest
from yaml import safe_load

from understudy.formats.openapi.document import Library
from understudy.formats.openapi.operations import read_api
from understudy.formats.read import open_source, text_source
from understudy.openapi.published import format_of, published, spec_bytes

SPEC = """\
openapi: 3.0.3
info: {title: Pets, version: "1"}
servers: [{url: "https://api.example.com/v1/"}, {url: "https://other.example.com"}]
paths:
  /pets:
    get: {responses: {"200": {description: "Pets: all"}}}
  /old:
    servers: [{url: "https://old.example.com/v0"}]
    get: {responses: {}}
    post: {servers: [{url: "https://api.example.com/v1"}], responses: {}}
    put: {servers: [{url: "https://api.example.com/v2"}], responses: {}}
"""


def document_of(text, suffix=".yaml"):
    return Library().begin(text_source(text, "api", suffix), None)


def test_the_servers_are_the_mock():
    made = published(document_of(SPEC))
    assert made["servers"] == [{"url": "/v1"}]
    assert list(made) == ["openapi", "info", "servers", "paths"]
    old = made["paths"]["/old"]
    assert old["servers"] == [{"url": "/v0"}]
    assert old["put"]["servers"] == [{"url": "/v2"}]
    assert "servers" not in made["paths"]["/pets"]


def test_an_operation_whose_server_is_that_of_the_document_keeps_it_before_that_of_its_path():
    assert published(document_of(SPEC))["paths"]["/old"]["post"]["servers"] == [{"url": "/v1"}]


def test_below_a_path_and_without_the_paths_of_servers():
    assert published(document_of(SPEC), "/mock")["servers"] == [{"url": "/mock/v1"}]
    made = published(document_of(SPEC), "/mock", servers=False)
    assert made["servers"] == [{"url": "/mock"}]
    assert "servers" not in made["paths"]["/old"]
    assert "servers" not in made["paths"]["/old"]["put"]
    assert published(document_of(SPEC), servers=False)["servers"] == [{"url": "/"}]


def test_swagger_2_has_a_base_path():
    written = {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "host": "x.y",
        "schemes": ["https"],
        "basePath": "/v2",
        "paths": {},
    }
    made = published(document_of(json.dumps(written), ".json"), "/m")
    assert made == {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "basePath": "/m/v2",
        "paths": {},
    }


def test_the_format_is_that_of_the_document():
    document = document_of(SPEC)
    assert format_of(document) == "yaml"
    assert safe_load(spec_bytes(document)) == published(document)
    assert json.loads(spec_bytes(document, format="json")) == published(document)
    as_json = document_of(json.dumps(safe_load(SPEC)), ".json")
    assert json.loads(spec_bytes(as_json)) == published(document)


def test_the_document_itself_is_not_changed():
    document = document_of(SPEC)
    published(document, "/mock")
    assert document.source.data == safe_load(SPEC)


@pytest.fixture
def parts(tmp_path):
    (tmp_path / "api.yaml").write_text("""\
openapi: 3.1.0
info: {title: Parts, version: "1"}
paths:
  /pets: {$ref: "paths/pets.yaml"}
components:
  schemas:
    Name: {type: string}
    Old: {$ref: "nowhere.yaml"}
""")
    (tmp_path / "paths").mkdir()
    (tmp_path / "paths" / "pets.yaml").write_text("""\
get:
  responses:
    "200":
      description: ok
      content: {application/json: {schema: {$ref: "../schemas.yaml#/Pet"}}}
""")
    (tmp_path / "schemas.yaml").write_text("""\
Pet:
  properties:
    name: {$ref: "api.yaml#/components/schemas/Name"}
    friend: {$ref: "#/Pet"}
    owner: {$ref: "#owner"}
  discriminator: {propertyName: kind, mapping: {dog: "#/Dog"}}
Dog: {type: object}
Owner: {$anchor: owner, type: object}
""")
    return Library().begin(open_source(tmp_path / "api.yaml"), None)


def test_other_documents_come_along(parts):
    made = published(parts)
    assert made["paths"]["/pets"] == {"$ref": "#/x-documents/1"}
    schema = made["x-documents"]["1"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/x-documents/2/Pet"}
    pet = made["x-documents"]["2"]["Pet"]
    assert pet["properties"]["name"] == {"$ref": "#/components/schemas/Name"}
    assert pet["properties"]["friend"] == {"$ref": "#/x-documents/2/Pet"}
    assert pet["properties"]["owner"] == {"$ref": "#/x-documents/2/Owner"}
    assert pet["discriminator"]["mapping"] == {"dog": "#/x-documents/2/Dog"}
    assert made["components"]["schemas"]["Old"] == {"$ref": "nowhere.yaml"}


def test_what_came_along_reads_as_before(parts):
    text = spec_bytes(parts).decode()
    again = Library().begin(text_source(text, "again", ".yaml"), None)
    (operation,) = read_api(again).operations
    schema = operation.responses[0].media[0].schema
    assert {name for name, _ in schema.items("properties")} == {"name", "friend", "owner"}
