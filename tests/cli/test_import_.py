import argparse
import io
import json

import pytest

from understudy.build import build
from understudy.cli import import_

SPEC = """\
openapi: 3.0.0
servers: [{ url: /v1 }]
paths:
  /a:
    get:
      summary: Says hello
      responses:
        '200': { description: OK, content: { text/plain: { example: hello } } }
        '700': { description: odd }
"""
CONFIG = """\
# Made of api.yaml by `understudy import`.
# Every key is explained by `understudy schema`.

endpoints:
  # Says hello
  - path: /v1/a
    headers: { Content-Type: "text/plain; charset=utf-8" }
    body: hello
"""
WARNING = """\
warning: api.yaml:9  paths["/a"].get.responses["700"]
  this is no status: the response is left out
  found: 700
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command where there is `api.yaml`: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "api.yaml").write_text(SPEC)

    def run_import(*arguments):
        parser = argparse.ArgumentParser()
        import_.add_arguments(parser)
        out, err = io.StringIO(), io.StringIO()
        code = import_.run(parser.parse_args(list(arguments)), out, err)
        return code, out.getvalue(), err.getvalue()

    return run_import


def test_a_config_is_written(run, tmp_path):
    said = "wrote understudy.yaml: 1 endpoint\nTry: understudy understudy.yaml\n"

    assert run("api.yaml") == (0, said, WARNING)
    assert (tmp_path / "understudy.yaml").read_text() == CONFIG
    assert build(tmp_path).warnings == ()


def test_or_printed(run, tmp_path):
    assert run("api.yaml", "-o", "-") == (0, CONFIG, WARNING)
    assert [path.name for path in tmp_path.iterdir()] == ["api.yaml"]


def test_json(run, tmp_path):
    code, out, err = run("api.yaml", "-o", "new/a.json", "--json", "--no-servers")

    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "ok": True,
        "file": "new/a.json",
        "endpoints": 1,
        "files": [],
        "warnings": [
            {
                "message": "this is no status: the response is left out",
                "file": "api.yaml",
                "line": 9,
                "path": 'paths["/a"].get.responses["700"]',
                "found": "700",
            }
        ],
        "problems": [],
    }
    assert json.loads((tmp_path / "new" / "a.json").read_text())["endpoints"][0]["path"] == "/a"


def test_what_is_there_is_not_overwritten(run, tmp_path):
    (tmp_path / "understudy.yaml").write_text("mine")

    code, out, err = run("api.yaml")

    assert (code, out) == (1, "")
    assert (
        err
        == "understudy: understudy.yaml is there already\nTry: understudy import … --force, or another -o\n"
    )
    assert json.loads(run("api.yaml", "--json")[1])["ok"] is False
    assert (tmp_path / "understudy.yaml").read_text() == "mine"
    assert run("api.yaml", "--force")[0] == 0
    assert (tmp_path / "understudy.yaml").read_text() == CONFIG


def test_neither_are_the_files_beside_it(run, tmp_path):
    (tmp_path / "api.yaml").write_text(SPEC.replace("example: hello", f"example: {'x' * 3000}"))
    (tmp_path / "bodies").mkdir()
    (tmp_path / "bodies" / "get-v1-a.txt").write_text("mine")

    assert run("api.yaml")[0] == 1
    assert not (tmp_path / "understudy.yaml").exists()
    assert run("api.yaml", "--force")[1].startswith(
        "wrote understudy.yaml: 1 endpoint, and 1 file beside it\n"
    )
    assert (tmp_path / "bodies" / "get-v1-a.txt").read_text() == "x" * 3000


def test_what_cannot_be_read(run, tmp_path):
    (tmp_path / "api.yaml").write_text("openapi: 9\ninfo: {}\n")

    code, out, err = run("api.yaml")

    assert (code, out) == (2, "")
    assert err.startswith("understudy: api.yaml:1  openapi\n  this version of OpenAPI is not known\n")
    assert json.loads(run("api.yaml", "--json")[1])["problems"][0]["line"] == 1
    assert run("none.yaml")[0] == 2
    assert run("api.yaml", "-o", "a.toml") == (
        2,
        "",
        "understudy: a.toml must end in .yaml, .yml, .json, or be -\n",
    )


def test_a_place_that_cannot_be_written_to(run, tmp_path):
    code, _, err = run("api.yaml", "-o", "api.yaml/a.yaml")

    assert code == 1
    assert err.startswith("understudy: api.yaml/a.yaml cannot be written: ")


def test_an_address_on_the_web(run, serve):
    part = "get: { responses: { '204': { description: none } } }"
    main = "openapi: 3.0.0\npaths: { /a: { $ref: 'parts/a.yaml' } }"
    server = serve(
        {
            "endpoints": [
                {"path": "/docs/api.yaml", "base64": _base64(main.encode())},
                {"path": "/docs/parts/a.yaml", "base64": _base64(part.encode())},
                {"path": "/latin.yaml", "base64": _base64(b"openapi: \xff")},
            ]
        }
    )

    assert run(f"{server.url}/docs/api.yaml", "-o", "-")[1].endswith(
        "endpoints:\n  - path: /a\n    status: 204\n"
    )
    assert run(f"{server.url}/none", "-o", "-")[2].endswith("cannot be read: the server says 404 Not Found\n")
    assert "not UTF-8" in run(f"{server.url}/latin.yaml", "-o", "-")[2]


def test_a_file_leads_to_the_web_only_if_it_is_allowed_to(run, serve, tmp_path):
    server = serve({"endpoints": [{"path": "/a.json", "response": {"get": {"responses": {"204": {}}}}}]})
    (tmp_path / "api.yaml").write_text(f"openapi: 3.0.0\npaths: {{ /a: {{ $ref: '{server.url}/a.json' }} }}")

    assert "web addresses need --remote" in run("api.yaml", "-o", "-")[2]
    assert run("api.yaml", "-o", "-", "--remote")[1].endswith("  - path: /a\n    status: 204\n")


def _base64(data):
    import base64

    return base64.b64encode(data).decode()


def test_of_an_archive_some_may_be_kept(run, tmp_path):
    (tmp_path / "session.har").write_text(
        json.dumps({"log": {"entries": [entry(n) for n in ("a", "b", "c")]}})
    )

    code, out, _ = run("session.har", "-o", "-", "--host", "a.test", "--host=b.*", "--no-assets", "--latency")

    assert code == 0
    assert [line for line in out.splitlines() if "path" in line or "latency" in line] == [
        "  - path: /a",
        "    latency_ms: 7",
        "  - path: /b",
        "    latency_ms: 7",
    ]


def entry(name):
    return {
        "time": 7,
        "request": {"url": f"https://{name}.test/{name}"},
        "response": {"status": 200, "content": {"mimeType": "application/json", "text": "{}"}},
    }


def test_a_database_stays_where_it_is(run, tmp_path):
    (tmp_path / "db.json").write_text('{"posts": [{"id": 1}]}')

    assert run("db.json", "-o", "mock.yaml")[1].startswith("wrote mock.yaml: 1 endpoint, and 1 file beside")
    assert run("db.json", "-o", "sub/mock.yaml")[0] == 0
    assert (tmp_path / "sub" / "db.json").read_text() == '{"posts": [{"id": 1}]}'
    assert build(tmp_path / "mock.yaml").loaded.database == {"posts": [{"id": 1}]}
    assert run("db.json", "-o", "db.json", "--force") == (
        1,
        "",
        "understudy: db.json would be overwritten by the config that reads it\nTry: another -o\n",
    )


def test_curl_commands(run):
    code, out, err = run(
        "--curl",
        "curl https://example.org/a",
        "--curl",
        "curl -d '{\"b\": 1}' https://example.org/b",
        "-o",
        "-",
    )

    assert (code, err.splitlines()[0]) == (0, "warning: --curl:1")
    assert out == (
        "# Made of a curl command by `understudy import`.\n"
        "# Every key is explained by `understudy schema`.\n\n"
        "endpoints:\n"
        "  # the answer is still to be written\n"
        "  - path: /a\n"
        "    response: {}\n\n"
        "  # the answer is still to be written\n"
        "  - path: /b\n"
        "    method: POST\n"
        "    match: { body: { json: { b: 1 } } }\n"
        "    response: {}\n"
    )


def test_one_thing_is_imported(run):
    assert run()[0] == run("api.yaml", "--curl", "curl a")[0] == 2
    assert "name one thing" in run()[2]


def test_a_format_of_text_is_read_if_somebody_says_so(run, tmp_path):
    (tmp_path / "notes.txt").write_text("example.org/a")
    (tmp_path / "commands.sh").write_text("curl https://example.org/b")

    assert "path: /a" in run("notes.txt", "--format", "http", "-o", "-")[1]
    assert "path: /b" in run("commands.sh", "-o", "-")[1]


def test_requests_are_sent_if_somebody_says_so(run, endpoints):
    server = endpoints({"path": "/a", "method": "POST", "status": 201, "response": {"id": 7}})

    code, out, err = run("--curl", f"curl -d '{{}}' {server.url}/a; curl $X/b", "--send", "-o", "-")

    assert "status: 201" in out
    assert "response: { id: 7 }" in out
    assert code == 0
    assert "this request was not sent: some of its variables have no value" in err
    assert run("api.yaml", "--send", "-o", "-") == (0, CONFIG, WARNING)
