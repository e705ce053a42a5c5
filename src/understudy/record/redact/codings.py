"""Content codings (RFC 9110 section 8.4.1): taken off and put on again, within bounds.

A body that does not decode, or decodes to more than its bound, raises CodingError: it is then looked at as
it is.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import IO, cast

PIECE = 64 * 1024


class CodingError(ValueError):
    """A body is not what its Content-Encoding says, or too large, or in a coding that is not known."""


def codings_of(content_encoding: str) -> tuple[str, ...]:
    """The codings in the order in which they were applied, without `identity`."""
    names = (one.strip().lower() for one in content_encoding.split(","))
    return tuple(one.removeprefix("x-") for one in names if one and one != "identity")


def decode(data: bytes, codings: tuple[str, ...], limit: int) -> bytes:
    """A whole body without its codings. Raises CodingError."""
    pieces, size = [], 0
    for piece in decoded((data,), codings):
        size += len(piece)
        if size > limit:
            raise CodingError(f"it decodes to more than {limit} bytes")
        pieces.append(piece)
    return b"".join(pieces)


def encode(data: bytes, codings: tuple[str, ...]) -> bytes:
    """A whole body with its codings put on again."""
    return b"".join(encoded((data,), codings))


def decoded(pieces: Iterable[bytes], codings: tuple[str, ...]) -> Iterator[bytes]:
    """A body in pieces without its codings; no piece is larger than a few times PIECE. Raises CodingError."""
    if len(codings) > 4:
        raise CodingError("there are more codings than anybody uses")
    for coding in reversed(codings):
        pieces = _decoded(pieces, coding)
    return iter(pieces)


def encoded(pieces: Iterable[bytes], codings: tuple[str, ...]) -> Iterator[bytes]:
    """A body in pieces with its codings put on."""
    for coding in codings:
        pieces = _encoded(pieces, coding)
    return iter(pieces)


def _decoded(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    match coding:
        case "gzip":
            return _inflated(pieces, 31)
        case "deflate":
            return _inflated(pieces, 0)
        case "br":
            return _unbrotli(pieces)
        case "zstd":
            return _unzstd(pieces)
    raise CodingError(f"the coding {coding!r} is not known")


def _inflated(pieces: Iterable[bytes], bits: int) -> Iterator[bytes]:
    """gzip in one or more members (RFC 1952), or zlib (RFC 1950), which some send without its head (RFC
    1951)."""
    inflater = None
    for piece in pieces:
        data = piece
        while data:
            if inflater is None:
                is_zlib = data[0] & 15 == 8 and (len(data) < 2 or (data[0] << 8 | data[1]) % 31 == 0)
                inflater = zlib.decompressobj(bits or (15 if is_zlib else -15))
            try:
                out = inflater.decompress(data, PIECE)
            except zlib.error as error:
                raise CodingError(f"it is not what its coding says: {error}") from None
            if out:
                yield out
            data = inflater.unconsumed_tail
            if inflater.eof:
                data, inflater = inflater.unused_data, None
                if bits != 31 and data:
                    raise CodingError("there is something behind its end")
            elif not data and not out:
                break
    if inflater is not None:
        raise CodingError("it is cut off")


def _unbrotli(pieces: Iterable[bytes]) -> Iterator[bytes]:
    import brotli  # type: ignore[import-untyped,unused-ignore]

    decompressor = brotli.Decompressor()
    try:
        for piece in pieces:
            data = piece
            while True:
                out = decompressor.process(data, output_buffer_limit=PIECE)
                if out:
                    yield out
                data = b""
                if decompressor.is_finished() or (not out and decompressor.can_accept_more_data()):
                    break
    except brotli.error as error:
        raise CodingError(f"it is not what its coding says: {error}") from None
    if not decompressor.is_finished():
        raise CodingError("it is cut off")


def _unzstd(pieces: Iterable[bytes]) -> Iterator[bytes]:
    import zstandard

    source = cast(IO[bytes], _Pieces(pieces))
    reader = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(source, read_across_frames=True)
    try:
        while out := reader.read(PIECE):
            yield out
    except zstandard.ZstdError as error:
        raise CodingError(f"it is not what its coding says: {error}") from None


class _Pieces:
    """Pieces as a file to read from."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = next((one for one in self._pieces if one), b"")
        taken, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return taken


def _encoded(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    match coding:
        case "gzip" | "deflate":
            compressor = zlib.compressobj(6, zlib.DEFLATED, 31 if coding == "gzip" else 15)
            for piece in pieces:
                yield compressor.compress(piece)
            yield compressor.flush()
        case "br":
            import brotli  # type: ignore[import-untyped,unused-ignore]

            packer = brotli.Compressor(quality=5)
            for piece in pieces:
                yield packer.process(piece)
            yield packer.finish()
        case "zstd":
            import zstandard

            writer = zstandard.ZstdCompressor().compressobj()
            for piece in pieces:
                yield writer.compress(piece)
            yield writer.flush()
        case _:
            raise CodingError(f"the coding {coding!r} is not known")
