"""`understudy replay`, as a real process."""

import json
import socket

import pytest

from tests.cli.test_record import answered, start  # noqa: F401
from tests.clients.recorder import Command
from tests.record.exchanges import exchange
from understudy.cli import run
from understudy.record.folder import FolderWriter


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "kept"
    with FolderWriter(path) as writer:
        writer.write(exchange("/users/42?page=1", body=b'{"id": 42}'))
        writer.write(exchange("/users/42?page=1", body=b'{"id": 43}'))
    return path


def replay(capsys, *arguments):
    code = run(["replay", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_folder_is_replayed(start, folder):  # noqa: F811
    url = start("replay", "kept", "--then", "cycle", "--ignore-query", "page", "--cors")
    assert [answered(url + "/users/42?page=7")[1]["id"] for _ in range(3)] == [42, 43, 42]
    status, told = answered(url + "/users/41")
    assert status == 404
    assert "/users/42" in json.dumps(told)


def test_at_the_end_it_is_told_what_found_no_recording(folder, tmp_path):
    with Command(tmp_path, "replay", folder) as command:
        assert answered(command.url + "/users/42?page=1")[0] == 200
        assert answered(command.url + "/users/41")[0] == 404
    told = "1 request found no recording, and got 404:\n  GET /users/41\n"
    assert command.printed[0].endswith(told)
    with Command(tmp_path, "replay", folder, "--log-format", "json") as for_programs:
        assert answered(for_programs.url + "/users/41")[0] == 404
    assert all(map(json.loads, for_programs.printed[0].splitlines()))


def test_a_file_is_replayed(start, tmp_path):  # noqa: F811
    entry = {
        "startedDateTime": "2026-01-01T00:00:00Z",
        "time": 1,
        "request": {"method": "GET", "url": "http://a/x", "httpVersion": "HTTP/1.1", "headers": []},
        "response": {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "content": {"size": 8, "mimeType": "application/json", "text": '{"id":1}'},
        },
        "timings": {"send": 0, "wait": 1, "receive": 0},
    }
    (tmp_path / "all.har").write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))
    url = start("replay", "all.har")
    assert answered(url + "/x") == (200, {"id": 1})


def test_answers_fail_and_wait_as_asked(start, folder):  # noqa: F811
    url = start("replay", "kept", "--failure-rate", 1, "--delay-ms", 1)
    assert answered(url + "/users/42?page=1")[0] == 500
    [entry] = answered(url + "/__logs")[1]["logs"]
    assert entry["faults"] == ["failure"]
    assert entry["latency_ms"] == 1
    assert entry["endpoint"] == "recording"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere: there is no such file or folder\nTry: understudy record --target URL"),
        (["kept", "--failure-rate", "2"], "--failure-rate: '2' is no share: a number from 0 to 1 (did you"),
        (["kept", "--failure-rate", "10%"], "(did you mean 0.1?)"),
        (["kept", "--failure-rate", "nan"], "a number from 0 to 1\n"),
        (["kept", "--failure-rate", "often"], "a number from 0 to 1\n"),
        (["kept", "--ignore-body", "$.["], "ignore_body"),
        (["kept", "--speed", "10"], "--speed needs --latency"),
        (["kept", "--speed", "0", "--latency", "recorded"], "speed"),
    ],
)
def test_mistakes_are_one_message(folder, tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    code, out, err = replay(capsys, *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.startswith("understudy replay: ")
    assert "Traceback" not in err


def test_all_broken_exchanges_are_named(folder, capsys):
    (folder / "one.json").write_text("{")
    (folder / "two.json").write_text("[]")
    code, _, err = replay(capsys, folder)
    assert code == 2
    assert "one.json" in err
    assert "two.json" in err


def test_a_port_in_use(folder, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, _, err = replay(capsys, folder, "--port", taken.getsockname()[1])
    assert code == 1
    assert "is taken" in err
    assert err.count("\n") == 1
