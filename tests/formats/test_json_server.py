"""Databases of json-server's become the configs they should, and these answer as json-server does."""

import httpx
import pytest

from tests.formats.foreign import cases, check_answers, check_config, imported
from understudy.build import build
from understudy.errors import ConfigError
from understudy.formats.read import open_source, read, recognise, text_source

CASES = cases("json_server")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, tmp_path, serve):
    result = imported(path, tmp_path, "db.json")
    check_config(path, result, tmp_path)
    config = result.config
    if "static" in config:  # which is served from a folder
        result.config.pop("static")
    check_answers(path, result, serve)


@pytest.fixture
def project(tmp_path):
    """A folder with a database and all that may stand beside it."""
    (tmp_path / "db.json").write_text('{\n  "posts": [{"id": 1, "title": "${NOT_SET}"}]\n}')
    (tmp_path / "routes.json").write_text('{"/api/*": "/$1"}')
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "index.html").write_text("<h1>Home</h1>")
    (tmp_path / "public" / "a.css").write_text("h1 {}")
    return tmp_path


def test_what_stands_beside_a_database_is_served(project, serve):
    server = serve(project / "db.json")
    assert httpx.get(server.url + "/api/posts/1").json() == {"id": 1, "title": "${NOT_SET}"}
    assert httpx.get(server.url + "/a.css").text == "h1 {}"
    home = httpx.get(server.url + "/")
    assert (home.text, home.headers["Content-Type"]) == ("<h1>Home</h1>", "text/html; charset=utf-8")


def test_what_is_read_is_watched(project):
    loaded = build(project / "db.json").loaded
    assert {file.name for file in loaded.files} == {"db.json", "routes.json", "index.html"}
    assert (project, "json-server.json") in loaded.patterns


def test_files_of_an_import(project):
    result = read(open_source(project / "db.json"))
    assert result.files == {
        "db.json": (project / "db.json").read_bytes(),
        "public/a.css": b"h1 {}",
        "public/index.html": b"<h1>Home</h1>",
    }


def test_static_files_outside_are_not_read(project, tmp_path_factory):
    secret = tmp_path_factory.mktemp("outside") / "secret.txt"
    secret.write_text("secret")
    (project / "public" / "link.txt").symlink_to(secret)
    assert "public/link.txt" not in read(open_source(project / "db.json")).files


def test_static_files_that_are_too_large(project, monkeypatch):
    monkeypatch.setattr("understudy.formats.json_server.MAX_STATIC_BYTES", 5)
    result = read(open_source(project / "db.json"))
    assert list(result.files) == ["db.json", "public/a.css"]
    assert [problem.message for problem in result.warnings] == [
        "larger than 0 MB: import leaves the rest out"
    ]


def test_mistakes_have_the_place_in_their_file(project):
    (project / "routes.json").write_text('{"/api/*": \n')
    with pytest.raises(ConfigError) as raised:
        build(project / "db.json")
    assert raised.value.problems[0].file.endswith("routes.json")
    (project / "routes.json").write_text("[]")
    (project / "json-server.json").write_text('{"routes": "routes.json"}')
    with pytest.raises(ConfigError, match="routes are an object"):
        build(project / "db.json")
    (project / "json-server.json").write_text("[]")
    with pytest.raises(ConfigError, match="settings of json-server's are an object"):
        build(project / "db.json")


def test_a_database_is_an_object():
    with pytest.raises(ConfigError, match="is an object of lists"):
        read(text_source("[1]", "db.json"), "json_server")


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "app", "version": "1.0.0", "dependencies": {}, "files": []}',
        '{"compilerOptions": {}, "references": [{"path": "a"}]}',
        '{"info": {}, "item": [{"name": "a request"}]}',
        '{"port": 8000, "users": [{"id": 1}]}',
        '{"rewrites": {}, "users": [{"id": 1}]}',
        "[]",
        "{}",
    ],
)
def test_what_is_no_database(text):
    assert recognise(text_source(text, "x.json")) is None


def test_one_without_ids_is_read_if_somebody_says_so():
    result = read(text_source('{"users": [{"name": "Ada"}]}', "x.json"), "json_server")
    assert result.files == {"db.json": b'{\n  "users": [\n    {\n      "name": "Ada"\n    }\n  ]\n}\n'}
    (problem,) = read(text_source('{"users": [{"id": 1}],\n"version": 1}', "x.json"), "json_server").warnings
    assert (problem.line, problem.path) == (2, "version")
