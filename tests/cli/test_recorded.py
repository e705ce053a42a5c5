"""Recording, replaying and comparing as real processes: what a user gets to read."""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest

from tests.kit import ask, wait_for
from understudy.cli import record, replay, run


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


def test_the_end_tells_what_a_replay_will_surprise_with(start, endpoints):
    server = endpoints({"path": "/old", "status": 302, "headers": {"Location": "{{ query.to }}"}})
    target = f"http://127.0.0.1:{server.port}"
    process, url = start("record", "--target", target)
    for to in (f"{target}/new", "/new", "http://elsewhere.example/"):
        assert ask(
            SimpleNamespace(port=int(url.rpartition(":")[2])), f"GET /old?to={to} HTTP/1.1\r\nHost: a\r\n\r\n"
        )
    out = ended(process)
    assert "\n3 recorded exchanges in recordings\n1 redirect leads clients past this recorder, to " in out

    page = '<a href="https://files.test/a.whl"><script src="//cdn.test/b.js">'
    index = endpoints({"path": "/", "headers": {"Content-Type": "text/html"}, "body": page})
    process, url = start("record", "--target", f"http://127.0.0.1:{index.port}", "--out", "index")
    get(url)
    assert (
        "\nlinks in replies lead clients past this recorder, to cdn.test, files.test: with --forward in the"
        " place of --target that is recorded, too\nNext: understudy replay index\n"
    ) in ended(process).replace("files.test, cdn.test", "cdn.test, files.test")

    process, url = start("record", "--target", "http://127.0.0.1:1", "--out", "down")
    with pytest.raises(urllib.error.HTTPError, match="502"):
        get(url)
    last = ended(process).splitlines()[-3:]
    assert last == [
        "1 recorded exchange in down, 1 without a whole answer, which a replay will fail, too:",
        "  http://127.0.0.1:1 refuses connections",
        "Next: understudy replay down",
    ]


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


def test_a_proxy_for_others_says_that_it_needs_the_token(start, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_TOKEN", "letmein")
    process, _ = start("record", "--forward", "--host", "0.0.0.0")
    assert "export HTTP_PROXY=http://TOKEN@127.0.0.1:" in ended(process)


def test_no_server_to_compare_with(tmp_path, capsys):
    (tmp_path / "a.json").write_text(
        '{"request": {"method": "GET", "url": "http://localhost/a"}, "response": {"status": 200}}'
    )
    assert run(["diff", str(tmp_path)]) == 2
    assert "which server is asked? --target URL" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["record", "--proxy-all", "http://x"], "(--target URL)"),
        (["record", "--record-mappings"], "it records all: give only --target URL"),
        (["record", "http://x", "--folder", "tape"], "(--out FOLDER)"),
        (["record", "--forward", "--hosts", "a"], "(with --forward: --only HOST)"),
        (["replay", "--folder", "tape"], "the recording stands without an option"),
        (["diff", "tape", "--url", "http://a"], "(--target URL)"),
        (["record", "nonsense"], "nonsense is neither a server, such as https://api.example.com, nor one of"),
        (["record", "http://a", "--target", "http://b"], "is neither a server"),
        (["record", "http://a", "--forward"], "--target URL, or --forward: both were given"),
        (["replay", "x.har", "--record-mode=once"], "`understudy record --target URL --mode once` records"),
        (["replay", "--server-replay-reuse"], "--then repeat"),
        (["--record-mappings"], "understudy record --target URL"),
        (["proxy"], "did you mean record?"),
        (["simulate", "x.json"], "did you mean replay?"),
        (["recordings", "export", "tape", "--to", "openapi"], "Try: understudy export tape --to openapi"),
        (["diff", "one.json"], "there is no one.json"),
        (["diff"], "two documents are needed, or a recording and --target URL"),
    ],
)
def test_words_of_other_tools_and_mistakes(tmp_path, monkeypatch, capsys, arguments, hint):
    monkeypatch.chdir(tmp_path)
    assert run(arguments) in (1, 2)
    assert hint in capsys.readouterr().err


def test_clients_of_a_proxy_find_the_same_one_again(start, tmp_path, echo):
    def through(proxy, url):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy}))
        with opener.open(url) as reply:
            return json.load(reply)

    process, proxy = start("record", "--forward")
    assert through(proxy, f"{echo.url}/query?q=1") == {"q": "1"}
    assert ended(process).endswith("\nNext: understudy replay recordings --forward\n")
    process, proxy = start("replay", "--forward")
    assert through(proxy, f"{echo.url}/query?q=1") == {"q": "1"}
    with pytest.raises(urllib.error.HTTPError, match="404"):
        through(proxy, "http://other.example/query?q=1")
    out = ended(process)
    assert "ms, recorded\n" in out
    assert "ms, never recorded\n" in out


def test_every_hint_is_about_an_option_that_is_not_there():
    for module in (record, replay):
        parser = argparse.ArgumentParser()
        module.add_arguments(parser)
        options = {name for action in parser._actions for name in action.option_strings}
        assert not options & module.INSTEAD.keys()


def test_without_a_folder_it_is_recordings(start, tmp_path, echo):
    process, url = start("record", echo.url)
    get(f"{url}/ok")
    ended(process)
    process, url = start("replay")
    assert json.loads(get(f"{url}/ok")) == {"ok": True}
    ended(process)
