"""Sending requests on, recording and replaying: beside nginx, mitmproxy and WireMock, and what a large body
costs."""

from __future__ import annotations

import dataclasses
import http.client
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench import contenders, machine, peers, servers, shapes
from bench.contenders import PEER, ROOT, UNDERSTUDY, YARDSTICK, Contender
from bench.quiet import Quiet
from bench.rounds import Lane, Row, Say, Track, bring_up, drive_rounds
from bench.servers import HOST, Server

OURS, NGINX, MITMPROXY, WIREMOCK = "Understudy", "nginx", "mitmproxy", "WireMock"
PASS, RECORD, REPLAY, STATIC = "passed on", "passed on and recorded", "replayed", "static endpoint"
REPLAY_PLAIN, STATIC_PLAIN = "replayed, memo off", "static endpoint, memo off"
MITMPROXY_PACKAGE = "mitmproxy>=11"
PYTHON = ROOT / "bench" / ".cache" / "python"
LARGE_BYTES = 1024**3
PIECE_BYTES = 1024 * 1024


class Way(NamedTuple):
    """One server between wrk and the real one (or instead of it), and what it does with requests."""

    who: str
    what: str
    contender: Callable[[str, Path], Contender]
    """(address of the real server, a recording of it) → the server"""


# --- who is measured ---------------------------------------------------------------------------------------


def _options(port: int) -> list[str]:
    return ["--host", HOST, "--port", str(port), "--quiet", "--seed", "1"]


def _program() -> str:
    return str(Path(sys.executable).parent / "understudy")


def _understudy(more: dict[str, object]) -> Callable[[str, Path], Contender]:
    def contender(url: str, recording: Path) -> Contender:
        def command(shape: shapes.Shape, folder: Path, port: int) -> list[str]:
            config = folder / "config.json"
            config.write_text(json.dumps({"proxy": url, **more}))
            return [_program(), "serve", str(config), *_options(port), "--no-watch"]

        return dataclasses.replace(contenders.understudy(), command=command)

    return contender


def _replay(*more: str) -> Callable[[str, Path], Contender]:
    def contender(url: str, recording: Path) -> Contender:
        def command(shape: shapes.Shape, folder: Path, port: int) -> list[str]:
            return [_program(), "replay", str(recording), *_options(port), *more]

        return dataclasses.replace(contenders.understudy(), command=command)

    return contender


def _nginx(url: str, recording: Path) -> Contender:
    yardstick = contenders.nginx()

    def command(shape: shapes.Shape, folder: Path, port: int) -> list[str]:
        line = yardstick.command(shape, folder, port)
        config = folder / "nginx.conf"
        written = config.read_text()
        upstream = f"upstream real {{ server {url.removeprefix('http://')}; keepalive 64; }}\n  server {{"
        start = written.index("location /")
        passed = (
            'location / { proxy_pass http://real; proxy_http_version 1.1; proxy_set_header Connection ""; }'
        )
        end = written.index("\n", start)
        config.write_text((written[:start] + passed + written[end:]).replace("server {", upstream, 1))
        return line

    return dataclasses.replace(yardstick, command=command)


def _mitmproxy(url: str, recording: Path) -> Contender:
    program, version = install_mitmproxy()

    def command(shape: shapes.Shape, folder: Path, port: int) -> list[str]:
        mode = ["--mode", f"reverse:{url}", "--listen-host", HOST, "--listen-port", str(port)]
        return [program, *mode, "--quiet", "--set", f"confdir={folder}", "--set", "flow_detail=0"]

    return Contender(MITMPROXY, YARDSTICK, command, version, warm_up_s=3, note="`mitmdump -q`, one core")


