"""What stands around records, and records as another schema shows them."""

import pytest

from tests.openapi.stateful.kit import document_of
from understudy.formats.openapi.operations import read_api
from understudy.formats.openapi.schemas import Schemas
from understudy.openapi.data import Data
from understudy.openapi.stateful.data import Fitting
from understudy.openapi.stateful.envelope import Envelope, Projection, Slice

TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}


def data(schema):
    answer = {"200": {"description": "x", "content": {"application/json": {"schema": schema}}}}
    document = document_of({"openapi": "3.1.0", "paths": {"/x": {"get": {"responses": answer}}}})
    (operation,) = read_api(document).operations
    node = operation.responses[0].media[0].schema
    return Fitting(node, Data(document.root, True), Schemas(True, "writeOnly"))


def around(properties, part, required=()):
    schema = {"properties": {"items": {"type": "array"}, **properties}, "required": list(required)}
    whole = data({"type": "object", **schema})
    found = Envelope(whole, ("items",), "x").around([1], part)
    assert found.pop("items") == [1]
    assert whole.fits({**found, "items": [1]})
    return found


MIDDLE = Slice(total=9, start=2, length=2, size=2, page=2, next="/n", previous="/p", cursor="4")
LAST = Slice(total=9, start=8, length=1, size=2, page=5, previous="/p")


@pytest.mark.parametrize(
    ("name", "middle", "last"),
    [
        ("total", 9, 9),
        ("total_count", 9, 9),
        ("totalElements", 9, 9),
        ("numberOfElements", 2, 1),
        ("page", 2, 5),
        ("perPage", 2, 2),
        ("totalPages", 5, 5),
        ("offset", 2, 8),
    ],
)
def test_numbers(name, middle, last):
    assert around({name: NUMBER}, MIDDLE) == {name: middle}
    assert around({name: NUMBER}, LAST) == {name: last}
    assert around({"meta": {"type": "object", "properties": {name: NUMBER}}}, LAST) == {"meta": {name: last}}


@pytest.mark.parametrize(
    ("name", "middle", "last"),
    [("hasMore", True, False), ("has_next", True, False), ("hasPrevious", True, True), ("last", False, True)],
)
def test_flags(name, middle, last):
    assert around({name: FLAG}, MIDDLE) == {name: middle}
    assert around({name: FLAG}, LAST) == {name: last}


def test_links_and_cursors_come_to_an_end():
    assert around({"next": TEXT, "nextCursor": TEXT}, MIDDLE) == {"next": "/n", "nextCursor": "4"}
    assert around({"next": TEXT, "nextCursor": TEXT}, LAST) == {}
    assert around({"next": {"type": ["string", "null"]}}, LAST, ["next"]) == {"next": None}
    assert around({"next_page_token": TEXT}, LAST, ["next_page_token"]) == {"next_page_token": ""}


def test_what_is_not_known_is_made_up_and_stays_the_same():
    whole = data({"type": "object", "properties": {"data": {}, "took": NUMBER, "note": TEXT}})
    one = Envelope(whole, ("data",), "x").around({"a": 1})
    assert one == Envelope(whole, ("data",), "x").around({"a": 1})
    assert one["data"] == {"a": 1}
    assert isinstance(one["took"], int)


def test_deeper_places():
    whole = data({"properties": {"data": {"properties": {"items": {}, "total": NUMBER}}}, "type": "object"})
    found = Envelope(whole, ("data", "items"), "x").around([7], MIDDLE)
    assert found == {"data": {"items": [7], "total": 9}}


SUMMARY = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "state"],
    "properties": {"id": NUMBER, "name": TEXT, "state": {"enum": ["on", "off"]}},
}


def test_a_projection_has_the_properties_of_its_schema_and_fits_it():
    shown = Projection(data(SUMMARY), "x").of({"id": 1, "name": "a", "more": 2}, "1")
    assert shown == {"id": 1, "name": "a", "state": shown["state"]}
    assert Projection(data(SUMMARY), "x").of({"id": 1, "name": "a"}, "1") == shown
    assert Projection(data(SUMMARY), "x").of({"id": 1, "name": "a", "state": "on"}, "1")["state"] == "on"


def test_what_does_not_fit_the_other_schema_is_not_shown_there():
    shown = Projection(data(SUMMARY), "x").of({"id": 1, "name": 5, "state": "odd"}, "1")
    assert shown["id"] == 1
    assert data(SUMMARY).fits(shown)


def test_a_schema_that_tells_nothing_shows_all():
    assert Projection(data({}), "x").of({"id": 1, "a": 2}, "1") == {"id": 1, "a": 2}
