"""OpenAPI documents as they are served: examples, made data and records of a small one, and the start with a
large one. Beside Prism."""

from __future__ import annotations

import dataclasses
import http.client
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from bench import peers, servers, shapes
from bench.contenders import PEER, UNDERSTUDY, Contender
from bench.features import Feature, bring_up
from bench.petstore import DOCUMENT, NEW, PET, STATUSES
from bench.quiet import Quiet
from bench.rounds import Lane, Row, Say, Track, drive_rounds, warm_up
from bench.servers import HOST, Server, StartError
from bench.shapes import Shape
from bench.stats import middle

OURS, PLAIN, PRISM = "Understudy", "Understudy, memo off", "Prism"
EXAMPLE, EXAMPLE_IDS = "example, the same request", "example, an id of its own in each request"
DYNAMIC, DYNAMIC_IDS = "made data, the same request", "made data, an id of its own in each request"
EACH_IDS = "new data each time, an id of its own in each request"
LIST, ADD = "records, GET a list", "records, POST one more"
LARGE = "@octokit/openapi@23.0.2"
LARGE_FILE = "@octokit/openapi/generated/api.github.com.json"
LARGE_PATH = "/repos/octocat/hello-world"
PATIENCE_S = 120.0
FIRST, SECOND = "first start", "second start"
ID = "/pets/7"


# --- a small document ---------------------------------------------------------------------------------------


class Way(NamedTuple):
    """One way to be served: by whom, how it is asked, and with which script of wrk."""

    who: str
    feature: Feature
    script: str = "request.lua"
    flags: tuple[str, ...] = ()
    """of Prism"""

    def contender(self, version: str) -> Contender:
        """The server. `version` is that of Prism."""
        if self.who != PRISM:
            return dataclasses.replace(self.feature.contender(), name=self.who)
        return Contender(PRISM, PEER, lambda shape, folder, port: _prism(folder, port, self.flags), version)

    @property
    def arguments(self) -> tuple[str, ...]:
        """What the script is given."""
        return ("/pets/",) if self.script == "ids.lua" else self.feature.arguments()


def _prism(folder: Path, port: int, flags: tuple[str, ...]) -> list[str]:
    path = folder / "openapi.json"
    path.write_text(json.dumps(DOCUMENT))
    return prism_command(path, port, flags)


def prism_command(document: Path, port: int, flags: tuple[str, ...] = ()) -> list[str]:
    """How Prism is started with a document."""
    program = str(prism_peer().modules / ".bin/prism")
    return [program, "mock", "-h", HOST, "-p", str(port), "-v", "silent", *flags, str(document)]


def prism_peer() -> peers.Peer:
    return next(one for one in peers.PEERS if one.name == PRISM)


def _alone(folder: Path) -> dict[str, Any]:
    """The document in the place of a config: `understudy petstore.json`."""
    return DOCUMENT


def _with(**settings: Any) -> Callable[[Path], dict[str, Any]]:
    def config(folder: Path) -> dict[str, Any]:
        (folder / "petstore.json").write_text(json.dumps(DOCUMENT))
        return {"openapi": {"spec": "petstore.json", **settings}}

    return config


def is_example(status: int, reply: Any) -> bool:
    return (status, reply) == (200, PET)


def is_made(status: int, reply: Any) -> bool:
    """Whether this is a pet as the document says, and not the example.

    Prism leaves out optional properties now and then.
    """
    if status != 200 or not isinstance(reply, dict) or reply == PET:
        return False
    whole = isinstance(reply.get("id"), int) and reply["id"] >= 1
    texts = isinstance(reply.get("name"), str) and reply.get("status") in STATUSES
    tags = reply.get("tags", [])
    return whole and texts and len(tags) <= 5 and all("name" in tag for tag in tags) and _is_day(reply)


def _is_day(reply: dict[str, Any]) -> bool:
    try:
        date.fromisoformat(reply.get("born", "2020-01-01"))
    except ValueError:
        return False
    return True


def is_list(status: int, reply: Any) -> bool:
    return status == 200 and isinstance(reply, list) and len(reply) >= 1 and reply[0]["name"] == PET["name"]


def is_added(status: int, reply: Any) -> bool:
    return status == 201 and reply["name"] == NEW["name"] and reply["id"] != PET["id"]


OFF = ("--no-memo",)


