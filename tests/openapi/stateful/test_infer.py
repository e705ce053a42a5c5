"""Which operations are those of resources, and what is said of the others."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.openapi.stateful.kit import api_of
from tests.openapi.stateful.specs import NESTED, PETS, WRAPPED
from understudy.openapi.stateful import explain, infer

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
PET = {"type": "object", "properties": {"id": INTEGER, "name": STRING}}


def answers(schema, status="200"):
    return {"responses": {status: {"description": "x", "content": {"application/json": {"schema": schema}}}}}


def takes(schema, answer=None):
    body = {"requestBody": {"content": {"application/json": {"schema": schema}}}}
    return {**body, **(answers(answer, "201") if answer else {"responses": {"204": {"description": "x"}}})}


def found(paths, **schemas):
    document = {
        "openapi": "3.0.0",
        "info": {"title": "t", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }
    return infer(api_of(document).operations)


def whys(inference):
    return {f"{line.method} {line.path}": line.why for line in inference.lines}


def listed(item):
    return {"type": "array", "items": item}


def test_each_operation_of_a_resource():
    inference = infer(api_of(PETS).operations)
    assert explain(inference) == (
        "GET /pets: it lists 'pets'; of its query, unheard is ignored\n"
        "POST /pets: it adds to 'pets'\n"
        "DELETE /pets: it stays stateless, as DELETE of a whole collection is not simulated\n"
        "GET /pets/{petId}: it reads one of 'pets'\n"
        "PUT /pets/{petId}: it replaces one of 'pets'\n"
        "DELETE /pets/{petId}: it deletes one of 'pets'\n"
        "PATCH /pets/{petId}: it changes one of 'pets'\n"
        "POST /pets/{petId}/feed: it stays stateless, as /pets/{petId}/feed is no collection:"
        " no path leads to its records, and no POST adds what a GET lists\n"
        "GET /status: it stays stateless, as /status is no collection:"
        " no path leads to its records, and no POST adds what a GET lists\n"
    )


def test_nested_ones_have_owners():
    resources = {one.path: one for one in infer(api_of(NESTED).operations).resources}
    posts = resources["/users/{}/posts"]
    assert (posts.name, posts.id, posts.parent) == ("posts", "slug", "/users")
    assert posts.owners == (("userId", "userId", True),)
    comments = resources["/users/{}/posts/{}/comments"]
    assert (comments.name, comments.parent) == ("users/posts/comments", posts.path)
    assert [owner.parameter for owner in comments.owners] == ["userId", "slug"]
    assert resources["/comments"].name == "comments"
    assert [action.owners for action in resources["/comments"].actions if action.owners] == [
        (("userId", "userId", False),)
    ]
    assert resources["/profile"].is_single


def test_where_records_stand():
    (resource,) = infer(api_of(WRAPPED).operations).resources
    places = {action.kind: action.answer and action.answer.keys for action in resource.actions}
    assert places == {"list": ("data",), "create": (), "read": ("product",), "replace": None, "delete": ()}
    assert {action.request.keys for action in resource.actions if action.request} == {("product",)}


@pytest.mark.parametrize(
    ("parameter", "properties", "id"),
    [
        ("petId", {"id": INTEGER}, "id"),
        ("pet_id", {"id": INTEGER, "petId": INTEGER}, "id"),
        ("petId", {"id": INTEGER, "petId": INTEGER}, "petId"),
        ("petId", {"pet_id": STRING}, "pet_id"),
        ("id", {"_id": STRING, "name": STRING}, "_id"),
        ("uuid", {"uuid": STRING}, "uuid"),
        ("username", {"id": INTEGER, "username": STRING}, "username"),
        ("pet", {"id": STRING}, "id"),
        ("pet", {"name": STRING, "slug": STRING}, "slug"),
        ("color", {"id": INTEGER}, None),
        ("petId", {"id": {"type": "object", "properties": {"x": STRING}}}, None),
        ("petId", {"id": {"type": "boolean"}}, None),
    ],
)
def test_the_id_that_a_parameter_names(parameter, properties, id):
    pet = {"type": "object", "properties": properties}
    inference = found({f"/pets/{{{parameter}}}": {"get": answers(pet), "delete": {"responses": {}}}})
    assert [one.id for one in inference.resources] == ([] if id is None else [id])
    if id is None:
        assert set(whys(inference).values()) == {
            f"it stays stateless, as no answer has an object with a property that is `{{{parameter}}}`"
        }


def test_a_text_is_no_number_where_only_the_collection_is_named():
    path = {"parameters": [{"name": "org", "in": "path", "required": True, "schema": STRING}]}
    item = {**path, "get": answers({"properties": {"id": INTEGER, "login": STRING}}), "delete": {}}
    (resource,) = found({"/orgs/{org}": item}).resources
    assert resource.id == "login"


@pytest.mark.parametrize(
    "body",
    [
        listed(PET),
        {"type": "object", "properties": {"data": listed(PET), "total": INTEGER}},
        {"type": "object", "properties": {"things": listed(PET), "errors": listed(STRING)}},
        {"type": "object", "properties": {"items": listed(PET), "facets": listed({"properties": {"x": {}}})}},
        {"type": "object", "properties": {"_embedded": {"properties": {"pets": listed(PET)}}, "page": {}}},
        {"allOf": [{"properties": {"data": listed({})}}, {"properties": {"data": listed(PET)}}]},
    ],
)
def test_lists_in_what_stands_around_them(body):
    inference = found({"/pets": {"get": answers(body), "post": takes(PET, PET)}})
    assert [action.kind for one in inference.resources for action in one.actions] == ["list", "create"]


def test_what_may_stand_around_a_list_in_several_ways_is_not_clear():
    several = {"anyOf": [{"properties": {"data": listed(PET)}}, {"properties": {"items": listed(PET)}}]}
    inference = found({"/pets": {"get": answers(several), "post": takes(PET, PET)}})
    assert inference.resources == ()


@pytest.mark.parametrize(
    ("paths", "operation", "why"),
    [
        (
            {"/a/{id}": {"get": answers(PET)}},
            "GET /a/{id}",
            "it is only read, and nothing writes it",
        ),
        (
            {"/a/{id}.json": {"get": answers(PET)}},
            "GET /a/{id}.json",
            "its path has parameters beside other text",
        ),
        (
            {"/a/{x}/b/{id}": {"get": answers(PET), "delete": {"responses": {}}}},
            "DELETE /a/{x}/b/{id}",
            "/a/{x} is no resource whose records could own it",
        ),
        (
            {"/a": {"post": takes(listed(PET))}, "/a/{id}": {"get": answers(PET), "delete": {}}},
            "POST /a",
            "its body is not a record",
        ),
        (
            {"/a/{id}": {"get": answers(PET), "patch": takes(PET), "post": takes(PET)}},
            "POST /a/{id}",
            "PATCH changes the record, and POST does something else",
        ),
        (
            {"/a": {"get": answers(PET), "put": takes(PET), "delete": {}}},
            "DELETE /a",
            "DELETE of a single object is not simulated",
        ),
        (
            {"/a/{id}": {"get": answers(PET), "put": takes(PET), "trace": {}}},
            "TRACE /a/{id}",
            "TRACE of a record is not simulated",
        ),
    ],
)
def test_why_not(paths, operation, why):
    assert whys(found(paths))[operation] == f"it stays stateless, as {why}"


def test_searches_beside_a_collection():
    pet = {"$ref": "#/components/schemas/Pet"}
    by_name = {**answers(listed(pet)), "parameters": [{"name": "name", "in": "query", "schema": STRING}]}
    by_mood = {**answers(listed(pet)), "parameters": [{"name": "mood", "in": "query", "schema": STRING}]}
    paths = {
        "/pets/{id}": {"get": answers(pet), "put": takes(pet)},
        "/pets/byName": {"get": by_name},
        "/pets/byMood": {"get": by_mood},
        "/pets/all": {"get": answers(listed(pet))},
    }
    said = whys(found(paths, Pet=PET))
    assert said["GET /pets/byName"] == "it lists 'pets'"
    assert "asks for more than properties" in said["GET /pets/byMood"]
    assert "stateless" in said["GET /pets/all"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["object", "array", "id", "#/x", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("type", "properties", "items", "allOf", "oneOf", "required", "$ref", "id", "data"),
                    *(
                        "get",
                        "post",
                        "schema",
                        "content",
                        "application/json",
                        "responses",
                        "200",
                        "in",
                        "name",
                    ),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(["/", "/a", "/a/{b}", "/a/{b}/c", "/{a}", "//", "/a/{"]), JSON))
def test_whatever_a_document_has_is_looked_at(paths):
    operations = api_of({"openapi": "3.1.0", "paths": paths, "components": {"schemas": {}}}).operations
    inference = infer(operations)
    assert len(inference.lines) == len(operations)
    assert all(line.why for line in inference.lines)
