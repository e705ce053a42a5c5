"""Mounted ASGI applications, over the wire: answering, starting, stopping, failing."""

import pytest

from tests.kit import Wire, ask, get, wait_for

APP = """
    import asyncio
    from contextlib import asynccontextmanager
    from starlette.applications import Starlette
    from starlette.background import BackgroundTask
    from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
    from starlette.routing import Route

    events = []
    gate = asyncio.Event()

    @asynccontextmanager
    async def lifespan(app):
        events.append("started")
        record("started")
        yield {"answer": 42}
        record("stopped")

    def record(event):
        with open(PLACE, "a") as file:
            file.write(event + "\\n")

    async def hello(request):
        return JSONResponse({
            "path": request.url.path, "root": request.scope["root_path"], "name": request.path_params["name"],
            "query": dict(request.query_params), "body": (await request.body()).decode(),
            "header": request.headers.get("x-a"), "state": request.state.answer,
        })

    async def stream(request):
        async def parts():
            for part in ("one", "two", "three"):
                yield part
        return StreamingResponse(parts(), headers={"X-App": "1"})

    async def fails(request):
        raise ValueError("broken inside")

    async def halfway(request):
        async def parts():
            yield "one"
            raise ValueError("halfway")
        return StreamingResponse(parts())

    async def endless(request):
        async def parts():
            try:
                yield "one"
                await asyncio.Event().wait()
            finally:
                record("cancelled")
        return StreamingResponse(parts())

    async def background(request):
        async def later():
            await gate.wait()
            record("background")
        return PlainTextResponse("done", background=BackgroundTask(later))

    async def release(request):
        gate.set()
        return PlainTextResponse("released")

    names = (stream, fails, halfway, endless, background, release)
    routes = [Route("/hello/{name}", hello, methods=["GET", "POST"])]
    app = Starlette(routes=routes + [Route(f"/{f.__name__}", f) for f in names], lifespan=lifespan)
    """


@pytest.fixture
def mounted(tmp_path, serve):
    import json
    import textwrap

    def start(source=APP, endpoint=None, config=None):
        place = tmp_path / "events.txt"
        place.touch()
        (tmp_path / "app.py").write_text(f"PLACE = {str(place)!r}\n" + textwrap.dedent(source))
        path = tmp_path / "config.json"
        endpoints = [
            {
                "path": "/legacy/**",
                "method": "ANY",
                "name": "legacy",
                "handler": "app:app",
                **(endpoint or {}),
            },
            {"path": "/ok", "response": 1},
        ]
        path.write_text(json.dumps({**(config or {}), "endpoints": endpoints}))
        server = serve(path)
        server.events = lambda: place.read_text().split()
        return server

    return start


def test_it_is_asked_below_its_root_path(mounted):
    server = mounted()
    answer = get(server, "/legacy/hello/ada%20l?q=1", "POST", "X-A: 1\r\n", b"text")
    assert answer.json() == {
        "path": "/legacy/hello/ada l", "root": "/legacy", "name": "ada l",
        "query": {"q": "1"}, "body": "text", "header": "1", "state": 42,
    }  # fmt: skip
    (entry,) = server.logs()
    assert (entry["endpoint"], entry["status"], entry["outcome"]) == ("legacy", 200, "sent")
    assert '"root":"/legacy"' in entry["response"]["body"]


