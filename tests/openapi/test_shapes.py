"""Texts become what the types of their places allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.openapi.shapes import ANY, read_text, shape_of

TEXTS = [  # as Ajv coerces them (its docs/coercion.md)
    ("1", {"integer"}, 1),
    ("01", {"integer"}, 1),
    ("+1", {"integer"}, 1),
    (" 1", {"integer"}, 1),
    ("1.0", {"integer"}, 1.0),
    ("1e3", {"integer"}, 1000.0),
    ("1.5", {"integer"}, "1.5"),
    ("", {"integer"}, ""),
    ("x", {"integer"}, "x"),
    ("1.5", {"number"}, 1.5),
    (".5", {"number"}, 0.5),
    ("5.", {"number"}, 5.0),
    ("1e999", {"number"}, "1e999"),
    ("NaN", {"number"}, "NaN"),
    ("1" * 101, {"number"}, "1" * 101),
    ("٣", {"number"}, "٣"),
    ("true", {"boolean"}, True),
    ("false", {"boolean"}, False),
    ("1", {"boolean"}, "1"),
    ("True", {"boolean"}, "True"),
    ("", {"integer", "null"}, None),
    ("null", {"null"}, "null"),
    ("", {"string", "null"}, ""),
    ("1", {"string"}, "1"),
    ("1", set(), "1"),
    ("1", {"object"}, "1"),
]


@pytest.mark.parametrize(("text", "types", "expected"), TEXTS)
def test_a_text_is_read_by_the_types_of_its_place(text, types, expected):
    found = read_text(text, frozenset(types))
    assert (found, type(found)) == (expected, type(expected))


def test_a_text_that_may_be_itself_is_read_both_ways():
    types = frozenset(("string", "integer"))
    assert read_text("1", types) == "1"
    assert read_text("1", types, as_text=False) == 1


@given(st.text(max_size=20))
def test_any_text_is_read(text):
    for types in ({"integer"}, {"number"}, {"boolean"}, {"null"}):
        read_text(text, frozenset(types))


SCHEMA = {
    "allOf": [
        {"$ref": "#/$defs/base"},
        {"properties": {"list": {"type": "array", "items": {"type": "integer"}}}},
    ],
    "anyOf": [{"type": "object", "properties": {"flag": {"type": "boolean"}}}],
    "if": {"properties": {"n": {"const": 5}}},
    "additionalProperties": {"type": "number"},
    "$defs": {
        "base": {"type": "object", "properties": {"n": {"type": "integer"}, "self": {"$ref": "#/$defs/base"}}}
    },
}


def test_types_are_found_wherever_the_schema_says_them():
    value = {"n": "5", "list": ["1", "x"], "flag": "true", "other": "1.5", "self": {"self": {"n": "7"}}}
    assert shape_of(SCHEMA).conform(value) == {
        "n": 5,
        "list": [1, "x"],
        "flag": True,
        "other": 1.5,
        "self": {"self": {"n": 7}},
    }


def may_be(shape):
    return shape.is_object, shape.is_list, shape.is_scalar


def test_what_a_shape_may_be():
    shape = shape_of(SCHEMA)
    assert shape.names == ("n", "self", "list", "flag")
    assert may_be(shape) == (True, False, False)
    assert shape.is_open
    both = shape_of({"oneOf": [{"type": "string"}, {"type": "array"}]})
    assert may_be(both) == (False, True, True)
    assert may_be(ANY) == (False, False, True)
    assert shape_of({"items": {}}).is_list
    assert shape_of({"properties": {"a": {}}}).is_object
    assert shape_of({"enum": [1, "a", None, True, 0.5, [], {}]}).types == {
        *("integer", "string", "null", "boolean", "number", "array", "object")
    }


def test_tuples_have_the_types_of_all_their_places():
    assert shape_of({"type": "array", "prefixItems": [{"type": "integer"}]}).conform(["1"]) == [1]


def test_values_that_the_path_has_read_already_stay():
    assert shape_of({"type": "integer"}).conform(5) == 5
    assert shape_of({"type": "string"}).conform(5) == "5"


def test_circles_and_floods_of_alternatives_end():
    circle = {"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "integer"}]}}}
    assert shape_of(circle).conform("1") == 1
    shape_of({"anyOf": [{"type": "integer"}] * 10_000})


def test_a_schema_in_circles_has_one_shape_however_deep_a_client_goes():
    shape = shape_of(SCHEMA)
    value = "7"
    for _ in range(50):
        value = {"n": value, "self": value} if isinstance(value, str) else {"self": value}
    shape.conform(value)
    inner = shape.named("self")
    assert inner.named("self") is inner.named("self").named("self")
    assert len(shape._known) < 10


def test_what_must_be_there_whatever_branch_fits():
    schema = {
        "required": ["a"],
        "allOf": [{"$ref": "#/$defs/b"}, {"required": ["c"]}],
        "anyOf": [{"required": ["d"]}],
        "$defs": {"b": {"required": ["b"]}},
    }
    assert shape_of(schema).required == {"a", "b", "c"}


def test_how_it_looks_as_xml():
    inner = {"$ref": "#/$defs/a"}
    schema = {"properties": {"a": inner, "b": {"allOf": [inner], "xml": {"wrapped": True}}, "c": {"xml": 5}}}
    shape = shape_of({**schema, "$defs": {"a": {"xml": {"name": "x"}}}})
    assert [shape.named(name).xml for name in "abc"] == [{"name": "x"}, {"wrapped": True}, {}]


def test_names_that_clients_send_are_not_kept():
    shape = shape_of(SCHEMA)
    shape.conform({f"x{n}": "1" for n in range(100)})
    assert set(shape._properties) <= set(shape.names)