def _ways() -> Iterator[Way]:
    yield Way(OURS, Feature(EXAMPLE, _alone, ID, is_example))
    yield Way(PLAIN, Feature(EXAMPLE, _alone, ID, is_example, options=OFF))
    yield Way(PRISM, Feature(EXAMPLE, _alone, ID, is_example))
    yield Way(OURS, Feature(EXAMPLE_IDS, _alone, ID, is_example), "ids.lua")
    yield Way(PRISM, Feature(EXAMPLE_IDS, _alone, ID, is_example), "ids.lua")
    same, each = _with(dynamic=True), _with(dynamic="each")
    yield Way(OURS, Feature(DYNAMIC, same, ID, is_made))
    yield Way(PLAIN, Feature(DYNAMIC, same, ID, is_made, options=OFF))
    yield Way(PRISM, Feature(DYNAMIC, _alone, ID, is_made), flags=("-d",))
    yield Way(OURS, Feature(DYNAMIC_IDS, same, ID, is_made), "ids.lua")
    yield Way(OURS, Feature(EACH_IDS, each, ID, is_made), "ids.lua")
    yield Way(PRISM, Feature(DYNAMIC_IDS, _alone, ID, is_made), "ids.lua", ("-d",))
    remembers = _with(stateful=True)
    yield Way(OURS, Feature(LIST, remembers, "/pets", is_list))
    yield Way(OURS, Feature(ADD, remembers, "/pets", is_added, "POST", NEW))


WAYS = tuple(_ways())
"""The TABLE of what is measured in rounds."""


def small(
    rounds: int,
    seconds: int,
    folder: Path,
    quick: bool,
    quiet: Quiet,
    prism: Contender | None,
    say: Say,
) -> list[Row]:
    """All ways in interleaved rounds; those of Prism only if there is one."""
    ways = [way for way in WAYS if way.who != PRISM or prism is not None]
    tracks = []
    for way in ways:
        one = way.contender(prism.version if prism is not None else "")
        tracks.append(Track(Lane(one, shapes.STATIC, way.feature.name, way.script, way.arguments)))
    try:
        for number, (track, way) in enumerate(zip(tracks, ways, strict=True)):
            track.server, track.reason = bring_up(track, way.feature, folder / str(number))
            if track.server is not None:
                track.reason = wrong(way, track.server)
                if not track.reason and way.who == PRISM:
                    warm_up(track, 2 if quick else 9)
            say(f"{track.lane.title}: {track.reason or 'is up and answers rightly'}")
        drive_rounds(tracks, rounds, seconds, quiet, say)
        for track, way in zip(tracks, ways, strict=True):
            if track.server is not None and not track.reason:
                track.reason = wrong(way, track.server)
    finally:
        for track in tracks:
            if track.server:
                track.server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return [track.row() for track in tracks]


def wrong(way: Way, server: Server) -> str:
    """What is wrong with the answers of a server: to a few requests, and as they differ; "" if nothing is."""
    paths = [way.feature.path] * 2
    if way.script == "ids.lua":
        paths += ["/pets/1", "/pets/123456"]
    seen = []
    for path in paths:
        try:
            status, reply, _ = dataclasses.replace(way.feature, path=path).ask(server)
        except (OSError, ValueError, http.client.HTTPException) as error:
            return f"{path}: {error}"
        if not way.feature.right(status, reply):
            return f"{path}: answered {status} {str(reply)[:100]}"
        seen.append(json.dumps(reply))
    if way.feature.right is not is_made:
        return ""
    is_same = way.who != PRISM and way.feature.name != EACH_IDS
    if (seen[0] == seen[1]) is not is_same:
        return f"{paths[0]}: two answers are {'not ' if is_same else ''}the same"
    return (
        "" if way.script != "ids.lua" or len(set(seen[1:])) == 3 else "different requests are answered alike"
    )


# --- a large document ---------------------------------------------------------------------------------------


def large_document() -> Path:
    """GitHub's API document, from npm. Raises MissingError."""
    return peers.fetch(LARGE) / LARGE_FILE


def as_yaml(document: Path, folder: Path) -> Path:
    """The document as YAML."""
    import yaml

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "large.yaml"
    with path.open("w") as file:
        yaml.dump(json.loads(document.read_bytes()), file, yaml.CSafeDumper, sort_keys=False)
    return path


