"""What the documentation shows is done here, and what it says comes out is compared.

A page is followed from top to bottom, in an empty folder, as a reader would. Its fenced blocks are

    ```yaml title=users.yaml   a file: it is written. If it is config.* or understudy.*, it is served
    ```yaml                    a config, or a part of one: it is loaded, and served if it is asked something;
                               an object with foreign keys only is a reply, to be read
    ```yaml wrong              a config that must be refused (also with a title)
    ```python                  a program that must run, under pytest if it has tests (a title: only written)
    ```console                 lines with `$ ` go to a shell; below them stands what they print
    ```text, ```sh, …          for reading only

In expected output `...` stands for anything, and white space does not count, so that a page may show a JSON
reply on several lines. `$ understudy …` starts a real process. The port that a page names is replaced by the
server's real one, in commands and back in their output.

Another server, which a page records or is a proxy for, is an app in a file of the page that uvicorn runs:
`$ uvicorn shop:app --port 9000 &` starts it on a free port, in whose place the page goes on to say 9000, and
`$ kill %uvicorn` ends the latest. One that is started with the same port again gets the same. `$ kill
%understudy` ends our server, and shows what it has printed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from understudy import ConfigError, MockServer
from understudy.admin.app import LOG_FILTERS, ROUTES
from understudy.build import build
from understudy.cli import COMMANDS
from understudy.load.syntax import SUFFIXES, parse
from understudy.model import (
    Access,
    ApiKey,
    Bearer,
    BodyConditions,
    Cache,
    Capacity,
    Client,
    Config,
    Cors,
    Endpoint,
    Expect,
    Failure,
    ForwardProxy,
    GraphqlConditions,
    Jwt,
    Latency,
    LimitHeaders,
    Limits,
    Log,
    Lognormal,
    Match,
    Normal,
    OpenApi,
    Operators,
    Overflow,
    PartConditions,
    Provider,
    Proxy,
    RateLimit,
    Record,
    RecordMatch,
    Redact,
    ReportSettings,
    Scheme,
    Session,
    Static,
    Tls,
    Validate,
)
from understudy.model.chaos import Chaos, LiveRule, Profile, RequestHeaders, Stage
from understudy.model.endpoint import PARAMETER_TYPES

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FOLLOWED = [page for page in PAGES if page.name != "benchmarks.md"]  # results, not instructions
CONFIGS = {"json", "yaml", "yml", "toml"}
NO_SERVERS = {name for name in COMMANDS if name not in {"serve", "record", "replay"}}
CONTROLS = re.compile(r"understudy (logs|report|chaos|record (start|stop|status))\b")
"""Commands that ask the running server."""
OTHER_SERVER = re.compile(r"uvicorn (.+) --port (\d+) &")
PORT = "8000"
"""The port that pages name."""
TIMEOUT_S = 30
SHOP = ROOT / "docs" / "record-and-replay.md"
"""The page whose service, shop.py, other pages take for granted."""
OF_SHOP = {"drift.md", "forward-proxy.md", "recordings.md", "recordings-to-endpoints.md", "secrets.md"}

BEFOREHAND = {  # files that a page takes for granted
    "configuration.md": {
        "bodies/hello.html": "<p>Hello",
        "public/index.html": "<p>Hello",
        "petstore.yaml": "openapi: 3.1.0\npaths: { /pets: { get: { operationId: listPets } } }\n",
    },
}


@dataclass
class Beside:
    """Another server than Understudy, by the port that the page names."""

    process: subprocess.Popen[str]
    page_port: str
    port: str


@dataclass
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    kind: str
    title: str | None
    wrong: bool
    text: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page."""
    lines = enumerate(page.read_text().splitlines(), 1)
    for number, line in lines:
        fence = re.fullmatch(r"( *)```(\w+)(.*)", line)
        if fence is None:
            continue
        margin, kind, about = len(fence[1]), fence[2], shlex.split(fence[3])
        body = []
        for _, inner in lines:
            if inner.strip() == "```":
                break
            body.append(inner[margin:] + "\n")
        title = next((word.partition("=")[2] for word in about if word.startswith("title=")), None)
        yield Block(page, number, kind, title, "wrong" in about, "".join(body))


