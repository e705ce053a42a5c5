"""Content codings (RFC 9110 section 8.4.1, RFC 7932, RFC 8878): bodies without them, and with them again."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

from understudy.steps import Header

MAX_CODINGS = 5
"""Codings of one body, one over the other; more are not decoded."""
_WINDOW = 2**27
"""Memory that a zstd frame may ask for; browsers allow 8 MiB (RFC 9659)."""


class Coding(NamedTuple):
    """One coding. `decode` gets how long the result may be: ValueError if it is longer, or no such data."""

    suffix: str
    decode: Callable[[bytes, int], bytes]
    encode: Callable[[bytes], bytes]


def codings_of(headers: Iterable[Header]) -> tuple[str, ...]:
    """The codings of a body in the order in which they were applied; `identity` is none."""
    written = b",".join([value for name, value in headers if name.lower() == b"content-encoding"])
    names = (part.strip().lower().decode("latin-1") for part in written.split(b","))
    return tuple(name for name in names if name and name != "identity")


def decode(body: bytes, codings: tuple[str, ...], limit: int) -> bytes | None:
    """A body without its codings; None if one is not known, the data is not whole, or longer than `limit`."""
    if len(codings) > MAX_CODINGS:
        return None
    try:
        for name in reversed(codings):
            body = CODINGS[name].decode(body, limit)
    except (KeyError, ValueError):
        return None
    return body


def encode(body: bytes, codings: tuple[str, ...]) -> bytes:
    """A body with codings. Raises KeyError for one that is not known."""
    for name in codings:
        body = CODINGS[name].encode(body)
    return body


def suffix_of(codings: tuple[str, ...]) -> str:
    """What is put behind a file's name for its codings: `.gz`."""
    return "".join(CODINGS[name].suffix for name in codings)


def _inflated(body: bytes, limit: int, window: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        unpacker = zlib.decompressobj(window)
        try:
            part = unpacker.decompress(body, limit - size + 1)
        except zlib.error as error:
            raise ValueError(str(error)) from None
        size += len(part)
        if size > limit or not unpacker.eof:
            raise ValueError("too long, or cut off")
        parts.append(part)
        body = unpacker.unused_data
        if not body:
            return b"".join(parts)
        if window != _GZIP:
            raise ValueError("more behind the end")


_GZIP, _ZLIB, _BARE = 31, 15, -15


def _gunzip(body: bytes, limit: int) -> bytes:
    return _inflated(body, limit, _GZIP)


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def _inflate(body: bytes, limit: int) -> bytes:
    try:
        return _inflated(body, limit, _ZLIB)
    except ValueError:  # many servers leave zlib's frame out
        return _inflated(body, limit, _BARE)


def _unbrotli(body: bytes, limit: int) -> bytes:
    import brotli

    unpacker = brotli.Decompressor()
    parts: list[bytes] = []
    size = 0
    try:
        while not unpacker.is_finished():
            part = unpacker.process(body, output_buffer_limit=min(limit - size + 1, 2**20))
            body = b""
            size += len(part)
            if size > limit or not (part or unpacker.is_finished() or not unpacker.can_accept_more_data()):
                raise ValueError("too long, or cut off")
            parts.append(part)
    except brotli.error as error:
        raise ValueError(str(error)) from None
    return b"".join(parts)


def _brotli(body: bytes) -> bytes:
    import brotli

    return bytes(brotli.compress(body))


def _unzstd(body: bytes, limit: int) -> bytes:
    import zstandard

    parts: list[bytes] = []
    size = 0
    try:
        # frames may follow one another (RFC 8878 section 3.1)
        unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
        with unpacker.stream_reader(body, read_across_frames=True) as reader:
            while part := reader.read(min(limit - size + 1, 2**20)):
                size += len(part)
                if size > limit:
                    raise ValueError("too long")
                parts.append(part)
        if not parts and not body:
            raise ValueError("there is no frame")
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None
    return b"".join(parts)


def _zstd(body: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor().compress(body)


CODINGS: dict[str, Coding] = {
    "gzip": Coding(".gz", _gunzip, _gzip),
    "x-gzip": Coding(".gz", _gunzip, _gzip),
    "deflate": Coding(".zz", _inflate, zlib.compress),
    "br": Coding(".br", _unbrotli, _brotli),
    "zstd": Coding(".zst", _unzstd, _zstd),
}
