"""`middleware`, over the wire."""

import pytest

from tests.kit import get
from understudy import ConfigError
from understudy.build import build

TRACE = """
    async def outer(request, call_next):
        return await around("outer", request, call_next)
    async def inner(request, call_next):
        return await around("inner", request, call_next)
    async def own(request, call_next):
        return await around("own", request, call_next)
    async def around(name, request, call_next):
        seen = request.headers.get("x-way", "")
        response = await call_next(request.with_(headers={"X-Way": seen + name + ">"}))
        response.headers.add("X-Back", name)
        return response
    """


@pytest.fixture
def around(folder, serve):
    """Serve some endpoints behind one function `m`."""

    def start(source, *endpoints, **modules):
        config = {"middleware": "m:m"}
        return serve(
            folder(*endpoints or [{"path": "/a", "response": {"n": 1}}], config=config, m=source, **modules)
        )

    return start


def back(answer):
    return [value for name, value in answer.headers if name == "X-Back"]


def test_the_order_is_config_then_endpoint_outermost_first(folder, serve):
    endpoints = [
        {"path": "/a", "response": "{{ headers.x_way }}", "middleware": "m:own"},
        {"path": "/b", "response": "{{ headers.x_way }}"},
    ]
    server = serve(folder(*endpoints, config={"middleware": ["m:outer", "m:inner"]}, m=TRACE))
    a, b = get(server, "/a"), get(server, "/b")
    assert (a.json(), back(a)) == ("outer>inner>own>", ["own", "inner", "outer"])
    assert (b.json(), back(b)) == ("outer>inner>", ["inner", "outer"])
    assert get(server, "/none").status == 404
    assert not back(get(server, "/none")), "what no endpoint takes passes no middleware"


def test_defaults_give_way_to_the_endpoints_own(folder, serve):
    endpoints = [{"path": "/a"}, {"path": "/b", "middleware": ["m:own"]}, {"path": "/c", "middleware": []}]
    server = serve(folder(*endpoints, config={"defaults": {"middleware": "m:inner"}}, m=TRACE))
    assert [back(get(server, path)) for path in ("/a", "/b", "/c")] == [["inner"], ["own"], []]


def test_a_response_can_be_changed(around):
    server = around(
        """
        async def m(request, call_next):
            response = await call_next(request)
            assert response.json() == {"n": 1} and response.text == '{"n":1}'
            response.status = 203
            response.body = {"n": 2}
            response.headers["content-type"] = "application/vnd.x+json"
            response.headers["Set-Cookie"] = ["a=1", "b=2"]
            return response
        """
    )
    answer = get(server, "/a")
    assert (answer.status, answer.json()) == (203, {"n": 2})
    assert [value for name, value in answer.headers if name.lower() == "set-cookie"] == ["a=1", "b=2"]
    assert [value for name, value in answer.headers if name.lower() == "content-type"] == [
        "application/vnd.x+json"
    ]
    (entry,) = server.logs()
    assert (entry["status"], entry["response"]["body"]) == (203, '{"n":2}')


def test_it_may_answer_itself(around):
    source = "async def m(request, call_next):\n    return {'error': 'no'}, 401"
    server = around(
        source, {"path": "/a", "state": {"add": {"n": 1}}}, {"path": "/n", "response": "{{ state.n }}"}
    )
    answer = get(server, "/a")
    assert (answer.status, answer.json()) == (401, {"error": "no"})


def test_it_may_change_the_request(around):
    source = """
        async def m(request, call_next):
            query = {"q": ["x y", 2], "gone": None}
            return await call_next(request.with_(query=query, body='{"b": 1}', headers={"X-A": None}))
        """
    endpoint = {
        "path": "/a/{id}",
        "response": [
            "{{ request.queries.q }}",
            "{{ query.gone }}",
            "{{ query.kept }}",
            "{{ request.body }}",
            "{{ headers.x_a }}",
            "{{ params.id }}",
        ],
    }
    server = around(source, endpoint)
    answer = get(server, "/a/5?q=1&gone=1&kept=k", headers="X-A: 1\r\n")
    assert answer.json() == [["x y", "2"], "", "k", '{"b": 1}', "", "5"]
    assert server.logs()[0]["query"] == {"q": "1", "gone": "1", "kept": "k"}, "the log has what was sent"


