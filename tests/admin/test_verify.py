"""Verification: counts, order, near misses, waiting; over HTTP and in Python."""

import threading

import pytest

from tests.admin.kit import control, in_space
from tests.kit import get
from understudy import ConfigError, VerificationError


@pytest.fixture
def server(endpoints):
    server = endpoints(
        {"path": "/orders", "method": "POST", "status": 201, "name": "order"},
        {"path": "/users/{id:int}"},
        {"path": "/slow", "latency_ms": 100},
    )
    get(server, "/users/1")
    get(server, "/orders", "POST", body=b'{"item": "pen", "count": 2}')
    get(server, "/users/2?verbose=1")
    get(server, "/user/3")
    return server


@pytest.mark.parametrize(
    ("expected", "count"),
    [
        ({}, 4),
        ({"method": "post"}, 1),
        ({"method": ["GET", "PUT"]}, 3),
        ({"path": "/users/{id:int}"}, 2),
        ({"path": "/users/1/"}, 1),  # as endpoints do, where trailing slashes do not count
        ({"path": {"regex": "/users?/[0-9]"}}, 3),
        ({"match": {"query": {"verbose": 1}}}, 1),
        ({"match": {"body": {"json": {"item": "pen"}}}}, 1),
        ({"status": 201}, 1),
        ({"status": "4xx"}, 1),
        ({"endpoint": "order"}, 1),
        ({"path": "/users/1", "method": "POST"}, 0),
    ],
)
def test_what_fits(server, expected, count):
    right = control(server, "POST", "/__verify", {**expected, "exactly": count})
    assert (right.status, right.json()["verified"], right.json()["count"]) == (200, True, count)
    wrong = control(server, "POST", "/__verify", {**expected, "exactly": count + 1})
    assert (wrong.status, wrong.json()["verified"], wrong.json()["count"]) == (409, False, count)
    assert control(server, "POST", "/__logs/find", expected).json()["count"] == count


@pytest.mark.parametrize(
    ("bounds", "holds"),
    [
        ({}, True),
        ({"at_least": 2}, True),
        ({"at_least": 3}, False),
        ({"at_most": 1}, False),
        ({"at_most": 2}, True),
        ({"at_least": 1, "at_most": 2}, True),
        ({"exactly": 0}, False),
        ({"exactly": 2}, True),
    ],
)
def test_bounds(server, bounds, holds):
    answer = control(server, "POST", "/__verify", {"path": "/users/*", **bounds})
    assert answer.json()["verified"] is holds
    assert answer.json()["ids"] == [1, 3]


def test_at_most_alone_allows_none(server):
    assert control(server, "POST", "/__verify", {"path": "/never", "at_most": 1}).status == 200
    assert control(server, "POST", "/__verify", {"path": "/never"}).status == 409


def test_near_misses_say_what_differs(server):
    content = control(
        server,
        "POST",
        "/__verify",
        {"method": "POST", "path": "/orders", "match": {"body": {"json": {"item": "ink", "count": 2}}}},
    ).json()
    assert content["message"] == (
        'expected at least 1 of: POST /orders with {"body":{"json":{"item":"ink","count":2}}};'
        " 0 of 4 requests fit"
    )
    nearest = content["near_misses"][0]
    assert (nearest["id"], nearest["method"], nearest["path"], nearest["status"]) == (
        2,
        "POST",
        "/orders",
        201,
    )
    assert [one["field"] for one in nearest["differs"]] == ["body.json"]
    assert len(content["near_misses"]) == 3


def test_near_misses_come_once_with_their_number(server):
    for _ in range(5):
        get(server, "/usres/1")
    content = control(server, "POST", "/__verify", {"path": "/userss/1"}).json()
    near = {one["path"]: one["times"] for one in content["near_misses"]}
    assert near["/usres/1"] == 5
    assert content["near_misses"][0]["differs"][0]["why"] == "segment 1: expected 'userss', found 'users'"


