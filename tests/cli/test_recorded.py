"""Recording, replaying and comparing as real processes: what a user gets to read."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from tests.kit import wait_for
from understudy.cli import run


@pytest.fixture
def start(tmp_path):
    """Start a command in an empty folder: the process, and the address of its server."""
    processes = []

    def begin(*arguments):
        port = tmp_path / f"port{len(processes)}"
        process = subprocess.Popen(
            [sys.executable, "-m", "understudy", *arguments, "--port", "0", "--port-file", str(port)],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        processes.append(process)
        return process, f"http://127.0.0.1:{int(wait_for(lambda: port.exists() and port.read_text()))}"

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def ended(process):
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    return out


def get(url, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as reply:
        return reply.read()


def test_from_the_first_request_to_the_comparison(start, tmp_path, echo, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    process, url = start("record", "--target", echo.url)
    get(f"{url}/query?q=1", Authorization="Bearer secret-token-of-somebody")
    out = ended(process)
    assert f"  proxy    {echo.url}\n" in out
    assert "  mode     record: all is sent on, and each exchange is added\n" in out
    assert "  folder   no recorded exchanges in recordings yet\n" in out
    assert re.search(r"  200  GET    /query\?q=1  [\d.]+ ms, upstream\n", out)
    last = "1 recorded exchange in recordings, 1 secret taken out\nNext: understudy replay recordings\n"
    assert out.endswith(last)
    assert f"target: {echo.url}\n" in (tmp_path / "recordings" / "recordings.yaml").read_text()

    process, url = start("replay", "recordings")
    get(f"{url}/query?q=1")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(f"{url}/other")
    with urllib.request.urlopen(f"{url}/__logs") as reply:
        assert [entry["source"] for entry in json.load(reply)["logs"]] == ["recorded", "no recording"]
    out = ended(process)
    host = echo.url.removeprefix("http://")
    assert "  mode     replay: only what was recorded is answered\n" in out
    assert f"  folder   1 recorded exchange of {host} in recordings, less than a minute old\n" in out
    assert re.search(r"  200  GET    /query\?q=1  [\d.]+ ms, recorded\n", out)
    assert re.search(r"  404  GET    /other  [\d.]+ ms, never recorded\n", out)

    assert run(["diff", "recordings"]) in (0, 1)
    out, err = capsys.readouterr()
    assert "1 request" in out + err or "no drift" in out + err
    assert run(["recordings", "refresh", "recordings", "*"]) == 0
    assert capsys.readouterr().out.endswith("1 of 1 recording refreshed\n")


def test_nothing_recorded_and_another_mode(start, tmp_path, echo):
    process, _ = start("record", "--target", echo.url, "--mode", "spy", "--out", "tape")
    assert ended(process).endswith("\nnothing was recorded\n")
    assert not (tmp_path / "tape").exists()


def test_settings_that_are_there_stay(start, tmp_path, echo):
    (tmp_path / "recordings").mkdir()
    settings = tmp_path / "recordings" / "recordings.json"
    settings.write_text('{"target": "https://api.example.com"}')
    process, _ = start("record", "--forward", "--no-redact")
    out = ended(process)
    assert "  proxy    of clients: export HTTP_PROXY=http://127.0.0.1:" in out
    assert "must trust this authority: understudy ca\n" in out
    assert "each exchange is added, with its secrets\n" in out
    assert os.listdir(tmp_path / "recordings") == ["recordings.json"]


def test_no_server_to_compare_with(tmp_path, capsys):
    (tmp_path / "a.json").write_text(
        '{"request": {"method": "GET", "url": "http://localhost/a"}, "response": {"status": 200}}'
    )
    assert run(["diff", str(tmp_path)]) == 2
    assert "which server is asked? --target URL" in capsys.readouterr().err
