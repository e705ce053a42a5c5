"""XML as the data of a schema, named as its `xml` says (OpenAPI 3.1 section 4.7.26): the way back of
`formats.openapi.xml`.

What a schema leaves open is read as it is likely to be meant: elements are found by the names that the
schema has for them, or else by those of its properties; neither prefixes nor the name of the root are
looked at. Texts stay texts: `Shape.conform` makes of them what the schema asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from understudy.formats.openapi.xml import tag_of
from understudy.openapi.media import bare
from understudy.openapi.shapes import Shape

MAX_DEPTH = 100
"""Elements in each other, as many as are written."""
XML = re.compile(r"(?:application|text)/xml|[\w.-]+/[\w.-]+\+xml", re.ASCII)
_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_ABOUT = ("{http://www.w3.org/XML/1998/namespace}", _INSTANCE)
"""Attributes that say something of an element, and are none of its data."""


def is_xml(media_type: str) -> bool:
    """Whether a media type is XML (RFC 7303 section 4.2)."""
    return XML.fullmatch(bare(media_type)) is not None


class _Names(NamedTuple):
    """The properties of an object by what they are called in XML."""

    elements: dict[str, str]
    attributes: dict[str, str]


class FromXml:
    """Reads documents as what a schema describes."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._names: dict[Shape, _Names] = {}

    @property
    def is_structured(self) -> bool:
        """Whether the schema says what is in the document: else it is a text, or anything."""
        return self.shape.is_object or self.shape.is_list

    def read(self, root: Any) -> Any:
        """A document as objects, lists and texts. Raises ValueError. `root`: its root element, of lxml."""
        return self._element(root, self.shape, 0)

    def _element(self, element: Any, shape: Shape, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise ValueError(
                f"the body is not read as XML: it has more than {MAX_DEPTH} elements in each other"
            )
        if element.get(f"{_INSTANCE}nil") in ("true", "1"):
            return None
        children = list(element)
        if not children and _is_text(element, shape):
            text: str = element.text or ""
            return text.strip() if shape.types and "string" not in shape.types else text
        if _is_list(shape):
            return [self._element(child, shape.item, depth + 1) for child in children]
        return self._object(element, children, shape, depth)

    def _object(self, element: Any, children: list[Any], shape: Shape, depth: int) -> dict[str, Any]:
        names = self._names_of(shape)
        found: dict[str, Any] = {
            names.attributes.get(_local(name), _local(name)): value for name, value in _attributes(element)
        }
        several: set[str] = set()  # those that are lists by now
        for child in children:
            name = names.elements.get(_local(child.tag), _local(child.tag))
            inner = shape.named(name)
            is_item = _is_list(inner) and not _is_wrapped(inner)
            value = self._element(child, inner.item if is_item else inner, depth + 1)
            if name in several:
                found[name].append(value)
            elif is_item or name in found:
                # where it should be no list the schema refuses it
                several.add(name)
                found[name] = [found[name], value] if name in found else [value]
            else:
                found[name] = value
        for name in shape.required - found.keys():
            inner = shape.named(name)
            if _is_list(inner) and not _is_wrapped(inner):
                found[name] = []  # no element is all that can be written of it
        return found

    def _names_of(self, shape: Shape) -> _Names:
        known = self._names.get(shape)
        if known is not None:
            return known
        elements: dict[str, str] = {}
        attributes: dict[str, str] = {}
        inner = {name: shape.named(name) for name in shape.names}
        for name, one in inner.items():
            own = one.xml.get("name")
            if _is_list(one) and not _is_wrapped(one):
                item = one.item.xml.get("name")
                if isinstance(item, str):
                    elements.setdefault(tag_of(item), name)
            if isinstance(own, str):
                elements.setdefault(tag_of(own), name)
                if one.xml.get("attribute") is True:
                    attributes.setdefault(tag_of(own), name)
        for name in inner:
            elements.setdefault(tag_of(name), name)
            attributes.setdefault(tag_of(name), name)
        self._names[shape] = made = _Names(elements, attributes)
        return made


def _is_text(element: Any, shape: Shape) -> bool:
    """Whether an element without others in it is its text, and not an object or a list with nothing in it."""
    has_text = bool((element.text or "").strip())
    if any(True for _ in _attributes(element)) and (shape.is_object or not (shape.types or has_text)):
        return False
    return has_text or not (shape.is_object or shape.is_list)


def _attributes(element: Any) -> Iterator[tuple[str, str]]:
    """The attributes that are data."""
    return ((name, value) for name, value in element.attrib.items() if not name.startswith(_ABOUT))


def _is_list(shape: Shape) -> bool:
    return shape.is_list and not shape.is_object


def _is_wrapped(shape: Shape) -> bool:
    return shape.xml.get("wrapped") is True


def _local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]
