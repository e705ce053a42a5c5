import gzip
import zlib
from contextlib import suppress

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from understudy.record.drift.decoding import CODINGS, NotDecoded, decoded


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACK = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("coding", CODINGS)
def test_each_coding(coding):
    data = b"abc" * 1000
    packed = PACK[coding](data)

    assert decoded(packed, coding.upper()) == data
    with pytest.raises(NotDecoded):
        decoded(b"no such thing", coding)
    with pytest.raises(NotDecoded):
        decoded(packed[:-5], coding)


@pytest.mark.parametrize("coding", CODINGS)
def test_bombs(coding):
    packed = PACK[coding](bytes(10_000_000))

    with pytest.raises(NotDecoded, match="larger than 1 MB"):
        decoded(packed, coding, 2**20)


def test_several_and_none():
    data = b"abc" * 100

    assert decoded(brotli.compress(gzip.compress(data)), "gzip, br") == data
    assert decoded(data, "") == decoded(data, "identity") == data
    assert decoded(raw_deflate(data), "deflate") == data
    assert decoded(gzip.compress(b"a") + gzip.compress(b"b"), "gzip") == b"ab"
    zstd = PACK["zstd"]
    assert decoded(zstd(b"a") + zstd(b"b"), "zstd") == b"ab"
    assert decoded(b"", "gzip") == b""
    with pytest.raises(NotDecoded, match="coding lzma is not known"):
        decoded(data, "lzma")
    with pytest.raises(NotDecoded, match="5 codings"):
        decoded(data, "gzip, gzip, gzip, gzip, gzip")


@given(st.sampled_from(list(CODINGS)), st.binary(max_size=200), st.integers(0, 200), st.binary(max_size=4))
def test_mutated(coding, data, at, piece):
    packed = PACK[coding](data)
    with suppress(NotDecoded):
        assert len(decoded(packed[:at] + piece + packed[at:], coding, 10_000)) <= 10_000
