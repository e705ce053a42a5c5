"""Data as XML, named as the schema's `xml` says (OpenAPI 3.1 section 4.7.26)."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import msgspec

from understudy.formats.openapi.document import Node

MAX_DEPTH = 100
_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)


def xml_text(value: Any, schema: Node | None) -> str:
    """A document with one root element: what the schema calls it, or what it is called itself, or `root`."""
    schema = _resolved(schema)
    name = _xml(schema).text("name") if schema is not None else ""
    if not name and schema is not None and len(schema.keys) > 1 and "schemas" in schema.keys[-2:]:
        name = str(schema.keys[-1])
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _element(name or "root", value, schema, 0) + "\n"


def _element(name: str, value: Any, schema: Node | None, depth: int) -> str:
    about = _xml(schema)
    tag = tag_of(name)
    attributes = ""
    if prefix := about.text("prefix"):
        tag = f"{tag_of(prefix)}:{tag}"
    if namespace := about.text("namespace"):
        attributes = f" xmlns{f':{tag_of(prefix)}' if prefix else ''}={quoteattr(namespace)}"
    if depth > MAX_DEPTH:
        return f"<{tag}/>"
    if isinstance(value, dict):
        inner = ""
        for key, item in value.items():
            child = _property(schema, key)
            if _xml(child).flag("attribute") and not isinstance(item, dict | list):
                attributes += f" {tag_of(_xml(child).text('name', key))}={quoteattr(_plain(item))}"
            elif isinstance(item, list):
                inner += _list(key, item, child, depth + 1)
            else:
                inner += _element(_xml(child).text("name", key), item, child, depth + 1)
    elif isinstance(value, list):  # only the root
        items = _resolved(schema.child("items")) if schema is not None else None
        inner = "".join(_element(_xml(items).text("name", "item"), item, items, depth + 1) for item in value)
    else:
        inner = escape(_plain(value))
    return f"<{tag}{attributes}>{inner}</{tag}>" if inner else f"<{tag}{attributes}/>"


def _list(key: str, values: list[Any], schema: Node | None, depth: int) -> str:
    """Elements one after the other; within one of their own if the schema says `wrapped`."""
    about = _xml(schema)
    items = _resolved(schema.child("items")) if schema is not None else None
    outer = about.text("name", key)
    name = _xml(items).text("name", outer if about.flag("wrapped") else key)
    inner = "".join(
        _element(name, value if not isinstance(value, list) else _plain(value), items, depth + 1)
        for value in values
    )
    return f"<{tag_of(outer)}>{inner}</{tag_of(outer)}>" if about.flag("wrapped") else inner


def _property(schema: Node | None, key: str) -> Node | None:
    """The schema of a property, also where `allOf` has it."""
    if schema is None:
        return None
    properties = schema.get("properties")
    if properties is not None and (found := properties.get(key)) is not None:
        return found
    for part in schema.elements("allOf"):
        properties = part.get("properties")
        if properties is not None and (found := properties.get(key)) is not None:
            return found
    return None


def _xml(schema: Node | None) -> Node:
    """The `xml` of a schema; an empty one if it has none."""
    found = schema.get("xml") if schema is not None else None
    return found if found is not None else _NOTHING


def _resolved(schema: Node | None) -> Node | None:
    return schema.resolved() if schema is not None else None


def tag_of(name: str) -> str:
    """A name that XML allows."""
    made = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)
    return made if _NAME.fullmatch(made) else f"_{made}"


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


_NOTHING = Node({}, None)  # type: ignore[arg-type]
"""No document is asked, as there is no reference in it."""
