"""Data for one schema: made, and held against it."""

import pytest

from tests.openapi.stateful.kit import document_of
from understudy.formats.openapi.schemas import Schemas
from understudy.openapi.data import Data
from understudy.openapi.stateful.data import Fitting
from understudy.render.draws import Draws

LOTS = Draws(1, "x", 0)
USER = {
    "type": "object",
    "required": ["id", "name", "password", "pin"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "example": "Ada"},
        "password": {"type": "string", "writeOnly": True},
        "pin": {"$ref": "#/components/schemas/Pin"},
    },
}
SCHEMAS = {"User": USER, "Pin": {"type": "string", "writeOnly": True}}


def fitting(schema, hides="writeOnly", version="3.0.3"):
    document = document_of({"openapi": version, "components": {"schemas": {**SCHEMAS, "It": schema}}})
    node = document.root.child("components").child("schemas").child("It")
    is_new = version > "3.1"
    return Fitting(node, Data(document.root, is_new), Schemas(is_new, hides))


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_each_side_has_properties_of_its_own(version):
    shown, asked = fitting(USER, version=version), fitting(USER, "readOnly", version)
    assert shown.fits({"id": 1, "name": "Ada"})
    assert not shown.fits({"name": "Ada", "password": "x", "pin": "1"})
    assert asked.fits({"name": "Ada", "password": "x", "pin": "1"})
    assert not asked.fits({"id": 1, "name": "Ada"})


def test_what_stands_beside_a_reference_counts_from_version_3_1_on():
    schema = {
        "required": ["a"],
        "properties": {"a": {"$ref": "#/components/schemas/User", "writeOnly": True}},
    }
    assert fitting(schema, version="3.1.0").fits({})
    assert not fitting(schema).fits({})


def test_a_value_that_looks_like_a_schema_is_left_alone():
    written = {"required": ["a"], "properties": {"a": {"writeOnly": True}}}
    assert fitting({"enum": [written]}).fits(written)


def test_misfits_have_their_place():
    (found,) = fitting(USER).misfits({"id": "1", "name": "Ada"})
    assert (found.pointer, found.keyword) == ("/id", "type")


def test_what_is_made_fits():
    data = fitting(USER)
    made = data.make(LOTS)
    assert data.fits(made)
    assert not {"password", "pin"} & made.keys()
    assert data.make(LOTS, examples=True)["name"] == "Ada"


def test_where_nothing_can_be_made_it_is_none():
    assert fitting({"type": "string", "minLength": 2, "maxLength": 1}).make(LOTS) is None


def test_data_is_made_as_the_document_says():
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    document = document_of({"openapi": "3.1.0", "x-json-schema-faker": {"requiredOnly": True}, "x": schema})
    data = Fitting(document.root.child("x"), Data(document.root, True), Schemas(True, "writeOnly"))
    assert data.make(LOTS) == {}
