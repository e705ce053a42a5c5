"""Which operations an endpoint stands for."""

import pytest

from tests.contract.kit import document, spec
from understudy.contract.routes import Routes, has_wildcard
from understudy.contract.spec import shown_operation
from understudy.model import RegexPath


def parameter(name, **schema):
    return {"name": name, "in": "path", "required": True, "schema": schema}


ROUTES = Routes(
    spec(
        document(
            {
                "/users": {"get": {}, "post": {}},
                "/users/me": {"get": {}},
                "/users/{id}": {"get": {"parameters": [parameter("id", type="integer")]}},
                "/users/{id}/files/{name}.json": {"get": {}},
                "/a b": {"get": {}},
                "/odd}": {"get": {}},
            },
            servers=[{"url": "https://api.example/v1"}],
        )
    )
)


def shown(operations):
    return [shown_operation(one) for one in operations]


@pytest.mark.parametrize(
    ("path", "operations"),
    [
        ("/users", ["GET /users", "POST /users"]),
        ("/v1/users/", ["GET /users", "POST /users"]),
        ("/users/{user_id}", ["GET /users/{id}"]),
        ("/users/{user_id:int}", ["GET /users/{id}"]),
        ("/v1/users/me", ["GET /users/me"]),
        ("/users/{a}/files/{b}.json", ["GET /users/{id}/files/{name}.json"]),
        ("/v2/users", []),
        ("/user", []),
    ],
)
def test_by_the_path_of_a_config(path, operations):
    assert shown(ROUTES.of_path(path)) == operations


@pytest.mark.parametrize(
    ("target", "operations"),
    [
        ("/users/7?x=1", ["GET /users/{id}"]),
        ("/v1/users/7/", ["GET /users/{id}"]),
        ("/users/me", ["GET /users/me"]),
        ("/users/7/files/a.json", ["GET /users/{id}/files/{name}.json"]),
        ("/users/7/files/a.xml", []),
        ("/a%20b", ["GET /a b"]),
        ("/", []),
    ],
)
def test_by_a_request(target, operations):
    assert shown(ROUTES.of_target(target)) == operations


@pytest.mark.parametrize(
    ("path", "operations"),
    [
        ("/users/*", ["GET /users/me", "GET /users/{id}"]),
        ("/v1/users/{rest:path}", ["GET /users/me", "GET /users/{id}", "GET /users/{id}/files/{name}.json"]),
        (RegexPath(regex="/users/[0-9]+"), ["GET /users/{id}"]),
        ("/users/{id:uuid}", []),
    ],
)
def test_what_a_wildcard_takes(path, operations):
    assert shown(ROUTES.within(path)) == operations


def test_wildcards():
    assert all(map(has_wildcard, ("/a/*", "**", "/a/{b:path}", RegexPath(regex="/a"))))
    assert not any(map(has_wildcard, ("/a", "/a/{b}", "/a/{b:int}")))
