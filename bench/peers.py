"""The peers, one TABLE: how each is installed from npm and told, in its own language, to serve a shape.

To add a peer, write a `command` like the others here and give it a row in PEERS.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.contenders import PEER, ROOT, Contender, UnsupportedError
from bench.servers import HOST, free_port
from bench.shapes import STATIC_REPLY, STATIC_TEXT, Endpoint, Kind, Shape

NPM = ROOT / "bench" / ".cache" / "npm"
JSON_HEADERS = {"Content-Type": "application/json"}
Command = Callable[[Path, Shape, Path, int], list[str]]


@dataclass(frozen=True)
class Peer:
    """A peer: its npm package, the programs it needs, and its command.

    `command(modules, shape, folder, port)` is given the node_modules folder the package was installed into.
    """

    name: str
    package: str
    needs: tuple[str, ...]
    command: Command
    warm_up_s: int = 9
    note: str = ""

    @property
    def bare_package(self) -> str:
        """The package's name without a version."""
        return bare(self.package)

    @property
    def modules(self) -> Path:
        return modules_of(self.package)


def bare(package: str) -> str:
    """A package's name without a version."""
    at = package.rfind("@")
    return package[:at] if at > 0 else package


def modules_of(package: str) -> Path:
    """The node_modules folder a package is installed into."""
    return NPM / package.replace("@", "").replace("/", "-") / "node_modules"


class MissingError(Exception):
    """A peer cannot be installed here; the text says why."""


def install(peer: Peer) -> Contender:
    """Install a peer into bench/.cache unless it is there already."""
    missing = [program for program in peer.needs if not shutil.which(program)]
    if missing:
        raise MissingError(f"needs {' and '.join(missing)}")
    described = fetch(peer.package) / peer.bare_package / "package.json"
    version = json.loads(described.read_text())["version"]
    return Contender(
        peer.name,
        PEER,
        lambda shape, folder, port: peer.command(peer.modules, shape, folder, port),
        version,
        peer.warm_up_s,
        note=peer.note,
    )


def fetch(package: str) -> Path:
    """Install a package unless it is there already; its node_modules folder. Raises MissingError."""
    modules = modules_of(package)
    if not (modules / bare(package) / "package.json").exists():
        _npm_install(package, modules.parent)
    return modules


def _npm_install(package: str, folder: Path) -> None:
    if not shutil.which("npm"):
        raise MissingError("needs npm to be installed")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}')
    line = [
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        "--fetch-retries=1",
        package,
    ]
    try:
        ran = subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        shutil.rmtree(folder, ignore_errors=True)
        raise MissingError("npm install took longer than 5 minutes") from None
    if ran.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        words = (ran.stderr or ran.stdout).strip().splitlines()
        raise MissingError(f"npm install failed: {words[0][:120] if words else 'no output'}")


def _only(shape: Shape, *kinds: Kind, why: str) -> None:
    if shape.asked.kind not in kinds:
        raise UnsupportedError(why)


def _written(folder: Path, name: str, content: Any) -> str:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


# --- WireMock: journal on, as it is by default; templating by the transformer named in the stub ------------


def _wiremock(modules: Path, shape: Shape, folder: Path, port: int) -> list[str]:
    (folder / "mappings").mkdir(exist_ok=True)
    newest_first = reversed(shape.endpoints)  # the order in which WireMock tries them
    mappings = {"mappings": [_wiremock_stub(endpoint) for endpoint in newest_first]}
    _written(folder / "mappings", "all.json", mappings)
    jar = next((modules / "wiremock").glob("build/*.jar"))
    options = ["--port", str(port), "--bind-address", HOST, "--root-dir", str(folder), "--disable-banner"]
    return ["java", "-jar", str(jar), *options]


