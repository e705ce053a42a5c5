"""Taking secrets out of multipart bodies (RFC 2046 section 5.1, RFC 7578), part by part."""

from __future__ import annotations

import re
from collections.abc import Callable

BOUNDARY = re.compile(r"boundary=(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)
_NAME = re.compile(rb"content-disposition:[^\r\n]*?[;\s]name=\"?([^\";\r\n]*)", re.IGNORECASE)
_FILE = re.compile(rb"content-disposition:[^\r\n]*?[;\s]filename\*?=", re.IGNORECASE)
_TYPE = re.compile(rb"content-type:\s*([^\r\n]*)", re.IGNORECASE)
MAX_DEPTH = 3

Field = Callable[[str, bytes], bytes]
"""The value of a field by its name → without secrets."""
Document = Callable[[bytes, str], bytes]
"""A file, or a part of an own type → without secrets."""


def boundary_of(content_type: str) -> bytes | None:
    """What parts the body; None if the type does not say."""
    found = BOUNDARY.search(content_type)
    return None if found is None else (found[1] or found[2]).encode("latin-1", "replace")


def redact_multipart(data: bytes, boundary: bytes, field: Field, document: Document) -> bytes:
    """The body without its secrets; heads of parts stay as they are."""
    parts = data.split(b"--" + boundary)
    return (b"--" + boundary).join([parts[0], *(_part(one, field, document) for one in parts[1:])])


def _part(part: bytes, field: Field, document: Document) -> bytes:
    for gap in (b"\r\n\r\n", b"\n\n"):
        head, sign, body = part.partition(gap)
        if sign:
            break
    else:
        return part
    end = b"\r\n" if body.endswith(b"\r\n") else b"\n" if body.endswith(b"\n") else b""
    content = body[: len(body) - len(end)]
    if not content:
        return part
    name, kind = _NAME.search(head), _TYPE.search(head)
    is_plain = kind is None or kind[1].lower().startswith(b"text/plain")
    if name is not None and is_plain and _FILE.search(head) is None:
        new = field(name[1].decode("utf-8", "replace"), content)
    else:
        new = document(content, kind[1].decode("latin-1") if kind else "")
    return head + sign + new + end
