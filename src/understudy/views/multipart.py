"""The parts of a multipart body (RFC 2046 section 5.1, RFC 7578), bounded."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from understudy.views.charset import decode
from understudy.views.content import Content

MAX_PARTS = 1000
MAX_PART_HEADERS = 16
MAX_PART_HEADER_BYTES = 8192
MAX_EVENTS = 50_000
"""Pieces that the parser may hand over for one body: a body of nothing but half boundaries has millions."""

_EXTENDED_FILENAME = re.compile(r"filename\*=\"?([\w-]+)'[^']*'([^\";\s]*)", re.IGNORECASE | re.ASCII)


class Part(Content):
    """One part. `filename` is None for a field of a form; `headers` are in order, names in lower case."""

    __slots__ = ("filename", "headers", "name")

    def __init__(self, headers: list[tuple[str, str]], body: bytes) -> None:
        self.headers = headers
        self.body = body
        self.forget_views()
        self.name, self.filename = _disposition(self.header("content-disposition"))

    def header(self, name: str) -> str | None:
        """The value of a header; the first, if there are several."""
        lower = name.lower()
        return next((value for key, value in self.headers if key == lower), None)


def read_multipart(content_type: str, body: bytes) -> tuple[Part, ...]:
    """The parts of a body; none if it is malformed, cut off or beyond the bounds."""
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, parse_options_header

    _hush()
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        return ()
    reader = _Reader()
    try:
        parser = MultipartParser(
            boundary,
            reader.callbacks(),  # type: ignore[arg-type]
            max_header_count=MAX_PART_HEADERS,
            max_header_size=MAX_PART_HEADER_BYTES,
        )
        parser.write(body)
        parser.finalize()
    except (FormParserError, _TooMuch, ValueError):
        return ()
    return tuple(reader.parts) if reader.ended else ()


def has_no_parts(content_type: str, body: bytes) -> bool:
    """Whether this is a multipart body of no parts: nothing but the last boundary, as browsers write a form
    without fields (HTML, section 4.10.22.8), though RFC 2046 wants a part at least."""
    from python_multipart.multipart import parse_options_header

    boundary = parse_options_header(content_type)[1].get(b"boundary")
    return boundary is not None and boundary != b"" and body.strip() == b"--" + boundary + b"--"


@lru_cache(maxsize=1)
def _hush() -> None:
    """The library logs each malformed body; without a handler, Python prints that on the terminal."""
    logging.getLogger("python_multipart").addHandler(logging.NullHandler())


class _TooMuch(Exception):
    """A body beyond the bounds."""


class _Reader:
    """Puts the parser's pieces together."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.ended = False
        self._events = 0
        self._new_part()

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_part_begin": self._new_part,
            "on_header_field": lambda data, start, end: self._piece(self._field, data, start, end),
            "on_header_value": lambda data, start, end: self._piece(self._value, data, start, end),
            "on_header_end": self._header_end,
            "on_part_data": lambda data, start, end: self._piece(self._body, data, start, end),
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def _new_part(self) -> None:
        self._headers: list[tuple[str, str]] = []
        self._field = bytearray()
        self._value = bytearray()
        self._body = bytearray()

    def _piece(self, whole: bytearray, data: bytes, start: int, end: int) -> None:
        self._events += 1
        if self._events > MAX_EVENTS:
            raise _TooMuch
        whole += data[start:end]

    def _header_end(self) -> None:
        name, value = bytes(self._field), bytes(self._value)
        self._headers.append((name.decode("latin-1").lower(), decode(value)))
        self._field.clear()
        self._value.clear()

    def _part_end(self) -> None:
        if len(self.parts) >= MAX_PARTS:
            raise _TooMuch
        self.parts.append(Part(self._headers, bytes(self._body)))

    def _end(self) -> None:
        self.ended = True


def _disposition(header: str | None) -> tuple[str | None, str | None]:
    """The `name` and `filename` of a Content-Disposition."""
    if header is None:
        return None, None
    from python_multipart.multipart import parse_options_header

    # The library takes text that was read as Latin-1, and gives back its bytes.
    _, options = parse_options_header(header.encode("utf-8").decode("latin-1"))
    name, filename = options.get(b"name"), options.get(b"filename")
    extended = _EXTENDED_FILENAME.search(header) if filename is None else None
    if extended is not None:  # RFC 7578 section 4.2 forbids it, and some clients send nothing else
        return _text(name), decode(unquote_to_bytes(extended[2]), extended[1])
    return _text(name), _text(filename)


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else decode(raw)
