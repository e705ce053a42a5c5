"""The control endpoints, asked as users ask them."""

import pytest

from tests.admin.kit import control
from tests.kit import Wire, get, wait_for


@pytest.fixture
def server(endpoints):
    return endpoints({"path": "/a", "response": 1}, {"path": "/b", "method": "POST", "failure_rate": 1})


def test_health(server):
    content = get(server, "/__health").json()
    assert content["status"] == "ok"
    assert content["seed"] == server.seed
    assert content["endpoints"] == 2


def test_how_full_it_is_until_it_is_reset(endpoints):
    server = endpoints({"path": "/a", "capacity": 1, "latency_ms": 600_000})

    def load():
        return [(one["space"], one["working"]) for one in get(server, "/__health").json()["capacity"]]

    assert load() == []
    with Wire(server) as one, Wire(server) as other:
        one.send(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_for(lambda: load() == [("", 1)])
        other.send(b"GET /a HTTP/1.1\r\nHost: x\r\nX-Understudy-Space: s\r\n\r\n")
        wait_for(lambda: load() == [("", 1), ("s", 1)])
        assert get(server, "/a").status == 503
        control(server, "DELETE", "/__spaces/s")
        assert load() == [("", 1)]
        control(server, "DELETE", "/__state")
        assert load() == []


def test_docs_describe_every_route(server):
    from understudy.admin.app import ROUTES

    paths = get(server, "/__docs").json()["paths"]
    assert {(route.path, route.method.lower()) for route in ROUTES} == {
        (path, method) for path, methods in paths.items() for method in methods
    }


def test_head_unknown_and_wrong(server):
    assert get(server, "/__health", "HEAD").status == 200
    unknown = get(server, "/__helth")
    assert (unknown.status, "GET /__health" in unknown.json()["known"]) == (404, True)
    wrong = get(server, "/__reload")
    assert (wrong.status, wrong.header("allow")) == (405, "POST")
    wrong = get(server, "/__endpoints/some/name", "POST")
    assert (wrong.status, wrong.header("allow")) == (405, "DELETE, GET, PATCH, PUT")


def test_control_requests_are_not_logged(server):
    get(server, "/__health")
    assert get(server, "/__logs").json()["count"] == 0


def test_control_and_ordinary_requests_share_a_connection_in_order(server):
    with Wire(server) as wire:
        targets = ["/a", "/__health", "/a", "/__logs", "/nowhere"]
        for target in targets:
            wire.send(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert [wire.answer().status for _ in targets] == [200, 200, 200, 200, 404]


def test_stopping_ends_a_stream(server):
    with Wire(server) as wire:
        wire.send(b"GET /__logs/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wire._until(b"connected\n\n\r\n")
        server.stop()
        assert wire.socket.recv(100) == b""


def test_the_description_has_parameters_and_bodies(server):
    content = get(server, "/__docs").json()
    one = content["paths"]["/__endpoints/{name}"]["put"]
    assert [(each["name"], each["in"]) for each in one["parameters"]] == [
        ("name", "path"),
        ("space", "query"),
        ("persist", "query"),
    ]
    schema = one["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Endpoint"}
    assert content["components"]["schemas"]["Endpoint"]["properties"]["path"]
    assert sorted(one["responses"]) == ["200", "201", "409", "422"]
    for path, methods in content["paths"].items():
        for described in methods.values():
            assert ("{name}" in path) == any(each["in"] == "path" for each in described["parameters"])


def test_an_unforeseen_error_of_the_store_is_told(server, monkeypatch):
    from understudy.state import StoreError

    async def broken(*_):
        raise StoreError("the disk is gone")

    monkeypatch.setattr("understudy.state.memory.MemoryStore.clear", broken)
    answer = get(server, "/__state", "DELETE")
    assert (answer.status, answer.json()) == (422, {"error": "the disk is gone"})
