"""What the helpers of all tools have in common."""

from types import SimpleNamespace

import pytest

from understudy.render.handlebars.helpers.arguments import content, count, elements, number, same, whole
from understudy.render.handlebars.values import MAX_ITEMS, Values


@pytest.mark.parametrize(
    ("value", "found"), [(1, 1), (1.5, 1.5), (" -7 ", -7), ("1e3", 1000.0), (Values(["2", "3"]), 2)]
)
def test_numbers(value, found):
    assert number(value) == found


@pytest.mark.parametrize("value", [None, True, "", "x", [1], {}])
def test_what_is_no_number(value):
    with pytest.raises(ValueError, match="where a number is needed"):
        number(value)


def test_whole_numbers():
    assert whole("4.0") == 4
    with pytest.raises(ValueError, match="whole number"):
        whole(4.5)


def test_counts_are_bounded():
    assert count("3") == 3
    for value in (-1, MAX_ITEMS + 1):
        with pytest.raises(ValueError, match=f"from 0 to {MAX_ITEMS}"):
            count(value)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (1, "1", True),
        (1, 1.0, True),
        (True, 1, False),
        (True, "true", True),
        (Values(["a", "b"]), "a", True),
        ({"a": 1}, {"a": 1}, True),
        ("[1]", [1], False),
        (0, None, False),
    ],
)
def test_equality(one, other, is_same):
    assert same(one, other) is same(other, one) is is_same


def test_elements_are_a_copy():
    values = [1, 2]
    assert elements(values) == values
    assert elements(values) is not values
    with pytest.raises(ValueError, match="a list"):
        elements("ab")


def test_the_body_of_a_block_stands_for_an_argument():
    block = SimpleNamespace(is_block=True, here=lambda: "inside")
    inline = SimpleNamespace(is_block=False)
    assert [content(block, None), content(block, "given"), content(inline, None)] == ["inside", "given", None]
