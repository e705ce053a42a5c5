import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.formats.emit import yaml_text
from understudy.load.syntax import parse
from understudy.load.write import is_same

CHARACTERS = st.characters(blacklist_categories=["Cs"])
ODD = st.sampled_from(
    (
        *("", " ", "a ", "- a", "#", "a #b", "a: b", "yes", "No", "null", "~", "1", "1e3", ".5", "0x1"),
        *("2024-01-01", "|", ">", "@a", "`", "%", "&a", "*a", "!a", "<<", "=", "---", "...", "?", ":"),
        *("a\nb", "a\n", "\na", "a\n\nb\n", "a\n\n", " a\nb", "a \nb", "a\n b", "a\n😀", "a\tb\nc"),
        *("\t", "a\tb", "\x85", "\u2028", "\ufeff", "😀", "'", '"', "\\", "a\\'b"),
    )
)
TEXTS = st.text(CHARACTERS, max_size=30) | ODD
LEAVES = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | TEXTS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.lists(VALUES, max_size=4), st.lists(TEXTS, max_size=4))
def test_what_is_written_is_read_the_same(config, endpoints, comments):
    config = {**config, "endpoints": endpoints}

    data, _ = parse(yaml_text(config, "title", comments), ".yaml")

    assert is_same(data, config)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": 1, "b": [1, 2]}, "x: { a: 1, b: [1, 2] }\n"),
        ("yes", 'x: "yes"\n'),
        ("a: b", 'x: "a: b"\n'),
        ('say "a"', "x: 'say \"a\"'\n"),
        ("a\nb\n", "x: |\n  a\n  b\n"),
        ("a\nb", "x: |-\n  a\n  b\n"),
        ([], "x: []\n"),
        ({"a": "b" * 60, "c": "d" * 60}, f"x:\n  a: {'b' * 60}\n  c: {'d' * 60}\n"),
        ([{"a": "b" * 100, "c": 1}], f"x:\n  - a: {'b' * 100}\n    c: 1\n"),
        ([["a" * 50, "b" * 50]], f"x:\n  - - {'a' * 50}\n    - {'b' * 50}\n"),
    ],
)
def test_how_it_looks(value, text):
    assert yaml_text({"x": value}) == text


def test_comments():
    config = {"port": 1, "endpoints": [{"path": "/a"}, {"path": "/b"}]}

    assert yaml_text(config, "Made of\nit", ["Lists\n  all\x85"]) == (
        "# Made of\n# it\n\nport: 1\n\nendpoints:\n  # Lists all\n  - path: /a\n\n  - path: /b\n"
    )
