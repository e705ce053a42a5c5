"""Operations among the endpoints of a config."""

import json

import pytest

from tests.openapi.served import KEY, PETS, served
from understudy.build import build
from understudy.errors import ConfigError


def names(served):
    return dict(zip(served.program.loaded.names, paths(served), strict=True))


def paths(served):
    return [endpoint.path for endpoint in served.program.loaded.config.endpoints]


def test_each_operation_is_an_endpoint(tmp_path):
    pets = served(tmp_path)
    assert names(pets) == {"listPets": "/v1/pets", "addPet": "/v1/pets", "getPet": "/v1/pets/{petId}"}
    assert pets.program.loaded.config.endpoints[0].group == ["pets"]
    assert {file.name for file in pets.program.files} == {"config.yaml", "pets.yaml"}


def test_paths_begin_with_the_prefix_and_if_wished_with_that_of_the_server(tmp_path):
    assert paths(served(tmp_path, prefix="/shop/"))[0] == "/shop/v1/pets"
    assert paths(served(tmp_path, servers=False))[0] == "/pets"
    assert paths(served(tmp_path, prefix="/shop", servers=False))[0] == "/shop/pets"


def test_an_endpoint_with_the_same_path_takes_the_place_of_an_operation(tmp_path):
    own = {"path": "/v1/pets/{id}", "response": {"own": True}}
    pets = served(tmp_path, config={"endpoints": [own]})
    assert pets.ask("/v1/pets/7") == (200, {"own": True})
    assert pets.ask("/v1/pets", "GET", KEY)[0] == 200
    assert pets.program.warnings == ()


def test_an_endpoint_with_the_same_name_takes_its_place_too(tmp_path):
    own = {"name": "getPet", "path": "/v2/{id}", "response": {"own": True}}
    pets = served(tmp_path, config={"endpoints": [own]})
    assert pets.ask("/v2/7") == (200, {"own": True})
    assert pets.ask("/v1/pets/7")[0] == 404


def test_several_documents_stand_side_by_side(tmp_path):
    (tmp_path / "pets.yaml").write_text(PETS)
    both = [{"spec": "pets.yaml", "prefix": "/a"}, {"spec": "pets.yaml", "prefix": "/b"}, "pets.yaml"]
    (tmp_path / "config.json").write_text(json.dumps({"openapi": both}))
    program = build(tmp_path)
    assert program.loaded.names == (
        *("listPets", "addPet", "getPet"),
        *("GET /b/v1/pets", "POST /b/v1/pets", "GET /b/v1/pets/{petId}"),
        *("GET /v1/pets", "POST /v1/pets", "GET /v1/pets/{petId}"),
    )


def problem(tmp_path, **settings):
    with pytest.raises(ConfigError) as error:
        served(tmp_path, **settings)
    (found,) = error.value.problems
    return found


def test_what_is_wrong_with_the_key_has_a_place(tmp_path):
    found = problem(tmp_path, operations={"listPet": {"latency_ms": 5}})
    assert (found.path, found.suggestion) == ("openapi.operations.listPet", '"listPets"')
    assert found.line is not None
    (tmp_path / "config.json").write_text(json.dumps({"openapi": ["pet.yaml"]}))
    with pytest.raises(ConfigError) as error:
        build(tmp_path / "config.json")
    assert error.value.problems[0].path == "openapi[0].spec"
    assert error.value.problems[0].suggestion == '"pets.yaml"'


@pytest.mark.parametrize("name", ["../pets.yaml", "\0", "/etc/passwd"])
def test_documents_are_below_the_folder(tmp_path, name):
    (tmp_path / "config.json").write_text(json.dumps({"openapi": name}))
    with pytest.raises(ConfigError):
        build(tmp_path / "config.json")


