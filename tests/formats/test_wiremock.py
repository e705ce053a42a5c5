"""Stubs of WireMock's become the configs they should, and these answer as WireMock does."""

import httpx
import pytest

from tests.formats.foreign import cases, check_answers, check_config, imported
from understudy.errors import ConfigError
from understudy.formats.read import open_source, read, recognise

CASES = cases("wiremock")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, tmp_path, serve):
    result = imported(path, tmp_path, "stubs.json")
    check_config(path, result, tmp_path)
    check_answers(path, result, serve)


STUB = '{{"request": {{"urlPath": "{path}"}}, "response": {response}}}'


@pytest.fixture
def root(tmp_path):
    """A folder as WireMock starts in."""
    (tmp_path / "mappings" / "deep").mkdir(parents=True)
    (tmp_path / "__files").mkdir()
    (tmp_path / "mappings" / "a.json").write_text(STUB.format(path="/a", response='{"body": "a"}'))
    (tmp_path / "mappings" / "deep" / "b.json").write_text(
        STUB.format(path="/b", response='{"bodyFileName": "b/b.json"}')
    )
    (tmp_path / "mappings" / "README.md").write_text("not a stub")
    (tmp_path / "__files" / "b").mkdir()
    (tmp_path / "__files" / "b" / "b.json").write_text('{"b": 1}')
    return tmp_path


def test_a_folder(root, serve):
    assert recognise(open_source(root)) == "wiremock"
    result = read(open_source(root))
    assert result.config["static"] == "__files"
    assert result.files == {"__files/b/b.json": b'{"b": 1}'}
    assert [file.name for file in result.read] == ["a.json", "b.json"]
    assert [origin.line for origin in result.origins] == [1, 1]
    server = serve(root)
    assert httpx.get(server.url + "/a").text == "a"
    assert httpx.get(server.url + "/b").json() == {"b": 1}
    assert httpx.get(server.url + "/b/b.json").json() == {"b": 1}  # where no stub fits


def test_files_outside_are_not_read(root, tmp_path_factory):
    secret = tmp_path_factory.mktemp("outside") / "secret.txt"
    secret.write_text("secret")
    (root / "__files" / "link.txt").symlink_to(secret)
    assert "__files/link.txt" not in read(open_source(root)).files


def test_files_that_are_too_large_are_left_out(root, monkeypatch):
    monkeypatch.setattr("understudy.formats.wiremock.read.MAX_FILES_BYTES", 3)
    messages = [problem.message for problem in read(open_source(root)).warnings]
    assert messages == [
        "the files in __files are larger than 0 MB: the rest is left out",
        "this stub is left out: there is no file 'b/b.json' in __files",
    ]


def test_every_broken_file_is_told(root):
    (root / "mappings" / "a.json").write_text("{")
    (root / "mappings" / "deep" / "b.json").write_text("[1,]")
    with pytest.raises(ConfigError) as caught:
        read(open_source(root))
    assert [problem.line for problem in caught.value.problems] == [1, 1]


def test_names_are_told_apart(tmp_path):
    file = tmp_path / "stubs.json"
    one = '{"name": "n", "request": {}, "response": {}}'
    file.write_text(f'{{"mappings": [{one}, {one}]}}')
    result = read(open_source(file))
    assert [endpoint["name"] for endpoint in result.config["endpoints"]] == ["n (1)", "n (2)"]


@pytest.mark.parametrize(
    "stub", ["1", "[]", '{"request": 1}', '{"request": {"headers": {"a": "b"}}}', "null"]
)
def test_what_is_no_stub_is_left_out_with_its_place(stub, tmp_path):
    file = tmp_path / "stubs.json"
    file.write_text(f'{{"mappings": [\n{stub}\n]}}')
    result = read(open_source(file), "wiremock")
    assert result.config["endpoints"] == []
    (problem,) = result.warnings
    assert problem.line == 2
    assert "this stub is left out" in problem.message


def test_mappings_are_a_list(tmp_path):
    file = tmp_path / "stubs.json"
    file.write_text('{"mappings": {}}')
    with pytest.raises(ConfigError, match="`mappings` is a list of stubs"):
        read(open_source(file), "wiremock")


def test_a_response_without_templates_in_it_stays_text(tmp_path):
    """What only looks like a template of ours is none, whatever WireMock would have run."""
    file = tmp_path / "stub.json"
    file.write_text(
        '{"request": {}, "response": {"body": "{% if %}", "transformers": ["response-template"]},'
        ' "postServeActions": {"webhook": {"url": "http://a.test/{% x %}"}}}'
    )
    (endpoint,) = read(open_source(file)).config["endpoints"]
    assert endpoint["body"] == "{% raw %}{% if %}{% endraw %}"
    assert "templates" not in endpoint


def test_a_template_over_several_values(tmp_path, serve):
    file = tmp_path / "stub.json"
    file.write_text(
        '{"request": {"urlPath": "/"}, "response": {"transformers": ["response-template"],'
        ' "jsonBody": ["{{#if request.query.a}}", 1, "{{/if}}"]}}'
    )
    assert httpx.get(serve(file).url + "/?a=1").text == '["",1,""]'
