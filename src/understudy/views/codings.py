"""Content codings of bodies (RFC 9110 section 8.4.1): taken off within bounds, and put on again.

A body of a few kilobytes can unpack to gigabytes, so it is unpacked piece by piece, and no further than is
asked for. The libraries of `br` and `zstd` are imported when the first such body comes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple, Protocol

PIECE = 64 * 1024
"""Bytes that are unpacked at once."""
MAX_CODINGS = 4
"""Codings on one body; more than one is rare, and each of them multiplies what a byte can unpack to."""
MAX_BETWEEN = 64 * 1024 * 1024
"""What a body with several codings may unpack to before the last of them is taken off."""
MAX_MEMBERS = 10_000
"""Members of a gzip file, or frames of zstd. Those that block compressors write have 64 KB each; empty ones
only cost time."""
_WINDOW = 8 * 1024 * 1024
"""Memory that a zstd frame may ask for (RFC 9659 section 3)."""
_SMALL = 16
_ZSTD_STEP = 1024
"""Bytes given to zstd at once, as what they become cannot be bounded: a block of 4 may become 128 KiB."""


class CodingError(ValueError):
    """A body is not what its Content-Encoding says, or too large, or in a coding that is not known."""


class Packer(Protocol):
    """Puts one coding on, piece by piece."""

    def compress(self, data: bytes, /) -> bytes:
        """More of the body."""

    def flush(self) -> bytes:
        """The end of it."""


class Coding(NamedTuple):
    """One coding. `unpacked` gives pieces of a few times PIECE at most, and raises CodingError.

    `suffix` is what is put behind the names of files that are in it.
    """

    suffix: str
    unpacked: Callable[[Iterable[bytes]], Iterator[bytes]]
    packer: Callable[[], Packer]


def codings_of(value: str | None) -> tuple[str, ...]:
    """The codings in a `Content-Encoding`, in the order in which they were put on; `identity` is none.

    Names that begin with `x-` mean the same without it (RFC 9110 section 8.4.1.3).
    """
    names = (name.strip().lower() for name in (value or "").split(","))
    return tuple(name.removeprefix("x-") for name in names if name not in {"", "identity"})


def codings_in(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, ...]:
    """The codings that these headers name."""
    values = [value.decode("latin-1") for name, value in headers if name.lower() == b"content-encoding"]
    return codings_of(", ".join(values)) if values else ()


def suffix_of(codings: Sequence[str]) -> str:
    """What is put behind a file's name for its codings, which are known: `.gz`."""
    return "".join(CODINGS[name].suffix for name in codings)


def decoded(body: bytes, codings: Sequence[str], most: int) -> bytes:
    """A whole body without its codings. Raises CodingError; also if it is larger than `most` bytes.

    Nothing stays nothing: so are replies to HEAD, and those of servers that compress no empty body.
    """
    pieces = decoded_pieces((body,), codings, most)
    return b"".join(pieces) if body else b""


def decoded_start(body: bytes, codings: Sequence[str], most: int) -> bytes:
    """What comes of a body before it is found to be cut off, broken or too large; of unknown codings nothing.

    It is given in small pieces: what would have come of the piece with the mistake is lost.
    """
    found = bytearray()
    pieces = (body[at : at + _SMALL] for at in range(0, len(body), _SMALL))
    with suppress(CodingError):
        for piece in decoded_pieces(pieces, codings, most):
            found += piece
    return bytes(found)


def encoded(body: bytes, codings: Sequence[str]) -> bytes:
    """A whole body with these codings. The same body becomes the same bytes. Raises CodingError."""
    return b"".join(encoded_pieces((body,), codings))


def decoded_pieces(pieces: Iterable[bytes], codings: Sequence[str], most: int) -> Iterator[bytes]:
    """A body without its codings as it is read; it has no more than `most` bytes. Raises CodingError, for
    unknown codings at once, for the rest when it is met.
    """
    if len(codings) > MAX_CODINGS:
        raise CodingError(f"there are {len(codings)} codings on it, and {MAX_CODINGS} at most are taken off")
    for name in reversed(codings):
        pieces = _bounded(_coding(name).unpacked(pieces), max(most, MAX_BETWEEN))
    return _bounded(pieces, most)


def encoded_pieces(pieces: Iterable[bytes], codings: Sequence[str]) -> Iterator[bytes]:
    """A body with these codings as it is read. Raises CodingError at once for unknown ones."""
    for name in codings:
        pieces = _packed(pieces, _coding(name).packer())
    return iter(pieces)


def _coding(name: str) -> Coding:
    found = CODINGS.get(name)
    if found is None:
        raise CodingError(f"the coding {name!r} is not known")
    return found