def test_in_order(server):
    steps = [{"path": "/users/1"}, {"method": "POST"}, {"path": "/users/{id}"}]
    right = control(server, "POST", "/__verify", {"in_order": steps})
    assert (right.status, right.json()["ids"]) == (200, [1, 2, 3])
    wrong = control(server, "POST", "/__verify", {"in_order": steps[::-1]})
    assert (wrong.status, wrong.json()["count"], wrong.json()["ids"]) == (409, 2, [1, 2])
    assert "step 3 of 3 after request #2: /users/1; there is none" in wrong.json()["message"]


def test_each_request_counts_for_one_step(server):
    assert control(server, "POST", "/__verify", {"in_order": [{"method": "POST"}] * 2}).status == 409
    assert control(server, "POST", "/__verify", {"in_order": [{"path": "/users/*"}] * 2}).status == 200


def test_since(server):
    assert control(server, "POST", "/__verify", {"since": 99999999999}).status == 409
    assert control(server, "POST", "/__verify", {"since": "2020-01-01T00:00:00Z"}).status == 200
    assert control(server, "POST", "/__verify", {"since": "yesterday"}).status == 400


@pytest.mark.parametrize(
    ("content", "path", "more"),
    [
        ({"methd": "GET"}, "methd", {"suggestion": '"method"'}),
        ({"exactly": -1}, "exactly", {}),
        ({"exactly": 1, "at_most": 2}, "", {}),
        ({"in_order": [{"path": "/a"}], "path": "/b"}, "", {}),
        (
            {"in_order": [{}, {"match": {"query": {"a": {"matches": "("}}}}]},
            "in_order[1].match.query.a.matches",
            {},
        ),
        ({"path": "/{a"}, "path", {}),
        ({"path": "orders"}, "path", {}),
        ({"status": "abc"}, "status", {}),
        ({"within_s": 100}, "within_s", {}),
        ([], "", {}),
    ],
)
def test_a_mistake_is_told_with_its_place(server, content, path, more):
    answer = control(server, "POST", "/__verify", content)
    assert answer.status == 422
    problem = answer.json()["problems"][0]
    assert problem.get("path", "") == path
    assert problem.items() >= more.items()


def test_waiting_for_a_request_that_is_on_its_way(server):
    asking = threading.Thread(target=get, args=(server, "/slow"))
    asking.start()
    answer = control(server, "POST", "/__verify", {"path": "/slow", "within_s": 30})
    asking.join()
    assert (answer.status, answer.json()["count"]) == (200, 1)
    assert server._server.journal.listeners == ()
    assert control(server, "POST", "/__verify", {"path": "/never", "within_s": 0.01}).status == 409


def test_of_one_space(server):
    in_space(server, "/users/9", "t1")
    assert control(server, "POST", "/__verify", {"path": "/users/*", "exactly": 1}, space="t1").status == 200
    assert control(server, "POST", "/__verify", {"path": "/users/*", "exactly": 3}).status == 200
    assert control(server, "POST", "/__verify?space=", {"path": "/users/*", "exactly": 2}).status == 200


def test_many_requests_let_others_have_their_turn(endpoints):
    server = endpoints({"path": "/a"})
    for _ in range(450):
        get(server, "/a")
    assert control(server, "POST", "/__verify", {"path": "/a", "exactly": 450}).status == 200
    assert (
        control(server, "POST", "/__verify", {"in_order": [{"path": "/a"}] * 3 + [{"path": "/b"}]}).status
        == 409
    )


def test_in_python(server):
    assert server.verify("POST", "/orders", match={"body": {"json": {"item": "pen"}}}) == [2]
    assert server.verify(path="/never", exactly=0) == []
    with pytest.raises(VerificationError) as caught:
        server.verify("POST", "/orders", match={"query": {"a": "1"}})
    assert isinstance(caught.value, AssertionError)
    text = str(caught.value)
    assert "near: #2 POST /orders -> 201" in text
    assert "query.a: expected 1, found null" in text
    assert caught.value.outcome.count == 0
    with pytest.raises(VerificationError, match=r"the requests that fit: #1, #3"):
        server.verify(path="/users/*", at_most=1)
    with pytest.raises(ConfigError, match="exactly_"):
        server.verify(exactly_=1)
