import io
import json
import os
import subprocess
import sys
from http.client import HTTPConnection

import pytest

from understudy.cli import run
from understudy.cli.report import as_text
from understudy.model import Expect


@pytest.fixture
def asked(endpoints):
    server = endpoints({"path": "/stock", "responses": [{"status": 503}, {"status": 503}, {"response": 1}]})
    connection = HTTPConnection("127.0.0.1", server.port)
    for _ in range(3):
        connection.request("GET", "/stock", headers={"User-Agent": "shop/1"})
        connection.getresponse().read()
    connection.close()
    return server


def report(*arguments, capsys):
    code = run(["report", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_text(asked, capsys):
    code, out, _ = report("--port", asked.port, capsys=capsys)
    assert code == 0
    assert out.startswith("warn  1 client sent 3 requests for 1 operation.")
    assert "shop/1 (127.0.0.1)" in out
    assert "no-backoff" in out
    assert "→ Wait before each retry" in out


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 0),
        (("--fail-on", "error"), 0),
        (("--fail-on", "warning"), 1),
        (("--fail-on", "error", "--max-attempts", "3"), 0),
        (("--fail-on", "error", "--max-attempts", "2"), 1),
        (("--fail-on", "error", "--jitter"), 1),
        (("--fail-on", "error", "--jitter", "false", "--backoff", "none", "--succeeds"), 0),
        (("--fail-on", "warning", "--path", "/elsewhere"), 0),
        (("--fail-on", "error", "--timeout-s", "0.1,2"), 0),
        (("--fail-on", "warning", "--timeout-s", "0.1,2"), 1),
    ],
)
def test_a_gate(asked, capsys, options, code):
    assert report("--port", asked.port, *options, capsys=capsys)[0] == code


def test_a_filter_that_fits_nothing_is_told(asked, capsys):
    code, out, err = report("--port", asked.port, "--endpoint", "GET /stok", capsys=capsys)
    assert code == 0
    assert out.startswith("untested")
    assert err == "understudy report: no request fits --endpoint GET /stok\n"


def test_a_terminal_without_arrows(asked):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "understudy", "report", "--port", str(asked.port)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\u2192 Wait before each retry" in done.stdout


class Gone(io.StringIO):
    """Somebody who reads what is printed, and has gone."""

    def write(self, text):
        raise BrokenPipeError


@pytest.mark.parametrize("command", ["report", "chaos", "logs"])
def test_who_has_gone_is_not_taken_for_the_server(asked, command, monkeypatch):
    errors = io.StringIO()
    monkeypatch.setattr(sys, "stdout", Gone())
    monkeypatch.setattr(sys, "stderr", errors)
    monkeypatch.setattr(errors, "close", lambda: None)
    assert run([command, "--port", str(asked.port)]) == 0
    assert errors.getvalue() == ""


def test_json_and_page(asked, capsys, tmp_path):
    file = tmp_path / "report.html"
    code, out, _ = report("--url", asked.url, "--json", "--html", file, capsys=capsys)
    assert (code, json.loads(out)["requests"]) == (0, 3)
    assert file.read_text().startswith("<!doctype html>")
    _, out, _ = report("--url", asked.url, "--html", file, capsys=capsys)
    assert out.endswith(f"wrote {file}\n")


def test_mistakes(asked, capsys, tmp_path):
    code, _, err = report("--port", asked.port, "--backoff", "slow", capsys=capsys)
    assert (code, "backoff" in err) == (2, True)
    code, _, err = report("--port", asked.port, "--html", tmp_path / "no" / "x.html", capsys=capsys)
    assert (code, "cannot be written" in err) == (2, True)
    code, _, err = report("--fail-on", "info", capsys=capsys)
    assert code == 2
    code, _, err = report("--url", "http://127.0.0.1:1", capsys=capsys)
    assert (code, "no Understudy answers" in err) == (2, True)


def test_every_expectation_is_an_option(capsys):
    _, out, _ = report("--help", capsys=capsys)
    assert not [name for name in Expect.__struct_fields__ if f"--{name.replace('_', '-')}" not in out]


def test_nothing_from_outside_reaches_the_terminal_as_it_is():
    evil = "\x1b[31m"
    finding = {
        "check": "no-backoff", "severity": "warning", "client": evil, "operation": evil, "message": evil,
        "advice": "Wait.",
    }  # fmt: skip
    content = {
        "verdict": "warn",
        "summary": "",
        "clients": [],
        "findings": [finding] * 60,
        "expectations": [],
    }
    text = as_text(content)
    assert "\x1b" not in text
    assert "10 more findings" in text
    assert "\x1b[33mwarning\x1b[0m" in as_text(content, color=True)
