import argparse
import io
import json

import pytest

from tests.record.kit import exchange
from understudy.cli import check
from understudy.record.folder import FolderWriter


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Write files into an empty working directory and check some of them: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run_check(*arguments, **files):
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text)
        parser = argparse.ArgumentParser()
        check.add_arguments(parser)
        out, err = io.StringIO(), io.StringIO()
        code = check.run(parser.parse_args(list(arguments)), out, err)
        return code, out.getvalue(), err.getvalue()

    return run_check


def test_ok(run):
    files = {"a_json": '{"endpoints": [{"path": "/a"}]}', "b_yaml": "endpoints: []"}

    assert run("a.json", "b.yaml", **files) == (0, "a.json: ok, 1 endpoint\nb.yaml: ok, 0 endpoints\n", "")


def test_the_config_of_the_working_directory(run):
    assert run(config_yaml="port: 1") == (0, "config.yaml: ok, 0 endpoints\n", "")


def test_problems(run):
    code, out, err = run(
        "a.json", "b.json", "c.json", a_json='{"port": -1}', b_json='{"port": 1}', c_json="{"
    )

    assert code == 2
    assert out == "b.json: ok, 0 endpoints\n"
    assert "a.json:1  port\n  the number is too small" in err
    assert "c.json:1\n  not valid JSON" in err


def test_a_template_that_cannot_be_compiled_is_a_problem(run):
    code, _, err = run("a.yaml", a_yaml='endpoints:\n  - path: /a\n    response:\n      x: "{{ nothing }}"')

    assert code == 2
    assert "a.yaml:4  endpoints[0].response.x" in err


def test_warnings(run):
    code, out, err = run("a.yaml", a_yaml="endpoints:\n  - path: /a\n  - path: /a")

    assert code == 0
    assert out == "a.yaml: ok, 2 endpoints\n"
    assert err.startswith("warning: a.yaml:3  endpoints[1]\n  never answers")


def test_json(run):
    code, out, err = run("a.json", "b.json", "--json", a_json='{"prot": 1}', b_json='{"include": "x/*.yaml"}')

    report = json.loads(out)
    assert (code, err, report["ok"]) == (2, "", False)
    assert report["problems"] == [
        {"message": 'unknown key "prot"', "file": "a.json", "line": 1, "path": "prot", "suggestion": '"port"'}
    ]
    assert [warning["found"] for warning in report["warnings"]] == ['"x/*.yaml"']
    assert json.loads(run("--json", "c.json", c_json="{}")[1]) == {"ok": True, "problems": [], "warnings": []}


def test_the_command_describes_itself():
    assert check.NAME == "check"
    assert check.HELP.endswith(".")
    assert "understudy check" in check.EXAMPLE


def test_a_folder_of_recordings(run, tmp_path):
    with FolderWriter(tmp_path / "recordings") as writer:
        writer.write(exchange({"a": 1}, target="/a"))
        writer.write(exchange({"b": 1}, target="/b"))
    found = "recordings: ok, 2 recorded exchanges of api.example.com in recordings\n"
    assert run("recordings") == (0, found, "")

    (tmp_path / "recordings" / "broken.json").write_text("{")
    (tmp_path / "recordings" / "api.example.com" / "get-b.json").write_text('{"request": {"method": 1}}')
    code, out, err = run("recordings")
    assert (code, out) == (2, "")
    assert "broken.json:1" in err
    assert "get-b.json" in err


def test_recordings_beside_endpoints(run, tmp_path):
    with FolderWriter(tmp_path / "tape") as writer:
        writer.write(exchange({"a": 1}, target="/a"))
    config = "endpoints: [{path: /a}]\nrecord: tape\n"
    assert run("a.yaml", a_yaml=config)[1] == (
        "a.yaml: ok, 1 endpoint, 1 recorded exchange of api.example.com in tape\n"
    )
