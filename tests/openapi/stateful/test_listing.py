"""Query parameters as documents name them."""

import pytest

from tests.openapi.stateful.kit import api_of
from understudy.openapi.stateful.listing import MOST, Listing
from understudy.openapi.stateful.shapes import Facts, facts_of
from understudy.request import Request
from understudy.simulate.resource.query import MAX_CLAUSES
from understudy.simulate.resource.refused import Refused

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
RECORD = {
    "type": "object",
    "properties": {
        "id": INTEGER,
        "name": STRING,
        "created_at": STRING,
        "tags": {"type": "array", "items": STRING},
        "limit": INTEGER,
        "home": {"type": "object", "properties": {"x": STRING}},
    },
}


def listing(*parameters):
    written = [
        {"in": "query", "schema": STRING, **one} if isinstance(one, dict) else {"in": "query", "name": one}
        for one in parameters
    ]
    schema = {"application/json": {"schema": RECORD}}
    get = {"parameters": written, "responses": {"200": {"description": "x", "content": schema}}}
    api = api_of({"openapi": "3.0.0", "info": {}, "paths": {"/x": {"get": get}}})
    (operation,) = api.operations
    return Listing(operation, facts_of(operation.responses[0].media[0].schema))


def read(one, query):
    return one.read(Request("GET", b"/x?" + query.encode()))


@pytest.mark.parametrize("names", [("page", "per_page"), ("pageNumber", "pageSize"), ("page", "size")])
def test_pages(names):
    one = listing(*names)
    page, size = names
    assert read(one, "")[1:] == (0, None)
    assert read(one, f"{page}=3&{size}=5")[1:] == (10, 5)
    assert read(one, f"{page}=2")[1:] == (10, 10)
    assert read(one, f"{size}=5")[1:] == (0, 5)


def test_pages_from_0():
    one = listing({"name": "page", "schema": {"type": "integer", "default": 0}}, "size")
    assert read(one, "page=1&size=5")[1:] == (5, 5)
    assert read(one, "size=5")[1:] == (0, 5)


def test_defaults_of_the_document():
    size = {"name": "size", "schema": {"type": "integer", "default": 20}}
    page = {"name": "page", "schema": {"type": "integer", "default": 1}}
    assert read(listing(size, page), "")[1:] == (0, 20)
    assert read(listing(size, page), "page=2")[1:] == (20, 20)
    assert read(listing(page), "")[1:] == (0, None)


def test_offsets_and_cursors():
    assert read(listing("skip", "take"), "skip=4&take=2")[1:] == (4, 2)
    assert read(listing("cursor", "count"), "cursor=4&count=2")[1:] == (4, 2)
    assert read(listing("cursor"), "cursor=unknown")[1:] == (0, None)


@pytest.mark.parametrize("text", ["-1", "x", "1.5", "²"])
def test_what_is_no_number_from_0_is_not_looked_at(text):
    assert read(listing("page", "size"), f"page={text}&size={text}")[1:] == (0, None)
    assert read(listing("offset"), f"offset={text}")[1:] == (0, None)


def test_numbers_beyond_all_records():
    assert read(listing("offset", "size"), f"offset={'1' * 12}&size={'1' * 5000}")[1:] == (MOST, MOST)


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("sort=name", (("name", False),)),
        ("sort=-name", (("name", True),)),
        ("sort=%2Bname", (("name", False),)),
        ("sort=name:desc", (("name", True),)),
        ("sort=name,desc", (("name", True),)),
        ("sort=name%20desc", (("name", True),)),
        ("sort=createdAt,-id", (("created_at", False), ("id", True))),
        ("sort=id&sort=name", (("id", False), ("name", False))),
        ("sort=name&order=DESC", (("name", True),)),
        ("sort=nothing", ()),
        ("sort=desc", ()),
        ("", ()),
    ],
)
def test_orders(query, order):
    assert read(listing("sort", "order"), query).query.order == order


def test_properties_are_filters():
    one = listing(
        "name", "createdAt", {"name": "tags", "explode": False, "schema": {"type": "array", "items": STRING}}
    )
    query = read(one, "name=a&name=b&tags=x,y").query
    records = [{"name": "a", "tags": ["y"]}, {"name": "c", "tags": ["y"]}, {"name": "b", "tags": ["z"]}]
    kept = [all(clause.test(record[clause.name]) for clause in query.clauses) for record in records]
    assert kept == [True, False, False]
    assert [clause.name for clause in read(one, "createdAt=x").query.clauses] == ["created_at"]
    assert read(one, "name=a").query.key != read(one, "name=b").query.key


def test_a_default_of_a_filter():
    one = listing({"name": "name", "schema": {"type": "string", "default": "a"}})
    (clause,) = read(one, "").query.clauses
    assert clause.test("a")
    assert not clause.test("b")


def test_a_property_goes_before_what_names_usually_mean():
    one = listing("limit", "q")
    assert [clause.name for clause in read(one, "limit=5").query.clauses] == ["limit"]
    assert read(one, "limit=5&q=Text").query.text == "text"


def test_what_is_not_understood_is_named():
    assert listing("home", "fields", "name", {"name": "X", "in": "header"}).ignored == ["home", "fields"]


def test_too_many_conditions():
    with pytest.raises(Refused):
        read(listing("name"), "&".join(["name=a"] * (MAX_CLAUSES + 1)))


def test_without_parameters():
    one = listing()
    assert read(one, "page=2&name=x") == read(one, "")
    assert facts_of(None) == Facts()
