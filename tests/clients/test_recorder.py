"""Real clients get the same from a real server, through the recorder, and of the recording alone."""

import asyncio
import hashlib
import io
import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import aiohttp
import httpx
import pytest
import requests

from tests.clients.far import FILE, Uvicorn, app
from tests.clients.git_server import cloned, git, git_app, needs_git
from tests.clients.recorder import Recorder

UPLOAD = bytes(range(250)) * 20_000  # 5 MB
MANY = 20


@pytest.fixture(scope="module")
def far():
    with Uvicorn(app) as server:
        yield server


def told(answer):
    """What a client says of a reply, but for what depends on the time and the connection."""
    status, headers, body = answer
    kept = sorted((name.lower(), value) for name, value in headers if name.lower() not in PASSING)
    return status, kept, hashlib.sha256(body).hexdigest() if len(body) > 1000 else body


PASSING = {"date", "connection", "keep-alive", "transfer-encoding"}


def with_requests(url):
    def of(answer):
        return told((answer.status_code, answer.raw.headers.items(), answer.content))

    with requests.Session() as client:
        yield of(client.get(f"{url}/login"))  # is redirected to where cookies are told
        yield of(client.get(f"{url}/login", allow_redirects=False))
        yield sorted(client.cookies.items())
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
            yield of(client.request(method, f"{url}/see", params={"q": "a b", "é": "/"}, data=b"some bytes"))
        yield of(client.post(f"{url}/see", json={"a": [1, None]}))
        yield of(client.post(f"{url}/see", data={"a": "1", "b": "x y"}))
        yield of(client.post(f"{url}/see?large", data=UPLOAD))
        yield of(client.post(f"{url}/see?chunked", data=iter([b"one", b"two" * 5000, b"three"])))
        yield of(client.get(f"{url}/big", params={"size": 3_000_000}))
        yield of(client.get(f"{url}/file"))
        yield of(client.get(f"{url}/file", headers={"Range": "bytes=100-299"}))
        yield of(client.get(f"{url}/file", headers={"If-None-Match": '"v1"'}))
        yield of(client.head(f"{url}/file"))
        yield of(client.get(f"{url}/gzip"))
        yield of(client.get(f"{url}/none"))
        yield of(client.get(f"{url}/nowhere"))
        with client.get(f"{url}/events", stream=True) as events:
            yield list(events.iter_lines())
    with ThreadPoolExecutor(8) as threads:
        yield list(threads.map(lambda n: of(requests.get(f"{url}/see?n={n}", timeout=30)), range(MANY)))


def with_requests_multipart(url):
    with requests.Session() as client:
        parts = {"a": ("a.bin", FILE, "application/octet-stream"), "b": (None, "text")}
        answer = client.post(f"{url}/see", files=parts)
        yield answer.status_code, answer.json()["type"]


def with_httpx(url):
    def of(answer):
        return told((answer.status_code, answer.headers.multi_items(), answer.content))

    with httpx.Client(base_url=url, follow_redirects=True, timeout=30) as client:
        yield of(client.get("/login"))
        yield sorted(client.cookies.items())
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
            yield of(client.request(method, "/see", params={"q": "a b"}, content=b"some bytes"))
        yield of(client.post("/see?large", content=UPLOAD))
        yield of(client.post("/see?chunked", content=iter([b"one", b"two" * 5000])))
        yield of(client.get("/big", params={"size": 3_000_000}))
        yield of(client.get("/file", headers={"Range": "bytes=0-9"}))
        yield of(client.get("/gzip"))
        with client.stream("GET", "/events") as events:
            yield list(events.iter_lines())


def with_aiohttp(url):
    async def visit():
        found = []
        async with aiohttp.ClientSession(url) as client:

            async def ask(method, path, **options):
                async with client.request(method, path, **options) as answer:
                    return told((answer.status, answer.headers.items(), await answer.read()))

            found.append(await ask("GET", "/login"))
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
                found.append(await ask(method, "/see?q=a%20b", data=b"some bytes"))
            found.append(await ask("POST", "/see?large", data=io.BytesIO(UPLOAD)))
            found.append(await ask("GET", f"/big?size={len(UPLOAD)}"))
            found.append(await ask("GET", "/file", headers={"Range": "bytes=5-5"}))
            found.append(await ask("GET", "/gzip"))
            async with client.get("/events") as events:
                found.append([line async for line in events.content])
            found += await asyncio.gather(*(ask("GET", f"/see?n={n}") for n in range(MANY)))
            async with client.ws_connect("/ws") as socket:
                await socket.send_str("abc")
                await socket.send_bytes(b"\0\1\2")
                found += [(await socket.receive(timeout=10)).data for _ in range(3)]
        return found

    return asyncio.run(visit())


def curl(url, *arguments, **options):
    done = subprocess.run(
        ["curl", "-sS", *arguments, url], capture_output=True, timeout=60, check=True, **options
    )
    return done.stdout


