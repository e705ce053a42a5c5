"""Taking secrets out of bodies in files, with memory that does not grow with them.

A file is read in windows that end where no secret can be cut apart: behind a comma or a line break that is
not within a text of JSON, before an element of XML, behind a pair of a form, before a part of a multipart
body. Where there is no such place in MAX_WINDOW, it ends between two words.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from understudy.record.redact import json_text
from understudy.record.redact.bodies import Bodies, is_binary, loose, redact_body, wide_encoding
from understudy.record.redact.multipart import boundary_of
from understudy.record.redact.placeholders import placeholder
from understudy.record.redact.rules import Rules
from understudy.record.redact.values import Found, Values
from understudy.views.codings import CodingError, codings_of, decoded_pieces, encoded_pieces

WHOLE = 4 * 1024 * 1024
"""Files up to this size are read whole."""
WINDOW = 1024 * 1024
MAX_WINDOW = 8 * WINDOW
PIECE = 256 * 1024
MAX_RATIO = 200
"""A file that decodes to more than so many times its size is there to fill disks: no more of it is
decoded."""
TAIL = 8192
"""What is kept back where a window has no good end: more than a key is long."""

_OUTSIDE = re.compile(r'(?:(?:[^",\n]++|"(?:[^"\\]++|\\.)*+")*+[,\n])*+', re.DOTALL)
_COMPLETE = re.compile(r'(?:[^"]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_TEXT = re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL)
_ELEMENT = re.compile(r"<(?=[A-Za-z])")
_NO_KEY = re.compile(r"[^A-Za-z0-9_.+/=~:@-]")

Cut = Callable[[str], int]
"""Where a window may end, 0 if nowhere."""


def rewrite(
    path: Path,
    content_type: str,
    content_encoding: str,
    rules: Rules,
    found: list[Found],
    *,
    to: Path | None = None,
    keeps_shape: bool,
) -> bool:
    """Whether secrets were taken out: then the file was replaced, or `to` written. Raises OSError."""
    size = path.stat().st_size
    target = to or path
    if size <= WHOLE:
        data = path.read_bytes()
        new = redact_body(data, content_type, content_encoding, rules, found, keeps_shape=keeps_shape)
        if new == data:
            return False
        return _replace(target, (new,))
    codings = codings_of(content_encoding)
    # The second time what comes of it before an error is looked at, and it alone is kept if it has secrets.
    tries = ((codings, False), (codings, True), ((), False)) if codings else ((codings, False),)
    for ways, is_broken in tries:
        mine: list[Found] = []
        stream = _Stream(content_type, Bodies(rules, mine, keeps_shape=keeps_shape, is_settings=False))
        try:
            pieces = decoded_pieces(_read(path), ways, MAX_RATIO * size)
            plain = stream.through(_start(pieces) if is_broken else pieces)
            changed = _replace_if(target, encoded_pieces(plain, ways), mine)
        except CodingError:
            continue
        if is_broken and not changed:
            continue
        found += mine
        return changed
    return False


def _start(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What comes before an error."""
    with suppress(CodingError):
        yield from pieces