def _wiremock_stub(endpoint: Endpoint) -> dict[str, Any]:
    uuid = "{{randomValue type='UUID'}}"
    bodies = {
        Kind.STATIC: STATIC_TEXT,
        Kind.TEMPLATED: '{"id":"' + uuid + '","at":"{{now}}","hello":"{{request.query.name}}"}',
        Kind.ECHO: '{"id":"' + uuid + """","name":"{{jsonPath request.body '$.name'}}"}""",
    }
    response: dict[str, Any] = {
        "status": endpoint.status,
        "headers": JSON_HEADERS,
        "body": bodies[endpoint.kind],
    }
    if endpoint.kind is not Kind.STATIC:
        response["transformers"] = ["response-template"]
    return {"request": {"method": endpoint.method, "urlPath": endpoint.path}, "response": response}


# --- Mockoon: one data file --------------------------------------------------------------------------------


def _mockoon(modules: Path, shape: Shape, folder: Path, port: int) -> list[str]:
    routes = [_mockoon_route(number, endpoint) for number, endpoint in enumerate(shape.endpoints)]
    data = {
        "uuid": str(UUID(int=1)),
        "lastMigration": 33,
        "name": "bench",
        "hostname": HOST,
        "port": port,
        "routes": routes,
        "rootChildren": [{"type": "route", "uuid": route["uuid"]} for route in routes],
    }
    path = _written(folder, "data.json", data)
    options = [
        "--port",
        str(port),
        "--hostname",
        HOST,
        "--repair",
        "--disable-log-to-file",
        "--disable-admin-api",
    ]
    return [str(modules / ".bin/mockoon-cli"), "start", "--data", path, *options]


def _mockoon_route(number: int, endpoint: Endpoint) -> dict[str, Any]:
    bodies = {
        Kind.STATIC: STATIC_TEXT,
        Kind.TEMPLATED: """{"id":"{{uuid}}","at":"{{now}}","hello":"{{queryParam 'name'}}"}""",
        Kind.ECHO: """{"id":"{{uuid}}","name":"{{body 'name'}}"}""",
    }
    response = {
        "uuid": str(UUID(int=2_000_000 + number)),
        "body": bodies[endpoint.kind],
        "statusCode": endpoint.status,
        "headers": [{"key": name, "value": value} for name, value in JSON_HEADERS.items()],
        "disableTemplating": endpoint.kind is Kind.STATIC,
        "default": True,
    }
    return {
        "uuid": str(UUID(int=1_000_000 + number)),
        "type": "http",
        "method": endpoint.method.lower(),
        "endpoint": endpoint.path.lstrip("/"),
        "responses": [response],
    }


# --- Prism: an OpenAPI document with examples --------------------------------------------------------------


def _prism(modules: Path, shape: Shape, folder: Path, port: int) -> list[str]:
    _only(shape, Kind.STATIC, why="cannot put request values into a reply")
    paths = {endpoint.path: {endpoint.method.lower(): _prism_operation()} for endpoint in shape.endpoints}
    document = {"openapi": "3.0.3", "info": {"title": "bench", "version": "1"}, "paths": paths}
    path = _written(folder, "openapi.json", document)
    return [str(modules / ".bin/prism"), "mock", "-h", HOST, "-p", str(port), "-v", "silent", path]


def _prism_operation() -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}, "example": STATIC_REPLY}}
    return {"responses": {"200": {"description": "ok", "content": content}}}


# --- mountebank: one imposter; dynamic replies by JavaScript injection; keep-alive, which it lacks by default


def _mountebank(modules: Path, shape: Shape, folder: Path, port: int) -> list[str]:
    imposter = {
        "protocol": "http",
        "host": HOST,
        "port": port,
        "defaultResponse": {"headers": {"Connection": "Keep-Alive"}},
        "stubs": [_mountebank_stub(endpoint) for endpoint in shape.endpoints],
    }
    path = _written(folder, "imposters.json", {"imposters": [imposter]})
    options = [
        "--port",
        str(free_port()),
        "--host",
        HOST,
        "--configfile",
        path,
        "--noParse",
        "--allowInjection",
    ]
    return [str(modules / ".bin/mb"), "start", *options, "--nologfile", "--loglevel", "error"]


