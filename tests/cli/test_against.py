"""`understudy check --against SPEC`."""

import argparse
import io
import json

import pytest

from understudy.cli import check
from understudy.cli.against import Compared

SPEC = """openapi: 3.1.0
paths:
  /a:
    get:
      responses:
        "200":
          description: OK
          content: { application/json: { schema: { properties: { a: { type: integer } } } } }
  /b:
    get: { operationId: getB, responses: { "200": { description: OK } } }
"""
RIGHT = "endpoints:\n  - path: /a\n    response: { a: 1 }\n"
WRONG = RIGHT.replace("1", "one")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Check a config in a folder with the document: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "api.yaml").write_text(SPEC)

    def run_check(config, *arguments):
        (tmp_path / "config.yaml").write_text(config)
        parser = argparse.ArgumentParser()
        check.add_arguments(parser)
        out, err = io.StringIO(), io.StringIO()
        code = check.run(parser.parse_args(list(arguments)), out, err)
        return code, out.getvalue(), err.getvalue()

    return run_check


def test_what_is_right(run):
    assert run(RIGHT, "--against", "api.yaml") == (
        0,
        "config.yaml: ok, 1 endpoint\n"
        "warning  missing-operation  GET /b: getB  (api.yaml:10)\n"
        "config.yaml against api.yaml: 1 answer, 1 warning\n",
        "",
    )
    both = f"{RIGHT}  - {{ path: /b, body: '' }}"
    assert run(both, "--against", "api.yaml", "--complete")[:2] == (
        0,
        "config.yaml: ok, 2 endpoints\nconfig.yaml against api.yaml: 2 answers, all as documented\n",
    )


def test_what_is_wrong(run):
    code, out, _ = run(WRONG, "--against", "api.yaml", ".")

    assert code == 2
    assert out.splitlines()[1] == (
        'error    invalid-body       GET /a, /a: "one" is not of type "integer"  (config.yaml:2, api.yaml:8)'
    )


def test_each_operation_needs_an_endpoint(run):
    code, out, _ = run(RIGHT, "--against", "api.yaml", "--complete")

    assert code == 2
    assert "error    missing-operation  GET /b" in out


def test_json(run):
    code, out, err = run(WRONG, "--against", "api.yaml", "--json")

    report = json.loads(out)
    assert (code, err, report["ok"], report["problems"]) == (2, "", False, [])
    (compared,) = report["against"]
    assert compared["counts"] == {"error": 1, "warning": 1, "info": 0}
    assert compared["findings"][0]["check"] == "invalid-body"
    assert (compared["config"], compared["document"], compared["answers"]) == ("config.yaml", "api.yaml", 1)


def test_a_document_that_cannot_be_read(run):
    code, _, err = run(RIGHT, "--against", "none.yaml")
    assert code == 2
    assert "none.yaml" in err

    code, out, _ = run(RIGHT, "--against", "config.yaml", "--json")
    assert code == 2
    assert json.loads(out)["problems"][0]["file"] == "config.yaml"


def test_a_config_that_is_wrong_is_not_compared(run):
    code, out, err = run("prot: 1", "--against", "api.yaml")

    assert (code, out) == (2, "")
    assert "unknown key" in err


def test_the_document_leads_to_the_web_only_if_it_may(run, serve, tmp_path):
    server = serve({"endpoints": [{"path": "/a.json", "response": {"get": {"responses": {"200": {}}}}}]})
    (tmp_path / "web.yaml").write_text(f"openapi: 3.1.0\npaths: {{ /a: {{ $ref: '{server.url}/a.json' }} }}")

    code, _, err = run(RIGHT, "--against", "web.yaml")
    assert code == 2
    assert "web addresses need --remote" in err
    assert run(RIGHT, "--against", "web.yaml", "--remote")[::2] == (0, "")


def test_complete_needs_a_document(run):
    assert run(RIGHT, "--complete") == (2, "", "understudy check: --complete goes with --against SPEC\n")


def test_nothing_found():
    assert (
        Compared("a", "b", 0, (), (), complete=True).as_text() == "a against b: 0 answers, all as documented"
    )