def test_it_streams_and_the_connection_goes_on(mounted):
    server = mounted(endpoint={"headers": {"X-App": "2", "X-More": "3"}, "latency_ms": 1})
    with Wire(server) as wire:
        wire.send(b"GET /legacy/stream HTTP/1.1\r\nHost: a\r\n\r\nGET /ok HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = wire.answer()
        assert answer.body == b"onetwothree"
        assert answer.header("transfer-encoding") == "chunked"
        assert (answer.header("x-app"), answer.header("x-more")) == ("2", "3")
        assert wire.answer().body == b"1"
        wire.send(b"HEAD /legacy/hello/x HTTP/1.1\r\nHost: a\r\n\r\n")
        head = wire.answer("HEAD")
        assert (head.status, int(head.header("content-length")) > 10) == (200, True)
        wire.send(b"GET /ok HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().body == b"1"
    (entry,) = server.logs(path="/legacy/stream")
    assert (entry["response"]["body"], entry["response"]["size"], entry["latency_ms"]) == (
        "onetwothree",
        11,
        1,
    )


def test_its_own_404_is_its_own(mounted):
    assert get(mounted(), "/legacy/none").body == b"Not Found"


def test_http_1_0_ends_with_the_connection(mounted):
    server = mounted()
    with Wire(server) as wire:
        wire.send(b"GET /legacy/stream HTTP/1.0\r\n\r\n")
        received = b""
        while data := wire.socket.recv(1000):
            received += data
        assert received.endswith(b"\r\n\r\nonetwothree")


def test_an_exception_is_a_500_with_a_traceback_in_the_log(mounted):
    # Starlette answers by itself and raises on, for the server to tell
    server = mounted()
    assert get(server, "/legacy/fails").status == 500
    complaint = wait_for(lambda: server.complaints)[0]
    assert complaint.startswith("GET /legacy/fails: the application failed:\nTraceback")
    assert "ValueError: broken inside" in complaint
    assert get(server, "/ok").status == 200


def test_a_raw_application_that_fails(mounted):
    server = mounted("async def app(scope, receive, send):\n    raise SystemExit(3)\n")
    answer = get(server, "/legacy/x")
    assert answer.json() == {"error": "Application failed", "exception": "SystemExit", "message": "3"}
    (entry,) = server.logs()
    assert (entry["status"], entry["error"]) == (500, "SystemExit: 3")


@pytest.mark.parametrize(
    ("messages", "status"),
    [
        ([], 500),
        ([("start", 999, [])], 500),
        ([("start", 200, [(b"a", b"1\r\nb: 2")])], 500),
        ([("body", b"x")], 500),
    ],
)
def test_messages_that_make_no_reply(mounted, messages, status):
    source = f"""
        async def app(scope, receive, send):
            assert scope["type"] == "http"
            for kind, *rest in {messages!r}:
                if kind == "start":
                    await send({{"type": "http.response.start", "status": rest[0], "headers": rest[1]}})
                else:
                    await send({{"type": "http.response.body", "body": rest[0]}})
        """
    assert get(mounted(source), "/legacy/x").status == status


@pytest.mark.parametrize("body", [b"toolong", b"s"])
def test_a_body_that_is_not_as_long_as_it_says_closes(mounted, body):
    source = f"""
        async def app(scope, receive, send):
            assert scope["type"] == "http"
            headers = [(b"content-length", b"3")]
            await send({{"type": "http.response.start", "status": 200, "headers": headers}})
            await send({{"type": "http.response.body", "body": {body!r}}})
        """
    with Wire(mounted(source)) as wire:
        wire.send(b"GET /legacy/x HTTP/1.1\r\nHost: a\r\n\r\n")
        with pytest.raises(EOFError):
            wire.answer()


def test_one_that_fails_halfway_closes(mounted):
    server = mounted()
    with Wire(server) as wire:
        wire.send(b"GET /legacy/halfway HTTP/1.1\r\nHost: a\r\n\r\n")
        with pytest.raises(EOFError):
            wire.answer()
    (entry,) = wait_for(lambda: server.logs(path="/legacy/halfway"))
    assert (entry["status"], entry["error"], entry["response"]["body"]) == (200, "ValueError: halfway", "one")


def test_a_client_that_hangs_up_cancels_it(mounted):
    server = mounted()
    with Wire(server) as wire:
        wire.send(b"GET /legacy/endless HTTP/1.1\r\nHost: a\r\n\r\n")
        wire._until(b"one\r\n")
    assert wait_for(lambda: "cancelled" in server.events())
    (entry,) = server.logs(path="/legacy/endless")
    assert (entry["status"], entry["outcome"]) == (200, "client closed during the reply")


def test_what_it_does_after_the_reply_holds_nobody_up(mounted):
    server = mounted()
    with Wire(server) as wire:
        wire.send(b"GET /legacy/background HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().body == b"done"
        assert "background" not in server.events()
        wire.send(b"GET /legacy/release HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().body == b"released"
    assert wait_for(lambda: "background" in server.events())


def test_it_lives_as_long_as_a_config_names_it(mounted):
    server = mounted()
    assert get(server, "/legacy/hello/x").status == 200
    assert server.events() == ["started"]
    server.reload()
    wait_for(lambda: sorted(server.events()) == ["started", "started", "stopped"])
    assert get(server, "/legacy/hello/x").json()["state"] == 42
    server.stop()
    assert server.events().count("stopped") == 2
    assert server.complaints == []


def test_one_that_cannot_start_says_so(mounted):
    source = """
        from contextlib import asynccontextmanager
        from starlette.applications import Starlette
        @asynccontextmanager
        async def lifespan(app):
            raise ValueError("no database")
            yield
        app = Starlette(lifespan=lifespan)
        """
    server = mounted(source)
    answer = get(server, "/legacy/x")
    assert (answer.status, answer.json()["error"]) == (500, "The application did not start")
    assert "ValueError: no database" in answer.json()["message"]
    assert any("an application did not start:" in text for text in server.complaints)
    assert get(server, "/ok").status == 200


def test_one_that_fails_while_it_stops_is_told(mounted):
    source = """
        async def app(scope, receive, send):
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            raise ValueError("cannot stop")
        """
    server = mounted(source)
    server.stop()
    assert "ValueError: cannot stop" in server.complaints[0]


def test_one_that_knows_no_lifespan_is_asked_all_the_same(mounted):
    source = """
        async def app(scope, receive, send):
            assert scope["type"] == "http"
            await receive()
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"yes"})
            assert (await receive())["type"] == "http.disconnect"
        """
    server = mounted(source)
    assert get(server, "/legacy").body == b"yes"
    assert server.complaints == []


def test_middleware_changes_its_headers_and_its_request(mounted, tmp_path):
    (tmp_path / "m.py").write_text(
        "async def m(request, call_next):\n"
        "    response = await call_next(request.with_(headers={'X-A': 'from m'}))\n"
        "    response.headers['X-M'] = 'yes'\n    return response\n"
    )
    answer = get(mounted(config={"middleware": "m:m"}), "/legacy/hello/x")
    assert (answer.json()["header"], answer.header("x-m")) == ("from m", "yes")


def test_a_closing_client_is_told_so(mounted):
    answer = ask(mounted(), b"GET /legacy/hello/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert answer.header("connection") == "close"
