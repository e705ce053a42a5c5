"""What a server is asked to serve, and how one of its answers is judged.

A shape is the same API for every contender; each contender writes it in its own language (see contenders.py).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

STATIC_REPLY: dict[str, Any] = {
    "users": [{"id": 1, "name": "Alice", "role": "admin"}, {"id": 2, "name": "Bob", "role": "reader"}],
    "total": 2,
}
STATIC_TEXT = json.dumps(STATIC_REPLY, separators=(",", ":"))
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Kind(StrEnum):
    """What an endpoint answers."""

    STATIC = "static"
    """always STATIC_REPLY"""
    TEMPLATED = "templated"
    """a new uuid, the time, and the query value `name`"""
    ECHO = "echo"
    """a new uuid and the field `name` of the posted JSON, with status 201"""


@dataclass(frozen=True)
class Endpoint:
    """One endpoint; `{id}` in the path is a parameter."""

    path: str
    method: str = "GET"
    kind: Kind = Kind.STATIC
    latency_ms: int = 0

    @property
    def status(self) -> int:
        return 201 if self.kind is Kind.ECHO else 200


@dataclass(frozen=True)
class Probe:
    """One request and what its answer must hold."""

    endpoint: Endpoint
    target: str
    name: str = ""

    @property
    def body(self) -> bytes | None:
        return json.dumps({"name": self.name}).encode() if self.endpoint.kind is Kind.ECHO else None


@dataclass(frozen=True)
class Shape:
    """An API to serve; the last endpoint is the one that is asked."""

    name: str
    endpoints: tuple[Endpoint, ...]

    @property
    def asked(self) -> Endpoint:
        return self.endpoints[-1]

    def probe(self, name: str) -> Probe:
        """A request for the asked endpoint that carries `name` wherever the endpoint reads one."""
        path = self.asked.path.replace("{id}", "7")
        query = f"?name={name}" if self.asked.kind is Kind.TEMPLATED else ""
        return Probe(self.asked, path + query, name)


def many(count: int) -> Shape:
    return Shape(f"{count}-endpoints", tuple(Endpoint(f"/svc{n}/users") for n in range(1, count + 1)))


def many_parameterised(count: int) -> Shape:
    endpoints = tuple(Endpoint(f"/svc{n}/users/{{id}}") for n in range(1, count + 1))
    return Shape(f"{count}-parameterised", endpoints)


STATIC = Shape("static", (Endpoint("/api/users"),))
TEMPLATED = Shape("templated", (Endpoint("/api/greeting", kind=Kind.TEMPLATED),))
POST = Shape("post", (Endpoint("/api/orders", "POST", Kind.ECHO),))


def slow(latency_ms: int) -> Shape:
    return Shape(f"slow-{latency_ms}", (Endpoint("/api/slow", latency_ms=latency_ms),))


def fault_in(probe: Probe, status: int, body: bytes, *, fixed: bool = False) -> str | None:
    """What is wrong with an answer, or None. `fixed` is for the yardstick, which cannot template."""
    if status != probe.endpoint.status:
        return f"answered status {status} to {probe.target}, expected {probe.endpoint.status}"
    try:
        reply = json.loads(body)
    except ValueError:
        return f"answered no JSON: {body[:80]!r}"
    if not isinstance(reply, dict):
        return f"answered {body[:80]!r}, expected an object"
    if fixed:
        return None
    return _fault_in_fields(probe, reply)


def _fault_in_fields(probe: Probe, reply: dict[str, Any]) -> str | None:
    if probe.endpoint.kind is Kind.STATIC:
        return None if reply == STATIC_REPLY else f"answered {reply}, expected {STATIC_REPLY}"
    if not UUID.fullmatch(str(reply.get("id"))):
        return f"answered no uuid: {reply}"
    if probe.endpoint.kind is Kind.TEMPLATED and not _is_time(reply.get("at")):
        return f"answered no time: {reply}"
    field = "hello" if probe.endpoint.kind is Kind.TEMPLATED else "name"
    if reply.get(field) != probe.name:
        return f"answered {field}={reply.get(field)!r}, expected {probe.name!r}"
    return None


def _is_time(value: object) -> bool:
    try:
        return datetime.fromisoformat(str(value)).year >= 2020
    except ValueError:
        return False
