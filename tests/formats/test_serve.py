import base64

import pytest

from understudy.errors import ConfigError, Problem
from understudy.formats import serve
from understudy.formats.imported import Imported, Origin
from understudy.formats.serve import ForeignSource, inlined
from understudy.load import load
from understudy.load.fault import Fault
from understudy.load.foreign import Document


def build(path):
    """The config of a file that this folder makes one of."""
    given = serve.adapt_document(path) if isinstance(path, Document) else path
    return load(given, adapt=serve.adapt)


SPEC = "openapi: 3.0.0\npaths:\n  /a:\n    get: { responses: { '204': { description: none } } }\n"


def test_a_foreign_file_is_served(tmp_path):
    path = tmp_path / "api.yaml"
    path.write_text(SPEC + "  /b:\n    get: { responses: {} }\n")

    loaded = build(path)

    assert loaded.names == ("GET /a", "GET /b")
    assert loaded.locate(("endpoints", 1, "status")) == (str(path), 6)
    assert (loaded.files, loaded.folder) == ((path,), tmp_path)
    assert "no response is documented" in str(loaded.warnings[0])


def test_what_looks_like_a_variable_is_none(tmp_path):
    path = tmp_path / "api.yaml"
    example = "content: { application/json: { example: '${NOT_SET}' } }"
    path.write_text(SPEC.replace("description: none", f"description: '${{NOT_SET}}', {example}"))

    assert build(path).config.endpoints[0].response == "${NOT_SET}"


def test_what_is_wrong_with_it_is_said_of_the_foreign_file(tmp_path):
    path = tmp_path / "api.yaml"
    path.write_text("openapi: 3.0.0\npaths: 1\n")

    with pytest.raises(ConfigError) as raised:
        build(path)

    assert (raised.value.problems[0].file, raised.value.problems[0].line) == (str(path), 2)


def test_a_config_that_cannot_be_used_is_said_of_the_foreign_file(tmp_path, monkeypatch):
    path = tmp_path / "api.yaml"
    path.write_text(SPEC)
    made = Imported({"endpoints": [{"path": "/{"}]}, origins=(Origin("other.yaml", 3),))
    monkeypatch.setattr(serve, "read", lambda source: made)

    with pytest.raises(ConfigError) as raised:
        build(path)

    assert (raised.value.problems[0].file, raised.value.problems[0].line) == ("other.yaml", 3)


def test_places_without_an_origin():
    source = ForeignSource(label="here", origins=(None,))

    assert source.line(("endpoints", 0)) is source.line(("port",)) is source.line(("endpoints", 5)) is None
    assert source.problem(Fault("wrong", ("port",))) == Problem("wrong", "here", path="port")


def test_files_that_are_not_there_are_put_in():
    config = {
        "endpoints": [
            {"path": "/a", "file": "bodies/a.bin"},
            {"path": "/b", "responses": [{"file": {"path": "b.txt", "template": True}, "status": 201}]},
            {"path": "/c", "file": "there.txt"},
        ]
    }
    files = {"bodies/a.bin": b"\xff{{", "b.txt": b"{{ params.b }}"}

    assert inlined(config, {}) is config
    assert inlined(config, files) == {
        "endpoints": [
            {"path": "/a", "base64": base64.b64encode(b"\xff{{").decode()},
            {"path": "/b", "responses": [{"body": "{{ params.b }}", "status": 201}]},
            {"path": "/c", "file": "there.txt"},
        ]
    }


def test_a_foreign_file_is_never_written_to(serve, tmp_path):
    import json
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    path = tmp_path / "api.yaml"
    path.write_text(SPEC)
    server = serve(path)
    body = json.dumps({"path": "/new"}).encode()
    request = Request(f"{server.url}/__endpoints?persist=true", body, method="POST")
    request.add_header("Content-Type", "application/json")

    with pytest.raises(HTTPError) as raised:
        urlopen(request, timeout=30)

    with raised.value:
        assert "understudy import" in raised.value.read().decode()
    assert path.read_text() == SPEC


def never(url):
    raise AssertionError(url)


def test_a_document_from_the_web_is_served(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = SPEC + "  /b: { $ref: 'more.yaml#/b' }\n"
    more = {"https://example.org/v1/more.yaml": b"b: { get: { responses: { '200': { description: b } } } }"}

    loaded = build(Document("https://example.org/v1/api.yaml", text, more.__getitem__))

    assert loaded.names == ("GET /a", "GET /b")
    assert loaded.locate(("endpoints", 0)) == ("https://example.org/v1/api.yaml", 4)
    assert (loaded.files, loaded.folder) == ((), tmp_path)


def test_the_data_of_a_document_from_the_web_is_in_memory():
    loaded = build(Document("https://example.org/db.json", '{"posts": [{"id": 1}]}', never))

    assert loaded.database == {"posts": [{"id": 1}]}


@pytest.mark.parametrize(
    ("text", "message"),
    [('{"endpoints": []}', "download it"), ('{"a": 1}', "no format"), ("{", "JSON")],
)
def test_what_is_no_document_of_another_tool(text, message):
    with pytest.raises(ConfigError, match=message) as raised:
        build(Document("https://example.org/x.json", text, never))
    assert raised.value.problems[0].file == "https://example.org/x.json"


@pytest.mark.parametrize("settings", [None, "target: https://api.example.com\n"])
def test_a_folder_of_recordings_is_replayed(tmp_path, settings):
    folder = tmp_path / "tape"
    (folder / "api.example.com").mkdir(parents=True)
    (folder / "api.example.com" / "get-a.json").write_text(
        '{"request": {"method": "GET", "url": "https://api.example.com/a"}, "response": {"status": 200}}'
    )
    if settings is not None:
        (folder / "recordings.yaml").write_text(settings)

    loaded = build(folder)

    assert (loaded.config.record.folder, loaded.config.record.mode) == ("tape", "replay")
    assert loaded.folder == tmp_path
    assert str(load(folder, adapt=serve.adapt).origins.main.shown).endswith("tape")