def test_what_is_wrong_with_the_document_is_said_of_it(tmp_path):
    with pytest.raises(ConfigError) as error:
        served(tmp_path, "openapi: 3.1.0\npaths: [1]\n")
    assert error.value.problems[0].file.endswith("pets.yaml")
    assert error.value.problems[0].line == 2


def test_operations_that_cannot_be_served_are_warned_of(tmp_path):
    text = PETS.replace("  /pets/{petId}:", "  /pets/{petId:")
    pets = served(tmp_path, text)
    assert len(pets.program.loaded.names) == 2
    assert "cannot be served" in str(pets.program.warnings[0])


def test_a_document_without_operations_is_warned_of(tmp_path):
    pets = served(tmp_path, "openapi: 3.1.0\npaths: {}\n")
    assert "no operations" in str(pets.program.warnings[0])


def test_a_query_in_a_path_is_a_condition(tmp_path):
    text = """
openapi: 3.0.0
paths:
  /q?Action=List: { get: { responses: { "200": { content: { text/plain: { example: l } } } } } }
  /q?Action=Add: { get: { responses: { "200": { content: { text/plain: { example: a } } } } } }
"""
    pets = served(tmp_path, text)
    assert pets.ask("/q?Action=Add") == (200, "a")
    assert pets.ask("/q?Action=List") == (200, "l")
    assert pets.ask("/q")[0] == 404


def test_callbacks_are_sent(tmp_path):
    text = PETS.replace(
        "      operationId: addPet\n",
        "      operationId: addPet\n"
        "      callbacks: { added: { 'http://localhost:9/{$request.body#/name}':"
        " { post: { requestBody: { content: { application/json: { example: { new: true } } } } } } } }\n",
    )
    pets = served(tmp_path, text)
    assert pets.ask("/v1/pets", "POST", KEY, body={"id": 1, "name": "Rex"})[0] == 201
    assert pets.plan.callbacks[0].url == "http://localhost:9/Rex"


def test_files_that_it_refers_to_are_watched_and_read_at_once(tmp_path):
    text = PETS.replace('"#/components/schemas/Pet"', '"pet.json"')
    (tmp_path / "pet.json").write_text('{"type": "object", "properties": {"owner": {"$ref": "owner.json"}}}')
    (tmp_path / "owner.json").write_text('{"const": "Ada"}')
    pets = served(tmp_path, text)
    assert {"pet.json", "owner.json"} <= {file.name for file in pets.program.files}
    (tmp_path / "owner.json").unlink()
    assert pets.ask("/v1/pets/7") == (200, {"owner": "Ada"})


# --- written out -------------------------------------------------------------------------------------------


def test_operations_are_written_out_for_whoever_looks_at_configs(tmp_path):
    from understudy.build import load_written
    from understudy.compiler import compile_program

    served(tmp_path, prefix="/shop", defaults={"latency_ms": 5}, operations={"getPet": {"latency_ms": 7}})
    loaded = load_written(tmp_path / "config.yaml")
    assert loaded.names == ("listPets", "addPet", "getPet")
    endpoints = loaded.config.endpoints
    assert [endpoint.path for endpoint in endpoints][2] == "/shop/v1/pets/{petId:int}"
    assert [endpoint.latency_ms for endpoint in endpoints] == [5, 5, 7]
    assert [endpoint.auth for endpoint in endpoints] == ["key", "key", False]
    assert loaded.config.auth.schemes.keys() == {"key"}
    assert all(entry.driven is None for entry in loaded.origins.entries)
    assert compile_program(loaded).warnings == ()


def test_what_is_wrong_is_told_there_too(tmp_path):
    from understudy.build import load_written

    (tmp_path / "config.json").write_text('{"openapi": "nothing.yaml"}')
    with pytest.raises(ConfigError, match="no such file"):
        load_written(tmp_path / "config.json")
    (tmp_path / "nothing.yaml").write_text("openapi: 9\npaths: {}\n")
    with pytest.raises(ConfigError, match="version"):
        load_written(tmp_path / "config.json")
