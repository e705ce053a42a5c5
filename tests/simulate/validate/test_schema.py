import json

import pytest

from tests.simulate.kit import Bench
from tests.simulate.validate.kit import problem_of, schema_of
from understudy import ConfigError
from understudy.build import build


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "mocks"
    (folder / "schemas" / "common parts").mkdir(parents=True)
    (tmp_path / "secret.json").write_text('{"type": "string"}')

    def write(name, content):
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))

    write("schemas/order.json", {"properties": {"by": {"$ref": "common%20parts/user.yaml#/$defs/User"}}})
    write("schemas/common parts/user.yaml", "$defs:\n  User: { required: [name], $ref: '../id.json' }\n")
    write("schemas/id.json", {"properties": {"id": {"type": "integer"}}})
    write("schemas/broken.json", "{\n  nope\n}")
    write("schemas/list.json", "[1]")
    write("schemas/wrong.json", {"type": "objekt"})
    write("schemas/latin.json", "")
    (folder / "schemas/latin.json").write_bytes(b'{"title": "\xe9"}')
    folder.joinpath("link.json").symlink_to(tmp_path / "secret.json")
    return folder


def serve(folder, validate):
    config = {"endpoints": [{"path": "/a", "method": "POST", "validate": validate}]}
    (folder / "config.json").write_text(json.dumps(config))
    return Bench(folder / "config.json")


@pytest.mark.parametrize(
    "validate",
    [
        "schemas/order.json",
        {"body": "schemas/order.json"},
        {"body": {"$ref": "schemas/order.json"}},
        {"body": {"properties": {"by": {"$ref": "schemas/common%20parts/user.yaml#/$defs/User"}}}},
        {"body": {"properties": {"by": {"required": ["name"], "allOf": [{"$ref": "schemas/id.json"}]}}}},
    ],
)
def test_files_and_what_they_refer_to(folder, validate):
    bench = serve(folder, validate)
    assert bench.status("/a", "POST", body={"by": {"name": "x", "id": 1}}) == 200
    found = bench.json("/a", "POST", body={"by": {"id": "x"}})["violations"]
    assert sorted(one["keyword"] for one in found) == ["required", "type"]


def test_a_part_of_a_file(folder):
    bench = serve(folder, "schemas/common parts/user.yaml#/$defs/User")
    assert bench.status("/a", "POST", body={}) == 422
    assert bench.status("/a", "POST", body={"name": 1, "id": 1}) == 200


def test_query_parameters_are_read_by_what_stands_in_files(folder):
    config = {"endpoints": [{"path": "/a", "validate": {"query": {"$ref": "schemas/id.json"}}}]}
    (folder / "config.json").write_text(json.dumps(config))
    bench = Bench(folder / "config.json")
    assert [bench.status(f"/a?id={text}") for text in ("5", "x")] == [200, 400]


def test_every_file_is_watched(folder):
    names = {path.name for path in serve(folder, "schemas/order.json").program.files}
    assert {"order.json", "user.yaml", "id.json"} <= names


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"type": "objekt"}, '"objekt" is not valid under any of the schemas'),
        ({"properties": {"a": {"minimum": "x"}}}, '"x" is not of type "number", at /properties/a/minimum'),
        ({"pattern": "("}, '"(" is not a "regex"'),
        ({"$ref": "#/$defs/none"}, "does not exist"),
        ({"$ref": "https://example.org/x.json"}, "https://example.org/x.json is not fetched: put what"),
        ({"$schema": "https://example.org/mine"}, "https://example.org/mine is not fetched"),
        ({"$ref": "schemas/none.json"}, "schemas/none.json: the file cannot be read"),
        ({"$ref": "file:///etc/passwd"}, "outside"),
        ({"$ref": "../secret.json"}, "outside"),
        ({"$ref": "link.json"}, "outside"),
        ("../secret.json", "outside"),
        ("schemas/none.json", "schemas/none.json: the file cannot be read"),
        ("schemas/broken.json", "schemas/broken.json:2: "),
        ("schemas/list.json", "schemas/list.json has no schema in it"),
        ("schemas/latin.json", "schemas/latin.json is not UTF-8"),
        ("schemas/wrong.json", "objekt"),
        ({"$ref": "schemas/wrong.json"}, 'schemas/wrong.json: "objekt" is not valid'),
        ({"$ref": "schemas/broken.json"}, "schemas/broken.json:2: "),
        ("schemas/id.json#/nowhere", "does not exist"),
    ],
)
def test_what_cannot_be_used_says_why(folder, written, message):
    assert message in problem_of(written, folder)


def test_a_problem_has_its_place(tmp_path):
    (tmp_path / "config.yaml").write_text(
        "endpoints:\n"
        "  - path: /a\n"
        "    validate:\n"
        "      query: { type: 5 }\n"
        "  - path: /b\n"
        "    validate: none.json\n"
        "  - path: /c\n"
        "    validate: { mode: off, body: { $ref: 'x.json' } }\n"
    )
    with pytest.raises(ConfigError) as caught:
        build(tmp_path / "config.yaml")
    assert [(problem.path, problem.line) for problem in caught.value.problems] == [
        ("endpoints[0].validate.query", 4),
        ("endpoints[1].validate", 6),
        ("endpoints[2].validate.body", 8),
    ]


@pytest.mark.parametrize("draft", ["04", "06", "07"])
def test_older_drafts(draft):
    schema = schema_of(
        {"$schema": f"http://json-schema.org/draft-{draft}/schema#", "dependencies": {"a": ["b"]}}
    )
    assert not schema.validator.is_valid({"a": 1})


def test_a_pattern_cannot_hang():
    schema = schema_of({"pattern": r"^(?=a)(a+)+\1$"})
    assert not schema.validator.is_valid("a" * 40 + "b")