@pytest.mark.parametrize(
    ("source", "exception", "message"),
    [
        ("raise ValueError('before')", "ValueError", "before"),
        ("await call_next(request); raise SystemExit(1)", "SystemExit", "1"),
        ("await call_next(request); return object()", "TypeError", "it returned an object of type object"),
        ("return await call_next()", "TypeError", "missing 1 required positional argument: 'request'"),
        ("return await call_next({})", "TypeError", "call_next is called with the request, not with dict"),
    ],
)
def test_an_exception_is_a_500(around, source, exception, message):
    server = around(f"async def m(request, call_next):\n    {source}")
    answer = get(server, "/a")
    assert (answer.status, answer.json()["function"], answer.json()["exception"]) == (500, "m:m", exception)
    assert message in answer.json()["message"]
    assert len(server.complaints) == 1


def test_it_sees_errors_of_what_is_inside(around):
    source = """
        async def m(request, call_next):
            response = await call_next(request)
            return {"was": response.status, "error": response.json()["error"]}
        """
    server = around(
        source,
        {"path": "/h", "handler": "h:f"},
        {"path": "/t", "response": "{{ 1 // 0 }}"},
        {"path": "/f", "failure_rate": 1},
        h="def f(request): raise ValueError",
    )
    assert get(server, "/h").json() == {"was": 500, "error": "Handler failed"}
    assert get(server, "/t").json() == {"was": 500, "error": "Template failed"}
    assert get(server, "/f").json() == {"was": 500, "error": "Simulated failure"}


def test_a_large_file_passes_with_new_headers(around, tmp_path):
    (tmp_path / "big.bin").write_bytes(b"x" * 1_500_000)
    source = """
        async def m(request, call_next):
            response = await call_next(request)
            response.headers["X-Size"] = str(len(response.body))
            if request.query:
                response.body = "instead"
            return response
        """
    server = around(source, {"path": "/a", "file": "big.bin"})
    answer = get(server, "/a")
    assert (len(answer.body), answer.header("x-size")) == (1_500_000, "0")
    assert get(server, "/a?x=1").body == b"instead"


def test_one_that_never_ends_is_a_504(folder, serve):
    config = {"middleware": "m:m", "limits": {"handler_timeout_s": 0.01}}
    source = "import asyncio\nasync def m(request, call_next):\n    await asyncio.Event().wait()"
    server = serve(folder({"path": "/a"}, config=config, m=source))
    assert get(server, "/a").status == 504


def test_a_lost_race_is_no_error_of_the_endpoint(folder, serve):
    """An endpoint whose `times` are used up between matching and answering: the next one answers."""
    source = """
        async def m(request, call_next):
            if request.endpoint == "first":
                for _ in range(2):  # the second time it has no answer left
                    try:
                        response = await call_next(request)
                    except Exception:
                        return {"caught": True}
                return response
            return await call_next(request)
        """
    endpoints = [{"path": "/a", "name": "first", "times": 1, "response": 1}, {"path": "/a", "response": 2}]
    server = serve(folder(*endpoints, config={"middleware": "m:m"}, m=source))
    assert get(server, "/a").json() == 2


def test_cors_headers_are_there_whoever_answers(folder, serve):
    source = "async def m(request, call_next):\n    return 'x'"
    server = serve(folder({"path": "/a"}, config={"middleware": "m:m", "cors": True}, m=source))
    assert get(server, "/a", headers="Origin: http://x\r\n").header("access-control-allow-origin") == "*"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "m:plain",
            "middleware is `async def plain(request, call_next)`: this is a plain `def`,"
            " which cannot await call_next",
        ),
        ("m:one", "the function takes (request); it is called with (request, call_next)"),
        ("m:nothing", "m.py has no nothing"),
    ],
)
def test_what_is_no_middleware_is_told_once(folder, written, message):
    source = "def plain(request, call_next): ...\nasync def one(request): ..."
    with pytest.raises(ConfigError) as error:
        build(folder({"path": "/a"}, {"path": "/b"}, config={"middleware": written}, m=source))
    assert [(problem.path, problem.message) for problem in error.value.problems] == [("middleware", message)]