def _bounded(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    left = most
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise CodingError(f"it unpacks to more than {most} bytes")
        yield piece


def _packed(pieces: Iterable[bytes], packer: Packer) -> Iterator[bytes]:
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()


# --- gzip and deflate ---------------------------------------------------------------------------------------

_GZIP, _ZLIB, _BARE = 31, 15, -15
"""What zlib calls the formats: RFC 1952, RFC 1950, RFC 1951."""


def _cut(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """No piece is large: what stands behind the end of a member is copied."""
    for piece in pieces:
        if len(piece) <= PIECE:
            yield piece
        else:
            yield from (piece[at : at + PIECE] for at in range(0, len(piece), PIECE))


def _gunzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """gzip in one or more members (RFC 1952 section 2.2)."""
    members, reader = 0, None
    for piece in _cut(pieces):
        data = piece
        while data:
            if reader is None:
                members += 1
                if members > MAX_MEMBERS:
                    raise CodingError(f"it has more than {MAX_MEMBERS} members")
                reader = zlib.decompressobj(_GZIP)
            yield from _inflated(reader, data)
            if not reader.eof:
                break
            data, reader = reader.unused_data, None
    if reader is not None:
        raise CodingError("it is cut off")


def _undeflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """`deflate` means zlib, but some send it bare (RFC 9110 section 8.4.1.2). Its first two bytes tell."""
    start, reader = b"", None
    for piece in _cut(pieces):
        data = piece
        if reader is None:
            start += data
            if len(start) < 2:
                continue
            is_zlib = start[0] & 15 == 8 and int.from_bytes(start[:2], "big") % 31 == 0
            reader, data = zlib.decompressobj(_ZLIB if is_zlib else _BARE), start
        elif reader.eof and data:
            raise CodingError("there is something behind its end")
        yield from _inflated(reader, data)
        if reader.unused_data:
            raise CodingError("there is something behind its end")
    if start if reader is None else not reader.eof:
        raise CodingError("it is cut off")


def _inflated(reader: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """All that comes of some bytes."""
    while True:
        try:
            out = reader.decompress(data, PIECE)
        except zlib.error as error:
            raise CodingError(f"it is not what its coding says: {error}") from None
        if out:
            yield out
        data = reader.unconsumed_tail
        # zlib may hold more than it was let give, though it has taken all that it was given
        if reader.eof or not (data or len(out) == PIECE):
            return


# --- br (RFC 7932) ------------------------------------------------------------------------------------------


def _unbrotlied(pieces: Iterable[bytes]) -> Iterator[bytes]:
    import brotli  # type: ignore[import-untyped,unused-ignore]

    reader = brotli.Decompressor()
    try:
        for piece in pieces:
            data = piece
            while out := reader.process(data, output_buffer_limit=PIECE):
                yield out
                data = b""
                if reader.is_finished():
                    break
    except brotli.error as error:
        raise CodingError(f"it is not what its coding says: {error}") from None
    if not reader.is_finished():
        raise CodingError("it is cut off")


class _Brotli:
    """brotli's own, by the names of the others."""

    def __init__(self) -> None:
        import brotli

        packer = brotli.Compressor(quality=5)
        self.compress: Callable[[bytes], bytes] = packer.process
        self.flush: Callable[[], bytes] = packer.finish


# --- zstd (RFC 8878) ----------------------------------------------------------------------------------------


def _unzstded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """One frame, or several behind each other (RFC 8878 section 3)."""
    import zstandard

    maker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    frames, reader = 0, None
    for piece in pieces:
        for at in range(0, len(piece), _ZSTD_STEP):
            data = piece[at : at + _ZSTD_STEP]
            while data:
                if reader is None:
                    frames += 1
                    if frames > MAX_MEMBERS:
                        raise CodingError(f"it has more than {MAX_MEMBERS} frames")
                    reader = maker.decompressobj()
                try:
                    out = reader.decompress(data)
                except zstandard.ZstdError as error:
                    raise CodingError(f"it is not what its coding says: {error}") from None
                if out:
                    yield out
                if not reader.eof:
                    break
                data, reader = reader.unused_data, None
    if reader is not None:
        raise CodingError("it is cut off")


def _zstd() -> Packer:
    import zstandard

    packer: Packer = zstandard.ZstdCompressor().compressobj()
    return packer


CODINGS: dict[str, Coding] = {
    "gzip": Coding(".gz", _gunzipped, partial(zlib.compressobj, wbits=_GZIP)),  # its time is 0
    "deflate": Coding(".zz", _undeflated, partial(zlib.compressobj, wbits=_ZLIB)),
    "br": Coding(".br", _unbrotlied, _Brotli),
    "zstd": Coding(".zst", _unzstded, _zstd),
}
"""The TABLE of codings, by their names in `Content-Encoding`."""
