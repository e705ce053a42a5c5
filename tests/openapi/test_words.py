"""The words are those that Ajv 8 has for the same schemas."""

import jsonschema_rs
import pytest

from understudy.openapi.words import WORDS, tell

CASES = [
    ({"type": "integer"}, "a", ["type: must be integer"]),
    ({"type": ["string", "null"]}, 1, ["type: must be string,null"]),
    ({"enum": ["a", 1, None]}, 2, ["enum: must be equal to one of the allowed values: a, 1, null"]),
    ({"const": 1}, 2, ["const: must be equal to constant"]),
    ({"required": ["a"]}, {}, ["required: must have required property 'a'"]),
    ({"minimum": 1}, 0, ["minimum: must be >= 1"]),
    ({"maximum": 1.0}, 2, ["maximum: must be <= 1"]),
    ({"exclusiveMinimum": 1.5}, 1, ["exclusiveMinimum: must be > 1.5"]),
    ({"exclusiveMaximum": 1}, 1, ["exclusiveMaximum: must be < 1"]),
    ({"multipleOf": 5}, 3, ["multipleOf: must be multiple of 5"]),
    ({"minLength": 2}, "a", ["minLength: must NOT have fewer than 2 characters"]),
    ({"maxLength": 2}, "abc", ["maxLength: must NOT have more than 2 characters"]),
    ({"minItems": 2}, [1], ["minItems: must NOT have fewer than 2 items"]),
    ({"maxItems": 0}, [1], ["maxItems: must NOT have more than 0 items"]),
    ({"minProperties": 1}, {}, ["minProperties: must NOT have fewer than 1 properties"]),
    ({"maxProperties": 0}, {"a": 1}, ["maxProperties: must NOT have more than 0 properties"]),
    ({"pattern": "^a$"}, "b", ['pattern: must match pattern "^a$"']),
    ({"format": "ipv4"}, "b", ['format: must match format "ipv4"']),
    (
        {"uniqueItems": True},
        [1, 2, 1],
        ["uniqueItems: must NOT have duplicate items (items ## 2 and 0 are identical)"],
    ),
    ({"uniqueItems": True}, [1, 1.0], ["uniqueItems: must NOT have duplicate items"]),
    ({"contains": {"const": 1}}, [], ["contains: must contain at least 1 valid item(s)"]),
    ({"contains": True, "minContains": 2}, [1], ["minContains: must contain more valid items"]),
    ({"contains": True, "maxContains": 1}, [1, 2], ["maxContains: must contain fewer valid items"]),
    ({"not": {}}, 1, ["not: must NOT be valid"]),
    (
        {"properties": {"a": {}}, "additionalProperties": False},
        {"b": 1, "c": 1},
        [
            "additionalProperties: must NOT have additional properties; found 'b'",
            "additionalProperties: must NOT have additional properties; found 'c'",
        ],
    ),
    (
        {"additionalProperties": False},
        {"b": 1},
        ["additionalProperties: must NOT have additional properties"],
    ),
    (
        {"unevaluatedProperties": False},
        {"b": 1},
        ["unevaluatedProperties: must NOT have unevaluated properties: 'b'"],
    ),
    (
        {"prefixItems": [True], "unevaluatedItems": False},
        [1, 2],
        ["unevaluatedItems: must NOT have unevaluated items"],
    ),
    (
        {"dependentRequired": {"a": ["b"]}},
        {"a": 1},
        ["dependentRequired: must have property 'b' beside another"],
    ),
    (
        {"propertyNames": {"maxLength": 1}},
        {"ab": 1},
        ["maxLength: must NOT have more than 1 characters", "propertyNames: property name must be valid"],
    ),
    ({"items": False}, [1], ["false schema: boolean schema is false"]),
    ({"properties": {"additionalProperties": False}}, {"additionalProperties": 1}, None),
    (
        {"anyOf": [{"type": "string"}, {"minimum": 3}]},
        1,
        ["type: must be string", "minimum: must be >= 3", "anyOf: must match a schema in anyOf"],
    ),
    (
        {"oneOf": [{"type": "string"}, {"minimum": 3}]},
        1,
        ["type: must be string", "minimum: must be >= 3", "oneOf: must match exactly one schema in oneOf"],
    ),
    ({"oneOf": [{}, {"minimum": 0}]}, 1, ["oneOf: must match exactly one schema in oneOf"]),
]


def said(schema, value):
    validator = jsonschema_rs.validator_for(schema, validate_formats=True, mask="\0")
    return [f"{one.keyword}: {one.message}" for error in validator.iter_errors(value) for one in tell(error)]


@pytest.mark.parametrize(("schema", "value", "expected"), CASES, ids=lambda value: str(value)[:60])
def test_errors_are_told_as_ajv_tells_them(schema, value, expected):
    found = said(schema, value)
    assert found == expected if expected is not None else found


def test_every_kind_has_a_case():
    keywords = {line.partition(":")[0] for *_, expected in CASES for line in expected or ()}
    assert set(WORDS) - {"falseSchema"} <= keywords


def test_a_pattern_that_takes_too_long_is_told_as_such():
    validator = jsonschema_rs.validator_for(
        {"pattern": r"(?=a)(a|aa)+\1$"}, pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=100)
    )
    found = [one for error in validator.iter_errors("a" * 40 + "b") for one in tell(error)]
    assert [one.keyword for one in found] == ["pattern"]
    assert "too long" in found[0].message


def test_places_are_those_of_the_values():
    validator = jsonschema_rs.validator_for({"properties": {"a": {"items": {"anyOf": [{"type": "null"}]}}}})
    found = [one.path for error in validator.iter_errors({"a": [None, 1]}) for one in tell(error)]
    assert found == [("a", 1), ("a", 1)]


def test_what_is_said_is_bounded():
    nested = {"type": "null"}
    for _ in range(50):
        nested = {"anyOf": [nested]}
    assert len(said(nested, 1)) == 11
    assert len(said({"enum": ["x" * 5000]}, 1)[0]) < 700
    assert (
        len(said({"properties": {"a": {}}, "additionalProperties": False}, {str(n): 1 for n in range(1000)}))
        == 100
    )
