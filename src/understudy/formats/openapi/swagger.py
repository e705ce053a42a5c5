"""Swagger 2.0 in the shape of OpenAPI 3.

Schemas, references and most keys are the same. Bodies and forms are parameters there, media types stand in
`consumes` and `produces`, and a parameter has the keys of its schema beside its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from understudy.formats.openapi.document import Node
from understudy.formats.openapi.keys import tell_slips
from understudy.formats.openapi.operations import (
    Body,
    Example,
    Header,
    Media,
    Parameter,
    Reader,
    examples_of,
)

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
COLLECTION_STYLES = {  # collectionFormat → style, explode
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}


class SwaggerReader(Reader):
    """Reads the operations of Swagger 2.0."""

    def prefix(self, node: Node) -> str | None:
        """The `basePath`, which only the whole document has."""
        if node.keys:
            return None
        path = node.text("basePath").rstrip("/")
        return path if path.startswith("/") or not path else f"/{path}"

    def tell(self, node: Node, what: str) -> None:
        """Warn of keys that are slips, in what has the same keys as in OpenAPI 3."""
        if what in ("document", "path", "operation"):
            tell_slips(node, what, is_3=False)

    def schemes(self) -> dict[str, Node]:
        """The security schemes by name, as OpenAPI 3 writes them."""
        found = {}
        for name, node in self.root.items("securityDefinitions"):
            if node.text("type") == "basic":
                node = Node({"type": "http", "scheme": "basic"}, node.document, node.keys)
            found[name] = node
        return found

    def parameter(self, node: Node) -> Parameter | None:
        """A parameter that is neither a body nor a field of a form."""
        if node.text("in") in ("body", "formData"):
            return None
        found = super().parameter(node)
        if found is None:
            return None
        style, explode = COLLECTION_STYLES.get(node.text("collectionFormat", "csv"), ("form", False))
        return Parameter(
            name=found.name,
            where=found.where,
            required=found.required,
            schema=node,  # its keys stand beside those of the parameter
            style="simple" if found.where in ("path", "header") else style,
            explode=explode,
            is_json=False,
            node=node,
        )

    def body(self, item: Node, node: Node) -> Body | None:
        """The body parameter, or one made of the fields of a form."""
        given: dict[tuple[str, str], Node] = {}
        for holder in (item, node):
            for one in holder.elements("parameters"):
                if one.text("in") in ("body", "formData"):
                    given[one.text("in"), one.text("name")] = one
        whole = next((one for (where, _), one in given.items() if where == "body"), None)
        if whole is not None:
            types = self._types(node, "consumes") or [JSON]
            schema = whole.get("schema")
            media = tuple(Media(name, schema, tuple(examples_of(whole)), whole) for name in types)
            return Body(whole.flag("required"), media, whole)
        return self._form(list(given.values()), node) if given else None

    def _form(self, fields: list[Node], node: Node) -> Body:
        has_file = any(one.text("type") == "file" for one in fields)
        known = [name for name in self._types(node, "consumes") if name in (FORM, MULTIPART)]
        types = [MULTIPART] if has_file else known or [FORM]
        required = [one.text("name") for one in fields if one.flag("required")]
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {one.text("name"): _field(one.value) for one in fields},
        }
        if required:
            schema["required"] = required
        keys = (*node.keys, "parameters")
        made = Node(schema, node.document, keys)
        encoding = {one.text("name"): _encoding(one) for one in fields if "collectionFormat" in one.value}
        media = Node({"schema": schema, "encoding": encoding}, node.document, keys)
        return Body(bool(required), tuple(Media(name, made, (), media) for name in types), made)

    def response_media(self, operation: Node, response: Node) -> Iterator[Media]:
        """One for each media type that the operation produces, or that has an example."""
        schema = response.get("schema")
        if schema is not None and schema.value == {"type": "file"}:
            schema = Node({"type": "string", "format": "binary"}, schema.document, schema.keys)
        examples = {name.lower(): Example("", one) for name, one in response.items("examples")}
        if schema is None and not examples:
            return
        types = self._types(operation, "produces") or [JSON]
        for name in dict.fromkeys([*examples, *types]) if schema is not None else examples:
            own = (examples[name],) if name in examples else ()
            yield Media(name, schema, own, response)

    def headers(self, node: Node) -> Iterator[Header]:
        """The headers of a response, which have the keys of their schemas."""
        for name, one in node.items("headers"):
            examples = [Example("", found) for key in ("x-example",) if (found := one.child(key))]
            yield Header(name, one, tuple(examples), one)

    def _types(self, operation: Node, key: str) -> list[str]:
        for holder in (operation, self.root):
            if isinstance(holder.value.get(key), list):
                return [str(one).strip().lower() for one in holder.value[key]]
        return []


def _encoding(field: Node) -> dict[str, Any]:
    """How a list is written in a form, as OpenAPI 3 has it."""
    style, explode = COLLECTION_STYLES.get(field.text("collectionFormat"), ("form", False))
    return {"style": style, "explode": explode}


def _field(value: Any) -> Any:
    """The schema of a form's field."""
    if not isinstance(value, dict):
        return {}
    if value.get("type") == "file":
        return {"type": "string", "format": "binary"}
    own = ("name", "in", "required", "description", "collectionFormat", "allowEmptyValue")
    return {key: item for key, item in value.items() if key not in own}
