import pytest

from tests.simulate.validate.kit import schema_of
from understudy.simulate.validate.coerce import Reader, read_text

INT, NUM, BOOL, STR = {"type": "integer"}, {"type": "number"}, {"type": "boolean"}, {"type": "string"}
INTS = {"type": "array", "items": INT}


@pytest.mark.parametrize(
    ("schema", "found", "value"),
    [
        (INT, ["5"], 5),
        (INT, ["-5"], -5),
        (INT, ["5.0"], 5.0),
        (INT, ["05"], "05"),
        (INT, ["x"], "x"),
        (INT, [""], ""),
        (INT, ["1", "2"], [1, 2]),
        (NUM, ["1.5e3"], 1500.0),
        (NUM, ["1e999"], "1e999"),
        (NUM, ["NaN"], "NaN"),
        (NUM, ["9" * 200], "9" * 200),
        (BOOL, ["true"], True),
        (BOOL, ["false"], False),
        (BOOL, ["1"], "1"),
        (STR, ["5"], "5"),
        ({}, ["5"], "5"),
        ({}, ["5", "6"], ["5", "6"]),
        (True, ["5"], "5"),
        (INTS, ["1", "x"], [1, "x"]),
        (INTS, ["1"], [1]),
        (INTS, ["1,2"], ["1,2"]),
        ({"type": "array", "prefixItems": [INT]}, ["1"], [1]),
        ({"type": ["integer", "null"]}, [""], None),
        ({"type": ["string", "null"]}, [""], ""),
        ({"type": ["string", "integer"]}, ["5"], 5),
        ({"type": ["string", "integer"]}, ["five"], "five"),
        ({"enum": [1, 2]}, ["1"], 1),
        ({"const": True}, ["true"], True),
        ({"enum": ["1", "2"]}, ["1"], "1"),
        ({"enum": [None, 1.5]}, ["null"], None),
        ({"anyOf": [INT, {"const": "auto"}]}, ["5"], 5),
        ({"anyOf": [INT, {"const": "auto"}]}, ["auto"], "auto"),
        ({"anyOf": [INT, INTS]}, ["5"], 5),
        ({"anyOf": [INT, INTS]}, ["5", "6"], [5, 6]),
        ({"allOf": [{"oneOf": [{"$ref": "#/$defs/n"}]}]}, ["5"], 5),
        ({"type": "object"}, ['{"a": [1]}'], {"a": [1]}),
        ({"type": "object"}, ["{"], "{"),
        ({"$ref": "#/$defs/loop"}, ["5"], 5),
        ({"$ref": "#"}, ["5"], "5"),
    ],
)
def test_a_text_becomes_what_the_schema_asks_for(schema, found, value):
    whole = {
        "properties": {"p": schema},
        "$defs": {"n": INT, "loop": {"anyOf": [{"$ref": "#/$defs/loop"}, INT]}},
    }
    read = Reader(schema_of(whole)).read({"p": found})
    assert read == {"p": value}
    assert type(read["p"]) is type(value)


def test_lists_by_place_as_older_drafts_write_them():
    draft = {"$schema": "http://json-schema.org/draft-07/schema#"}
    schema = {**draft, "properties": {"p": {"type": "array", "items": [INT, BOOL]}}}
    assert Reader(schema_of(schema)).read({"p": ["1", "true"]}) == {"p": [1, True]}


def test_properties_wherever_they_stand():
    schema = {
        "allOf": [{"properties": {"a": INT}}, {"$ref": "#/$defs/more"}],
        "if": {"properties": {"c": BOOL}},
        "additionalProperties": NUM,
        "$defs": {"more": {"properties": {"b": INTS}}},
    }
    found = {"a": ["1"], "b": ["2"], "c": ["true"], "d": ["1.5"]}
    assert Reader(schema_of(schema)).read(found) == {"a": 1, "b": [2], "c": True, "d": 1.5}


def test_commas_separate_the_items_of_headers_and_of_path_parameters():
    reader = Reader(schema_of({"properties": {"ids": INTS, "n": STR}}))
    assert reader.read({"ids": ["1, 2,3"], "n": ["a, b"]}, commas=True) == {"ids": [1, 2, 3], "n": "a, b"}


def test_headers_are_spelled_as_in_the_schema():
    reader = Reader(schema_of({"properties": {"X-Id": INT}, "required": ["X-Tenant"]}))
    assert [reader.spelled(name) for name in ("x-id", "x-tenant", "host")] == ["X-Id", "X-Tenant", "host"]


@pytest.mark.parametrize(
    ("value", "types", "read"), [(5, {"integer"}, 5), (5, {"string"}, "5"), (5, set(), 5)]
)
def test_what_a_typed_path_has_read_already(value, types, read):
    assert read_text(value, frozenset(types)) == read


def test_boolean_schemas():
    assert Reader(schema_of(True)).read({"a": ["1"]}) == {"a": "1"}
