import json
import subprocess
import sys

import pytest

from tests.kit import get, wait_for
from understudy.cli import run


@pytest.fixture
def asked(endpoints):
    server = endpoints({"path": "/a"}, {"path": "/f", "failure_rate": 1})
    get(server, "/a?x=1")
    get(server, "/f")
    get(server, "/nowhere")
    return server


def logs(*arguments, capsys):
    code = run(["logs", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out.splitlines(), err


def test_pretty(asked, capsys):
    code, lines, _ = logs("--port", asked.port, capsys=capsys)
    assert code == 0
    assert "200  GET    /a?x=1" in lines[0]
    assert "failure injected" in lines[1]
    assert "no endpoint" in lines[2]


def test_who_let_it_go_wrong_and_what_could_not_be_done(serve, capsys):
    profiles = {"slow": {"latency_ms": 1}}
    chaos = {"profiles": profiles, "active": "slow", "request_headers": True}
    server = serve({"chaos": chaos, "endpoints": [{"path": "/a"}]})
    get(server, "/a", headers="X-Understudy-Fault: reset\r\n")
    _, (line,), _ = logs("--port", server.port, capsys=capsys)
    assert "latency injected (profile slow), X-Understudy-Fault: reset may not be asked for" in line


def test_what_was_asked_of_a_proxy_has_its_server(serve, capsys):
    server = serve({"forward_proxy": True, "endpoints": [{"path": "/a"}]})
    get(server, "http://shop.example/a?x=1")
    get(server, "/a?to=http://shop.example")
    _, lines, _ = logs("--port", server.port, capsys=capsys)
    assert "200  GET    http://shop.example/a?x=1  " in lines[0]
    assert "200  GET    /a?to=http://shop.example  " in lines[1]
    _, lines, _ = logs("--port", server.port, "--json", capsys=capsys)
    assert [json.loads(line).get("url") for line in lines] == ["http://shop.example/a?x=1", None]


def test_json_and_filters(asked, capsys):
    _, lines, _ = logs("--url", asked.url, "--json", "--status", "5xx", capsys=capsys)
    assert [json.loads(line)["path"] for line in lines] == ["/f"]


def test_unmatched_and_of_a_space(asked, capsys):
    get(asked, "/gone", headers="X-Understudy-Space: mine\r\n")
    _, lines, _ = logs("--port", asked.port, "--unmatched", "--json", capsys=capsys)
    assert [json.loads(line)["path"] for line in lines] == ["/nowhere", "/gone"]
    _, lines, _ = logs("--port", asked.port, "--space", "mine", "--json", capsys=capsys)
    assert [json.loads(line)["path"] for line in lines] == ["/gone"]


def test_mistakes(asked, capsys):
    code, _, err = logs("--port", asked.port, "--status", "many", capsys=capsys)
    assert (code, "status is a number" in err) == (2, True)
    asked.stop()
    code, _, err = logs("--url", "http://127.0.0.1:1", capsys=capsys)
    assert code == 1
    assert "no Understudy answers at http://127.0.0.1:1" in err
    assert logs("--url", "ftp://x", capsys=capsys)[0] == 1


def test_follow_prints_new_requests(asked):
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "understudy",
            "logs",
            "-f",
            "--port",
            str(asked.port),
            "--json",
            "--limit",
            "0",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(lambda: asked._server.journal.listeners)
        get(asked, "/a?new=1")
        assert json.loads(process.stdout.readline())["query"] == {"new": "1"}
    finally:
        process.terminate()
        process.communicate()


def test_overview_lists_every_command(capsys):
    from understudy.cli import COMMANDS

    assert run(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name}" in out for name in COMMANDS)
