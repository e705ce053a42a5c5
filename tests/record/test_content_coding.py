"""Content codings: off and on again, and hostile bodies within bounds."""

import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.record.content_coding import CODINGS, codings_in, codings_of, decoded, encoded

ALL = sorted(CODINGS)
MOST = 100_000


@pytest.mark.parametrize("name", ALL)
@given(data=st.binary(max_size=2000))
def test_what_is_put_on_comes_off(name, data):
    assert decoded(encoded(data, [name]), [name], MOST) == data


@given(data=st.binary(max_size=500), names=st.lists(st.sampled_from(ALL), max_size=4))
def test_several_come_off_in_reverse(data, names):
    assert decoded(encoded(data, names), names, MOST) == data


@pytest.mark.parametrize("name", ALL)
def test_a_bomb_is_not_unpacked(name):
    bomb = encoded(bytes(5_000_000), [name])
    with pytest.raises(ValueError, match="more than 100000 bytes"):
        decoded(bomb, [name], MOST)


@pytest.mark.parametrize("name", ALL)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(name, data):
    with suppress(ValueError):
        assert len(decoded(data, [name], MOST)) <= MOST


@pytest.mark.parametrize("name", ["gzip", "deflate", "br"])
def test_half_a_body_is_refused(name):
    whole = encoded(b"what is half as long is not the same" * 9, [name])
    with pytest.raises(ValueError, match="unpacked"):
        decoded(whole[: len(whole) // 2], [name], MOST)


def test_bare_deflate_and_several_members():
    packer = zlib.compressobj(wbits=-15)
    assert decoded(packer.compress(b"bare") + packer.flush(), ["deflate"], MOST) == b"bare"
    twice = encoded(b"one ", ["gzip"]) + encoded(b"two", ["gzip"])
    assert decoded(twice, ["gzip"], MOST) == b"one two"
    with pytest.raises(ValueError, match="members"):
        decoded(encoded(b"", ["gzip"]) * 2000, ["gzip"], MOST)


def test_an_unknown_coding_is_refused_both_ways():
    with pytest.raises(ValueError, match="'lzw'"):
        decoded(b"", ["lzw"], MOST)
    with pytest.raises(ValueError, match="'lzw'"):
        encoded(b"", ["lzw"])
    with pytest.raises(ValueError, match="more than 4"):
        decoded(b"", ["gzip"] * 5, MOST)


def test_names_of_codings():
    assert codings_of(" GZIP, identity ,x-gzip") == ("gzip", "gzip")
    assert codings_of(None) == ()
    assert codings_in(((b"content-encoding", b"br"), (b"A", b"b"), (b"Content-Encoding", b"gzip"))) == (
        "br",
        "gzip",
    )
