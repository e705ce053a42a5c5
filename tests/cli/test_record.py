"""`understudy record`, as a real process, and against servers that run."""

import contextlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from tests.clients.recorder import Command
from tests.kit import ask, wait_for
from tests.record.live import Real, files, n, project
from understudy.cli import run


@pytest.fixture
def real():
    with Real() as server:
        yield server


@pytest.fixture
def start(tmp_path):
    """Start a command in a folder of its own; its address."""
    processes = []

    def begin(*arguments):
        port = tmp_path / f"port{len(processes)}"
        written = [*map(str, arguments), "--port", "0", "--port-file", str(port)]
        process = subprocess.Popen(
            [sys.executable, "-m", "understudy", *written],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        processes.append(process)

        def ready():
            assert process.poll() is None, process.communicate()
            return port.exists() and port.read_text()

        return f"http://127.0.0.1:{wait_for(ready, 30).strip()}"

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def answered(url):
    """Status and JSON of a reply."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with contextlib.closing(opener.open(url, timeout=10)) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


KEY = "sk_" + "live_0123456789abcdefXYZ"


def record(capsys, *arguments):
    code = run(["record", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


# --- being between ------------------------------------------------------------------------------------------


def test_a_server_is_recorded(start, real, tmp_path):
    url = start("record", "--target", real.url, "--out", "kept")
    assert [answered(url + "/a")[1]["n"] for _ in range(2)] == [1, 2]
    assert len(files(tmp_path / "kept")) == 2
    again = start("replay", "kept")
    assert [answered(again + "/a")[1]["n"] for _ in range(3)] == [1, 2, 2]


def test_what_is_missing_is_recorded(start, real, tmp_path):
    url = start("record", "--target", real.url, "--mode", "new_episodes")
    assert [answered(url + "/a")[1]["n"] for _ in range(2)] == [1, 1]
    assert len(files(tmp_path / "recordings")) == 1


class Port:
    """What `kit.ask` asks."""

    def __init__(self, url):
        self.port = int(url.rpartition(":")[2])


@pytest.mark.parametrize("path", ["", "/v1"])
def test_redirects_lead_here_and_do_so_in_a_replay(start, endpoints, tmp_path, path):
    server = endpoints({"path": f"{path}/old", "status": 302, "headers": {"Location": "{{ query.to }}"}})
    target = f"http://127.0.0.1:{server.port}{path}"
    plain = f"GET /old?to={target}/new HTTP/1.1\r\nHost: a\r\n\r\n"
    url = start("record", "--target", target, "--rewrite-location")
    assert ask(Port(url), plain).header("location") == "/new"
    [file] = (tmp_path / "recordings").rglob("*.json")
    assert f"Location: {target}/new" in file.read_text()
    assert ask(Port(start("replay")), plain).header("location") == "/new"
    (tmp_path / "recordings" / "recordings.yaml").unlink()
    assert ask(Port(start("replay")), plain).header("location") == f"{target}/new"


def test_a_folder_goes_on_to_name_its_first_server(tmp_path):
    settings = tmp_path / "recordings" / "recordings.yaml"
    settings.parent.mkdir()
    settings.write_text("target: http://one.example\n")
    with Command(tmp_path, "record", "--target", "http://one.example/") as same:
        pass
    assert same.printed[1] == ""
    with Command(tmp_path, "record", "--target", "http://two.example") as other:
        pass
    assert "goes on to name http://one.example" in other.printed[1]
    assert settings.read_text() == "target: http://one.example\n"


def test_a_proxy_records(start, real, tmp_path):
    url = start("record", "--forward")
    answer = ask(Port(url), f"GET {real.url}/a HTTP/1.1\r\nHost: 127.0.0.1:{real.port}\r\n\r\n")
    assert answer.json()["n"] == 1
    assert len(files(tmp_path / "recordings")) == 1


def test_only_some_hosts_are_recorded(start, real, tmp_path):
    url = start("record", "--forward", "--only", "api.example.com")
    answer = ask(Port(url), f"GET {real.url}/a HTTP/1.1\r\nHost: 127.0.0.1:{real.port}\r\n\r\n")
    assert answer.json()["n"] == 1
    assert not files(tmp_path / "recordings")


def test_secrets_are_kept_only_if_asked_for(start, real, tmp_path):
    url = start("record", "--target", real.url, "--no-redact")
    answered(f"{url}/a?api_key={KEY}")
    [file] = (tmp_path / "recordings").rglob("*.json")
    assert KEY in file.read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "neither was given"),
        (["--target", "http://a", "--forward"], "both were given"),
        (["--target", "api.example.com"], "--target: 'api.example.com' is no address of a server: did you"),
        (["localhost:8000/v1"], "(did you mean http://localhost:8000/v1?)"),
        (["127.0.0.1:80"], "(did you mean http://127.0.0.1:80?)"),
        (["stpo"], "(did you mean stop?)"),
        (["nonsense"], "start, stop, status\nTry"),
        (["--target", "http://a", "--only", "b"], "are for --forward"),
        (["--forward", "--refuse-others"], "needs --only"),
        (["--forward", "--rewrite-location"], "is for --target"),
        (["--target", "http://a", "--out", "file.har"], "is one file"),
        (["--target", "http://a", "--out", "broken"], "x.json"),
    ],
)
def test_mistakes_are_one_message(tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.har").write_text('{"log": {"entries": []}}')
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "x.json").write_text("{")
    code, out, err = record(capsys, *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.startswith("understudy record: ")
    assert "Traceback" not in err


# --- servers that run ---------------------------------------------------------------------------------------


@pytest.fixture
def server(serve, tmp_path):
    return serve(project(tmp_path, {"endpoints": []}))


def test_start_status_stop(server, real, capsys, tmp_path):
    url = ["--url", server.url]
    assert record(capsys, "status", *url) == (
        0,
        "nothing is recorded, and nothing answers from recordings\n",
        "",
    )
    code, out, err = record(capsys, "start", "--target", real.url, "--out", "kept", *url)
    assert (code, out, err) == (0, "kept: record, 0 exchanges, 0 of them new, 0 not asked for\n", "")
    n(server)
    code, out, _ = record(capsys, "status", "--json", *url)
    assert code == 0
    assert json.loads(out)["folders"][0]["exchanges"] == 1
    code, out, _ = record(capsys, "stop", *url)
    assert (code, out) == (0, "kept: replay, 1 exchange, 1 of them new, 0 not asked for\n")
    assert n(server) == 1
    assert record(capsys, "start", "--mode", "diff", *url)[0] == 0
    n(server)
    assert "1 differences" in record(capsys, "status", *url)[1]


def test_what_a_running_server_refuses(server, capsys):
    url = ["--url", server.url]
    assert record(capsys, "stop", *url) == (2, "", "understudy record: nothing is being recorded\n")
    code, _, err = record(capsys, "start", *url)
    assert code == 2
    assert "give a `target`" in err
    code, _, err = record(capsys, "start", "--target", "x", *url)
    assert code == 2
    assert "no address of a server" in err
    code, _, err = record(capsys, "start", "--forward", *url)
    assert code == 2
    assert "forward_proxy" in err


def test_nobody_there(capsys):
    code, out, err = record(capsys, "status", "--url", "http://127.0.0.1:9")
    assert (code, out) == (1, "")
    assert "no Understudy answers at http://127.0.0.1:9" in err


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"record": "nowhere"}, "record into it first"),
        ({"record": {"mode": "record"}}, "needs a server to ask"),
        ({"proxy": "http://a", "record": {"mode": "recrod"}}, 'did you mean "record"?'),
        ({"proxy": "http://a", "record": "../out"}, "\n  accepted: a file below "),
        ({"proxy": "http://a", "record": {"redact": {"patterns": {"x": "("}}}}, "patterns.x"),
        ({"proxy": {"target": "http://a", "tls": {"ca_file": "no.pem"}}}, "no.pem is not there"),
        ({"proxy": "a.example.com"}, "no address of a server"),
    ],
)
def test_a_config_is_checked(tmp_path, capsys, config, said):
    code = run(["check", str(project(tmp_path, config))])
    told = "".join(capsys.readouterr())
    assert (code, said in told, "Traceback" in told) == (2, True, False), told


def test_a_port_in_use(capsys):
    with Real() as real:
        code, _, err = record(capsys, "--target", real.url, "--port", real.port)
    assert code == 1
    assert "is taken" in err
    assert err.count("\n") == 1
