import pytest

from tests.simulate.kit import Bench
from understudy.steps import ServeStatic
from understudy.unmatched import MAX_REMEMBERED_MISSES


def test_misses_explain_themselves():
    reply = Bench({"endpoints": [{"path": "/api/users"}]}).reply("/api/user")
    assert reply.status == 404
    assert b'"error":"Endpoint not found"' in reply.body
    assert b"GET /api/users" in reply.body


def test_misses_are_explained_once():
    bench = Bench({"endpoints": [{"path": "/a"}]})
    assert bench.plan("/b") is bench.plan("/b")
    assert bench.plan("/b") is not bench.plan("/b", "POST")
    for number in range(2 * MAX_REMEMBERED_MISSES):
        bench.plan(f"/c/{number}")
    assert len(bench.program.misses) <= MAX_REMEMBERED_MISSES


@pytest.mark.parametrize("body", [b"[" * 900 + b"]" * 900, b"[" * 100_000, b'{"n": "' + b"x" * 9000 + b'"}'])
def test_odd_bodies_are_explained_briefly(body):
    config = {"endpoints": [{"path": "/a", "method": "POST", "match": {"body": {"json": {"n": 1}}}}]}
    reply = Bench(config).reply("/a", "POST", body=body)
    assert reply.status == 404
    assert len(reply.body) < 2000


def test_options_and_wrong_methods():
    bench = Bench({"endpoints": [{"path": "/a", "method": ["POST", "GET"]}]})
    options, wrong, nowhere = (
        bench.reply("/a", "OPTIONS"),
        bench.reply("/a", "DELETE"),
        bench.reply("/b", "OPTIONS"),
    )
    allow = (b"Allow", b"GET, HEAD, POST, OPTIONS")
    assert (options.status, wrong.status, nowhere.status) == (204, 405, 404)
    assert allow in options.headers
    assert allow in wrong.headers


def test_options_of_the_server():
    (allow,) = Bench({"endpoints": [{"path": "/a"}]}).reply("*", "OPTIONS").headers
    assert allow == (b"Allow", b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", [("Access-Control-Request-Method", "GET")], 204),
        ("ANY", [("Access-Control-Request-Method", "GET")], 204),
        ("ANY", [], 299),
        ("OPTIONS", [("Access-Control-Request-Method", "GET")], 299),
    ],
)
def test_preflights_are_answered_unless_an_endpoint_was_written_for_them(method, headers, status):
    bench = Bench({"cors": True, "endpoints": [{"path": "/a", "method": method, "status": 299}]})
    assert bench.status("/a", "OPTIONS", headers=headers) == status


def test_a_static_folder_hides_no_explanation_and_no_trailing_slash(tmp_path):
    (tmp_path / "config.json").write_text(
        '{"static": ".", "endpoints": [{"path": "/users/me", "response": 1}]}'
    )
    bench = Bench(tmp_path / "config.json")
    (step,) = bench.plan("/users/mee").steps
    assert bench.plan("/users/me/").endpoint == "GET /users/me"
    assert isinstance(step, ServeStatic)
    assert b"GET /users/me" in step.missing().body
    assert bench.status("/users/mee", "POST") == 404, "files are read only"