def install_mitmproxy() -> tuple[str, str]:
    """Its program and version, from PyPI into bench/.cache unless it is there. Raises MissingError."""
    folder = PYTHON / "mitmproxy"
    program = folder / "bin" / "mitmdump"
    if not program.exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", MITMPROXY_PACKAGE]
            subprocess.run(pip, check=True, capture_output=True, timeout=300)
        except (OSError, subprocess.SubprocessError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise peers.MissingError(f"mitmproxy cannot be installed: {error}") from None
    return str(program), machine.tool_version([str(program), "--version"], r"Mitmproxy: ([\d.]+)")


def _wiremock(url: str, recording: Path) -> Contender:
    peer = next(one for one in peers.PEERS if one.name == WIREMOCK)
    contender = peers.install(peer)

    def command(shape: shapes.Shape, folder: Path, port: int) -> list[str]:
        line = contender.command(shape, folder, port)
        stub = {"request": {"urlPattern": ".*"}, "response": {"proxyBaseUrl": url}}
        (folder / "mappings" / "all.json").write_text(json.dumps({"mappings": [stub]}))
        return line

    return dataclasses.replace(contender, command=command)


def _ways() -> Iterator[Way]:
    yield Way(NGINX, PASS, _nginx)
    yield Way(OURS, PASS, _understudy({}))
    yield Way(OURS, RECORD, _understudy({"record": {"folder": "recordings", "mode": "record"}}))
    yield Way(MITMPROXY, PASS, _mitmproxy)
    yield Way(WIREMOCK, PASS, _wiremock)
    yield Way(OURS, REPLAY, _replay())
    yield Way(OURS, STATIC, lambda url, recording: contenders.understudy())
    yield Way(OURS, REPLAY_PLAIN, _replay("--no-memo"))
    yield Way(OURS, STATIC_PLAIN, lambda url, recording: contenders.understudy(memo=False))


WAYS = tuple(_ways())


# --- rates -------------------------------------------------------------------------------------------------


def rates(rounds: int, seconds: int, folder: Path, quick: bool, quiet: Quiet, say: Say) -> list[Row]:
    """All ways in interleaved rounds: the real server is nginx with a fixed reply, on the load's core."""
    real = servers.start(contenders.nginx(), shapes.STATIC, folder / "real", machine.load_core())
    tracks: list[Track] = []
    rows: list[Row] = []
    try:
        recording = _recorded(real, folder / "recorded")
        for number, way in enumerate(WAYS):
            try:
                contender = way.contender(real.url, recording)
            except peers.MissingError as error:
                rows.append(
                    {"server": way.who, "group": PEER, "variant": way.what, "unavailable": str(error)}
                )
                say(f"{way.who} is not available: {error}")
                continue
            track = Track(Lane(contender, shapes.STATIC, way.what))
            tracks.append(track)
            bring_up(track, folder / str(number), quick, say)
        drive_rounds(tracks, rounds, seconds, quiet, say)
    finally:
        for track in tracks:
            if track.server:
                track.server.stop()
        real.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return [track.row() for track in tracks] + rows


def _recorded(real: Server, folder: Path) -> Path:
    """A recording of the one request that is asked, made as a user makes it."""
    contender = _understudy({"record": {"folder": "recordings", "mode": "once"}})(real.url, folder)
    server = servers.start(contender, shapes.STATIC, folder, machine.server_core())
    server.stop()
    return folder / "recordings"


# --- a large body ------------------------------------------------------------------------------------------


def large(folder: Path, quick: bool, say: Say) -> list[Row]:
    """The most memory while a body goes through the recorder to the disk, above what it has when idle."""
    size = LARGE_BYTES // 16 if quick else LARGE_BYTES
    rows: list[Row] = []
    real = servers.start(_sink(size), shapes.STATIC, folder / "real", machine.load_core())
    try:
        for what in ("download", "upload"):
            contender = _understudy({"record": {"folder": "recordings", "mode": "record"}})(real.url, folder)
            server = servers.start(contender, shapes.STATIC, folder / what, machine.server_core())
            row: Row = {
                "server": OURS,
                "group": UNDERSTUDY,
                "variant": f"1 GB {what}",
                "version": contender.version,
            }
            try:
                idle = servers.memory_kb(server.process.pid)
                passed = _download(server) if what == "download" else _upload(server, size)
                kept = max(
                    path.stat().st_size
                    for path in (folder / what / "recordings").rglob("*")
                    if path.is_file()
                )
                peak = servers.memory_kb(server.process.pid, "VmHWM")
                row |= {"above_idle_mb": round((peak - idle) / 1024, 1), "passed": passed, "recorded": kept}
                say(f"{what}: {row}")
            except (OSError, http.client.HTTPException, ValueError) as error:
                row["unavailable"] = str(error)
            finally:
                server.stop()
            rows.append(row)
    finally:
        real.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return rows


def _sink(size: int) -> Contender:
    """The real server, with a body of this size."""

    def command(shape: shapes.Shape, folder: Path, port: int) -> list[str]:
        return ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "bench.sink", str(port), str(size)]

    return Contender("sink", YARDSTICK, command)


def _download(server: Server) -> int:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=120)
    connection.request("GET", "/large.bin")
    reply = connection.getresponse()
    size = 0
    while piece := reply.read(PIECE_BYTES):
        size += len(piece)
    connection.close()
    return size


def _upload(server: Server, size: int) -> int:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=120)
    piece = bytes(PIECE_BYTES)
    body = (piece for _ in range(size // PIECE_BYTES))
    connection.request("POST", "/upload", body, {"Content-Length": str(size)})
    connection.getresponse().read()
    connection.close()
    return size
