"""Asking control endpoints."""

from __future__ import annotations

import json
from urllib.parse import quote

from tests.kit import Answer, get


def control(server, method: str, path: str, content=None, *, space: str | None = None) -> Answer:
    """One request to a control endpoint, with a JSON body if there is content."""
    body = b"" if content is None else json.dumps(content).encode()
    headers = "" if space is None else f"X-Understudy-Space: {space}\r\n"
    return get(server, path, method, headers, body)


def endpoint(name: str) -> str:
    """The path of an endpoint's own control endpoint."""
    return f"/__endpoints/{quote(name, safe='')}"


def in_space(server, target: str, space: str, method: str = "GET", body: bytes = b"") -> Answer:
    """An ordinary request of a space."""
    return get(server, target, method, f"X-Understudy-Space: {space}\r\n", body)
