import asyncio
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.kit import Wire, ask, get
from understudy import UnderstudyError
from understudy.net.server import is_loopback, raise_file_limit, url_of


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://127.0.0.1:80"),
        ("::1", "http://[::1]:80"),
        ("localhost", "http://localhost:80"),
    ],
)
def test_url_of(host, url):
    assert url_of(host, 80) == url


def test_is_loopback():
    assert all(map(is_loopback, ["localhost", "::1", "127.0.0.1", "127.9.9.9"]))
    assert not any(map(is_loopback, ["0.0.0.0", "192.168.1.2", "::", "example.test"]))


def test_the_file_limit_is_raised_as_far_as_the_system_allows():
    raise_file_limit()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == hard


def test_ipv6(serve):
    server = serve({"endpoints": [{"path": "/a"}]}, host="::1")
    assert server.url == f"http://[::1]:{server.port}"


def test_an_address_that_cannot_be_had(serve):
    with pytest.raises(UnderstudyError, match=r"cannot listen on 203\.0\.113\.1"):
        serve({}, host="203.0.113.1")


def test_a_crash_beside_the_requests_is_reported(serve):
    server = serve({"endpoints": [{"path": "/a"}]})

    async def crash():
        raise RuntimeError("boom")

    async def start():
        await asyncio.gather(server._server.spawn(crash(), "a task"), return_exceptions=True)

    server._call(start())
    assert server.complaints == ["a task failed: RuntimeError: boom"]
    assert get(server, "/a").status == 200


def test_many_waits_at_once_do_not_wait_for_each_other(endpoints):
    """A hundred waits of 300 ms, in far less than a hundred times 300 ms; each reply is its own."""
    server = endpoints({"path": "/w/{n:int}", "latency_ms": 300, "response": "{{ params.n }}"})
    wires = [Wire(server) for _ in range(100)]
    try:
        for number, wire in enumerate(wires):
            wire.send(f"GET /w/{number} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert [wire.answer().json() for wire in wires] == list(range(100))
    finally:
        for wire in wires:
            wire.socket.close()


def test_connections_are_numbered_and_forgotten(endpoints):
    server = endpoints({"path": "/a"})
    for _ in range(3):
        ask(server, "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert [entry["connection"] for entry in server.logs()] == [1, 2, 3]
    assert server._server.connections == set()


def test_many_clients_at_once_lose_nothing(endpoints):
    server = endpoints({"path": "/n/{n:int}", "response": "{{ params.n }}"}, {"path": "/a", "response": 1})

    def client(number):
        with Wire(server) as wire:
            for turn in range(30):
                wire.send(f"GET /n/{number * 100 + turn} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
                assert wire.answer().json() == number * 100 + turn
                wire.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
                assert wire.answer().json() == 1

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(client, range(16)))
    assert len(server.logs(status=200)) == 16 * 60


def test_a_plain_server_imports_nothing_to_send_requests_on():
    program = (
        "import sys, urllib.request; from understudy import MockServer\n"
        "with MockServer({'endpoints': [{'path': '/a'}]}) as server:\n"
        "    urllib.request.urlopen(server.url + '/a').read()\n"
        "never = ('understudy.record', 'understudy.net.upstream', 'understudy.net.intercept',"
        " 'understudy.net.sockets', 'cryptography', 'h2', 'websockets')\n"
        "print([name for name in sys.modules if name.startswith(never)])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout.strip() == "[]"
