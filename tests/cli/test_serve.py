"""The command as a real process."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request

import pytest

from tests.kit import wait_for

CONFIG = '{"endpoints": [{"path": "/users/{id:int}"}, {"path": "/a b", "method": ["PUT", "POST"]}]}'


@pytest.fixture
def start(tmp_path):
    (tmp_path / "config.json").write_text(CONFIG)
    processes = []

    def run(*arguments, **options):
        process = subprocess.Popen(
            [sys.executable, "-m", "understudy", *map(str, arguments)],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            **options,
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()
        process.communicate()


def port_of(path):
    return int(wait_for(lambda: path.exists() and path.read_text()))


def test_it_prints_the_address_first_and_every_endpoint_as_a_link(start, tmp_path):
    process = start("--port", 0, "--seed", 42)
    first = process.stdout.readline()
    found = re.fullmatch(r"Understudy serves config\.json at (http://127\.0\.0\.1:\d+)  \(seed 42\)\n", first)
    assert found, first
    lines = [process.stdout.readline() for _ in range(3)]
    assert lines[0].split() == ["GET", f"{found[1]}/users/1"]
    assert lines[1].split()[:2] == ["PUT,", "POST"]
    urllib.request.urlopen(f"{found[1]}/users/7?x=1").read()
    assert re.fullmatch(r"\d\d:\d\d:\d\d  200  GET    /users/7\?x=1  [\d.]+ ms\n", process.stdout.readline())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(start, tmp_path, number):
    process = start("serve", "config.json", "--port", 0, "--quiet", "--port-file", "port")
    port = port_of(tmp_path / "port")
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/users/1").read() == b"{}"
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert "users/1  " not in out, "--quiet prints no requests"


def test_who_presses_twice_does_not_wait_for_requests(start, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(20)
        config = {
            "proxy": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "limits": {"drain_timeout_s": 3600},
        }
        (tmp_path / "config.json").write_text(json.dumps(config))
        process = start("--port", 0, "--port-file", "port")
        port = port_of(tmp_path / "port")
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            with silent.accept()[0]:
                process.send_signal(signal.SIGINT)
                wait_for(lambda: is_closed(port))
                process.send_signal(signal.SIGINT)
                _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")


def is_closed(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) != 0


def test_json_log_format(start):
    process = start("--port", 0, "--log-format", "json")
    started = json.loads(process.stdout.readline())
    urllib.request.urlopen(f"{started['url']}/users/7").read()
    assert json.loads(process.stdout.readline())["path"] == "/users/7"


def test_a_port_in_use_is_one_clear_line(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start("--port", port)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert out == ""
    assert err.count("\n") == 1
    assert f"port {port} on 127.0.0.1 is taken" in err


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["nowhere.json"], 2, "nowhere.json"),
        (["--port", "99999"], 2, "not a port"),
        (["--port", "²"], 2, "not a port"),
        (["--port", "9" * 5000], 2, "not a port"),
        (["--seed", "٣"], 2, "not a seed"),
        (["--prot", "1"], 2, "did you mean --port?"),
        (["--zzz"], 2, "unrecognized arguments: --zzz\n"),
        (["--dynamic"], 2, "in a config: `openapi: {spec: FILE, dynamic: true}`"),
        (["exprt"], 2, "there is no command exprt (did you mean export?)"),
        (["serv", "--quiet"], 2, "did you mean serve?"),
        (["nosuch"], 2, "there is no such file"),
        (["typo.yaml", "b.yaml"], 2, "one file is served; a config may name several documents"),
        (["serv", "typo.yaml"], 2, "there is no command serv (did you mean serve?)"),
        (["cassette.yaml"], 2, "a cassette of VCR's: `understudy replay FILE`"),
        (["mangle", "typo.yaml"], 2, "there is no command mangle\nTry: understudy --help"),
        (["mock", "typo.yaml"], 2, "there is no command mock (did you mean serve?)"),
        (["proxy", "a.yaml", "http://a"], 2, "(did you mean serve FILE --target URL?)"),
        (["--seed", "-1"], 2, "seed"),
        (["--host", "no.such.host.invalid", "--port", "0"], 1, "cannot listen"),
        (["broken.json"], 2, "broken.json:1"),
        (["typo.yaml"], 2, 'did you mean "status"?'),
    ],
)
def test_mistakes_never_show_a_traceback(start, tmp_path, arguments, code, text):
    (tmp_path / "broken.json").write_text("{,}")
    (tmp_path / "typo.yaml").write_text("endpoints:\n- path: /a\n  staus: 201\n")
    (tmp_path / "cassette.yaml").write_text("interactions: []\nversion: 1\n")
    process = start(*arguments)
    _, err = process.communicate(timeout=20)
    assert process.returncode == code
    assert text in err
    assert "Traceback" not in err


def test_without_a_config_it_says_what_to_do(start, tmp_path):
    (tmp_path / "config.json").unlink()
    process = start()
    _, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "understudy init" in err


@pytest.mark.parametrize(
    "arguments", [["--help"], ["serve", "--help"], ["logs", "--help"], ["check", "--help"]]
)
def test_help_has_an_example(start, arguments):
    out, _ = start(*arguments).communicate(timeout=20)
    assert "examples:" in out


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a disk that is always full")
def test_what_is_printed_into_a_full_disk():
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "understudy", "schema"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "understudy schema: no space left on device\n")


def test_version(start):
    out, _ = start("--version").communicate(timeout=20)
    assert re.fullmatch(r"understudy \d+\.\d+\.\d+\n", out)


def test_beyond_this_machine_control_needs_the_token_that_is_printed(start, tmp_path):
    process = start("--host", "0.0.0.0", "--port", 0, "--port-file", "port")
    port = port_of(tmp_path / "port")
    token = next(line for line in process.stdout if "token" in line).split()[-1]
    with pytest.raises(urllib.error.HTTPError, match="401") as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/__health")
    caught.value.close()
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/__health", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(asked) as answer:
        assert answer.status == 200


def test_a_request_cannot_write_on_the_terminal(start, tmp_path):
    callback = {"url": "http://127.0.0.1:1/{{ query.a }}"}
    config = {"endpoints": [{"path": "/a", "callbacks": callback, "body": "ok"}]}
    (tmp_path / "config.json").write_text(json.dumps(config))
    process = start("--port", 0, "--port-file", "port")
    port = port_of(tmp_path / "port")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/a?a=%0Aforged%1B[2J%C2%9B2J") as answer:
        assert answer.read() == b"ok"
    process.terminate()
    _, errors = process.communicate(timeout=20)
    assert re.search(r"^understudy: callback POST http://127.0.0.1:1/\?forged\?\[2J\?2J failed", errors, re.M)


def test_a_broken_save_is_reported_and_the_old_config_goes_on(start, tmp_path):
    process = start("--port", 0, "--port-file", "port", "--quiet")
    port = port_of(tmp_path / "port")
    os.set_blocking(process.stderr.fileno(), False)

    said = ""

    def complained():
        nonlocal said
        (tmp_path / "config.json").write_text('{"endpoints": [{"path": "/a", "statis": 1}]}')
        threading.Event().wait(0.3)  # saving again is what a person would do if nothing happened
        with contextlib.suppress(BlockingIOError):
            said += os.read(process.stderr.fileno(), 10_000).decode()
        return 'did you mean "status"?' in said

    wait_for(complained, seconds=30)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/users/1") as answer:
        assert answer.status == 200


def test_a_document_from_the_web(start, endpoints):
    spec = {"openapi": "3.0.0", "paths": {"/a": {"get": {"responses": {"204": {"description": "none"}}}}}}
    elsewhere = endpoints({"path": "/api.json", "response": spec, "times": 1})
    process = start(f"{elsewhere.url}/api.json", "--port", 0)
    found = re.fullmatch(r"Understudy serves (\S+) at (\S+)  \(seed \d+\)\n", process.stdout.readline())
    assert found[1] == f"{elsewhere.url}/api.json"
    for _ in range(2):
        with urllib.request.urlopen(f"{found[2]}/a") as reply:
            assert reply.status == 204
        reload = urllib.request.Request(f"{found[2]}/__reload", method="POST")
        assert "nothing changed" in urllib.request.urlopen(reload).read().decode()


def test_a_document_that_cannot_be_fetched(start, endpoints):
    elsewhere = endpoints({"path": "/a"})
    process = start(f"{elsewhere.url}/api.json", "--port", 0)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert err.endswith(f"{elsewhere.url}/api.json\n  cannot be read: the server says 404 Not Found\n")


NOT_USED = (
    "aiohttp", "cryptography", "email", "h2", "jsonpath", "jsonschema_rs", "re2", "websockets", "yaml",
    "understudy.contract", "understudy.net.intercept", "understudy.net.upstream", "understudy.openapi",
    "understudy.record.exchange", "understudy.record.folder", "understudy.record.redact", "understudy.report",
)  # fmt: skip


def test_a_small_config_is_served_without_what_it_does_not_use():
    """Every import is waited for, at each start."""
    script = """
import sys
import understudy.cli.console, understudy.cli.serve, understudy.net.server
from understudy.build import build
build({"endpoints": [{"path": "/a", "response": {"ok": True}}]})
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not set(NOT_USED) & set(done.stdout.split())
