"""Bodies without their `Content-Encoding` (RFC 9110 section 8.4), within bounds."""

from __future__ import annotations

import zlib
from collections.abc import Callable

MAX_BYTES = 64 * 1024 * 1024
"""What a body may become."""
MAX_CODINGS = 4
"""Codings that may be applied one after the other."""


class NotDecoded(ValueError):
    """A body is not in the coding that its headers name, or gets too large. Says why."""


def decoded(body: bytes, encoding: str, max_bytes: int = MAX_BYTES) -> bytes:
    """The body without the codings of a `Content-Encoding`, "" for none. Raises NotDecoded."""
    names = [name for part in encoding.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if len(names) > MAX_CODINGS:
        raise NotDecoded(f"{len(names)} codings one after the other")
    for name in reversed(names):
        if name not in CODINGS:
            raise NotDecoded(f"the coding {name} is not known")
        if not body:
            continue  # nothing, encoded by saying so: HEAD, and servers that do not care
        body = CODINGS[name](body, max_bytes)
        if len(body) > max_bytes:
            raise NotDecoded(f"it becomes larger than {max_bytes // 2**20} MB")
    return body


def _zlib(name: str, windows: tuple[int, ...]) -> Callable[[bytes, int], bytes]:
    def unpack(body: bytes, most: int) -> bytes:
        for window in windows:
            found = _unpacked(body, window, most)
            if found is not None:
                return found
        raise NotDecoded(f"it is no whole {name}")

    return unpack


def _unpacked(body: bytes, window: int, most: int) -> bytes | None:
    pieces: list[bytes] = []
    left = most + 1
    while body and left > 0:  # gzip may have several members (RFC 1952 section 2.2)
        unpacker = zlib.decompressobj(window)
        try:
            piece = unpacker.decompress(body, left)
        except zlib.error:
            return None
        pieces.append(piece)
        left -= len(piece)
        if not unpacker.eof:
            return b"".join(pieces) if left <= 0 else None
        body = unpacker.unused_data
        if window != 31:
            break
    return b"".join(pieces)


def _brotli(body: bytes, most: int) -> bytes:
    import brotli  # type: ignore[import-untyped, unused-ignore]

    unpacker = brotli.Decompressor()
    pieces: list[bytes] = []
    size = 0
    try:
        data = body
        while not unpacker.is_finished() and size <= most:
            piece = unpacker.process(data, output_buffer_limit=most + 1 - size)
            data = b""
            if not piece and unpacker.can_accept_more_data():
                break
            pieces.append(piece)
            size += len(piece)
    except brotli.error:
        raise NotDecoded("it is no brotli") from None
    if not unpacker.is_finished() and size <= most:
        raise NotDecoded("it is no whole brotli")
    return b"".join(pieces)


def _zstd(body: bytes, most: int) -> bytes:
    import zstandard

    # RFC 9659 section 3: windows of at most 8 MB; frames may follow each other (RFC 8878 section 3)
    maker = zstandard.ZstdDecompressor(max_window_size=8 * 1024 * 1024)
    unpacker = maker.decompressobj()
    pieces: list[bytes] = []
    size = at = 0
    try:
        while at < len(body) and size <= most:
            if unpacker.eof:
                unpacker = maker.decompressobj()
            part = body[at : at + _ZSTD_STEP]
            piece = unpacker.decompress(part)
            at += len(part) - len(unpacker.unused_data)
            pieces.append(piece)
            size += len(piece)
    except zstandard.ZstdError:
        raise NotDecoded("it is no zstd") from None
    if not unpacker.eof and size <= most:
        raise NotDecoded("it is no whole zstd")
    return b"".join(pieces)


_ZSTD_STEP = 1024
"""Bytes given to it at once, as what they become cannot be bounded: a block of 4 bytes may become 128 KiB."""

CODINGS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _zlib("gzip", (31,)),
    "x-gzip": _zlib("gzip", (31,)),
    "deflate": _zlib("deflate", (15, -15)),  # zlib's format, or without its frame, as many send it
    "br": _brotli,
    "zstd": _zstd,
}
"""Codings by their names in `Content-Encoding`: from bytes and the largest size to bytes."""