def _mountebank_stub(endpoint: Endpoint) -> dict[str, Any]:
    fields = {
        Kind.TEMPLATED: "at: new Date().toISOString(), hello: config.request.query.name",
        Kind.ECHO: "name: JSON.parse(config.request.body).name",
    }
    if endpoint.kind is Kind.STATIC:
        reply = {"statusCode": endpoint.status, "headers": JSON_HEADERS, "body": STATIC_TEXT}
        response: dict[str, Any] = {"is": reply}
    else:
        body = f"JSON.stringify({{ id: require('crypto').randomUUID(), {fields[endpoint.kind]} }})"
        reply_code = f"statusCode: {endpoint.status}, headers: {json.dumps(JSON_HEADERS)}, body: {body}"
        response = {"inject": f"config => ({{ {reply_code} }})"}
    predicate = {"equals": {"method": endpoint.method, "path": endpoint.path}}
    return {"predicates": [predicate], "responses": [response]}


# --- json-server: a JSON file whose keys are the resources -------------------------------------------------


def _json_server(modules: Path, shape: Shape, folder: Path, port: int) -> list[str]:
    _only(shape, Kind.STATIC, why="has no templates")
    database = {endpoint.path.strip("/").replace("/", "-"): STATIC_REPLY for endpoint in shape.endpoints}
    routes = {endpoint.path: "/" + endpoint.path.strip("/").replace("/", "-") for endpoint in shape.endpoints}
    options = [
        "--host",
        HOST,
        "--port",
        str(port),
        "--quiet",
        "--routes",
        _written(folder, "routes.json", routes),
    ]
    return [str(modules / ".bin/json-server"), *options, _written(folder, "db.json", database)]


# --- apimock-rs, both its ways; the binary itself, not its Node.js wrapper ---------------------------------


def _apimock_files(modules: Path, shape: Shape, folder: Path, port: int) -> list[str]:
    replies = folder / "replies"
    for endpoint in shape.endpoints:
        path = replies / f"{endpoint.path.strip('/')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STATIC_TEXT)
    return _apimock(modules, shape, folder, port, rule_sets=[])


def _apimock_rules(modules: Path, shape: Shape, folder: Path, port: int) -> list[str]:
    (folder / "replies").mkdir(exist_ok=True)
    rules = [
        f"[[rules]]\nwhen.request.url_path = \"{endpoint.path}\"\nrespond.text = '{STATIC_TEXT}'\n"
        for endpoint in shape.endpoints
    ]
    _written(folder, "rules.toml", "\n".join(rules))
    return _apimock(modules, shape, folder, port, rule_sets=["rules.toml"])


def _apimock(modules: Path, shape: Shape, folder: Path, port: int, rule_sets: list[str]) -> list[str]:
    _only(shape, Kind.STATIC, why="has no templates (its scripts know neither uuid nor time)")
    settings = f"""[listener]
ip_address = "{HOST}"
port = {port}
[log]
verbose = {{ header = false, body = false }}
[service]
rule_sets = {json.dumps(rule_sets)}
fallback_respond_dir = "replies"
"""
    binary = next((modules / "@apimock-rs").glob("*/apimock"), modules / ".bin/apimock")
    return [os.fspath(binary), "-c", _written(folder, "apimock.toml", settings)]


PEERS: tuple[Peer, ...] = (
    Peer("WireMock", "wiremock", ("java",), _wiremock, warm_up_s=45, note="request journal on, its default"),
    Peer("apimock-rs, rules", "apimock-rs", (), _apimock_rules, note="rules with the text inline"),
    Peer("apimock-rs, files", "apimock-rs", (), _apimock_files, note="a folder of JSON files"),
    Peer(
        "mountebank",
        "mountebank",
        ("node",),
        _mountebank,
        note="keep-alive on; replies by injected JavaScript",
    ),
    Peer("json-server", "json-server@0.17.4", ("node",), _json_server, note="`--quiet`"),
    Peer("Prism", "@stoplight/prism-cli", ("node",), _prism, note="`-v silent`"),
    Peer("Mockoon", "@mockoon/cli", ("node",), _mockoon, note="no log file, no admin API"),
)
