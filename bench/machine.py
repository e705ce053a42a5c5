"""The machine: its facts, its cores, its limits."""

from __future__ import annotations

import os
import platform
import re
import resource
import shutil
import subprocess
from pathlib import Path


def cores() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def server_core() -> int | None:
    """The core for Understudy and nginx, where there is a second one for the load."""
    return cores()[0] if len(cores()) > 1 and shutil.which("taskset") else None


def load_core() -> int | None:
    return cores()[1] if server_core() is not None else None


def pinned(command: list[str], core: int | None) -> list[str]:
    return command if core is None else ["taskset", "-c", str(core), *command]


def raise_open_files() -> int:
    """Allow this process and its children as many open files as the system grants."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def facts() -> dict[str, str]:
    """What a reader needs to compare numbers."""
    total = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return {
        "CPU": model[1].strip() if model else platform.machine(),
        "Cores": str(len(cores())),
        "Memory": f"{int(total[1]) / 2**20:.0f} GB" if total else "?",
        "Kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
    }


def tool_version(command: list[str], pattern: str) -> str:
    """What a tool says its version is, or "?"."""
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return "?"
    found = re.search(pattern, ran.stdout + ran.stderr)
    return found[1] if found else "?"
