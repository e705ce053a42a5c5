import argparse
import gzip
import io
import json

import pytest

from tests.record.redact.corpus import KEYS
from understudy.cli import scan

KEY = KEYS["github classic"][0]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Scan files: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run_scan(*arguments):
        parser = argparse.ArgumentParser()
        scan.add_arguments(parser)
        out, err = io.StringIO(), io.StringIO()
        code = scan.run(parser.parse_args(list(arguments)), out, err)
        assert KEY not in out.getvalue() + err.getvalue()
        assert "hunter2" not in out.getvalue() + err.getvalue()
        return code, out.getvalue(), err.getvalue()

    return run_scan


def test_secrets_are_told_with_their_places_but_not_shown(run, tmp_path):
    folder = tmp_path / "recordings" / "users"
    folder.mkdir(parents=True)
    (folder / "get.json").write_text('{\n  "user": "ada",\n  "password": "hunter2"\n}\n')
    (folder / "body.txt").write_text(f"first\nsecond {KEY}\n")
    (folder / "clean.json").write_text(
        '{"password": "REDACTED-password", "id": "123e4567-e89b-42d3-a456-426614174000"}'
    )
    (folder / "body.json.gz").write_bytes(gzip.compress(b'{"a":1,\n"token":"hunter2"}'))

    code, out, err = run("recordings")
    assert run() == (code, out, err)

    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "recordings/users/body.json.gz:2  token         (7 characters)",
        "recordings/users/body.txt:2      github_token  ghp_… (40 characters)",
        "recordings/users/get.json:3      password      (7 characters)",
        "3 secrets in 3 of 4 files",
    ]


def test_nothing_is_found(run, tmp_path):
    (tmp_path / "a.yaml").write_text("password: REDACTED-password\nname: ada\n")

    assert run("a.yaml") == (0, "no secrets in 1 file\n", "")


def test_yaml(run, tmp_path):
    (tmp_path / "a.yaml").write_text(
        "a: b\ndb:\n  password: hunter2\n  headers:\n    Authorization: Basic aHVudGVyMjpodW50ZXIy\n"
    )

    code, out, _ = run("a.yaml", "--json")

    found = [(one["line"], one["rule"]) for one in json.loads(out)["findings"]]
    assert (code, found) == (1, [(3, "password"), (5, "basic")])


def test_recordings(run, tmp_path):
    headers = [
        "Host: example.org",
        "Authorization: Bearer hunter2",
        "Cookie: a=hunter2",
        "X-Api-Key: hunter2",
        "Accept: */*",
    ]
    (tmp_path / "a.json").write_text(json.dumps({"request": {"headers": headers}}, indent=1))

    found = [(one["line"], one["rule"]) for one in json.loads(run("a.json", "--json")[1])["findings"]]

    assert found == [(5, "bearer"), (6, "cookie"), (7, "api_key")]


def test_how_many_secrets_were_taken_out_is_no_secret(run, tmp_path):
    counts = '  "wait_ms": 1.5,\n  "secrets": {\n    "bearer": 1,\n    "card_number": 12\n  }\n}\n'
    (tmp_path / "get.json").write_text(f'{{\n  "note": "{KEY}",\n{counts}')
    (tmp_path / "get.yaml").write_text("secrets:\n  bearer: 1\n  card_number: 12\nwait_ms: 1.5\n")
    inner = '{\n  "json": {\n    "secrets": {\n      "pin": 1234\n    }\n  }\n}\n'
    (tmp_path / "inner.json").write_text(inner)

    _, out, _ = run(".")

    assert [line.split()[:2] for line in out.splitlines()[:-1]] == [
        ["get.json:2", "github_token"],
        ["inner.json:4", "pin"],
    ]


def test_what_is_not_there_is_told(run, tmp_path):
    (tmp_path / "a.txt").write_text("password=hunter2")

    code, out, err = run("a.txt", "missing")

    assert code == 2
    assert err == "understudy scan: missing is not there\n"
    assert "a.txt:1  password" in out


def test_rules_of_a_file_and_of_a_config(run, tmp_path):
    (tmp_path / "a.json").write_text('{"ssn": "123", "token": "abc"}')
    (tmp_path / "rules.yaml").write_text("fields: [ssn]\nkeep: [token]\n")
    (tmp_path / "understudy.yaml").write_text(
        "endpoints: []\nrecord:\n  redact: { fields: [ssn], keep: [token] }\n"
    )

    for option in (("--rules", "rules.yaml"), ("--record", "understudy.yaml")):
        code, out, err = run("a.json", *option)
        assert (code, err) == (1, "")
        assert out.splitlines() == ["a.json:1  ssn  (3 characters)", "1 secret in 1 of 1 file"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("patterns: {a: '('}", "patterns.a: the regular expression cannot be run in bounded time"),
        ("fiels: [a]", "rules.yaml:1"),
        ("fields: [", "rules.yaml"),
    ],
)
def test_mistakes_in_rules(run, tmp_path, text, told):
    (tmp_path / "rules.yaml").write_text(text)

    code, out, err = run(".", "--rules", "rules.yaml")

    assert (code, out) == (2, "")
    assert told in err
    assert run(".", "--rules", "rules.yaml", "--json")[0] == 2
