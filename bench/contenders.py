"""Everything that is measured: the yardstick, Understudy, and the common shape of a peer."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from bench import machine
from bench.shapes import STATIC_REPLY, STATIC_TEXT, Endpoint, Kind, Shape

ROOT = Path(__file__).resolve().parent.parent
UNDERSTUDY, YARDSTICK, PEER = "understudy", "yardstick", "peer"


class UnsupportedError(Exception):
    """A contender cannot serve a shape; the text says why."""


@dataclass(frozen=True)
class Contender:
    """One server as it is measured: how it is called, and the command that makes it serve a shape.

    `command(shape, folder, port)` writes what the server reads into `folder` and returns the command line.
    """

    name: str
    group: str
    command: Callable[[Shape, Path, int], list[str]]
    version: str = "?"
    warm_up_s: int = 1
    """the longest warm-up; one that gets no faster any more ends earlier"""
    fixed: bool = False
    note: str = ""

    @property
    def core(self) -> int | None:
        """Understudy and nginx are held to one core; peers may use all."""
        return None if self.group == PEER else machine.server_core()


def understudy(memo: bool = True) -> Contender:
    """Understudy as a user starts it, with or without the memo of raw requests."""

    def command(shape: Shape, folder: Path, port: int) -> list[str]:
        config = folder / "config.json"
        config.write_text(json.dumps({"endpoints": [_understudy_endpoint(one) for one in shape.endpoints]}))
        program = Path(sys.executable).parent / "understudy"
        options = ["--host", "127.0.0.1", "--port", str(port), "--quiet", "--no-watch", "--seed", "1"]
        return [str(program), "serve", str(config), *options, *([] if memo else ["--no-memo"])]

    name = "Understudy" if memo else "Understudy, memo off"
    return Contender(name, UNDERSTUDY, command, metadata.version("understudy"))


def _understudy_endpoint(endpoint: Endpoint) -> dict[str, Any]:
    responses: dict[Kind, dict[str, Any]] = {
        Kind.STATIC: STATIC_REPLY,
        Kind.TEMPLATED: {"id": "{{ uuid() }}", "at": "{{ now() }}", "hello": "{{ query.name }}"},
        Kind.ECHO: {"id": "{{ uuid() }}", "name": "{{ body.name }}"},
    }
    config: dict[str, Any] = {
        "path": endpoint.path,
        "method": endpoint.method,
        "response": responses[endpoint.kind],
    }
    if endpoint.status != 200:
        config["status"] = endpoint.status
    if endpoint.latency_ms:
        config["latency_ms"] = endpoint.latency_ms
    return config


def nginx() -> Contender:
    """The yardstick: nginx with one worker and a fixed reply, whatever the shape asks for."""

    def command(shape: Shape, folder: Path, port: int) -> list[str]:
        config = folder / "nginx.conf"
        config.write_text(_nginx_config(shape.asked, port))
        return ["nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(config)]

    version = machine.tool_version(["nginx", "-v"], r"nginx/([\d.]+)")
    return Contender("nginx", YARDSTICK, command, version, fixed=True)


def _nginx_config(asked: Endpoint, port: int) -> str:
    temporary = "\n".join(
        f"  {name}_temp_path {name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    reply = '{"id":"00000000-0000-4000-8000-000000000000","at":"2025-01-01T00:00:00.000Z","hello":"guest1"}'
    text = STATIC_TEXT if asked.kind is Kind.STATIC else reply
    return f"""daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log crit;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  default_type application/json;
  keepalive_requests 1000000000;
{temporary}
  server {{
    listen 127.0.0.1:{port};
    location / {{ return {asked.status} '{text}'; }}
  }}
}}
"""
