import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.views.structured import MAX_CHARACTERS, MAX_ITEMS, Item, Token, read_list, write_list


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("error", [Item("error", {})]),
        ("error; status=503; probability=0.5", [Item("error", {"status": 503, "probability": 0.5})]),
        ("error ;status=503 , reset", [Item("error", {"status": 503}), Item("reset", {})]),
        ('a;b;c=?0;d="x \\"y\\" \\\\";e=-1', [Item("a", {"b": True, "c": False, "d": 'x "y" \\', "e": -1})]),
        ('a;b=%"gr%c3%bc%c3%9fe"', [Item("a", {"b": "grüße"})]),
        ("  a  ", [Item("a", {})]),
        ("a;p=0.000001", [Item("a", {"p": 0.000001})]),
    ],
)
def test_lists(text, items):
    assert read_list(text) == items


def test_words_are_told_from_texts():
    token, text = read_list('a, "a"')
    assert isinstance(token.value, Token)
    assert not isinstance(text.value, Token)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is missing before ''"),
        ("a,", "is missing before ''"),
        ("a b", "a comma is missing before 'b'"),
        ("a;", "a parameter's name is missing after 'a;'"),
        ("a;B=1", "a parameter's name is missing"),
        ("a;b=", "is missing before ''"),
        ('a;b="x', "is missing before '\"x'"),
        ('a;b="ä"', "is missing"),
        ('a;b=%"%ff"', "invalid start byte"),
        ("(a b)", "is missing before"),
        ("a" * (MAX_CHARACTERS + 1), "longer than"),
        (",".join(["a"] * (MAX_ITEMS + 1)), "more than 16 items"),
        ("a" + "".join(f";b{number}=1" for number in range(33)), "more than 32 parameters"),
    ],
)
def test_what_cannot_be_read(text, why):
    with pytest.raises(ValueError, match=why):
        read_list(text)


BARE = st.one_of(
    st.booleans(),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.decimals(-999, 999, places=3).map(float),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(["a", "EMPTY_RESPONSE", "x/y"]).map(Token),
)
ITEMS = st.lists(
    st.builds(
        Item, BARE, st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True), BARE, max_size=4)
    ),
    min_size=1,
    max_size=4,
)


@given(ITEMS)
def test_what_is_written_is_read_again(items):
    text = write_list(items)
    assert text.isascii()
    assert text.isprintable()
    assert read_list(text) == items
