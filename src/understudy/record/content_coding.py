"""Content codings of bodies (RFC 9110 section 8.4.1): taken off within bounds, and put on again.

A body of a few kilobytes can unpack to gigabytes, so no more is unpacked than is asked for. The libraries of
`br` and `zstd` are imported when the first such body comes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any

from understudy.steps import Header

Decode = Callable[[bytes, int], bytes]
"""Bytes and the most that may come of them → what is in them. Raises ValueError."""


def codings_of(value: str | None) -> tuple[str, ...]:
    """The codings in a `Content-Encoding`, in the order in which they were put on; `identity` is none."""
    names = (name.strip().lower() for name in (value or "").split(","))
    return tuple(name.removeprefix("x-") for name in names if name not in {"", "identity"})


def codings_in(headers: Sequence[Header]) -> tuple[str, ...]:
    """The codings that these headers name."""
    values = [value.decode("latin-1") for name, value in headers if name.lower() == b"content-encoding"]
    return codings_of(", ".join(values)) if values else ()


def decoded(data: bytes, codings: Sequence[str], most: int) -> bytes:
    """What is in a body. Raises ValueError for unknown codings, bad bytes, and more than `most` bytes."""
    if len(codings) > MAX_CODINGS:
        raise ValueError(f"more than {MAX_CODINGS} content codings")
    for name in reversed(codings):
        if name not in CODINGS:
            raise ValueError(f"the content coding {name!r} is not known")
        data = CODINGS[name][0](data, most)
    return data


def encoded(data: bytes, codings: Sequence[str]) -> bytes:
    """A body with these codings. Raises ValueError for unknown ones."""
    for name in codings:
        if name not in CODINGS:
            raise ValueError(f"the content coding {name!r} is not known")
        data = CODINGS[name][1](data)
    return data


MAX_CODINGS = 4
"""Codings on one body; more than one is rare, and each of them multiplies what a byte can unpack to."""


def _inflate(data: bytes, most: int, wbits: int) -> bytes:
    pieces, left = [], most
    while data:  # a gzip file may have several members (RFC 1952 section 2.2)
        reader = zlib.decompressobj(wbits)
        try:
            piece = reader.decompress(data, left + 1)
        except zlib.error as error:
            raise ValueError(f"the body cannot be unpacked: {error}") from None
        left -= len(piece)
        if left < 0:
            raise ValueError(f"the body unpacks to more than {most} bytes")
        if not reader.eof:
            raise ValueError("the body cannot be unpacked: it ends too early")
        pieces.append(piece)
        data = reader.unused_data
        if wbits != _GZIP and data:
            raise ValueError("the body cannot be unpacked: something stands behind its end")
        if len(pieces) > _MAX_MEMBERS:
            raise ValueError("the body cannot be unpacked: it has too many members")
    return b"".join(pieces)


_GZIP, _ZLIB, _RAW = 31, 15, -15
_MAX_MEMBERS = 1000


def _gunzip(data: bytes, most: int) -> bytes:
    return _inflate(data, most, _GZIP)


def _undeflate(data: bytes, most: int) -> bytes:
    """`deflate` means zlib, but some send it bare (RFC 9110 section 8.4.1.2)."""
    is_zlib = len(data) > 1 and data[0] & 15 == 8 and int.from_bytes(data[:2], "big") % 31 == 0
    return _inflate(data, most, _ZLIB if is_zlib else _RAW)


def _unbrotli(data: bytes, most: int) -> bytes:
    import brotli  # type: ignore[import-untyped]

    reader: Any = brotli.Decompressor()
    try:
        whole: bytes = reader.process(data, output_buffer_limit=most + 1)
        while len(whole) <= most and not reader.is_finished():
            piece = reader.process(b"", output_buffer_limit=most + 1 - len(whole))
            if not piece:
                break
            whole += piece
    except brotli.error as error:
        raise ValueError(f"the body cannot be unpacked: {error}") from None
    if len(whole) > most:
        raise ValueError(f"the body unpacks to more than {most} bytes")
    if not reader.is_finished():
        raise ValueError("the body cannot be unpacked: it ends too early")
    return whole


def _unzstd(data: bytes, most: int) -> bytes:
    import io

    import zstandard

    reader: Any = zstandard.ZstdDecompressor(max_window_size=2**27)
    try:
        with reader.stream_reader(io.BytesIO(data), read_across_frames=True) as stream:
            whole: bytes = stream.read(most + 1)
    except zstandard.ZstdError as error:
        raise ValueError(f"the body cannot be unpacked: {error}") from None
    if len(whole) > most:
        raise ValueError(f"the body unpacks to more than {most} bytes")
    return whole


def _gzip(data: bytes) -> bytes:
    return zlib.compress(data, wbits=_GZIP)  # the time in its header is 0, so that equal bodies stay equal


def _brotli(data: bytes) -> bytes:
    import brotli

    packed: bytes = brotli.compress(data, quality=5)
    return packed


def _zstd(data: bytes) -> bytes:
    import zstandard

    packed: bytes = zstandard.ZstdCompressor().compress(data)
    return packed


CODINGS: dict[str, tuple[Decode, Callable[[bytes], bytes]]] = {
    "gzip": (_gunzip, _gzip),
    "deflate": (_undeflate, zlib.compress),
    "br": (_unbrotli, _brotli),
    "zstd": (_unzstd, _zstd),
}
"""The TABLE of codings: how each is taken off and put on."""
