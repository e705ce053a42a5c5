"""What a store keeps: JSON, checked."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.state import StoreError
from understudy.state.values import MAX_DEPTH, check_name, encode

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
ANY = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner), max_leaves=20
)


@given(ANY)
def test_what_is_kept_comes_back_and_the_rest_is_refused(value):
    try:
        strict = json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except ValueError:  # also a UnicodeEncodeError
        with pytest.raises(StoreError, match="a row of 'users' cannot be kept"):
            encode("users", value)
    else:
        assert json.loads(encode("users", value)) == json.loads(strict)


@pytest.mark.parametrize(
    "wrap", [lambda inner: [inner], lambda inner: {"a": inner}, lambda inner: [0, inner]]
)
def test_depth_is_bounded_and_width_is_not(wrap):
    value = 1
    for _ in range(MAX_DEPTH):
        value = wrap(value)
    encode("t", value)
    encode("t", [[1]] * 10_000)
    encode("t", "[{" * 1000)
    with pytest.raises(StoreError, match="nested deeper than 200 levels"):
        encode("t", wrap(value))


@pytest.mark.parametrize("name", ["", "a", "é", "🎭", "\0"])
def test_text_is_a_name(name):
    check_name("t", name)


def test_half_a_surrogate_pair_is_no_name():
    with pytest.raises(
        StoreError, match=r"a row of 't' cannot be kept: its name '\\udc80' has half of a surr"
    ):
        check_name("t", "\udc80")
