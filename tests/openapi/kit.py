"""Documents and operations without a server around them."""

from __future__ import annotations

import json
from dataclasses import dataclass

import msgspec

from understudy.formats.openapi.document import Library
from understudy.formats.openapi.operations import Api, Operation, read_api
from understudy.formats.openapi.paths import Path, path_of
from understudy.formats.read import text_source
from understudy.match.path import PathPattern
from understudy.openapi.access import Access, compile_access
from understudy.openapi.outgoing import Check, compile_outgoing
from understudy.openapi.requests import Incoming, compile_requests
from understudy.request import Request, canonical_path


def api_of(document: dict) -> Api:
    """A document as its operations."""
    source = text_source(json.dumps(document), "api.json", ".json")
    return read_api(Library().begin(source, None))


def api_with(operation: dict, path: str = "/a", method: str = "post", version: str = "3.1.0", **rest) -> Api:
    """A document with one operation."""
    key = "swagger" if version.startswith("2") else "openapi"
    operation = {"responses": {"200": {"description": "fine"}}, **operation}
    return api_of({key: version, "info": {"title": "t"}, "paths": {path: {method: operation}}, **rest})


@dataclass
class Held:
    """The one operation of a document, and what it asks."""

    api: Api
    operation: Operation
    path: Path
    incoming: Incoming

    def request(self, target: str = "/a", body: bytes | str = b"", **headers: str) -> Request:
        """A request to it."""
        raw = body.encode() if isinstance(body, str) else body
        named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        made = Request(self.operation.method, target.encode(), named, raw)
        made.path = canonical_path(made.raw_target.partition(b"?")[0])
        made.params = PathPattern(self.path.text).match(made.path) or {}
        return made

    def said(self, target: str = "/a", body: bytes | str = b"", **headers: str) -> list[str]:
        """What is wrong with a request: location, code and message of each violation."""
        found = self.incoming.look(self.request(target, body, **headers))
        return [f"{'.'.join(one.location)} {one.code}: {one.message}" for one in found]

    def json(self, value) -> list[str]:
        """What is wrong with a JSON body."""
        return self.said(body=msgspec.json.encode(value), content_type="application/json")


def held(operation: dict, path: str = "/a", method: str = "post", version: str = "3.1.0", **rest) -> Held:
    """An operation, compiled."""
    api = api_with(operation, path, method, version, **rest)
    (one,) = api.operations
    its_path = path_of(one)
    assert its_path is not None
    return Held(api, one, its_path, compile_requests(one, its_path, api.version in ("3.1", "3.2")))


def held_body(schema, media_type: str = "application/json", required: bool = False, **rest) -> Held:
    """An operation with a body in one media type."""
    media = {"schema": schema, **rest.pop("media", {})}
    body = {"requestBody": {"required": required, "content": {media_type: media}}}
    return held(body, **rest)


def held_parameter(schema, where: str = "query", name: str = "p", **rest) -> Held:
    """An operation with one parameter."""
    version = rest.pop("version", "3.1.0")
    parameter = {"name": name, "in": where, "schema": schema, **rest}
    if where == "path":
        parameter["required"] = True
    return held({"parameters": [parameter]}, "/a/{" + name + "}" if where == "path" else "/a", "get", version)


def access_of(security, schemes: dict, api_security=None) -> Access | None:
    """Who may use an operation."""
    operation = {} if security is None else {"security": security}
    rest = {"components": {"securitySchemes": schemes}}
    if api_security is not None:
        rest["security"] = api_security
    api = api_with(operation, **rest)
    return compile_access(api.operations[0], api.security, api.schemes)


def outgoing_of(responses: dict, version: str = "3.1.0") -> Check:
    """What finds fault with responses."""
    api = api_with({"responses": responses}, version=version)
    return compile_outgoing(api.operations[0], api.version in ("3.1", "3.2"))


__all__ = ["Held", "access_of", "api_of", "api_with", "held", "held_body", "held_parameter", "outgoing_of"]
