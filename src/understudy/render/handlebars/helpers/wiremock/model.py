"""What WireMock's templates see: `request` and what is like it."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from understudy.render.handlebars.values import Fields, Values
from understudy.render.scope import RequestLike, Scope
from understudy.render.values import as_json


def root(scope: Scope, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What templates see: `request`, `parameters`, and in webhooks `originalRequest`."""
    request = request_model(scope)
    return {**scope.extra, "request": request, "originalRequest": request, "parameters": dict(parameters)}


def request_model(scope: Scope) -> Fields:
    """The request as templates see it."""
    request = scope.request
    return Fields(
        {
            "id": lambda: scope.draws.uuid("request id"),
            "url": lambda: _origin_form(request.target),
            "path": lambda: _path(request),
            "pathSegments": lambda: _segments(request),
            "query": lambda: {name: Values(values) for name, values in request.query.items()},
            "method": lambda: request.method,
            "host": lambda: request.host,
            "port": lambda: _port(request),
            "scheme": lambda: "http",
            "baseUrl": lambda: f"http://{request.header('host') or ''}",
            "clientIp": lambda: request.client,
            "headers": lambda: _headers(request.headers),
            "cookies": lambda: dict(request.cookies),
            "body": lambda: request.text,
            "bodyAsBase64": lambda: base64.b64encode(request.body).decode(),
            "multipart": lambda: bool(request.multipart),
            "parts": lambda: {part.name: _part(part) for part in request.multipart if part.name is not None},
            "requestLine": lambda: request_model(scope),
        },
        lambda: f"{request.method} {request.target}",
    )


def _origin_form(target: str) -> str:
    return target if target.startswith("/") else "/" + target.partition("://")[2].partition("/")[2]


def _port(request: RequestLike) -> int:
    port = (request.header("host") or "").rpartition(":")[2]
    return int(port) if port.isdigit() and len(port) < 6 else 80


def _segments(request: RequestLike) -> Values:
    return Values(segment for segment in request.path.split("/") if segment)


def _path(request: RequestLike) -> Fields:
    """The path: text, segments by number, parameters by name (in a config they have `_` for `-`)."""

    def field(name: str) -> Any:
        if re.fullmatch(r"-?[0-9]{1,9}", name):
            segments, at = _segments(request), int(name)
            return segments[at] if -len(segments) <= at < len(segments) else None
        params = request.params
        return params.get(name, params.get(re.sub(r"[^A-Za-z0-9_]", "_", name)))

    return Fields(field, lambda: request.path)


def _headers(headers: list[tuple[str, str]]) -> Fields:
    def field(name: str) -> Any:
        lower = name.lower()
        values = Values(value for key, value in headers if key == lower)
        return values or None

    return Fields(field, lambda: as_json(dict(headers)))


def _part(part: Any) -> dict[str, Any]:
    return {
        "name": part.name,
        "body": part.text,
        "bodyAsBase64": base64.b64encode(part.body).decode(),
        "binary": part.filename is not None,
        "headers": _headers([(name.lower(), value) for name, value in part.headers]),
    }
