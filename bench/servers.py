"""Starting, asking, weighing and above all ending the servers under test."""

from __future__ import annotations

import atexit
import contextlib
import http.client
import os
import random
import re
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bench.contenders import Contender
from bench.machine import pinned
from bench.shapes import Probe, Shape, fault_in

HOST = "127.0.0.1"
PORTS = range(20_000, 32_000)
WRONG_FOR_S = 5.0  # how long a server that has just come up may answer wrongly


class StartError(Exception):
    """A server did not come up, or answers wrongly; the text is the reason shown in the table."""


@dataclass
class Server:
    """A running server with its process group."""

    contender: Contender
    shape: Shape
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    spawned: float
    """time.perf_counter() just before the process was started"""

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def stop(self) -> None:
        """End the whole process group, kindly at first."""
        RUNNING.discard(self.process.pid)
        for number, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
            _signal_group(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
                break
        _signal_group(self.process.pid, signal.SIGKILL)

    def last_words(self) -> str:
        lines = [line.strip() for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1][:160] if lines else "no output"


RUNNING: set[int] = set()  # process group ids of servers that are up


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


@atexit.register
def stop_all() -> None:
    """The last resort: no server outlives the run."""
    for pid in list(RUNNING):
        _signal_group(pid, signal.SIGKILL)
    RUNNING.clear()


def free_port() -> int:
    """A port below those that clients are given, so that no connection takes it before the server does."""
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise StartError("no free port")


def environment() -> dict[str, str]:
    """The caller's environment without what would slow a Python server down."""
    slowing = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONDEVMODE", "PYTHONASYNCIODEBUG"}
    return {name: value for name, value in os.environ.items() if name not in slowing}


def spawn(contender: Contender, shape: Shape, folder: Path, core: int | None) -> Server:
    """Start a server in a folder of its own, without waiting for it."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = contender.command(shape, folder, port)
    log = folder / "output.log"
    with log.open("wb") as output:
        spawned = time.perf_counter()
        process = subprocess.Popen(
            pinned(command, core),
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    RUNNING.add(process.pid)
    return Server(contender, shape, port, process, log, spawned)


def start(
    contender: Contender, shape: Shape, folder: Path, core: int | None, patience_s: float = 90
) -> Server:
    """Start a server and wait until it answers rightly."""
    server = spawn(contender, shape, folder, core)
    try:
        _wait_until_right(server, time.monotonic() + patience_s)
        _check_fresh(server)
    except BaseException:
        server.stop()
        raise
    return server


def ask(server: Server, probe: Probe, timeout_s: float = 30) -> tuple[int, bytes]:
    """Send one request over a connection of its own."""
    headers = {"Content-Type": "application/json"} if probe.body else {}
    connection = http.client.HTTPConnection(HOST, server.port, timeout=timeout_s)
    try:
        connection.request(probe.endpoint.method, probe.target, probe.body, headers)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def _wait_until_right(server: Server, deadline: float) -> None:
    probe = server.shape.probe("first")
    fault, answers = "did not open its port", False
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise StartError(f"ended with code {server.process.returncode}: {server.last_words()}")
        try:
            status, body = ask(server, probe)
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
            continue
        found = fault_in(probe, status, body, fixed=server.contender.fixed)
        if found is None:
            return
        if not answers:
            deadline = min(deadline, time.monotonic() + WRONG_FOR_S)
        fault, answers = found, True
        time.sleep(0.1)
    raise StartError(fault)


def _check_fresh(server: Server) -> None:
    """Two different requests must get two different, right answers."""
    seen = set()
    for name in ("guest1", "guest2"):
        probe = server.shape.probe(name)
        status, body = ask(server, probe)
        fault = fault_in(probe, status, body, fixed=server.contender.fixed)
        if fault:
            raise StartError(fault)
        seen.add(body)
    if server.shape.asked.kind != "static" and not server.contender.fixed and len(seen) < 2:
        raise StartError("answered two different requests alike")


def memory_kb(pid: int, field: str = "VmRSS") -> int:
    """A memory figure of one process: VmRSS is now, VmHWM the peak."""
    try:
        found = re.search(rf"{field}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0


def group_memory_mb(pgid: int) -> float:
    """Resident memory of a server with all its children, in megabytes."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(after_name[2]) == pgid:
                total += memory_kb(int(folder.name))
    return total / 1024
