import pytest

from understudy.render.context import MISSING, HeaderMap, Path, TextMap, dig, getter, query_value
from understudy.render.scope import Scope

FORM = [("Content-Type", "application/x-www-form-urlencoded")]


def value(path, request, database=None, extra=None):
    scope = Scope(database)
    scope.begin(request, 1, "e", 0, 0.0)
    scope.extra = extra or {}
    return getter(path, scope)()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (Path("query", ("name",)), "Ann"),
        (Path("query", ("none",)), ""),
        (Path("query", ("none",), strict=True), MISSING),
        (Path("query", ("blank",), strict=True), MISSING),
        (Path("query", ("name", "deep")), MISSING),
        (Path("query"), {"name": "Ann"}),
        (Path("headers", ("x-id",)), "7"),
        (Path("headers", ("x_id",)), "7"),
        (Path("headers", ("odd_name",)), "8"),
        (Path("headers", ("none",)), ""),
        (Path("cookies", ("sid",)), "abc"),
        (Path("cookies", ("none",)), ""),
        (Path("form", ("a",)), ""),
        (Path("params", ("id",)), 3),
        (Path("params", ("none",)), MISSING),
        (Path("params"), {"id": 3}),
        (Path("body"), ""),
        (Path("body", ("a",)), MISSING),
        (Path("request", ("method",)), "GET"),
        (Path("request", ("path",)), "/a"),
        (Path("request", ("url",)), "/a?name=Ann&name=Bob&blank="),
        (Path("request", ("query_string",)), "name=Ann&name=Bob&blank="),
        (Path("request", ("client",)), "192.0.2.1"),
        (Path("request", ("host",)), "api.test"),
        (Path("request", ("queries", "name")), ["Ann", "Bob"]),
        (Path("request", ("queries", "name", 1)), "Bob"),
        (Path("request", ("query", "name")), "Ann"),
        (Path("request", ("params", "id")), 3),
        (Path("database", (0, "id")), 1),
        (Path("database", (9,)), MISSING),
        (Path("message"), "hello"),
        (Path("other"), MISSING),
        (Path("params", ("id",), form="text"), "3"),
        (Path("params", ("id",), form="json"), "3"),
        (Path("params", ("none",), form="text"), MISSING),
    ],
)
def test_what_a_path_finds(request_to, path, expected):
    request = request_to(
        "/a?name=Ann&name=Bob&blank=",
        headers=[("X-Id", "7"), ("Odd_Name", "8"), ("Cookie", "sid=abc")],
        params={"id": 3},
    )
    assert value(path, request, [{"id": 1}], {"message": "hello"}) == expected


@pytest.mark.parametrize(
    ("headers", "body", "path", "expected"),
    [
        ([], b'{"a": {"b": [1]}}', Path("body", ("a", "b", 0)), 1),
        ([], b'{"a": 1}', Path("body", ("keys",)), MISSING),
        ([], b"[1, 2]", Path("body", (1,)), 2),
        ([], b"plain", Path("body"), "plain"),
        (FORM, b"a=1&a=2", Path("body"), {"a": "1"}),
        (FORM, b"a=1", Path("form", ("a",)), "1"),
        (FORM, b"a=1", Path("form"), {"a": "1"}),
    ],
)
def test_the_body(request_to, headers, body, path, expected):
    assert value(path, request_to("/", "PUT", headers, body), None) == expected


def test_the_body_of_a_post_overlays_the_query(request_to):
    post = request_to("/?a=1&b=2", "POST", body=b'{"a": {"c": 5}, "d": ""}')
    assert query_value(post, "a", "") == {"c": 5}
    assert query_value(post, "b", "") == "2"
    assert value(Path("query", ("a", "c")), post) == 5
    assert value(Path("query"), post) == {"a": {"c": 5}, "b": "2"}


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"7"])
def test_no_other_body_overlays_it(request_to, body):
    assert query_value(request_to("/?a=1", "POST", body=body), "a", "") == "1"
    assert query_value(request_to("/?a=1", "PUT", body=b'{"a": 2}'), "a", "") == "1"


def test_blank_values_do_not_count(request_to):
    assert query_value(request_to("/?a=&a=1"), "a", "") == "1"


def test_no_database_is_an_empty_one(request_to):
    assert value(Path("database"), request_to()) == []


def test_maps_give_text_for_what_is_missing():
    assert TextMap(a="1")["b"] == ""
    headers = HeaderMap({"x-id": "7"})
    assert [headers["X-Id"], headers["x_id"], headers["none"], headers.get("none", 1)] == ["7", "7", "", 1]


def test_dig():
    data = {"a": [{"b": "text"}]}
    assert dig(data, ("a", 0, "b")) == "text"
    for keys in (("a", "0"), ("a", 5), ("a", "append"), ("b",), ("a", 0, "b", "c")):
        assert dig(data, keys) is MISSING
