"""Records: what the server adds, keeps and begins with."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.openapi.stateful.kit import Mock
from tests.openapi.stateful.specs import NESTED, PETS, WRAPPED

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def things(properties, required=("id",), list_example=None, item_example=None, **schema):
    record = {"type": "object", "required": list(required), "properties": properties, **schema}

    def media(schema, example):
        return {"application/json": {"schema": schema, **({} if example is None else {"example": example})}}

    ref = {"$ref": "#/components/schemas/Thing"}
    listed = media({"type": "array", "items": ref}, list_example)
    body = {"requestBody": {"content": media(ref, None)}}
    item = {"200": {"description": "x", "content": media(ref, item_example)}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/things": {
                "get": {"responses": {"200": {"description": "x", "content": listed}}},
                "post": {**body, "responses": {"201": item["200"]}},
            },
            "/things/{thingId}": {
                "get": {"responses": item},
                "put": {**body, "responses": item},
                "delete": {"responses": {"204": {"description": "x"}}},
            },
        },
        "components": {"schemas": {"Thing": record}},
    }


def test_it_begins_with_the_examples_of_the_list():
    example = [{"id": 7, "name": "a"}, {"id": 9, "name": "b"}]
    spec = things({"id": NUMBER, "name": TEXT}, list_example=example, item_example={"id": 1, "name": "c"})
    mock = Mock(spec)
    assert mock.get("/things") == example
    assert mock.ask("POST", "/things", {"name": "d"}) == (201, {"id": 10, "name": "d"})


def test_else_with_the_example_of_one():
    assert Mock(things({"id": NUMBER}, item_example={"id": 5})).get("/things") == [{"id": 5}]


def test_examples_that_are_not_valid_are_completed_or_left_out():
    example = [{"name": "a"}, {"id": 3, "name": 5}, {"id": 4, "name": "b"}]
    found = Mock(things({"id": NUMBER, "name": TEXT}, ("id", "name"), list_example=example)).get("/things")
    assert [one["name"] for one in found] == ["a", "b"]


def test_else_with_data_that_is_made_up_the_first_with_the_examples_of_the_schema():
    found = Mock(things({"id": NUMBER, "name": {**TEXT, "example": "Rex"}})).get("/things")
    assert [one["id"] for one in found] == [1, 2, 3]
    assert found[0]["name"] == "Rex"
    assert {one["name"] for one in found[1:]} != {"Rex"}


@pytest.mark.parametrize(
    ("id", "first", "next"),
    [
        (NUMBER, 1, 4),
        ({**NUMBER, "minimum": 100}, 100, 103),
        ({"type": "number"}, 1, 4),
    ],
)
def test_ids_that_are_numbers_follow_each_other(id, first, next):
    mock = Mock(things({"id": id}))
    assert [one["id"] for one in mock.get("/things")] == [first, first + 1, first + 2]
    assert mock.ask("POST", "/things", {})[1] == {"id": next}


@pytest.mark.parametrize(
    "id",
    [
        {**TEXT, "format": "uuid"},
        {**TEXT, "pattern": "^th_[a-z]{6}$"},
        {**TEXT, "minLength": 24, "maxLength": 24},
        TEXT,
        {},
    ],
)
def test_ids_that_are_texts_fit_their_schema_and_are_found(id):
    mock = Mock(things({"id": id}))
    made = [mock.ask("POST", "/things", {})[1]["id"] for _ in range(3)]
    there = [one["id"] for one in mock.get("/things")]
    assert there[-3:] == made
    assert len(set(there)) == 6
    assert all(mock.get(f"/things/{one}") == {"id": one} for one in there)


def test_an_id_of_the_client_is_kept_unless_it_is_the_servers():
    mock = Mock(things({"id": NUMBER}))
    assert mock.ask("POST", "/things", {"id": 50}) == (201, {"id": 50})
    assert mock.ask("POST", "/things", {"id": 50})[0] == 409
    assert mock.ask("POST", "/things", {"id": None}) == (201, {"id": 51})
    mock = Mock(things({"id": {**NUMBER, "readOnly": True}}))
    assert mock.ask("POST", "/things", {"id": 50}) == (201, {"id": 4})


def test_ids_that_run_out_are_told():
    mock = Mock(things({"id": {**TEXT, "enum": ["a", "b"]}}))
    assert {one["id"] for one in mock.get("/things")} <= {"a", "b"}
    statuses = [mock.ask("POST", "/things", {})[0] for _ in range(3)]
    assert statuses[-1] in {409, 422}


def test_times_are_those_of_the_request():
    moment = {**TEXT, "format": "date-time", "readOnly": True}
    day = {**TEXT, "format": "date", "readOnly": True}
    properties = {
        "id": NUMBER,
        "created_at": moment,
        "modified": day,
        "updated": {**NUMBER, "readOnly": True},
    }
    mock = Mock(things(properties))
    _, made = mock.ask("POST", "/things", {})
    assert made == {
        "id": 4,
        "created_at": "2023-11-14T22:13:20.000Z",
        "modified": "2023-11-14",
        "updated": 1_700_000_000,
    }
    seeded = mock.get("/things/1")
    _, put = mock.ask("PUT", "/things/1", {})
    assert put == {**seeded, "modified": "2023-11-14", "updated": 1_700_000_000}


def test_a_choice_of_schemas_takes_the_one_that_was_sent():
    cat = {
        "type": "object",
        "required": ["kind", "lives"],
        "properties": {"kind": {"const": "cat"}, "lives": NUMBER},
    }
    dog = {
        "type": "object",
        "required": ["kind", "tail"],
        "properties": {"kind": {"const": "dog"}, "tail": TEXT},
    }
    spec = things({"id": {**NUMBER, "readOnly": True}}, oneOf=[cat, dog])
    mock = Mock(spec)
    for sent in ({"kind": "cat", "lives": 9}, {"kind": "dog", "tail": "long"}):
        status, made = mock.ask("POST", "/things", sent)
        assert (status, {key: made[key] for key in sent}) == (201, sent)


def test_a_schema_without_data_begins_without_records_and_refuses():
    mock = Mock(things({"id": NUMBER, "x": {"type": "string", "pattern": "(?!)"}}, ("id", "x")))
    assert mock.get("/things") == []
    assert mock.ask("POST", "/things", {})[0] == 422


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "name",
                    "kind",
                    "home",
                    "street",
                    "tags",
                    "product",
                    "slug",
                    "title",
                    "price",
                    "stock",
                    "x",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
ASKS = st.tuples(
    st.sampled_from(
        [
            ("POST", "/pets"),
            ("PUT", "/pets/1"),
            ("PATCH", "/pets/2"),
            ("POST", "/v1/products"),
            ("PUT", "/v1/products/11111111-2222-4333-8444-555555555555"),
            ("POST", "/users/1/posts"),
            ("POST", "/users/2/posts/a/comments"),
            ("PATCH", "/profile"),
            ("GET", "/pets"),
        ]
    ),
    VALUES,
    st.sampled_from(
        [
            "application/json",
            "application/merge-patch+json",
            "application/x-www-form-urlencoded",
            "text/plain",
        ]
    ),
    st.sampled_from(
        ["", "?limit=2", "?limit=x", "?sort=-name,id&q=a", "?page=9999999&per_page=0", "?%zz=%00"]
    ),
)
SPECS = (PETS, WRAPPED, NESTED)


@settings(max_examples=40)
@given(st.lists(ASKS, max_size=4))
def test_whatever_clients_send_is_answered_as_documented(asks):
    mocks = [Mock(spec) for spec in SPECS]
    for (method, path), value, kind, query in asks:
        (mock,) = (one for one in mocks if _knows(one, method, path))
        status, _ = mock.ask(method, path + query, value, headers={"Content-Type": kind})
        assert status < 500
    for mock, path in zip(mocks, ("/pets", "/v1/products", "/users/1/posts"), strict=True):
        mock.get(path)  # whose answer the mock holds against the document


def _knows(mock, method, path):
    return any(one.method == method and pattern.fits(path) for one, pattern in mock.routes)


def test_what_requests_and_answers_have_in_different_shapes_gets_that_of_answers():
    record = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": NUMBER, "tag": {"properties": {"name": TEXT}}},
    }
    record["properties"]["tag"] |= {"type": "object", "required": ["name"]}
    spec = things({"id": NUMBER})
    spec["components"]["schemas"]["Thing"] = record
    asked = {"type": "object", "properties": {"tag": TEXT}}
    for path, method in (("/things", "post"), ("/things/{thingId}", "put")):
        spec["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"] = asked
    mock = Mock(spec)
    status, made = mock.ask("POST", "/things", {"tag": "new"})
    assert (status, list(made["tag"])) == (201, ["name"])
    assert mock.ask("PUT", "/things/4", {"tag": "other"}) == (200, made)
    assert mock.ask("POST", "/things", {"tag": 5})[0] == 422
