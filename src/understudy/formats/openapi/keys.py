"""Keys of a document that nothing is done with, where their writer certainly meant another one.

Documents in the wild have all sorts of keys of tools in them, so that only what is one slip away from a key
that is not there, or is of another version, is told.
"""

from __future__ import annotations

from understudy.formats.openapi.document import Node
from understudy.load.hints import near_key
from understudy.load.words import cut

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
"""The keys of a path that are methods; `query` is of OpenAPI 3.2."""

KNOWN: dict[str, frozenset[str]] = {
    # OpenAPI 3.2 section 4, and Swagger 2.0: keys that any version has
    "document": frozenset(
        {"openapi", "info", "jsonSchemaDialect", "servers", "paths", "webhooks", "components", "security"}
        | {"tags", "externalDocs", "$self", "swagger", "host", "basePath", "schemes", "consumes", "produces"}
        | {"definitions", "parameters", "responses", "securityDefinitions"}
    ),
    "path": frozenset(
        {"$ref", "summary", "description", "servers", "parameters", "additionalOperations", *METHODS}
    ),
    "operation": frozenset(
        {"tags", "summary", "description", "externalDocs", "operationId", "parameters", "requestBody"}
        | {"responses", "callbacks", "deprecated", "security", "servers", "consumes", "produces", "schemes"}
    ),
    "parameter": frozenset(
        {"name", "in", "description", "required", "deprecated", "allowEmptyValue", "style", "explode"}
        | {"allowReserved", "schema", "example", "examples", "content"}
    ),
    "request body": frozenset({"description", "content", "required"}),
    "response": frozenset({"summary", "description", "headers", "content", "links"}),
    "media type": frozenset(
        {"schema", "itemSchema", "example", "examples", "encoding", "prefixEncoding", "itemEncoding"}
    ),
}
SINCE_3: dict[str, dict[str, str]] = {
    "parameter": dict.fromkeys(
        ("type", "format", "enum", "default", "items", "minimum", "maximum", "pattern"), "in `schema`"
    ),
    "response": {"schema": "in `content`, below a media type"},
    "request body": {"schema": "in `content`, below a media type"},
    "operation": dict.fromkeys(("consumes", "produces"), "in `content`, as its keys"),
}
"""Keys of Swagger 2.0 that stand somewhere else since OpenAPI 3."""


def tell_slips(node: Node, what: str, *, is_3: bool = True) -> None:
    """Warn of keys of an object that are no keys of a `what`, a row of KNOWN, but nearly so."""
    written = node.value
    if not isinstance(written, dict):
        return
    moved = SINCE_3.get(what, {}) if is_3 else {}
    known = KNOWN[what]
    for key in written:
        if key in moved:
            node.warn(
                f"`{key}` is of Swagger 2.0: OpenAPI 3 has it {moved[key]}; nothing is done with it", key
            )
        elif key not in known and not key.startswith("x-"):
            near = near_key(key, [one for one in known if one not in written])
            if near is not None:
                node.warn(f'unknown key "{cut(key)}": nothing is done with it', key, suggestion=f'"{near}"')
