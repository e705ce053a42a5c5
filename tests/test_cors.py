"""CORS as browsers use it (Fetch standard, section 3.3)."""

import pytest

from tests.kit import get

PREFLIGHT = (
    "Origin: http://app.test\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-a\r\n"
)


def cors_headers(answer):
    return {name: value for name, value in answer.headers if name.startswith("Access-Control")}


def test_without_cors_nothing_is_said(endpoints):
    assert cors_headers(get(endpoints({"path": "/a"}), "/a", headers="Origin: http://app.test\r\n")) == {}


@pytest.mark.parametrize("target", ["/a", "/nowhere", "/fails", "/static.txt"])
def test_true_allows_everybody_on_every_reply(endpoints, target):
    server = endpoints({"path": "/a"}, {"path": "/fails", "failure_rate": 1}, cors=True)
    assert get(server, target).header("access-control-allow-origin") == "*"


@pytest.mark.parametrize("target", ["/a", "/nowhere"])
def test_true_answers_any_preflight(endpoints, target):
    answer = get(endpoints({"path": "/a"}, cors=True), target, "OPTIONS", PREFLIGHT)
    assert answer.status == 204
    assert answer.header("access-control-allow-origin") == "*"
    assert "PUT" in answer.header("access-control-allow-methods")
    assert answer.header("access-control-allow-headers") == "x-a"
    assert answer.header("access-control-max-age") == "86400"


def test_an_options_endpoint_of_one_s_own_wins(endpoints):
    server = endpoints({"path": "/a", "method": "OPTIONS", "status": 299}, cors=True)
    assert get(server, "/a", "OPTIONS", PREFLIGHT).status == 299


def test_only_some_origins(endpoints):
    cors = {"origins": ["http://app.test"], "credentials": True, "expose": ["X-A"], "max_age_s": 5}
    server = endpoints({"path": "/a"}, {"path": "/q", "response": "{{ query.q }}"}, cors=cors)
    for target in ("/a", "/q", "/nowhere"):
        allowed = get(server, target, headers="Origin: http://app.test\r\n")
        assert cors_headers(allowed) == {
            "Access-Control-Allow-Origin": "http://app.test",
            "Access-Control-Expose-Headers": "X-A",
            "Access-Control-Allow-Credentials": "true",
        }
        other = get(server, target, headers="Origin: http://evil.test\r\n")
        assert cors_headers(other) == {}
        assert allowed.header("vary") == other.header("vary") == "Origin"


def test_methods_and_headers_can_be_fixed(endpoints):
    cors = {"methods": ["GET"], "headers": ["X-B"], "origins": ["http://app.test"]}
    answer = get(endpoints({"path": "/a"}, cors=cors), "/a", "OPTIONS", PREFLIGHT)
    assert answer.header("access-control-allow-methods") == "GET"
    assert answer.header("access-control-allow-headers") == "X-B"


def test_a_preflight_is_not_left_to_an_endpoint_for_any_method(endpoints):
    server = endpoints({"path": "/echo", "method": "ANY", "response": 1}, cors=True)
    answer = get(server, "/echo", "OPTIONS", PREFLIGHT)
    assert (answer.status, "PUT" in answer.header("access-control-allow-methods")) == (204, True)
    assert get(server, "/echo", "OPTIONS").status == 200, "a plain OPTIONS is"


def test_who_gives_permission_itself_gives_it_once(endpoints):
    own = {"path": "/a", "headers": {"Access-Control-Allow-Origin": "https://own.test"}}
    answer = get(endpoints(own, cors={"credentials": True}), "/a", headers="Origin: http://app.test\r\n")
    found = [value for name, value in answer.headers if name.lower() == "access-control-allow-origin"]
    assert found == ["https://own.test"]
