import pytest

from understudy.render.arguments import UNKNOWN, closing_bracket, depth_at, split_arguments
from understudy.render.lexer import tokens


def split(call):
    found = tokens(call)
    return split_arguments(found, 1)


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("f()", []),
        ("f(1, 'a', true, none)", [("", 1), ("", "a"), ("", True), ("", None)]),
        ("f(x, a=1, b='t')", [("", UNKNOWN), ("a", 1), ("b", "t")]),
        ("f([1, 2], {'a': 1}, g(3, 4))", [("", UNKNOWN), ("", UNKNOWN), ("", UNKNOWN)]),
        ("f(1,)", [("", 1)]),
        ("f(1 + 1, ',')", [("", UNKNOWN), ("", ",")]),
        ("f(a == 1)", [("", UNKNOWN)]),
    ],
)
def test_arguments_are_split(call, arguments):
    assert split(call) == (arguments, False)


def test_unpacking_is_noticed():
    assert split("f(1, *rest)")[1]
    assert split("f(**more)")[1]


def test_brackets():
    found = tokens("f(a[1], (2))")
    assert closing_bracket(found, 1) == len(found) - 1
    assert depth_at(found, 4) == 2
    assert closing_bracket(tokens("f(a"), 1) == 3
