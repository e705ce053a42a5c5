"""Each feature of an OpenAPI document, and what becomes of it; and served, whether it answers as was meant.

A case is a file in `tests/corpus/openapi`: lines that begin with `# file: ` are files beside it, then
comes the document, a line of dashes, and the config that it becomes with the warnings, or the error. To
add a case, add a file; to fill in or renew what is expected, set CORPUS_UPDATE=1.
"""

import json
import os
from pathlib import Path

import pytest

from understudy.build import build
from understudy.errors import ConfigError, Problem
from understudy.formats.imported import Imported, Options
from understudy.formats.read import open_source, read, text_source
from understudy.formats.write import written

CASES = sorted((Path(__file__).parent.parent / "corpus" / "openapi").glob("*.txt"))
LINE = "-----\n"


def set_up(text: str, folder: Path) -> Path:
    """The document of a case in a folder, with the files beside it."""
    lines = text.splitlines(keepends=True)
    folder.mkdir(parents=True, exist_ok=True)
    while lines and lines[0].startswith("# file: "):
        name, _, content = lines.pop(0)[len("# file: ") :].partition(" ")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    (folder / "api.yaml").write_text("".join(lines))
    return folder / "api.yaml"


def warnings_of(imported: Imported) -> str:
    return "".join(f"warning: {warning}\n" for warning in imported.warnings)


def outcome(path: Path) -> str:
    try:
        imported = read(open_source(path))
    except ConfigError as error:
        return f"{error}\n"
    return written(imported, ".yaml", "", split=False).text + warnings_of(imported)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_case(case, tmp_path, monkeypatch):
    text, _, expected = case.read_text().partition(LINE)
    monkeypatch.chdir(tmp_path)
    said = outcome(set_up(text, tmp_path))
    if os.environ.get("CORPUS_UPDATE"):
        case.write_text(text + LINE + said)
    else:
        assert said == expected


GOOD = [case for case in CASES if not case.stem.startswith("error_")]


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
@pytest.mark.parametrize("case", GOOD, ids=lambda path: path.stem)
def test_what_is_written_is_a_config_that_says_what_the_document_says(case, suffix, tmp_path):
    path = set_up(case.read_text().partition(LINE)[0], tmp_path / "from")
    imported = read(open_source(path))
    result = written(imported, suffix, "title")
    target = tmp_path / "to" / f"config{suffix}"
    target.parent.mkdir()
    target.write_text(result.text)
    for name, data in result.files.items():
        (target.parent / name).parent.mkdir(exist_ok=True)
        (target.parent / name).write_bytes(data)

    program = build(target)

    assert len(program.loaded.config.endpoints) == len(imported.config["endpoints"])
    assert program.warnings == ()


def test_all_of_it_comes_again_the_same(tmp_path):
    text = next(case for case in CASES if case.stem == "petstore").read_text().partition(LINE)[0]
    path = set_up(text, tmp_path)

    assert read(open_source(path)).config == read(open_source(path)).config


def test_options_leave_things_out(tmp_path):
    text = next(case for case in CASES if case.stem == "petstore").read_text().partition(LINE)[0]
    source = open_source(set_up(text, tmp_path))

    plain = read(source, "openapi", Options(servers=False, validate=False, auth=False)).config

    assert [one["path"] for one in plain["endpoints"]] == ["/pets", "/pets", "/pets/{pet_id:int}"]
    assert not plain.keys() & {"auth", "defaults"}
    assert not any(one.keys() & {"auth", "validate"} for one in plain["endpoints"])


@pytest.fixture
def petstore(serve, tmp_path):
    text = next(case for case in CASES if case.stem == "petstore").read_text().partition(LINE)[0]
    return serve(as_config(set_up(text, tmp_path)))


