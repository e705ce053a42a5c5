"""Answers that a client has stored: files that a request names, or an answer that stands below it."""

from __future__ import annotations

import re
from pathlib import Path

from understudy.formats.asked import Answer, Book
from understudy.formats.beside import read_beside
from understudy.formats.http_files.parse import Written

IDEA = Path(".idea") / "httpRequests"
"""Where JetBrains' client keeps what was answered, in the project's folder."""
MAX_UP = 20
_STATUS = re.compile(r"\.([1-5][0-9]{2})(?:\.\w+)?$")
_HEAD = re.compile(rb"HTTP/[0-9.]+[ \t]+([1-5][0-9]{2})[^\r\n]*\r?\n")
_TYPES = {
    ".json": "application/json", ".xml": "application/xml", ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8", ".csv": "text/csv", ".png": "image/png", ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg", ".gif": "image/gif", ".svg": "image/svg+xml", ".pdf": "application/pdf",
}  # fmt: skip


def answer_of(request: Written, book: Book) -> Answer | None:
    """What the request was answered with; None if nothing is known."""
    faults: list[str] = []
    for name in request.stored:
        data, fault = _stored(name, book)
        if data is not None:
            return _read(data, name, request.status)
        faults.append(fault)
    if faults:
        book.warn(request.line, f"a stored answer is not read: {faults[0]}")
    if request.answer:
        return _read("\n".join(request.answer).rstrip("\n").encode(), "", request.status)
    return Answer(request.status) if request.status is not None else None


def _stored(name: str, book: Book) -> tuple[bytes | None, str]:
    """What is in a file with an answer, beside the document or where the editor keeps such files."""
    data, fault = book.file(name)
    if data is None and book.folder is not None:
        base = re.split(r"[/\\]", name)[-1]
        for folder in [book.folder, *book.folder.parents][:MAX_UP]:
            if (folder / IDEA).is_dir():
                kept, _ = read_beside(folder / IDEA, base)
                if kept is not None:
                    book.read.append(folder / IDEA / base)
                    return kept, ""
    return data, fault


def _read(data: bytes, name: str, expected: int | None) -> Answer:
    """An answer from a body alone, or from all of an answer with its status line."""
    found = _HEAD.match(data)
    if found:
        head, _, body = data[found.end() :].replace(b"\r\n", b"\n").partition(b"\n\n")
        if data[found.end() : found.end() + 2].startswith((b"\n", b"\r\n")):  # no headers
            head, body = b"", data[found.end() :].lstrip(b"\r\n")
        headers = []
        for line in head.decode("latin-1").split("\n"):
            key, colon, value = line.partition(":")
            if colon:
                headers.append((key.strip(), value.strip()))
        return Answer(int(found[1]), tuple(headers), body)
    status = _STATUS.search(name)
    suffix = Path(name).suffix.lower()
    kind = _TYPES.get(suffix)
    return Answer(
        int(status[1]) if status else expected or 200,
        (("Content-Type", kind),) if kind else (),
        data,
    )
