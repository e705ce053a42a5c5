"""Content codings: off and on again, whole and in pieces, and hostile bodies within bounds."""

import gzip
import random
import zlib
from contextlib import suppress

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from understudy.views.codings import (
    CODINGS,
    MAX_CODINGS,
    MAX_MEMBERS,
    CodingError,
    codings_in,
    codings_of,
    decoded,
    decoded_pieces,
    decoded_start,
    encoded,
    encoded_pieces,
    suffix_of,
)

ALL = sorted(CODINGS)
MOST = 100_000
PACK = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}
"""Each coding by its own library, at once."""


def bare_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def cut(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("name", ALL)
@given(data=st.binary(max_size=2000))
def test_what_is_put_on_comes_off(name, data):
    packed = encoded(data, [name])
    assert decoded(packed, [name], MOST) == decoded(PACK[name](data), [name], MOST) == data
    assert encoded(data, [name]) == packed


@given(data=st.binary(max_size=500), names=st.lists(st.sampled_from(ALL), max_size=MAX_CODINGS))
def test_several_come_off_in_reverse(data, names):
    assert decoded(encoded(data, names), names, MOST) == data


@given(
    data=st.binary(max_size=3000), names=st.lists(st.sampled_from(ALL), max_size=3), size=st.integers(1, 700)
)
def test_pieces_may_be_cut_anywhere(data, names, size):
    packed = b"".join(encoded_pieces(cut(data, size), names))
    assert b"".join(decoded_pieces(cut(packed, size), names, MOST)) == data


@pytest.mark.parametrize("name", ALL)
def test_a_bomb_is_not_unpacked(name):
    bomb = PACK[name](bytes(5_000_000))
    with pytest.raises(CodingError, match="more than 100000 bytes"):
        decoded(bomb, [name], MOST)
    assert decoded(bomb, [name], 5_000_000) == bytes(5_000_000)
    with pytest.raises(CodingError, match="more than 4999999 bytes"):
        decoded(bomb, [name], 4_999_999)


@pytest.mark.parametrize("name", ALL)
def test_what_is_between_two_codings_is_bounded(name, monkeypatch):
    monkeypatch.setattr("understudy.views.codings.MAX_BETWEEN", MOST)
    inner = PACK["gzip"](b"") * (MOST // 10)
    with pytest.raises(CodingError, match="more than"):
        decoded(PACK[name](inner), ["gzip", name], 10)


@pytest.mark.parametrize("name", ALL)
def test_no_piece_is_large(name):
    pieces = decoded_pieces(list(encoded_pieces([bytes(60_000_000)], [name])), [name], 60_000_000)
    assert max(map(len, pieces)) <= 35_000_000


@pytest.mark.parametrize("name", ALL)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(name, data):
    with suppress(CodingError):
        assert len(decoded(data, [name], MOST)) <= MOST


@given(st.sampled_from(ALL), st.binary(max_size=200), st.integers(0, 200), st.binary(max_size=4))
def test_spoilt_bodies_are_read_or_refused(name, data, at, piece):
    packed = PACK[name](data)
    with suppress(CodingError):
        assert len(decoded(packed[:at] + piece + packed[at:], [name], 10_000)) <= 10_000


@pytest.mark.parametrize("name", ALL)
@given(share=st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_part_of_a_body_is_refused(name, share):
    whole = PACK[name](b"what is half as long is not the same" * 9)
    part = whole[: int(share * len(whole))]
    if part:
        with pytest.raises(CodingError, match="cut off"):
            decoded(part, [name], MOST)


@pytest.mark.parametrize("name", ALL)
def test_what_comes_before_an_error(name):
    packed = PACK[name](b"abc")
    assert decoded_start(packed, [name], MOST) == b"abc"
    assert decoded_start(PACK[name](b"abc" * MOST), [name], MOST)[:3] in (b"abc", b"")
    noise = random.Random(1).randbytes(2000)
    for broken in (PACK[name](noise)[:-1], PACK[name](noise) + b"garbage" * 9):
        assert decoded_start(broken, [name], MOST)[:1900] == noise[:1900]
    assert decoded_start(packed, ["unknown", name], MOST) == b""


@pytest.mark.parametrize("name", ALL)
def test_what_stands_behind_the_end_is_refused(name):
    packed = PACK[name](b"abc")
    with pytest.raises(CodingError):
        decoded(packed + b"rest", [name], MOST)
    with pytest.raises(CodingError):
        b"".join(decoded_pieces([packed, b"rest"], [name], MOST))


def test_codings_as_they_are_met():
    assert decoded(bare_deflate(b"bare"), ["deflate"], MOST) == b"bare"
    assert decoded(gzip.compress(b"one ") + gzip.compress(b"two"), ["gzip"], MOST) == b"one two"
    assert decoded(PACK["zstd"](b"one ") + PACK["zstd"](b"two"), ["zstd"], MOST) == b"one two"
    assert decoded(b"", ["gzip"], MOST) == b""
    with pytest.raises(CodingError, match="members"):
        decoded(gzip.compress(b"") * (MAX_MEMBERS + 1), ["gzip"], MOST)
    for empty in (PACK["zstd"](b""), b"\x50\x2a\x4d\x18\0\0\0\0"):  # and one that is to be skipped
        with pytest.raises(CodingError, match="frames"):
            decoded(empty * (MAX_MEMBERS + 1), ["zstd"], MOST)


def test_a_frame_that_wants_much_memory_is_refused():
    wide = zstandard.ZstdCompressionParameters.from_level(1, window_log=27, write_content_size=False)
    packer = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    with pytest.raises(CodingError, match="memory"):
        decoded(packer.compress(b"small") + packer.flush(), ["zstd"], MOST)


def test_an_unknown_coding_is_refused_both_ways():
    with pytest.raises(CodingError, match="'lzw'"):
        decoded(b"", ["lzw"], MOST)
    with pytest.raises(CodingError, match="'lzw'"):
        encoded(b"", ["lzw"])
    with pytest.raises(CodingError, match="5 codings"):
        decoded(b"", ["gzip"] * 5, MOST)


def test_names_of_codings():
    assert codings_of(" GZIP, identity ,x-gzip") == ("gzip", "gzip")
    assert codings_of(None) == ()
    headers = ((b"content-encoding", b"br"), (b"A", b"b"), (b"Content-Encoding", b"gzip"))
    assert codings_in(headers) == ("br", "gzip")
    assert suffix_of(("br", "gzip")) == ".br.gz"