def with_curl(url):
    yield curl(f"{url}/login", "-L", "-b", "", "-c", "-")[:200].partition(b"\t")[0]
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        yield json.loads(curl(f"{url}/see", "-X", method, "-d", "some=bytes"))
    yield json.loads(curl(f"{url}/see?large", "--data-binary", "@-", input=UPLOAD))
    yield json.loads(curl(f"{url}/see?chunked", "-T", "-", input=b"piece" * 9000))
    yield json.loads(
        curl(f"{url}/see?waits", "-H", "Expect: 100-continue", "--data-binary", "@-", input=UPLOAD)
    )
    yield hashlib.sha256(curl(f"{url}/big?size=3000000")).hexdigest()
    yield curl(f"{url}/file", "-r", "10-19")
    yield curl(f"{url}/gzip", "--compressed")
    yield curl(f"{url}/gzip")
    yield curl(f"{url}/events", "-N")
    yield [line for line in curl(f"{url}/file", "-I").splitlines() if not line.startswith(b"date")]
    yield curl(f"{url}/see", "--http1.0")
    both = curl(f"{url}/see?n=1", f"{url}/see?n=2", "-w", "%{num_connects}\n")
    yield both


CLIENTS = [with_requests, with_requests_multipart, with_httpx, with_aiohttp, with_curl]


@pytest.mark.parametrize("visit", CLIENTS)
def test_direct_recorded_and_replayed(serve, tmp_path, far, visit):
    if visit is with_curl and shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    recorder = Recorder(serve, tmp_path)
    direct = list(visit(far.url))
    server = recorder.record(far.url, redact=False)
    live = list(visit(server.url))
    server.stop()
    assert live == direct
    assert not server.complaints
    again = recorder.replay(redact=False, match={"headers": ["If-None-Match"]})
    for _ in range(2):
        assert list(visit(again.url)) == direct


def test_a_session_goes_on_where_its_cookies_are_left_out(serve, tmp_path, far):
    recorder = Recorder(serve, tmp_path)
    server = recorder.record(far.url)
    with requests.Session() as client:
        live = client.get(f"{server.url}/login")
        assert "user=alice" in live.json()["cookies"]
    server.stop()
    again = recorder.replay()
    with requests.Session() as client:
        assert client.get(f"{again.url}/login").json() == live.json()
        assert client.cookies["user"] == "REDACTED-cookie"
        assert client.get(f"{again.url}/me").status_code == 200


def test_once_asks_the_real_server_once(serve, tmp_path):
    recorder = Recorder(serve, tmp_path)
    with Uvicorn(app) as far:
        server = recorder.start({"proxy": far.url, "record": {"redact": False}})
        first = list(with_httpx(server.url))
    assert list(with_httpx(server.url)) == first
    assert requests.get(f"{server.url}/see?n=never", timeout=30).status_code == 502


@needs_git
def test_git_clones_without_the_server(serve, tmp_path, repository):
    recorder = Recorder(serve, tmp_path)
    with Uvicorn(git_app(repository)) as far:
        direct = cloned(f"{far.url}/some.git", tmp_path / "direct")
        server = recorder.record(far.url)
        assert cloned(f"{server.url}/some.git", tmp_path / "live") == direct
    server.stop()
    again = recorder.replay()
    for number in range(2):
        assert cloned(f"{again.url}/some.git", tmp_path / f"again{number}") == direct


@needs_git
def test_git_pushes_through_the_recorder(serve, tmp_path, repository):
    recorder = Recorder(serve, tmp_path)
    with Uvicorn(git_app(repository)) as far:
        server = recorder.record(far.url)
        work = tmp_path / "clone"
        git("clone", "-q", f"{server.url}/some.git", work)
        (work / "new.bin").write_bytes(os.urandom(2_000_000))  # more than http.postBuffer: sent in chunks
        git("add", ".", cwd=work)
        git("commit", "-q", "-m", "new", cwd=work)
        git("push", "-q", cwd=work)
    assert git("rev-parse", "main", cwd=repository / "some.git") == git("rev-parse", "HEAD", cwd=work)
    server.stop()
    pushed = [one for one in recorder.exchanges if one.request.target == "/some.git/git-receive-pack"]
    assert pushed[-1].reply.status == 200


def test_another_part_of_a_file_is_asked_for(serve, tmp_path, far):
    """Never answered with the part that was recorded."""
    recorder = Recorder(serve, tmp_path)
    server = recorder.start({"proxy": far.url, "record": True})
    for first, last in ((0, 9), (10, 19), (0, 9)):
        answer = requests.get(f"{server.url}/file", headers={"Range": f"bytes={first}-{last}"}, timeout=30)
        assert answer.content == FILE[first : last + 1]
    server.stop()
    assert len(recorder.exchanges) == 2
    again = recorder.replay()
    answer = requests.get(f"{again.url}/file", headers={"Range": "bytes=20-29"}, timeout=30)
    assert (answer.status_code, "headers.range" in answer.text) == (404, True)
