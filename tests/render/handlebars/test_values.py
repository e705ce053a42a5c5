"""Values: looked up, tested, as text."""

import pytest

from understudy.render.handlebars.values import (
    MAX_CHARACTERS,
    MAX_ITEMS,
    Fields,
    Values,
    checked,
    get,
    has,
    is_true,
    plain_text,
    script_text,
    weigh,
)

FIELDS = Fields({"a": lambda: 1}, lambda: "text")


@pytest.mark.parametrize(
    ("value", "key", "found"),
    [
        ({"a": 1}, "a", 1),
        ({"a": 1}, "b", None),
        ([1, 2], "1", 2),
        ([1, 2], "-1", 2),
        ([1, 2], "2", None),
        ([1, 2], "x", None),
        ([1, 2], "length", 2),
        ([1, 2], "first", None),
        (Values([1, 2]), "first", 1),
        (Values([1, 2]), "last", 2),
        ("abc", "length", 3),
        ("abc", "upper", None),
        (FIELDS, "a", 1),
        (FIELDS, "_fields", None),
        (Fields(str.upper, str), "a", "A"),
        (7, "real", None),
    ],
)
def test_get(value, key, found):
    assert get(value, key) == found


def test_has():
    assert has({"a": None}, "a")
    assert not has({}, "a")
    assert has(FIELDS, "a")


def test_is_true():
    assert all(map(is_true, [True, 1, "0", [0], {}, FIELDS]))
    assert not any(map(is_true, [None, False, 0, 0.0, "", [], Values(), float("nan")]))


@pytest.mark.parametrize(
    ("value", "plain", "script"),
    [
        (None, "", ""),
        (True, "true", "true"),
        (1.0, "1.0", "1"),
        (1.5, "1.5", "1.5"),
        (float("nan"), "NaN", "NaN"),
        (float("-inf"), "-Infinity", "-Infinity"),
        ([1, "a", [None]], '[1,"a",[null]]', "1,a,"),
        ({"a": 1}, '{"a":1}', "[object Object]"),
        (Values(["a", "b"]), "a", "a,b"),
        (Values(), "", ""),
        (FIELDS, "text", "text"),
    ],
)
def test_as_text(value, plain, script):
    assert plain_text(value) == plain
    assert script_text(value) == script


def test_bounds():
    with pytest.raises(ValueError, match="parts"):
        weigh([[0] * 1000] * 1000)
    with pytest.raises(ValueError, match="longer"):
        checked("x" * (MAX_CHARACTERS + 1))
    with pytest.raises(ValueError, match="elements"):
        checked([0] * (MAX_ITEMS + 1))
    assert checked(10**400) == float("inf")
    assert checked(10**20) == 1e20
    assert checked(True) is True
