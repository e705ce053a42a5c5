import argparse
import io
import json

import pytest

from understudy.build import build
from understudy.cli import export
from understudy.formats import FORMATS

CONFIG = """\
endpoints:
  - { path: /a, response: { n: 1 } }
  - { path: /b, failure_rate: 0.5, body: "{{ query.x | upper }}" }
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command in the folder `shop`, where there is a config: (exit code, stdout, stderr)."""
    folder = tmp_path / "shop"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "understudy.yaml").write_text(CONFIG)

    def run_export(*arguments):
        parser = argparse.ArgumentParser()
        export.add_arguments(parser)
        out, err = io.StringIO(), io.StringIO()
        code = export.run(parser.parse_args(list(arguments)), out, err)
        return code, out.getvalue(), err.getvalue()

    run_export.folder = folder
    return run_export


def test_a_document_is_written(run):
    assert run("--to", "openapi") == (0, "wrote openapi.yaml: 2 endpoints\n", "")
    text = (run.folder / "openapi.yaml").read_text()
    assert text.startswith('openapi: "3.1.0"\n\ninfo: { title: shop, version: "1.0.0" }\n')
    assert "http://localhost:8000" in text
    assert len(build(run.folder / "openapi.yaml").loaded.config.endpoints) == 2


def test_or_printed(run):
    code, out, err = run(
        "understudy.yaml", "--to", "openapi", "-o", "-", "--title", "T", "--url", "http://x/"
    )
    assert (code, err) == (0, "")
    assert "title: T" in out
    assert 'url: "http://x"' in out
    assert [path.name for path in run.folder.iterdir()] == ["understudy.yaml"]


def test_a_folder_with_warnings(run):
    code, out, err = run("--to", "wiremock", "-o", "stubs")
    assert (code, out) == (0, "wrote stubs: 2 endpoints in 2 files\n")
    assert err == (
        "warning: understudy.yaml:3  endpoints[1].failure_rate\n"
        "  `failure_rate` has no counterpart: it never fails\n"
        "warning: understudy.yaml:3  endpoints[1]\n"
        "  it always answers as it did once: {{ query.x | upper }} has no counterpart\n"
    )
    assert sorted(path.name for path in (run.folder / "stubs" / "mappings").iterdir()) == [
        "1-get-b.json",
        "2-get-a.json",
    ]
    assert len(build(run.folder / "stubs").endpoints) == 2


def test_json(run):
    code, out, err = run("--to", "wiremock", "-o", "new/stubs.json", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert len(found.pop("warnings")) == 2
    assert found == {
        "ok": True,
        "file": "new/stubs.json",
        "endpoints": 2,
        "samples": 2,
        "files": [],
        "problems": [],
    }
    assert len(json.loads((run.folder / "new" / "stubs.json").read_text())["mappings"]) == 2


def test_what_is_there_is_not_overwritten(run):
    (run.folder / "openapi.yaml").write_text("mine")
    code, out, err = run("--to", "openapi")
    assert (code, out) == (1, "")
    assert (
        err == "understudy: openapi.yaml is there already\nTry: understudy export … --force, or another -o\n"
    )
    assert json.loads(run("--to", "openapi", "--json")[1])["ok"] is False
    assert (run.folder / "openapi.yaml").read_text() == "mine"
    assert run("--to", "openapi", "--force")[0] == 0


def test_what_cannot_be_written(run):
    (run.folder / "file").write_text("")
    code, _, err = run("--to", "openapi", "-o", "file/openapi.yaml")
    assert code == 1
    assert "cannot be written" in err


@pytest.mark.parametrize(
    "arguments", [("--to", "openapi", "-o", "a.txt"), ("--to", "wiremock", "-o", "a.txt")]
)
def test_a_name_that_says_no_format(run, arguments):
    code, _, err = run(*arguments)
    assert code == 2
    assert "a.txt must end in" in err


def test_a_config_that_is_wrong(run):
    (run.folder / "understudy.yaml").write_text("endpoints: [{ path: a }]\n")
    code, out, err = run("--to", "openapi")
    assert (code, out) == (2, "")
    assert err.startswith("understudy: understudy.yaml:1  endpoints[0]")
    assert json.loads(run("--to", "openapi", "--json")[1])["problems"][0]["line"] == 1
    assert run("none.yaml", "--to", "openapi")[0] == 2


def test_foreign_files_are_exported_too(run):
    (run.folder / "stub.json").write_text('{"request": {"urlPath": "/x"}, "response": {"jsonBody": 1}}')
    code, out, _ = run("stub.json", "--to", "openapi", "-o", "-")
    assert code == 0
    assert "/x:" in out
    assert "title: stub" in out


@pytest.mark.parametrize("name", [name for name, row in FORMATS.items() if row.writer])
def test_each_format_has_a_usual_name(run, name):
    assert name in export.TARGETS
    assert run("--to", name)[0] == 0
    assert (run.folder / export.TARGETS[name].usual).exists()
