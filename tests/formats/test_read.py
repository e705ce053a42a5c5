import pytest

from understudy.errors import ConfigError
from understudy.formats import FORMATS, _function
from understudy.formats.read import is_text, open_source, read, recognise, text_source
from understudy.load.source import Source

SPEC = "openapi: 3.0.0\npaths:\n  /a: { get: { responses: { '204': { description: none } } } }\n"


def test_a_format_is_told_by_what_is_in_the_file(tmp_path):
    path = tmp_path / "anything.txt"
    path.write_text(SPEC)

    assert recognise(open_source(path)) == "openapi"
    assert read(open_source(path)).config == {"endpoints": [{"path": "/a", "status": 204}]}


def test_every_format_has_the_functions_that_it_names():
    for row in FORMATS.values():
        assert callable(_function(row.home))
        assert row.writer is None or callable(_function(row.writer))


def test_text_from_elsewhere_has_lines(tmp_path):
    with pytest.raises(ConfigError) as raised:
        read(text_source(SPEC.replace("3.0.0", "9"), "https://example.org/api.yaml"), "openapi")

    (problem,) = raised.value.problems
    assert (problem.file, problem.line, problem.path) == ("https://example.org/api.yaml", 1, "openapi")


def test_variables_of_the_environment_mean_nothing(tmp_path):
    path = tmp_path / "api.yaml"
    path.write_text(SPEC + "x-a: ${NOT_SET}\n")

    assert open_source(path).data["x-a"] == "${NOT_SET}"


def test_what_no_format_looks_like(tmp_path):
    with pytest.raises(ConfigError, match="looks like this folder"):
        read(open_source(tmp_path))
    with pytest.raises(ConfigError, match="there is no such format"):
        read(text_source(SPEC, "here"), "word")
    with pytest.raises(ConfigError, match="looks like this"):
        read(text_source("1", "here"))
    with pytest.raises(ConfigError, match="cannot be read: no such file"):
        open_source(tmp_path / "none")
    assert recognise(Source(tmp_path / "none")) is None


def test_a_config_is_one_already(tmp_path):
    path = tmp_path / "config.json"
    path.write_text('{"port": 8000, "cors": true, "endpoints": []}')
    with pytest.raises(
        ConfigError, match=r"this is a config already: serve it with `understudy .*config\.json`"
    ):
        read(open_source(path))


def test_text_that_no_json_can_hold(tmp_path):
    path = tmp_path / "api.json"
    path.write_text('{"openapi": "3.0.0", "paths": {"/\\ud800": 1}}')

    with pytest.raises(ConfigError, match="half a surrogate pair"):
        open_source(path)
    with pytest.raises(ConfigError, match="larger than 64 MB"):
        text_source("a" * (64 * 1024 * 1024 + 1), "here")


def test_text_is_data_where_a_format_looks_like_it(tmp_path):
    path = tmp_path / "a.HTTP"
    path.write_text("GET /a: b")

    assert (is_text(".HTTP"), is_text(".yaml")) == (True, False)
    assert open_source(path).data == "GET /a: b"
    assert recognise(open_source(path)) == "http"
    text = "curl -H 'a: b' https://example.org"
    assert text_source(text, "here").data == text
    assert text_source(text, "here", ".yaml").data == {"curl -H 'a": "b' https://example.org"}
    assert text_source("description: |\n  curl a\n" + SPEC, "here").data["openapi"] == "3.0.0"
    assert text_source("a: b", "here", "", "curl").data == "a: b"
