"""What is made to break a reader gets one clear error, or an answer, in bounded time and memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.formats.hostile import FOREIGN, OPENAPI, PLAIN
from understudy.formats import FORMATS

MOST_BYTES = 3 * 2**30
"""Memory that a process may map, of which code and threads take a third."""
MOST_LINES = 4_000
"""Lines that a command may print of one file."""
SECONDS = 50
"""Time of a processor that a process may take, however many others there are beside it."""
PATIENCE_S = 600
pytestmark = pytest.mark.timeout(2 * PATIENCE_S)

HEAVY = ("MB", "million", "many", "blow", "multiply", "chain", "repeats")
"""What is in the names of files that take their time, which are for `make test-long`."""

STARTER = """
import json, os, resource, signal, sys
import understudy.cli.check, understudy.cli.import_, understudy.engine, understudy.net.builder
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if child == 0:
        os.chdir(asked["folder"])
        said = os.open("said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(said, 1)
        os.dup2(said, 2)
        signal.alarm(asked["patience_s"])
        resource.setrlimit(resource.RLIMIT_CPU, (asked["seconds"],) * 2)
        resource.setrlimit(resource.RLIMIT_AS, (asked["bytes"],) * 2)
        sys.argv[1:] = asked["arguments"]
        exec(asked["script"], {"__name__": "__main__"})
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Forks a process for each line, so that each has limits of its own, but imports are done once."""
RUN = """
import json, sys
from understudy.cli import main
codes = []
for command in json.loads(sys.argv[1]):
    try:
        codes.append(main(command))
    except SystemExit as ended:
        codes.append(ended.code)
print("codes", *codes)
"""
ASK = """
import sys
from understudy.errors import ConfigError
from understudy.build import build
from understudy.engine import World, decide
from understudy.request import Request
try:
    program = build(sys.argv[1])
except ConfigError as error:
    print(error, file=sys.stderr)
    sys.exit(2)
world = World(1, lambda: 0.0)
for endpoint in program.endpoints[:50]:
    target = endpoint.pattern.source.replace("{", "").replace("}", "").encode()[:5000]
    for body in (b"{}", b'{"a": "' + b"a" * 5000 + b'"}', b'"' + b"a" * 5000 + b'!"'):
        for more in ([], [(b"Prefer", b"dynamic=true")]):
            headers = [(b"Host", b"localhost"), (b"Content-Type", b"application/json"), *more]
            reply = decide(program, Request("POST", target, headers, body), world).reply
            assert reply is None or len(reply.body) < 50_000_000, len(reply.body)
"""


def cases(table, all_long=False):
    return [
        pytest.param(
            file, id=name, marks=pytest.mark.long if all_long or any(one in name for one in HEAVY) else ()
        )
        for name, file in table.items()
    ]


@pytest.fixture(scope="module")
def run():
    """`run(folder, script, *arguments)`: what a process with limits of memory and time ends with and says."""
    environment = {**os.environ, "UNDERSTUDY_CACHE_DIR": ""}
    with subprocess.Popen(
        [sys.executable, "-c", STARTER],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as starter:

        def ask(folder: Path, script: str, *arguments: str) -> tuple[int, str]:
            asked = {"folder": str(folder), "script": script, "arguments": arguments}
            starter.stdin.write(
                json.dumps({**asked, "seconds": SECONDS, "patience_s": PATIENCE_S, "bytes": MOST_BYTES})
                + "\n"
            )
            starter.stdin.flush()
            return int(starter.stdout.readline()), (folder / "said").read_text()

        yield ask
        starter.stdin.close()


def check(run, folder: Path, file, *commands: list[str]) -> list[int]:
    """That each command has an answer for the file, and no traceback."""
    with (folder / file.name).open("wb") as stream:
        file.write(stream)
    code, said = run(folder, RUN, json.dumps(commands))
    assert code == 0, said[-2000:]
    assert "Traceback" not in said
    lines = said.splitlines()
    assert len(lines) < MOST_LINES
    codes = [int(one) for one in next(one for one in lines if one.startswith("codes ")).split()[1:]]
    assert set(codes) <= {0, 1, 2}
    assert not any(codes) or len(lines) > 1, "an error says what it is"
    return codes


@pytest.mark.parametrize("file", cases(PLAIN))
def test_files_of_no_format(run, file, tmp_path):
    name = file.name
    assert check(run, tmp_path, file, ["import", name, "-o", "out.yaml"], ["check", name])[0] != 0


@pytest.mark.parametrize(
    "file",
    [
        case
        for name, table in FOREIGN.items()
        for case in cases({f"{name}, {one}": file for one, file in table.items()}, name == "openapi")
    ],
)
def test_files_of_each_format(run, file, tmp_path):
    check(run, tmp_path, file, ["import", file.name, "-o", "out.yaml"], ["check", file.name])


@pytest.mark.parametrize("file", [*cases(OPENAPI), *cases(PLAIN, all_long=True)])
def test_documents_that_drive_the_server(run, file, tmp_path):
    with (tmp_path / file.name).open("wb") as stream:
        file.write(stream)
    (tmp_path / "config.json").write_text(json.dumps({"openapi": {"spec": file.name, "auth": "off"}}))
    code, said = run(tmp_path, ASK, "config.json")
    assert code in (0, 2), said[-2000:]
    assert code == 0 or (said.strip() and "Traceback" not in said)


def test_every_format_has_its_hostile_files():
    # a format that is a folder only has no files: tests/record/test_folder.py has its hostile ones
    assert set(FOREIGN) >= {name for name, row in FORMATS.items() if row.inside is None}
