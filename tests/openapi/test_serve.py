"""Documents in the place of a config."""

import json

import pytest

from tests.kit import get
from tests.openapi.served import KEY, PETS, Served
from tests.openapi.test_lazy import DOCUMENT
from understudy.build import build
from understudy.errors import ConfigError
from understudy.load.source import Source
from understudy.openapi.serve import adapt, served


def test_a_document_is_served_by_itself(tmp_path):
    path = tmp_path / "pets.yaml"
    path.write_text(PETS)
    pets = Served(build(path))
    assert pets.ask("/v1/pets/7")[0] == 200
    assert pets.program.files == (path,)


def test_browsers_may_send_cookies_to_a_document_that_is_served_by_itself(tmp_path):
    path = tmp_path / "pets.yaml"
    path.write_text(PETS)
    pets = Served(build(path))
    pets.ask("/v1/pets/7", "GET", ("Origin", "http://localhost:3000"))
    assert pets.header("Access-Control-Allow-Origin") == "http://localhost:3000"
    assert pets.header("Access-Control-Allow-Credentials") == "true"
    assert pets.header("Access-Control-Expose-Headers") == "*"
    assert pets.header("Vary") == "Origin"


def test_permission_is_given_where_the_document_has_an_operation_for_that(tmp_path):
    operation = 'options: { responses: { "200": { description: "" } } }'
    path = tmp_path / "pets.yaml"
    path.write_text(PETS.replace("/pets:\n", f"/pets:\n    {operation}\n", 1))
    pets = Served(build(path))
    asked = [("Origin", "http://localhost:3000"), ("Access-Control-Request-Method", "POST")]
    assert pets.ask("/v1/pets", "OPTIONS", *asked)[0] == 204
    assert "POST" in pets.header("Access-Control-Allow-Methods")
    assert pets.ask("/v1/pets", "OPTIONS", KEY)[0] == 200


def test_a_large_document_is_known_without_being_read(tmp_path):
    path = tmp_path / "large.json"
    path.write_text(json.dumps(DOCUMENT))
    assert build(path).loaded.names == ("listPets",)


def test_a_large_file_of_another_kind_is_read_as_ever(tmp_path):
    path = tmp_path / "large.json"
    path.write_text(json.dumps({"endpoints": [{"path": "/a", "body": "x" * 600_000}]}))
    assert build(path).loaded.names == ("GET /a",)
    path.write_text('{"openapi": "3.0.0", "paths": {' + " " * 600_000)
    with pytest.raises(ConfigError):
        build(path)
    path.write_text('{"openapi": "9.9.9", "paths": {}}' + " " * 600_000)
    with pytest.raises(ConfigError, match="version"):
        build(path)


def test_what_looks_like_a_variable_is_none(tmp_path):
    path = tmp_path / "pets.yaml"
    path.write_text(PETS.replace("name: Rex", 'name: "${NOT_SET}"'))
    pets = Served(build(path))
    assert pets.ask("/v1/pets", "GET", ("X-Key", "k"))[1][0]["name"] == "${NOT_SET}"


def test_a_document_that_came_from_elsewhere_is_served_from_memory():
    from understudy.formats.read import text_source

    adapted = served(text_source(PETS, "https://example.org/pets.yaml", ".yaml"))
    assert adapted.opened.keys() == {"https://example.org/pets.yaml"}
    assert adapted.source.line(("openapi",)) is None


def test_other_files_are_for_other_readers(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    assert adapt(Source(tmp_path / "a.json", {"nothing": 1})) is None
    assert adapt(Source(tmp_path / "a.json")) is None


def test_a_proxy_beside_a_document_gets_what_is_not_in_it(tmp_path, serve, echo):
    (tmp_path / "pets.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\npaths:\n"
        "  /pets: {get: {operationId: pets, parameters: [{name: n, in: query, schema: {type: integer}}],"
        " responses: {'200': {description: all, content: {application/json: {example: [1]}}}}}}\n"
        "  /ok: {get: {operationId: ok, responses: {'204': {description: none}}}}\n"
    )
    (tmp_path / "config.yaml").write_text(f"openapi: pets.yaml\nproxy: {echo.url}\n")
    server = serve(tmp_path / "config.yaml")
    assert get(server, "/pets").json() == [1]
    assert get(server, "/pets?n=x").status == 422, "held against the document"
    assert get(server, "/ok").status == 204, "the document's, and not the real server's"
    assert get(server, "/query?q=1").json() == {"q": "1"}
    logged = get(server, "/__logs").json()["logs"]
    assert [one["source"] for one in logged] == [None, None, None, "upstream"]