def as_config(path: Path) -> Path:
    """The file of a config that was made of a document."""
    target = path.parent / "config.yaml"
    result = written(read(open_source(path)), ".yaml", "title")
    target.write_text(result.text)
    for name, data in result.files.items():
        (target.parent / name).parent.mkdir(exist_ok=True)
        (target.parent / name).write_bytes(data)
    return target


def ask(server, target, method="GET", body=None, **headers):
    """Status and JSON, or text, of an answer."""
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request(server.url + target, body, named, method=method)
    try:
        with urlopen(request, timeout=30) as reply:
            status, text, found = reply.status, reply.read().decode(), reply.headers
    except HTTPError as error:
        with error:
            status, text, found = error.code, error.read().decode(), error.headers
    is_json = "json" in (found["Content-Type"] or "") and text
    return status, json.loads(text) if is_json else text


def test_a_served_document_answers_as_it_says(petstore):
    key = {"X-Key": "whatever"}
    pets = [{"id": 1, "name": "Rex"}, {"id": 2, "name": "Tom"}]

    assert ask(petstore, "/v1/pets")[0] == 401
    assert ask(petstore, "/v1/pets", **key) == (200, pets)
    assert ask(petstore, "/v1/pets?limit=1000", **key)[0] == 400
    assert ask(petstore, "/v1/pets", Prefer="example=none", **key) == (200, [])
    assert ask(petstore, "/v1/pets", Prefer="code=503", **key) == (500, {"message": "oops"})
    assert ask(petstore, "/v1/pets", Prefer="code=200", **key) == (200, pets)
    assert ask(petstore, "/v1/pets", Accept="application/xml", **key)[1].startswith("<?xml")
    assert ask(petstore, "/v1/pets", Accept="application/xml, */*", **key) == (200, pets)
    assert ask(petstore, "/v1/pets/7")[1]["name"] == "Rex"
    assert ask(petstore, "/v1/pets/7", Prefer="code=404") == (404, {"error": "no such pet"})
    assert ask(petstore, "/v1/pets/rex")[0] == 404
    json_type = {"Content-Type": "application/json"}
    assert ask(petstore, "/v1/pets", "POST", b'{"name": "Rex"}', **key, **json_type)[0] == 201
    assert ask(petstore, "/v1/pets", "POST", b'{"name": 1}', **key, **json_type)[0] == 422
    assert ask(petstore, "/v1/pets", "POST", b"<a/>", **key, Content_Type="text/xml")[0] == 415


def test_text_that_only_looks_like_ours_is_sent_as_it_is(serve, tmp_path):
    case = next(case for case in CASES if case.stem == "examples")
    served = serve(set_up(case.read_text().partition(LINE)[0], tmp_path))

    expected = {"a": "{{ not ours }}", "b": "${HOME}", "c": "{% raw %}"}
    assert ask(served, "/templates") == (200, expected)
    assert ask(served, "/named", Prefer="example=cat-big") == (200, {"name": "Tiger"})
    assert ask(served, "/named", Prefer="wait=1, example=cat") == (200, {"name": "Tom"})


def test_forms_with_files_are_held_against_their_schema(serve, tmp_path):
    case = next(case for case in CASES if case.stem == "swagger")
    served = serve(as_config(set_up(case.read_text().partition(LINE)[0], tmp_path)))
    path = "/api/orders/00000000-0000-0000-0000-000000000000/invoice?api_key=k"
    part = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    file = '--x\r\nContent-Disposition: form-data; name="invoice"; filename="a.pdf"\r\n\r\n%PDF\r\n'

    def upload(*parts):
        body = "".join([*parts, "--x--\r\n"]).encode()
        return ask(served, path, "POST", body, Content_Type="multipart/form-data; boundary=x")

    assert upload(file, part.format("copies", 2)) == (200, "")
    assert upload(file, part.format("copies", 0))[0] == 422
    assert upload(part.format("copies", 2))[0] == 422