class _Stream:
    """One body on its way through."""

    def __init__(self, content_type: str, bodies: Bodies) -> None:
        self.kind = content_type.lower()
        self.content_type = content_type
        self.bodies = bodies
        self.state: json_text.Open | None = None
        self.is_inside = False
        self.rule: str | None = None

    def through(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The body without its secrets."""
        waiting = b""
        wanted = WINDOW
        cut: Cut | None = None
        pieces = iter(pieces)
        for piece in pieces:
            waiting += piece
            if len(waiting) < wanted:
                continue
            if cut is None:
                boundary = boundary_of(self.content_type) if self.kind.startswith("multipart/") else None
                if boundary is None and (wide_encoding(waiting, self.kind) or is_binary(waiting, self.kind)):
                    yield waiting
                    yield from pieces
                    return
                cut = self._cut(waiting, boundary)
            text = waiting.decode("utf-8", "surrogateescape")
            if self.is_inside:
                new, text = self._inside(text)
                yield _encoded(new)
            elif at := cut(text):
                yield self._without(text[:at])
                text = text[at:]
            elif wanted < MAX_WINDOW:
                wanted *= 2
                continue
            elif self.state is not None and (match := _COMPLETE.match(text)) and match.end() < len(text):
                yield self._without(text[: match.end()]) + self._begin()
                text = text[match.end() + 1 :]
            else:
                at = _between_words(text)
                yield self._without(text[:at])
                text = text[at:]
            waiting = _encoded(text)
            wanted = max(WINDOW, len(waiting) + WINDOW // 2)
        while waiting and self.is_inside:
            new, text = self._inside(waiting.decode("utf-8", "surrogateescape"))
            yield _encoded(new)
            waiting = _encoded(text) if not self.is_inside else waiting[:0]
            if self.is_inside:
                yield _encoded(self._plain(text))
        if waiting:
            yield self._without(waiting.decode("utf-8", "surrogateescape"))

    def _begin(self) -> bytes:
        """A text of JSON begins that is longer than a window; a secret one is dropped."""
        assert self.state is not None
        self.is_inside = True
        self.rule = self.state.rule
        if self.rule is None:
            return b'"'
        self.bodies.found.append(Found(self.rule, ""))
        return f'"{placeholder(self.rule)}'.encode()

    def _inside(self, text: str) -> tuple[str, str]:
        """What becomes of a window within such a text, and what is left of it for the next one."""
        end = _TEXT.match(text)
        at = end.end() if end else 0
        if text[at : at + 1] == '"':
            self.is_inside = False
            return self._plain(text[:at]) + '"', text[at + 1 :]
        at = _between_words(text)
        return self._plain(text[:at]), text[at:]

    def _plain(self, text: str) -> str:
        if self.rule is not None:
            return ""
        bodies = self.bodies
        return Values(bodies.rules, bodies.found, text, keeps_shape=bodies.keeps_shape).free(text)

    def _cut(self, start: bytes, boundary: bytes | None) -> Cut:
        """How windows of such a body end."""
        text = start[:4096].decode("utf-8", "surrogateescape").lstrip("\ufeff \t\r\n")
        if boundary is not None:
            mark = "--" + boundary.decode("latin-1")
            return lambda window: window.rfind(mark)
        if "x-www-form-urlencoded" in self.kind:
            return lambda window: window.rfind("&") + 1
        if text.startswith("<"):
            return _before_element
        if text.startswith(("{", "[", '"')) or "json" in self.kind or '"' in text:
            self.state = json_text.Open()
            return _outside_texts
        return _after_line

    def _without(self, text: str) -> bytes:
        bodies = self.bodies
        if self.kind.startswith("multipart/"):
            return bodies.plain(text.encode("utf-8", "surrogateescape"), self.content_type)
        if self.state is None:
            end = "&" if text.endswith("&") else ""
            return (bodies.text(text.removesuffix(end), self.kind) + end).encode("utf-8", "surrogateescape")
        values = Values(bodies.rules, bodies.found, text, keeps_shape=bodies.keeps_shape)
        return loose(text, values, self.state).encode("utf-8", "surrogateescape")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _outside_texts(window: str) -> int:
    match = _OUTSIDE.match(window)
    return match.end() if match else 0


def _before_element(window: str) -> int:
    start = max(0, len(window) - WINDOW)
    return max((match.start() for match in _ELEMENT.finditer(window, start)), default=0)


def _after_line(window: str) -> int:
    at = window.rfind("\n") + 1
    begun = window.rfind("-----BEGIN ", max(0, at - 16 * TAIL), at)
    if begun >= 0 and "-----END " not in window[begun:at]:
        return begun
    return at


def _between_words(window: str) -> int:
    """An end for a window that has no good one."""
    start = max(1, len(window) - TAIL)
    last = max((match.start() for match in _NO_KEY.finditer(window, start)), default=0)
    return last or start


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _replace(target: Path, pieces: Iterable[bytes]) -> bool:
    return _replace_if(target, pieces, None)


def _replace_if(target: Path, pieces: Iterable[bytes], found: list[Found] | None) -> bool:
    """Write a file beside the target and put it in its place, if anything was found."""
    with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        try:
            for piece in pieces:
                file.write(piece)
            file.close()
            if found is None or found:
                os.replace(file.name, target)
                return True
        finally:
            if os.path.exists(file.name):
                os.unlink(file.name)
    return False