def is_repository(status: int, reply: Any) -> bool:
    return status == 200 and isinstance(reply, dict) and isinstance(reply.get("full_name"), str)


def large(folder: Path, quick: bool, prism: Contender | None, say: Say) -> list[Row]:
    """From spawning a server with the large document to the first 200, and the memory it then has."""
    base: Row = {"group": UNDERSTUDY, "server": OURS, "version": metadata.version("understudy")}
    try:
        written = large_document()
        files = {"JSON": written, "YAML": as_yaml(written, folder)}
    except (peers.MissingError, OSError) as error:
        say(f"the large document is not available: {error}")
        return [base | {"variant": FIRST, "unavailable": f"no large document: {error}"}]
    rows: list[Row] = []
    count = 1 if quick else 5
    for form, path in files.items():
        times: dict[str, list[float]] = {FIRST: [], SECOND: []}
        row = base | {"unavailable": ""}
        memory = 0.0
        try:
            for number in range(count):
                cache = folder / f"cache-{form}-{number}"
                cache.mkdir(parents=True)
                for what in times:
                    took, memory = first_answer(_ours(path, cache), folder / "run", is_repository)
                    times[what].append(took)
                    say(f"{form}, {what}: {took:.2f} s")
        except (StartError, OSError) as error:
            say(f"{form}: {error}")
            row["unavailable"] = str(error)
        rows += [_start_row(row, f"{form}, {what}", taken, memory) for what, taken in times.items()]
    if prism is not None:
        rows.append(_prism_starts(files["JSON"], folder, 1 if quick else 2, prism, say))
    shutil.rmtree(folder, ignore_errors=True)
    return rows


def _prism_starts(path: Path, folder: Path, count: int, prism: Contender, say: Say) -> Row:
    base: Row = {"group": PEER, "server": PRISM, "version": prism.version, "unavailable": ""}
    one = Contender(PRISM, PEER, lambda shape, folder, port: prism_command(path, port), prism.version)
    taken: list[float] = []
    memory = 0.0
    try:
        for _ in range(count):
            took, memory = first_answer(one, folder / "run", is_repository)
            taken.append(took)
            say(f"Prism, JSON: {took:.2f} s")
    except (StartError, OSError) as error:
        say(f"Prism is not available: {error}")
        base["unavailable"] = str(error)
    return _start_row(base, f"JSON, {FIRST}", taken, memory)


def _start_row(base: Row, variant: str, taken: list[float], memory_mb: float) -> Row:
    """One row of starts; "unavailable" stays only where it says something."""
    row = {key: value for key, value in base.items() if key != "unavailable" or value}
    row["variant"] = variant
    if "unavailable" not in row:
        row |= {"starts_s": taken, "seconds": middle(taken), "memory_mb": round(memory_mb, 1)}
    return row


def _ours(path: Path, cache: Path) -> Contender:
    def command(shape: Shape, folder: Path, port: int) -> list[str]:
        program = Path(sys.executable).parent / "understudy"
        options = ["--host", HOST, "--port", str(port), "--quiet", "--no-watch", "--seed", "1"]
        # the folder is only its own: `env` sets it for this process and no other
        return ["env", f"UNDERSTUDY_CACHE_DIR={cache}", str(program), "serve", str(path), *options]

    return Contender(OURS, UNDERSTUDY, command, metadata.version("understudy"))


def first_answer(one: Contender, folder: Path, right: Callable[[int, Any], bool]) -> tuple[float, float]:
    """Seconds from spawning to the first 200, and the megabytes the server has then. Raises StartError."""
    server = servers.spawn(one, shapes.STATIC, folder, core=None)
    deadline = time.perf_counter() + PATIENCE_S
    asked = Feature("large", _alone, LARGE_PATH, right)
    try:
        while time.perf_counter() < deadline:
            try:
                status, reply, _ = asked.ask(server)
            except (OSError, ValueError, http.client.HTTPException):
                if server.process.poll() is not None:
                    raise StartError(f"ended: {server.last_words()}") from None
                time.sleep(0.001)
                continue
            took = time.perf_counter() - server.spawned
            if not right(status, reply):
                raise StartError(f"answered {status} {str(reply)[:100]}")
            return took, servers.group_memory_mb(os.getpgid(server.process.pid))
        raise StartError(f"no answer within {PATIENCE_S:.0f} s")
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
