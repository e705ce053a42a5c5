"""Links of responses, and the expressions in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.openapi.documents import ask, document, header, request
from understudy.openapi.links import MAX_VALUE, Seen, compile_value
from understudy.request import Request

OK = {"200": {"description": ""}}
PATHS = {
    "/users/{id}": {"get": {"operationId": "getUser", "responses": OK}},
    "/users/{id}/pets/{pet}": {
        "get": {
            "operationId": "pets",
            "parameters": [
                {"name": "limit", "in": "query", "schema": {}},
                {"name": "tag", "in": "query", "schema": {"type": "array"}},
            ],
            "responses": OK,
        }
    },
}


def served(links, *, example=None, schema=None, more=None, servers=None, **options):
    content = {"schema": schema} if schema is not None else {"example": example or {"id": 7, "pets": ["a b"]}}
    response = {"description": "", "content": {"application/json": content}, "links": links, **(more or {})}
    paths = {**PATHS, "/users": {"post": {"responses": {"201": response}}}}
    read = document(paths, **({"servers": servers} if servers else {}))
    return read, read.answers("POST /users", **options)


def link(answers, asked=None):
    return header(ask(answers, asked or request("/users", "POST")), "link")


USER = {"operationId": "getUser", "parameters": {"id": "$response.body#/id"}}


def test_a_link_to_what_was_made():
    _, answers = served({"GetUser": USER})
    assert link(answers) == '</users/7>; rel="GetUser"'
    assert answers.usual is not None  # the same for every request


def test_several_links_are_several_headers():
    pets = {"operationId": "pets", "parameters": {"id": 1, "pet": "$response.body#/pets/0", "query.limit": 5}}
    _, answers = served({"a": USER, "b": pets})
    headers = [value for name, value in ask(answers).reply.headers if name == b"Link"]
    assert headers == [b'</users/7>; rel="a"', b'</users/1/pets/a%20b?limit=5>; rel="b"']


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("$request.path.id", "/users/p1"),
        ("$request.query.q", "/users/q1"),
        ("$request.header.X-H", "/users/h1"),
        ("$request.body#/a/0/b", "/users/b1"),
        ("$response.header.X-Id", "/users/r1"),
        ("$statusCode", "/users/201"),
        ("$method", "/users/POST"),
        ("$url", "/users/%2Fusers%3Fq%3Dq1"),
        ("u-{$response.body#/id}-{$method}", "/users/u-7-POST"),
        ("constant/é", "/users/constant%2F%C3%A9"),
        (12, "/users/12"),
        (True, "/users/true"),
        ("$response.body#/none", None),
        ("$response.body#/pets", None),
        ("$response.body", None),
        ("$request.query.none", None),
        ("u-{$request.query.none}", None),
        ("$request.body#/a/9/b", None),
        ("", None),
    ],
)
def test_values(value, target):
    more = {"headers": {"X-Id": {"schema": {}, "example": "r1"}}}
    read, answers = served({"l": {"operationId": "getUser", "parameters": {"id": value}}}, more=more)
    asked = request(
        "/users?q=q1",
        "POST",
        b'{"a": [{"b": "b1"}]}',
        params={"id": "p1"},
        X_H="h1",
        Content_Type="application/json",
    )
    assert link(answers, asked) == (f'<{target}>; rel="l"' if target else None)
    assert read.warnings == []


def test_a_parameter_may_say_where_it_is():
    _, answers = served({"l": {"operationId": "getUser", "parameters": {"path.id": 1, "id": 2}}})
    assert link(answers) == '</users/1>; rel="l"'


def test_lists_in_the_query_are_repeated():
    pets = {"operationId": "pets", "parameters": {"id": 1, "pet": 2, "tag": "$response.body#/tags"}}
    _, answers = served({"l": pets}, example={"tags": ["x", "y&z"]})
    assert link(answers) == '</users/1/pets/2?tag=x&tag=y%26z>; rel="l"'


def test_an_operation_by_reference():
    _, answers = served({"l": {"operationRef": "#/paths/~1users~1{id}/get", "parameters": {"id": 3}}})
    assert link(answers) == '</users/3>; rel="l"'


def test_the_path_of_the_server_and_of_where_it_is_mounted_stand_before_it():
    _, answers = served({"l": USER}, servers=[{"url": "https://example.org/v1"}], base="/mock")
    assert link(answers) == '</mock/v1/users/7>; rel="l"'


def test_links_of_data_that_is_made_anew():
    schema = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "integer", "minimum": 1000}},
    }
    _, answers = served({"l": USER}, schema=schema)
    answer = ask(answers, request("/users?__dynamic=true", "POST"))
    number = answer.reply.body.partition(b'"id":')[2].rstrip(b"}").decode()
    assert header(answer, "link") == f'</users/{number}>; rel="l"'


def test_links_that_depend_on_the_request_are_made_for_each():
    _, answers = served({"l": {"operationId": "getUser", "parameters": {"id": "$request.query.q"}}})
    assert answers.usual is None
    for number in (1, 2):
        assert link(answers, request(f"/users?q={number}", "POST")) == f'</users/{number}>; rel="l"'


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"operationId": "none"}, "leads to no operation"),
        ({"operationRef": "#/paths/~1none/get"}, "leads to no operation"),
        ({"operationRef": "https://example.org/a.yaml#/paths/~1a/get"}, "leads to no operation"),
        ({}, "leads to no operation"),
        ({"operationId": "getUser"}, "no value for a part of the path"),
        ({"operationId": "getUser", "parameters": {"id": "$nothing"}}, "expression is not known"),
        ({"operationId": "getUser", "parameters": {"id": "a{$request.none.x}"}}, "expression is not known"),
        ({"operationId": "getUser", "parameters": {"id": "$request.body#id"}}, "expression is not known"),
    ],
)
def test_links_that_lead_nowhere_are_left_out_with_a_warning(written, said):
    read, answers = served({"l": written})
    assert link(answers) is None
    assert any(said in warning for warning in read.warnings)
    assert all(warning.startswith("api.yaml:") for warning in read.warnings)


def test_odd_names_are_no_way_out_of_the_header():
    _, answers = served({'a"\r\nX: y': USER})
    assert link(answers) == '</users/7>; rel="a___X__y"'


def test_values_that_are_too_long_are_no_address():
    _, answers = served({"l": {"operationId": "getUser", "parameters": {"id": "$request.query.q"}}})
    assert link(answers, request(f"/users?q={'x' * MAX_VALUE}", "POST"))
    assert link(answers, request(f"/users?q={'x' * (MAX_VALUE + 1)}", "POST")) is None


@given(
    st.text(alphabet="${}.#/~request.bodyhaqp01", max_size=30)
    | st.builds("$response.body#{}".format, st.text(alphabet="/~01a%", max_size=8))
)
def test_any_expression_is_evaluated_or_not_known(written):
    value = compile_value(written)
    if value is not None:
        value.evaluate(Seen(Request("GET", b"/a?b=c"), 200, (), {"a": ["b", {"": 1}]}))
        value.evaluate(Seen(None, 200, (), "text"))
