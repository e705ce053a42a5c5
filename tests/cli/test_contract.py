"""`understudy api.yaml --target URL`, as a real process before a real server."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from tests.kit import wait_for
from tests.openapi.served import PETS
from tests.record.live import Real
from understudy.cli.contract import SHOWN_FINDINGS, Summary, WrongOption, document_before
from understudy.errors import ConfigError


@pytest.fixture
def real():
    with Real() as real:
        yield real


@pytest.fixture
def start(tmp_path):
    (tmp_path / "pets.yaml").write_text(PETS)
    (tmp_path / "config.yaml").write_text("endpoints: [{ path: /a }]\n")
    processes = []

    def run(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "understudy", *map(str, arguments)],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def serving(start, tmp_path):
    """A process that listens: how it is asked, and how it ends."""

    def run(*arguments):
        process = start(*arguments, "--port", 0, "--port-file", "port", "--quiet")
        file = tmp_path / "port"
        port = int(wait_for(lambda: file.exists() and file.read_text(), 30))

        def ask(path, **headers):
            request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
            try:
                with urllib.request.urlopen(request) as answer:
                    return answer.status
            except urllib.error.HTTPError as error:
                error.close()
                return None

        def end():
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
            assert err == ""
            return process.returncode, out

        ask.port = port
        return ask, end

    return run


def test_violations_are_told_of_at_the_end(serving, real):
    ask, end = serving("pets.yaml", "--target", real.url, "--fail-on", "error")
    assert ask("/v1/pets") == 200
    assert ask("/v1/dogs") == 200
    code, out = end()
    assert code == 1
    assert f"held     against pets.yaml: {real.url}" in out
    lines = out.splitlines()[-6:]
    assert lines == [
        "error    invalid-request       GET /pets, /security: Invalid security scheme used",
        "error    invalid-reply         GET /pets, /body: Response body must be array",
        "warning  unseen-operation      POST /pets",
        "warning  unseen-operation      GET /pets/{petId}",
        "warning  undocumented-request  GET /v1/dogs",
        "1 request for 1 of 3 operations: 2 errors, 3 warnings",
    ]
    assert real.asked[0].line == "GET /v1/pets HTTP/1.1"


def test_without_fail_on_it_ends_well(serving, real):
    ask, end = serving("pets.yaml", "--target", real.url, "--log-format", "json")
    ask("/v1/pets")
    code, out = end()
    assert code == 0
    assert json.loads(out.splitlines()[-1])["counts"]["error"] == 2


def test_errors_refuse(serving, real):
    ask, end = serving("pets.yaml", "--target", f"{real.url}/v1", "--errors", "--fail-on", "warning")
    assert ask("/pets") is None
    assert real.asked == []
    assert ask("/pets", **{"X-Key": "k"}) is None
    assert real.asked[0].line == "GET /v1/pets HTTP/1.1"
    assert ask("/dogs") is None
    assert len(real.asked) == 1
    code, out = end()
    assert code == 1
    assert "undocumented-request  GET /dogs" in out


def test_what_passes_is_recorded(serving, start, real, tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "pets.yaml").write_text(PETS)
    ask, end = serving("docs/pets.yaml", "--target", real.url, "--record", "kept/here")
    assert ask("/v1/pets", **{"X-Key": "k"}) == 200
    assert ask("/v1/dogs") == 200
    code, out = end()
    assert code == 0
    assert "\n2 recorded exchanges in kept/here" in out
    assert "\nNext: understudy replay kept/here\nerror    invalid-reply " in out
    host = real.url.removeprefix("http://").replace(":", "_")
    names = {path.name for path in (tmp_path / "kept" / "here" / host).iterdir()}
    assert names == {"get-v1-pets.json", "get-v1-dogs.json"}
    assert f"target: {real.url}\n" in (tmp_path / "kept" / "here" / "recordings.yaml").read_text()


def test_what_is_refused_is_not_recorded(serving, real, tmp_path):
    ask, end = serving("pets.yaml", "--target", real.url, "--errors", "--record", "kept")
    ask("/v1/pets")
    assert "\nnothing was recorded\n" in end()[1]


def test_errors_of_a_mock(serving, tmp_path):
    (tmp_path / "pets.yaml").write_text(PETS.replace("id: 1, name: Rex", "id: x"))
    ask, end = serving("pets.yaml", "--errors")
    assert ask("/v1/pets", **{"X-Key": "k"}) is None
    assert end()[0] == 0


def test_the_report_of_a_running_server_tells_too(serving, start, real):
    ask, _ = serving("pets.yaml", "--target", real.url)
    ask("/v1/pets", **{"X-Key": "k"})
    report = start("report", "--port", ask.port, "--fail-on", "error")
    out, err = report.communicate(timeout=30)
    assert (report.returncode, err) == (1, "")
    assert "invalid-reply" in out
    report = start("report", "--port", ask.port, "--fail-on", "error", "--path", "/none")
    out, _ = report.communicate(timeout=30)
    assert (report.returncode, "invalid-reply" in out) == (0, False)
    report = start("report", "--port", ask.port, "--json")
    assert json.loads(report.communicate(timeout=30)[0])["contract"]["requests"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--target", "http://localhost:9"], "of which OpenAPI document?"),
        (["pets.yaml", "--target", "localhost:9"], "did you mean http://localhost:9"),
        (["config.yaml", "--target", "http://localhost:9"], "for an OpenAPI document, which this is not"),
        (["none.yaml", "--errors"], "there is no such file"),
        (["config.yaml", "--fail-on", "error"], "nothing is held against a document"),
    ],
)
def test_what_cannot_be_meant(start, arguments, said):
    process = start(*arguments, "--port", 0)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_the_config_that_is_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    url = "https://example.org/api.json"
    config = document_before(url, "http://localhost:9/v2", errors=False).source.data
    assert config["openapi"] == {
        "spec": url,
        "proxy": "http://localhost:9/v2",
        "validate": "warn",
        "validate_responses": "warn",
        "servers": False,
    }
    assert config["proxy"] == "http://localhost:9/v2"
    assert "proxy" not in document_before(url, "http://localhost:9", errors=True).source.data
    with pytest.raises(WrongOption):
        document_before(None, None, errors=True)
    with pytest.raises(WrongOption, match="--target URL"):
        document_before(url, None, errors=False, record=tmp_path / "kept")
    with pytest.raises(ConfigError):
        document_before(str(tmp_path), None, errors=True)


def test_a_summary():
    fine = {"operations": {"GET /a": 1}, "requests": 1, "counts": {"error": 0, "warning": 0}, "findings": []}
    assert Summary(fine).as_text() == "1 request for 1 of 1 operation: all as documented"
    assert not Summary(fine).fails_on("warning")
    one = {
        "level": "warning",
        "check": "invalid-reply",
        "operation": "GET /a\x1b[1m",
        "pointer": "/a",
        "message": "",
        "times": 2,
    }
    many = {**fine, "counts": {"error": 0, "warning": 1}, "findings": [one] * (SHOWN_FINDINGS + 1)}
    text = Summary(many).as_text()
    assert "\x1b" not in text
    assert "(2×)" in text
    assert "... and 1 more" in text
    assert (Summary(many).fails_on("warning"), Summary(many).fails_on("error")) == (True, False)
