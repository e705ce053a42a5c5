"""`.http` files become the configs they should, and these answer the requests in them."""

import httpx
import pytest

from tests.formats.foreign import cases, check_answers, check_config, imported
from understudy.build import build
from understudy.errors import ConfigError
from understudy.formats.http_files import variables
from understudy.formats.http_files.parse import parse
from understudy.formats.http_files.variables import Variables
from understudy.formats.read import open_source, read, recognise, text_source

CASES = cases("http")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, tmp_path, serve):
    result = imported(path, tmp_path, "requests.http")
    check_config(path, result, tmp_path)
    check_answers(path, result, serve)


def test_a_file_is_served_and_watched_with_what_it_names(tmp_path, serve):
    (tmp_path / "a.http").write_text("GET http://localhost/a\n\n<> a.200.json\n")
    (tmp_path / "a.200.json").write_text("[1]")
    assert httpx.get(serve(tmp_path / "a.http").url + "/a").json() == [1]
    loaded = build(tmp_path / "a.http").loaded
    assert [file.name for file in loaded.files] == ["a.http", "a.200.json"]
    assert (tmp_path, "http-client.env.json") in loaded.patterns
    assert loaded.locate(("endpoints", 0)) == (str(tmp_path / "a.http"), 1)


@pytest.mark.parametrize("name", ["../secret.json", "/etc/passwd", "a\x00b"])
def test_files_outside_are_not_read(tmp_path, name):
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "secret.json").write_text('"secret"')
    (folder / "a.http").write_text(f"POST http://localhost/a\n\n< {name}\n\n<> {name}\n".replace("\0", "?"))
    result = read(open_source(folder / "a.http"))
    assert "secret" not in repr(result.config)
    assert len(result.warnings) == 3


def test_from_elsewhere_no_file_is_read():
    result = read(text_source("POST http://localhost/a\n\n< a.json\n", "https://example.org/a.http", ".http"))
    assert "comes from no file" in result.warnings[0].message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("GET http://a/\0", "NUL"),
        ("# nothing\n", "there is no request"),
        ("", "there is no request"),
        ("###\nGET /a\n" * 10_001, "more than 10000 requests"),
    ],
)
def test_what_is_refused(text, message, tmp_path):
    (tmp_path / "a.http").write_text(text)
    with pytest.raises(ConfigError, match=message):
        build(tmp_path / "a.http")


def test_variables_that_stand_for_one_another():
    filled = Variables({"a": "{{b}}", "b": "{{a}}", "c": "{{d}}{{d}}", "d": "x"}, {"d": "y", "e": "z"})
    assert filled.fill("{{ c }}{{%e}}") == "xxz"
    assert "\0" in filled.fill("{{a}}")


def test_variables_that_grow_are_not_known():
    many = {f"v{n}": f"{{{{v{n - 1}}}}}" * 40 for n in range(1, 9)} | {"v0": "x" * 1000}
    assert Variables(many, {}).fill("{{v8}}") == "\0value\0"


def test_a_broken_environment_is_told(tmp_path):
    (tmp_path / "a.http").write_text("GET http://localhost/a\n")
    (tmp_path / variables.ENVIRONMENTS[0]).write_text("{")
    warnings = build(tmp_path / "a.http").loaded.warnings
    assert warnings[0].file.endswith("http-client.env.json")


def test_it_is_told_by_its_request_lines():
    assert recognise(text_source("GET https://example.org/a\nAccept: a\n\n{}", "x")) == "http"
    assert recognise(text_source("GET {{host}}/a", "x")) == "http"


def test_lines_of_windows():
    (request,) = parse("GET /a\r\nX: b\r\n\r\nbody\r\n").requests
    assert (request.url, request.headers, request.body) == ("/a", [("X", "b")], ["body"])
