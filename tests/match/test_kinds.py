"""The TABLE of conditions, row by row."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.match.kinds import OPERATORS
from understudy.match.kinds.error import ConditionError
from understudy.match.kinds.json_tree import PLACEHOLDERS, Difference, compile_json
from understudy.model import Operators


@pytest.mark.parametrize("name", OPERATORS)
def test_each_row_takes_its_own_example(name):
    kind = OPERATORS[name]
    test = kind.compile(kind.example, False)
    assert test(kind.fits)
    assert not test(kind.differs)
    msgspec.convert({name: kind.example}, Operators)


def test_the_model_has_every_row():
    assert set(OPERATORS) <= {field.encode_name for field in msgspec.structs.fields(Operators)}


@pytest.mark.parametrize("name", ["equals", "one_of", "contains", "starts_with", "ends_with", "matches"])
def test_case_can_be_ignored(name):
    kind = OPERATORS[name]
    assert kind.compile(kind.example, True)(kind.fits.swapcase())
    assert not kind.compile(kind.example, False)(kind.fits.swapcase())


@given(st.sampled_from(sorted(OPERATORS)), st.booleans(), st.text(max_size=50))
def test_no_value_is_too_odd(name, ignore_case, value):
    kind = OPERATORS[name]
    assert kind.compile(kind.example, ignore_case)(value) in {True, False}


@pytest.mark.parametrize("text", ["nan", "inf", "1_000", "0x10", "", "ten", "1e9999", "9" * 500, "١"])
def test_what_is_not_a_number(text):
    assert not any(OPERATORS[name].compile(1, False)(text) for name in ("gt", "gte", "lt", "lte"))


@pytest.mark.parametrize(
    ("name", "operand", "text"),
    [
        ("matches", "(", "cannot be read"),
        ("matches", "(?=a)", "bounded time"),
        ("before", "soon", "not a time"),
    ],
)
def test_what_cannot_be_compiled(name, operand, text):
    with pytest.raises(ConditionError, match=text):
        OPERATORS[name].compile(operand, False)


@pytest.mark.parametrize(
    ("expected", "value", "options", "difference"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, {}, None),
        ({"a": 1}, {"a": 1, "b": 2}, {"exact": True}, "$.b"),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, {}, "$.a.b[1]"),
        ({"a": 1}, {"a": True}, {}, "$.a"),
        ({"a": True}, {"a": 1}, {}, "$.a"),
        ({"a": 1}, {"a": 1.0}, {}, None),
        ({"a": None}, {}, {}, "$.a"),
        ([1, 2], [2, 1], {}, "$[0]"),
        ([1, 2], [2, 1], {"ignore_order": True}, None),
        ([1, 1], [1, 2], {"ignore_order": True}, "$"),
        (["#number", 1], [1, 2], {"ignore_order": True}, None),
        ([{"x": 1}, {}], [{"x": 2}, {"x": 1}], {"ignore_order": True}, None),
        ([1], [1, 2], {}, "$"),
        ("#string", "x", {}, None),
        ("#string", 1, {}, "$"),
        ("#regex [a-c]+", "abc", {}, None),
        ("#regex [a-c]+", "abcd", {}, "$"),
        ("#uuid", "123e4567-e89b-42d3-a456-426614174000", {}, None),
        ({"gone": "#notpresent"}, {"a": 1}, {}, None),
        ({"gone": "#notpresent"}, {"gone": None}, {}, "$.gone"),
        ({"a": "#present"}, {"a": None}, {}, None),
        ({"a": "#ignore"}, {}, {}, None),
        ("#hash", "#hash", {}, None),
        ({}, [], {}, "$"),
    ],
)
def test_json_trees(expected, value, options, difference):
    found = compile_json(expected, **options)(value)
    assert (found.path if isinstance(found, Difference) else found) == difference


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(alphabet="ab", max_size=2),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=12,
)


@given(JSON, st.booleans(), st.booleans())
def test_json_equals_itself(value, exact, ignore_order):
    assert compile_json(value, exact=exact, ignore_order=ignore_order)(value) is None


@given(JSON, JSON)
def test_exact_json_is_equality(expected, value):
    """The plain twin: without placeholders, an exact pattern is `==`, with booleans apart from numbers."""

    def typed(json):
        if isinstance(json, dict):
            return {key: typed(item) for key, item in json.items()}
        return [typed(item) for item in json] if isinstance(json, list) else (type(json).__name__, json)

    assert (compile_json(expected, exact=True)(value) is None) == (typed(expected) == typed(value))


@given(st.lists(JSON, max_size=6), st.randoms())
def test_order_can_be_ignored(values, random):
    shuffled = list(values)
    random.shuffle(shuffled)
    assert compile_json(values, ignore_order=True)(shuffled) is None


def test_long_lists_in_any_order():
    values = list(range(400))
    assert compile_json(values, ignore_order=True)(values[::-1]) is None


def test_every_placeholder_is_known_in_the_docs():
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "matching.md").read_text()
    assert all(f"`{name}`" in page for name in [*PLACEHOLDERS, "#regex PATTERN"])
