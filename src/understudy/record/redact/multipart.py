"""Taking secrets out of multipart bodies (RFC 2046 section 5.1, RFC 7578), part by part."""

from __future__ import annotations

import re
from collections.abc import Callable

BOUNDARY = re.compile(r"boundary=(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)
# Where lines begin, and nowhere else: all of a line that has it often would be read for each.
_NAME = re.compile(rb"^content-disposition:[^\r\n]*?[;\s]name=\"?([^\";\r\n]*)", re.IGNORECASE | re.MULTILINE)
_FILE = re.compile(
    rb"(^content-disposition:[^\r\n]*?[;\s]filename\*?=)(\"[^\"\r\n]*|[^\";\r\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_CODING = re.compile(rb"content-encoding:\s*([^\r\n]*)", re.IGNORECASE)
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


FileName = Callable[[bytes], bytes]
"""The name of a file → without secrets."""


Coded = Callable[[bytes, str, Callable[[bytes], bytes]], bytes]
"""A part, its `Content-Encoding`, and what takes secrets out of it without coding → without secrets."""


def redact_multipart(
    data: bytes, boundary: bytes, field: Field, document: Document, file_name: FileName, coded: Coded
) -> bytes:
    """The body without its secrets; heads of parts stay as they are, but for names of files."""
    parts = data.split(b"--" + boundary)
    done = (_part(one, field, document, file_name, coded) for one in parts[1:])
    return (b"--" + boundary).join([parts[0], *done])


def _part(part: bytes, field: Field, document: Document, file_name: FileName, coded: Coded) -> bytes:
    for gap in (b"\r\n\r\n", b"\n\n"):
        head, sign, body = part.partition(gap)
        if sign:
            break
    else:
        return part
    end = b"\r\n" if body.endswith(b"\r\n") else b"\n" if body.endswith(b"\n") else b""
    content = body[: len(body) - len(end)]
    name, kind, file = _NAME.search(head), _TYPE.search(head), _FILE.search(head)
    if file is not None:
        head = head[: file.start(2)] + file_name(file[2]) + head[file.end(2) :]
    is_plain = kind is None or kind[1].lower().startswith(b"text/plain")
    if not content:
        return head + sign + end

    def redact(data: bytes) -> bytes:
        if name is not None and is_plain and file is None:
            return field(name[1].decode("utf-8", "replace"), data)
        return document(data, kind[1].decode("latin-1") if kind else "")

    coding = _CODING.search(head)
    new = redact(content) if coding is None else coded(content, coding[1].decode("latin-1"), redact)
    return head + sign + new + end