def test_a_change_of_the_document_or_of_what_it_refers_to_is_served(tmp_path):
    from urllib.request import Request, urlopen

    from understudy import MockServer

    case = next(case for case in CASES if case.stem == "files")
    path = set_up(case.read_text().partition(LINE)[0], tmp_path)
    with MockServer(path) as server:
        assert ask(server, "/example") == (200, {"from": "a file"})
        (tmp_path / "example.json").write_text('{"from": "another"}')
        urlopen(Request(f"{server.url}/__reload", method="POST"), timeout=30).close()
        assert ask(server, "/example") == (200, {"from": "another"})
        path.write_text("openapi: 9\npaths: {}\n")
        status, said = ask(server, "/__reload", "POST")
        assert (status, said["problems"][0]["line"]) == (422, 1)
        assert said["problems"][0]["file"].endswith("api.yaml")
        assert ask(server, "/example") == (200, {"from": "another"})
    assert {file.name for file in build(set_up(case.read_text().partition(LINE)[0], tmp_path)).files} >= {
        "api.yaml",
        "example.json",
        "owner.json",
        "pets.yaml",
    }


# --- what is hostile ---------------------------------------------------------------------------------------


def document(**more):
    return {"openapi": "3.0.0", "info": {"title": "T", "version": "1"}, **more}


def get(schema):
    content = {"application/json": {"schema": schema}}
    return {"get": {"responses": {"200": {"description": "OK", "content": content}}}}


def imported(tmp_path, data):
    path = tmp_path / "api.json"
    path.write_text(json.dumps(data))
    return read(open_source(path))


def test_references_that_multiply_are_never_written_out(tmp_path):
    schemas = {
        f"S{n}": {
            "type": "object",
            "properties": {k: {"$ref": f"#/components/schemas/S{n + 1}"} for k in "abcd"},
        }
        for n in range(60)
    }
    schemas["S60"] = {"type": "string"}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}
    paths = {"/a": get({"$ref": "#/components/schemas/S0"})}
    paths["/a"]["post"] = {"requestBody": body, "responses": {}}

    made = imported(tmp_path, document(paths=paths, components={"schemas": schemas}))

    assert len(json.dumps(made.config)) < 1_000_000


def test_definitions_that_come_with_one_schema_are_bounded(tmp_path):
    schemas = {
        f"S{n}": {"type": "object", "properties": {"next": {"$ref": f"#/components/schemas/S{n + 1}"}}}
        for n in range(1000)
    }
    schemas["S1000"] = {"type": "string"}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}
    paths = {f"/{n}": {"post": {"requestBody": body, "responses": {}}} for n in range(20)}

    made = imported(tmp_path, document(paths=paths, components={"schemas": schemas}))

    definitions = made.config["endpoints"][0]["validate"]["body"]["$defs"]
    assert sum(one is not True for one in definitions.values()) == 200
    build(made.config)


def test_what_is_nested_too_deeply_is_refused_with_a_line(tmp_path):
    path = tmp_path / "api.json"
    path.write_text('{"openapi": "3.0.0", "paths": ' + '{"a":' * 5000 + "1" + "}" * 5001)

    with pytest.raises(ConfigError, match="nested deeper than 200 levels"):
        read(open_source(path))


def test_a_schema_that_is_just_not_too_deep(tmp_path):
    schema = {"type": "string"}
    for _ in range(90):
        schema = {"type": "array", "items": schema}

    build(imported(tmp_path, document(paths={"/a": get(schema)})).config)


def test_aliases_that_multiply_are_refused(tmp_path):
    lines = ["openapi: 3.0.0", "paths: {}", "x0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]" for n in range(1, 10)]
    path = tmp_path / "api.yaml"
    path.write_text("\n".join(lines))

    with pytest.raises(ConfigError, match="aliases add more than"):
        read(open_source(path))


