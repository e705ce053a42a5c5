"""What clients say to servers over TLS is recorded on its way through the proxy, and replayed alone."""

import contextlib
import json
import os
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from websockets.sync.client import connect

from tests.clients.far import Uvicorn, app, free_port
from tests.clients.git_server import cloned, git_app, needs_git
from tests.clients.recorder import Recorder, hear, raw
from tests.kit import wait_for
from tests.net.upstream.test_http2_real import NODE
from understudy.net.intercept.authority import open_authority
from understudy.net.intercept.leaves import Leaves


class There:
    """The authority of the real servers: `ca` is its file, `pem` one with a certificate for 127.0.0.1 and its
    key."""

    def __init__(self, folder):
        leaves = Leaves(open_authority(folder / "ca"))
        self.ca, self.pem = leaves.authority.path, folder / "leaf.pem"
        leaf = leaves.certificate("127.0.0.1", datetime.now(UTC))
        self.pem.write_bytes(leaves._key_pem + leaf.public_bytes(Encoding.PEM))


@pytest.fixture
def there(tmp_path):
    (tmp_path / "there").mkdir()
    return There(tmp_path / "there")


class Client:
    """A program as a user sets it up for the proxy: by what `understudy ca --env` prints."""

    def __init__(self, server, authority):
        self._ca = authority
        self.use(server)

    def use(self, server):
        command = [
            sys.executable,
            "-m",
            "understudy",
            "ca",
            "--env",
            "--folder",
            self._ca,
            "--proxy",
            server.url,
        ]
        lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
        pairs = [shlex.split(line)[1].split("=", 1) for line in lines.splitlines()]
        self.env = {**os.environ, **dict(pairs), "NO_PROXY": "", "no_proxy": ""}
        return self

    def python(self, code, *arguments):
        """What a script prints, as JSON."""
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def curl(self, *arguments):
        done = subprocess.run(["curl", "-sS", *arguments], env=self.env, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout


REQUESTS = """
import hashlib, json, sys, requests
with requests.Session() as client:
    url = sys.argv[1]
    found = [client.get(url + "/see", params={"q": "a b"}).json()]
    found.append(client.post(url + "/see", json={"a": 1}).json())
    found.append(client.post(url + "/see?large", data=b"x" * 2_000_000).json())
    found.append(hashlib.sha256(client.get(url + "/big?size=2000000").content).hexdigest())
    found += [client.get(url + "/gzip").json(), client.get(url + "/nowhere").status_code]
    found.append(client.get(url + "/events").text)
print(json.dumps(found))
"""
HTTPX = """
import json, sys, httpx
with httpx.Client() as client:
    url = sys.argv[1]
    found = [client.get(url + "/see?h=1").json(), client.put(url + "/see", content=b"abc").json()]
    found += [client.get(url + "/gzip").json(), client.head(url + "/file").headers["content-length"]]
print(json.dumps(found))
"""
AIOHTTP = """
import aiohttp, asyncio, json, sys
async def main():
    url = sys.argv[1]
    async with aiohttp.ClientSession(trust_env=True) as client:
        async def see(n):
            async with client.get(f"{url}/see?n={n}") as answer:
                return await answer.json()
        found = await asyncio.gather(*map(see, range(10)))
        async with client.ws_connect(url + "/ws") as socket:
            await socket.send_str("abc")
            found += [(await socket.receive(timeout=10)).data for _ in range(2)]
    print(json.dumps(found))
asyncio.run(main())
"""
SCRIPTS = {"requests": REQUESTS, "httpx": HTTPX, "aiohttp": AIOHTTP}


@pytest.mark.parametrize("name", SCRIPTS)
def test_python_clients(serve, tmp_path, there, name):
    recorder = Recorder(serve, tmp_path)
    with Uvicorn(app, there.pem) as far:
        server = recorder.forward(tmp_path / "mine", there.ca)
        client = Client(server, tmp_path / "mine")
        live = client.python(SCRIPTS[name], far.url)
        assert not server.complaints
        server.stop()
    assert {one.request.origin for one in recorder.exchanges} == {far.url}
    again = recorder.forward(tmp_path / "mine", mode="replay", match={"host": True})
    assert client.use(again).python(SCRIPTS[name], far.url) == live
    assert live[0]["method"] == "GET"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl(serve, tmp_path, there):
    def visit(client):
        yield client.curl(f"{far.url}/see", "-d", "a=1")
        yield client.curl(f"{far.url}/gzip", "--compressed")
        yield client.curl(f"{far.url}/file", "-r", "10-19")
        yield client.curl(f"{far.url}/events", "-N")
        yield client.curl("-o", "-", f"{far.url}/see?n=1", f"{far.url}/see?n=2")
        yield client.curl(f"{plain.url}/see")  # not over TLS: no tunnel

    recorder = Recorder(serve, tmp_path)
    with Uvicorn(app, there.pem) as far, Uvicorn(app) as plain:
        server = recorder.forward(tmp_path / "mine", there.ca)
        client = Client(server, tmp_path / "mine")
        live = list(visit(client))
        server.stop()
    client.use(recorder.forward(tmp_path / "mine", mode="replay"))
    assert list(visit(client)) == live
    assert json.loads(live[0])["size"] == 3


@needs_git
def test_git(serve, tmp_path, there, repository):
    recorder = Recorder(serve, tmp_path)
    with Uvicorn(git_app(repository), there.pem) as far:
        server = recorder.forward(tmp_path / "mine", there.ca)
        client = Client(server, tmp_path / "mine")
        live = cloned(f"{far.url}/some.git", tmp_path / "live", proxied(client))
        server.stop()
    client.use(recorder.forward(tmp_path / "mine", mode="replay"))
    assert cloned(f"{far.url}/some.git", tmp_path / "again", proxied(client)) == live
    assert len(live[2]) == 10


def proxied(client):
    """The variables that the proxy is about, as `git` here leaves out those of this machine."""
    return {name: value for name, value in client.env.items() if "proxy" in name.lower() or "SSL" in name}


def test_websockets(serve, tmp_path, there):
    def talk(server):
        context = ssl.create_default_context(cafile=open_authority(tmp_path / "mine").path)
        url = far.url.replace("https", "wss") + "/ws"
        with connect(url, ssl=context, proxy=server.url) as socket:
            socket.send("abc")
            socket.send(b"\0\1")
            return [socket.recv(timeout=10) for _ in range(3)]

    recorder = Recorder(serve, tmp_path)
    with Uvicorn(app, there.pem) as far:
        server = recorder.forward(tmp_path / "mine", there.ca)
        live = talk(server)
        server.stop()
    (exchange,) = recorder.exchanges
    said = [(one.sender, one.data) for one in exchange.messages if one.kind != "close"]
    assert [data for sender, data in said if sender == "client"] == [b"abc", b"\0\1"]
    assert [data for sender, data in said if sender == "server"] == [b"hello", b"ABC", b"\1\0"]
    again = recorder.forward(tmp_path / "mine", mode="replay")
    assert talk(again) == live == ["hello", "ABC", b"\1\0"]


NODE_SERVER = """
import http2 from "node:http2";
import fs from "node:fs";
const pem = fs.readFileSync(process.argv[1]);
const server = http2.createSecureServer({ key: pem, cert: pem });
server.on("stream", (stream, headers) => {
  let size = 0;
  stream.on("data", (piece) => (size += piece.length));
  stream.on("end", () => {
    stream.respond({ ":status": 200, "x-a": "1", "set-cookie": ["a=1", "b=2"] }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": String(size) }));
    stream.write("x".repeat(200000));
    stream.end(JSON.stringify({ method: headers[":method"], path: headers[":path"], size }));
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit()).resume();
"""


def test_http2_where_the_server_offers_it(serve, tmp_path, there):
    recorder = Recorder(serve, tmp_path)
    with node(there) as port:
        url = f"https://127.0.0.1:{port}"
        server = recorder.forward(tmp_path / "mine", there.ca, redact=False)
        client = Client(server, tmp_path / "mine")
        live = client.python(ASKS_HTTP2, url)
        server.stop()
        reverse = Recorder(serve, tmp_path / "reverse")
        (tmp_path / "reverse").mkdir()
        shutil.copy(there.ca, tmp_path / "reverse" / "ca.pem")
        server = reverse.record(url, {"tls": {"ca_file": "ca.pem"}}, redact=False)
        heard = hear(server.port, raw("POST", "/x", body=b"12345"))
        server.stop()
    for one in (*recorder.exchanges, *reverse.exchanges):
        assert (one.reply.version, one.reply.framing) == ("2", "chunked")
    assert len(recorder.exchanges) == 9
    client.use(recorder.forward(tmp_path / "mine", mode="replay", redact=False))
    assert client.python(ASKS_HTTP2, url) == live
    assert (heard.status, heard.reason, heard.trailers) == (200, "OK", [("x-sum", "5")])
    assert [value for name, value in heard.headers if name == "set-cookie"] == ["a=1", "b=2"]
    assert hear(reverse.replay(redact=False).port, raw("POST", "/x", body=b"12345")) == heard


ASKS_HTTP2 = """
import json, sys, requests
from concurrent.futures import ThreadPoolExecutor
url = sys.argv[1]
def ask(n):
    with requests.post(f"{url}/n?n={n}", data=b"x" * n * 1000) as answer:
        told = answer.status_code, answer.reason, answer.headers["set-cookie"]
        return told, len(answer.content), answer.text[-100:]
with ThreadPoolExecutor(8) as threads:
    print(json.dumps(list(threads.map(ask, range(1, 10)))))
"""


@contextlib.contextmanager
def node(there):
    """Node's server for HTTP/2 over TLS; gives its port."""
    command = [NODE, "--input-type=module", "-e", NODE_SERVER, str(there.pem)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield int(process.stdout.readline())
        process.stdin.close()


NGINX = """
{user} daemon off; pid nginx.pid; error_log stderr; worker_processes 1;
events {{}}
http {{
  access_log off; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4;
  scgi_temp_path t5; types {{ text/plain txt; }} gzip on; gzip_min_length 100; gzip_types text/plain;
  server {{
    listen 127.0.0.1:{port} ssl http2; ssl_certificate leaf.pem; ssl_certificate_key leaf.pem; root files;
    location /moved {{ return 301 /a.txt; }}
    location /list/ {{ autoindex on; }}
  }}
}}
"""


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
@pytest.mark.parametrize("http2", ["auto", "never"])
def test_nginx(serve, tmp_path, there, http2):
    recorder = Recorder(serve, tmp_path)
    root = there.pem.parent
    (root / "files" / "list").mkdir(parents=True)
    (root / "files" / "a.txt").write_text("hello\n" * 1000)
    (root / "files" / "b.bin").write_bytes(os.urandom(700_000))
    port = free_port()
    (root / "nginx.conf").write_text(NGINX.format(port=port, user="user root;" if os.geteuid() == 0 else ""))
    requests = [
        raw("GET", "/a.txt"),
        raw("GET", "/a.txt?packed", "Accept-Encoding: gzip"),
        raw("GET", "/a.txt?part", "Range: bytes=5-20"),
        raw("GET", "/a.txt?parts", "Range: bytes=0-1,5-6"),
        raw("GET", "/a.txt?beyond", "Range: bytes=900000-"),
        raw("HEAD", "/a.txt"),
        raw("GET", "/b.bin"),
        raw("GET", "/list/"),
        raw("GET", "/list"),
        raw("GET", "/moved"),
        raw("GET", "/nowhere"),
        raw("POST", "/a.txt", body=b"x"),
        raw("DELETE", "/a.txt"),
        raw("GET", "/%2e%2e/%2e%2e/etc"),
    ]
    with subprocess.Popen(["nginx", "-p", root, "-c", "nginx.conf"], stderr=subprocess.DEVNULL) as nginx:
        try:
            wait_for(lambda: is_open(port))
            proxy = {"tls": {"ca_file": str(there.ca)}, "http2": http2}
            server = recorder.record(f"https://127.0.0.1:{port}", proxy)
            live = [hear(server.port, request) for request in requests]
            server.stop()
        finally:
            nginx.terminate()
    assert {one.reply.version for one in recorder.exchanges} == {"2" if http2 == "auto" else "1.1"}
    assert [one.status for one in live][:7] == [200, 200, 206, 206, 416, 200, 200]
    again = recorder.replay()
    for _ in range(2):
        assert [hear(again.port, request) for request in requests] == live


def is_open(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
