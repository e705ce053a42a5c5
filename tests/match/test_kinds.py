"""The TABLE of conditions, row by row."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.match.kinds import OPERATORS
from understudy.match.kinds.dotted import values_at
from understudy.match.kinds.error import ConditionError
from understudy.match.kinds.json_tree import PLACEHOLDERS, Difference, compile_json, literal_pattern
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
    ("name", "operand", "value", "holds"),
    [
        ("gt", 2**53, "9007199254740993", True),
        ("gte", 2**53 + 1, "9007199254740992", False),
        ("lt", 10**30 + 1, str(10**30), True),
        ("lte", 10**30, str(10**30 + 1), False),
        ("gt", 0.1, "0.1", False),
        ("gte", 0.1, "0.1", True),
        ("lte", 0.1, "0.1", True),
        ("gt", 0.1, "0.10000000000000000001", True),
        ("gt", 1e22, "10000000000000000000001", True),
        ("lt", 1, "-1e999", True),
        ("gte", 1000, " 1e3\n", True),
        ("gte", -0.5, "-.5", True),
        ("lte", 5, "5.", True),
    ],
)
def test_numbers_are_compared_exactly(name, operand, value, holds):
    compiled = msgspec.convert({name: operand}, Operators)
    assert OPERATORS[name].compile(getattr(compiled, name), False)(value) == holds


@given(st.integers(), st.integers())
def test_whole_numbers_of_any_size(operand, value):
    for name, compare in (("gt", value > operand), ("lte", value <= operand)):
        assert OPERATORS[name].compile(operand, False)(str(value)) == compare


@pytest.mark.parametrize(
    "value",
    [
        *("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "01 Jan 2020 00:00:00 +99999999999999999999"),
        *(
            "01 Jan 2020 99999999999999999999:00",
            "10000-01-01",
            "0001-01-01T00:00+23:59",
            "9999-12-31T23:59-23:59",
        ),
    ],
)
def test_times_out_of_range(value):
    for name in ("before", "after"):
        assert OPERATORS[name].compile("2020-01-01", False)(value) in {True, False}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("a", ["1"]),
        ("b.c", ["x", "2", "null", "[1]", '{"y":1}']),
        ("b.c.0", ["x"]),
        ("b.c.4.y", ["1"]),
        ("b.c.9", []),
        ("b.c.x", []),
        ("b.c.١", []),
        ("b", ['{"c":["x",2,null,[1],{"y":1}]}']),
        ("https://a.test/roles", ["admin"]),
        ("d.e.f", ["deep"]),
        ("d.e.g", ["shallow"]),
        ("a.b", []),
        ("", []),
        (".", []),
    ],
)
def test_dotted_names(name, values):
    tree = {
        "a": 1,
        "b": {"c": ["x", 2, None, [1], {"y": 1}]},
        "https://a.test/roles": ["admin"],
        "d": {"e": {"f": "deep"}},
        "d.e": {"g": "shallow"},
    }
    assert values_at(tree, name) == values


def test_a_value_too_deep_for_json_is_no_text():
    deep = []
    for _ in range(5000):
        deep = [deep]
    assert values_at({"a": {"b": deep}}, "a") == [""]


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


@pytest.mark.parametrize(
    "value", ["#string", "#regex a", "#", "# a", "a", 1, None, ["#null", {"a": "#ignore"}]]
)
def test_a_literal_pattern_is_met_by_its_value_alone(value):
    pattern = literal_pattern(value)
    assert compile_json(pattern)(value) is None
    for other in ("x", 7, [None, {"a": 1}]):
        assert compile_json(pattern)(other) is not None
