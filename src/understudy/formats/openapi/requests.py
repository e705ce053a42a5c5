"""What the document asks of requests, as `validate`."""

from __future__ import annotations

import re
from typing import Any

from understudy.formats.openapi.document import Node
from understudy.formats.openapi.operations import Body, Operation, Parameter
from understudy.formats.openapi.paths import Path
from understudy.formats.openapi.schemas import Schemas

IGNORED = frozenset(("accept", "content-type", "authorization"))
"""Header parameters that mean nothing (OpenAPI 3.1 section 4.7.12.1)."""
_JSON = re.compile(r"application/json|[\w.-]+/[\w.-]+\+json|text/json", re.ASCII)
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_MEDIA_TYPE = re.compile(r"[\w.+*-]+/[\w.+*-]+", re.ASCII)


def validate_of(operation: Operation, path: Path, schemas: Schemas) -> dict[str, Any]:
    """The value of `validate`; empty if anything is valid. `schemas` are those for requests."""
    found: dict[str, Any] = {}
    for where, key in (("path", "params"), ("query", "query"), ("header", "headers")):
        own = [one for one in operation.parameters if one.where == where]
        schema = _fields(own, path, schemas)
        if schema:
            found[key] = schema
    for one in operation.parameters:
        if one.where == "cookie" and one.required:
            one.node.warn("requests are not held against cookies: they may leave this one out")
    if operation.body is not None:
        found |= _body(operation.body, schemas)
    return found


def _fields(parameters: list[Parameter], path: Path, schemas: Schemas) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    definitions: dict[str, Any] = {}
    for one in parameters:
        if one.where == "header" and one.name.lower() in IGNORED:
            continue
        if _is_spread(one):
            one.node.warn(
                f"an object spread over several parameters ({one.style}) is not checked", found=one.name
            )
            continue
        name = path.names.get(one.name, one.name) if one.where == "path" else one.name
        schema = _parameter_schema(one, schemas)
        if isinstance(schema, dict):
            definitions |= schema.pop("$defs", {})
        if one.where == "path" and (name not in path.names.values() or _is_said(path, name, schema)):
            continue
        if one.required and one.where != "path":
            required.append(name)
        if schema not in ({}, True, {"type": "string"}):
            properties[name] = schema
    made: dict[str, Any] = {}
    if properties:
        made["properties"] = properties
    if required:
        made["required"] = required
    if definitions:
        made["$defs"] = definitions
    return made


def _is_said(path: Path, name: str, schema: Any) -> bool:
    """Whether the type of the path's parameter says all that its schema does."""
    for kind, types in (("int", "integer"), ("float", "number"), ("uuid", "string"), ("date", "string")):
        if f"{{{name}:{kind}}}" in path.text and isinstance(schema, dict):
            rest = {key: item for key, item in schema.items() if (key, item) != ("type", types)}
            return all(key == "format" for key in rest)
    return False


def _is_spread(parameter: Parameter) -> bool:
    """Whether an object's properties are parameters of their own, `filter[a]=1` or `a=1`."""
    if parameter.style == "deepObject":
        return True
    schema = parameter.schema
    kind = schema.value.get("type") if schema is not None and isinstance(schema.value, dict) else None
    return kind == "object" and not parameter.is_json


def _parameter_schema(parameter: Parameter, schemas: Schemas) -> Any:
    if parameter.schema is None or parameter.is_json:
        return {"type": "string"}
    schema = schemas.of(parameter.schema)
    is_list = isinstance(schema, dict) and "items" in schema
    if is_list and parameter.where == "query" and not parameter.explode:
        return {"type": "string"}  # one text with commas, spaces or bars in it
    return dict(schema) if isinstance(schema, dict) else schema


def _body(body: Body, schemas: Schemas) -> dict[str, Any]:
    """The schema of the body if it is JSON or a form, and which types it may have."""
    found: dict[str, Any] = {}
    types = [media.type.partition(";")[0].strip() for media in body.media]
    known = [name for name in dict.fromkeys(types) if _MEDIA_TYPE.fullmatch(name)]
    checked = [
        media
        for media, name in zip(body.media, types, strict=True)
        if media.schema is not None and (_JSON.fullmatch(name) or name in _FORMS or name == "*/*")
    ]
    if checked and len(checked) == len(body.media):
        made = [schemas.of(media.schema) for media in checked if isinstance(media.schema, Node)]
        found["body"] = made[0] if all(one == made[0] for one in made) else _any_of(made)
        if not body.required:
            found["required_body"] = False
    elif body.required:
        found["required_body"] = True
    if known and "*/*" not in known:
        found["content_type"] = known[0] if len(known) == 1 else known
    return found


def _any_of(schemas: list[Any]) -> Any:
    """One of several is enough: which one depends on the media type."""
    definitions: dict[str, Any] = {}
    parts = []
    for one in schemas:
        if isinstance(one, dict):
            definitions |= one.get("$defs", {})
            one = {key: item for key, item in one.items() if key != "$defs"}
        if one not in parts:
            parts.append(one)
    made = parts[0] if len(parts) == 1 else {"anyOf": parts}
    return {**made, "$defs": definitions} if definitions and isinstance(made, dict) else made
