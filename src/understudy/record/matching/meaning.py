"""Bodies by what they mean: two bodies of the same meaning have the same digest.

JSON is equal by its values (`1` is `1.0`, but not `true`; the order of keys does not count), forms by their
fields, multipart by its parts whatever the boundary, XML by its canonical form (as `match/kinds/xml_tree.py`
compares it). All else is equal by its bytes, and so is what is too large, too deep or not what it seems.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from understudy.record.exchange import BodyInFile
from understudy.record.matching.ignored import Ignored, without
from understudy.request import MAX_FIELDS, Request
from understudy.views.codings import codings_of, decoded
from understudy.views.content import MAX_JSON_BYTES, Content
from understudy.views.multipart import has_no_parts

MAX_READ_BYTES = MAX_JSON_BYTES
"""Larger bodies are compared by their bytes alone, as they went over the wire."""
MAX_DEPTH = 200
DIGEST_BYTES = 16
_FILE_CHUNK_BYTES = 1024 * 1024
_SPACE = " \t\r\n"


class Meaning(NamedTuple):
    """A body as it was read. `kind` is a row of the TABLE, or `bytes`."""

    kind: str
    value: Any

    def digest(self) -> bytes:
        """The same for all bodies of this meaning."""
        spell = KINDS[self.kind].spell if self.kind in KINDS else _itself
        return blake2b(b"%b\0%b" % (self.kind.encode(), spell(self.value)), digest_size=DIGEST_BYTES).digest()


class Kind(NamedTuple):
    """A way to read bodies. `read` raises ValueError where it fails; `spell` writes what it gave in one
    way."""

    fits: Callable[[Content], bool]
    read: Callable[[Content, Ignored], Any]
    spell: Callable[[Any], bytes]


def meaning(request: Request, ignored: Ignored) -> Meaning:
    """The meaning of a request's body, which is looked at without its content coding."""
    if len(request.body) > MAX_READ_BYTES:
        return Meaning("bytes", request.body)
    codings = codings_of(request.header("content-encoding"))
    if codings:
        try:
            body = decoded(request.body, codings, MAX_READ_BYTES)
        except ValueError:
            return Meaning("bytes", request.body)
        request = Request(request.method, request.raw_target, request.raw_headers, body)
    return _meaning(request, ignored)


def file_digest(file: BodyInFile) -> bytes:
    """The digest of a body by its bytes, read from a file piece by piece. Raises OSError."""
    whole = blake2b(b"bytes\0", digest_size=DIGEST_BYTES)
    with file.path.open("rb") as source:
        while piece := source.read(_FILE_CHUNK_BYTES):
            whole.update(piece)
    return whole.digest()


def _meaning(content: Content, ignored: Ignored) -> Meaning:
    for name, kind in KINDS.items():
        if kind.fits(content):
            try:
                return Meaning(name, kind.read(content, ignored))
            except ValueError:
                continue
    return Meaning("bytes", content.body)


def _itself(value: Any) -> bytes:
    assert isinstance(value, bytes)
    return value


# --- JSON ---------------------------------------------------------------------------------------------------


def _seems_json(content: Content) -> bool:
    """By the first character, whatever the type says: many clients send JSON as text or as a form."""
    if content.body.lstrip(b" \t\r\n")[:1] in (b"{", b"["):
        return True
    kind = content.content_type
    return kind == "application/json" or kind.endswith("+json")


_UNEVEN = re.compile(rb"[0-9][.eE]")


def _read_json(content: Content, ignored: Ignored) -> Any:
    value = content.json()
    # Most bodies can be written as they were read: the walk is for numbers such as 1.0, and for depth.
    body = content.body
    if ignored.names or ignored.expressions or _UNEVEN.search(body) or _is_deep(body):
        value = without(plain(value, ignored.names), ignored.expressions)
    return value


def _is_deep(body: bytes) -> bool:
    return body.count(b"[") + body.count(b"{") > MAX_DEPTH


def plain(value: Any, names: frozenset[str], depth: int = 0) -> Any:
    """A copy without the fields of these names, whose whole numbers are ints. Raises ValueError if deep."""
    if type(value) is float:
        return int(value) if value.is_integer() else value
    if depth >= MAX_DEPTH:
        if isinstance(value, dict | list):
            raise ValueError(f"nested more than {MAX_DEPTH} deep")
        return value
    if type(value) is dict:
        return {key: plain(item, names, depth + 1) for key, item in value.items() if key not in names}
    if type(value) is list:
        return [plain(item, names, depth + 1) for item in value]
    return value


def _spell_json(value: Any) -> bytes:
    return msgspec.json.encode(value, order="sorted")


# --- forms --------------------------------------------------------------------------------------------------


def _is_form(content: Content) -> bool:
    return isinstance(content, Request) and content.content_type == "application/x-www-form-urlencoded"


def _read_form(content: Content, ignored: Ignored) -> Any:
    assert isinstance(content, Request)
    if content.body.count(b"&") >= MAX_FIELDS:
        raise ValueError("too many fields")
    return {name: values for name, values in content.form.items() if name not in ignored.fields}


def _spell_form(value: Any) -> bytes:
    return msgspec.json.encode(value, order="sorted")


# --- multipart ----------------------------------------------------------------------------------------------


class PartMeaning(NamedTuple):
    """A part: what says what it is, and its body."""

    name: str | None
    filename: str | None
    content_type: str
    body: Meaning


def _is_multipart(content: Content) -> bool:
    return isinstance(content, Request) and content.content_type.startswith("multipart/")


def _read_multipart(content: Content, ignored: Ignored) -> Any:
    assert isinstance(content, Request)
    parts = content.multipart
    if not parts and not has_no_parts(content.header("content-type") or "", content.body):
        raise ValueError("no parts can be read")
    found = [
        PartMeaning(part.name, part.filename, part.content_type, _meaning(part, ignored))
        for part in parts
        if part.name not in ignored.fields
    ]
    if content.content_type == "multipart/form-data":  # fields of different names have no order
        found.sort(key=lambda part: part.name or "")
    return found


def _spell_multipart(value: Any) -> bytes:
    rows = [(part.name, part.filename, part.content_type, part.body.digest().hex()) for part in value]
    return msgspec.json.encode(rows)


# --- XML ----------------------------------------------------------------------------------------------------


def _seems_xml(content: Content) -> bool:
    kind = content.content_type
    return kind in {"application/xml", "text/xml"} or kind.endswith("+xml") or content.body[:5] == b"<?xml"


def _read_xml(content: Content, ignored: Ignored) -> Any:
    return content.xml()


def _spell_xml(root: Any) -> bytes:
    from lxml import etree

    pieces = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            attributes = sorted(element.attrib.items())
            pieces.append((element.tag, attributes, (element.text or "").strip(_SPACE)))
        else:
            tail = "" if element is root else (element.tail or "").strip(_SPACE)
            pieces.append(("", [], tail))
    return msgspec.json.encode(pieces)


KINDS: dict[str, Kind] = {
    "json": Kind(_seems_json, _read_json, _spell_json),
    "form": Kind(_is_form, _read_form, _spell_form),
    "multipart": Kind(_is_multipart, _read_multipart, _spell_multipart),
    "xml": Kind(_seems_xml, _read_xml, _spell_xml),
}
"""The TABLE of what bodies are read as, in the order in which it is tried."""
