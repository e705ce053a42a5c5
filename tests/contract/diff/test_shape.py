"""What holds at one place, from all schemas that hold there."""

import pytest

from tests.contract.kit import spec
from understudy.contract.diff.shape import shape_of
from understudy.formats.openapi.document import Node


def shape(schema, is_new=True, **schemas):
    data = {"openapi": "3.1.0", "paths": {}, "components": {"schemas": {"It": schema, **schemas}}}
    root = spec(data).root
    return shape_of((Node(schema, root.document, ("components", "schemas", "It")),), is_new)


@pytest.mark.parametrize(
    ("schema", "types", "nullable"),
    [
        ({}, None, True),
        ({"type": "string"}, {"string"}, False),
        ({"type": ["string", "null"]}, {"string"}, True),
        ({"type": "null"}, {"null"}, True),
        ({"allOf": [{"type": ["string", "integer"]}, {"type": "number"}]}, {"integer"}, False),
        ({"required": ["a"]}, {"object"}, False),
        ({"enum": ["a", None]}, None, True),
        ({"enum": ["a"]}, None, False),
        ({"anyOf": [{"type": "string"}, {"const": None}]}, {"string"}, True),
        ({"type": "file"}, {"string"}, False),
        (False, set(), False),
        ("nonsense", None, True),
        ({"type": 7, "enum": "no", "required": 3, "properties": [], "oneOf": {}}, None, True),
    ],
)
def test_types(schema, types, nullable):
    found = shape(schema)

    assert (found.types, found.nullable) == (types if types is None else frozenset(types), nullable)


def test_the_strictest_bound_holds():
    found = shape(
        {
            "allOf": [
                {"minimum": 3, "maxLength": 9, "exclusiveMaximum": 5},
                {"exclusiveMinimum": 3, "maxLength": 7, "maximum": 5},
            ]
        }
    )

    assert found.lower == {"minimum": (3, True)}
    assert found.upper == {"maxLength": (7, False), "maximum": (5, True)}


def test_keys_beside_a_reference_mean_something_from_3_1():
    schema = {"$ref": "#/components/schemas/Other", "minLength": 4, "nullable": True}
    other = {"type": "string"}

    assert shape(schema, Other=other).lower == {"minLength": (4, False)}
    assert shape(schema, is_new=False, Other=other).lower == {}


def test_nullable_means_something_before_3_1():
    schema = {"type": "string", "nullable": True}

    assert not shape(schema).nullable
    assert shape(schema, is_new=False).nullable


def test_properties_of_all_parts_come_together():
    found = shape(
        {
            "properties": {"a": {"type": "string"}},
            "allOf": [{"properties": {"a": {"minLength": 1}, "b": {}}, "required": ["a"]}],
        }
    )

    assert {name: len(nodes) for name, nodes in found.properties.items()} == {"a": 2, "b": 1}
    assert found.required == {"a"}


def test_listed_values_are_those_that_all_list():
    assert list(shape({"allOf": [{"enum": [1, 2]}, {"enum": [2, 3]}]}).values.values()) == [2]
