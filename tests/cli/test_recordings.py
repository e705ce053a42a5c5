"""`understudy recordings` shows what is in a folder, and gets exchanges in and out."""

import json
import os
from dataclasses import replace

import pytest

from tests.record.exchanges import exchange
from understudy.cli import run
from understudy.cli.recordings import ACTIONS, seconds_of_age
from understudy.record.exchange import Failed
from understudy.record.folder import FolderWriter, read_folder


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "recordings"
    with FolderWriter(path) as writer:
        writer.write(exchange())
        writer.write(exchange("/later", recorded_at=4e9, body=b"x" * 5000))
        writer.write(replace(exchange("/down", recorded_at=1.0), reply=None, failed=Failed("refused", "no")))
    return path


def recordings(capsys, *arguments):
    code = run(["recordings", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_list(folder, capsys):
    code, out, err = recordings(capsys, "list", folder)
    assert (code, err) == (0, "")
    head, down, users, later = out.splitlines()
    assert head.split() == ["ID", "METHOD", "PATH", "STATUS", "SIZE", "AGE"]
    assert down.split()[:4] == ["api.example.com/get-down", "GET", "/down", "refused"]
    assert users.split()[:5] == ["api.example.com/get-users-42", "GET", "/users/42", "200", "9"]
    assert later.split()[3:] == ["200", "5,000", "0s"]


@pytest.mark.parametrize("action", [["list"], ["prune", "--duplicates"], ["export", "--to", "har"]])
def test_without_a_folder_it_is_recordings(action, folder, capsys, monkeypatch):
    monkeypatch.chdir(folder.parent)
    assert recordings(capsys, *action) == recordings(capsys, action[0], "recordings", *action[1:])
    assert recordings(capsys, *action)[0] == 0


def test_list_as_json_and_by_age(folder, capsys):
    _, out, _ = recordings(capsys, "list", folder, "--json", "--older-than", "1d")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["id"] for line in lines] == ["api.example.com/get-down", "api.example.com/get-users-42"]
    assert (lines[0]["status"], lines[0]["failed"]) == (None, "refused")
    assert lines[1]["recorded_at"] == "2026-01-01T00:00:00.125000+00:00"
    assert recordings(capsys, "list", folder, "--older-than", "99999w")[1] == "no recordings\n"


def test_list_of_broken_files(folder, capsys):
    (folder / "broken.json").write_text("{")
    code, out, err = recordings(capsys, "list", folder)
    assert (code, len(out.splitlines())) == (2, 4)
    assert "broken.json:1" in err
    assert recordings(capsys, "list", folder / "gone")[0] == 2


@pytest.mark.parametrize(
    ("text", "seconds"), [("30d", 2_592_000), ("1.5h", 5400), ("2w", 1_209_600), ("90m", 5400), ("1s", 1)]
)
def test_ages(text, seconds):
    assert seconds_of_age(text) == seconds


@pytest.mark.parametrize("text", ["30", "d", "-1d", "1y", "1d2h"])
def test_ages_that_are_none(folder, capsys, text):
    code, _, err = recordings(capsys, "list", folder, f"--older-than={text}")
    assert code == 2
    assert "is no age" in err


def test_remove(folder, capsys):
    code, out, err = recordings(
        capsys, "remove", folder, "api.example.com/get-down", "api.example.com/get-later.json", "../x", "a/b"
    )
    assert (code, out) == (1, "removed 2 exchanges\n")
    assert "'../x' is no id" in err
    assert "there is no recording a/b" in err
    assert [one.id for one in read_folder(folder).exchanges] == ["api.example.com/get-users-42"]
    assert (
        "(did you mean api.example.com/get-users-42?)"
        in recordings(capsys, "remove", folder, "get-users-42")[2]
    )
    assert recordings(capsys, "remove", folder / "gone", "x")[0] == 1
    assert not (folder / "gone").exists()


def test_export_and_import_again(folder, tmp_path, capsys):
    har = tmp_path / "out.har"
    code, out, _ = recordings(capsys, "export", folder, "--to", "har", "--out", har)
    assert (code, out) == (0, f"wrote {har}: 3 exchanges\n")
    code, _, err = recordings(capsys, "export", folder, "--to", "har", "--out", har)
    assert (code, "is there already" in err) == (1, True)
    assert recordings(capsys, "export", folder, "--to", "har", "--out", har, "--force")[0] == 0
    printed = recordings(capsys, "export", folder, "--to", "har")[1]
    assert json.loads(printed) == json.loads(har.read_text())
    code, out, err = recordings(capsys, "import", har, "--out", tmp_path / "in", "--no-redact")
    assert (code, err) == (0, "")
    assert out == f"wrote 3 exchanges to {tmp_path / 'in'}, with their secrets\n"
    before, after = read_folder(folder).exchanges, read_folder(tmp_path / "in").exchanges
    assert [one.reply for one in after] == [one.reply for one in before]
    assert [one.id for one in after] == [one.id for one in before]


def test_secrets_are_taken_out_of_what_is_imported(tmp_path, capsys):
    one = exchange(body=b'{"password": "hunter2hunter2"}' + b" " * (9 * 1024 * 1024))
    headers = ((b"Authorization", b"Bearer s3cr3t-t0ken-of-mine"),)
    with FolderWriter(tmp_path / "a") as writer:
        writer.write(replace(one, request=replace(one.request, headers=headers)))
    large = tmp_path / "a/api.example.com/get-users-42.response.json"
    code, out, _ = recordings(
        capsys, "import", tmp_path / "a/api.example.com/get-users-42.json", "--out", tmp_path / "b"
    )
    assert (code, "taken out" in out) == (0, True)
    assert "s3cr3t" not in (tmp_path / "b/api.example.com/get-users-42.json").read_text()
    assert b"hunter2" in large.read_bytes()
    assert b"hunter2" not in (tmp_path / "b/api.example.com" / large.name).read_bytes()


def test_what_is_no_recording(tmp_path, capsys):
    (tmp_path / "x.har").write_text('{"log": {"entries": 7}}')
    code, _, err = recordings(capsys, "import", tmp_path / "x.har", "--out", tmp_path / "b", "--no-redact")
    assert code == 2
    assert "x.har:1  log.entries" in err
    assert not os.path.exists(tmp_path / "b")


@pytest.mark.parametrize("action", ACTIONS)
def test_help_has_an_example(action, capsys):
    code, out, _ = recordings(capsys, action, "--help")
    assert code == 0
    assert f"  understudy recordings {action} " in out


def test_alone_it_lists_its_actions(capsys):
    code, out, err = recordings(capsys)
    assert (code, err) == (0, "")
    for name, action in ACTIONS.items():
        assert f"  {name:<9}{action.help}\n" in out
    assert "understudy recordings prune recordings --duplicates" in out


def test_refresh_and_prune_are_actions(folder, capsys):
    assert recordings(capsys, "prune", folder, "--older-than", "1m", "--yes")[1].endswith("removed\n")
    code, _, err = recordings(capsys, "refresh", folder, "gone", "--target", "http://127.0.0.1:1")
    assert (code, err) == (2, "understudy recordings refresh: there is no recording gone\n")
    assert run(["recordings", "prune", "--help"]) == 0
    assert "--older-than 90d --yes" in capsys.readouterr()[0]
