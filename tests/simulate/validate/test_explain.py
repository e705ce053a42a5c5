import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulate.validate.kit import schema_of
from understudy.simulate.validate.explain import (
    MAX_MESSAGE,
    MAX_POINTER,
    MAX_SHOWN,
    Misfit,
    is_large,
    misfits,
    shown,
)


@pytest.mark.parametrize(
    ("schema", "value", "pointer", "keyword", "message"),
    [
        ({"type": "integer"}, "x", "", "type", '"x" is not of type "integer"'),
        ({"properties": {"a": {"items": {"maximum": 3}}}}, {"a": [1, 9]}, "/a/1", "maximum", "9 is greater"),
        ({"required": ["a"]}, {}, "", "required", '"a" is a required property'),
        ({"additionalProperties": False}, {"b": 1}, "", "additionalProperties", "no properties are allowed"),
        (
            {"properties": {"a": True}, "additionalProperties": False},
            {"b": 1},
            "",
            "additionalProperties",
            "'b' was unexpected",
        ),
        ({"enum": ["a", "b"]}, "c", "", "enum", '"c" is not one of "a" or "b"'),
        (
            {"anyOf": [{"type": "null"}, {"properties": {"a": {"const": 1}}}]},
            {"a": 2},
            "",
            "anyOf",
            "(at /a)",
        ),
        ({"oneOf": [{"minimum": 1}, {"minimum": 2}]}, 3, "", "oneOf", "3 is valid under more than one"),
        ({"maxContains": 1, "contains": {"const": 1}}, [1, 1], "", "maxContains", "has too many items"),
        ({"minContains": 2, "contains": {"const": 1}}, [1], "", "minContains", "has too few items"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "", "dependentRequired", '"b" is a required'),
        ({"properties": {"a": False}}, {"a": 1}, "/a", "falseSchema", "1 is not allowed here"),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, "", "propertyNames", '"ab" is longer than 1'),
        ({"pattern": "^a"}, "b", "", "pattern", '"b" does not match "^a"'),
    ],
)
def test_what_is_told(schema, value, pointer, keyword, message):
    (found,) = misfits(schema_of(schema), value, 10)
    assert (found.pointer, found.keyword) == (pointer, keyword)
    assert message in found.message
    assert "\0" not in found.message


def test_nothing_for_what_fits():
    assert misfits(schema_of({"type": "integer"}), 1, 10) == []


def test_messages_stay_short():
    (found,) = misfits(schema_of({"type": "integer"}), "x" * 5000, 10)
    assert len(found.message) < MAX_SHOWN + 100
    (found,) = misfits(schema_of({"enum": ["y" * 300] * 1 + ["z" * 3000]}), 1, 10)
    assert len(found.message) <= MAX_MESSAGE + 1
    assert shown([1, "a"]) == '[1,"a"]'


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("depth", [100, 254, 300, 900])
def test_depth_is_no_exception(depth):
    schema = schema_of({"$defs": {"a": {"type": "array", "maxItems": 0}}, "$ref": "#/$defs/a"})
    (found,) = misfits(schema, nested(depth), 10)
    assert found.keyword in {"maxItems", "schema"}


LARGE = {
    "$defs": {"row": {"required": ["id"], "properties": {"id": {"type": "integer"}}}},
    "properties": {"rows": {"items": {"$ref": "#/$defs/row"}}, "a/b ~": {"items": {"type": "string"}}},
}


def test_a_large_value_is_explained_by_the_small_parts_of_it_that_are_wrong():
    rows = [{"id": number} for number in range(20_000)]
    rows[17], rows[19_000] = {}, {"id": "x"}
    schema = schema_of(LARGE)
    assert is_large(rows)
    found = misfits(schema, {"rows": rows, "a/b ~": ["ok", 5]}, 10)
    assert [(one.pointer, one.keyword) for one in found] == [
        ("/rows/17", "required"),
        ("/rows/19000/id", "type"),
        ("/a~1b ~0/1", "type"),
    ]


def test_a_large_value_that_is_wrong_as_a_whole():
    (found,) = misfits(schema_of({"maxItems": 3}), [1] * 100_000, 10)
    assert found == Misfit((), "schema", "the value does not fit the schema, and is too large to say where")


def test_a_flood_of_misfits_is_cut():
    schema = schema_of({"items": {"type": "string"}})
    assert len(misfits(schema, [1] * 1_000_000, 10)) == 10
    nested_anyof = schema_of({"anyOf": [{"items": {"type": "string"}}, {"items": {"type": "null"}}]})
    assert len(misfits(nested_anyof, [1] * 1_000_000, 10)) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["a", "b", "a/b", "~"]), inner),
    max_leaves=20,
)


@given(JSON)
def test_pointers_lead_to_a_value(value):
    schema = schema_of(
        {"$defs": {"x": {"not": {"type": "string"}, "items": {"$ref": "#/$defs/x"},
                         "additionalProperties": {"$ref": "#/$defs/x"}}}, "$ref": "#/$defs/x"}
    )  # fmt: skip
    found = misfits(schema, value, 1000)
    assert bool(found) is ('"' in json.dumps(list(texts(value))))
    for one in found:
        place = value
        for key in one.pointer.split("/")[1:]:
            key = key.replace("~1", "/").replace("~0", "~")
            place = place[int(key)] if isinstance(place, list) else place[key]
        assert isinstance(place, str)


def texts(value):
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)


def test_the_client_s_keys_do_not_make_the_answer_large():
    schema = {"additionalProperties": {"items": {"type": "integer"}}}
    found = misfits(schema_of(schema), {"k" * 50_000: ["a"] * 100}, 100)
    assert len(found) == 100
    assert sum(len(one.pointer) + len(one.message) for one in found) < 100 * (MAX_POINTER + 100)
    assert Misfit(("k" * MAX_POINTER,), "", "").pointer == "/" + "k" * (MAX_POINTER - 1) + "…"
    assert Misfit(("k" * (MAX_POINTER - 1),), "", "").pointer == "/" + "k" * (MAX_POINTER - 1)
