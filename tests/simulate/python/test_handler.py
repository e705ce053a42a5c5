"""`handler`, over the wire."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.kit import Wire, get, wait_for
from understudy import ConfigError
from understudy.build import build
from understudy.engine import World, decide
from understudy.match import PathPattern
from understudy.request import Request
from understudy.simulate.python.handler import literal_prefix


@pytest.mark.parametrize(
    ("returned", "status", "content_type", "body"),
    [
        ('{"a": [1]}', 200, "application/json", b'{"a":[1]}'),
        ("[1, 2]", 200, "application/json", b"[1,2]"),
        ('"text"', 200, "text/plain; charset=utf-8", b"text"),
        ('b"\\x00"', 200, "application/octet-stream", b"\x00"),
        ("None", 204, None, b""),
        ("404", 404, None, b""),
        ('({"a": 1}, 201)', 201, "application/json", b'{"a":1}'),
        ("(None, 202)", 202, None, b""),
        ("(False, 200)", 200, "application/json", b"false"),
        ('("x", 200, {"Content-Type": "text/css"})', 200, "text/css", b"x"),
        ('understudy.Response({"a": 1}, 203)', 203, "application/json", b'{"a":1}'),
    ],
)
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_what_a_function_may_return(handler, kind, returned, status, content_type, body):
    answer = handler(f"import understudy\n{kind} f(request):\n    return {returned}")()
    assert (answer.status, answer.body) == (status, body)
    assert answer.header("content-type") == content_type


@pytest.mark.parametrize(
    ("returned", "why"),
    [
        ("object()", "it returned an object of type object; it may return a dict"),
        ("1.5", "it returned a float"),
        ("True", "it returned a bool"),
        ("(1, 2, 3, 4)", "it returned a tuple of 4"),
        ("({}, 99)", "a status is a number from 200 to 599, not 99"),
        ('({}, "200")', "not '200'"),
        ('({}, 200, {"A b": "1"})', "'A b' cannot be a header name"),
        ('({}, 200, {"A": "1\\r\\nB: 2"})', "header A has a line break in its value"),
        ("({}, 200, [1])", "the third of (body, status, headers) is a dict"),
        ("{1j: 2}", "Only dicts with str-like or number-like keys are supported"),
    ],
)
def test_a_wrong_return_value_is_a_500_that_says_so(handler, returned, why):
    answer = handler(f"def f(request):\n    return {returned}")()
    assert answer.status == 500
    assert why in answer.json()["message"]


def test_what_a_function_sees(handler):
    ask = handler(
        """
        def f(request):
            return {
                "method": request.method, "path": request.path, "url": request.url, "params": request.params,
                "query": request.query, "all": request.query_all, "header": request.headers["x-ID"],
                "missing": request.headers.get("nothing"), "cookies": request.cookies, "text": request.text,
                "size": len(request.body), "json": request.json(), "client": request.client,
                "endpoint": request.endpoint, "space": request.space, "claims": request.claims,
            }
        """,
        {"path": "/a/{id:int}", "name": "mine"},
    )
    headers = "X-Id: 1\r\nX-Id: 2\r\nCookie: a=b\r\nX-Understudy-Space: s\r\n"
    assert ask("/a/7?x=1&x=2", "POST", headers, b'{"k":1}').json() == {
        "method": "POST", "path": "/a/7", "url": "/a/7?x=1&x=2", "params": {"id": 7},
        "query": {"x": "1"}, "all": {"x": ["1", "2"]}, "header": "1, 2",
        "missing": None, "cookies": {"a": "b"}, "text": '{"k":1}',
        "size": 7, "json": {"k": 1}, "client": "127.0.0.1",
        "endpoint": "mine", "space": "s", "claims": {},
    }  # fmt: skip


def test_status_and_headers_of_the_endpoint_hold_unless_the_function_says_otherwise(handler):
    source = """
        def f(request):
            return ({}, 202, {"x-a": "mine"}) if request.query else {}
        """
    ask = handler(source, {"status": 201, "headers": {"X-A": "theirs", "X-B": "b"}})
    plain, own = ask(), ask("/a?x=1")
    assert (plain.status, plain.header("x-a"), plain.header("x-b")) == (201, "theirs", "b")
    assert (own.status, own.header("x-a"), own.header("x-b")) == (202, "mine", "b")


@pytest.mark.parametrize(("kind", "wait"), [("def", ""), ("async def", "await ")])
def test_state_is_shared_with_templates(folder, serve, kind, wait):
    source = f"""
        {kind} f(request):
            s = request.state
            cart = {wait}s.get("cart")
            cart.append("not kept")
            {wait}s.push("cart", request.query["item"])
            {wait}s.set("last", request.query)
            return [{wait}s.add("n"), {wait}s.get("cart"), {wait}s.get("none", 5), {wait}s.delete("gone")]
        """
    endpoints = [
        {"path": "/a", "handler": "handlers:f"},
        {"path": "/s", "response": ["{{ state.cart }}", "{{ state.last.item }}", "{{ state.n }}"]},
    ]
    config = {"state": {"variables": {"cart": []}}}
    server = serve(folder(*endpoints, config=config, handlers=source))
    assert get(server, "/a?item=x").json() == [1, ["x"], 5, False]
    assert get(server, "/a?item=y").json() == [2, ["x", "y"], 5, False]
    assert get(server, "/s").json() == [["x", "y"], "y", 2]


def test_an_exception_is_a_500_and_its_traceback_is_in_the_log(handler):
    ask = handler("def f(request):\n    return 1 / 0\n")
    answer = ask()
    assert answer.status == 500
    assert answer.json() == {
        "error": "Handler failed",
        "endpoint": "ANY /a/**",
        "function": "handlers:f",
        "exception": "ZeroDivisionError",
        "message": "division by zero",
    }
    (complaint,) = ask.server.complaints
    assert complaint.startswith("GET /a: handlers:f failed:\nTraceback")
    assert 'handlers.py", line 2, in f' in complaint
    assert "understudy/simulate" not in complaint
    (entry,) = ask.server.logs()
    assert entry["error"] == "handlers:f: ZeroDivisionError: division by zero (handlers.py:2)"
    assert ask().status == 500, "the server goes on"


@pytest.mark.parametrize("kind", ["def", "async def"])
@pytest.mark.parametrize(
    "what",
    [
        "raise SystemExit(3)",
        "raise KeyboardInterrupt",
        "raise StopIteration",
        "raise asyncio.CancelledError",
        "raise Odd",
    ],
)
def test_nothing_that_a_function_raises_ends_the_server(handler, kind, what):
    ask = handler(
        f"""
        import asyncio
        class Odd(Exception):
            def __str__(self):
                raise RuntimeError
        {kind} f(request):
            {what}
        """
    )
    assert ask().status == 500
    assert ask().status == 500


def test_a_function_that_blocks_blocks_nobody_else(folder, serve):
    go = threading.Event()
    source = """
        import builtins
        def f(request):
            assert builtins._understudy_test_go.wait(20)
            return "went"
        """
    import builtins

    builtins._understudy_test_go = go
    try:
        endpoints = [{"path": "/block", "handler": "handlers:f"}, {"path": "/ok", "response": 1}]
        server = serve(folder(*endpoints, handlers=source))
        with ThreadPoolExecutor(3) as pool:
            blocked = [pool.submit(get, server, "/block") for _ in range(3)]
            assert get(server, "/ok").body == b"1"
            assert not any(each.done() for each in blocked)
            go.set()
            assert [each.result().body for each in blocked] == [b"went"] * 3
    finally:
        del builtins._understudy_test_go


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio\nasync def f(request):\n    await asyncio.Event().wait()",
        "import threading\ndef f(request):\n    threading.Event().wait(10)",
    ],
)
def test_a_function_that_never_ends_is_a_504(handler, source):
    ask = handler(source, config={"limits": {"handler_timeout_s": 0.01}})
    answer = ask()
    assert answer.status == 504
    assert answer.json()["message"] == "no answer within 0.01 s (limits.handler_timeout_s)"
    assert ask.server.logs()[0]["error"].startswith("handlers:f: no answer within 0.01 s")


def test_an_own_timeout_is_an_error_like_any_other(handler):
    answer = handler("async def f(request):\n    raise TimeoutError('mine')")()
    assert (answer.status, answer.json()["message"]) == (500, "mine")


def test_a_client_that_hangs_up_cancels_it_and_is_in_the_log(handler):
    ask = handler(
        """
        import asyncio
        begun, ended = [], []
        async def f(request):
            if request.query:
                return [begun, ended]
            begun.append(1)
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(1)
        """
    )
    with Wire(ask.server) as wire:
        wire.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_for(lambda: ask("/a?look=1").json()[0])
    wait_for(lambda: ask("/a?look=1").json()[1])
    (entry,) = ask.server.logs(path="/a", status=None)
    assert (entry["endpoint"], entry["outcome"]) == ("ANY /a/**", "client closed")


def test_latency_and_failures_apply(handler):
    ask = handler(
        "def f(request):\n    request.state.add('n')\n    return {}", {"failure_rate": 1, "latency_ms": 1}
    )
    assert ask().json() == {"error": "Simulated failure"}
    assert ask.server.logs()[0]["latency_ms"] == 1


def test_head_has_no_body(handler):
    answer = handler("def f(request):\n    return request.method", {"method": "GET"})("/a", "HEAD")
    assert (answer.status, answer.header("content-length")) == (200, "4")


def test_without_a_server_a_plain_function_is_called_directly(folder):
    program = build(
        folder({"path": "/a", "handler": "h:f"}, h="def f(request):\n    return [request.state.add('n')]")
    )
    world = World(1, lambda: 1.0)
    plans = [decide(program, Request("GET", b"/a"), world) for _ in range(2)]
    assert [plan.reply.body for plan in plans] == [b"[1]", b"[2]"]


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("def f(request):\n    return (\n", 2, "SyntaxError: '(' was never closed (needed by handlers:f)"),
        ("import nothing_like_this\n", 1, "ModuleNotFoundError: No module named 'nothing_like_this'"),
        ("\n1 / 0\n", 2, "ZeroDivisionError: division by zero"),
        ("raise SystemExit(1)", 1, "SystemExit: 1"),
    ],
)
def test_a_broken_module_is_a_problem_with_its_line(folder, source, line, message):
    config = folder(
        {"path": "/a", "handler": "handlers:f"}, {"path": "/b", "handler": "handlers:g"}, handlers=source
    )
    with pytest.raises(ConfigError) as error:
        build(config)
    (problem,) = error.value.problems
    assert problem.file.endswith("handlers.py")
    assert problem.line == line
    assert message in problem.message


@pytest.mark.parametrize(
    ("written", "message", "suggestion"),
    [
        ("handlers:cartt", "handlers.py has no cartt", "handlers:cart"),
        (
            "handler:cart",
            "there is no module handler: no handler.py in the config's folder, and none is installed",
            "handlers",
        ),
        ("handlers:number", "this is of type int, not a function (request)", None),
        ("handlers:Kind", "this is a class, not a function (request)", None),
        ("handlers:two", "the function takes (a, b); it is called with (request)", None),
        ("json:nothing", "json has no nothing", None),
    ],
)
def test_what_is_no_handler_is_a_problem_at_its_place(folder, written, message, suggestion):
    source = "def cart(request): ...\nnumber = 3\nclass Kind: ...\ndef two(a, b): ..."
    with pytest.raises(ConfigError) as error:
        build(folder({"path": "/a", "handler": written}, handlers=source))
    (problem,) = error.value.problems
    assert (problem.message, problem.path, problem.suggestion) == (
        message,
        "endpoints[0].handler",
        suggestion,
    )


def test_an_edited_handler_is_served(folder, serve):
    config = folder(
        {"path": "/a", "handler": "handlers:f"},
        handlers="from helper import x\ndef f(r): return x",
        helper="x = 'one'",
    )
    server = serve(config)
    assert get(server, "/a").body == b"one"
    config.with_name("helper.py").write_text("x = 'two'")
    changes = server.reload()
    assert changes.changed == ["GET /a"]
    assert get(server, "/a").body == b"two"
    assert server.reload().nothing
    config.with_name("handlers.py").write_text("def f(r) return 1")
    with pytest.raises(ConfigError):
        server.reload()
    assert get(server, "/a").body == b"two", "the old one goes on serving"


def test_a_handler_is_watched(folder, serve):
    config = folder({"path": "/a", "handler": "handlers:f"}, handlers="def f(r): return 'one'")
    server = serve(config, watch=True)

    def saved_and_seen():
        config.with_name("handlers.py").write_text("def f(r): return 'two'")
        threading.Event().wait(0.3)
        return get(server, "/a").body == b"two"

    wait_for(saved_and_seen, seconds=30)


def test_a_broken_module_that_nobody_served_yet_is_watched(folder, serve):
    config = folder({"path": "/a", "handler": "handlers:f"}, handlers="def f(r): return 'one'")
    server = serve(config, watch=True)
    config.with_name("helper.py").write_text("x = (")
    config.with_name("handlers.py").write_text("import helper\ndef f(r): return helper.x")
    with pytest.raises(ConfigError):
        server.reload()

    def saved_and_seen():
        config.with_name("helper.py").write_text("x = 'mended'")
        threading.Event().wait(0.3)
        return get(server, "/a").body == b"mended"

    wait_for(saved_and_seen, seconds=30)


def test_what_runs_when_the_server_stops_is_answered(handler):
    import builtins

    builtins._understudy_test_begun, builtins._understudy_test_end = threading.Event(), threading.Event()
    try:
        ask = handler(
            """
            import builtins
            def f(request):
                builtins._understudy_test_begun.set()
                assert builtins._understudy_test_end.wait(10)
                return "answered"
            """,
            {"latency_ms": 60_000},
        )
        with ThreadPoolExecutor(2) as pool:
            answer = pool.submit(ask)
            assert builtins._understudy_test_begun.wait(10)
            stopped = pool.submit(ask.server.stop)
            builtins._understudy_test_end.set()
            assert answer.result().body == b"answered"
            stopped.result()
    finally:
        del builtins._understudy_test_begun, builtins._understudy_test_end


def test_what_will_not_be_cancelled_does_not_keep_the_server_from_stopping(handler):
    ask = handler(
        """
        import asyncio
        async def f(request):
            while True:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    pass
        """,
        config={"limits": {"drain_timeout_s": 0.05}},
    )
    complaints = ask.server.complaints
    with Wire(ask.server) as wire:
        wire.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_for(lambda: get(ask.server, "/__health").json()["connections"] == 2)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(ask.server.stop).result(20)
    assert complaints == ["handler catches its cancellation and goes on: it is left behind"]


def test_what_will_not_be_cancelled_is_out_of_time_all_the_same(handler):
    ask = handler(
        """
        import asyncio
        async def f(request):
            for _ in range(2):
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    await asyncio.sleep(0.05)
        """,
        config={"limits": {"handler_timeout_s": 0.01}},
    )
    assert get(ask.server, "/a").status == 504


@pytest.mark.parametrize("reads", [True, False])
def test_what_an_application_does_after_its_reply_is_done(folder, serve, tmp_path, reads):
    source = f"""
        import pathlib
        async def app(scope, receive, send):
            if scope["type"] == "http":
                await send({{"type": "http.response.start", "status": 200, "headers": []}})
                await send({{"type": "http.response.body", "body": b"x" * 20_000_000}})
                pathlib.Path({str(tmp_path)!r}, "done").touch()
    """
    server = serve(folder({"path": "/a", "handler": "mod:app"}, mod=source))
    with Wire(server) as wire:
        wire.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        wire.socket.recv(1)
        if reads:
            received = 1
            while received < 20_000_000:
                received += len(wire.socket.recv(1_000_000))
            assert wait_for((tmp_path / "done").exists)
    assert wait_for((tmp_path / "done").exists)
    assert server.complaints == []


@pytest.mark.parametrize(
    ("path", "prefix"),
    [("/legacy/**", "/legacy"), ("/a/b/{rest:path}", "/a/b"), ("/**", ""), ("/a{x}/b/**", ""), ("/a", "/a")],
)
def test_the_root_path_of_an_application(path, prefix):
    assert literal_prefix(PathPattern(path)) == prefix