def commands(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with what is shown below it. A backslash joins lines."""
    text = re.sub(r"\\\n\s*", "", text)
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def is_shown(expected: str, actual: str) -> bool:
    """Whether the output is as the page says."""
    pieces = (re.escape(re.sub(r"\s", "", piece)) for piece in expected.split("..."))
    return re.fullmatch(".*?".join(pieces), re.sub(r"\s", "", actual), re.DOTALL) is not None


def as_config(data: object) -> object | None:
    """A whole config for a config, a list of endpoints, or some keys of one. None: this is a reply."""
    if isinstance(data, list):
        return {"endpoints": data}
    if not isinstance(data, dict):
        return None
    if "endpoints" in data or set(data) <= set(Config.__struct_encode_fields__):
        return data
    if "path" in data or set(data) <= set(Endpoint.__struct_encode_fields__):
        return {"endpoints": [{"path": "/", **data}]}
    return None


@dataclass
class Reader:
    """Somebody who follows one page."""

    page: Path
    folder: Path
    failures: list[str] = field(default_factory=list)
    server: MockServer | None = None
    process: subprocess.Popen[str] | None = None
    port: int | None = None
    page_port: str = PORT
    config: Path | None = None
    is_changed: bool = False
    others: dict[str, Beside] = field(default_factory=dict)
    written: dict[str, Block] = field(default_factory=dict)

    def follow(self) -> None:
        for name, text in BEFOREHAND.get(self.page.name, {}).items():
            self.write(name, text)
        if self.page.name in OF_SHOP:
            self.write("shop.py", next(one.text for one in blocks(SHOP) if one.title == "shop.py"))
        try:
            for block in blocks(self.page):
                self.do(block)
            self.serve_config()
            self.load_titled()
        finally:
            self.stop()
            for other in self.others.values():
                end(other.process)

    def do(self, block: Block) -> None:
        if block.kind in CONFIGS:
            self.take_config(block)
        elif block.kind == "console":
            for command, expected in commands(block.text):
                actual = self.run(command, expected)
                if not is_shown(expected, actual):
                    self.fail(block, f"$ {command}\n--- shown\n{expected}--- printed\n{actual}")
        elif block.title:
            self.write(block.title, block.text)
        elif block.kind == "python":
            self.run_python(block)

    def fail(self, block: Block, text: str) -> None:
        self.failures.append(f"{block.place}\n{text}")

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    # --- configs ---------------------------------------------------------------------------------------

    def take_config(self, block: Block) -> None:
        name = block.title or f"understudy.{block.kind}"
        text = self.with_ports(block.text)
        if not block.title:
            data, _ = parse(text, f".{block.kind}")
            config = as_config(data)
            if config is None:
                return
            self.serve_config()  # the one before, which must load even if nobody asks it anything
            if self.process is not None:
                self.stop()
            if config is not data:
                name, text = "understudy.json", json.dumps(config)
        path = self.write(name, text)
        self.written[name] = block
        if block.wrong:
            try:
                build(path)
            except ConfigError:
                return
            self.fail(block, "this config was to be refused, but it loads")
        self.is_changed = True
        if path.stem in {"config", "understudy"} and path.suffix in SUFFIXES and path.parent == self.folder:
            self.config = path

    def serve_config(self) -> None:
        """Serve the latest config, or have a running process read its files again."""
        if not self.is_changed:
            return
        self.is_changed = False
        if self.process is not None:
            reload = Request(f"http://127.0.0.1:{self.port}/__reload", method="POST")
            urlopen(reload, timeout=TIMEOUT_S).close()
        elif self.config is not None:
            self.stop()
            server = MockServer(self.config)
            try:
                server.start()
            except ConfigError as error:
                self.fail(self.written[self.config.name], str(error))
                return
            self.server, self.port, self.page_port = server, server.port, PORT

    def load_titled(self) -> None:
        """Files with endpoints that no command has served load as well."""
        for name, block in self.written.items():
            if block.title and not block.wrong:
                data, _ = parse(block.text, Path(name).suffix)
                if isinstance(data, dict) and "endpoints" in data:
                    try:
                        build(self.folder / name)
                    except ConfigError as error:
                        self.fail(block, str(error))

    def stop(self) -> str:
        """Stop the server; what it has printed since its start."""
        if self.server is not None:
            self.server.stop()
        output = "" if self.process is None else self.as_page(end(self.process))
        if "Traceback" in output:
            self.failures.append(f"the server ended badly\n{output}")
        self.server = self.process = self.port = None
        return output

    # --- commands --------------------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        self.write(".curlrc", "silent\nshow-error\n")
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST", "UNDER")) and not name.lower().endswith("_proxy")
        }
        return kept | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "CURL_HOME": str(self.folder),
            "XDG_DATA_HOME": str(self.folder / ".local"),
            "PYTHONWARNINGS": "error",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_ADDOPTS": "-p no:cacheprovider",
        }

    def run(self, command: str, expected: str) -> str:
        """What a command prints."""
        if command == "kill %understudy":
            return self.stop()
        if command == "kill %uvicorn":
            running = (one for one in reversed(self.others.values()) if one.process.poll() is None)
            end(next(running).process)
            return ""
        if other := OTHER_SERVER.fullmatch(command):
            return self.start_other(*other.groups())
        command = self.with_ports(command)
        if serves(command):
            return self.start(command)
        self.serve_config()
        if self.port is not None:
            command = re.sub(rf"(localhost|127\.0\.0\.1):{self.page_port}\b", rf"\1:{self.port}", command)
            asks = CONTROLS.match(command)
            if asks:
                rest = re.sub(r" --port \d+", "", command[asks.end() :])
                command = f"{asks[0]} --port {self.port}{rest}"
        if re.search(r"understudy logs .*-f\b|curl -N", command):
            process = self.open(command)
            output = "".join(process.stdout.readline() for line in expected.splitlines() if line.strip())
            end(process)
            return self.as_page(output)
        process = self.open(command)
        try:
            output, _ = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            output = f"(nothing for {TIMEOUT_S} s)"
        finally:
            end(process)
        return self.as_page(output)

    def start(self, command: str) -> str:
        """Start the server as the page says, on a free port; what it prints until it is ready, or ends."""
        command = command.removesuffix(" &")
        named = re.search(r" --port (\d+)", command)
        taken = named is not None and self.port is not None and named[1] == self.page_port
        if not taken:
            self.stop()
        page_port = named[1] if named else PORT
        command = re.sub(r" --port \d+", "", command)
        if command == "make run":
            command = f"cd {shlex.quote(str(ROOT))} && exec understudy serve config.json"
        process = self.open(f"{command} --port {self.port if taken else 0}")
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("  log ") or '"event":"started"' in line:
                break
        output = "".join(lines)
        ready = re.search(r'http://[\w.]+:(\d+)|"port":(\d+)', output)
        if taken or ready is None or process.poll() is not None:
            end(process)
            return self.as_page(output)
        self.process, self.port, self.page_port = process, int(ready[1] or ready[2]), page_port
        self.is_changed = False
        return self.as_page(output)

    def start_other(self, what: str, page_port: str) -> str:
        """Start another server, and wait until it listens. It prints nothing that a page would show."""
        known = self.others.pop(page_port, None)
        if known is not None:
            end(known.process)
        process = self.open(f"exec uvicorn {what} --no-access-log --port {known.port if known else 0}")
        output = ""
        for line in process.stdout:
            output += line
            if ready := re.search(r"running on https?://[\w.]+:(\d+)", line):
                self.others[page_port] = Beside(process, page_port, ready[1])
                return ""
        end(process)
        return output

    def with_ports(self, text: str) -> str:
        """A text of the page with the real ports of other servers."""
        for other in self.others.values():
            text = re.sub(rf"(?<=[:_]){other.page_port}\b", other.port, text)
        return text

    def open(self, command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["sh", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def as_page(self, output: str) -> str:
        """Output with the port that the page names, and without the folder that it does not know."""
        if self.port is not None:
            output = re.sub(rf"\b{self.port}\b", self.page_port, output)
        for other in self.others.values():
            output = re.sub(rf"(?<=[:_]){other.port}\b", other.page_port, output)
        return output.replace(f"{self.folder}/", "")

    def run_python(self, block: Block) -> None:
        has_tests = re.search(r"^(async )?def test_", block.text, re.MULTILINE)
        name = f"{'test_' if has_tests else ''}block_{block.line}.py"
        self.write(name, block.text)
        runner = "pytest -q" if has_tests else "python"
        done = subprocess.run(
            ["sh", "-c", f"{runner} {name}"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
        if done.returncode:
            self.fail(block, done.stdout + done.stderr)


def serves(command: str) -> bool:
    """Whether a command starts a server, as `understudy FILE` and `PORT=9000 understudy serve &` do."""
    words = [word for word in command.split() if not re.match("[A-Z_]+=", word)]
    if words[0] != "understudy":
        return command == "make run"
    asks = NO_SERVERS.intersection(words[1:2]) or {"--help", "--version"}.intersection(words)
    return not (asks or CONTROLS.match(command))


def end(process: subprocess.Popen[str]) -> str:
    """Stop a command and what it has started; what it has printed since it was read from last."""
    output = ""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        output, _ = process.communicate(timeout=TIMEOUT_S)
    process.stdout.close()
    return output


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


READINGS = 3
"""How often a page is followed that shows a report: a machine that stalls makes clients wait as they did not
mean to, which the report then tells."""


@pytest.mark.timeout(150)  # a page is many commands, and the machine may be busy
@pytest.mark.skipif(shutil.which("curl") is None, reason="the pages use curl")
@pytest.mark.parametrize("page", FOLLOWED, ids=name_of)
def test_page_does_what_it_says(page, tmp_path):
    for number in range(READINGS if "understudy report" in page.read_text() else 1):
        folder = tmp_path / str(number)
        folder.mkdir()
        reader = Reader(page, folder)
        reader.follow()
        if not reader.failures:
            break
    else:
        pytest.fail("\n\n".join(["", *reader.failures]), pytrace=False)


# --- links -----------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def links(page: Path) -> list[str]:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    for link in links(page):
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{link}: there is no such file"
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file), f"{link}: there is no such heading"


def test_the_indexes_list_every_page():
    indexes = [ROOT / "docs" / "index.md", ROOT / "docs" / "faults" / "index.md"]
    listed = {(index.parent / link.partition("#")[0]).resolve() for index in indexes for link in links(index)}
    missing = [name_of(page) for page in PAGES[1:] if page != indexes[0] and page not in listed]
    assert not missing


# --- nothing is left out ---------------------------------------------------------------------------------


def told(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_every_command_is_told(command):
    from argparse import ArgumentParser
    from importlib import import_module

    parser = ArgumentParser(add_help=False)
    import_module(f"understudy.cli.{COMMANDS[command].module}").add_arguments(parser)
    options = [option for action in parser._actions for option in action.option_strings]
    page = told("running.md")
    assert f"`understudy {command}" in page
    assert not [option for option in options if f"`{option}" not in page and f", {option}" not in page]


def test_every_control_endpoint_and_filter_is_told():
    page = told("control-endpoints.md")
    assert not [route for route in ROUTES if f"`{route.method} {route.path}`" not in page]
    assert not [name for name in LOG_FILTERS if f"`{name}`" not in page]


def test_every_parameter_type_is_told():
    assert not [name for name in PARAMETER_TYPES if f"`{name}`" not in told("matching.md")]


@pytest.mark.parametrize(
    ("model", "page"),
    [
        (Config, "configuration-files.md"),
        (Endpoint, "index.md"),
        (Match, "matching.md"),
        (Operators, "matching.md"),
        (BodyConditions, "matching.md"),
        (PartConditions, "matching.md"),
        (GraphqlConditions, "matching.md"),
        (Cors, "responses.md"),
        (Static, "responses.md"),
        (Failure, "latency-and-failure.md"),
        (Latency, "latency-and-failure.md"),
        (Normal, "latency-and-failure.md"),
        (Lognormal, "latency-and-failure.md"),
        (Capacity, "capacity.md"),
        (Overflow, "capacity.md"),
        (Validate, "validation.md"),
        (Cache, "caching.md"),
        (Log, "control-endpoints.md"),
        (ReportSettings, "report.md"),
        (Expect, "report.md"),
        (Limits, "http.md"),
        (OpenApi, "openapi.md"),
        (Chaos, "chaos.md"),
        (Profile, "chaos.md"),
        (LiveRule, "chaos.md"),
        (Stage, "chaos.md"),
        (RequestHeaders, "chaos.md"),
        (Access, "authentication.md"),
        (Scheme, "authentication.md"),
        (ApiKey, "authentication.md"),
        (Bearer, "authentication.md"),
        (Jwt, "authentication.md"),
        (Session, "authentication.md"),
        (Provider, "oauth.md"),
        (Client, "oauth.md"),
        (RateLimit, "rate-limits.md"),
        (LimitHeaders, "rate-limits.md"),
        (Proxy, "proxying.md"),
        (Tls, "proxying.md"),
        (ForwardProxy, "forward-proxy.md"),
        (Record, "record-and-replay.md"),
        (RecordMatch, "record-and-replay.md"),
        (Redact, "secrets.md"),
    ],
)
def test_every_key_is_told(model, page):
    assert not [key for key in model.__struct_encode_fields__ if f"`{key}`" not in told(page)]


def test_every_refusal_is_told():
    source = (ROOT / "src" / "understudy" / "net" / "http1.py").read_text()
    statuses = set(re.findall(r"RequestError\((\d{3}),", source))
    assert statuses == set(re.findall(r"^\| (\d{3}) \|", told("http.md"), re.MULTILINE))


def test_every_method_of_mock_server_is_told():
    public = [name for name in vars(MockServer) if not name.startswith("_")]
    assert not [name for name in public if name not in told("testing.md")]
