import argparse
import io
import json

import pytest

from understudy.cli import diff

OLD = """openapi: 3.1.0
info: { title: pets, version: "1" }
paths:
  /pets:
    get:
      parameters:
        - { name: limit, in: query, schema: { type: integer, maximum: 100 } }
      responses:
        "200":
          description: pets
          content:
            application/json:
              schema: { type: array, items: { $ref: "#/components/schemas/Pet" } }
  /pets/{id}:
    get: { responses: { "200": { description: a pet } } }
components:
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: { type: string }
"""
NEW = (
    OLD.replace("maximum: 100", "maximum: 50")
    .replace("{id}", "{petId}")
    .replace("name: { type: string }", "name: { type: string }\n        tag: { type: string }")
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Compare two documents: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run_diff(*arguments, **files):
        for name, text in {"old_yaml": OLD, "new_yaml": NEW, **files}.items():
            (tmp_path / name.replace("_", ".")).write_text(text)
        parser = argparse.ArgumentParser()
        diff.add_arguments(parser)
        out, err = io.StringIO(), io.StringIO()
        code = diff.run(parser.parse_args(list(arguments)), out, err)
        return code, out.getvalue(), err.getvalue()

    return run_diff


def test_breaking_changes(run):
    code, out, err = run("old.yaml", "new.yaml")

    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "error    request-bound-tightened  GET /pets, query parameter limit: maximum 100 → 50"
        "  (old.yaml:7, new.yaml:7)",
        "info     response-property-added  GET /pets, response 200 application/json /*/tag: string"
        "  (old.yaml:21, new.yaml:23)",
        "2 changes: 1 breaking",
    ]


def test_no_change(run):
    assert run("old.yaml", "old.yaml") == (0, "nothing has changed that concerns clients\n", "")


def test_what_it_fails_on(run):
    ignored = ["--ignore", "request-bound-tightened"]

    assert run("old.yaml", "new.yaml", "--fail-on", "nothing")[0] == 0
    assert run("old.yaml", "new.yaml", *ignored)[:2] == (
        0,
        "info     response-property-added  GET /pets, response 200 application/json /*/tag: string"
        "  (old.yaml:21, new.yaml:23)\n1 change: 0 breaking\n",
    )
    assert run("old.yaml", "new.yaml", *ignored, "--fail-on", "any")[0] == 1
    assert run("old.yaml", "old.yaml", "--fail-on", "any")[0] == 0


def test_breaking_ones_only(run):
    assert len(run("old.yaml", "new.yaml", "--breaking")[1].splitlines()) == 2


def test_json(run):
    code, out, err = run("old.yaml", "new.yaml", "--json")

    report = json.loads(out)
    assert (code, err, report["ok"]) == (1, "", False)
    assert report["counts"] == {"error": 1, "warning": 0, "info": 1}
    assert report["changes"][0]["check"] == "request-bound-tightened"
    assert report["changes"][0]["old"] == {"file": "old.yaml", "line": 7}


def test_what_cannot_be_read(run):
    code, out, err = run("old.yaml", "other.yaml", other_yaml="endpoints: []")

    assert (code, out) == (2, "")
    assert err.startswith("understudy diff: other.yaml:1\n  the key `openapi`, with the version, is missing")
    code, out, _ = run("missing.yaml", "old.yaml", "--json")
    assert code == 2
    assert json.loads(out)["problems"][0]["file"] == "missing.yaml"


def test_a_folder_is_no_document(run):
    assert run(".", "new.yaml")[::2] == (
        2,
        "understudy diff: .\n  this is a folder: an OpenAPI document is one file\n",
    )


def test_references_that_lead_nowhere_are_told(run):
    broken = NEW.replace("schemas/Pet", "schemas/Pit")

    code, _, err = run("old.yaml", "broken.yaml", broken_yaml=broken)

    assert code == 1
    assert err.startswith("warning: broken.yaml:13")
    assert "leads nowhere" in err


def test_an_unknown_check(run):
    assert run("old.yaml", "new.yaml", "--ignore", "nonsense")[::2] == (
        2,
        "understudy diff: there is no check nonsense\nTry: understudy diff --checks\n",
    )


def test_one_document_is_not_enough(run):
    assert run("old.yaml")[0] == 2
    assert run("recordingz/")[::2] == (2, "understudy diff: there is no recordingz/\n")


def test_the_checks_are_listed(run):
    code, out, _ = run("--checks")

    assert code == 0
    assert "error    path-removed " in out


def test_the_command_describes_itself():
    assert diff.NAME == "diff"
    assert diff.HELP.endswith(".")
    assert "understudy diff" in diff.EXAMPLE