@pytest.mark.parametrize("data", [b"\xff\xfeo\0", b"openapi: \xff", b"", b"\0" * 100, b"%PDF-1.4\n"])
def test_what_is_no_text_is_refused(data, tmp_path):
    path = tmp_path / "api.yaml"
    path.write_bytes(data)

    with pytest.raises(ConfigError):
        read(open_source(path))


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "api.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)

    with pytest.raises(ConfigError, match="larger than 64 MB"):
        read(open_source(path))


def test_documents_that_lead_to_documents_without_end_are_bounded(tmp_path):
    for number in range(600):
        (tmp_path / f"{number}.json").write_text(json.dumps({"$ref": f"{number + 1}.json"}))

    made = imported(tmp_path, document(paths={"/a": {"$ref": "0.json"}}))

    assert made.config["endpoints"] == []
    assert "references without end" in str(made.warnings[0])


def test_warnings_are_bounded(tmp_path):
    paths = {f"/{n}": {"get": {"responses": {"1": {}}}} for n in range(1000)}

    assert len(imported(tmp_path, document(paths=paths)).warnings) == 201


# --- what people have written ------------------------------------------------------------------------------

REAL = sorted((Path(__file__).parent.parent / "corpus" / "openapi_real").glob("*.json"))
LARGE = sorted((Path(__file__).parent.parent / "corpus" / "openapi_real" / "large").glob("*.json"))


def carried_over(path, folder):
    """The import of a document, written, and loaded again."""
    made = read(open_source(path))
    result = written(made, ".yaml", "title")
    (folder / "config.yaml").write_text(result.text)
    for name, data in result.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    return made, build(folder / "config.yaml")


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_documents(path, tmp_path):
    made, program = carried_over(path, tmp_path)

    document = json.loads(path.read_text())
    methods = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
    operations = [one for item in document["paths"].values() for one in item if one in methods]
    assert len(made.config["endpoints"]) == len(operations) == len(program.loaded.config.endpoints) > 0
    assert all(warning.line is not None for warning in made.warnings)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.skipif(not LARGE, reason="python -m tests.formats.large_documents downloads them")
@pytest.mark.parametrize("path", LARGE, ids=lambda path: path.stem)
def test_large_documents(path, tmp_path):
    made, program = carried_over(path, tmp_path)

    assert len(made.config["endpoints"]) == len(program.loaded.config.endpoints) > 50


def test_an_example_that_is_no_text_is_carried_over_byte_by_byte(tmp_path):
    (tmp_path / "dot.png").write_bytes(b"\x89PNG\r\n\xff")
    path = tmp_path / "api.yaml"
    path.write_text(
        "openapi: 3.0.3\npaths: { /dot: { get: { responses: { '200': { description: OK, content: "
        "{ image/png: { examples: { one: { externalValue: dot.png } } } } } } } } }"
    )
    imported = read(open_source(path))

    (endpoint,) = imported.config["endpoints"]
    assert endpoint["headers"] == {"Content-Type": "image/png"}
    assert endpoint["base64"] == "iVBORw0K/w=="
    assert tmp_path / "dot.png" in imported.read


def test_examples_behind_web_addresses_are_fetched_where_that_is_wished():
    asked = []

    def fetch(url):
        asked.append(url)
        if url.endswith("gone.txt"):
            raise ConfigError([Problem(message="404")])
        return b"far away"

    text = (
        "openapi: 3.0.3\npaths: { /a: { get: { responses: { '200': { description: OK, content: "
        "{ text/plain: { examples: { gone: { externalValue: gone.txt }, "
        "one: { externalValue: x/a.txt } } } } } } } } }"
    )
    options = Options(fetch=fetch, source_url="https://example.org/api/doc.yaml")
    imported = read(text_source(text, "https://example.org/api/doc.yaml", ".yaml"), options=options)

    assert imported.config["endpoints"][0]["body"] == "far away"
    assert asked == ["https://example.org/api/gone.txt", "https://example.org/api/x/a.txt"]
    assert ["gone.txt" in str(warning) for warning in imported.warnings] == [True]
